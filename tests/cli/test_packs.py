"""``packs`` from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dui_conformance.cli.main import cli

EXEMPLE = Path(__file__).parent.parent / "data" / "packs" / "exemple"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["packs", *arguments])

    return call


def test_packs_are_added_listed_and_removed(run) -> None:
    assert "Aucun pack" in run("list").output
    made = run("add", str(EXEMPLE))
    assert made.exit_code == 0
    assert made.output.startswith("exemple  [schematron 2026.1]")
    (row,) = json.loads(run("list", "--format", "json").output)
    assert (row["nom"], row["sorte"], row["version"], row["fichiers"]) == ("exemple", "schematron", "2026.1", 6)
    assert run("remove", "exemple").output == "retiré : exemple\n"
    assert json.loads(run("list", "--format", "json").output) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("remove", "inconnu"), "inconnu"),
        (("add", str(EXEMPLE.parent.parent / "cda")), "non reconnu"),
        (("add", "--nom", "x", str(EXEMPLE), str(EXEMPLE)), "un seul CHEMIN"),
    ],
)
def test_wrong_use_is_said_with_exit_code_2(run, arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output
