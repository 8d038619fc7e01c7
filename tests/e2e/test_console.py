"""A whole manual campaign played on the console, in a real Chromium, by a script: gestures, files, attestations, replays."""

from __future__ import annotations

import base64
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.core.archive import Archive
from dui_conformance.drivers.manuel import read_observations
from e2e.campaigns import Verdicts
from e2e.commands import Running, dui
from e2e.test_drivers import TOKEN, Bench, only, verdicts
from e2e.tester import ScriptedTester
from samples.pictures import chromium

pytestmark = pytest.mark.browser
SCENARIOS = (
    "fichiers_reporting.perimetre_d_utilisation",
    "insi_recherche.recherche_par_traits",
    "dmp_consultation_etats.dmp_ouvert_et_autorise",
    "psc_session.rafraichissement_du_jeton_d_acces",
)
CROSSED = "409 (Conflict)"
"""An answer that crossed a demand of the clock: refused, and said so on the page, which asks again."""
CAPTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
"""A picture of one point."""
SIGNED = {"par": "Camille Essai, référente DUI"}
FILES = {
    "PNG": {"name": "ecran.png", "mimeType": "image/png", "buffer": CAPTURE},
    "PDF": {"name": "document.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 essai"},
    "CSV": {"name": "tableau.csv", "mimeType": "text/csv", "buffer": b"a;b"},
    "": {"name": "ecran.png", "mimeType": "image/png", "buffer": CAPTURE},
}
"""What is attached, by a word of what is asked."""
ANSWER = """([number, word, message, noted]) => {
  const form = document.querySelector(`#reponse[data-numero="${number}"]`);
  if (!form) return false;
  for (const [name, value] of noted) {
    const box = form.querySelector(`[data-nom="${name}"]`);
    if (box) box.value = value;
  }
  form.querySelector('#message').value = message;
  form.querySelector(`button[value="${word}"]`).click();
  return true;
}"""
"""Fills the form at once and clicks, if what is answered is still what is asked; only what the gesture wants to know is asked."""
TURN = "#reponse:not([hidden]), #conclusion:not([hidden])"
"""It is the tester's turn."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench.make(tmp_path_factory.mktemp("console"))


@pytest.fixture
def daemon(bench: Bench) -> Iterator[Running]:
    with bench.daemon() as running:
        yield running


class BrowserTester(ScriptedTester):
    """Reads the page, does what it asks on the DUI, and fills the form."""

    def play(self, page: Any) -> list[str]:
        """Answer each demand until the reports are there; gives the instructions read."""
        read: list[str] = []
        page.wait_for_selector(TURN, timeout=60_000)
        while not page.is_visible("#conclusion"):
            number = page.get_attribute("#reponse", "data-numero")
            asked = f"→ {page.text_content('#consigne .texte')}"
            if read[-1:] != [asked]:
                read.append(asked)
            if page.locator("#boutons button[value=oui]").count():
                for name, value in SIGNED.items():
                    if page.locator(f"[data-nom='{name}']").count():
                        page.fill(f"[data-nom='{name}']", value)
                wanted = page.inner_text("#nom-pieces")
                page.set_input_files("#pieces", [next(file for word, file in FILES.items() if word in wanted)])
                page.fill("#message", "vu à l'écran")
                page.click("#boutons button[value=oui]")
            else:
                done, still = self.done(asked), page.get_attribute("#reponse", "data-numero") == number
                if not done or not still or not self._fill(page, number, asked):
                    continue  # under way, or something is asked meanwhile: this will be asked again
            page.wait_for_selector(f"#reponse:not([data-numero='{number}'])", state="attached", timeout=60_000)
            page.wait_for_selector(TURN, timeout=60_000)
        return read

    def _fill(self, page: Any, number: str, asked: str) -> bool:
        """Fill the form of that demand and send it; False when another took its place."""
        word, _, rest = self._begun[asked].result().partition(" ")
        message, observations = read_observations(rest)
        if "fichier" in observations:
            page.set_input_files("#pieces", str(observations.pop("fichier")))
        shown = {True: "oui", False: "non"}
        noted = [[name, shown[value] if isinstance(value, bool) else str(value)] for name, value in observations.items()]
        sent = bool(page.evaluate(ANSWER, [number, word, message, noted]))
        if sent:
            self.answer(asked)
        return sent


def entry(running: Running) -> str:
    """The address of the console."""
    return running.line("Console : ").removeprefix("Console : ")


def parted(found: Verdicts) -> tuple[Verdicts, list[str]]:
    """The verdicts of a campaign without what a person attested, and those of the attestations."""
    attested = [verdict for _, rows in found.values() for check, verdict in rows if check == "attestation"]
    kept = {name: (verdict, tuple(row for row in rows if row[0] != "attestation")) for name, (verdict, rows) in found.items()}
    return kept, attested


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


def settings(bench: Bench, url: str) -> str:
    """The dui.toml of the manual driver, made in another thread: the browser's driver has the event loop of this one."""
    with ThreadPoolExecutor() as apart:
        return apart.submit(bench.config, "manuel", url).result()


def campaign(
    bench: Bench, daemon: Running, browser: Any, scenarios: tuple[str, ...], sortie: str, codes: tuple[int, ...] = (0,)
) -> tuple[Path, list[str]]:
    """A campaign played on the page; gives its folder and the instructions that the tester read."""
    url = json.loads(daemon.line('"url"'))["url"]
    dui(bench.folder, "init", "--dossier", "modele")
    arguments = ["run", "--console", "--config", settings(bench, url), *only(scenarios), "--sortie", sortie]
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    with Running(bench.folder, *arguments) as running:
        page.goto(entry(running))
        tester = BrowserTester(running, url, TOKEN, bench.folder / "modele" / "jeu-d-essai.csv", bench.folder / sortie)
        read = tester.play(page)
        page.click("#conclure")
        page.wait_for_selector("#fin:not([hidden])", timeout=120_000)
        assert page.locator("#echanges tr").count()
        page.locator("#echanges tr button").first.click()
        frame = page.frame_locator("#cadre")
        frame.locator("details.echange").wait_for()
        page.click("#terminer")
        page.get_by_role("heading", name="Console fermée").wait_for()
        assert running.ended(60.0) in codes, running.out
    assert [line for line in said if CROSSED not in line] == [], said
    return bench.folder / sortie, read


def test_a_manual_campaign_is_played_on_the_page(bench: Bench, daemon: Running, browser: Any) -> None:
    folder, read = campaign(bench, daemon, browser, SCENARIOS, "page")
    played, attested = parted(verdicts(folder))
    assert played == parted(verdicts(bench.temoin(SCENARIOS)))[0]
    assert set(attested) == {"conforme"}
    assert len(read) > len(SCENARIOS)
    assert (folder / "pv.pdf").is_file()
    assert (folder / "preuves.zip").is_file()


def test_a_page_left_open_finds_again_a_campaign_that_was_killed_and_is_resumed(bench: Bench, browser: Any) -> None:
    arguments = ["--console", "--config", settings(bench, ""), *only(SCENARIOS[1:2]), "--sortie", "tuee"]
    page = browser.new_context().new_page()
    with Running(bench.folder, "run", *arguments) as first:
        page.goto(entry(first))
        page.wait_for_selector("#reponse:not([hidden])")
        asked = page.inner_text("#consigne .texte")
    page.get_by_text("Le banc est arrêté").wait_for()
    with Running(bench.folder, "run", "--reprendre", *arguments) as again:
        page.wait_for_selector("#liaison:empty", state="attached", timeout=60_000)
        page.wait_for_selector("#reponse:not([hidden])")
        assert page.inner_text("#consigne .texte") != asked  # other usagers, created by hand
        page.click("#passer")
        page.click("#conclure")
        page.click("#terminer", timeout=60_000)
        assert again.ended(60.0) == 0, again.out
    assert [verdict for verdict, _ in verdicts(bench.folder / "tuee").values()] == ["non teste"]


def test_serve_shows_on_the_same_page_what_calls_the_services(bench: Bench, browser: Any) -> None:
    page = browser.new_context().new_page()
    with Running(bench.folder, "serve", "--console", "--config", settings(bench, ""), "--sortie", "libre") as serving:
        page.goto(entry(serving))
        page.get_by_role("heading", name="Le banc écoute").wait_for()
        address = page.inner_text("#services dt:has-text('psc') + dd").strip()
        ours = ssl.create_default_context()
        ours.check_hostname, ours.verify_mode = False, ssl.CERT_NONE
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{address}/nulle-part", context=ours, timeout=10)
        page.locator("#echanges button").first.click()
        page.frame_locator("#cadre").get_by_text("/nulle-part").first.wait_for()
        assert not page.is_visible("#plan")
        assert serving.interrupt() == 0, serving.out


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_the_whole_campaign_is_played_on_the_page(bench: Bench, daemon: Running, browser: Any) -> None:
    folder, _ = campaign(bench, daemon, browser, (), "entiere", (0, 4))
    events = Archive(folder).events
    assert any(event.data.get("pieces") for event in events if event.type == "attestation")
    assert not [name for name, (verdict, _) in verdicts(folder).items() if verdict in ("non conforme", "erreur du harnais")]
