"""A PDF is a PDF/A-1 (ISO 19005-1), as far as a program looks at it: its file structure and its metadata.

What is and is not looked at is said in ``docs/pdf-a1.md``. The content (colours, fonts, annotations…) is in ``pdf_a1_contenu``.
"""

from __future__ import annotations

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.pdf import RULES, PdfA1Report, PdfError, PdfFile, surveyed
from .registry import check

SOURCE = "ISO 19005-1:2005, {} (formalisation veraPDF, contrôles du banc : pas une validation PDF/A complète)"
COVERS = ("CDA-02",)
_NEEDS_XMP = frozenset({"pdf.a1.xmp-well-formed", "pdf.a1.identification", "pdf.a1.info-matches-xmp"})
_NEEDS_CONTENT = frozenset({"pdf.a1.operators", "pdf.a1.fonts-embedded", "pdf.a1.device-colours", "pdf.a1.limits"})
_WORDS = {
    "taille": (
        "un fichier dans les limites du banc",
        "Réduire la taille du PDF (images numérisées à 200 points par pouce au plus).",
    ),
    "pages": ("un document dans les limites du banc", "Découper le document."),
    "protege": ("un fichier lisible sans mot de passe", "Retirer la protection : un PDF/A n'est jamais chiffré."),
    "illisible": (
        "un fichier PDF entier et bien formé",
        "Reprendre le fichier à sa source : il a été tronqué ou abîmé en chemin.",
    ),
}


def source(rule: str) -> str:
    """The clause that a rule comes from."""
    return SOURCE.format(RULES[rule].clause)


def judged(report: PdfA1Report, rule: str) -> Evidence:
    """The verdict of the survey on one rule: all its problems, the first one in front."""
    problems = report.problems.get(rule, ())
    if problems:
        first = problems[0]
        failure = CheckFailed(first.message, expected=first.expected, received=first.received, at=first.at, hint=first.hint)
        failure.problems = problems if len(problems) > 1 else ()  # type: ignore[attr-defined]
        raise failure
    examined = report.examined.get(rule, 0)
    if not examined and rule in _NEEDS_XMP:
        raise Inconclusive("le PDF n'a pas de métadonnées XMP lisibles")
    if report.unread and rule in _NEEDS_CONTENT:
        raise Inconclusive(f"une partie du contenu n'a pas été lue : {report.unread[0]}")
    return Evidence(at=report.id, note=f"{examined} éléments vus", fired=max(1, examined))


@check("pdf.readable", covers=COVERS, source="ISO 32000 ; ISO 19005-1:2005, 6.1", confidence="vu")
def pdf_is_readable(file: PdfFile) -> Evidence:
    """Le fichier PDF est entier, bien formé et lisible sans mot de passe."""
    try:
        surveyed(file)
        repairs = file.repairs
        pages = len(file.opened.pages)
    except PdfError as error:
        expected, hint = _WORDS[error.kind]
        raise CheckFailed(
            error.message[0].upper() + error.message[1:], expected=expected, received=error.detail, at=file.id, hint=hint
        ) from error
    if any("memory limit" in repair for repair in repairs):
        expected, hint = _WORDS["taille"]
        raise CheckFailed(
            "Un flux du PDF est démesuré (bombe de décompression ?)",
            expected=expected,
            received=repairs[0][:200],
            at=file.id,
            hint=hint,
        )
    if repairs:
        raise CheckFailed(
            "Le fichier PDF est abîmé : il a fallu le réparer pour le lire",
            expected=_WORDS["illisible"][0],
            received=repairs[0][:200],
            at=file.id,
            hint=_WORDS["illisible"][1],
        )
    return Evidence(at=file.id, note=f"{pages} page(s)")


@check("pdf.a1.header", covers=COVERS, source=source("pdf.a1.header"), confidence="vu")
def header_starts_the_file(report: PdfA1Report) -> Evidence:
    """Le fichier commence par l'en-tête %PDF-1.n."""
    return judged(report, "pdf.a1.header")


@check("pdf.a1.binary-comment", covers=COVERS, source=source("pdf.a1.binary-comment"), confidence="vu")
def binary_comment_follows(report: PdfA1Report) -> Evidence:
    """L'en-tête est suivi d'un commentaire d'au moins quatre octets binaires."""
    return judged(report, "pdf.a1.binary-comment")


@check("pdf.a1.trailer-id", covers=COVERS, source=source("pdf.a1.trailer-id"), confidence="vu")
def trailer_has_an_id(report: PdfA1Report) -> Evidence:
    """Le trailer porte l'identifiant du fichier (ID)."""
    return judged(report, "pdf.a1.trailer-id")


@check("pdf.a1.not-encrypted", covers=COVERS, source=source("pdf.a1.not-encrypted"), confidence="vu")
def file_is_not_encrypted(report: PdfA1Report) -> Evidence:
    """Le fichier n'est pas chiffré."""
    return judged(report, "pdf.a1.not-encrypted")


@check("pdf.a1.nothing-after-eof", covers=COVERS, source=source("pdf.a1.nothing-after-eof"), confidence="vu")
def nothing_follows_the_end(report: PdfA1Report) -> Evidence:
    """Rien ne suit la marque de fin du fichier."""
    return judged(report, "pdf.a1.nothing-after-eof")


@check("pdf.a1.plain-xref", covers=COVERS, source=source("pdf.a1.plain-xref"), confidence="vu")
def cross_references_are_plain(report: PdfA1Report) -> Evidence:
    """La table des objets est en clair : ni flux d'objets, ni flux de références croisées (PDF 1.4)."""
    return judged(report, "pdf.a1.plain-xref")


@check("pdf.a1.no-lzw", covers=COVERS, source=source("pdf.a1.no-lzw"), confidence="vu")
def no_stream_is_lzw(report: PdfA1Report) -> Evidence:
    """Aucun flux n'est compressé en LZW."""
    return judged(report, "pdf.a1.no-lzw")


@check("pdf.a1.known-filters", covers=COVERS, source=source("pdf.a1.known-filters"), confidence="secondaire")
def filters_are_those_of_pdf_1_4(report: PdfA1Report) -> Evidence:
    """Les flux n'emploient que les filtres de PDF 1.4."""
    return judged(report, "pdf.a1.known-filters")


@check("pdf.a1.no-external-streams", covers=COVERS, source=source("pdf.a1.no-external-streams"), confidence="vu")
def no_stream_is_external(report: PdfA1Report) -> Evidence:
    """Aucun flux ne renvoie à un fichier extérieur."""
    return judged(report, "pdf.a1.no-external-streams")


@check("pdf.a1.no-embedded-files", covers=COVERS, source=source("pdf.a1.no-embedded-files"), confidence="vu")
def no_file_is_embedded(report: PdfA1Report) -> Evidence:
    """Le PDF ne contient aucun fichier joint."""
    return judged(report, "pdf.a1.no-embedded-files")


@check("pdf.a1.limits", covers=COVERS, source=source("pdf.a1.limits"), confidence="vu")
def objects_keep_within_limits(report: PdfA1Report) -> Evidence:
    """Les objets respectent les limites de PDF 1.4."""
    return judged(report, "pdf.a1.limits")


@check("pdf.a1.no-optional-content", covers=COVERS, source=source("pdf.a1.no-optional-content"), confidence="vu")
def no_optional_content(report: PdfA1Report) -> Evidence:
    """Le PDF n'a pas de calques."""
    return judged(report, "pdf.a1.no-optional-content")


@check("pdf.a1.xmp-present", covers=COVERS, source=source("pdf.a1.xmp-present"), confidence="vu")
def metadata_are_present_in_clear(report: PdfA1Report) -> Evidence:
    """Le catalogue porte des métadonnées XMP non compressées."""
    return judged(report, "pdf.a1.xmp-present")


@check("pdf.a1.xmp-well-formed", covers=COVERS, source=source("pdf.a1.xmp-well-formed"), confidence="vu")
def metadata_are_well_formed(report: PdfA1Report) -> Evidence:
    """Le paquet XMP est bien formé et sans attribut obsolète."""
    return judged(report, "pdf.a1.xmp-well-formed")


@check("pdf.a1.identification", covers=COVERS, source=source("pdf.a1.identification"), confidence="vu")
def file_says_pdf_a_1(report: PdfA1Report) -> Evidence:
    """Les métadonnées annoncent PDF/A-1, niveau A ou B."""
    return judged(report, "pdf.a1.identification")


@check("pdf.a1.info-matches-xmp", covers=COVERS, source=source("pdf.a1.info-matches-xmp"), confidence="vu")
def info_matches_metadata(report: PdfA1Report) -> Evidence:
    """Le dictionnaire Info et les métadonnées XMP disent la même chose."""
    return judged(report, "pdf.a1.info-matches-xmp")
