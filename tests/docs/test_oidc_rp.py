"""The table beside the OpenID Foundation's tests names scenarios and rules that exist, and explains what it leaves out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from dui_conformance.checks.registry import all_checks
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.mocks.psc.faults import PANNES

PAGE = Path(__file__).parents[2] / "docs" / "oidc-rp.md"
ROWS = re.findall(r"^\| `(oidcc-[a-z0-9-]+)` \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_each_test_of_the_foundation_has_one_row() -> None:
    names = [name for name, _ in ROWS]
    assert len(names) == len(set(names)) > 30


@pytest.mark.parametrize(("name", "cell"), ROWS)
def test_row_names_scenarios_that_exist_or_gives_a_reason(name: str, cell: str) -> None:
    named = re.findall(r"`(psc_\w+\.\w+)`", cell)
    assert set(named) <= set(all_scenarios())
    assert named or cell.startswith("raison : ")


def test_rules_and_faults_that_the_page_names_exist() -> None:
    quoted = set(re.findall(r"`([a-z0-9.-]+)`", PAGE.read_text(encoding="utf-8")))
    rules = {word for word in quoted if word.startswith(("oidc.", "ciba."))}
    faults = {word for word in quoted if word.startswith("jeton-")}
    assert rules <= set(all_checks())
    assert faults <= {panne.nom for panne in PANNES}
