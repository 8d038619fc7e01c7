"""The tables for trackers: what they hold, and that none of it is taken for a formula, mark-up or a mention."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from dui_conformance.catalogue import load
from dui_conformance.cli.main import cli
from dui_conformance.reports.bilan import needs_attention
from dui_conformance.reports.exports import FORMATS, tables, write_exports
from dui_conformance.reports.masking import Masker
from dui_conformance.reports.model import CampaignModel
from openpyxl import load_workbook
from samples.report import FORMULA, SECRETS

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def sheets(content: bytes) -> dict[str, list[list[str]]]:
    book = load_workbook(io.BytesIO(content))
    return {s.title: [["" if c is None else str(c) for c in row] for row in s.iter_rows(values_only=True)] for s in book}


def read_csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


def test_tables_hold_each_finding_and_each_exigence(model: CampaignModel, masker: Masker) -> None:
    findings, exigences = tables(model, masker)
    broken = [j for j in (*(j for s in model.scenarios for j in s.controles), *model.strays) if needs_attention(j)]
    assert {row[findings.columns.index("Preuve")] for row in findings.rows} == {f"rapport.html#{j.anchor}" for j in broken}
    assert len(findings.rows) == len(broken) > 5
    assert [row[0] for row in exigences.rows] == list(load())
    assert findings.rows[0][0] == "non conforme"


def test_csv_and_xlsx_hold_the_same_cells(model: CampaignModel, masker: Masker) -> None:
    texts = write_exports("csv", model, masker)
    book = sheets(write_exports("xlsx", model, masker)["rapport.xlsx"])
    assert read_csv(texts["constats.csv"]) == book["Constats"]
    assert read_csv(texts["exigences.csv"]) == book["Exigences"]


def test_no_cell_can_be_taken_for_a_formula(model: CampaignModel, masker: Masker) -> None:
    texts = write_exports("csv", model, masker)
    cells = [cell for content in texts.values() for row in read_csv(content) for cell in row]
    assert f"'{FORMULA}" in cells
    assert not [cell for cell in cells if cell.startswith(DANGEROUS)]
    book = load_workbook(io.BytesIO(write_exports("xlsx", model, masker)["rapport.xlsx"]))
    assert not [c for sheet in book for row in sheet.iter_rows() for c in row if c.data_type == "f"]


def test_markdown_holds_no_mark_up_of_the_product(model: CampaignModel, masker: Masker) -> None:
    text = write_exports("markdown", model, masker)["rapport.md"].decode()
    outside = re.sub(r"(`+).*?\1", "", text)
    assert "<script" not in outside
    assert "://" not in outside
    assert not re.search(r"(?<!\\)[\[\]@]", outside)
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(rows) == len(load()) + 1
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7}


@pytest.mark.parametrize("form", FORMATS)
def test_no_secret_and_the_same_bytes_twice_but_for_the_workbook_s_dates(form: str, model: CampaignModel, masker: Masker) -> None:
    once, again = write_exports(form, model, masker), write_exports(form, model, masker)
    assert once.keys() == again.keys()
    if form != "xlsx":
        assert once == again
        assert not [secret for secret in SECRETS for content in once.values() if secret.encode() in content]
    else:
        read = sheets(once["rapport.xlsx"])
        assert read == sheets(again["rapport.xlsx"])
        assert not [s for s in SECRETS for rows in read.values() for row in rows for cell in row if s in cell]


@pytest.mark.parametrize(
    ("form", "names"), [("markdown", {"rapport.md"}), ("csv", {"constats.csv", "exigences.csv"}), ("xlsx", {"rapport.xlsx"})]
)
def test_command_writes_them_where_asked(form: str, names: set[str], campagne: Path, tmp_path: Path) -> None:
    target = tmp_path / "suivi"
    result = CliRunner().invoke(cli, ["rapport", str(campagne), "--format", form, "--sortie", str(target)])
    assert result.exit_code == 0, result.output
    assert {path.name for path in target.iterdir()} == names
    assert all(str(target / name) in result.output for name in names)
