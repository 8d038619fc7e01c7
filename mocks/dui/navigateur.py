"""The user's browser: it follows Pro Santé Connect from page to page until it is sent back to the DUI.

A real DUI opens the system's browser and has none of this; the reference DUI plays that part so that it runs alone.
"""

from __future__ import annotations

from urllib.parse import urljoin

import lxml.html
import requests

from .transport import Transport

_PAGES_MAX = 10


class NavigationImpossible(Exception):
    """The browser did not come back to the DUI; the message is for the user."""


class Navigateur:
    """``choix`` is what the user picks on the page where Pro Santé Connect asks who he is."""

    def __init__(self, transport: Transport, choix: str = "") -> None:
        self._transport = transport
        self._choix = choix

    def aller(self, url: str, retour: str) -> str:
        """Open ``url`` and follow until an address of the DUI, ``retour``; gives that whole address."""
        with self._transport.session("navigateur") as session:
            try:
                return self._suivre(session, session.get(url, allow_redirects=False), retour)
            except requests.RequestException as erreur:
                raise NavigationImpossible(f"Pro Santé Connect est injoignable ({type(erreur).__name__}).") from erreur

    def _suivre(self, session: requests.Session, reponse: requests.Response, retour: str) -> str:
        for _ in range(_PAGES_MAX):
            if reponse.is_redirect:
                suite = urljoin(reponse.url, reponse.headers["Location"])
                if suite.partition("?")[0] == retour:
                    return suite
                reponse = session.get(suite, allow_redirects=False)
                continue
            if reponse.status_code != requests.codes.ok:
                raise NavigationImpossible(f"Pro Santé Connect a répondu {reponse.status_code}.")
            reponse = self._remplir(session, reponse)
        raise NavigationImpossible("Pro Santé Connect renvoie de page en page sans fin.")

    def _remplir(self, session: requests.Session, reponse: requests.Response) -> requests.Response:
        """Choose the persona on the identity page and submit its form."""
        page = lxml.html.document_fromstring(reponse.content or b"<html/>")
        for formulaire in page.forms:
            for bouton in formulaire.iter("button"):
                if self._choix and self._choix in (bouton.get("value"), " ".join(bouton.text_content().split())):
                    champs = [*formulaire.form_values(), (bouton.get("name", ""), bouton.get("value", ""))]
                    return session.post(urljoin(reponse.url, formulaire.action or ""), data=champs, allow_redirects=False)
        raise NavigationImpossible(f"Pro Santé Connect ne propose pas l'identité « {self._choix} ».")
