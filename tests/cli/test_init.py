"""``init``, then ``doctor``: what an editor has in front of him before his first campaign."""

from __future__ import annotations

import csv
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dui_conformance.cli.init import COLUMNS, first_usagers, usagers_csv
from dui_conformance.cli.main import cli
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.core.settings import load_settings
from dui_conformance.mocks.dui.demon import Demon


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def dui(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";"))


def test_both_files_are_written_and_what_to_do_next_is_said(project: Path) -> None:
    ended = dui("init")
    assert ended.exit_code == 0
    assert "doctor" in ended.output
    assert sorted(p.name for p in project.iterdir()) == ["dui.toml", "jeu-d-essai.csv"]


def test_written_settings_are_accepted_commented_or_not(project: Path) -> None:
    dui("init")
    load_settings(project / "dui.toml")
    text = (project / "dui.toml").read_text(encoding="utf-8")
    bold = re.sub(r'^# ([a-z_"\-*\[].*)$', r"\1", text, flags=re.M)
    (project / "dui.toml").write_text(bold, encoding="utf-8")
    settings = load_settings(project / "dui.toml")
    assert settings.services.ports["dmp"] == 8446
    assert settings.pilote.options["horloge"] == "oui"


@pytest.mark.parametrize("existing", ["dui.toml", "jeu-d-essai.csv"])
def test_nothing_is_overwritten(project: Path, existing: str) -> None:
    (project / existing).write_text("à moi", encoding="utf-8")
    ended = dui("init")
    assert ended.exit_code == 2
    assert existing in ended.output
    assert [p.name for p in project.iterdir()] == [existing]
    assert (project / existing).read_text(encoding="utf-8") == "à moi"


def test_another_folder_can_be_chosen(project: Path) -> None:
    assert dui("init", "--dossier", "un/autre").exit_code == 0
    assert (project / "un" / "autre" / "dui.toml").is_file()


def test_the_test_set_holds_the_usagers_of_each_scenario_in_playing_order(project: Path) -> None:
    dui("init")
    found = rows(project / "jeu-d-essai.csv")
    assert tuple(found[0]) == COLUMNS
    assert [row["id"] for row in found] == [usager.id for _, usager in first_usagers()]
    assert len({row["id"] for row in found}) == len(found)
    order = list(all_scenarios())
    places = [order.index(row["scenario"]) for row in found]
    assert places == sorted(places)


def test_a_spreadsheet_takes_no_cell_for_a_formula() -> None:
    cells = [cell for line in usagers_csv().splitlines() for cell in line.split(";")]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]


def test_doctor_names_what_is_to_fill_in(project: Path) -> None:
    dui("init")
    ended = dui("doctor")
    assert ended.exit_code == 2
    (line,) = [line for line in ended.output.splitlines() if line.startswith("à régler")]
    for key in ("produit.nil", "dmp.id_homologation", "insi.idam"):
        assert key in line


def test_doctor_is_content_without_settings(project: Path) -> None:
    ended = dui("doctor")
    assert ended.exit_code == 0, ended.output
    assert "DUI témoin" in ended.output


def diagnosis(project: Path, text: str) -> Result:
    (project / "dui.toml").write_text(text, encoding="utf-8")
    return dui("doctor")


def test_doctor_repeats_what_is_wrong_in_the_settings(project: Path) -> None:
    ended = diagnosis(project, "[produit]\nnon = 'x'\n")
    assert ended.exit_code == 2
    assert "ligne 2" in ended.output
    assert "« nom »" in ended.output


def test_doctor_sees_a_port_in_use(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        ended = diagnosis(project, f"[services.ports]\ndmp = {port}\n")
    assert ended.exit_code == 2
    assert f"port dmp : {port} ne peut pas être ouvert" in ended.output


@pytest.fixture
def demon() -> Iterator[Demon]:
    made = Demon(object(), "jeton-de-test")  # type: ignore[arg-type]
    made.start()
    yield made
    made.close()


def test_doctor_calls_the_dui_behind_http(project: Path, demon: Demon) -> None:
    good = diagnosis(project, f'[pilote]\nnom = "http"\ncible = "{demon.url}"\njeton = "jeton-de-test"\n')
    assert good.exit_code == 0, good.output
    bad = diagnosis(project, f'[pilote]\nnom = "http"\ncible = "{demon.url}"\njeton = "autre"\n')
    assert bad.exit_code == 2
    assert "ne répond pas" in bad.output


@pytest.mark.parametrize(
    ("driver", "words", "code"),
    [
        ('nom = "http"', "cible (URL) et jeton", 2),
        ('nom = "python"', "module:Classe", 2),
        ('nom = "python"\ncible = "mon_pilote:MonDui"', "mon_pilote:MonDui", 0),
        ('nom = "commande"', "[pilote.commandes]", 2),
        ('nom = "commande"\n[pilote.commandes]\n"*" = ["programme-introuvable"]', "programme-introuvable", 2),
        (f'nom = "commande"\n[pilote.commandes]\n"*" = ["{sys.executable}"]', "commandes trouvées", 0),
        ('nom = "manuel"', "prêt", 0),
    ],
)
def test_doctor_says_what_a_driver_lacks(project: Path, driver: str, words: str, code: int) -> None:
    ended = diagnosis(project, f"[pilote]\n{driver}\n")
    assert ended.exit_code == code, ended.output
    assert words in ended.output


def test_doctor_sees_a_pki_made_for_other_names(project: Path) -> None:
    (project / "dui.toml").write_text("", encoding="utf-8")
    assert dui("pki", "renouveler").exit_code == 0
    assert "valable jusqu'au" in diagnosis(project, "").output
    ended = diagnosis(project, '[services]\nnoms = ["autre.test-local"]\n')
    assert ended.exit_code == 2
    assert "pki renouveler" in ended.output


def test_doctor_warns_of_an_address_beyond_loopback(project: Path) -> None:
    assert "visibles des autres machines" in diagnosis(project, '[services]\nadresse = "0.0.0.0"\n').output
