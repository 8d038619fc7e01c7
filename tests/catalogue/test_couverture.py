"""The committed coverage is fresh, and no exigence is left without a scenario or a reason."""

from __future__ import annotations

from pathlib import Path

from dui_conformance.catalogue import load, reasons
from dui_conformance.cli.couverture import COLUMNS, coverage, coverage_csv, scenario_uses
from dui_conformance.core.gestures import GESTURES
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


def test_what_must_not_be_demanded_is_demanded_by_no_scenario() -> None:
    assert [use.id for use in scenario_uses().values() if "GEN-05" in use.exigences] == []


def test_scenarios_name_people_and_gestures_that_exist() -> None:
    for use in scenario_uses().values():
        assert set(use.usagers) <= set(PROFILS), use.id
        assert set(use.professionnels) <= set(professionals()), use.id
        assert set(use.gestes) <= set(GESTURES), use.id
