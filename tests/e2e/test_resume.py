"""``kill -9`` at any moment, then ``run --reprendre``: the verdicts of an undisturbed run."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from dui_conformance.reports.model import load_campaign
from e2e.campaigns import Verdicts, verdicts
from e2e.commands import Ended, dui, environment

CRASH = str(Path(__file__).with_name("crash.py"))
THREE = [
    word
    for scenario in (
        "psc_connexion.connexion_par_pro_sante_connect",
        "insi_recherche.recherche_par_traits",
        "dmp_alimentation.note_de_vaccination_alimente_le_dmp",
    )
    for word in ("--seulement", scenario)
]
SEED = 20261122


class Forks:
    """Runs command lines in children of one process that imported everything; see ``crash.py``."""

    def __init__(self, project: Path) -> None:
        self.project = project
        self.counts: dict[str, int] = {}
        self.verdicts: Verdicts = {}
        self._process = subprocess.Popen(
            [sys.executable, CRASH], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8", env=environment()
        )

    def run(self, folder: str, *more: str, death: tuple[str, int] | None = None) -> Ended:
        """``run`` of the three scenarios, killed when ``death`` says so."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        argv = ["run", *THREE, "--sortie", folder, *more]
        self._process.stdin.write(json.dumps({"argv": argv, "cwd": str(self.project), "mort": death}) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))

    def killed_and_resumed(self, folder: str, sort: str, n: int) -> None:
        """A campaign killed there, then resumed to its end."""
        killed = self.run(folder, death=(sort, n))
        assert killed.code == -signal.SIGKILL, killed.out
        ended = self.run(folder, "--reprendre")
        assert ended.code == 0, ended.out

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=60)


@pytest.fixture(scope="module")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """A project folder with an undisturbed run in it: what it gives, and how many events of each sort it writes."""
    if not hasattr(os, "fork"):
        pytest.skip("kill -9 par fork : POSIX seulement")
    made = Forks(tmp_path_factory.mktemp("projet"))
    ended = made.run("tranquille")
    assert ended.code == 0, ended.out
    quiet = made.project / "tranquille"
    sorts = [json.loads(line)["type"] for line in (quiet / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    made.counts = {"tout": len(sorts), "requete": sorts.count("requete")}
    made.verdicts = verdicts(quiet)
    assert len(made.verdicts) == 3
    yield made
    made.close()


def moments() -> list[tuple[int, str, float]]:
    """Ten moments between a request and its response, ten anywhere, as shares of the run."""
    chance = random.Random(SEED)
    return [(i, "requete" if i < 10 else "tout", chance.random()) for i in range(20)]


@pytest.mark.parametrize(("i", "sort", "share"), moments())
def test_a_killed_campaign_resumes_to_the_same_verdicts(forks: Forks, i: int, sort: str, share: float) -> None:
    n = 1 + int(share * (forks.counts[sort] - 1))
    forks.killed_and_resumed(f"mort-{i}", sort, n)
    assert verdicts(forks.project / f"mort-{i}") == forks.verdicts


def test_an_attempt_cut_short_is_kept_and_counted(forks: Forks) -> None:
    forks.killed_and_resumed("compte", "requete", forks.counts["requete"] - 2)
    model = load_campaign(forks.project / "compte")
    assert sorted({s.tentatives for s in model.scenarios}) == [1, 2]
    assert [e.scenario for e in model.archive.of_type("scenario.interrompu")] == [
        s.id for s in model.scenarios if s.tentatives == 2
    ]


def test_a_torn_last_line_is_set_aside_and_the_campaign_goes_on(forks: Forks) -> None:
    folder = forks.project / "dechiree"
    assert forks.run("dechiree", death=("requete", 5)).code == -signal.SIGKILL
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"v":1,"seq":')
    assert forks.run("dechiree", "--reprendre").code == 0
    assert verdicts(folder) == forks.verdicts
    assert (folder / "journal.dechire").read_bytes() == b'{"v":1,"seq":\n'


def test_the_newest_interrupted_campaign_is_resumed_by_default(forks: Forks) -> None:
    open_one = "campagnes/2026-01-02-000000"
    assert forks.run("campagnes/2026-01-01-000000", death=("requete", 3)).code == -signal.SIGKILL
    assert forks.run(open_one, death=("requete", 3)).code == -signal.SIGKILL
    ended = dui(forks.project, "run", *THREE, "--reprendre")
    assert ended.code == 0, ended.out
    assert str(forks.project / open_one / "rapport.html") in ended.out
    assert "Campagne" in ended.out


def test_a_finished_campaign_is_not_resumed_by_default(tmp_path: Path) -> None:
    ended = dui(tmp_path, "run", "--reprendre")
    assert ended.code == 2
    assert "aucune campagne interrompue" in ended.out
