"""``run``, as a user types it."""

from __future__ import annotations

import json
import random
import shutil
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from e2e.campaigns import verdicts
from e2e.commands import dui, python
from samples.pictures import CLIPPED, chromium

CRASH = str(Path(__file__).with_name("crash.py"))
SEED = 20261123
REPORTS = (
    "journal.jsonl",
    "rapport.html",
    "rapport.json",
    "junit.xml",
    "couverture.csv",
    "pv.pdf",
    "pytest.html",
    "services.json",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose own files and environment would change a pytest run."""
    folder = tmp_path_factory.mktemp("hostile")
    for name in ("mocks", "reports", "fixtures", "conformance"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("raise RuntimeError('not yours')\n")
    (folder / "conftest.py").write_text("raise RuntimeError('not yours')\n")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only --strict\n")
    return folder


@pytest.fixture(scope="module")
def whole(hostile: Path) -> tuple[Path, str]:
    """A whole campaign of the reference DUI in that folder: its folder and what was printed."""
    ended = dui(hostile, "run", "--sortie", "entiere", env={"PYTEST_ADDOPTS": "--co -x", "PYTEST_PLUGINS": "absent"})
    assert ended.code == 0, ended.out
    return hostile / "entiere", ended.out


def attested(scenario: dict[str, Any]) -> bool:
    """True for a scenario that holds forms only: nobody is there to answer those that its editor's file does not."""
    return {check["id"] for check in scenario["checks"]} == {"attestation"}


def test_every_applicable_scenario_of_the_reference_dui_is_conforme(whole: tuple[Path, str]) -> None:
    report = json.loads((whole[0] / "rapport.json").read_text(encoding="utf-8"))
    automatic = [s for s in report["scenarios"] if not attested(s)]
    assert Counter(s["verdict"] for s in automatic) == {"conforme": len(automatic)}
    assert len(automatic) >= 45
    left = {(s["verdict"], s["raison"].partition(" ")[0]) for s in report["scenarios"] if attested(s)}
    assert left == {("a examiner", "à"), ("non teste", "service")}
    assert report["terminee"]


def test_every_report_is_written_and_its_path_printed(whole: tuple[Path, str]) -> None:
    folder, out = whole
    for name in REPORTS:
        assert (folder / name).stat().st_size > 0, name
    assert str(folder / "rapport.html") in out
    assert str(folder / "pv.pdf") in out


def test_pytest_html_and_the_report_agree(whole: tuple[Path, str]) -> None:
    report = json.loads((whole[0] / "rapport.json").read_text(encoding="utf-8"))
    page = (whole[0] / "pytest.html").read_text(encoding="utf-8")
    html = (whole[0] / "rapport.html").read_text(encoding="utf-8")
    for scenario in report["scenarios"]:
        assert f"rapport.html#scenario-{scenario['id']}" in page
        assert f'id="scenario-{scenario["id"]}"' in html


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_the_report_of_a_whole_campaign_is_a_page_without_a_clipped_table(whole: tuple[Path, str], width: int) -> None:
    with chromium() as browser:
        page = browser.new_page(viewport={"width": width, "height": 1200})
        page.goto((whole[0] / "rapport.html").as_uri())
        assert len(page.screenshot()) > 30_000
        page.evaluate("() => document.querySelectorAll('details').forEach(d => d.open = true)")
        assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert page.evaluate(CLIPPED) == []
        text = page.inner_text("body").replace("\u00a0", " ")
    for expected in ("Rapport de conformité du DUI", "Répétition hors ligne", "DMP-ALIM-04", "note de vaccination", "TLSv1.2"):
        assert expected in text


def test_no_page_of_the_pv_of_a_whole_campaign_is_blank(whole: tuple[Path, str]) -> None:
    pdf = pypdfium2.PdfDocument(whole[0] / "pv.pdf")
    try:
        text = ""
        for page in pdf:
            text += page.get_textpage().get_text_bounded()
            bitmap = page.render(scale=1, grayscale=True)
            body = bytes(bitmap.buffer)[60 * bitmap.stride : -60 * bitmap.stride]
            assert sum(value < 110 for value in body) > 500
    finally:
        pdf.close()
    for expected in ("DMP-ALIM-04", "PSC-01", "INS-01", "simulateur", "brouillon – non signable", "PV-11"):
        assert expected in text


def test_a_conforme_check_rests_on_something_observed(whole: tuple[Path, str]) -> None:
    report = json.loads((whole[0] / "rapport.json").read_text(encoding="utf-8"))
    for scenario in (s for s in report["scenarios"] if not attested(s)):
        assert any(c["verdict"] == "conforme" and c["sujets"] for c in scenario["checks"]), scenario["id"]


def test_journal_lines_hold_no_secret_and_no_personal_value(whole: tuple[Path, str]) -> None:
    journal = (whole[0] / "journal.jsonl").read_text(encoding="utf-8")
    services = json.loads((whole[0] / "services.json").read_text(encoding="utf-8"))
    assert services["psc"]["client_secret"] not in journal
    for line in journal.splitlines():
        event = json.loads(line)
        if event["type"] == "usager":
            person = json.loads((whole[0] / "blobs" / event["fiche"]).read_text(encoding="utf-8"))
            assert person["nom_naissance"] not in journal
            for name in ("matricule", "matricule_insi"):
                assert not person[name] or person[name] not in journal


def test_rejuger_an_untouched_campaign_changes_nothing(whole: tuple[Path, str]) -> None:
    ended = dui(whole[0].parent, "rejuger", str(whole[0]), "--format", "json")
    assert ended.code == 0, ended.out
    assert json.loads(ended.out)["changements"] == []


def test_reports_written_again_are_the_same_bytes(whole: tuple[Path, str]) -> None:
    names = [n for n in REPORTS if n not in ("journal.jsonl", "pytest.html", "services.json")]
    before = {name: (whole[0] / name).read_bytes() for name in names}
    assert dui(whole[0].parent, "rapport", str(whole[0])).code == 0
    assert {name: (whole[0] / name).read_bytes() for name in names} == before


def test_an_altered_journal_is_refused(whole: tuple[Path, str], tmp_path: Path) -> None:
    copy = tmp_path / "copie"
    shutil.copytree(whole[0], copy)
    path = copy / "journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"verdict":"conforme"', b'"verdict":"sans objet"', 1))
    ended = dui(tmp_path, "rapport", str(copy))
    assert ended.code == 2
    assert "altéré" in ended.out


def test_a_fault_gives_exit_1_and_says_what_to_mend(hostile: Path) -> None:
    ended = dui(
        hostile, "run", "--seulement", "psc_connexion.connexion_par", "--defaut", "oidc-sans-acr-values", "--sortie", "faute"
    )
    assert ended.code == 1, ended.out
    assert "oidc.acr-values-eidas1" in ended.out
    assert "attendu" in ended.out
    assert "piste" in ended.out


def test_reference_makes_only_worse_verdicts_count(hostile: Path, whole: tuple[Path, str]) -> None:
    only = ("--seulement", "psc_connexion.connexion_par", "--defaut", "oidc-sans-acr-values")
    first = dui(hostile, "run", *only, "--sortie", "rouge")
    assert first.code == 1, first.out
    same = dui(hostile, "run", *only, "--sortie", "rouge2", "--reference", "rouge")
    assert same.code == 0, same.out
    worse = dui(hostile, "run", *only, "--sortie", "rouge3", "--reference", str(whole[0]))
    assert worse.code == 1, worse.out
    assert "moins bon qu'à la référence" in worse.out


def test_an_existing_campaign_is_never_overwritten(hostile: Path, whole: tuple[Path, str]) -> None:
    ended = dui(hostile, "run", "--sortie", str(whole[0]))
    assert ended.code == 2
    assert "contient déjà" in ended.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--secteurs", "EHPAD"), "secteur inconnu"),
        (("run", "--seulement", "NIMPORTE"), "ni une exigence"),
        (("run", "--defaut", "nimporte"), "défaut inconnu"),
        (("run", "--config", "absent.toml"), "introuvable"),
        (("run", "--reprendre"), "aucune campagne interrompue"),
        (("rapport", "."), "n'est pas une campagne"),
        (("rejuger", "."), "n'est pas une campagne"),
        (("catalogue", "--systeme", "xyz"), "inconnu"),
    ],
)
def test_a_wrong_call_is_explained_and_exits_2(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    ended = dui(tmp_path, *arguments)
    assert ended.code == 2, ended.out
    assert words in ended.out
    assert "Traceback" not in ended.out


def test_machine_lists_are_bare_arrays(tmp_path: Path) -> None:
    for command, keys in (
        (
            "catalogue",
            {"id", "enonce", "secteurs", "systeme", "preuve", "auto", "officiel", "scenarios", "attestation", "raison"}
            | {"voie", "formulaires"},
        ),
        ("defauts", {"nom", "description", "check", "exigences", "secteurs", "effet", "document"}),
        ("pannes", {"service", "nom", "description", "exigences"}),
    ):
        rows = json.loads(dui(tmp_path, command, "--format", "json").out)
        assert set(rows[0]) == keys


def test_sectors_select_scenarios(hostile: Path) -> None:
    ended = dui(hostile, "run", "--secteurs", "AHI", "--sortie", "ahi", "--seulement", "psc_connexion")
    assert ended.code == 0, ended.out
    report = json.loads((hostile / "ahi" / "rapport.json").read_text(encoding="utf-8"))
    assert {e["verdict"] for e in report["exigences"] if e["id"] == "VAC-01"} == {"sans objet"}


@pytest.mark.timeout(900)
def test_a_whole_campaign_killed_once_resumes_to_the_same_verdicts(whole: tuple[Path, str], tmp_path: Path) -> None:
    """``kill -9`` of a whole campaign, between a request and its response, then ``run --reprendre``."""
    lines = (whole[0] / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    requests = sum(json.loads(line)["type"] == "requete" for line in lines)
    moment = random.Random(SEED).randrange(requests // 4, 3 * requests // 4)
    order = {"argv": ["run", "--sortie", "tuee"], "cwd": str(tmp_path), "mort": ["requete", moment]}
    killed = json.loads(python(tmp_path, CRASH, stdin=json.dumps(order) + "\n").out)
    assert killed["code"] == -signal.SIGKILL, killed["out"]
    ended = dui(tmp_path, "run", "--reprendre", "--sortie", "tuee")
    assert ended.code == 0, ended.out
    assert verdicts(tmp_path / "tuee") == verdicts(whole[0])
