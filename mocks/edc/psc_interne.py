"""Pro Santé Connect as the espace de confiance calls it: the same service, in process, by its public protocol.

These calls belong to the simulator, not to the DUI: they are not recorded. A lock is taken at Pro Santé Connect while that of
the espace de confiance is held, never the other way round.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from ...core.exchange import Body, Connection, Reply, Request
from ...core.settings import Psc
from ..psc.messages import ISSUER, OIDC

POLLS = 4
CIBA = "urn:openid:params:grant-type:ciba"


class PscInjoignable(Exception):
    """Pro Santé Connect did not answer, or not in its protocol."""


class ConnexionRefusee(Exception):
    """The professional is unknown, said no, or never answered; ``str`` is the OAuth error."""


class Fournisseur(Protocol):
    """The part of a service that is needed to call it."""

    def handle(self, listener: str, request: Request, now: datetime) -> Reply:
        """Answer a request."""


@dataclass(frozen=True, slots=True)
class Jetons:
    """What a login at Pro Santé Connect gave."""

    acces: str
    rafraichissement: str
    identite: str
    session_state: str
    expire: datetime


class PscInterne:
    """A confidential client of Pro Santé Connect."""

    def __init__(self, service: Fournisseur, client: Psc) -> None:
        self._service = service
        self._client = client

    def introspect(self, token: str, now: datetime) -> Mapping[str, Any] | None:
        """The claims of a token that lives and is an access token; None otherwise. Raises ``PscInjoignable``."""
        status, answer = self._post("/token/introspect", {"token": token}, now)
        if status != 200:
            raise PscInjoignable(f"Pro Santé Connect a répondu {status} à l'introspection")
        return answer if answer.get("active") is True and answer.get("SubjectNameID") else None

    def connecter(self, identifiant: str, nombre: str, canal: str, now: datetime) -> Jetons:
        """A login without browser (CIBA), validated by the simulator in the professional's place."""
        asked = {
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "binding_message": nombre,
            "login_hint": identifiant,
            "channel": canal,
        }
        status, answer = self._post("/ext/ciba/auth", asked, now)
        if status != 200:
            raise self._refus(status, answer)
        interval = answer.get("interval", 5)
        wait = timedelta(seconds=interval if isinstance(interval, int) else 5)
        poll = {"grant_type": CIBA, "auth_req_id": str(answer.get("auth_req_id", ""))}
        for rank in range(1, POLLS + 1):
            status, answer = self._post("/token", poll, now + rank * wait)
            if status == 200:
                return _jetons(answer, now)
            if answer.get("error") not in ("authorization_pending", "slow_down"):
                raise self._refus(status, answer)
        raise ConnexionRefusee("expired_token")

    def rafraichir(self, jetons: Jetons, now: datetime) -> Jetons:
        """New tokens; raises ``ConnexionRefusee`` when the session is over."""
        status, answer = self._post("/token", {"grant_type": "refresh_token", "refresh_token": jetons.rafraichissement}, now)
        if status != 200:
            raise self._refus(status, answer)
        return _jetons(answer, now)

    def deconnecter(self, jetons: Jetons, now: datetime) -> None:
        """End the session, in the server-side form of the call."""
        target = f"{OIDC}/logout?id_token_hint={quote(jetons.identite)}"
        self._service.handle(ISSUER, Request("GET", target, (), Body(), Connection(id="interne", exercised=False)), now)

    def _refus(self, status: int, answer: Mapping[str, Any]) -> Exception:
        if status >= 500 or "error" not in answer:
            return PscInjoignable(f"Pro Santé Connect a répondu {status}")
        return ConnexionRefusee(str(answer["error"]))

    def _post(self, path: str, fields: Mapping[str, str], now: datetime) -> tuple[int, dict[str, Any]]:
        pair = f"{quote(self._client.client_id)}:{quote(self._client.client_secret)}"
        headers = (
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"),
        )
        body = Body(urlencode(fields, errors="replace").encode())
        reply = self._service.handle(ISSUER, Request("POST", f"{OIDC}{path}", headers, body, Connection(id="interne")), now)
        gone = reply.delivery.close or reply.delivery.reset or reply.delivery.hang
        if gone:
            raise PscInjoignable("Pro Santé Connect n'a pas répondu")
        try:
            answer = json.loads(reply.body.read())
        except ValueError:
            raise PscInjoignable(f"réponse {reply.status} de Pro Santé Connect illisible") from None
        if not isinstance(answer, dict):
            raise PscInjoignable("réponse de Pro Santé Connect inattendue")
        return reply.status, answer


def _jetons(answer: Mapping[str, Any], now: datetime) -> Jetons:
    lifetime = answer.get("expires_in", 0)
    return Jetons(
        acces=str(answer.get("access_token", "")),
        rafraichissement=str(answer.get("refresh_token", "")),
        identite=str(answer.get("id_token", "")),
        session_state=str(answer.get("session_state", "")),
        expire=now + timedelta(seconds=lifetime if isinstance(lifetime, int) else 0),
    )
