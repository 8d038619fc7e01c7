"""rapport.json, junit.xml, couverture.csv, and the published schemas."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.catalogue import load
from dui_conformance.cli import catalogue, defauts
from dui_conformance.cli.services import make_services
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict
from dui_conformance.reports.build import REPORTS, build
from dui_conformance.reports.model import CampaignModel
from dui_conformance.reports.schemas import SCHEMAS
from jsonschema import Draft202012Validator
from lxml import etree
from samples.report import PLAN


def errors(name: str, value: Any) -> list[str]:
    return [f"{e.json_path} : {e.message}" for e in Draft202012Validator(SCHEMAS[name]).iter_errors(value)]


@pytest.fixture(scope="module")
def report(campagne: Path) -> dict[str, Any]:
    return json.loads((campagne / "rapport.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SCHEMAS)
def test_schema_is_itself_valid(name: str) -> None:
    Draft202012Validator.check_schema(SCHEMAS[name])


def test_report_follows_its_schema(report: dict[str, Any]) -> None:
    assert errors("rapport", report) == []


def test_rows_of_catalogue_faults_and_outages_follow_their_schema() -> None:
    outages = [
        {"service": s.nom, "nom": p.nom, "description": p.description, "exigences": list(p.exigences)}
        for s in make_services(Settings(), None).values()
        for p in s.pannes.values()
    ]
    rows = (
        [("catalogue", r) for r in catalogue.rows()] + [("defauts", r) for r in defauts.rows()] + [("pannes", r) for r in outages]
    )
    assert len(rows) > 300
    assert [problem for name, row in rows for problem in errors(name, row)] == []


def test_rejudging_output_follows_its_schema() -> None:
    change = {"scenario": "a.b", "controle": "c", "sujets": ["E000001"], "avant": "conforme", "apres": "absent"}
    assert errors("rejuger", {"schema": "dui-conformance/rejuger/1", "changements": [change]}) == []
    assert errors("rejuger", {"schema": "dui-conformance/rejuger/1", "changements": [{**change, "apres": "peut-être"}]})


def test_every_verdict_is_met_and_kept(report: dict[str, Any]) -> None:
    met = {s["verdict"] for s in report["scenarios"]}
    assert met == {v.value for v in Verdict} - {Verdict.SANS_OBJET.value}
    assert [s["id"] for s in report["scenarios"]] == [i for i, _, _ in PLAN]
    assert {e["id"] for e in report["exigences"]} == set(load())


def test_an_exigence_takes_the_worst_of_what_cites_it(report: dict[str, Any]) -> None:
    found = {e["id"]: e for e in report["exigences"]}
    assert found["DMP-ALIM-04"]["verdict"] == "conforme"
    assert found["DMP-ALIM-17"]["verdict"] == "non conforme"
    assert found["DMP-ALIM-10"]["verdict"] == "avertissement"
    assert found["INS-07"]["base"] == "atteste"
    assert found["PSC-10"]["verdict"] == "a examiner"
    assert found["PSC-07"] == {
        **found["PSC-07"],
        "verdict": "non teste",
        "raison": "psc_essai.jamais_commence : campagne interrompue",
    }
    assert found["GEN-05"]["verdict"] == "sans objet"


def test_junit_is_well_formed_and_counts_agree(campagne: Path, model: CampaignModel) -> None:
    suite = etree.fromstring((campagne / "junit.xml").read_bytes())
    cases = suite.findall("testcase")
    assert len(cases) == int(suite.get("tests", "")) == len(model.scenarios)
    for tag, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        assert len(suite.findall(f"testcase/{tag}")) == int(suite.get(name, ""))
    failure = suite.find("testcase/failure")
    assert failure is not None
    for label in ("attendu :", "reçu :", "où :", "piste :", "source :"):
        assert label in (failure.text or "")


def test_no_cell_can_be_taken_for_a_formula(campagne: Path) -> None:
    text = (campagne / "couverture.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.reader(text.splitlines(), delimiter=";"))
    assert len(rows) == len(load()) + 1
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]


def test_html_and_json_agree_on_every_count(report: dict[str, Any], page: str) -> None:
    from lxml import etree as html

    counts = Counter(s["verdict"] for s in report["scenarios"])
    shown = html.HTML(page).xpath("//ul[@class='chiffres']/li")
    read = {"".join(li.xpath("span/text()")).strip(): int(li.xpath("strong/text()")[0]) for li in shown}
    assert read == {Verdict(v).libelle: n for v, n in counts.items()}


def test_building_twice_writes_the_same_bytes(campagne: Path) -> None:
    before = {name: (campagne / name).read_bytes() for name in REPORTS}
    build(campagne)
    assert {name: (campagne / name).read_bytes() for name in REPORTS} == before
