"""The XMP packet of a PDF, and its agreement with the Info dictionary."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from lxml import etree

from ..xml import XmlError, parse
from .content import filters_of
from .file import MEBIBYTE, PdfError, reading, said
from .findings import Survey

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
XMP = "http://ns.adobe.com/xap/1.0/"
PDF = "http://ns.adobe.com/pdf/1.3/"
PDFAID = "http://www.aiim.org/pdfa/ns/id/"
MAX_XMP = 4 * MEBIBYTE

Properties = Mapping[str, tuple[str, ...]]

_TEXTS = {
    "/Title": f"{{{DC}}}title",
    "/Author": f"{{{DC}}}creator",
    "/Subject": f"{{{DC}}}description",
    "/Keywords": f"{{{PDF}}}Keywords",
    "/Creator": f"{{{XMP}}}CreatorTool",
    "/Producer": f"{{{PDF}}}Producer",
}
_DATES = {"/CreationDate": f"{{{XMP}}}CreateDate", "/ModDate": f"{{{XMP}}}ModifyDate"}
_SHOWN = {DC: "dc", XMP: "xmp", PDF: "pdf"}
_PDF_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(Z|[+-]\d\d'?\d?\d?'?)?.*", re.DOTALL)
_ISO_DATE = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?(?:T(\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


def survey_metadata(pdf: Any, survey: Survey) -> None:
    """The catalogue's Metadata stream: present, in clear, readable, identified as PDF/A-1, in agreement with Info."""
    import pikepdf

    stream = pdf.Root.get("/Metadata")
    if not isinstance(stream, pikepdf.Stream):
        survey.fault("pdf.a1.xmp-present", "Le PDF n'a pas de métadonnées XMP", at="catalogue, Metadata", received="absent")
        return
    if filters_of(stream):
        survey.fault(
            "pdf.a1.xmp-present", "Les métadonnées XMP sont compressées", at="Metadata", received=" ".join(filters_of(stream))
        )
    survey.look("pdf.a1.xmp-present")
    packet = _packet(stream, survey)
    if packet is None:
        return
    properties, prefixes = packet
    _identification(properties, prefixes, survey)
    _agreement(pdf, properties, survey)


def _packet(stream: Any, survey: Survey) -> tuple[Properties, set[str]] | None:
    rule = "pdf.a1.xmp-well-formed"
    try:
        with reading("flux indéchiffrable"):
            data = bytes(stream.read_bytes())
        root = parse(data.strip(b"\x00 \r\n\t"), max_size=MAX_XMP)
    except (XmlError, PdfError) as error:
        reason = str(error)
        survey.fault(rule, "Le paquet XMP n'est pas lisible", at="Metadata", received=reason)
        return None
    survey.look(rule)
    for instruction in root.getroottree().xpath("/processing-instruction('xpacket')"):
        for name in ("bytes", "encoding"):
            if re.search(rf"\b{name}\s*=", instruction.text or ""):
                survey.fault(
                    rule, f"L'attribut {name} est interdit", at="Metadata, <?xpacket?>", received=str(instruction.text)[:80]
                )
    if root.tag != f"{{{RDF}}}RDF" and root.find(f".//{{{RDF}}}RDF") is None:
        survey.fault(rule, "Le paquet XMP n'a pas d'élément rdf:RDF", at="Metadata", received=str(root.tag)[:80])
        return None
    return _properties(root)


def _properties(root: etree._Element) -> tuple[Properties, set[str]]:
    found: dict[str, tuple[str, ...]] = {}
    prefixes: set[str] = set()
    for description in root.iter(f"{{{RDF}}}Description"):
        parent = description.getparent()
        if parent is None or parent.tag != f"{{{RDF}}}RDF":
            continue
        for name, value in description.attrib.items():
            found[str(name)] = (str(value).strip(),)
        if any(str(n).startswith(f"{{{PDFAID}}}") for n in description.attrib):
            prefixes.update(p for p, uri in description.nsmap.items() if uri == PDFAID and p)
        for child in description.iterchildren(etree.Element):
            items = [(i.text or "").strip() for i in child.iter(f"{{{RDF}}}li")]
            found[str(child.tag)] = tuple(items) or ((child.text or "").strip(),)
            if str(child.tag).startswith(f"{{{PDFAID}}}"):
                prefixes.add(child.prefix or "")
    return found, prefixes


def _identification(properties: Properties, prefixes: set[str], survey: Survey) -> None:
    rule = "pdf.a1.identification"
    part = "".join(properties.get(f"{{{PDFAID}}}part", ()))
    level = "".join(properties.get(f"{{{PDFAID}}}conformance", ()))
    if not part:
        survey.fault(rule, "Le PDF ne se dit pas PDF/A", at="Metadata, pdfaid:part", received="aucune déclaration PDF/A")
        return
    if part != "1":
        survey.fault(
            rule, "Le PDF se dit d'une autre partie de PDF/A", at="Metadata, pdfaid:part", received=f"PDF/A-{part}{level.lower()}"
        )
    if level not in {"A", "B"}:
        survey.fault(rule, "Le niveau de conformité n'existe pas en PDF/A-1", at="Metadata, pdfaid:conformance", received=level)
    if prefixes - {"pdfaid"}:
        survey.fault(
            rule,
            "Le préfixe du schéma d'identification doit être pdfaid",
            at="Metadata",
            received=", ".join(sorted(prefixes)) or "aucun",
        )
    if f"{{{PDFAID}}}corr" in properties:
        survey.fault(rule, "La propriété pdfaid:corr n'existe pas en PDF/A-1", at="Metadata", received="pdfaid:corr")
    survey.level = level
    survey.look(rule)


def _agreement(pdf: Any, properties: Properties, survey: Survey) -> None:
    import pikepdf

    info = pdf.trailer.get("/Info")
    survey.look("pdf.a1.info-matches-xmp")
    if not isinstance(info, pikepdf.Dictionary):
        return
    for key, name in _TEXTS.items():
        value = _text(info.get(key))
        given = properties.get(name, ())
        if value is None or value in (*given, ", ".join(given), "; ".join(given)):
            continue
        if value or any(given):
            _differ(key, name, value, " ; ".join(given), survey)
    for key, name in _DATES.items():
        value = _text(info.get(key))
        if not value:
            continue
        given = properties.get(name, ("",))
        if not _same_instant(value, given[0]):
            _differ(key, name, value, given[0], survey)


def _differ(key: str, name: str, value: str, given: str, survey: Survey) -> None:
    uri, _, local = name[1:].partition("}")
    survey.fault(
        "pdf.a1.info-matches-xmp",
        f"Info et XMP se contredisent sur {key[1:]}",
        at=f"Info{key} et {_SHOWN[uri]}:{local}",
        received=f"Info : {value[:80]} ; XMP : {given[:80] or 'absent'}",
    )


def _text(value: Any) -> str | None:
    import pikepdf

    return said(value).strip("\x00 ") if isinstance(value, pikepdf.String) else None


def _same_instant(pdf_date: str, iso: str) -> bool:
    first, second = _PDF_DATE.fullmatch(pdf_date), _ISO_DATE.fullmatch(iso)
    if first is None or second is None:
        return False
    given, other = _instant(first), _instant(second)
    if given is None or other is None:
        return False
    if first[7] is None or second[7] is None:
        return given.replace(tzinfo=None) == other.replace(tzinfo=None)
    return given == other


def _instant(match: re.Match[str]) -> datetime | None:
    numbers = [int(match[i]) if match[i] else default for i, default in ((1, 0), (2, 1), (3, 1), (4, 0), (5, 0), (6, 0))]
    zone = re.sub(r"[':]", "", match[7] or "Z")
    offset = timedelta()
    if zone != "Z":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:5] or 0)) * (-1 if zone[0] == "-" else 1)
    try:
        return datetime(*numbers, tzinfo=timezone(offset) if offset else UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None
