"""The service: routes each request to what answers it, and obeys the orders of scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...core.errors import HarnessError
from ...core.exchange import Description, Key, Reply, Request
from ...core.service import ClientCertificate, Listener
from ...core.settings import Psc
from ...fixtures.personas import userinfo
from ...fixtures.professionals import professional_of
from ...validation.oauth import bearer, fingerprint, first, form
from ..service import BaseService
from .authorization import authorize, choose
from .faults import PANNES, TOKEN_PREFIX
from .grants import client_method, token
from .keys import KeyRing
from .messages import (
    AUTHORIZE,
    ISSUER,
    OIDC,
    REALM,
    STANDARD_DISCOVERY,
    WALLET,
    all_parameters,
    bearer_error,
    describe,
    error_page,
    json_reply,
    oauth_error,
    page,
    redirect,
)
from .state import Client, Session, Store, TokenKind
from .tokens import userinfo_token

REVOCABLE: tuple[TokenKind, ...] = ("acces", "rafraichissement")
ACR = ("eidas1", "eidas2", "eidas3", "")


class ProSanteConnect(BaseService):
    """The simulated provider. ``configure`` must be called with the public addresses before the first request.

    ``settings`` is ``[psc]`` of ``dui.toml`` with a non-empty secret; ``keys_file`` keeps the signing keys from one run
    to the next; ``strict`` also refuses what the real service is said to refuse and the default only reports.

    Orders: ``persona`` (id: national identifier or persona id, ``""``: the page asks), ``jeton`` (defaut: name of a token
    fault, ``""``: none), ``acr`` (valeur), ``userinfo`` (format: json or jwt), ``rotation-cles``,
    ``cles-precedentes`` (sign with the previous key again), ``fin-sessions``.
    """

    nom = "psc"
    listeners = (Listener(ISSUER, ClientCertificate.OPTIONNEL), Listener(WALLET))

    def __init__(self, settings: Psc, *, seed: int, keys_file: Path | None = None, strict: bool = False) -> None:
        super().__init__(PANNES)
        self.client = Client.of(settings)
        self.strict = strict
        self.keys: KeyRing = KeyRing(keys_file)
        self.store = Store(seed)
        self.configure({ISSUER: "https://localhost", WALLET: "https://localhost"})

    def configure(self, urls: Mapping[str, str]) -> None:
        """Tell the service its public addresses: base URL of each listener, without final slash."""
        self.issuer = urls[ISSUER].rstrip("/") + REALM
        self.endpoints = f"{urls[ISSUER].rstrip('/')}{OIDC}"
        self.wallet = urls[WALLET].rstrip("/") + AUTHORIZE

    def describe(self, listener: str, request: Request) -> Description:
        """Kind, keys and secrets of a request."""
        return describe(listener, request)

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        """Route; every reply says on which listener and under which kind it was given."""
        kind = describe(listener, request).kind
        reply = self._route(listener, kind, request, now)
        return replace(reply, facts={**reply.facts, "ecoute": listener})

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """Execute an order; raises ``HarnessError`` for an unknown one or a wrong value."""
        value = str(next(iter(arguments.values()), ""))
        options = self.store.options
        match nom:
            case "persona":
                options.persona = value and self._persona(value)
            case "jeton":
                self._token_fault(value)
            case "acr" if value in ACR:
                options.acr = value
            case "userinfo" if value in ("json", "jwt"):
                options.userinfo = "jwt" if value == "jwt" else "json"
            case "rotation-cles":
                self.keys.rotate()
            case "cles-precedentes":
                self.keys.restore()
            case "fin-sessions":
                for session in self.store.sessions.values():
                    session.ended = True
            case _:
                super().command(nom, arguments)

    def _persona(self, value: str) -> str:
        try:
            return professional_of(value).id
        except KeyError:
            raise HarnessError(f"identité inconnue du simulateur Pro Santé Connect : {value}") from None

    def _token_fault(self, defaut: str) -> None:
        known = [nom for nom in self.pannes if nom.startswith(TOKEN_PREFIX)]
        if defaut and TOKEN_PREFIX + defaut not in known:
            raise HarnessError(f"défaut de jeton inconnu : {defaut} (connus : {', '.join(known)})")
        for nom in known:
            self.disarm(nom)
        if defaut:
            self.arm(TOKEN_PREFIX + defaut, times=None)

    def _route(self, listener: str, kind: str, request: Request, now: datetime) -> Reply:
        if kind.startswith("psc.jeton"):
            return token(self, request, now)
        match kind:
            case "psc.decouverte" | "psc.decouverte-standard":
                return json_reply(
                    self.configuration(), facts={"nom": "standard" if request.path == STANDARD_DISCOVERY else "portefeuille"}
                )
            case "psc.autorisation" if listener == WALLET:
                return authorize(self, request, now)
            case "psc.connexion":
                return choose(self, request, now)
            case "psc.jwks":
                published = self.keys.jwks()
                return json_reply(published, facts={"kids": [key["kid"] for key in published["keys"]]})
            case "psc.userinfo":
                return self._userinfo(request, now)
            case "psc.introspection":
                return self._introspect(request, now)
            case "psc.revocation":
                return self._revoke(request, now)
            case "psc.deconnexion":
                return self._logout(request)
        return oauth_error("not_found", "aucune ressource à cette adresse", status=404)

    def configuration(self) -> dict[str, Any]:
        """The discovery document. ``acr_values_supported`` is as useless as the real one, on purpose."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.wallet,
            "token_endpoint": f"{self.endpoints}/token",
            "userinfo_endpoint": f"{self.endpoints}/userinfo",
            "introspection_endpoint": f"{self.endpoints}/token/introspect",
            "revocation_endpoint": f"{self.endpoints}/revoke",
            "end_session_endpoint": f"{self.endpoints}/logout",
            "jwks_uri": f"{self.endpoints}/certs",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "token_endpoint_auth_methods_supported": [
                "private_key_jwt",
                "client_secret_basic",
                "client_secret_post",
                "tls_client_auth",
                "client_secret_jwt",
            ],
            "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256", "HS256"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "scopes_supported": ["openid", "scope_all", "identity", "rpps", "referentiel", "acr", "profile"],
            "acr_values_supported": ["0", "0"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "userinfo_signing_alg_values_supported": ["RS256"],
            "tls_client_certificate_bound_access_tokens": True,
            "mtls_endpoint_aliases": {},
            "authorization_response_iss_parameter_supported": True,
        }

    def _userinfo(self, request: Request, now: datetime) -> Reply:
        presented = bearer(request) or first(all_parameters(request), "access_token")
        state, found = self.store.token_state(presented, now, "acces"), self.store.token(presented)
        facts: dict[str, Any] = {"jeton_etat": state, "jeton": fingerprint(presented) if presented else ""}
        if found is None or state != "valide" or not found.session.alive(now):
            return bearer_error("jeton absent, inconnu, expiré ou révoqué", facts)
        session = found.session
        session.seen = now
        facts |= {"persona": session.persona, "session": fingerprint(session.id), "format": self.store.options.userinfo}
        claims = userinfo(session.persona, session.sub)
        keys = (Key("ps", session.person_key),)
        if self.store.options.userinfo == "json":
            return replace(json_reply(claims, facts=facts), keys=keys)
        signed = userinfo_token(self.keys, self.client, self.issuer, claims, now)
        reply = json_reply({}, facts=facts, media="application/jwt")
        return replace(reply, body=replace(reply.body, data=signed.encode()), keys=keys, secrets=(signed,))

    def _introspect(self, request: Request, now: datetime) -> Reply:
        method = client_method(self, request, form(request))
        if method in ("aucune", "invalide"):
            return oauth_error("invalid_client", "authentification du client absente ou fausse", status=401)
        presented = first(form(request), "token")
        state, found = self.store.token_state(presented, now, *REVOCABLE), self.store.token(presented)
        facts = {"jeton_etat": state, "client_auth": method}
        if found is None or state != "valide" or not found.session.alive(now):
            return json_reply({"active": False}, facts=facts)
        claims = self.keys.verify(presented) or {}
        claims |= {"active": True, "client_id": self.client.id, "username": found.session.id_nat}
        if found.kind == "acces":
            claims["SubjectNameID"] = found.session.id_nat
        return json_reply(claims, facts={**facts, "persona": found.session.persona})

    def _revoke(self, request: Request, now: datetime) -> Reply:
        if client_method(self, request, form(request)) in ("aucune", "invalide"):
            return oauth_error("invalid_client", "authentification du client absente ou fausse", status=401)
        presented = first(form(request), "token")
        found = self.store.token(presented)
        facts = {"jeton_etat": self.store.token_state(presented, now, *REVOCABLE)}
        if found is not None:
            found.revoked = True
        return Reply(facts=facts)

    def _logout(self, request: Request) -> Reply:
        pairs = all_parameters(request)
        hint, target = first(pairs, "id_token_hint"), first(pairs, "post_logout_redirect_uri")
        session = self._hinted(hint)
        facts: dict[str, Any] = {
            "hint": "absent" if not hint else "valide" if session is not None else "invalide",
            "retour": self._logout_target(target),
        }
        if session is None:
            return error_page(
                "Session à fermer inconnue.", "Le paramètre id_token_hint doit porter l'id_token reçu.", facts=facts
            )
        facts |= {"persona": session.persona, "session": fingerprint(session.id)}
        session.ended = True
        if facts["retour"] == "inconnu":
            return error_page("Adresse de retour non enregistrée.", "Voir [psc] post_logout_redirect_uris.", facts=facts)
        if not target:
            return page("Vous êtes déconnecté", "<p>La session Pro Santé Connect simulée est fermée.</p>", facts=facts)
        return redirect(target, {"state": first(pairs, "state")}, facts=facts)

    def _hinted(self, hint: str) -> Session | None:
        """The session of an id_token of ours, even expired."""
        claims = self.keys.verify(hint) if hint else None
        if claims is None or claims.get("typ") != "ID":
            return None
        return self.store.sessions.get(str(claims.get("sid", "")))

    def _logout_target(self, target: str) -> str:
        if not target:
            return "absent"
        return "enregistre" if target in self.client.post_logout_redirect_uris else "inconnu"
