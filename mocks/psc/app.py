"""The service: routes each request to what answers it, and obeys the orders of scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...core.exchange import Description, Reply, Request
from ...core.people import Professionnel
from ...core.service import ClientCertificate, Listener
from ...core.settings import Psc, StructureDeTest
from ...fixtures.personas import userinfo as userinfo_of
from ...fixtures.professionals import professional_of
from ..pki.profiles import Organisation, org_auth_cli
from ..service import BaseService
from .authorization import authorize, choose
from .ciba import GRANT, backchannel, ciba_grant, telephone
from .client import Client, ClientKeys
from .discovery import configuration
from .faults import PANNES
from .grants import token
from .keys import KeyRing
from .messages import (
    AUTHORIZE,
    COOKIE,
    ISSUER,
    LOGIN,
    OIDC,
    REALM,
    STANDARD_DISCOVERY,
    WALLET,
    describe,
    json_reply,
    kind_of,
    oauth_error,
)
from .orders import obey
from .protected import introspect, logout, revoke, userinfo
from .pushed import push
from .state import Session, Store
from .tokens import SCOPE, psc_access, psc_identity, psc_refresh


class ProSanteConnect(BaseService):
    """The simulated provider. ``configure`` must be called with the public addresses before the first request.

    ``settings`` is ``[psc]`` of ``dui.toml`` with a non-empty secret; ``keys_file`` keeps the signing keys from one run to the
    next, ``client_keys`` those of the client (assertions, encrypted userinfo); ``dn`` is the subject of the client's TLS
    certificate (RFC 4514), by default that of the test PKI's ORG AUTH_CLI; ``strict`` also refuses what the real service is said
    to refuse and the default only reports. Orders: see :func:`dui_conformance.mocks.psc.orders.obey`.
    """

    nom = "psc"
    titre = "Pro Santé Connect"
    scope = SCOPE
    cookie = COOKIE
    login = LOGIN
    rotates = True
    listeners = (Listener(ISSUER, ClientCertificate.OPTIONNEL), Listener(WALLET))

    def __init__(
        self,
        settings: Psc,
        *,
        seed: int,
        keys_file: Path | None = None,
        client_keys: Path | None = None,
        dn: str = "",
        strict: bool = False,
    ) -> None:
        super().__init__(PANNES)
        self.client = Client(
            settings.client_id,
            settings.client_secret,
            settings.redirect_uris,
            settings.post_logout_redirect_uris,
            dn or client_dn(StructureDeTest()),
            ClientKeys(client_keys),
        )
        self.strict = strict
        self.keys: KeyRing = KeyRing(keys_file)
        self.store = Store(seed)
        self.now = datetime.fromtimestamp(0, UTC)
        self.configure({ISSUER: "https://localhost", WALLET: "https://localhost"})

    def configure(self, urls: Mapping[str, str]) -> None:
        """Tell the service its public addresses: base URL of each listener, without final slash."""
        self.base = urls[ISSUER].rstrip("/")
        self.issuer = self.base + REALM
        self.token_url = f"{self.base}{OIDC}/token"
        self.wallet = urls[WALLET].rstrip("/") + AUTHORIZE

    def describe(self, listener: str, request: Request) -> Description:
        """Kind, keys and secrets of a request."""
        return describe(listener, request)

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """Route; every reply says on which listener it was given, and which page called when a browser says so (Origin)."""
        self.now = now
        reply = self._route(listener, kind_of(listener, request), request, now)
        origin = request.header("origin")
        noted = {"ecoute": listener} | ({"origine": origin[:200]} if origin else {})
        return replace(reply, facts={**reply.facts, **noted})

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """Execute an order; raises ``HarnessError`` for an unknown one or a wrong value."""
        if not obey(self, nom, arguments):
            super().command(nom, arguments)

    def person(self, hint: str) -> Professionnel | None:
        """The professional whom a CIBA request names by his identifier."""
        try:
            return professional_of(hint)
        except KeyError:
            return None

    def access_token(self, session: Session, now: datetime, ends: datetime, bound: str) -> tuple[str, dict[str, Any]]:
        """A signed access token, and what it says."""
        claims = psc_access(self, session, now, ends, bound)
        return self.keys.sign(claims), claims

    def refresh_token(self, session: Session, now: datetime, ends: datetime) -> tuple[str, dict[str, Any]]:
        """A refresh token, sealed for the issuer alone as Keycloak does, and what it says."""
        claims = psc_refresh(self, session, now, ends)
        return self.keys.seal(claims), claims

    def identity_claims(self, session: Session, now: datetime) -> dict[str, Any]:
        """The claims of an id_token."""
        return psc_identity(self, session, now)

    def userinfo_claims(self, session: Session) -> dict[str, Any]:
        """The claims of the userinfo."""
        return userinfo_of(session.persona, session.sub)

    def _route(self, listener: str, kind: str, request: Request, now: datetime) -> Reply:
        if kind.startswith("psc.jeton"):
            return token(self, request, now, others={GRANT: ciba_grant})
        match kind:
            case "psc.decouverte" | "psc.decouverte-standard":
                name = "standard" if request.path == STANDARD_DISCOVERY else "portefeuille"
                return json_reply(configuration(self.issuer, self.base, self.wallet), facts={"nom": name})
            case "psc.autorisation" if listener == WALLET:
                return authorize(self, request, now)
            case "psc.connexion":
                return choose(self, request, now)
            case "psc.approbation":
                return telephone(self, request, now)
            case "psc.jwks":
                published = self.keys.jwks()
                return json_reply(published, facts={"kids": [key["kid"] for key in published["keys"]]})
            case "psc.userinfo":
                return userinfo(self, request, now)
            case "psc.introspection":
                return introspect(self, request, now)
            case "psc.revocation":
                return revoke(self, request, now)
            case "psc.deconnexion":
                return logout(self, request)
            case "psc.ciba":
                return backchannel(self, request, now)
            case "psc.par":
                return push(self, request, now)
        return oauth_error("not_found", "aucune ressource à cette adresse", status=404)


def client_dn(structure: StructureDeTest) -> str:
    """The subject (RFC 4514) of the ORG AUTH_CLI certificate that the test PKI makes for a structure."""
    organisation = Organisation(structure.nom, structure.finess_ej)
    return org_auth_cli(organisation, f"{structure.nom} AUTHENTIFICATION").subject.rfc4514_string()
