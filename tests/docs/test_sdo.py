"""The test plan of ViaTrajectoire names scenarios and rules that exist, and exigences that they cover."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dui_conformance.checks.registry import all_checks
from dui_conformance.cli.scenarios import all_scenarios

PAGE = (Path(__file__).parents[2] / "docs" / "sdo.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (SDO-[0-9]{2}) \| [^|]* \| ([^|]*) \| ([^|]*) \| ([^|]*) \|$", PAGE, re.MULTILINE)
WORDS = re.compile(r"`([a-z0-9_.-]+)`")


def test_plan_has_its_thirteen_rows() -> None:
    assert [row[0] for row in ROWS] == [f"SDO-{rank:02d}" for rank in range(1, 14)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_row_names_what_exists_and_what_it_covers(row: tuple[str, str, str, str]) -> None:
    _, scenarios, rules, exigences = row
    played = WORDS.findall(scenarios)
    assert played
    assert set(played) <= set(all_scenarios())
    judged = WORDS.findall(rules)
    assert judged
    assert set(judged) <= set(all_checks())
    cited = {exigence for name in played for exigence in all_scenarios()[name].exigences}
    assert set(exigences.split(", ")) <= cited


def test_every_rule_of_the_domain_is_in_a_scenario_and_the_page_names_no_other() -> None:
    quoted = {word for word in WORDS.findall(PAGE) if word.startswith("sdo.")}
    assert quoted <= set(all_checks())
    assert {word for word in WORDS.findall(PAGE) if word.startswith("viatrajectoire_")} <= set(all_scenarios())


def test_what_the_programme_asks_is_played() -> None:
    automatic = {f"VT-{rank:02d}" for rank in (1, 2, 4, 6, 7, 8, 9, 10, 11)}
    played = {e for s in all_scenarios().values() if s.module.startswith("viatrajectoire_") for e in s.exigences}
    assert automatic <= played
