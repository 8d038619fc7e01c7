"""Report, PV, coverage, junit, exports and sealed evidence of one journal agree on every count."""

from __future__ import annotations

import csv
import json
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from dui_conformance.core.verdict import Verdict
from dui_conformance.reports.build import REPORTS
from dui_conformance.reports.exports import tables
from dui_conformance.reports.masking import Masker
from dui_conformance.reports.model import CampaignModel, load_campaign
from dui_conformance.reports.rem.exportation import workbook
from dui_conformance.reports.sceau.cle import local_sealer
from dui_conformance.reports.sceau.scelle import seal
from lxml import etree
from openpyxl import load_workbook

WORDS = {v.libelle: v.value for v in Verdict}


@pytest.fixture(scope="module")
def report(campagne: Path) -> dict[str, Any]:
    return json.loads((campagne / "rapport.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def pv(campagne: Path) -> dict[str, Any]:
    with pikepdf.open(campagne / "pv.pdf") as pdf:
        return json.loads(pdf.attachments["pv.json"].get_file().read_bytes())


@pytest.fixture(scope="module")
def exigences(report: dict[str, Any]) -> dict[str, str]:
    """The verdict of each exigence, as rapport.json gives it: the one that the others must agree with."""
    return {row["id"]: row["verdict"] for row in report["exigences"]}


def shown(badge: etree._Element) -> str:
    return WORDS["".join(badge.itertext()).split(maxsplit=1)[1]]


def test_page_shows_the_same_verdicts(page: str, report: dict[str, Any], exigences: dict[str, str]) -> None:
    tree = etree.HTML(page)
    rows = tree.xpath("//tr[starts-with(@id, 'exigence-')]")
    assert {row.get("id", "")[9:]: shown(row.xpath(".//span[contains(@class, 'v-')]")[0]) for row in rows} == exigences
    sections = tree.xpath("//section[@class='scenario']")
    found = {s.get("id", "")[9:]: shown(s.xpath("h4/span")[0]) for s in sections}
    assert found == {s["id"]: s["verdict"] for s in report["scenarios"]}
    assert len(tree.xpath("//*[starts-with(@id, 'verdict-')]")) == sum(len(s["checks"]) for s in report["scenarios"]) + len(
        report["hors_scenario"]
    )


@pytest.mark.parametrize(("section", "field"), [("par système", "systeme"), ("par secteur", "secteurs")])
def test_summaries_of_the_page_count_each_applicable_exigence(
    section: str, field: str, page: str, model: CampaignModel, exigences: dict[str, str]
) -> None:
    table = etree.HTML(page).xpath("//h3[contains(., $t)]/following-sibling::table[1]", t=section)[0]
    names = [WORDS.get("".join(th.itertext()), "total") for th in table.xpath(".//thead//th")[1:]]
    found = {
        "".join(row.xpath("th//text()")).partition(" (")[0]: {
            n: int(text) for n, text in zip(names, row.xpath("td/text()"), strict=True) if text != "–"
        }
        for row in table.xpath(".//tbody/tr")
    }
    wanted: dict[str, Counter[str]] = {}
    for result in model.exigences:
        if exigences[result.id] != Verdict.SANS_OBJET:
            for key in getattr(result.exigence, field):
                if field == "systeme" or key in model.secteurs:
                    wanted.setdefault(key, Counter()).update((exigences[result.id], "total"))
    assert found == wanted


def test_coverage_gives_the_same_verdicts(campagne: Path, exigences: dict[str, str]) -> None:
    text = (campagne / "couverture.csv").read_text(encoding="utf-8-sig")
    assert {row["exigence"]: row["verdict"] for row in csv.DictReader(text.splitlines(), delimiter=";")} == exigences


def test_pv_gives_the_same_verdicts_and_totals(pv: dict[str, Any], exigences: dict[str, str], model: CampaignModel) -> None:
    said = {row["id"]: WORDS[row["verdict"].replace("\u00a0", " ")] for row in pv["conformite"]}
    assert said == {name: verdict for name, verdict in exigences.items() if verdict != Verdict.SANS_OBJET}
    assert set(pv["hors"]) == {name for name, verdict in exigences.items() if verdict == Verdict.SANS_OBJET}
    columns = [WORDS[name] for name in pv["verdicts"]]
    for name, *cells, total in pv["synthese"]:
        counts = Counter(exigences[e.id] for e in model.exigences if name in e.exigence.systeme)
        counts.pop(Verdict.SANS_OBJET.value, None)
        assert {c: int(n) for c, n in zip(columns, cells, strict=True) if n != "–"} == counts, name
        assert int(total) == counts.total()


def test_junit_has_each_scenario_with_its_outcome(campagne: Path, report: dict[str, Any]) -> None:
    outcome = {
        **dict.fromkeys(("conforme", "avertissement"), None),
        "non conforme": "failure",
        **dict.fromkeys(("erreur du harnais", "non concluant"), "error"),
        **dict.fromkeys(("non teste", "sans objet", "a examiner"), "skipped"),
    }
    found = {}
    for case in etree.fromstring((campagne / "junit.xml").read_bytes()).iter("testcase"):
        tags = [child.tag for child in case if child.tag not in ("system-out", "properties")]
        found[f"{case.get('classname', '').rpartition('.')[2]}.{case.get('name')}"] = tags[0] if tags else None
    assert found == {s["id"]: outcome[s["verdict"]] for s in report["scenarios"]}


def test_exports_give_the_same_verdicts(
    model: CampaignModel, masker: Masker, report: dict[str, Any], exigences: dict[str, str]
) -> None:
    findings, rows = tables(model, masker)
    at = rows.columns.index("Verdict")
    assert {row[0]: WORDS[row[at]] for row in rows.rows} == exigences
    checks = [c for s in report["scenarios"] for c in s["checks"]] + report["hors_scenario"]
    calm = {"conforme", "sans objet", "non teste"}
    assert Counter(WORDS[row[0]] for row in findings.rows) == Counter(c["verdict"] for c in checks if c["verdict"] not in calm)


def test_a_rem_changes_no_verdict_and_each_report_counts_its_lists_alike(avec_rem: Path, exigences: dict[str, str]) -> None:
    spoken = json.loads((avec_rem / "rapport.json").read_text(encoding="utf-8"))
    assert {row["id"]: row["verdict"] for row in spoken["exigences"]} == exigences
    counts = [len(spoken["rem"][name]) for name in ("couvertes", "sans_test", "absentes")]
    tree = etree.HTML((avec_rem / "rapport.html").read_text(encoding="utf-8"))
    assert [len(tree.xpath(f"//table[@id='rem-{n}']/tbody/tr")) for n in ("couvertes", "sans-scenario", "absentes")] == counts
    said = [
        int("".join(s.itertext()).rpartition(":")[2]) for s in tree.xpath("//h2[@id='rem']/following-sibling::details/summary")
    ]
    assert said == counts
    with pikepdf.open(avec_rem / "pv.pdf") as pdf:
        told = dict(json.loads(pdf.attachments["pv.json"].get_file().read_bytes())["groupes"][0][1])
    words = "{} couvertes, {} sans scénario, {} des nôtres absentes".format(*counts)
    assert words in told["Référentiel d'exigences (REM)"]
    held = load_campaign(avec_rem)
    assert held.rem is not None
    book = load_workbook(BytesIO(workbook(held, Masker.of(held.archive), held.rem.croisement)))
    shown = {str(row[0]) for row in book["Exigences"].iter_rows(min_row=2, min_col=2, max_col=2, values_only=True)}
    assert len(shown) == sum(counts)


def test_attestations_are_those_of_the_json(page: str, report: dict[str, Any]) -> None:
    rows = etree.HTML(page).xpath("//tr[starts-with(@id, 'attestation-')]")
    found = {row.get("id"): (shown(row.xpath("td/span")[0]), row.xpath("td[last()]/a/@href")) for row in rows}
    assert found == {a["ancre"]: (a["verdict"], [p["chemin"] for p in a["pieces"]]) for a in report["attestations"]}
    assert len(found) == 2


def test_evidence_holds_these_very_reports(campagne: Path, tmp_path: Path) -> None:
    path = seal(campagne, local_sealer(tmp_path / "cle.pem"), target=tmp_path / "preuves.zip").path
    with zipfile.ZipFile(path) as archive:
        names = {name.rpartition("/")[2]: name for name in archive.namelist()}
        assert {name: archive.read(names[name]) for name in REPORTS} == {n: (campagne / n).read_bytes() for n in REPORTS}
