"""The espace de confiance, read from exchanges: token exchange, calls of the protected API, sessions of a proxy e-Santé.

What the services know and the wire does not say (state and age of a token, whom it names) is read in the facts that they
recorded. Tokens are compared by fingerprint, never shown.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import Inconclusive
from ..core.exchange import Body, Exchange, Request
from ..core.providers import provider
from .oauth import MAX_FORM, Params, basic_credentials, bearer, fingerprint, first, form, parameters
from .oidc import facts_of, json_answer

COOKIE = "proxy_session_id"
JETON = ("edc.echange", "edc.jeton.rafraichissement", "edc.jeton.autre")
API = ("edc.api.signature",)
PROXY = ("edc.proxy.connect", "edc.proxy.send", "edc.proxy.disconnect", "edc.proxy.traces")


@dataclass(frozen=True, slots=True)
class TokenExchange:
    """A call to the token endpoint of the authorization server. ``secret_in`` lists where a client secret travelled."""

    id: str
    params: Params
    secret_in: tuple[str, ...]
    status: int
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return first(self.params, name)

    @property
    def subject_is_id_token(self) -> bool:
        """True when the subject token says of itself that it is an ID token."""
        return _jwt_claims(Body(self["subject_token"].encode("utf-8", "replace"))).get("typ") == "ID"


@dataclass(frozen=True, slots=True)
class ApiCall:
    """A call to the protected test API. ``token`` is the fingerprint of what it presented, wherever that was."""

    id: str
    token: str
    in_address: bool
    body: Mapping[str, Any]
    signature: str
    status: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EdcCall:
    """Any call to the espace de confiance: what it presented and was given (fingerprints), the certificate that carried it, and
    when (logical time)."""

    id: str
    kind: str
    status: int
    presents: str
    issues: str
    certificate: str
    exercised: bool
    moment: float
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def exchange(self) -> bool:
        """True for a token exchange or a refresh."""
        return self.kind in JETON

    @property
    def panne(self) -> str:
        """The misbehaviour of the service that this call met, ``""`` when it was sound."""
        return str(self.facts.get("panne", ""))


@dataclass(frozen=True, slots=True)
class ProxyCall:
    """A call of the DUI to the example proxy. ``cookie`` and ``opened`` are fingerprints of the session presented and given."""

    id: str
    kind: str
    method: str
    path: str
    body: Mapping[str, Any]
    cookie: str
    opened: str
    status: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProfessionalIdentity:
    """What Pro Santé Connect said of the professional: national identifier, codes of his professions, identifiers of his
    structures (``1`` and a FINESS, as a VIHF states them)."""

    id: str
    identifier: str
    professions: frozenset[str]
    structures: frozenset[str]


def cookie_of(header: str, name: str = COOKIE) -> str:
    """The value of a cookie in a ``Cookie`` (or at the head of a ``Set-Cookie``) header, ``""`` when absent."""
    pairs = (part.strip().partition("=") for part in header.split(";"))
    return next((value for key, _, value in pairs if key == name), "")


def json_object(body: Body) -> dict[str, Any]:
    """The JSON object of a message, ``{}`` for anything else."""
    if body.size > MAX_FORM:
        return {}
    try:
        value = json.loads(body.read())
        json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _only(exchange: Exchange, kinds: tuple[str, ...]) -> Request:
    if exchange.kind not in kinds:
        raise Inconclusive(f"l'échange {exchange.id} n'est pas de la sorte {' ou '.join(kinds)}")
    return exchange.http


def _status(exchange: Exchange) -> int:
    return exchange.reply.status if exchange.reply is not None else 0


def _certificate(exchange: Exchange) -> str:
    der = exchange.connection.client_der
    return hashlib.sha256(der).hexdigest()[:32] if der is not None else ""


def _mark(value: object) -> str:
    return fingerprint(value) if isinstance(value, str) and value else ""


@provider
def token_exchange(exchange: Exchange) -> TokenExchange:
    """The view of a token request."""
    request = _only(exchange, JETON)
    params = form(request)
    basic = basic_credentials(request.header("authorization")) is not None
    places = (
        ("en-tête Authorization", basic),
        ("corps", bool(first(params, "client_secret") or first(params, "client_assertion"))),
        ("adresse", bool(first(parameters(request.query), "client_secret"))),
    )
    secret_in = tuple(name for name, present in places if present)
    return TokenExchange(exchange.id, params, secret_in, _status(exchange), facts_of(exchange))


@provider
def api_call(exchange: Exchange) -> ApiCall:
    """The view of a call to the test API."""
    request = _only(exchange, API)
    address = first(parameters(request.query), "access_token")
    token = bearer(request) or address
    return ApiCall(
        id=exchange.id,
        token=_mark(token),
        in_address=bool(address),
        body=json_object(request.body),
        signature=str(json_answer(exchange).get("signature", "")),
        status=_status(exchange),
        facts=facts_of(exchange),
    )


@provider
def edc_call(exchange: Exchange) -> EdcCall:
    """The view common to the calls of the authorization server, of the API and of the example proxy."""
    request = _only(exchange, (*JETON, *API, *PROXY))
    asked = form(request)
    presents = bearer(request) or first(asked, "subject_token") or first(asked, "refresh_token")
    issued = json_answer(exchange).get("access_token") if exchange.kind in JETON else ""
    return EdcCall(
        id=exchange.id,
        kind=exchange.kind,
        status=_status(exchange),
        presents=_mark(presents),
        issues=_mark(issued),
        certificate=_certificate(exchange),
        exercised=exchange.connection.exercised,
        moment=exchange.times.logical.timestamp(),
        facts=facts_of(exchange),
    )


@provider
def proxy_call(exchange: Exchange) -> ProxyCall:
    """The view of a call of the DUI to the example proxy."""
    request = _only(exchange, PROXY)
    given = exchange.reply.header("set-cookie") if exchange.reply is not None else ""
    return ProxyCall(
        id=exchange.id,
        kind=exchange.kind,
        method=request.method,
        path=request.path,
        body=json_object(request.body),
        cookie=_mark(cookie_of(request.header("cookie"))),
        opened=_mark(cookie_of(given)),
        status=_status(exchange),
        facts=facts_of(exchange),
    )


@provider
def professional_identity(exchange: Exchange) -> ProfessionalIdentity:
    """The identity of a userinfo answer, in JSON or as a signed JWT."""
    if exchange.kind != "psc.userinfo" or exchange.reply is None or exchange.reply.status != 200:
        raise Inconclusive(f"l'échange {exchange.id} n'a pas donné l'identité du professionnel")
    claims = json_answer(exchange) or _jwt_claims(exchange.reply.body)
    if not claims.get("SubjectNameID"):
        raise Inconclusive("userinfo chiffré, ou sans identifiant national")
    reference = claims.get("SubjectRefPro")
    practices = [p for p in _list(reference, "exercices") if isinstance(p, dict)]
    activities = [a for practice in practices for a in _list(practice, "activities") if isinstance(a, dict)]
    finess = (a.get(name) for a in activities for name in ("numeroFinessetablissementJuridique", "numeroFinessSite"))
    return ProfessionalIdentity(
        id=exchange.id,
        identifier=str(claims["SubjectNameID"]),
        professions=frozenset(str(p["codeProfession"]) for p in practices if p.get("codeProfession")),
        structures=frozenset(f"1{number}" for number in finess if number),
    )


def _list(value: Any, name: str) -> list[Any]:
    found = value.get(name) if isinstance(value, dict) else None
    return found if isinstance(found, list) else []


def _jwt_claims(body: Body) -> dict[str, Any]:
    """The claims of a compact JWS, signature unread; ``{}`` for anything else."""
    parts = body.read().split(b".") if body.size <= MAX_FORM else []
    if len(parts) != 3:
        return {}
    try:
        return json_object(Body(base64.urlsafe_b64decode(parts[1] + b"=" * (-len(parts[1]) % 4))))
    except (binascii.Error, ValueError):
        return {}
