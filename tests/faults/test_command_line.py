"""Ten faults drawn at random each run, through the command line as an editor's CI sees them.

``run --defaut`` shows those of calls, and those of documents that a scenario deposits or prints; ``exemple --defaut`` then
``validate`` show those of the other documents.
"""

from __future__ import annotations

import inspect
import json
import random
import re
from pathlib import Path

import pytest
from dui_conformance.checks.registry import all_checks
from dui_conformance.mocks.dui.faults import FAULTS, Fault
from dui_conformance.scenarios import documents_alimentation
from e2e.commands import dui
from faults.ecrits import paper_profile
from faults.graine import SEED

EXITS = {"non conforme": 1, "avertissement": 0, "information": 0, "non teste": 0, "non concluant": 4}
DEPOSITED = {"note-vaccination", *re.findall(r'deposer_type\(c, \S+, "([a-z0-9-]+)"', inspect.getsource(documents_alimentation))}
PRINTED = {
    ("CDA-PDF", "lettre-liaison-entree"),
    ("CDA-PDF", "prescription-produits"),
    ("INS-PAPIER", "lettre-liaison-sortie"),
    ("ORDONNANCE-QR", "prescription-produits"),
}
"""What the scenarios of paper look at, and in which document."""


def played(fault: Fault) -> bool:
    """True for a fault that ``run`` shows: of a call, of a document that a scenario deposits, or of how a document is sent."""
    paper = paper_profile(fault.check)
    if paper:
        return (paper, fault.document) in PRINTED
    return not fault.document or fault.document in DEPOSITED or not fault.check.startswith("cda.")


def shown(fault: Fault) -> bool:
    """False for a fault that only a reference of the user, or the profile of a paper form, shows."""
    known = all_checks().get(fault.check)  # none for what the campaign itself says: an expected exchange that never came
    wanted = [type_ for _, type_ in known.parameters] if known is not None else []
    return not any(getattr(each, "of_the_user", False) for each in wanted) and (played(fault) or not paper_profile(fault.check))


def drawn() -> list[str]:
    """Ten names; the same on every worker of one machine."""
    return random.Random(SEED).sample(sorted(nom for nom, fault in FAULTS.items() if shown(fault)), 10)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder whose PKI serves all the runs; a fault that stops every login must not make each of them wait long."""
    folder = tmp_path_factory.mktemp("projet")
    (folder / "dui.toml").write_text("[delais]\nechange = 2\nalimentation = 3\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("rank", range(10))
def test_a_fault_is_seen_through_the_command_line(project: Path, rank: int) -> None:
    name = drawn()[rank]
    (seen_by_run if played(FAULTS[name]) else seen_by_validate)(project, FAULTS[name])


def seen_by_run(project: Path, fault: Fault) -> None:
    ended = dui(project, "run", "--defaut", fault.nom, "--sortie", fault.nom)
    said = f"graine {SEED}, défaut {fault.nom}\n{ended.out}"
    report = json.loads((project / fault.nom / "rapport.json").read_text(encoding="utf-8"))
    seen = {(c["id"], c["verdict"]) for s in report["scenarios"] for c in s["checks"]}
    assert (fault.check, "conforme" if fault.effet == "information" else fault.effet) in seen, said
    worst = {s["verdict"] for s in report["scenarios"]}
    expected = 1 if "non conforme" in worst else EXITS[fault.effet]
    assert ended.code == expected, said


def seen_by_validate(project: Path, fault: Fault) -> None:
    file = project / f"{fault.nom}.xml"
    made = dui(project, "exemple", fault.document, "--defaut", fault.nom, "--sortie", str(file))
    assert made.code == 0, made.out
    ended = dui(project, "validate", str(file), "--format", "jsonl")
    said = f"graine {SEED}, défaut {fault.nom}\n{ended.out}"
    judged = json.loads(ended.out.splitlines()[0])
    found = {finding["rule"]: finding["verdict"] for finding in judged["findings"]}
    assert found.get(fault.check) == ("conforme" if fault.effet == "information" else fault.effet), said
    assert ended.code == (1 if judged["verdict"] == "non conforme" else EXITS[fault.effet]), said


def test_every_fault_of_a_document_that_no_scenario_deposits_is_seen_by_validate(project: Path) -> None:
    """One of each type of document."""
    chosen = {f.document: f for f in FAULTS.values() if f.document and shown(f) and not played(f)}
    for fault in chosen.values():
        seen_by_validate(project, fault)
