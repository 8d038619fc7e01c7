"""The calls of a login without browser (CIBA) and of a pushed authorization request, read from exchanges.

A request number (``auth_req_id``) is compared by fingerprint. What the provider knows and the wire does not say is in the facts:
of a request, ``binding_message`` (``conforme``, ``absent``, ``malforme``), ``canal`` (``conforme``, ``absent``, ``inconnu``),
``notification`` (true when a ping was asked), ``persona``; of a poll, ``ciba_etat`` (``approuve``, ``en-attente``,
``trop-vite``, ``expire``, ``refuse``, ``deja-utilise``, ``inconnu``, ``absent``), ``attente`` (seconds of logical time since the
previous poll, None for the first one) and ``intervalle`` (seconds then asked for).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import Inconclusive
from ..core.exchange import Exchange
from ..core.providers import provider
from .oauth import Params, basic_credentials, fingerprint, first, form, parameters
from .oidc import facts_of, json_answer

GRANT = "urn:openid:params:grant-type:ciba"


@dataclass(frozen=True, slots=True)
class CibaRequest:
    """A request to log a professional in on another device (CIBA Core §7.1)."""

    id: str
    params: Params
    query: Params
    origin: str
    basic: tuple[str, str] | None
    certificate: bool
    status: int
    moment: float
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return first(self.params, name)

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes asked for."""
        return frozenset(self["scope"].split())


@dataclass(frozen=True, slots=True)
class CibaAnswer:
    """The acknowledgement of such a request: what the client must now poll with, and how often."""

    id: str
    request: str
    expires_in: float
    interval: float
    moment: float


@dataclass(frozen=True, slots=True)
class CibaPoll:
    """A poll of the token endpoint. ``error`` is ``""`` when tokens were given."""

    id: str
    request: str
    status: int
    error: str
    moment: float
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """What the provider made of it (``ciba_etat``)."""
        return str(self.facts.get("ciba_etat", ""))


@dataclass(frozen=True, slots=True)
class PushedRequest:
    """An authorization request sent ahead by the server of the DUI (RFC 9126); ``request`` marks the address it was given."""

    id: str
    params: Params
    origin: str
    basic: tuple[str, str] | None
    certificate: bool
    status: int
    request: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return first(self.params, name)


@provider
def ciba_request(exchange: Exchange) -> CibaRequest:
    """The view of a CIBA request."""
    _only(exchange, "psc.ciba")
    request = exchange.http
    return CibaRequest(
        id=exchange.id,
        params=form(request),
        query=parameters(request.query),
        origin=request.header("origin"),
        basic=basic_credentials(request.header("authorization")),
        certificate=exchange.connection.client_der is not None,
        status=_status(exchange),
        moment=exchange.times.logical.timestamp(),
        facts=facts_of(exchange),
    )


@provider
def ciba_answer(exchange: Exchange) -> CibaAnswer:
    """The view of its acknowledgement."""
    _only(exchange, "psc.ciba")
    answer = json_answer(exchange)
    number = answer.get("auth_req_id")
    if _status(exchange) != 200 or not isinstance(number, str):
        raise Inconclusive(f"la demande CIBA {exchange.id} n'a pas été acceptée")
    return CibaAnswer(
        id=exchange.id,
        request=fingerprint(number),
        expires_in=float(answer.get("expires_in", 0)),
        interval=float(answer.get("interval", 5)),
        moment=exchange.times.logical.timestamp(),
    )


@provider
def ciba_poll(exchange: Exchange) -> CibaPoll:
    """The view of a poll."""
    _only(exchange, "psc.jeton.ciba")
    number = first(form(exchange.http), "auth_req_id")
    return CibaPoll(
        id=exchange.id,
        request=fingerprint(number) if number else "",
        status=_status(exchange),
        error="" if _status(exchange) == 200 else str(json_answer(exchange).get("error", "")),
        moment=exchange.times.logical.timestamp(),
        facts=facts_of(exchange),
    )


@provider
def pushed_request(exchange: Exchange) -> PushedRequest:
    """The view of a pushed authorization request."""
    _only(exchange, "psc.par")
    request = exchange.http
    given = json_answer(exchange).get("request_uri")
    return PushedRequest(
        id=exchange.id,
        params=form(request),
        origin=request.header("origin"),
        basic=basic_credentials(request.header("authorization")),
        certificate=exchange.connection.client_der is not None,
        status=_status(exchange),
        request=fingerprint(given) if isinstance(given, str) and given else "",
        facts=facts_of(exchange),
    )


def _only(exchange: Exchange, kind: str) -> None:
    if exchange.kind != kind:
        raise Inconclusive(f"l'échange {exchange.id} n'est pas de la sorte {kind}")


def _status(exchange: Exchange) -> int:
    return exchange.reply.status if exchange.reply is not None else 0
