"""Any call to ViaTrajectoire, and the searches among them: the query is kept as it was sent, never decoded first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from ...core.errors import Inconclusive
from ...core.exchange import Exchange
from ...core.providers import provider
from ..oauth import Params, basic_credentials, bearer, fingerprint, first, form, parameters
from ..tls import ClientCertificate

TOKEN = "viatrajectoire.jeton"
DECISIONS = "viatrajectoire.decisions"
DECISION = "viatrajectoire.decision"
EVALUATION = "viatrajectoire.evaluation"
NOTIFICATIONS = "viatrajectoire.notifications"
PAGE = "viatrajectoire.page"
SEARCHES = (DECISIONS, EVALUATION, NOTIFICATIONS)

_INSTANT = re.compile(r"(?P<prefix>[a-z]{2})?(?P<text>.*)", re.DOTALL)
_FULL = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})")


@dataclass(frozen=True, slots=True)
class SdoCall:
    """A call: ``token`` is the fingerprint of what it presented (or was given, for a token request), ``issued`` what it was
    given. ``ou`` is the organisation of the client certificate, None without one."""

    id: str
    kind: str
    method: str
    path: str
    query: str
    token: str
    in_address: bool
    issued: str
    struct_idnat: str
    accept: str
    ou: str | None
    exercised: bool
    moment: datetime
    status: int
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def panne(self) -> str:
        """The misbehaviour of the service that this call met, ``""`` when it was sound."""
        return str(self.facts.get("panne", ""))

    @property
    def api(self) -> bool:
        """True for a business call, false for a token request."""
        return self.kind != TOKEN

    @property
    def served(self) -> bool:
        """True when it was answered as hoped."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Instant:
    """``_lastUpdated`` as sent (``raw``), as a server decodes it (``decoded``), its prefix, its text, its time if it has one."""

    raw: str
    decoded: str
    prefix: str
    text: str
    time: datetime | None

    @property
    def bare_plus(self) -> bool:
        """True when a ``+`` travels unencoded: a server reads a space."""
        return "+" in self.raw


@dataclass(frozen=True, slots=True)
class SdoSearch:
    """A search: parameters decoded, and the instant as it was sent."""

    id: str
    kind: str
    params: Params
    instant: Instant | None
    moment: datetime
    status: int
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return first(self.params, name)

    @property
    def names(self) -> frozenset[str]:
        """Names of the parameters."""
        return frozenset(name for name, _ in self.params)


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A token request: its form, where the client's secret travelled, and the credentials given."""

    id: str
    params: Params
    content_type: str
    method: str
    client_id: str
    secret: str
    secret_in: tuple[str, ...]
    status: int
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return first(self.params, name)


def raw_value(query: str, name: str) -> str | None:
    """A value of a query string as it was sent, None when absent."""
    for pair in query.split("&"):
        key, _, value = pair.partition("=")
        if unquote(key) == name:
            return value
    return None


def read_instant(query: str) -> Instant | None:
    """``_lastUpdated`` of a query string."""
    raw = raw_value(query, "_lastUpdated")
    if raw is None:
        return None
    decoded = unquote(raw.replace("+", " "))
    found = _INSTANT.fullmatch(decoded)
    assert found is not None
    prefix, text = found["prefix"] or "", found["text"]
    return Instant(raw, decoded, prefix, text, _time(text))


def _time(text: str) -> datetime | None:
    if not _FULL.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _token_of(exchange: Exchange) -> tuple[str, bool]:
    request = exchange.http
    address = first(parameters(request.query), "access_token")
    token = bearer(request) or address
    return (fingerprint(token) if token else ""), bool(address)


@provider
def sdo_call(exchange: Exchange) -> SdoCall:
    """The view common to all calls."""
    if exchange.service != "viatrajectoire":
        raise Inconclusive(f"l'échange {exchange.id} n'est pas un appel à ViaTrajectoire")
    request = exchange.http
    der = exchange.connection.client_der
    token, in_address = _token_of(exchange)
    return SdoCall(
        id=exchange.id,
        kind=exchange.kind,
        method=request.method,
        path=request.path,
        query=request.query,
        token=token,
        in_address=in_address,
        issued=str(exchange.facts.get("jeton_emis", "")),
        struct_idnat=request.header("struct_idnat"),
        accept=request.header("accept"),
        ou=ClientCertificate.from_der(der).ou if der is not None else None,
        exercised=exchange.connection.exercised,
        moment=exchange.times.logical,
        status=exchange.reply.status if exchange.reply is not None else 0,
        facts=exchange.facts,
    )


@provider
def sdo_search(exchange: Exchange) -> SdoSearch:
    """The view of a search."""
    if exchange.kind not in SEARCHES:
        raise Inconclusive(f"l'échange {exchange.id} n'est pas une recherche")
    query = exchange.http.query
    return SdoSearch(
        id=exchange.id,
        kind=exchange.kind,
        params=parameters(query),
        instant=read_instant(query),
        moment=exchange.times.logical,
        status=exchange.reply.status if exchange.reply is not None else 0,
        facts=exchange.facts,
    )


@provider
def token_request(exchange: Exchange) -> TokenRequest:
    """The view of a token request."""
    if exchange.kind != TOKEN:
        raise Inconclusive(f"l'échange {exchange.id} n'est pas une demande de jeton")
    request = exchange.http
    asked, address = form(request), parameters(request.query)
    basic = basic_credentials(request.header("authorization"))
    places = (
        ("en-tête Authorization", basic is not None),
        ("corps", bool(first(asked, "client_secret"))),
        ("adresse", bool(first(address, "client_secret"))),
    )
    client_id, secret = basic or (first(asked, "client_id"), first(asked, "client_secret"))
    return TokenRequest(
        id=exchange.id,
        params=asked,
        content_type=request.header("content-type"),
        method=request.method,
        client_id=client_id or first(address, "client_id"),
        secret=secret or first(address, "client_secret"),
        secret_in=tuple(name for name, present in places if present),
        status=exchange.reply.status if exchange.reply is not None else 0,
        facts=exchange.facts,
    )
