"""``kill -9`` at any moment, then ``run --reprendre``: the verdicts of an undisturbed run."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from dui_conformance.reports.model import load_campaign
from e2e.commands import dui, python

CRASH = str(Path(__file__).with_name("crash.py"))
THREE = (
    "--seulement",
    "psc_connexion.connexion_par_pro_sante_connect",
    "--seulement",
    "insi_recherche.",
    "--seulement",
    "dmp_alimentation.",
)
SEED = 20261122

Verdicts = dict[str, tuple[str, tuple[tuple[str, str], ...]]]


def verdicts(folder: Path) -> Verdicts:
    """Scenario → its verdict and those of its checks."""
    return {
        s.id: (s.verdict.value, tuple((j.controle, j.verdict.value) for j in s.controles))
        for s in load_campaign(folder).scenarios
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Verdicts, dict[str, int]]:
    """A project folder, what an undisturbed run gives, and how many events of each sort it writes."""
    project = tmp_path_factory.mktemp("projet")
    ended = dui(project, "run", *THREE, "--sortie", "tranquille")
    assert ended.code == 0, ended.out
    sorts = [json.loads(line)["type"] for line in (project / "tranquille" / "journal.jsonl").read_text().splitlines()]
    return project, verdicts(project / "tranquille"), {"tout": len(sorts), "requete": sorts.count("requete")}


def moments() -> list[tuple[str, float]]:
    """Ten moments between a request and its response, ten anywhere, as shares of the run."""
    chance = random.Random(SEED)
    return [("requete", chance.random()) for _ in range(10)] + [("tout", chance.random()) for _ in range(10)]


@pytest.mark.parametrize(("sort", "share"), moments())
def test_a_killed_campaign_resumes_to_the_same_verdicts(
    undisturbed: tuple[Path, Verdicts, dict[str, int]], sort: str, share: float
) -> None:
    project, expected, counts = undisturbed
    n = 4 + int(share * (counts[sort] - 6)) if sort == "tout" else 1 + int(share * (counts[sort] - 1))
    folder = project / f"{sort}-{n}"
    killed = python(project, CRASH, sort, str(n), "--", "run", *THREE, "--sortie", str(folder))
    assert killed.code == -9, killed.out
    ended = dui(project, "run", *THREE, "--sortie", str(folder), "--reprendre")
    assert ended.code == 0, ended.out
    assert verdicts(folder) == expected


def test_an_attempt_cut_short_is_kept_and_counted(undisturbed: tuple[Path, Verdicts, dict[str, int]]) -> None:
    project, _, counts = undisturbed
    folder = project / "compte"
    assert python(project, CRASH, "requete", str(counts["requete"] - 2), "--", "run", *THREE, "--sortie", str(folder)).code == -9
    assert dui(project, "run", *THREE, "--sortie", str(folder), "--reprendre").code == 0
    model = load_campaign(folder)
    assert sorted({s.tentatives for s in model.scenarios}) == [1, 2]
    assert [e.scenario for e in model.archive.of_type("scenario.interrompu")] == [
        s.id for s in model.scenarios if s.tentatives == 2
    ]


def test_a_finished_campaign_is_not_resumed_by_default(
    undisturbed: tuple[Path, Verdicts, dict[str, int]], tmp_path: Path
) -> None:
    ended = dui(tmp_path, "run", "--reprendre")
    assert ended.code == 2
    assert "aucune campagne interrompue" in ended.out
