"""The committed coverage is fresh, and no exigence is left without a scenario or a reason."""

from __future__ import annotations

from pathlib import Path

from dui_conformance.catalogue import load, reasons
from dui_conformance.cli.catalogue import rows
from dui_conformance.cli.couverture import COLUMNS, PATHS, coverage, coverage_csv, scenario_uses, verdict_path
from dui_conformance.core.gestures import GESTURES
from dui_conformance.core.pieces import KINDS
from dui_conformance.fixtures.people import PROFILS
from dui_conformance.fixtures.professionals import professionals

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "couverture.csv"


def test_committed_coverage_is_fresh() -> None:
    hint = "périmé : python -m dui_conformance.cli.couverture > docs/couverture.csv"
    assert COMMITTED.read_text(encoding="utf-8") == coverage_csv(), hint


def test_coverage_has_one_row_per_exigence() -> None:
    lines = coverage_csv().splitlines()
    assert lines[0].split(",") == list(COLUMNS)
    assert len(lines) == 1 + len(load())


def test_every_exigence_is_covered_or_says_why_not() -> None:
    silent = [name for name, by in coverage().items() if not by and name not in reasons()]
    assert silent == []


def test_a_covered_exigence_has_no_reason_left() -> None:
    assert [name for name, by in coverage().items() if by and name in reasons()] == []


def test_every_exigence_has_a_path_to_its_verdict() -> None:
    paths = {name: verdict_path(row, coverage()[name]) for name, row in load().items()}
    assert set(paths.values()) == set(PATHS)
    assert [name for name, path in paths.items() if path == "sans objet"] == ["GEN-05"]
    assert {row["id"]: row["voie"] for row in rows()} == paths


def test_what_a_file_or_a_person_proves_has_its_form_or_a_gesture_that_asks_for_the_file() -> None:
    uses = scenario_uses()
    giving = {use.id for use in uses.values() if any(GESTURES[geste].rend for geste in use.gestes)}
    proven = {name: by for name, by in coverage().items() if set(load()[name].preuve) & {"F", "A"}}
    assert [name for name, by in proven.items() if not by.formulaires and not giving & set(by.scenarios)] == []


def test_a_form_says_what_to_look_at_and_who_attests() -> None:
    for name, by in coverage().items():
        for _, form in by.formulaires:
            assert form.constat.endswith(("?", ".")), name
            assert form.atteste, name
            assert form.piece or not (form.formats or form.obligatoire), name
            assert set(form.formats) <= set(KINDS), name


def test_services_that_are_not_simulated_have_their_form() -> None:
    named = {name: form.service for name, by in coverage().items() for _, form in by.formulaires if form.service}
    on, siao = ("ON-02", "ON-06", "ON-07", "ON-08", "PSC-08"), tuple(f"SIAO-0{n}" for n in range(1, 6))
    assert named == {**dict.fromkeys(on, "Ordonnance numérique"), **dict.fromkeys(siao, "SI-SIAO")}


def test_what_must_not_be_demanded_is_demanded_by_no_scenario() -> None:
    assert [use.id for use in scenario_uses().values() if "GEN-05" in use.exigences] == []


def test_scenarios_name_people_and_gestures_that_exist() -> None:
    for use in scenario_uses().values():
        assert set(use.usagers) <= set(PROFILS), use.id
        assert set(use.professionnels) <= set(professionals()), use.id
        assert set(use.gestes) <= set(GESTURES), use.id
