"""The console in a real Chromium: what a screen reader and a keyboard find there, what ten thousand exchanges cost it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.core.journal import Event
from dui_conformance.drivers.manuel import Demande
from dui_conformance.reports.console.entretien import Entretien
from samples.axe import violations
from samples.console import Site, feed
from samples.pictures import CLIPPED, chromium
from samples.report import write_campaign

pytestmark = pytest.mark.browser

GESTE = Demande("geste", "Ouvrez le dossier et imprimez la prescription.", "imprimer_document", ("prescription", "session"),
                ("document.pdf",), 600.0)  # fmt: skip
QUESTION = Demande("question", "Le statut est-il affiché ?", delai=600.0, a_joindre="capture d'écran (PNG)", atteste="l'éditeur",
                   exigences=("INS-07",))  # fmt: skip
ROWS = 100
NEXT = "(was) => { const text = document.querySelector('#consigne .texte'); return text && text.innerText !== was; }"
REFUSED = "409 (Conflict)"
FOCUSED = "() => document.activeElement.id || document.activeElement.textContent"


def event(type: str, scenario: str = "", **data: Any) -> Event:
    return Event(0, type, {"logique": "2026-11-22T08:00:00+00:00"}, scenario, 1, data, "")


@pytest.fixture(scope="module")
def campagne(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_campaign(tmp_path_factory.mktemp("console") / "campagne")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def site(campagne: Path) -> Iterator[Site]:
    """A campaign under way: a scenario plays, those of the folder were played."""
    fil = feed(campagne)
    fil.turn(finie=False)
    fil.feed(event("scenario.debut", "dmp_essai.en_cours", titre="Un dépôt est attendu."))
    made = Site(campagne, fil)
    yield made
    made.desk.tableau.release()
    made.server.close()


@pytest.fixture
def page(request: pytest.FixtureRequest, browser: Any, site: Site) -> Iterator[Any]:
    """The page at one width, of a laptop or a tablet; nothing may be said on its console."""
    context = browser.new_context(viewport={"width": getattr(request, "param", 1280), "height": 900})
    opened = context.new_page()
    said: list[str] = []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.goto(site.server.url)
    opened.wait_for_selector("#echanges tr")
    yield opened
    context.close()
    assert [text for text in said if REFUSED not in text] == []


def told(page: Any, title: str) -> None:
    """Wait until the page says that."""
    page.get_by_role("heading", name=title, exact=True).wait_for()


def sound(page: Any) -> None:
    """Axe finds nothing, and nothing is wider than the page."""
    assert violations(page) == []
    assert page.evaluate(CLIPPED) == []
    width, available = page.evaluate("() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert width <= available


@pytest.mark.parametrize("page", [1280, 768], indirect=True)
def test_axe_finds_nothing_wrong_in_any_state(page: Any, site: Site) -> None:
    fil, tableau = site.desk.fil, site.desk.tableau
    fil.awaited("un dépôt au DMP", 45.0)
    page.get_by_text("Le banc attend : un dépôt au DMP").wait_for()
    told(page, "Le banc travaille")
    sound(page)
    tableau.order("pause", "")
    page.get_by_role("button", name="Reprendre").wait_for()
    sound(page)
    tableau.order("reprendre", "")
    tableau.ask(GESTE)
    told(page, "À vous : un geste dans le DUI")
    sound(page)
    page.locator("#echanges tr:has(.v-non-conforme) button").first.click()
    page.frame_locator("#cadre").locator("details.echange").wait_for()
    sound(page)
    tableau.ask(QUESTION)
    told(page, "À vous : un constat à attester")
    assert "capture d'écran (PNG)" in page.inner_text("#nom-pieces")
    sound(page)
    page.click("#fermer")
    fil.answered(site.desk.number())
    fil.turn(tenue=True)
    told(page, "Tous les scénarios sont joués")
    sound(page)
    fil.turn(tenue=False, finie=True, rapport=True)
    told(page, "Campagne terminée")
    sound(page)
    fil.turn(mode="exploration", rapport=False, finie=False, services=(("psc", "https://localhost:1/auth"),))
    told(page, "Le banc écoute")
    sound(page)


def test_a_demand_is_answered_with_the_keyboard_alone(page: Any, site: Site) -> None:
    site.desk.tableau.ask(GESTE)
    told(page, "À vous : un geste dans le DUI")
    page.keyboard.press("Home")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(FOCUSED))
        match reached[-1]:
            case "obs-prescription":
                page.keyboard.type("P-1")
            case "obs-session":
                page.keyboard.press("ArrowDown")
            case "message":
                page.keyboard.type("imprimé")
            case "Fait":
                page.keyboard.press("Enter")
                break
    assert reached[-5:] == ["obs-prescription", "obs-session", "message", "pieces", "Fait"]
    told(page, "Le banc travaille")
    (answer,) = site.desk.heard
    assert (answer.mot, answer.message, dict(answer.observations)) == (
        "fait",
        "imprimé",
        {"prescription": "P-1", "session": True},
    )
    assert page.evaluate(FOCUSED) == "titre-demande"


def test_the_stream_never_takes_the_focus_away(page: Any, site: Site) -> None:
    fil = site.desk.fil
    row = page.locator("#echanges button").first
    row.focus()
    name = page.evaluate(FOCUSED)
    fil.feed(event("requete", echange="E000900", service="dmp", genre="dmp.td2.1"))
    site.desk.tableau.ask(GESTE)
    told(page, "À vous : un geste dans le DUI")
    page.locator("#echanges tr", has_text="E000900").wait_for()
    assert page.evaluate(FOCUSED) == name
    again = page.locator("#scenarios .rejouer").first
    again.focus()
    label = again.get_attribute("aria-label")
    fil.feed(event("scenario.fin", "dmp_essai.en_cours", verdict="conforme", raison=""))
    page.locator("#scenarios li:has-text('en_cours') .v-conforme").wait_for()
    assert page.evaluate("() => document.activeElement.getAttribute('aria-label')") == label


def test_what_is_asked_and_what_happens_is_announced(page: Any, site: Site) -> None:
    assert page.get_attribute("#consigne", "aria-live") == "polite"
    for name in ("liaison", "attendu", "suite-pv"):
        assert page.get_attribute(f"#{name}", "role") == "status"
    assert page.get_attribute("#erreur", "role") == "alert"
    site.desk.tableau.ask(GESTE)
    page.get_by_role("button", name="Impossible").click()
    page.get_by_role("alert").get_by_text("Donnez la raison").wait_for()
    assert page.title().startswith("● ")
    assert "encore" in page.inner_text("#rebours")


def test_what_was_typed_comes_back_with_the_demand_that_another_interrupted(page: Any, site: Site) -> None:
    tableau = site.desk.tableau
    tableau.ask(GESTE)
    told(page, "À vous : un geste dans le DUI")
    page.fill("#message", "presque fini")
    tableau.ask(Demande("horloge", "Avancez l'horloge du DUI de 6 s.", delai=60.0))
    told(page, "À vous : l'horloge du DUI")
    assert page.input_value("#message") == ""
    page.click("#boutons button[value=fait]")
    told(page, "Le banc travaille")
    tableau.ask(GESTE)
    told(page, "À vous : un geste dans le DUI")
    assert page.input_value("#message") == "presque fini"


def test_an_exchange_opens_beside_and_closes_where_it_was_opened(page: Any, site: Site) -> None:
    page.locator("#echanges button").first.focus()
    name = page.evaluate(FOCUSED)
    page.keyboard.press("Enter")
    frame = page.frame_locator("#cadre")
    frame.locator("details.echange[open]").wait_for()
    assert page.evaluate(FOCUSED) == "titre-vue"
    page.keyboard.press("Escape")
    assert page.evaluate(FOCUSED) == name
    page.check("#constats")
    page.locator("#echanges tr:has(.v-conforme)").first.wait_for(state="detached")
    page.locator("#scenarios .voir").first.click()
    page.get_by_role("button", name="tout montrer").wait_for()


def test_a_page_that_reloads_shows_the_same(page: Any, site: Site) -> None:
    site.desk.tableau.ask(GESTE)
    told(page, "À vous : un geste dans le DUI")
    shown = "() => [document.querySelector('#scenarios').innerText, document.querySelector('#echanges').innerText]"
    before = page.evaluate(shown)
    page.reload()
    told(page, "À vous : un geste dans le DUI")
    assert page.evaluate(shown) == before


def test_the_questions_of_the_pv_are_put_one_by_one(page: Any, site: Site) -> None:
    made: list[dict[str, Any]] = []

    def write(answers: Any) -> str:
        made.append(dict(answers))
        return "Le PV est écrit."

    site.desk.tableau.interview = Entretien(site.desk.fil, write)
    site.desk.fil.turn(finie=True, rapport=True)
    page.get_by_role("button", name="Compléter le PV par questions").click()
    told(page, "Le PV, question par question")
    first = page.inner_text("#consigne .texte")
    page.fill("#message", "Réponse d'essai")
    page.click("#boutons button[value=suite]")
    page.wait_for_function(NEXT, arg=first)
    page.click("#boutons button[value=fin]")
    page.get_by_text("Le PV est écrit.").wait_for()
    assert "Réponse d'essai" in str(made)


def test_ten_thousand_exchanges_stay_a_hundred_lines_the_others_on_demand(browser: Any, campagne: Path) -> None:
    fil = feed(campagne)
    for rank in range(1, 10_001):
        fil.feed(event("requete", echange=f"E{rank:06d}", service="dmp", genre="dmp.td2.1"))
    site = Site(campagne, fil)
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.goto(site.server.url)
        page.wait_for_function("(n) => document.querySelectorAll('#echanges tr').length === n", arg=ROWS)
        for rank in range(10_001, 10_301):
            fil.feed(event("requete", echange=f"E{rank:06d}", service="dmp", genre="dmp.td2.1"))
        page.locator("#echanges tr", has_text="E010300").wait_for()
        assert page.locator("#echanges tr").count() == ROWS
        page.click("#anciens")
        page.locator("#echanges tr", has_text="E010200").wait_for()
        assert page.locator("#echanges tr").count() == ROWS
        fil.feed(event("requete", echange="E010301", service="dmp", genre="dmp.td2.1"))
        page.get_by_text("vous lisez les plus anciens").wait_for()
        assert page.locator("#echanges tr", has_text="E010301").count() == 0
        page.click("#direct")
        page.locator("#echanges tr", has_text="E010301").wait_for()
    finally:
        context.close()
        site.server.close()
