"""A campaign of the project's REM: recorded in its journal, spoken by its reports, and told by its archive alone."""

from __future__ import annotations

import json
from contextlib import chdir
from pathlib import Path

import pytest
from click.testing import CliRunner
from dui_conformance.cli.main import cli
from e2e.commands import dui
from samples.rem import SPOKEN, narrow, wide

SCENARIO = "psc_connexion.connexion_par_pro_sante_connect"


def told(folder: Path, *arguments: str) -> str:
    """What a command that succeeds prints in that folder."""
    with chdir(folder):
        ended = CliRunner().invoke(cli, arguments)
    assert ended.exit_code == 0, ended.output
    return ended.output


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose REM has a match confirmed by a person, and one campaign."""
    folder = tmp_path_factory.mktemp("projet")
    (folder / "REM.xlsx").write_bytes(narrow((*SPOKEN, ("SC.PSC/NEUF.01", "Le système DOIT ouvrir la session"))))
    for arguments in (("import", "REM.xlsx"), ("confirmer", "sc.psc / neuf.1", "PSC-03")):
        told(folder, "rem", *arguments)
    ended = dui(folder, "run", "--seulement", SCENARIO, "--sortie", "c1")
    assert ended.code == 0, ended.out
    return folder


def spoken(folder: Path) -> dict[str, list[dict[str, str]]]:
    """The official references of each exigence, from rapport.json."""
    report = json.loads((folder / "rapport.json").read_text(encoding="utf-8"))
    return {row["id"]: row["officiel"] for row in report["exigences"]}


def test_the_reports_of_run_speak_the_confirmed_reference(project: Path) -> None:
    assert {"ref": "SC.PSC/NEUF.01", "base": "REM", "confiance": "confirmee"} in spoken(project / "c1")["PSC-03"]
    assert "SC.PSC/NEUF.01" in (project / "c1" / "rapport.html").read_text(encoding="utf-8")


def test_the_journal_names_the_workbook_and_the_choices_by_their_hash(project: Path) -> None:
    events = [json.loads(line) for line in (project / "c1" / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
    (context,) = [row for row in events if row["type"] == "contexte"]
    assert set(context["rem"]) == {"sha256", "choix", "croisement"}
    assert "REM.xlsx" not in json.dumps(context)


def test_an_archive_speaks_so_in_an_empty_folder_whatever_the_project_became(project: Path, tmp_path: Path) -> None:
    before = spoken(project / "c1")
    (tmp_path / "preuves.zip").write_bytes((project / "c1" / "preuves.zip").read_bytes())
    assert "INTACTE" in told(tmp_path, "verifier", "preuves.zip")
    told(tmp_path, "va", "preuves.zip")
    assert b"%PDF" in (tmp_path / "va.pdf").read_bytes()[:8]
    told(project, "rem", "refuser", "SC.PSC/NEUF.01", "PSC-03")
    (project / "autre.xlsx").write_bytes(wide())
    told(project, "rem", "import", "autre.xlsx")
    told(project, "rapport", "c1")
    assert spoken(project / "c1") == before


def test_judging_again_changes_nothing(project: Path) -> None:
    assert "Aucun verdict ne change." in told(project, "rejuger", "c1")
