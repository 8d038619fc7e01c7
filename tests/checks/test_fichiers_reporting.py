"""The files of reporting: MaturiN, places, archived records."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence

import pytest
from dui_conformance.checks import fichiers_reporting as rules
from dui_conformance.core.campaign import Geste
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.gestures import Etat, Piece, Resultat
from dui_conformance.core.gestures.documents import ValiderDocument
from dui_conformance.core.gestures.fichiers import ExporterPlaces
from dui_conformance.validation.correspondances.mapping import Correspondances
from samples.refus import refused

FUNCTIONS = ("Admission", "Dossier administratif", "Soins", "Accompagnement", "Coordination interne", "Coordination externe")
MATURIN = tuple((name, "3") for name in (*FUNCTIONS, "Circuit du médicament"))
TITLES = (
    *("Place n°", "Disponible", "Type de place", "Tranche d'âge", "Sexe", "Accueil PH", "Accueil MNA"),
    *("Autres modalités d'accueils renforcés", "Commentaires"),
)
PLACE = ("1", "Disponible", "Internat", "8 - 12", "F", "Oui", "Non", "", "")


def csv(name: str, *rows: Sequence[str]) -> Piece:
    return Piece(f"{name}.csv", "\n".join(";".join(row) for row in rows).encode())


def maturin(*rows: Sequence[str]) -> Piece:
    return csv("maturin", ("Fonction", "Valeur"), *rows)


def places(*rows: Sequence[str], titles: Sequence[str] = TITLES) -> Piece:
    return csv("places", titles, *rows)


def other(column: int, value: str) -> tuple[str, ...]:
    return (*PLACE[:column], value, *PLACE[column + 1 :])


KNOWN = Correspondances()


def test_an_extract_of_every_function_is_right() -> None:
    assert rules.extract_speaks_of_every_function(maturin(*MATURIN), KNOWN)
    assert rules.each_function_has_a_value_from_0_to_4(maturin(*MATURIN), KNOWN).fired == 7


def test_a_missing_function_is_named() -> None:
    assert "circuit du médicament" in str(refused(rules.extract_speaks_of_every_function, maturin(*MATURIN[:-1]), KNOWN).received)


@pytest.mark.parametrize("value", ["5", "-1", "2,5", "", "fort"])
def test_a_value_out_of_scale_is_refused(value: str) -> None:
    refused(rules.each_function_has_a_value_from_0_to_4, maturin(("Soins", value), *MATURIN[:2]), KNOWN)


def test_a_table_of_places_is_right() -> None:
    table = places(PLACE, other(0, "2"))
    assert rules.places_have_one_row_each(table, KNOWN).fired == 2
    assert rules.places_have_the_nine_columns(table, KNOWN).fired == 9
    assert rules.values_of_places_are_those_of_their_column(table, KNOWN)


@pytest.mark.parametrize("number", ["1", ""])
def test_a_place_has_one_row_and_a_number(number: str) -> None:
    refused(rules.places_have_one_row_each, places(PLACE, other(0, number)), KNOWN)


def test_a_missing_column_is_named() -> None:
    failed = refused(rules.places_have_the_nine_columns, places(PLACE[:6] + PLACE[7:], titles=TITLES[:6] + TITLES[7:]), KNOWN)
    assert "Accueil MNA" in str(failed.received)


@pytest.mark.parametrize(
    ("column", "value"),
    [(1, "O"), (3, "8-12"), (3, "12 - 8"), (3, ""), (4, "Fille"), (5, "peut-être"), (6, "")],
)
def test_a_value_of_another_form_is_refused_where_it_is(column: int, value: str) -> None:
    failed = refused(rules.values_of_places_are_those_of_their_column, places(PLACE, other(column, value)), KNOWN)
    assert "ligne 3" in str(failed.at)


def extracted(capacity: object) -> Geste:
    observed = () if capacity is None else (("capacite", capacity),)
    return Geste("G01", ExporterPlaces(), Resultat(Etat.FAIT, "", observed))


@pytest.mark.parametrize("capacity", [1, "1"])
def test_as_many_places_as_the_capacity(capacity: object) -> None:
    assert rules.there_are_as_many_places_as_the_capacity(places(PLACE), KNOWN, extracted(capacity))


def test_another_number_of_places_is_refused_and_no_number_concludes_nothing() -> None:
    refused(rules.there_are_as_many_places_as_the_capacity, places(PLACE), KNOWN, extracted(2))
    with pytest.raises(Inconclusive):
        rules.there_are_as_many_places_as_the_capacity(places(PLACE), KNOWN, extracted(None))


def test_an_empty_table_concludes_nothing() -> None:
    with pytest.raises(Inconclusive):
        rules.places_have_one_row_each(places(), KNOWN)


def zipped(**members: bytes) -> Piece:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return Piece("archive.zip", stream.getvalue())


def written(reference: str) -> Geste:
    observed = (("document", reference),) if reference else ()
    return Geste("G01", ValiderDocument("u-1", type="consultation"), Resultat(Etat.FAIT, "", observed))


def test_an_archive_holds_its_documents_by_name_or_content() -> None:
    archive = zipped(a=b"<id root='1.2.3'/>", **{"1.2.4.xml": b"x"})
    assert rules.archive_is_readable(archive).fired == 2
    assert rules.archive_holds_every_document(archive, [written("1.2.3"), written("1.2.4")]).fired == 2


def test_a_missing_document_is_named() -> None:
    assert "1.2.9" in str(refused(rules.archive_holds_every_document, zipped(a=b"x"), [written("1.2.9")]).received)


def test_without_reference_nothing_is_concluded() -> None:
    with pytest.raises(Inconclusive):
        rules.archive_holds_every_document(zipped(a=b"x"), [written("")])


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def spoiled(data: bytes) -> bytes:
    return data.replace(b"contenu", b"CONTENU")


@pytest.mark.parametrize("damage", [cut, spoiled, lambda data: b"", lambda data: b"pas un zip"])
def test_an_archive_that_cannot_be_read_is_refused(damage: Callable[[bytes], bytes]) -> None:
    refused(rules.archive_is_readable, Piece("archive.zip", damage(zipped(a=b"contenu" * 50).data)))


def test_an_empty_archive_is_refused_and_a_bomb_is_not_opened() -> None:
    refused(rules.archive_is_readable, zipped())
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bombe", bytes(rules.MAX_MEMBER + 1))
    with pytest.raises(Inconclusive):
        rules.archive_is_readable(Piece("archive.zip", stream.getvalue()))
