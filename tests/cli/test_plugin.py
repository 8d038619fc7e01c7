"""``pytest --dui dui.toml`` in an editor's own test suite: his scenarios and ours, his settings left as they are."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from e2e.commands import Ended, environment, python

MINE = '''
from dui_conformance.checks.oidc_session import login_opens_a_session
from dui_conformance.core.gestures.connexion import SeConnecter
from dui_conformance.scenarios.psc_appels import CODE
from dui_conformance.scenarios.psc_connexion import test_connexion_par_pro_sante_connect


def test_mon_ecran_de_connexion(c):
    """Notre écran de connexion ouvre une session."""
    geste = c.do(SeConnecter(c.professionnel("infirmiere-ehpad").id))
    c.require(login_opens_a_session, geste, c.psc.wait_for(CODE, after=geste))


def test_ce_qui_ne_va_pas(c):
    """Une attente que le DUI témoin déçoit."""
    geste = c.do(SeConnecter(c.professionnel("infirmiere-ehpad").id))
    c.observed(geste, "compte", equals="un-autre", pour=("PSC-03",))


def test_ordinaire():
    assert 1 + 1 == 2


def test_avec_ma_fixture(mienne):
    assert mienne == "à moi"
'''
CONFTEST = """
import pytest


@pytest.fixture(autouse=True)
def mienne():
    return "à moi"
"""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("editeur")
    (folder / "dui.toml").write_text('secteurs = ["PA"]\n', encoding="utf-8")
    (folder / "test_mon_dui.py").write_text(MINE, encoding="utf-8")
    (folder / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -ra -p no:randomly\nfilterwarnings = error\n", encoding="utf-8")
    return folder


def run_pytest(folder: Path, *arguments: str) -> Ended:
    return python(folder, "-m", "pytest", "-p", "no:cacheprovider", *arguments)


@pytest.fixture(scope="module")
def played(suite: Path) -> Ended:
    return run_pytest(suite, "--dui", "dui.toml", "--dui-sortie", "campagne", "--html", "page.html", "--self-contained-html")


def test_verdicts_are_pytest_outcomes(played: Ended) -> None:
    assert played.code == 1
    assert "1 failed, 4 passed" in played.out
    assert "non conforme : L'observation « compte » n'est pas celle attendue" in played.out


def test_the_campaign_has_its_reports(suite: Path, played: Ended) -> None:
    assert f"Rapport dui-conformance : {suite / 'campagne' / 'rapport.html'}" in played.out
    report = json.loads((suite / "campagne" / "rapport.json").read_text(encoding="utf-8"))
    assert report["terminee"]
    assert {s["id"]: s["verdict"] for s in report["scenarios"]} == {
        "psc_connexion.connexion_par_pro_sante_connect": "conforme",
        "test_mon_dui.mon_ecran_de_connexion": "conforme",
        "test_mon_dui.ce_qui_ne_va_pas": "non conforme",
    }


def test_rows_of_pytest_html_lead_to_the_report(suite: Path, played: Ended) -> None:
    page = (suite / "page.html").read_text(encoding="utf-8")
    anchor = "scenario-test_mon_dui.mon_ecran_de_connexion"
    assert f"{(suite / 'campagne' / 'rapport.html').as_uri()}#{anchor}" in page
    assert f'id="{anchor}"' in (suite / "campagne" / "rapport.html").read_text(encoding="utf-8")


def test_without_the_option_nothing_is_loaded(suite: Path) -> None:
    code = "import sys, pytest; pytest.main(['-q', '-k', 'ordinaire']); print(sorted(m for m in sys.modules if 'dui_conf' in m))"
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=suite, env=environment(), capture_output=True, text=True, check=False
    )
    loaded = ended.stdout.splitlines()[-1]
    assert "dui_conformance.plugin" in loaded
    assert "dui_conformance.cli" not in loaded


def test_it_works_without_pytest_html(suite: Path) -> None:
    ended = run_pytest(
        suite, "--dui", "dui.toml", "--dui-sortie", "sans-html", "-p", "no:html", "-p", "no:metadata", "-k", "ecran"
    )
    assert ended.code == 0, ended.out


OTHERS = '''
import pytest
from dui_conformance.core.gestures.connexion import SeConnecter
from dui_conformance.scenarios.psc_appels import CODE
from dui_conformance.checks.oidc_session import login_opens_a_session


@pytest.fixture
def qui():
    return "infirmiere-ehpad"


def joue(c, nom):
    geste = c.do(SeConnecter(c.professionnel(nom).id))
    c.require(login_opens_a_session, geste, c.psc.wait_for(CODE, after=geste))
    return geste


def test_avec_une_fixture(c, qui):
    joue(c, qui)


@pytest.mark.parametrize("nom", ["infirmiere-ehpad", "médecin inconnu"])
def test_parametre(c, nom):
    """Un professionnel qui existe, un autre qui n'existe pas."""
    joue(c, nom if nom == "infirmiere-ehpad" else "pharmacien")


class TestUneClasse:
    def test_dedans(self, c):
        joue(c, "medecin-multi")


def test_assertion(c):
    geste = joue(c, "infirmiere-ehpad")
    assert geste.observation("session") == "jamais"


@pytest.mark.xfail(strict=True, reason="défaut connu")
def test_echec_attendu(c):
    assert not joue(c, "infirmiere-ehpad")


def test_passe(c):
    pytest.skip("pas aujourd'hui")


@pytest.mark.choisi
def test_regle_rompue_avec_une_fixture(c, qui):
    geste = joue(c, qui)
    c.observed(geste, "compte", equals="un-autre", pour=("PSC-03",))
'''


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """A suite whose scenarios have other fixtures, parameters and assertions."""
    (tmp_path / "dui.toml").write_text('secteurs = ["PA"]\n', encoding="utf-8")
    (tmp_path / "test_autres.py").write_text(OTHERS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -p no:randomly\nmarkers = choisi\n", encoding="utf-8")
    return tmp_path


def verdicts(folder: Path) -> dict[str, str]:
    report = json.loads((folder / "rapport.json").read_text(encoding="utf-8"))
    return {s["id"].removeprefix("test_autres."): s["verdict"] for s in report["scenarios"]}


def test_each_test_that_asks_for_the_campaign_is_a_scenario_of_its_own(others: Path) -> None:
    ended = run_pytest(others, "--dui", "dui.toml", "--dui-sortie", "campagne", "--junitxml", "suite.xml", "-rs")
    assert "2 failed, 4 passed, 1 skipped, 1 xfailed" in ended.out
    assert verdicts(others / "campagne") == {
        "avec_une_fixture": "conforme",
        "parametre-infirmiere-ehpad": "conforme",
        "parametre-m-xe9decin-inconnu": "conforme",
        "TestUneClasse-dedans": "conforme",
        "assertion": "non conforme",
        "echec_attendu": "non conforme",
        "passe": "non teste",
        "regle_rompue_avec_une_fixture": "non conforme",
    }
    assert ">       assert geste.observation" in ended.out
    assert "passé par le test : pas aujourd'hui" in ended.out
    cases = ElementTree.parse(others / "suite.xml").getroot().iter("testcase")
    assert sum(1 for _ in cases) == 8


def test_the_campaign_holds_only_what_was_selected(others: Path) -> None:
    ended = run_pytest(others, "--dui", "dui.toml", "--dui-sortie", "campagne", "-m", "choisi")
    assert ended.code == 1
    assert verdicts(others / "campagne") == {"regle_rompue_avec_une_fixture": "non conforme"}


def test_listing_tests_opens_no_campaign(others: Path) -> None:
    ended = run_pytest(others, "--dui", "dui.toml", "--dui-sortie", "campagne", "--collect-only", "-q")
    assert ended.code == 0, ended.out
    assert "8 tests collected" in ended.out
    assert not (others / "campagne").exists()


def test_without_the_option_scenarios_are_skipped_and_say_so(others: Path) -> None:
    ended = run_pytest(others, "-rs")
    assert ended.code == 0, ended.out
    assert "8 skipped" in ended.out
    assert "joué avec --dui dui.toml" in ended.out


def test_a_fixture_of_the_user_that_bears_the_same_name_stays_his(others: Path) -> None:
    (others / "conftest.py").write_text("import pytest\n\n\n@pytest.fixture\ndef c():\n    return 3\n", encoding="utf-8")
    (others / "test_autres.py").write_text("def test_le_mien(c):\n    assert c == 3\n", encoding="utf-8")
    ended = run_pytest(others, "--dui", "dui.toml", "--dui-sortie", "campagne")
    assert ended.code == 0, ended.out
    assert verdicts(others / "campagne") == {}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--dui", "absent.toml"), "introuvable"),
        (("--dui", "dui.toml", "-n", "2"), "sans -n"),
    ],
)
def test_a_wrong_call_is_explained(suite: Path, arguments: tuple[str, ...], words: str) -> None:
    ended = run_pytest(suite, *arguments)
    assert ended.code == 4
    assert words in ended.out
    assert "Traceback" not in ended.out
