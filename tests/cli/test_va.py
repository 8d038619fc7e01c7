"""The OG path from the editor's archive alone, in an empty folder; and the PV from a campaign or its archive."""

from __future__ import annotations

import shutil
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result
from dui_conformance.cli.main import cli
from samples.og import PV, certificate, finess
from samples.scelle import sealed


def run(*arguments: object, answers: str = "") -> Result:
    return CliRunner().invoke(cli, [str(each) for each in arguments], input=answers)


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the archive of an editor, and nothing else."""
    folder = tmp_path / "og"
    folder.mkdir()
    made = sealed(tmp_path / "editeur")
    shutil.move(made, folder / "preuves.zip")
    shutil.rmtree(tmp_path / "editeur")
    monkeypatch.chdir(folder)
    return folder


def text_of(path: Path) -> str:
    pdf = pypdfium2.PdfDocument(path)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_bounded().split()) for page in pdf)
    finally:
        pdf.close()


def test_the_archive_alone_gives_a_draft(empty: Path) -> None:
    said = run("va", "preuves.zip")
    assert said.exit_code == 0, said.output
    assert "Archive intacte : " in said.output
    assert "Vu sur simulateur seulement" in said.output
    assert "OG-05  à faire    Certificat organisation" in said.output
    assert "pv nouveau" in said.output
    assert "Brouillon, non signable" in said.output
    text = text_of(empty / "va.pdf")
    assert "Vérification d'aptitude (VA)" in text
    assert "Prérequis de l'organisme gestionnaire" in text
    assert "simulateur" in text


def test_what_the_og_gives_is_read(empty: Path) -> None:
    (empty / "pv.toml").write_text(PV, encoding="utf-8")
    path, _ = certificate(empty)
    said = run("va", "preuves.zip", "--donnees", "pv.toml", "--finess", finess(empty), "--certificat", path)
    assert said.exit_code == 0, said.output
    assert "OG-05  fait" in said.output
    assert "OG-01  fait" in said.output
    assert "OG-08  réserve" in said.output
    assert "formation INSi à finir" in text_of(empty / "va.pdf")
    assert "PV-01" not in said.output


def test_a_draft_is_not_signed(empty: Path) -> None:
    path, key = certificate(empty)
    said = run("va", "preuves.zip", "--signer-cle", key, "--signer-certificat", path)
    assert said.exit_code == 2
    assert "un brouillon ne se signe pas" in said.output
    assert not (empty / "va.pdf").exists()


def test_an_altered_archive_gives_nothing(empty: Path) -> None:
    data = bytearray((empty / "preuves.zip").read_bytes())
    data[len(data) // 3] ^= 1
    (empty / "preuves.zip").write_bytes(data)
    said = run("va", "preuves.zip")
    assert said.exit_code == 2
    assert "archive altérée" in said.output


def test_a_copy_to_share_is_said_to_hold_no_evidence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("va", sealed(tmp_path, partageable=True))
    assert said.exit_code == 2
    assert "copie partageable" in said.output


def test_the_pv_comes_from_the_archive_as_from_the_campaign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    archive = sealed(tmp_path)
    assert run("pv", archive, "--sortie", "a.pdf").exit_code == 0
    assert run("pv", archive.parent, "--sortie", "b.pdf").exit_code == 0
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_the_questions_of_a_new_pv_write_its_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("pv", "nouveau", answers="\n" * 400)
    assert said.exit_code == 0, said.output
    assert (tmp_path / "pv.toml").is_file()
    again = run("pv", "nouveau", answers="\n" * 400)
    assert again.exit_code == 2
    assert "existe déjà" in again.output


def test_what_is_neither_campaign_nor_archive_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("pv", "ailleurs")
    assert said.exit_code == 2
    assert "ni un dossier de campagne, ni une archive" in said.output
