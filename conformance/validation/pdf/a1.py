"""Surveys a PDF against the requirements of PDF/A-1 (ISO 19005-1:2005 and its corrigenda) that a program can look at.

It is not a full validation: glyphs, widths, character maps and the spacing of low-level syntax are not looked at.
"""

from __future__ import annotations

import re
from typing import Any

from ...core.errors import Inconclusive
from ...core.providers import provider
from ..once import read_once
from .content import PdfContents, Place, contents_of
from .file import PdfError, PdfFile, reading
from .findings import PdfA1Report, Survey
from .fonts import survey_fonts
from .metadata import survey_metadata
from .objects import INTENTS, Walk, check_profile

MAX_NESTING = 28
_HEADER = re.compile(rb"%PDF-1\.[0-9][ \t]*(?:\r\n|\r|\n)")
_OUTPUT_FOR = {"DeviceRGB": {"RGB"}, "DeviceCMYK": {"CMYK"}, "DeviceGray": {"RGB", "CMYK", "GRAY"}}


@provider
def _report_of(file: PdfFile) -> PdfA1Report:
    """The survey of a readable file."""
    try:
        return surveyed(file)
    except PdfError as error:
        raise Inconclusive(f"le PDF n'est pas lisible : {error.message}") from error


def surveyed(file: PdfFile) -> PdfA1Report:
    """The survey of a file, made once; raises ``PdfError`` when it cannot be opened or an object of it is malformed."""
    return read_once(file.memo, "a1", lambda: _survey(file), PdfError)


def _survey(file: PdfFile) -> PdfA1Report:
    pdf = file.opened
    survey = Survey()
    with reading():
        _envelope(file.data, pdf, survey)
        survey_metadata(pdf, survey)
        _output_intent(pdf, survey)
        _catalogue(pdf, survey)
        Walk(survey).run(pdf.Root)
        contents = contents_of(file)
        _contents(contents, survey)
        survey_fonts(contents, survey)
        _devices(survey)
    return survey.report(file.id)


def _envelope(data: bytes, pdf: Any, survey: Survey) -> None:
    """Header, comment, trailer, end, cross-reference table."""
    survey.look("pdf.a1.header")
    header = _HEADER.match(data)
    if header is None:
        survey.fault("pdf.a1.header", "En-tête du fichier incorrect", at="octet 0", received=repr(data[:16]))
    survey.look("pdf.a1.binary-comment")
    first = header or _HEADER.search(data, 0, 1024)
    start = first.end() if first else 9
    comment = data[start : start + 5]
    if comment[:1] != b"%" or len(comment) < 5 or min(comment[1:]) <= 127:
        survey.fault("pdf.a1.binary-comment", "Commentaire binaire absent", at=f"octet {start}", received=repr(comment))
    survey.look("pdf.a1.trailer-id")
    if "/ID" not in pdf.trailer:
        survey.fault("pdf.a1.trailer-id", "Le fichier n'a pas d'identifiant", at="trailer", received="ID absent")
    survey.look("pdf.a1.not-encrypted")
    if pdf.is_encrypted:
        survey.fault("pdf.a1.not-encrypted", "Le fichier est chiffré", at="trailer, Encrypt", received="Encrypt présent")
    survey.look("pdf.a1.nothing-after-eof")
    rest = data[data.rfind(b"%%EOF") + 5 :] if b"%%EOF" in data[-4096:] else b"%%EOF absent"
    if rest not in (b"", b"\n", b"\r", b"\r\n"):
        survey.fault(
            "pdf.a1.nothing-after-eof", "Des données suivent la fin du fichier", at="après %%EOF", received=repr(rest[:24])
        )
    survey.look("pdf.a1.plain-xref")
    compressed = [k for k in ("/XRefStm",) if k in pdf.trailer] + (["/XRef"] if pdf.trailer.get("/Type") == "/XRef" else [])
    if compressed:
        survey.fault(
            "pdf.a1.plain-xref",
            "La table des objets est compressée",
            at="trailer",
            received=f"{compressed[0]}, PDF {pdf.pdf_version}",
        )


def _output_intent(pdf: Any, survey: Survey) -> None:
    import pikepdf

    rule = "pdf.a1.output-intent"
    survey.look(rule)
    intents = pdf.Root.get("/OutputIntents")
    if not isinstance(intents, pikepdf.Array):
        return
    profiles = set()
    for rank, intent in enumerate(intents):
        at = f"OutputIntents[{rank}]"
        if not isinstance(intent, pikepdf.Dictionary):
            continue
        profile = intent.get("/DestOutputProfile")
        if profile is not None:
            profiles.add(profile.objgen)
        if intent.get("/S") == "/GTS_PDFA1":
            survey.output = check_profile(profile, survey, rule=rule, at=at) or survey.output
    if len(profiles) > 1:
        survey.fault(
            rule, "Les intentions de sortie ont des profils différents", at="OutputIntents", received=f"{len(profiles)} profils"
        )


def _catalogue(pdf: Any, survey: Survey) -> None:
    import pikepdf

    root = pdf.Root
    for rule in ("pdf.a1.no-optional-content", "pdf.a1.no-additional-actions", "pdf.a1.no-embedded-files", "pdf.a1.actions"):
        survey.look(rule)
    if "/OCProperties" in root:
        survey.fault("pdf.a1.no-optional-content", "Le PDF a des calques", at="catalogue", received="OCProperties")
    if "/AA" in root:
        survey.fault("pdf.a1.no-additional-actions", "Le catalogue a des actions supplémentaires", at="catalogue", received="AA")
    names = root.get("/Names")
    if isinstance(names, pikepdf.Dictionary):
        if "/EmbeddedFiles" in names:
            survey.fault(
                "pdf.a1.no-embedded-files", "Des fichiers sont joints au PDF", at="catalogue, Names", received="EmbeddedFiles"
            )
        if "/JavaScript" in names:
            survey.fault("pdf.a1.actions", "Du JavaScript est joint au PDF", at="catalogue, Names", received="/JavaScript")
    _forms(root, survey)
    _tagging(root, survey)


def _forms(root: Any, survey: Survey) -> None:
    import pikepdf

    survey.look("pdf.a1.forms")
    form = root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary) and bool(form.get("/NeedAppearances", False)):
        survey.fault(
            "pdf.a1.forms",
            "Le formulaire laisse au lecteur le soin de dessiner les champs",
            at="AcroForm",
            received="NeedAppearances true",
        )


def _tagging(root: Any, survey: Survey) -> None:
    import pikepdf

    survey.look("pdf.a1.tagged")
    if survey.level != "A":
        return
    if not isinstance(root.get("/StructTreeRoot"), pikepdf.Dictionary):
        survey.fault(
            "pdf.a1.tagged", "Fichier de niveau A sans structure logique", at="catalogue", received="StructTreeRoot absent"
        )
    mark = root.get("/MarkInfo")
    if not isinstance(mark, pikepdf.Dictionary) or not bool(mark.get("/Marked", False)):
        survey.fault(
            "pdf.a1.tagged", "Fichier de niveau A non marqué", at="catalogue, MarkInfo", received="Marked absent ou faux"
        )


def _contents(contents: PdfContents, survey: Survey) -> None:
    survey.unread += contents.unread
    for place in contents.places:
        _drawn(place, survey)


def _drawn(place: Place, survey: Survey) -> None:
    drawn = place.drawn
    survey.look("pdf.a1.operators", max(1, drawn.operators))
    if drawn.unknown:
        survey.fault(
            "pdf.a1.operators",
            "Opérateur inconnu dans un flux de contenu",
            at=place.at,
            received=" ".join(sorted(drawn.unknown)[:5]),
        )
    if drawn.depth > MAX_NESTING:
        survey.fault("pdf.a1.limits", "États graphiques trop imbriqués", at=place.at, received=f"{drawn.depth} niveaux de q")
    if drawn.inline_filters:
        survey.fault("pdf.a1.no-lzw", "Une image du contenu est compressée en LZW", at=place.at, received="LZW")
    for device in drawn.devices:
        survey.devices.setdefault(device, place.at)
    for intent in drawn.intents:
        survey.look("pdf.a1.rendering-intents")
        if intent not in INTENTS:
            survey.fault("pdf.a1.rendering-intents", "Mode de rendu inconnu", at=place.at, received=intent)


def _devices(survey: Survey) -> None:
    survey.look("pdf.a1.device-colours")
    for device, at in sorted(survey.devices.items()):
        if survey.output in _OUTPUT_FOR[device] or device in survey.calibrated:
            continue
        survey.fault(
            "pdf.a1.device-colours",
            f"{device} est employé sans l'intention de sortie qui convient",
            at=at,
            received=f"OutputIntent PDF/A : {survey.output or 'aucun'}",
        )
