"""The pieces of an editor's file: each rule on a good piece, and on one that breaks it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from dui_conformance.checks import dossier, dossier_intrusion
from dui_conformance.checks.dossier_intrusion import _a_year_before
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.formulaire import Attestation
from dui_conformance.core.gestures import Piece
from dui_conformance.core.settings import Dmp, Produit, Settings
from dui_conformance.mocks.dui.configuration import Logiciel
from dui_conformance.mocks.dui.dossier_editeur import DossierEditeur
from dui_conformance.mocks.dui.regles_dossier import ReglesDossier
from dui_conformance.mocks.dui.signature_pdf import signer
from dui_conformance.validation.correspondances.mapping import Correspondances
from dui_conformance.validation.pdf import PdfFile
from dui_conformance.validation.pdf.signatures import signed_fields

NOW = datetime.now(UTC)
TODAY = Attestation(jour=NOW.date().isoformat())
LOGICIEL = Logiciel("DUI Témoin", "1.0.0", "DUI Temoin", "1.0.0", "H", "I")
TITLES = "Point;Gravité;Résultat\n"


def held(exigence: str, **regles: object) -> Piece:
    """The piece of the fictional file, as these rules make it."""
    answer = DossierEditeur(LOGICIEL, replace(ReglesDossier(), **regles), lambda: NOW).repondre([exigence])  # type: ignore[arg-type]
    assert answer is not None
    [piece] = answer["pieces"]  # type: ignore[misc, attr-defined]
    assert isinstance(piece, Piece)
    return piece


def zipped(**members: str) -> Piece:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return Piece("guides.zip", stream.getvalue())


def test_a_certificate_opens_and_names_the_software() -> None:
    piece = held("DMP-ALIM-20")
    assert dossier.piece_is_a_readable_pdf(piece).note == "1 page(s)"
    assert dossier.certificate_names_the_product((piece,), Settings()).note == "DUI Témoin"
    assert dossier.certificate_names_the_version((piece,), Settings()).note == "1.0.0"


@pytest.mark.parametrize(
    "piece", [Piece("x.pdf", b"du texte"), Piece("x.pdf", b"%PDF-1.7\n"), held("ON-01", certificat_ouvert=False)]
)
def test_a_certificate_that_does_not_open_is_refused(piece: Piece) -> None:
    with pytest.raises(CheckFailed, match="illisible") as failed:
        dossier.piece_is_a_readable_pdf(piece)
    assert failed.value.received
    assert failed.value.hint


def test_a_certificate_of_another_software_or_version_is_told() -> None:
    other = Settings(produit=Produit(nom="Autre", version="9.9.9"), dmp=Dmp(lps_nom="Autre", lps_version="9.9.9"))
    schema = replace(held("ON-01", produit="Autre", version="0"), nom="schema.pdf")
    for rule, what in ((dossier.certificate_names_the_product, "nom"), (dossier.certificate_names_the_version, "version")):
        with pytest.raises(CheckFailed, match=what):
            rule((held("ON-01"),), other)
        assert rule((schema, held("ON-01")), Settings()).at == "on-01.pdf"


def test_a_hosting_certificate_speaks_of_health_data_and_is_valid() -> None:
    piece = held("SSI-01")
    assert dossier.certificate_speaks_of_health_data_hosting(piece)
    assert dossier.certificate_of_hosting_is_valid(piece, TODAY)
    with pytest.raises(CheckFailed, match="hébergement de données de santé"):
        dossier.certificate_speaks_of_health_data_hosting(held("SSI-01", hebergement="Hébergeur ISO 27001"))
    with pytest.raises(CheckFailed, match="échu"):
        dossier.certificate_of_hosting_is_valid(held("SSI-01", validite_hebergement=timedelta(days=-1)), TODAY)
    with pytest.raises(CheckFailed, match="Aucune date"):
        dossier.certificate_of_hosting_is_valid(held("ON-01"), TODAY)


def test_documents_are_readable() -> None:
    assert dossier.documents_are_readable((held("GEN-03"),)).fired == 3
    assert dossier.documents_are_readable((held("TBB-05"), held("SSI-01"))).fired == 2
    for wrong in (zipped(a=" "), zipped(), Piece("x.zip", b"PK\x03\x04"), Piece("vide.txt", b"\n"), Piece("x.pdf", b"%PDF-")):
        with pytest.raises(CheckFailed, match="illisible"):
            dossier.documents_are_readable((wrong,))


def test_the_three_guides_are_three_documents() -> None:
    assert dossier.the_three_guides_are_given((held("GEN-03"),))
    assert dossier.the_three_guides_are_given((zipped(a="x", b="y"), Piece("c.txt", b"z")))
    with pytest.raises(CheckFailed, match="trois"):
        dossier.the_three_guides_are_given((zipped(a="x", b="y"),))


def test_the_sectors_of_the_campaign_are_declared() -> None:
    declared = held("GEN-01", secteurs=("PA", "PHO"))
    assert dossier.tested_sectors_are_declared(declared, Settings(secteurs=("PA",)), Correspondances()).note == "PA, PHO"
    with pytest.raises(CheckFailed, match="ne déclare pas") as failed:
        dossier.tested_sectors_are_declared(declared, Settings(secteurs=("PA", "AHI")), Correspondances())
    assert "AHI" in failed.value.received
    with pytest.raises(Inconclusive, match="ligne 2"):
        dossier.tested_sectors_are_declared(
            Piece("s.csv", "Secteur;Déclaré\nPA;peut-être\n".encode()), Settings(), Correspondances()
        )


def test_a_signed_form_is_intact_and_recent() -> None:
    piece = held("SSI-02")
    assert dossier_intrusion.pentest_form_is_signed(piece).fired == 1
    assert dossier_intrusion.pentest_form_is_intact(piece).fired == 1
    assert dossier_intrusion.pentest_form_is_less_than_a_year_old(piece, TODAY)


def test_a_form_without_signature_changed_or_old_is_refused() -> None:
    unsigned = held("SSI-02", formulaire_signe=False)
    with pytest.raises(CheckFailed, match="sans signature"):
        dossier_intrusion.pentest_form_is_signed(unsigned)
    with pytest.raises(Inconclusive, match="aucune signature"):
        dossier_intrusion.pentest_form_is_intact(unsigned)
    with pytest.raises(Inconclusive, match="pas datée"):
        dossier_intrusion.pentest_form_is_less_than_a_year_old(unsigned, TODAY)
    with pytest.raises(CheckFailed, match="non intacte") as changed:
        dossier_intrusion.pentest_form_is_intact(held("SSI-02", formulaire_intact=False))
    assert "changé" in changed.value.received
    with pytest.raises(CheckFailed, match="plus d'un an"):
        dossier_intrusion.pentest_form_is_less_than_a_year_old(held("SSI-02", age_du_test=timedelta(days=366)), TODAY)


def test_what_is_added_after_the_signature_is_seen_but_not_a_second_signature() -> None:
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    signed = held("SSI-02").data
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    writer.root[generic.NameObject("/Ajout")] = generic.NumberObject(1)
    writer.update_root()
    stream = io.BytesIO()
    writer.write(stream)
    with pytest.raises(CheckFailed, match="non intacte") as added:
        dossier_intrusion.pentest_form_is_intact(Piece("f.pdf", stream.getvalue()))
    assert "complété" in added.value.received


def test_a_signed_form_is_dated_by_its_signature() -> None:
    signed = signer(held("SSI-02", formulaire_signe=False).data, datetime(2025, 3, 4, 12, tzinfo=UTC))
    [field] = signed_fields(PdfFile(signed))
    assert field.day == date(2025, 3, 4)


def test_a_year_before_a_29_february() -> None:
    assert _a_year_before(date(2028, 2, 29)) == date(2027, 2, 28)
    assert _a_year_before(date(2026, 11, 22)) == date(2025, 11, 22)


def test_ratings_of_the_points() -> None:
    statement = held("SSI-03")
    assert dossier_intrusion.no_high_point_is_refused(statement, Correspondances()).fired == 34
    assert "10 points moyens" in dossier_intrusion.at_most_ten_medium_points_are_refused(statement, Correspondances()).note
    with pytest.raises(CheckFailed, match="haute") as high:
        dossier_intrusion.no_high_point_is_refused(held("SSI-03", points_hauts_refuses=1), Correspondances())
    assert high.value.received == "P11"
    with pytest.raises(CheckFailed, match="moyenne") as medium:
        dossier_intrusion.at_most_ten_medium_points_are_refused(held("SSI-03", points_moyens_refuses=11), Correspondances())
    assert medium.value.received.startswith("11 :")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (f"{TITLES}A;Haute;Non-conforme (partiel)\n", "haute"),
        (f"{TITLES}A;critique;KO\n", "haute"),
    ],
)
def test_a_point_is_read_as_auditors_write_it(text: str, says: str) -> None:
    with pytest.raises(CheckFailed, match=says):
        dossier_intrusion.no_high_point_is_refused(Piece("r.csv", text.encode()), Correspondances())


@pytest.mark.parametrize(
    ("text", "says"),
    [(f"{TITLES}A;;conforme\n", "gravité vide"), (f"{TITLES}A;haute;à voir\n", "à voir"), (TITLES, "aucun point")],
)
def test_a_point_that_cannot_be_read_is_never_lost(text: str, says: str) -> None:
    with pytest.raises(Inconclusive, match=says):
        dossier_intrusion.at_most_ten_medium_points_are_refused(Piece("r.csv", text.encode()), Correspondances())


def test_the_signature_is_inconclusive_without_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    piece = held("SSI-02")
    monkeypatch.setitem(__import__("sys").modules, "pyhanko.pdf_utils.reader", None)
    with pytest.raises(Inconclusive, match="bibliothèque de plus"):
        dossier_intrusion.pentest_form_is_intact(piece)
