"""A campaign beside its reference: what is better, worse, new, gone; from the journal or from a folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from dui_conformance.cli.main import cli
from dui_conformance.core.clock import Clock
from dui_conformance.core.journal import Journal
from dui_conformance.core.verdict import Verdict
from dui_conformance.reports.build import build
from dui_conformance.reports.model import CampaignModel, load_campaign
from dui_conformance.reports.schemas import SCHEMAS
from dui_conformance.reports.tendance import EVENT, Reference, Sens, trend
from jsonschema import Draft202012Validator
from lxml import etree
from samples.report import OPENING, PLAN

NEW = ("dmp_essai.nouveau", "Un scénario de plus.", ["DMP-ALIM-04"])
AFTER = {
    "dmp_essai.depot_conforme": Verdict.NON_CONFORME,
    "dmp_essai.depot_fautif": Verdict.CONFORME,
    "dmp_essai.conseil": Verdict.AVERTISSEMENT,
    NEW[0]: Verdict.CONFORME,
}


@pytest.fixture(scope="module")
def later(model: CampaignModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A later campaign of the same product, whose journal names the first as its reference."""
    folder = tmp_path_factory.mktemp("tendance") / "suite"
    journal = Journal.create(folder, Clock(), OPENING)
    plan = [row for row in (*PLAN, NEW) if row[0] in AFTER]
    journal.append("plan", joues=[{"id": i, "titre": t, "exigences": e} for i, t, e in plan], laisses=[])
    journal.append(EVENT, **Reference.of(model).as_event())
    for name, verdict in AFTER.items():
        journal.scenario, journal.attempt = name, 1
        journal.append("scenario.fin", verdict=verdict, raison="")
    journal.scenario, journal.attempt = "", 0
    journal.append("campagne.fin")
    journal.close()
    build(folder)
    return folder


def test_scenarios_are_better_worse_new_and_gone(later: Path) -> None:
    compared = trend(load_campaign(later))
    assert compared is not None
    found = {c.id: c.sens for c in compared.scenarios}
    assert found["dmp_essai.depot_conforme"] is Sens.MOINS_BON
    assert found["dmp_essai.depot_fautif"] is Sens.MEILLEUR
    assert found[NEW[0]] is Sens.NOUVEAU
    assert found["psc_essai.jetons"] is Sens.DISPARU
    assert "dmp_essai.conseil" not in found
    assert compared.unchanged == 1
    assert compared.scenarios[0].sens is Sens.MOINS_BON


def test_exigences_out_of_scope_are_gone_or_new_not_better(model: CampaignModel, later: Path) -> None:
    compared = trend(load_campaign(later))
    assert compared is not None
    assert all(Verdict.SANS_OBJET not in (c.avant, c.apres) for c in compared.exigences)
    assert {c.id: c.apres for c in compared.exigences}["DMP-ALIM-17"] is Verdict.NON_TESTE


def test_event_reads_back_as_it_was_written(model: CampaignModel) -> None:
    held = Reference.of(model)
    assert Reference.from_event(json.loads(json.dumps(held.as_event()))) == held


def test_page_and_json_show_it(later: Path) -> None:
    report = json.loads((later / "rapport.json").read_text(encoding="utf-8"))
    assert [e.message for e in Draft202012Validator(SCHEMAS["rapport"]).iter_errors(report)] == []
    tree = etree.HTML((later / "rapport.html").read_text(encoding="utf-8"))
    table = tree.xpath("//section[@aria-labelledby='tendance']//table")[0]
    shown = [(tr.xpath("string(th)"), tr.xpath("string(td[1]//code)")) for tr in table.xpath("tbody/tr")]
    assert shown == [(row["sens"], row["id"]) for row in report["tendance"]["scenarios"]]
    names = set(tree.xpath("//@id"))
    assert [h for h in tree.xpath("//@href") if h.startswith("#") and h[1:] not in names] == []


def test_without_reference_nothing_is_said(model: CampaignModel, page: str) -> None:
    assert trend(model) is None
    assert "Depuis la campagne de référence" not in page


def test_command_compares_with_the_folder_given(campagne: Path, later: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(campagne, tmp_path / "copie")
    result = CliRunner().invoke(cli, ["rapport", str(copy), "--reference", str(later)])
    assert result.exit_code == 0, result.output
    found = json.loads((copy / "rapport.json").read_text(encoding="utf-8"))["tendance"]
    assert {row["id"]: row["sens"] for row in found["scenarios"]}[NEW[0]] == "disparu"
