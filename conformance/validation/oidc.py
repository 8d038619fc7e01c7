"""The calls that a DUI makes to Pro Santé Connect, read from exchanges: one frozen view for each sort of call.

What the provider knows and the wire does not say (state of a code, of a token, persona, tampering under way) is read in
the facts that the service recorded. Tokens are compared by fingerprint, never shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import Inconclusive
from ..core.exchange import Exchange, Request
from ..core.providers import provider
from .oauth import MAX_FORM, Params, basic_credentials, bearer, fingerprint, first, form, parameters

_PRESENTED = ("code", "access_token", "refresh_token", "token", "subject_token")


@dataclass(frozen=True, slots=True)
class DiscoveryRequest:
    """A request for the configuration document: under the wallet's own name, or under the standard one."""

    id: str
    path: str
    standard: bool
    status: int


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What the browser brought to the authorization endpoint, and what the service did of it."""

    id: str
    path: str
    params: Params
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return first(self.params, name)

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes asked for."""
        return frozenset(self["scope"].split())


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A call to the token endpoint. ``secret_in`` lists where a client secret travelled (``basic``, ``corps``, ``adresse``)."""

    id: str
    method: str
    params: Params
    query: Params
    origin: str
    content_type: str
    basic: tuple[str, str] | None
    certificate: bool
    tls: bool
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return first(self.params, name)

    @property
    def secret_in(self) -> tuple[str, ...]:
        """Where a client secret (or assertion) was presented."""
        body = bool(self["client_secret"] or self["client_assertion"])
        places = (("basic", self.basic is not None), ("corps", body), ("adresse", bool(first(self.query, "client_secret"))))
        return tuple(name for name, present in places if present)


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """A successful answer of the token endpoint, by fingerprints. ``defaut`` names the tampering of the id_token, if any."""

    id: str
    access: str
    refresh: str
    id_token: str
    acr: str
    kid: str
    defaut: str
    persona: str
    session: str
    moment: float


@dataclass(frozen=True, slots=True)
class UserinfoRequest:
    """A call to userinfo (or to introspection with the same token)."""

    id: str
    token: str
    token_in_address: bool
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogoutRequest:
    """A call to the end of session."""

    id: str
    params: Params
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return first(self.params, name)


@dataclass(frozen=True, slots=True)
class PscCall:
    """Any call to Pro Santé Connect: the code and tokens that it presented, those that it was given (fingerprints), and when
    (logical time)."""

    id: str
    kind: str
    status: int
    presents: frozenset[str]
    issues: frozenset[str]
    moment: float
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def defaut(self) -> str:
        """The tampering that the reply carried, ``""`` when it was sound."""
        return str(self.facts.get("defaut", ""))


def facts_of(exchange: Exchange) -> dict[str, Any]:
    """What the service and the recorder noted about an exchange."""
    own = dict(exchange.reply.facts) if exchange.reply is not None else {}
    return own | dict(exchange.facts)


def _only(exchange: Exchange, *kinds: str) -> Request:
    if exchange.kind not in kinds:
        raise Inconclusive(f"l'échange {exchange.id} n'est pas de la sorte {' ou '.join(kinds)}")
    return exchange.http


def _status(exchange: Exchange) -> int:
    return exchange.reply.status if exchange.reply is not None else 0


def json_answer(exchange: Exchange) -> dict[str, Any]:
    """The JSON object that was answered, ``{}`` when the answer is something else."""
    if exchange.reply is None or exchange.reply.body.size > MAX_FORM:
        return {}
    try:
        value = json.loads(exchange.reply.body.read())
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


@provider
def discovery_request(exchange: Exchange) -> DiscoveryRequest:
    """The view of a discovery."""
    request = _only(exchange, "psc.decouverte", "psc.decouverte-standard")
    return DiscoveryRequest(exchange.id, request.path, exchange.kind == "psc.decouverte-standard", _status(exchange))


@provider
def authorization_request(exchange: Exchange) -> AuthorizationRequest:
    """The view of an authorization request."""
    request = _only(exchange, "psc.autorisation")
    params = parameters(request.query) + (form(request) if request.method == "POST" else ())
    return AuthorizationRequest(exchange.id, request.path, params, facts_of(exchange))


@provider
def token_request(exchange: Exchange) -> TokenRequest:
    """The view of a token call, whatever its grant."""
    request = _only(exchange, "psc.jeton.code", "psc.jeton.rafraichissement", "psc.jeton.autre")
    return TokenRequest(
        id=exchange.id,
        method=request.method,
        params=form(request),
        query=parameters(request.query),
        origin=request.header("origin"),
        content_type=request.header("content-type"),
        basic=basic_credentials(request.header("authorization")),
        certificate=exchange.connection.client_der is not None,
        tls=exchange.connection.exercised,
        facts=facts_of(exchange),
    )


@provider
def token_response(exchange: Exchange) -> TokenResponse:
    """The view of tokens given."""
    _only(exchange, "psc.jeton.code", "psc.jeton.rafraichissement")
    answer, facts = json_answer(exchange), facts_of(exchange)
    if _status(exchange) != 200 or not answer.get("access_token"):
        raise Inconclusive(f"aucun jeton n'a été délivré par l'échange {exchange.id}")
    tokens = {name: _mark(answer.get(name)) for name in ("access_token", "refresh_token", "id_token")}
    return TokenResponse(
        id=exchange.id,
        access=tokens["access_token"],
        refresh=tokens["refresh_token"],
        id_token=tokens["id_token"],
        moment=exchange.times.logical.timestamp(),
        **{name: str(facts.get(name, "")) for name in ("acr", "kid", "defaut", "persona", "session")},
    )


@provider
def userinfo_request(exchange: Exchange) -> UserinfoRequest:
    """The view of a userinfo call."""
    request = _only(exchange, "psc.userinfo")
    address = first(parameters(request.query), "access_token")
    token = bearer(request) or address or first(form(request), "access_token")
    return UserinfoRequest(exchange.id, _mark(token), bool(address), facts_of(exchange))


@provider
def logout_request(exchange: Exchange) -> LogoutRequest:
    """The view of an end of session."""
    request = _only(exchange, "psc.deconnexion")
    return LogoutRequest(exchange.id, parameters(request.query) + form(request), facts_of(exchange))


@provider
def psc_call(exchange: Exchange) -> PscCall:
    """The view common to all calls to Pro Santé Connect."""
    if not exchange.kind.startswith("psc."):
        raise Inconclusive(f"l'échange {exchange.id} n'est pas un appel à Pro Santé Connect")
    request = exchange.http
    pairs = parameters(request.query) + form(request)
    shown = [bearer(request)] + [value for key, value in pairs if key in _PRESENTED]
    return PscCall(
        id=exchange.id,
        kind=exchange.kind,
        status=_status(exchange),
        presents=frozenset(fingerprint(v) for v in shown if v),
        issues=frozenset(_mark(v) for v in _given(exchange) if v),
        moment=exchange.times.logical.timestamp(),
        facts=facts_of(exchange),
    )


def _given(exchange: Exchange) -> list[object]:
    """The access and refresh tokens of a token answer, or the code with which the browser was sent back."""
    if exchange.kind.startswith("psc.jeton"):
        answer = json_answer(exchange)
        return [answer.get("access_token"), answer.get("refresh_token")]
    if exchange.kind in ("psc.autorisation", "psc.connexion") and exchange.reply is not None:
        return [first(parameters(exchange.reply.header("location").partition("?")[2]), "code")]
    return []


def _mark(value: object) -> str:
    return fingerprint(value) if isinstance(value, str) and value else ""
