"""Pro Santé Connect as the DUI's own proxy calls it, for sessions that belong to its callers: login without browser (CIBA)."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from typing import Any

import requests

from .configuration import Certificat, ConfigurationPsc
from .edc import objet
from .psc_session import PscIndisponible
from .transport import Transport

CIBA = "urn:openid:params:grant-type:ciba"
ATTENTE = ("authorization_pending", "slow_down")
ESSAIS = 20


class ConnexionPscRefusee(Exception):
    """The professional is unknown, said no, or did not answer in time."""


class PscServeur:
    """A confidential client of Pro Santé Connect that holds no session itself."""

    def __init__(self, client: ConfigurationPsc, transport: Transport, certificat: Certificat) -> None:
        self._client = client
        self._transport = transport
        self._certificat = certificat
        self._base = f"{client.emetteur}/protocol/openid-connect"

    def connecter(self, identifiant: str, nombre: str, canal: str) -> Mapping[str, Any]:
        """The tokens of who validated; ``nombre`` is shown to him on both sides."""
        demande = {
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "binding_message": nombre,
            "login_hint": identifiant,
            "channel": canal,
        }
        recu = self._poster("/ext/ciba/auth", demande)
        if "auth_req_id" not in recu:
            raise ConnexionPscRefusee(f"connexion refusée par Pro Santé Connect ({recu.get('error', 'sans motif')})")
        for _ in range(ESSAIS):
            jetons = self._poster("/token", {"grant_type": CIBA, "auth_req_id": str(recu["auth_req_id"])})
            if "access_token" in jetons:
                return jetons
            if jetons.get("error") not in ATTENTE:
                break
            time.sleep(float(recu.get("interval", 5)))
        raise ConnexionPscRefusee(f"connexion refusée par Pro Santé Connect ({jetons.get('error', 'sans motif')})")

    def rafraichir(self, jeton: str) -> Mapping[str, Any]:
        """New tokens, without asking the user."""
        jetons = self._poster("/token", {"grant_type": "refresh_token", "refresh_token": jeton})
        if "access_token" not in jetons:
            raise ConnexionPscRefusee(f"session Pro Santé Connect terminée ({jetons.get('error', 'sans motif')})")
        return jetons

    def deconnecter(self, id_token: str) -> None:
        """End the session there, in the server's form of the call."""
        with self._transport.session("psc", self._certificat) as session:
            try:
                session.get(f"{self._base}/logout", params={"id_token_hint": id_token}, allow_redirects=False)
            except requests.RequestException as erreur:
                raise PscIndisponible(f"Pro Santé Connect est injoignable ({type(erreur).__name__}).") from erreur

    def _poster(self, chemin: str, formulaire: dict[str, str]) -> dict[str, Any]:
        couple = f"{self._client.client_id}:{self._client.client_secret}"
        entetes = {"Authorization": f"Basic {base64.b64encode(couple.encode()).decode()}"}
        with self._transport.session("psc", self._certificat) as session:
            try:
                reponse = session.post(self._base + chemin, data=formulaire, headers=entetes)
            except requests.RequestException as erreur:
                raise PscIndisponible(f"Pro Santé Connect est injoignable ({type(erreur).__name__}).") from erreur
        if reponse.status_code >= requests.codes.server_error:
            raise PscIndisponible(f"Pro Santé Connect a répondu {reponse.status_code}.")
        return objet(reponse)
