"""The service: an ordinary OpenID Connect provider, made of the parts of the simulated Pro Santé Connect."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ...core.exchange import Description, Reply, Request
from ...core.service import Listener
from ...core.settings import Fi
from ...fixtures.professionals import professionals
from ..psc.authorization import authorize, choose
from ..psc.client import Client
from ..psc.grants import token
from ..psc.keys import KeyRing
from ..psc.messages import json_reply, oauth_error
from ..psc.orders import obey_any
from ..psc.protected import logout, userinfo
from ..psc.state import Lifetimes, Session, Store
from ..service import BaseService
from .faults import PANNES
from .messages import COOKIE, ISSUER, LOGIN, SCOPE, configuration, describe, kind_of

LIFETIMES = Lifetimes(
    access=timedelta(minutes=5), refresh=timedelta(hours=1), session=timedelta(hours=10), idle=timedelta(hours=1)
)


class FournisseurOrdinaire(BaseService):
    """The simulated provider of an establishment: standard discovery, ES256, opaque access tokens, no ``acr``, no rotation of
    refresh tokens, and a directory of its own.

    ``rpps`` is the 11-digit RPPS number (the national identifier without its leading ``8``), absent for who has none;
    ``preferred_username`` is the persona's id, ``sub`` an identifier that means nothing elsewhere. Orders: ``persona``,
    ``rotation-cles``, ``cles-precedentes``, ``fin-sessions``.
    """

    nom = "fi"
    titre = "Fournisseur d’identité de l’établissement"
    scope = SCOPE
    cookie = COOKIE
    login = LOGIN
    rotates = False
    listeners = (Listener(ISSUER),)

    def __init__(self, settings: Fi, *, seed: int, keys_file: Path | None = None, strict: bool = False) -> None:
        super().__init__(PANNES)
        self.client = Client(
            settings.client_id, settings.client_secret, settings.redirect_uris, settings.post_logout_redirect_uris
        )
        self.strict = strict
        self.keys = KeyRing(keys_file, "ES256")
        self.store = Store(seed, LIFETIMES)
        self.store.options.acr = ""
        self.now = datetime.fromtimestamp(0, UTC)
        self.configure({ISSUER: "https://localhost"})

    def configure(self, urls: Mapping[str, str]) -> None:
        """Tell the service its public address, without final slash."""
        self.issuer = urls[ISSUER].rstrip("/")
        self.token_url = f"{self.issuer}/token"

    def describe(self, listener: str, request: Request) -> Description:
        """Kind, keys and secrets of a request."""
        return describe(request)

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """Route; every reply says which page called, when a browser says so (Origin)."""
        self.now = now
        reply = self._route(kind_of(request), request, now)
        origin = request.header("origin")
        return replace(reply, facts={**reply.facts, "ecoute": listener, **({"origine": origin[:200]} if origin else {})})

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """Execute an order; raises ``HarnessError`` for an unknown one or a wrong value."""
        if not obey_any(self, nom, str(next(iter(arguments.values()), ""))):
            super().command(nom, arguments)

    def access_token(self, session: Session, now: datetime, ends: datetime, bound: str) -> tuple[str, dict[str, Any]]:
        """An opaque access token: only this provider reads it."""
        return self.store.opaque(now, "acces"), {}

    def refresh_token(self, session: Session, now: datetime, ends: datetime) -> tuple[str, dict[str, Any]]:
        """An opaque refresh token."""
        return self.store.opaque(now, "rafraichissement"), {}

    def identity_claims(self, session: Session, now: datetime) -> dict[str, Any]:
        """The claims of an id_token: what the standard asks, and who."""
        claims = {
            "iss": self.issuer,
            "aud": self.client.id,
            "exp": int((now + LIFETIMES.access).timestamp()),
            "iat": int(now.timestamp()),
            "auth_time": int(session.started.timestamp()),
            "typ": "ID",
            "sid": session.id,
            **_who(session),
        }
        return claims | ({"nonce": session.nonce} if session.nonce else {})

    def userinfo_claims(self, session: Session) -> dict[str, Any]:
        """The claims of the userinfo."""
        person = professionals()[session.persona]
        names = {"family_name": person.nom, "given_name": person.prenom, "name": f"{person.prenom} {person.nom}"}
        return _who(session) | names | {"email": f"{person.id}@etablissement.invalid", "email_verified": True}

    def _route(self, kind: str, request: Request, now: datetime) -> Reply:
        if kind.startswith("fi.jeton"):
            return token(self, request, now)
        match kind:
            case "fi.decouverte":
                return json_reply(configuration(self.issuer), facts={"nom": "standard"})
            case "fi.autorisation":
                return authorize(self, request, now)
            case "fi.connexion":
                return choose(self, request, now)
            case "fi.jwks":
                published = self.keys.jwks()
                return json_reply(published, facts={"kids": [key["kid"] for key in published["keys"]]})
            case "fi.userinfo":
                return userinfo(self, request, now)
            case "fi.deconnexion":
                return logout(self, request)
        return oauth_error("not_found", "aucune ressource à cette adresse", status=404)


def _who(session: Session) -> dict[str, Any]:
    person = professionals()[session.persona]
    sub = str(uuid.uuid5(uuid.NAMESPACE_URL, f"fournisseur-ordinaire/{person.id}"))
    return {"sub": sub, "preferred_username": person.id} | ({"rpps": person.id_nat[1:]} if person.id_nat else {})
