"""The report speaks the official ids: the REM that the journal holds, in every projection, with how sure each reference is."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from click.testing import CliRunner
from dui_conformance.catalogue import load
from dui_conformance.cli.main import cli
from dui_conformance.core.errors import InputError
from dui_conformance.core.verdict import Verdict
from dui_conformance.reports.build import build
from dui_conformance.reports.exports import write_exports
from dui_conformance.reports.masking import Masker
from dui_conformance.reports.model import CampaignModel, load_campaign
from dui_conformance.reports.rem.croisement import Choix, cross
from dui_conformance.reports.rem.enregistrement import RemCroise, rem_of_event
from dui_conformance.reports.rem.exportation import workbook
from dui_conformance.reports.sceau.cle import local_sealer
from dui_conformance.reports.sceau.ouverture import opened
from dui_conformance.reports.sceau.scelle import seal
from dui_conformance.validation.rem.classeur import read_rem
from lxml import etree
from openpyxl import load_workbook
from samples.pictures import CLIPPED, chromium
from samples.rem import SPOKEN, narrow, wide
from samples.report import write_campaign

COVERED = ("DMP-ALIM-04", "DMP-ALIM-08", "DMP-ALIM-17", "PSC-01")
CHOSEN = (
    Choix()
    .with_choice("DMP/DEP.07", "DMP-ALIM-17", yes=True)
    .with_choice("SSI/GEN.02 BIS", "PSC-10", yes=True)
    .with_choice("DMP/ALI/PROG.02", "DMP-ALIM-04", yes=True)
)
WORDS = {"confirmée": "confirmee", "catalogue": "vu", "proposée": "sens"}
References = Mapping[str, list[tuple[str, str]]]


def crossed(data: bytes, choix: Choix = CHOSEN) -> RemCroise:
    rem = read_rem("REM-DUI.xlsx", data)
    return RemCroise.of(rem, choix, cross(rem, load(), COVERED, choix))


@pytest.fixture(scope="module", params=[narrow, wide], ids=["etroit", "large"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign whose journal holds a REM of each layout, with its reports."""
    held = crossed(request.param(SPOKEN))
    made = write_campaign(tmp_path_factory.mktemp("officiel") / "campagne", held)
    build(made)
    return made


@pytest.fixture(scope="module")
def model(folder: Path) -> CampaignModel:
    return load_campaign(folder)


@pytest.fixture(scope="module")
def report(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "rapport.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def wanted(report: dict[str, Any]) -> References:
    """The references of each exigence as rapport.json gives them: the others must agree."""
    return {row["id"]: [(o["ref"], o["confiance"]) for o in row["officiel"]] for row in report["exigences"]}


@pytest.fixture(scope="module")
def tree(folder: Path) -> etree._Element:
    return etree.HTML((folder / "rapport.html").read_text(encoding="utf-8"))


def read(text: str) -> list[tuple[str, str]]:
    """``SC.DMP/DEP.07 (confirmée), …`` as pairs."""
    found = re.findall(r"(.+?) \((confirmée|catalogue|proposée)(?:, absente du REM)?\)(?:, |$)", text.replace("\u00a0", " "))
    return [(ref, WORDS[word]) for ref, word in found]


def words(node: etree._Element) -> str:
    return " ".join("".join(node.itertext()).split())


def test_what_each_reference_rests_on_is_said(wanted: References) -> None:
    assert wanted["DMP-ALIM-17"] == [("SC.DMP/DEP.07", "confirmee")]
    assert ("SC.SSI/GEN.02 BIS", "confirmee") in wanted["PSC-10"]
    assert wanted["DMP-ALIM-04"][0] == ("SC.DMP/ALI/PROG.02", "confirmee")
    assert ("DMP/va1.01", "vu") in wanted["DMP-ALIM-04"]
    assert ("sc.dmp / ali / prog.6", "vu") in wanted["DMP-ALIM-08"]
    assert ("SC.DMP/C0NF.10", "sens") in wanted["DMP-CONS-09"]
    assert ("SC.PSC.01", "vu") in wanted["PSC-01"]


def test_the_three_lists_are_on_the_page_with_their_verdicts(tree: etree._Element, report: dict[str, Any]) -> None:
    verdicts = {row["id"]: Verdict(row["verdict"]).libelle for row in report["exigences"]}
    for name, rows in (("couvertes", report["rem"]["couvertes"]), ("sans-scenario", report["rem"]["sans_test"])):
        shown = tree.xpath(f"//table[@id='rem-{name}']/tbody/tr")
        assert [words(tr[0]) for tr in shown] == [" ".join(row["ref"].split()) for row in rows]
        for tr, row in zip(shown, rows, strict=True):
            links = [a.get("href", "").removeprefix("#exigence-") for a in tr.xpath(".//a")]
            assert links == [*row["exigences"], *row["proposees"]]
            said = [words(each).split(maxsplit=1)[1] for each in tr.xpath(".//span[contains(@class, 'v-')]")]
            assert said == [verdicts[ours] for ours in row["exigences"]]
    absent = tree.xpath("//table[@id='rem-absentes']/tbody/tr/th")
    assert [words(th) for th in absent] == report["rem"]["absentes"]
    assert len(report["rem"]["couvertes"]) + len(report["rem"]["sans_test"]) == len(SPOKEN) - 1
    assert not tree.xpath("//script")


def test_page_csv_xlsx_markdown_and_pv_speak_the_same_references(
    folder: Path, model: CampaignModel, tree: etree._Element, wanted: References
) -> None:
    rows = tree.xpath("//tr[starts-with(@id, 'exigence-')]")
    page = {row.get("id", "")[9:]: [read(words(span)) for span in row.xpath(".//span[contains(@class, 'ref ')]")] for row in rows}
    assert {name: [pair for pairs in found for pair in pairs] for name, found in page.items()} == {
        name: [(" ".join(ref.split()), sure) for ref, sure in refs] for name, refs in wanted.items()
    }
    coverage = csv.DictReader((folder / "couverture.csv").read_text(encoding="utf-8-sig").splitlines(), delimiter=";")
    assert {row["exigence"]: read(row["references"].lstrip("'")) for row in coverage} == wanted
    masker = Masker.of(model.archive)
    table = write_exports("csv", model, masker)["exigences.csv"].decode("utf-8-sig")
    exported = csv.DictReader(io.StringIO(table), delimiter=";")
    assert {row["Exigence"]: read(row["Références"].lstrip("'")) for row in exported} == wanted
    book = load_workbook(io.BytesIO(write_exports("xlsx", model, masker)["rapport.xlsx"]))
    titles, *cells = book["Exigences"].iter_rows(values_only=True)
    at = titles.index("Références")
    assert {row[0]: read(str(row[at] or "").lstrip("'")) for row in cells} == wanted
    assert "SC.DMP/DEP.07 (confirmée)" in write_exports("markdown", model, masker)["rapport.md"].decode()
    with pikepdf.open(folder / "pv.pdf") as pdf:
        pv = json.loads(pdf.attachments["pv.json"].get_file().read_bytes())
    said = {
        row["id"]: [(ref, sure) for refs, sure in read(row["officiel"]) for ref in refs.split(", ")] for row in pv["conformite"]
    }
    assert said == {name: refs for name, refs in wanted.items() if name in said}
    assert "REM-DUI.xlsx" in dict(pv["groupes"][0][1])["Référentiel d'exigences (REM)"]


def test_findings_and_junit_name_the_references(folder: Path, model: CampaignModel, tree: etree._Element) -> None:
    cases = {
        case.get("name"): [(p.get("name"), p.get("value")) for p in case.iter("property")]
        for case in etree.fromstring((folder / "junit.xml").read_bytes()).iter("testcase")
    }
    assert ("reference-confirmee", "SC.DMP/DEP.07") in cases["depot_fautif"]
    assert ("exigence", "DMP-ALIM-17") in cases["depot_fautif"]
    articles = tree.xpath("//article[contains(@class, 'constat') and .//code[text()='dmp.vihf.role']]")
    assert any("SC.DMP/DEP.07 (confirmée)" in words(each) for each in articles)
    findings = write_exports("csv", model, Masker.of(model.archive))["constats.csv"].decode("utf-8-sig")
    role = [row for row in csv.DictReader(io.StringIO(findings), delimiter=";") if row["Contrôle"] == "dmp.vihf.role"]
    assert {row["Références"] for row in role} == {"SC.DMP/DEP.07 (confirmée)"}


def test_filters_find_a_confidence_and_a_domain(tree: etree._Element) -> None:
    (row,) = tree.xpath("//tr[@id='exigence-DMP-ALIM-17']")
    assert (row.get("data-r", "").split(), row.get("data-d", "").split()) == (["confirmee"], ["dmp"])
    labels = {legend.text: words(legend.getparent()) for legend in tree.xpath("//fieldset/legend")}
    assert "confirmée" in labels["Référence officielle"]
    assert "PSC" in labels["Domaine officiel"]
    assert re.search(r"\bSC \d", labels["Domaine officiel"]) is None
    style = "".join(tree.xpath("//style/text()"))
    assert "main:has(#fr-confirmee:checked)" in style


def test_an_archive_alone_gives_the_same_ids(folder: Path, tmp_path: Path, report: dict[str, Any]) -> None:
    sealed = seal(folder, local_sealer(tmp_path / "cle.pem"), target=tmp_path / "preuves.zip").path
    with opened(sealed) as (inside, _):
        build(inside)
        again = json.loads((inside / "rapport.json").read_text(encoding="utf-8"))
    assert again == report


def test_the_crossing_is_read_back_as_it_was_written() -> None:
    held, kept = crossed(narrow(SPOKEN)), {}
    event = held.as_event(lambda row: kept.setdefault("x", json.loads(json.dumps(row))) and "x")
    assert rem_of_event(event, kept.__getitem__) == held
    for broken in ({}, {**kept["x"], "schema": "autre"}, {**kept["x"], "couvertes": [1]}, [], None):
        with pytest.raises(InputError, match="altéré"):
            rem_of_event(event, {"x": broken}.__getitem__)


def test_a_refused_reference_is_no_longer_spoken() -> None:
    refused = CHOSEN.with_choice("PSC.01", "PSC-01", yes=False)
    rows = cross(read_rem("r.xlsx", wide(SPOKEN)), load(), COVERED, refused)
    from dui_conformance.reports.rem.officiel import official_references

    assert "SC.PSC.01" not in [o.ref for o in official_references(load(), rows)["PSC-01"]]


def test_a_campaign_without_rem_says_so_and_speaks_the_catalogue(campagne: Path, page: str) -> None:
    report = json.loads((campagne / "rapport.json").read_text(encoding="utf-8"))
    assert "rem" not in report
    assert {o["confiance"] for row in report["exigences"] for o in row["officiel"]} == {"vu", "sens"}
    assert "Aucun REM n'était chargé" in page


def test_a_rem_given_after_the_campaign_is_said_to_be(campagne: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(campagne, tmp_path / "ancienne")
    (tmp_path / "rem.xlsx").write_bytes(narrow(SPOKEN))
    assert CliRunner().invoke(cli, ["rem", "import", "rem.xlsx"]).exit_code == 0
    assert CliRunner().invoke(cli, ["rem", "confirmer", "SC.DMP/DEP.07", "DMP-ALIM-17"]).exit_code == 0
    told = CliRunner().invoke(cli, ["rapport", "ancienne", "--format", "csv", "--sortie", "x"])
    assert "jouée sans REM" in told.output
    told = CliRunner().invoke(cli, ["rapport", "ancienne", "--rem", ".dui-conformance/rem"])
    assert told.exit_code == 0, told.output
    report = json.loads((tmp_path / "ancienne" / "rapport.json").read_text(encoding="utf-8"))
    assert report["rem"]["apres"]
    assert "donné après la campagne" in (tmp_path / "ancienne" / "rapport.html").read_text(encoding="utf-8")
    found = json.loads(CliRunner().invoke(cli, ["catalogue", "--format", "json"]).output)
    role = next(row for row in found if row["id"] == "DMP-ALIM-17")
    assert role["officiel"] == [{"ref": "SC.DMP/DEP.07", "base": "REM", "confiance": "confirmee"}]
    assert "SC.DMP/DEP.07 (confirmée)" in CliRunner().invoke(cli, ["catalogue", "--systeme", "DMP"]).output


def test_the_folder_that_dui_toml_names_keeps_the_rem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dui.toml").write_text('[pieces]\nrem = "referentiel"\n', encoding="utf-8")
    (tmp_path / "rem.xlsx").write_bytes(wide(SPOKEN))
    assert "aucun REM dans" in CliRunner().invoke(cli, ["catalogue"]).output
    assert CliRunner().invoke(cli, ["rem", "import", "rem.xlsx"]).exit_code == 0
    assert (tmp_path / "referentiel" / "original").is_file()
    assert not (tmp_path / ".dui-conformance").exists()
    assert "n'a pas été rempli" in CliRunner().invoke(cli, ["catalogue", "--rem", "."]).output
    assert "SC.PSC.01 (catalogue)" in CliRunner().invoke(cli, ["catalogue", "--rem", "rem.xlsx"]).output


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_with_a_rem_clips_nothing_and_its_filters_find_a_domain(folder: Path, width: int) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": 1200})
        page.goto((folder / "rapport.html").as_uri())
        page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate(CLIPPED) == []
        page.check("#fd-psc")
        seen = page.locator("#matrice tbody tr:visible").evaluate_all("rows => rows.map(row => row.id)")
        assert "exigence-PSC-01" in seen
        assert "exigence-DMP-ALIM-17" not in seen
        page.check("#fd")
        page.check("#fr-confirmee")
        seen = page.locator("#matrice tbody tr:visible").evaluate_all("rows => rows.map(row => row.id)")
        assert sorted(seen) == ["exigence-DMP-ALIM-04", "exigence-DMP-ALIM-17", "exigence-PSC-10"]


def test_the_export_comes_from_the_journal_alone(model: CampaignModel) -> None:
    assert model.rem is not None
    book = load_workbook(io.BytesIO(workbook(model, Masker.of(model.archive), model.rem.croisement)))
    rows = [tuple(str(cell or "") for cell in row) for row in book["Exigences"].iter_rows(values_only=True)]
    (first, _) = [row for row in rows if row[1] == "SC.DMP/DEP.07"]
    assert "DMP-ALIM-17 : non conforme" in first[5]
    assert "rapport.html#verdict-" in first[5]
