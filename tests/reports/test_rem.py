"""The REM beside the catalogue: the three lists, the choices of a person, the export."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from dui_conformance.catalogue import load
from dui_conformance.cli.main import cli
from dui_conformance.reports.masking import Masker
from dui_conformance.reports.model import load_campaign
from dui_conformance.reports.rem.croisement import Choix, cross
from dui_conformance.reports.rem.exportation import COLUMNS, safe, workbook
from dui_conformance.reports.rem.officiel import official_references
from dui_conformance.validation.rem.classeur import read_rem
from openpyxl import load_workbook
from samples.rem import ASKED, narrow, wide
from samples.report import write_campaign

REM = read_rem("rem.xlsx", narrow())


def test_what_a_source_read_is_covered_and_what_nothing_answers_is_said() -> None:
    held = cross(REM, load(), ["MSS-01"], Choix())
    assert [(line.rem.reference.brute, line.ours) for line in held.couvertes] == [("SC.MSS/CONF.04", ("MSS-01",))]
    without = {line.rem.reference.brute: line for line in held.sans_test}
    assert without["DB.CO.48"].ours == ()
    assert "MSS-01" not in held.absentes
    assert set(held.absentes) < set(load())


def test_a_mistyping_is_proposed_never_taken() -> None:
    line = next(each for each in cross(REM, load(), [], Choix()).lignes if "C0NF" in each.rem.reference.brute)
    assert line.ours == ()
    assert ("MSS-06", "écriture voisine de MSS/CONF.12") in line.proposees


def test_a_choice_is_taken_and_its_contrary_takes_it_back() -> None:
    chosen = Choix().with_choice("MSS/C0NF.12", "MSS-06", yes=True)
    line = next(each for each in cross(REM, load(), ["MSS-06"], chosen).couvertes if "C0NF" in each.rem.reference.brute)
    assert line.ours == ("MSS-06",)
    refused = Choix.from_row(chosen.as_row()).with_choice("MSS/C0NF.12", "MSS-06", yes=False)
    line = next(each for each in cross(REM, load(), ["MSS-06"], refused).lignes if "C0NF" in each.rem.reference.brute)
    assert line.ours == ()
    assert "MSS-06" not in [name for name, _ in line.proposees]


def test_the_references_that_reports_speak_are_those_of_the_rem() -> None:
    spoken = official_references(load(), cross(REM, load(), [], Choix()))
    assert [(o.ref, o.base) for o in spoken["MSS-03"] if o.base == "REM"] == [("sc.mss / conf.3", "REM")]
    assert "SC.MSS/CONF.03" not in [o.ref for o in spoken["MSS-03"]]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> object:
    return load_campaign(write_campaign(tmp_path_factory.mktemp("rem") / "campagne"))


def exported(model: object, held: object) -> list[tuple[str, ...]]:
    data = workbook(model, Masker([]), held)  # type: ignore[arg-type]
    book = load_workbook(io.BytesIO(data))
    return [tuple(str(cell or "") for cell in row) for row in book["Exigences"].iter_rows(values_only=True)]


def test_the_export_has_the_14_columns_and_a_row_a_proof(model: object) -> None:
    held = cross(REM, load(), [], Choix())
    rows = exported(model, held)
    assert rows[0] == COLUMNS
    mine = [row for row in rows if row[1] == "SC.MSS/CONF.04"]
    assert [row[9] for row in mine] == ["SC.MSS/CONF.04.01.01", "SC.MSS/CONF.04.01.02"]
    assert all("MSS-01 : " in row[5] for row in mine)
    assert len(rows) == 1 + sum(len(line.rem.preuves) for line in held.lignes) + len(held.absentes)


def test_the_export_without_rem_is_the_whole_catalogue_with_its_proofs(model: object) -> None:
    rows = exported(model, None)
    assert [row[1] for row in rows[1:]] == list(load())
    assert any("rapport.html#verdict-" in row[5] for row in rows)


def test_no_cell_of_the_export_is_a_formula(model: object) -> None:
    rows = exported(model, cross(REM, load(), [], Choix()))
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert safe("=1+1") == "'=1+1"


@pytest.mark.client_etranger
def test_the_export_opens_in_libreoffice(model: object, tmp_path: Path) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        pytest.skip("LibreOffice absent (paquet libreoffice-calc-nogui)")
    (tmp_path / "rem.xlsx").write_bytes(workbook(model, Masker([]), cross(REM, load(), [], Choix())))  # type: ignore[arg-type]
    profile = f"-env:UserInstallation={(tmp_path / 'profil').as_uri()}"
    command = [
        office,
        profile,
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76",
        "--outdir",
        str(tmp_path),
        str(tmp_path / "rem.xlsx"),
    ]
    subprocess.run(command, capture_output=True, timeout=180, check=True)
    text = (tmp_path / "rem.csv").read_text(encoding="utf-8", errors="replace")
    assert text.startswith("Périmètre,ID,Chapitre")
    assert "SC.MSS/CONF.04.01.02" in text
    assert "rapport.html#verdict-" in text


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["rem", *(str(each) for each in arguments)])


@pytest.mark.parametrize("make", [narrow, wide])
def test_the_command_imports_lists_and_keeps_choices(make: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rem.xlsx").write_bytes(make())  # type: ignore[operator]
    said = run("import", "rem.xlsx")
    assert said.exit_code == 0, said.output
    assert f"{len(ASKED) - 1} exigences dans ce REM." in said.output
    assert "attendent votre choix" in said.output
    assert "MSS-06" in run("liste").output
    assert "choix gardé" in run("confirmer", "SC.MSS/C0NF.12", "MSS-06").output
    assert run("import", "rem.xlsx").exit_code == 0
    assert "MSS-06" not in run("liste", "absentes").output
    assert "référence absente du REM" in run("confirmer", "SC.ZZZ.99", "MSS-06").output
    assert "exigence inconnue" in run("confirmer", "SC.MSS/CONF.04", "MSS-99").output


def test_without_rem_the_command_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("liste")
    assert said.exit_code == 2
    assert "rem import" in said.output


def test_the_export_of_a_campaign_is_written_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = write_campaign(tmp_path / "campagne")
    said = run("exporter", folder)
    assert said.exit_code == 0, said.output
    assert (folder / "rem.xlsx").read_bytes().startswith(b"PK")
