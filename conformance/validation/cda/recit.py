"""What the narrative of a CDA document and its entries say of each other: anchors, references, dates and labels said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from ..xml import local_name
from .view import HL7, CdaDocument, hl7

_ANCHORS = etree.XPath("descendant::*/@ID", regexp=False)
_CITED = etree.XPath(
    "descendant::h:reference/@value[starts-with(., '#')]", namespaces={"h": HL7}, regexp=False, smart_strings=False
)
_REFERENCES = etree.XPath("descendant::h:reference[starts-with(@value, '#')]", namespaces={"h": HL7})
_MEDIA = etree.XPath("descendant::h:renderMultiMedia[@referencedObject]", namespaces={"h": HL7})
_SECTIONS = etree.XPath("descendant::h:section[h:entry]", namespaces={"h": HL7})
_TEXT = etree.XPath("string()", regexp=False, smart_strings=False)
_CITING = etree.XPath("descendant::h:section/h:entry/*[h:text/h:reference][descendant::h:effectiveTime]", namespaces={"h": HL7})
_LABELS = etree.XPath("descendant::*/@displayName", regexp=False)

_MONTHS = (
    "janvier",
    "fevrier|février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout|août",
    "septembre",
    "octobre",
    "novembre",
    "decembre|décembre",
)
_DATE = re.compile(
    r"(?:le +)?(?:"
    r"(?P<d1>\d{1,2})[/.-](?P<m1>\d{1,2})[/.-](?P<y1>(?:19|20)\d\d)"
    r"|(?P<y2>(?:19|20)\d\d)-(?P<m2>\d\d)-(?P<d2>\d\d)"
    r"|(?P<y3>(?:19|20)\d\d)(?P<m3>0[1-9]|1[0-2])(?P<d3>0[1-9]|[12]\d|3[01])"
    rf"|(?P<d4>\d{{1,2}})(?:er)? +(?P<m4>{'|'.join(_MONTHS)}) +(?P<y4>(?:19|20)\d\d)"
    r")",
    re.IGNORECASE,
)


_HEADED_DATE = re.compile(r"\s*date(?!.*(?:naissance|péremption|peremption|fin|rappel|prochain|rendez))", re.IGNORECASE)
_BOUNDS = (hl7("low"), hl7("high"), hl7("center"))


@dataclass(frozen=True, slots=True)
class Narrative:
    """Anchors by name (several elements when the name is repeated), and what refers to them: the names that references
    cite, in document order, and the images."""

    anchors: Mapping[str, Sequence[etree._Element]]
    cited: Sequence[str]
    media: Sequence[etree._Element]

    def target(self, reference: etree._Element | None) -> etree._Element | None:
        """The element that a ``reference`` designates, if any."""
        if reference is None:
            return None
        found = self.anchors.get(reference.get("value", "").removeprefix("#"))
        return found[0] if found else None


def narrative_of(document: CdaDocument) -> Narrative:
    """The anchors and references of a document, found once."""
    memo = document.memo
    if Narrative not in memo:
        anchors: dict[str, list[etree._Element]] = {}
        for name, element in _bearing(_ANCHORS, document):
            anchors.setdefault(name, []).append(element)
        cited: Any = _CITED(document.root)
        memo[Narrative] = Narrative(anchors, [value[1:] for value in cited], _found(_MEDIA, document))
    narrative: Narrative = memo[Narrative]
    return narrative


def references_of(document: CdaDocument) -> list[etree._Element]:
    """The references to a place of the document."""
    return _found(_REFERENCES, document)


def sections_with_entries(document: CdaDocument) -> list[etree._Element]:
    """The sections that hold entries of their own, found once."""
    return _kept(_SECTIONS, document)


def labelled_codes(document: CdaDocument) -> list[etree._Element]:
    """Every element that bears a code and its label, found once."""
    if _LABELS not in document.memo:
        document.memo[_LABELS] = [e for _, e in _bearing(_LABELS, document) if e.get("code") is not None]
    labelled: list[etree._Element] = document.memo[_LABELS]
    return labelled


def text_of(element: etree._Element) -> str:
    """The text of an element and of what it contains, blanks made single."""
    return " ".join(str(_TEXT(element)).split())


def is_empty(text: etree._Element | None) -> bool:
    """True for a narrative block that shows nothing, neither text nor image."""
    if text is None:
        return True
    return not str(_TEXT(text)).strip() and next(text.iter(hl7("renderMultiMedia")), None) is None


def date_said(text: str) -> str:
    """The date, AAAAMMJJ, of a text that is a date and nothing else (31/03/2026, 31.03.2026, 2026-03-31, 20260331,
    31 mars 2026); else ``""``."""
    match = _DATE.fullmatch(text)
    return _compact(match) if match else ""


def _compact(match: re.Match[str]) -> str:
    for form in "1234":
        year, month, day = (match[f"{part}{form}"] for part in "ymd")
        if year:
            return f"{year}{_month(month)}{int(day):02d}"
    raise AssertionError("une des formes a été reconnue")


def _month(said: str) -> str:
    if said.isdigit():
        return f"{int(said):02d}"
    return f"{next(rank for rank, name in enumerate(_MONTHS, start=1) if said.lower() in name.split('|')):02d}"


def dates_of_entry(entry: etree._Element) -> list[str]:
    """The dates that an entry gives to its act (effectiveTime, and that of the acts within it), digits before the time."""
    found = []
    for time in entry.iter(hl7("effectiveTime")):
        for part in (time, *time.iterchildren(*_BOUNDS)):
            digits = re.split(r"[.+-]", part.get("value", ""))[0][:8]
            if len(digits) >= 4 and digits.isdigit():
                found.append(digits)
    return found


def row_date(target: etree._Element) -> str:
    """The date of the table row that shows an act, when one cell is a date, in a column headed « Date »; else ``""``."""
    row = target if local_name(target) == "tr" else next(target.iterancestors("{*}tr"), None)
    if row is None:
        return ""
    cells = enumerate(row.iterchildren(etree.Element))
    said = [(rank, date) for rank, cell in cells if (date := date_said(text_of(cell)))]
    if len(said) != 1:
        return ""
    rank, date = said[0]
    return date if _HEADED_DATE.match(_heading(row, rank)) else ""


def _heading(row: etree._Element, rank: int) -> str:
    table = next(row.iterancestors("{*}table"), None)
    head = None if table is None else table.find(hl7("thead/tr"))
    cells = [] if head is None else list(head.iterchildren(etree.Element))
    return text_of(cells[rank]) if rank < len(cells) else ""


def citing_acts(document: CdaDocument) -> list[etree._Element]:
    """The acts that are entries of a section, cite its narrative (``text/reference``) and are dated."""
    return _found(_CITING, document)


def _bearing(attributes: etree.XPath, document: CdaDocument) -> Iterator[tuple[str, etree._Element]]:
    """The values of the attributes found, each with its element: faster than the elements that have the attribute."""
    found: Any = attributes(document.root)
    return ((str(value), value.getparent()) for value in found)


def _kept(path: etree.XPath, document: CdaDocument) -> list[etree._Element]:
    if path not in document.memo:
        document.memo[path] = _found(path, document)
    kept: list[etree._Element] = document.memo[path]
    return kept


def _found(path: etree.XPath, document: CdaDocument) -> list[etree._Element]:
    found: Any = path(document.root)
    return list(found)
