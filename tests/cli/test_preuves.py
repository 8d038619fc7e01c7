"""``sceller`` and ``verifier``: what they say and how they exit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dui_conformance.cli.main import cli
from samples.scelle import played


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments])


@pytest.fixture
def campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".dui-conformance").mkdir()
    monkeypatch.chdir(tmp_path)
    return played(tmp_path)


def key_of(said: Result) -> str:
    return next(line.rpartition(" : ")[2].split()[0] for line in said.output.splitlines() if re.match("Scellée?s? par", line))


def test_a_sealed_campaign_is_intact_for_whoever_reads_it(campaign: Path) -> None:
    made = run("sceller", campaign)
    assert made.exit_code == 0
    assert "ne dit pas qui vous êtes" in made.output
    read = run("verifier", campaign / "preuves.zip")
    assert read.exit_code == 0
    assert read.output.startswith("INTACTE")
    assert key_of(read) == key_of(made)


def test_strict_wants_to_know_who_sealed(campaign: Path) -> None:
    key = key_of(run("sceller", campaign))
    archive = campaign / "preuves.zip"
    assert run("verifier", archive, "--strict").exit_code == 1
    assert run("verifier", archive, "--strict", "--cle", key.upper()).exit_code == 0
    other = run("verifier", archive, "--cle", "00" * 32)
    assert other.exit_code == 1
    assert "une autre clé que celle attendue" in other.output


def test_altered_evidence_exits_1_and_says_where(campaign: Path) -> None:
    run("sceller", campaign)
    archive = campaign / "preuves.zip"
    data = bytearray(archive.read_bytes())
    data[len(data) // 2] ^= 1
    archive.write_bytes(data)
    read = run("verifier", archive)
    assert read.exit_code == 1
    assert read.output.startswith("ALTÉRÉE")
    assert "  - " in read.output


def test_what_is_no_evidence_exits_2(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("bonjour")
    read = run("verifier", path)
    assert read.exit_code == 2
    assert "n'est pas une archive de preuves" in read.output


def test_a_certificate_goes_with_its_key(campaign: Path) -> None:
    (campaign / "c.pem").write_text("x")
    said = run("sceller", campaign, "--certificat", campaign / "c.pem")
    assert said.exit_code == 2
    assert "donnez aussi la clé" in said.output


def test_the_key_of_the_project_serves_again(campaign: Path) -> None:
    assert key_of(run("sceller", campaign)) == key_of(run("sceller", campaign, "--partageable"))


def test_a_folder_that_is_no_campaign_is_said_so(tmp_path: Path) -> None:
    said = run("sceller", tmp_path)
    assert said.exit_code == 2
    assert "n'est pas une campagne" in said.output
