"""``rejuger``: a rule that the campaign did not have changes its own verdicts, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.checks import registry
from dui_conformance.cli.drivers import driver_maker
from dui_conformance.cli.house import House, Plan
from dui_conformance.cli.rejuger import changes, rejudge
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.core.journal import canonical
from dui_conformance.core.settings import Settings
from dui_conformance.mocks.dui.faults import FAULTS
from e2e.commands import dui

VIHF = "dmp_alimentation.authentification_par_vihf"
NOTE = "dmp_alimentation.document_depose_est_une_note_de_vaccination_conforme"
EMPTY_TITLE = "cda-titre-vide"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("projet")


@contextmanager
def without(rule: str) -> Iterator[None]:
    """Judge as if that rule had never been written."""
    every = registry.expand
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "expand", lambda globs: tuple(c for c in every(globs) if c.id != rule))
        registry._planned.cache_clear()
        yield
    registry._planned.cache_clear()


def played(project: Path, name: str, *scenarios: str, faults: tuple[str, ...] = ()) -> Path:
    """The folder of a campaign of the reference DUI, with these faults."""
    folder = project / name
    with House(Plan(Settings(), folder, project, "temoin", faults), driver_maker(lambda: None)) as house:  # type: ignore[arg-type, return-value]
        known = all_scenarios()
        for scenario in scenarios:
            house.play(known[scenario])
        house.journal.append("campagne.fin")
    return folder


def changed(folder: Path) -> list[tuple[str, str, str, str]]:
    """What judging again changes: scenario, check, before, after."""
    return [(row["scenario"], row["controle"], row["avant"], row["apres"]) for row in changes(folder, rejudge(folder))]


def test_a_python_rule_added_since_gives_its_verdict_alone(project: Path) -> None:
    with without("dmp.vihf.version"):
        folder = played(project, "sans-version", VIHF, NOTE)
        assert changed(folder) == []
    assert changed(folder) == [(VIHF, "dmp.vihf.version", "absent", "conforme")]


def test_a_python_rule_removed_since_loses_its_verdict_alone(project: Path) -> None:
    folder = played(project, "avec-version", VIHF)
    assert changed(folder) == []
    with without("dmp.vihf.version"):
        assert changed(folder) == [(VIHF, "dmp.vihf.version", "conforme", "absent")]


def test_a_declarative_rule_added_since_reddens_what_it_judges(project: Path) -> None:
    rule = FAULTS[EMPTY_TITLE].check
    with without(rule):
        folder = played(project, "sans-titre", NOTE, VIHF, faults=(EMPTY_TITLE,))
        before = rejudge(folder)[NOTE].verdict.value
    assert changed(folder) == [(NOTE, rule, "absent", "non conforme")] + (
        [(NOTE, "", before, "non conforme")] if before != "non conforme" else []
    )


def test_the_command_prints_the_verdicts_that_change(project: Path) -> None:
    with without("dmp.vihf.version"):
        folder = played(project, "imprimee", VIHF)
    ended = dui(project, "rejuger", str(folder))
    assert ended.code == 0, ended.out
    assert f"{VIHF}  [dmp.vihf.version]  absent → conforme" in ended.out
    assert "1 verdict(s) changent" in ended.out
    row: dict[str, Any] = json.loads(dui(project, "rejuger", str(folder), "--format", "json").out)
    assert [c["controle"] for c in row["changements"]] == ["dmp.vihf.version"]


def test_rules_of_a_day_are_asked_for_by_a_date(project: Path) -> None:
    folder = played(project, "datee", VIHF)
    assert dui(project, "rejuger", str(folder), "--regles-du", "2026-12-31").code == 0
    refused = dui(project, "rejuger", str(folder), "--regles-du", "hier")
    assert refused.code == 2
    assert "AAAA-MM-JJ" in refused.out


def test_a_scenario_that_needs_more_than_was_recorded_is_not_tested(project: Path) -> None:
    folder = played(project, "ancienne", VIHF)
    journal = (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    kept = [line for line in journal if json.loads(line)["type"] not in ("attente", "verdict", "scenario.fin")]
    previous, lines = "", []
    for seq, line in enumerate(kept):
        row = {**json.loads(line), "seq": seq, "prev": previous}
        data = canonical(row) + b"\n"
        previous = hashlib.sha256(data).hexdigest()
        lines.append(data)
    (folder / "journal.jsonl").write_bytes(b"".join(lines))
    outcome = rejudge(folder)[VIHF]
    assert (outcome.verdict.value, outcome.reason) == ("non teste", "scénario postérieur au journal")
