"""References however they are typed, and workbooks in both layouts."""

from __future__ import annotations

import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.validation.rem.classeur import read_rem
from dui_conformance.validation.rem.references import near, read_reference
from hypothesis import given
from hypothesis import strategies as st
from samples.rem import ASKED, narrow, wide


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("SC.MSS/CONF.04", "MSS/CONF.04"),
        ("MSS/CONF.04", "MSS/CONF.04"),
        ("sc.mss / conf.4", "MSS/CONF.04"),
        ("SC.MSS\\CONF-04", "MSS/CONF.04"),
        (" SC.MSS/CONF.04. ", "MSS/CONF.04"),
        ("SC.MSS/CONF 04", "MSS/CONF.04"),
        ("SC.DMP/ALI/PROG.02", "DMP/ALI/PROG.02"),
        ("SC.SSI/GEN.02 BIS", "SSI/GEN.02 BIS"),
        ("SC.SSI/GEN.02.BIS", "SSI/GEN.02 BIS"),
        ("SC.SSI/GEN.02bis", "SSI/GEN.02 BIS"),
        ("SC.PSC.14", "PSC.14"),
        ("PSC.01", "PSC.01"),
        ("INS/va1.01", "INS/VA1.01"),
        ("SGL.INS/va1.71", "INS/VA1.71"),
        ("LGC.DMP/UX.10", "DMP/UX.10"),
        ("MS.RPT/RAMA.01", "MS.RPT/RAMA.01"),
        ("MS.CDM/VT.01", "MS.CDM/VT.01"),
        ("TBB.1", "TBB.01"),
        ("DB.CO.48", "DB.CO.48"),
        ("SENTINELLE.20", "SENTINELLE.20"),
        ("EXI PSC 16", "EXI PSC.16"),
    ],
)
def test_the_writings_of_a_reference_have_one_key(written: str, key: str) -> None:
    assert read_reference(written).cle == key
    assert read_reference(written).brute == written.strip()


def test_a_scenario_and_a_proof_are_told_from_the_exigence() -> None:
    found = read_reference("DMP/AIRS.06.01.02")
    assert (found.cle, found.scenario, found.preuve, found.complete) == ("DMP/AIRS.06", "01", "02", "DMP/AIRS.06.01.02")


@given(st.text(max_size=60))
def test_anything_is_a_reference_that_keeps_its_text(text: str) -> None:
    assert read_reference(text).cle == read_reference(read_reference(text).brute).cle


def test_a_mistyped_key_has_its_neighbours() -> None:
    assert near("MSS/C0NF.12", {"MSS/CONF.12", "DMP/UX.10"}) == ("MSS/CONF.12",)
    assert near("ZZZ.99", {"MSS/CONF.12", "DMP/UX.10"}) == ()


@pytest.mark.parametrize("make", [narrow, wide])
def test_both_layouts_give_the_same_exigences(make: object) -> None:
    rem = read_rem("rem.xlsx", make())  # type: ignore[operator]
    assert [row.reference.brute for row in rem.exigences.values()] == [ref for ref, _ in ASKED if ref != "SC.SSI/GEN.02.BIS"]
    first = rem.exigences["MSS/CONF.04"]
    assert first.enonce == "Le système DOIT se configurer seul"
    assert [(p.scenario, p.preuve) for p in first.preuves] == [
        ("SC.MSS/CONF.04.01", "SC.MSS/CONF.04.01.01"),
        ("SC.MSS/CONF.04.01", "SC.MSS/CONF.04.01.02"),
    ]
    assert len(rem.exigences["SSI/GEN.02 BIS"].lignes) >= 2


def test_the_layouts_differ_only_by_their_other_columns() -> None:
    assert read_rem("a.xlsx", narrow()).exigences["MSS/CONF.03"].champs["criticite"] == "Majeure"
    assert read_rem("b.xlsx", wide()).exigences["MSS/CONF.03"].champs["conditionnelle"] == "NON"


@pytest.mark.parametrize("data", [b"", b"a;b\n1;2\n", b"PK\x03\x04trop court"])
def test_what_is_no_rem_is_refused_with_what_was_looked_for(data: bytes) -> None:
    with pytest.raises(InputError, match=r"REM|illisible"):
        read_rem("rem.xlsx", data)


def test_a_sub_criterion_that_the_workbook_lists_is_an_exigence_of_its_own() -> None:
    rem = read_rem("rem.xlsx", narrow([("SC.SSI/IAM.91", "Tracer"), ("SC.SSI/IAM.91.03", "Tracer les refus")]))
    assert list(rem.exigences) == ["SSI/IAM.91", "SSI/IAM.91.03"]
