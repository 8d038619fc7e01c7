"""Messages with documents: subject, attachments, archive, metadata, citizens; each rule kept, then broken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from checks.mss.exemples import SIMPLE, USAGER, archived, breaks, header, replaced, right, run, variant
from dui_conformance.core.errors import Inconclusive

LOT = "IHE_XDM/SUBSET01"
METADATA, DOCUMENT = f"{LOT}/METADATA.XML", f"{LOT}/DOC0001.XML"
TO_USAGER = header("To", f"<{USAGER.ins}@patient.mssante.fr>", right())
NAMES = """
objet.prefix objet.label objet.name objet.birth-date
pieces.archive pieces.archive-form pieces.one-patient pieces.pdf-twin pieces.pdf-type pieces.pdf-a1 pieces.pdf-name
pieces.pdf-name-values pieces.pdf-same-bytes
xdm.readable xdm.safe-paths xdm.tree xdm.names xdm.subsets xdm.described-files xdm.document xdm.readme xdm.index xdm.index-links
metadata.readable metadata.entry-per-document metadata.uri metadata.hash metadata.size metadata.unique-id metadata.patient-id
metadata.set-patient metadata.object metadata.association
usager.address usager.same-patient usager.alone usager.size
"""


@pytest.mark.parametrize("rule", NAMES.split())
@pytest.mark.parametrize(
    "data",
    [right(), variant("deux-documents")[0], variant("nouvelle-version")[1], TO_USAGER],
    ids=["un", "deux", "version", "usager"],
)
def test_a_correct_mail_keeps_the_rule(rule: str, data: bytes) -> None:
    assert run(f"mss.{rule}", data).fired


def subject(change: Callable[[str], str]) -> bytes:
    """Another subject, from the correct one."""
    from checks.mss.exemples import mail

    return header("Subject", change(mail(right()).subject), right())


def renamed(before: bytes, after: bytes) -> bytes:
    """Another file name or type of an attachment."""
    data = right()
    assert before in data
    return data.replace(before, after)


def added(path: str, content: bytes = b"x") -> bytes:
    """One more file in the archive."""
    return archived(lambda files: files.update({path: content}))


def without(path: str) -> bytes:
    """One file less."""
    return archived(lambda files: files.pop(path))


def folded_name(text: str) -> str:
    """The same subject with the family name in lower case."""
    return text.replace(USAGER.nom_naissance, USAGER.nom_naissance.title())


WRONG: dict[str, tuple[str, Callable[[], bytes]]] = {
    "objet-sans-prefixe": ("objet.prefix", lambda: header("Subject", "Documents", right())),
    "objet-casse": ("objet.prefix", lambda: subject(lambda s: s.replace("XDM", "xdm"))),
    "objet-sans-archive": ("objet.prefix", lambda: header("Subject", "XDM/1.0/DDM+Note FICTIF A", SIMPLE)),
    "objet-autre-label": ("objet.label", lambda: subject(lambda s: s.replace("Note de", "Une note de"))),
    "objet-un-document": ("objet.label", lambda: header("Subject", "XDM/1.0/DDM+1 documents FICTIF A", right())),
    "objet-minuscules": ("objet.name", lambda: subject(folded_name)),
    "objet-autre-nom": ("objet.name", lambda: subject(lambda s: s.replace(USAGER.nom_naissance, "DUPONT"))),
    "objet-iso": ("objet.birth-date", lambda: subject(lambda s: f"{s[:-10]}{s[-4:]}-{s[-7:-5]}-{s[-10:-8]}")),
    "objet-autre-date": ("objet.birth-date", lambda: subject(lambda s: f"{s[:-10]}01/01/1901")),
    "deux-archives": ("pieces.archive", lambda: variant("deux-archives")[0]),
    "sans-archive": ("pieces.archive", lambda: variant("sans-archive")[0]),
    "archive-nommee": ("pieces.archive-form", lambda: renamed(b"IHE_XDM.ZIP", b"docs.zip")),
    "archive-octets": ("pieces.archive-form", lambda: renamed(b"application/zip", b"application/octet-stream")),
    "archive-en-ligne": ("pieces.archive-form", lambda: renamed(b'attachment; filename="IHE', b'inline; filename="IHE')),
    "deux-usagers": ("pieces.one-patient", lambda: variant("deux-usagers")[0]),
    "sans-pdf": ("pieces.pdf-twin", lambda: variant("pdf-absent")[0]),
    "pdf-octets": ("pieces.pdf-type", lambda: renamed(b"application/pdf", b"application/octet-stream")),
    "pdf-nom": ("pieces.pdf-name", lambda: renamed(b"_Note de", b" Note de")),
    "pdf-date": ("pieces.pdf-name-values", lambda: renamed(b'filename="2025', b'filename="1999')),
    "pdf-type": ("pieces.pdf-name-values", lambda: renamed(b"_Note de", b"_Compte rendu de")),
    "zip-tronque": ("xdm.readable", lambda: variant("archive-tronquee")[0]),
    "zip-bombe": ("xdm.readable", lambda: variant("bombe-zip")[0]),
    "zip-vide": ("xdm.readable", lambda: variant("archive-vide")[0]),
    "zip-nombreux": ("xdm.readable", lambda: variant("trop-de-fichiers")[0]),
    "zip-slip": ("xdm.safe-paths", lambda: added("../X.TXT")),
    "zip-absolu": ("xdm.safe-paths", lambda: added("/X.TXT")),
    "zip-windows": ("xdm.safe-paths", lambda: added("C:\\X.TXT")),
    "zip-lien": ("xdm.safe-paths", lambda: variant("lien-symbolique")[0]),
    "zip-casse": ("xdm.safe-paths", lambda: added(f"{LOT}/doc0001.xml")),
    "sans-readme": ("xdm.tree", lambda: without("README.TXT")),
    "sans-index": ("xdm.tree", lambda: without("INDEX.HTM")),
    "sans-metadata": ("xdm.tree", lambda: without(METADATA)),
    "nom-long": ("xdm.names", lambda: added(f"{LOT}/feuille-de-style.xsl")),
    "nom-minuscule": ("xdm.names", lambda: added(f"{LOT}/style.css")),
    "hors-lot": ("xdm.subsets", lambda: added("IHE_XDM/NOTE.TXT")),
    "a-la-racine": ("xdm.subsets", lambda: added("VIRUS.EXE")),
    "sans-fiche": ("xdm.described-files", lambda: added(f"{LOT}/DOC0002.DAT")),
    "sans-document": ("xdm.document", lambda: without(DOCUMENT)),
    "readme-vide": ("xdm.readme", lambda: archived(lambda files: files.update({"README.TXT": b""}))),
    "index-vide": ("xdm.index", lambda: archived(lambda files: files.update({"INDEX.HTM": b"<html/>"}))),
    "index-perdu": ("xdm.index-links", lambda: replaced("INDEX.HTM", b"DOC0001.XML", b"DOC0007.XML")),
    "index-externe": ("xdm.index-links", lambda: replaced("INDEX.HTM", b"IHE_XDM/", b"http://a.fr/IHE_XDM/")),
    "metadata-coupe": ("metadata.readable", lambda: variant("metadata-tronquee")[0]),
    "metadata-espace": ("metadata.readable", lambda: replaced(METADATA, b"xsd:lcm:3.0", b"xsd:lcm:2.0")),
    "metadata-doctype": ("metadata.readable", lambda: replaced(METADATA, b"<lcm:", b"<!DOCTYPE a []><lcm:")),
    "fiche-absente": ("metadata.entry-per-document", lambda: added(f"{LOT}/DOC0002.XML", b"<ClinicalDocument/>")),
    "uri": ("metadata.uri", lambda: variant("uri-perdue")[0]),
    "empreinte": ("metadata.hash", lambda: variant("empreinte-fausse")[0]),
    "taille": ("metadata.size", lambda: variant("taille-fausse")[0]),
    "unique-id": ("metadata.unique-id", lambda: replaced(METADATA, b'value="2.25.', b'value="2.26.')),
    "patient": ("metadata.patient-id", lambda: variant("mauvais-usager")[0]),
    "patient-sans-nh": ("metadata.patient-id", lambda: replaced(METADATA, b"ISO^NH", b"ISO")),
    "lot-d-un-autre": ("metadata.set-patient", lambda: variant("deux-usagers")[0]),
    "objet-a-la-demande": ("metadata.object", lambda: replaced(METADATA, b"7edca82f", b"34268e47")),
    "type-mime": ("metadata.object", lambda: replaced(METADATA, b'mimeType="text/xml"', b'mimeType="text/plain"')),
    "sans-membre": ("metadata.association", lambda: replaced(METADATA, b"HasMember", b"Membre")),
    "sans-statut": ("metadata.association", lambda: replaced(METADATA, b"Original", b"Reference")),
    "usager-sans-cle": ("usager.address", lambda: header("To", "<2670555039263@patient.mssante.fr>", right())),
    "usager-fausse-cle": ("usager.address", lambda: header("To", f"<{USAGER.matricule}00@patient.mssante.fr>", right())),
    "usager-autre": ("usager.same-patient", lambda: header("To", "<150025513968816@patient.mssante.fr>", right())),
    "usagers": ("usager.alone", lambda: header("Cc", "<150025513968816@patient.mssante.fr>", TO_USAGER)),
    "usager-lourd": ("usager.size", lambda: TO_USAGER + b"\r\n" * (14 * 1024 * 1024)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_mail_breaks_the_rule(name: str) -> None:
    rule, make = WRONG[name]
    breaks(f"mss.{rule}", make())


def test_a_pdf_says_that_it_is_archival() -> None:
    from checks.mss.exemples import mail

    part = mail(right()).pdfs[0]
    data = right()
    import base64

    spoiled = part.content.replace(b"pdfaid:part", b"pdfaid:prat")
    data = data[: part.start] + base64.encodebytes(spoiled) + data[part.end :]
    assert breaks("mss.pieces.pdf-a1", data).received == "aucune déclaration PDF/A"


def test_the_pdf_of_level_1_is_that_of_the_document() -> None:
    with pytest.raises(Inconclusive):
        run("mss.pieces.pdf-same-bytes", SIMPLE)


def test_the_number_of_who_is_not_qualified_stays_inside() -> None:
    unsure = replace(USAGER, statut="recuperee")
    assert run("mss.usager.ins-hidden", TO_USAGER, USAGER).fired
    assert (
        "DOC0001.XML" in breaks("mss.usager.ins-hidden", right(), unsure).at
        or "METADATA" in breaks("mss.usager.ins-hidden", right(), unsure).at
    )
