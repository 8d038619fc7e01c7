"""The catalogue: complete, well-formed, and readable errors for what is not."""

from __future__ import annotations

import re

import pytest
from dui_conformance.catalogue import applicable, known_ids, load, reasons
from dui_conformance.catalogue.loader import SECTEURS, parse
from dui_conformance.cli.couverture import coverage
from dui_conformance.core.errors import HarnessError

GOOD = """
[[exigence]]
id = "X-01"
enonce = "Une règle."
secteurs = ["PA"]
systeme = ["DMP"]
preuve = ["X"]
auto = "G"
officiel = [{ ref = "SC.X.01", base = "SQ23", confiance = "vu" }]
source = "programme"
"""


def test_there_are_207_exigences_with_well_formed_ids() -> None:
    assert len(load()) == 207
    assert known_ids() == frozenset(load())
    assert all(re.fullmatch(r"[A-Z]+(-[A-Z]+)?-\d\d", name) for name in load())
    assert {"LL-01", "LL-02"} <= known_ids()


def test_statements_are_distinct_french_sentences() -> None:
    statements = [row.enonce for row in load().values()]
    assert len(set(statements)) == len(statements)
    for statement in statements:
        assert statement.endswith(".")
        assert not re.search(r" [:;?!»]|« ", statement), f"espace insécable absente : {statement}"


def test_rows_by_family_are_as_many_as_in_the_programme() -> None:
    counts: dict[str, int] = {}
    for name in load():
        family = name.rpartition("-")[0]
        counts[family] = counts.get(family, 0) + 1
    expected = {"GEN": 5, "INS": 23, "PSC": 16, "DMP-ALIM": 20, "DMP-CONS": 26, "MSS": 23, "CDA": 7, "VAC": 3, "DLU": 4, "LL": 2}
    expected |= {"BIO": 4, "ON": 8, "VT": 12, "SIAO": 6, "TBB": 7, "SSI": 11, "SONS": 10}
    assert {family: counts[family] for family in expected} == expected


def test_the_sectors_narrow_what_applies() -> None:
    assert "DMP-CONS-01" not in applicable(["AHI"])
    assert "SIAO-01" in applicable(["AHI"])
    assert "VT-01" in applicable(["PA", "PHO"])
    assert "VT-01" not in applicable(["PA"])
    assert set(applicable(SECTEURS)) == known_ids()
    with pytest.raises(HarnessError, match="secteur inconnu : XX"):
        applicable(["XX"])


def test_automatic_feeding_has_its_eleven_types() -> None:
    types = load()["DMP-ALIM-04"].types
    assert len(types) == len({t.id for t in types}) == 11
    assert next(t for t in types if t.id == "DOC-VACC").code == "87273-9"
    assert not any(row.types for row in load().values() if row.id != "DMP-ALIM-04")


def test_non_exigence_lists_what_must_not_be_demanded() -> None:
    row = load()["GEN-05"]
    assert len(row.exclus) == 3
    assert row.preuve == ()


def test_two_part_automations_are_automatic() -> None:
    assert load()["CDA-03"].auto == load()["TBB-07"].auto == "O"


def test_correspondences_by_meaning_are_never_promoted() -> None:
    assert all(o.confiance == "sens" for o in load()["VT-02"].officiel)
    assert load()["DLU-01"].officiel == ()
    assert "non rapproché" in load()["DLU-01"].note


def test_reasons_name_known_exigences_and_human_judgements() -> None:
    assert set(reasons()) <= known_ids()
    left = [name for name, row in load().items() if row.auto == "N" and name in reasons()]
    assert all(reasons()[name].startswith("jugement humain") for name in left)
    assert {name for name, row in load().items() if row.auto == "N"} - set(left) <= {e for e, by in coverage().items() if by}


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('auto = "G"', 'auto = "Z"', "attendu O, G ou N"),
        ('secteurs = ["PA"]', 'secteurs = ["PZ"]', "secteurs inconnu"),
        ('secteurs = ["PA"]', "secteurs = []", "liste non vide"),
        ('systeme = ["DMP"]', 'systeme = ["DPM"]', "systeme inconnu"),
        ('preuve = ["X"]', 'preuve = ["Y"]', "preuve inconnu"),
        ('enonce = "Une règle."', 'enonce = ""', "enonce"),
        ('auto = "G"', 'auto = "G"\nautre = 1', "champ inconnu autre"),
        ('base = "SQ23"', 'base = "SQ99"', "base ou de confiance inconnue"),
        ('ref = "SC.X.01"', 'reference = "SC.X.01"', "X-01"),
        ("[[exigence]]", "[[exigence]", "illisible"),
        ("[[exigence]]", "[[exigences]]", "illisible"),
    ],
)
def test_a_bad_row_is_refused_with_its_file_and_reason(before: str, after: str, says: str) -> None:
    assert parse(GOOD, "essai.toml")[0].id == "X-01"
    with pytest.raises(HarnessError, match=says) as raised:
        parse(GOOD.replace(before, after), "essai.toml")
    assert str(raised.value).startswith("essai.toml")
