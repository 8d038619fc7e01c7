"""Ten faults drawn at random each run, through the command line as an editor's CI sees them."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from dui_conformance.mocks.dui.faults import FAULTS
from e2e.commands import dui
from faults.graine import SEED

EXITS = {"non conforme": 1, "avertissement": 0, "non concluant": 4}


def drawn() -> list[str]:
    """Ten names; the same on every worker of one machine."""
    return random.Random(SEED).sample(sorted(FAULTS), 10)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder whose PKI serves all the runs; a fault that stops every login must not make each of them wait long."""
    folder = tmp_path_factory.mktemp("projet")
    (folder / "dui.toml").write_text("[delais]\nechange = 2\nalimentation = 3\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("rank", range(10))
def test_a_fault_is_seen_through_the_command_line(project: Path, rank: int) -> None:
    name = drawn()[rank]
    fault = FAULTS[name]
    ended = dui(project, "run", "--defaut", name, "--sortie", name)
    shown = f"graine {SEED}, défaut {name}\n{ended.out}"
    report = json.loads((project / name / "rapport.json").read_text(encoding="utf-8"))
    seen = {(c["id"], c["verdict"]) for s in report["scenarios"] for c in s["checks"]}
    assert (fault.check, fault.effet) in seen, shown
    worst = {s["verdict"] for s in report["scenarios"]}
    expected = 1 if "non conforme" in worst else EXITS[fault.effet]
    assert ended.code == expected, shown
