"""The editor's own proxy e-Santé, as the harness meets it when it plays the DUI: its answers and its traces."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..core.errors import Inconclusive
from ..core.exchange import Exchange
from ..core.providers import provider
from .edc import COOKIE, cookie_of, json_object
from .oauth import MAX_FORM, fingerprint

CONNECT = "edc.proxy-editeur.connect"
SEND = "edc.proxy-editeur.send"
DISCONNECT = "edc.proxy-editeur.disconnect"
TRACES = "edc.proxy-editeur.traces"


@dataclass(frozen=True, slots=True)
class OwnProxyCall:
    """A call of the harness to the editor's proxy. ``cookie`` and ``opened`` are fingerprints of the session presented and given;
    ``asked`` and ``answer`` are the JSON objects of both sides."""

    id: str
    kind: str
    cookie: str
    opened: str
    asked: Mapping[str, Any]
    answer: Mapping[str, Any]
    status: int
    moment: float


@dataclass(frozen=True, slots=True)
class ProxyTraces:
    """The traces that the editor's proxy gave: ``records`` in order, as received."""

    id: str
    status: int
    records: tuple[Mapping[str, Any], ...]

    def of(self, type: str) -> list[Mapping[str, Any]]:
        """The records of a type."""
        return [record for record in self.records if record.get("type") == type]


@provider
def own_proxy_call(exchange: Exchange) -> OwnProxyCall:
    """The view of a call to the editor's proxy, traces aside."""
    if exchange.kind not in (CONNECT, SEND, DISCONNECT) or exchange.reply is None:
        raise Inconclusive(f"l'échange {exchange.id} n'est pas un appel au proxy de l'éditeur")
    request, reply = exchange.http, exchange.reply
    given = next((cookie_of(v) for k, v in reply.headers if k.lower() == "set-cookie" and cookie_of(v)), "")
    return OwnProxyCall(
        id=exchange.id,
        kind=exchange.kind,
        cookie=_mark(cookie_of(request.header("cookie"), COOKIE)),
        opened=_mark(given),
        asked=json_object(request.body),
        answer=json_object(reply.body),
        status=reply.status,
        moment=exchange.times.logical.timestamp(),
    )


@provider
def proxy_traces(exchange: Exchange) -> ProxyTraces:
    """The view of the traces."""
    if exchange.kind != TRACES or exchange.reply is None:
        raise Inconclusive(f"l'échange {exchange.id} n'est pas une lecture de traces")
    return ProxyTraces(exchange.id, exchange.reply.status, _records(exchange))


def instant(text: object) -> datetime | None:
    """A date and time with its offset, None for anything else."""
    try:
        found = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _records(exchange: Exchange) -> tuple[Mapping[str, Any], ...]:
    assert exchange.reply is not None
    if exchange.reply.body.size > MAX_FORM:
        raise Inconclusive("traces de plus d'un mégaoctet : restreindre la période")
    try:
        value = json.loads(exchange.reply.body.read())
    except (ValueError, RecursionError):
        return ()
    return tuple(record for record in value if isinstance(record, dict)) if isinstance(value, list) else ()


def _mark(value: str) -> str:
    return fingerprint(value) if value else ""
