"""The pages of the reference DUI: what a browser sees, holds and may not do; then a real Chromium, from button to logout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests
from dui_conformance.mocks.dui.serveur_web import FIN, RETOUR, ServeurWeb
from dui_conformance.mocks.pki import Pki
from samples.banc_dui import Banc
from samples.pictures import chromium


class Site:
    """The services, the DUI, and its pages."""

    def __init__(self, pki: Pki) -> None:
        self.banc = Banc(pki)
        self.web = ServeurWeb(self.banc.dui)
        self.web.start()
        client = self.banc.psc.client
        self.banc.psc.client = replace(
            client,
            redirect_uris=(*client.redirect_uris, self.web.adresse + RETOUR),
            post_logout_redirect_uris=(*client.post_logout_redirect_uris, self.web.adresse + FIN),
        )
        self.ac = str(pki.ac)

    def browser(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.verify = self.ac
        return session

    def close(self) -> None:
        self.web.close()
        self.banc.close()


@pytest.fixture
def site(pki: Pki) -> Iterator[Site]:
    made = Site(pki)
    yield made
    made.close()


def log_in(site: Site, session: requests.Session, persona: str) -> requests.Response:
    """By the button of the DUI, with the persona ordered."""
    site.banc.psc.command("persona", {"id": persona})
    return session.post(site.web.adresse + "/connexion")


def test_the_button_leads_through_the_provider_and_back(site: Site) -> None:
    with site.browser() as session:
        assert "S’identifier avec Pro Santé Connect" in session.get(site.web.adresse).text
        page = log_in(site, session, "infirmiere-ehpad")
        assert "Bienvenue CAMILLE TESTEUR-SOIN" in page.text
        assert "compte-899700000001" in page.text


def test_the_browser_holds_no_token(site: Site) -> None:
    with site.browser() as session:
        page = log_in(site, session, "infirmiere-ehpad")
        held = [cookie.value or "" for cookie in session.cookies] + [page.text]
        issued = [jeton for reponse in site.banc.vu.reponses.values() for jeton in reponse.secrets if "." in jeton]
        assert len([jeton for jeton in issued if jeton.startswith("eyJ")]) >= 2
        assert not [jeton for jeton in issued for text in held if jeton in text]


def test_logout_ends_both_sessions(site: Site) -> None:
    with site.browser() as session:
        log_in(site, session, "infirmiere-ehpad")
        page = session.post(site.web.adresse + "/deconnexion")
        assert "Vous êtes déconnecté" in page.text
        assert "S’identifier" in session.get(site.web.adresse).text
    assert site.banc.vu.de("psc.deconnexion")
    assert all(each.ended for each in site.banc.psc.store.sessions.values())


def test_a_return_that_answers_no_demand_of_this_browser_exchanges_no_code(site: Site) -> None:
    with site.browser() as session, site.browser() as victim:
        site.banc.psc.command("persona", {"id": "infirmiere-ehpad"})
        away = session.post(site.web.adresse + "/connexion", allow_redirects=False)
        back = session.get(away.headers["Location"], allow_redirects=False).headers["Location"]
        assert "ne répond à aucune demande" in victim.get(back).text
        assert not site.banc.vu.de("psc.jeton.code")
        assert "Bienvenue" in session.get(back).text
        assert session.get(back).status_code == 200
        assert len(site.banc.vu.de("psc.jeton.code")) == 1


def test_another_browser_does_not_share_the_session(site: Site) -> None:
    with site.browser() as session, site.browser() as other:
        log_in(site, session, "infirmiere-ehpad")
        assert "S’identifier" in other.get(site.web.adresse).text
        other.post(site.web.adresse + "/deconnexion")
        assert "Bienvenue" in session.get(site.web.adresse).text


def test_work_situation_is_chosen_when_there_are_several(site: Site) -> None:
    with site.browser() as session:
        page = log_in(site, session, "medecin-multi").text
        choices = re.findall(r'name="rang" value="(\d)">([^<]*)', page)
        assert len(choices) >= 2
        cabinet = next(rank for rank, label in choices if "CABINET" in label)
        assert "secteur SA07" in session.post(site.web.adresse + "/situation", {"rang": cabinet}).text
        assert "Bienvenue" in session.post(site.web.adresse + "/situation", {"rang": "9"}).text


def test_one_situation_asks_nothing(site: Site) -> None:
    with site.browser() as session:
        assert 'name="rang"' not in log_in(site, session, "infirmiere-ehpad").text


def test_an_outage_is_told_on_the_page(site: Site) -> None:
    site.banc.psc.arm("indisponible", times=None)
    with site.browser() as session:
        page = session.post(site.web.adresse + "/connexion")
        assert (page.status_code, "Connexion impossible" in page.text) == (200, True)


@pytest.mark.parametrize("path", ["/inconnue", "/psc/retour", "/psc/retour?code=x&state=y"])
def test_nothing_that_a_stranger_asks_breaks_the_pages(site: Site, path: str) -> None:
    with site.browser() as session:
        assert session.get(site.web.adresse + path).status_code in (200, 404)
        assert session.post(site.web.adresse + path, data=b"\xff", headers={"Cookie": "dui=;;\x01"}).status_code == 200


@pytest.mark.browser
def test_chromium_logs_in_and_out_from_the_page_of_the_dui(site: Site) -> None:
    with chromium() as opened:
        context: Any = opened.new_context(ignore_https_errors=True, java_script_enabled=False)
        page = context.new_page()
        page.goto(site.web.adresse)
        page.click("text=S’identifier avec Pro Santé Connect")
        assert "Ceci est un simulateur" in page.inner_text("header")
        page.click("text=Camille TESTEUR-SOIN")
        page.wait_for_url(site.web.adresse + "/")
        assert page.inner_text("h1") == "Bienvenue CAMILLE TESTEUR-SOIN"
        assert all("eyJ" not in cookie["value"] for cookie in context.cookies(site.web.adresse))
        page.click("text=Se déconnecter")
        page.wait_for_url(site.web.adresse + FIN + "**")
        assert "Vous êtes déconnecté" in page.inner_text("body")
        context.close()
