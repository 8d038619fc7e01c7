"""The calls that a DUI makes to Pro Santé Connect, read from exchanges: one frozen view for each sort of call.

Those made to a second, ordinary provider (kinds ``fi.…``) give the same views.

What the provider knows and the wire does not say (state of a code, of a token, persona, tampering under way) is read in
the facts that the service recorded. Tokens are compared by fingerprint, never shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ..core.errors import Inconclusive
from ..core.exchange import Exchange, Reply, Request
from ..core.providers import provider
from .oauth import MAX_FORM, Params, basic_credentials, bearer, fingerprint, first, form, parameters

_PRESENTED = ("code", "access_token", "refresh_token", "token", "subject_token", "auth_req_id", "request_uri")
_PROVIDERS = ("psc.", "fi.")
_TOKEN_KINDS = (
    "psc.jeton.code",
    "psc.jeton.rafraichissement",
    "psc.jeton.ciba",
    "fi.jeton.code",
    "fi.jeton.rafraichissement",
)


@dataclass(frozen=True, slots=True)
class DiscoveryRequest:
    """A request for the configuration document: under the wallet's own name, or under the standard one."""

    id: str
    path: str
    standard: bool
    status: int


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What the browser brought to the authorization endpoint, and what the service did of it.

    ``params`` holds what the server of the DUI pushed ahead, when it did so (RFC 9126); ``front`` what the browser carried.
    """

    id: str
    path: str
    params: Params
    facts: Mapping[str, Any] = field(default_factory=dict)
    front: Params = ()

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
    request = _only(exchange, "psc.decouverte", "psc.decouverte-standard", "fi.decouverte")
    return DiscoveryRequest(exchange.id, request.path, exchange.kind != "psc.decouverte", _status(exchange))


@provider
def authorization_request(exchange: Exchange) -> AuthorizationRequest:
    """The view of an authorization request."""
    request = _only(exchange, "psc.autorisation", "fi.autorisation")
    front = parameters(request.query) + (form(request) if request.method == "POST" else ())
    facts = facts_of(exchange)
    pushed = tuple((str(name), str(value)) for name, value in facts.get("pousse", ()))
    return AuthorizationRequest(exchange.id, request.path, pushed + front, facts, front)


@provider
def token_request(exchange: Exchange) -> TokenRequest:
    """The view of a token call, whatever its grant."""
    request = _only(exchange, *_TOKEN_KINDS, "psc.jeton.autre", "fi.jeton.autre")
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
    _only(exchange, *_TOKEN_KINDS)
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
    request = _only(exchange, "psc.userinfo", "fi.userinfo")
    address = first(parameters(request.query), "access_token")
    token = bearer(request) or address or first(form(request), "access_token")
    return UserinfoRequest(exchange.id, _mark(token), bool(address), facts_of(exchange))


@provider
def logout_request(exchange: Exchange) -> LogoutRequest:
    """The view of an end of session."""
    request = _only(exchange, "psc.deconnexion", "fi.deconnexion")
    return LogoutRequest(exchange.id, parameters(request.query) + form(request), facts_of(exchange))


@provider
def psc_call(exchange: Exchange) -> PscCall:
    """The view common to all calls to a provider."""
    if not exchange.kind.startswith(_PROVIDERS):
        raise Inconclusive(f"l'échange {exchange.id} n'est pas un appel à un fournisseur d'identité")
    request = exchange.http
    pairs = parameters(request.query) + form(request)
    shown = [bearer(request)] + [value for key, value in pairs if key in _PRESENTED]
    return PscCall(
        id=exchange.id,
        kind=exchange.kind,
        status=_status(exchange),
        presents=frozenset(fingerprint(v) for v in shown if v),
        issues=frozenset(_mark(v) for v in _given(exchange) if v) | _posted_code(exchange),
        moment=exchange.times.logical.timestamp(),
        facts=facts_of(exchange),
    )


def _given(exchange: Exchange) -> list[object]:
    """What a reply handed to the client: the tokens of a token answer, the code with which the browser was sent back, the
    number of a CIBA request, the address of a pushed one."""
    kind = exchange.kind.partition(".")[2]
    if kind.startswith("jeton"):
        answer = json_answer(exchange)
        return [answer.get("access_token"), answer.get("refresh_token")]
    if kind in ("ciba", "par"):
        answer = json_answer(exchange)
        return [answer.get("auth_req_id"), answer.get("request_uri")]
    if kind in ("autorisation", "connexion") and exchange.reply is not None:
        return [_code_returned(exchange.reply)]
    return []


def _posted_code(exchange: Exchange) -> frozenset[str]:
    """The code of a return by a form that the browser posts: the service noted its fingerprint."""
    facts = facts_of(exchange)
    return frozenset((str(facts["code"]),)) if facts.get("mode") == "form_post" and facts.get("code") else frozenset()


def _code_returned(reply: Reply) -> str:
    """The code of a return by query or by fragment."""
    address = reply.header("location")
    return first(parameters(urlsplit(address).query) + parameters(urlsplit(address).fragment), "code")


def _mark(value: object) -> str:
    return fingerprint(value) if isinstance(value, str) and value else ""
