"""A proxy e-Santé of another: the DUI opens a session there for its user, sends API calls through it, and closes it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

import requests

from .alterations import Alterations, Couture
from .configuration import Certificat, ConfigurationEdc
from .edc import EN_PANNE, objet
from .edc_session import ApiIndisponible, ApiRefusee, AppelApi, Porteur, ReponseApi
from .regles import ReglesEdc
from .transport import Transport

COOKIE = "proxy_session_id"


class ClientProxy:
    """One session of the proxy per user, known by its cookie."""

    def __init__(
        self,
        configuration: ConfigurationEdc,
        transport: Transport,
        regles: ReglesEdc,
        alterations: Alterations,
        certificat: Certificat,
    ) -> None:
        self._configuration = configuration
        self._transport = transport
        self._regles = regles
        self._alterations = alterations
        self._certificat = certificat
        self._sessions: dict[str, dict[str, str]] = {}

    def signer(self, porteur: Porteur) -> ReponseApi:
        """Connect (the proxy says 304 when that is done already), then send the call."""
        session = self._connecter(porteur)
        corps = {
            "nationalId": porteur.identifiant,
            "clientID": self._configuration.client_id_psc,
            "proxy_session_id": session.get("proxy_session_id", ""),
            "session_state": session.get("session_state", ""),
        }
        cookie = session.get("proxy_session_id", "") if self._regles.presente_le_cookie else ""
        return self._appeler("POST", "/send/api-essai/signsessiondata", cookie, corps)

    def deconnecter(self, identifiant: str) -> None:
        """End the user's session at the proxy, if he has one."""
        session = self._sessions.get(self._cle(identifiant))
        if session is None or not self._regles.ferme_le_proxy:
            return
        del self._sessions[self._cle(identifiant)]
        self._appeler("DELETE", "/disconnect", session["proxy_session_id"])

    def abandonner(self, identifiant: str) -> None:
        """Forget the user's session at a proxy that cannot be told of it."""
        self._sessions.pop(self._cle(identifiant), None)

    def _cle(self, identifiant: str) -> str:
        return identifiant if self._regles.session_par_utilisateur else ""

    def _connecter(self, porteur: Porteur) -> Mapping[str, str]:
        cle = self._cle(porteur.identifiant)
        connue = self._sessions.get(cle, {})
        if connue and not self._regles.session_par_utilisateur:
            return connue
        corps = {
            "nationalId": porteur.identifiant,
            "bindingMessage": f"{secrets.randbelow(100):02d}",
            "clientId": self._configuration.client_id_psc,
            "channel": "MOBILE",
        }
        reponse = self._appeler("POST", "/connect", connue.get("proxy_session_id", ""), corps)
        if reponse.statut == requests.codes.not_modified and self._regles.comprend_la_reprise:
            return connue
        if reponse.statut != requests.codes.ok or "proxy_session_id" not in reponse.corps:
            raise ApiRefusee(f"Le proxy refuse la connexion ({reponse.statut}).")
        self._sessions[cle] = {nom: str(reponse.corps.get(nom, "")) for nom in ("proxy_session_id", "session_state")}
        return self._sessions[cle]

    def _appeler(self, methode: str, chemin: str, cookie: str, corps: dict[str, Any] | None = None) -> ReponseApi:
        entetes = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        appel = AppelApi(methode, self._configuration.proxy + chemin, entetes, dict(corps or {}))
        appel = self._alterations.passer(Couture.EDC_PROXY, appel)
        with self._transport.session("edc-proxy", self._certificat) as session:
            try:
                reponse = session.request(appel.methode, appel.url, headers=appel.entetes, json=appel.corps or None)
            except requests.RequestException as erreur:
                raise ApiIndisponible(f"Le proxy est injoignable ({type(erreur).__name__}).") from erreur
        if reponse.status_code in EN_PANNE:
            raise ApiIndisponible(f"Le proxy répond {reponse.status_code} : réessayez plus tard.")
        return ReponseApi(reponse.status_code, objet(reponse))
