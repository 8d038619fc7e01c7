"""The corpus of mails received: each variant is judged by exactly what is wrong in it; nothing hostile lies in the repository."""

from __future__ import annotations

from pathlib import Path

import pytest
from checks.mss.exemples import judged, right, variant
from dui_conformance.core.providers import provide
from dui_conformance.core.verdict import Verdict
from dui_conformance.mocks.mss.corpus import VARIANTES, fautes
from dui_conformance.validation.mail import RawMail
from dui_conformance.validation.mail.receipts import Mdn

RIGHT = """
valide deux-documents autre-usager doublon meme-message nouvelle-version ancienne-version suppression prefixe-remplace
accuse-lu accuse-integre accuse-refus refus-integration reponse sans-document eicar
"""
WRONG = {
    "sans-accuse": {"mss.entete.read-receipt"},
    "accuse-ailleurs": {"mss.entete.read-receipt-address"},
    "mauvais-usager": {"mss.metadata.patient-id"},
    "deux-usagers": {"mss.pieces.one-patient", "mss.metadata.set-patient"},
    "empreinte-fausse": {"mss.metadata.hash"},
    "taille-fausse": {"mss.metadata.size"},
    "document-change": {"mss.metadata.hash", "mss.metadata.size"},
    "uri-perdue": {"mss.metadata.uri"},
    "fiche-en-trop": {"mss.metadata.uri"},
    "metadata-absente": {"mss.xdm.tree"},
    "metadata-tronquee": {"mss.metadata.readable"},
    "document-absent": {"mss.xdm.index-links", "mss.xdm.document", "mss.metadata.uri"},
    "sans-readme": {"mss.xdm.tree"},
    "archive-tronquee": {"mss.xdm.readable"},
    "archive-vide": {"mss.xdm.readable"},
    "pas-une-archive": {"mss.xdm.readable"},
    "zip-slip": {"mss.xdm.safe-paths"},
    "chemin-absolu": {"mss.xdm.safe-paths"},
    "chemin-windows": {"mss.xdm.safe-paths"},
    "lien-symbolique": {"mss.xdm.safe-paths"},
    "bombe-zip": {"mss.xdm.readable"},
    "trop-de-fichiers": {"mss.xdm.readable"},
    "pdf-absent": {"mss.pieces.pdf-twin"},
    "sans-archive": {"mss.pieces.archive", "mss.objet.prefix"},
    "deux-archives": {"mss.pieces.archive"},
    "eicar-archive": {"mss.xdm.described-files"},
    "imbrication": {"mss.mime.readable"},
    "frontiere-absente": {"mss.mime.boundaries"},
    "base64-abime": {"mss.mime.encodings"},
    "latin-1": {"mss.mime.utf-8"},
    "entete-injecte": {"mss.mime.header-lines"},
    "accuse-en-boucle": {"mss.mdn.no-loop"},
}


def test_every_variant_has_its_verdict_here() -> None:
    assert set(VARIANTES) == {*RIGHT.split(), *WRONG, "pdf-autre"}
    assert all(v.description for v in VARIANTES.values())


@pytest.mark.parametrize("nom", RIGHT.split())
def test_a_correct_variant_is_judged_correct(nom: str) -> None:
    for data in variant(nom):
        verdict = judged(data)
        assert verdict.verdict is Verdict.CONFORME, [a.finding for a in verdict.findings]


@pytest.mark.parametrize("nom", WRONG)
def test_a_wrong_variant_gives_its_finding_and_no_other(nom: str) -> None:
    assert {a.check for data in variant(nom) for a in judged(data).findings} == WRONG[nom]


def test_the_pdf_of_another_person_is_told_by_its_text() -> None:
    found = {a.check for a in judged(variant("pdf-autre")[0]).findings}
    assert {"cda.pdf.usager-name", "cda.pdf.usager-birth-date", "cda.pdf.usager-matricule"} <= found


def test_the_same_parts_give_the_same_bytes() -> None:
    variant.cache_clear()
    before = right()
    variant.cache_clear()
    assert right() == before


def test_suites_of_mails_come_in_order() -> None:
    first, second = (RawMail(m).mail for m in variant("nouvelle-version"))
    assert first.message_id != second.message_id
    assert variant("meme-message")[0] == variant("meme-message")[1]
    assert RawMail(variant("doublon")[1]).mail.message_id != first.message_id


def test_receipts_name_the_message_that_they_answer() -> None:
    receipt = provide(Mdn, RawMail(variant("accuse-refus")[0]))
    assert receipt.get("Original-Message-ID") == RawMail(right()).mail.message_id
    assert receipt.get("Error") == "902^Patient inconnu"


def test_the_antivirus_string_is_whole_when_sent_and_nowhere_in_the_repository() -> None:
    assert len(fautes.eicar()) == 68
    root = Path(fautes.__file__).parents[3]
    sources = [*root.rglob("mocks/**/*.py"), *root.rglob("conformance/**/*.py"), *root.rglob("tests/**/*.py")]
    assert sources
    assert not [path for path in sources if fautes.eicar() in path.read_bytes()]
