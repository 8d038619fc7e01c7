"""How a mail came to the operator: the SMTP transaction, and the message that it carried."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Inconclusive
from ...core.exchange import Exchange
from ...core.providers import provider
from .message import LARGEST, RawMail

SUBMITTED = "mss.smtp.envoi"
CARRIERS = (SUBMITTED, "mss.imap.depot")
_PATH = re.compile(r"\s*<([^<>]*)>\s*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One ``RCPT TO``; ``parameters`` in upper case names."""

    address: str
    parameters: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """A parameter, ``""`` when absent."""
        return next((value for key, value in self.parameters if key == name), "")

    @property
    def notify(self) -> frozenset[str]:
        """What ``NOTIFY`` asks for, in upper case."""
        return frozenset(part.strip().upper() for part in self.get("NOTIFY").split(",") if part.strip())


@dataclass(frozen=True, slots=True, eq=False)
class Envelope:
    """One accepted transaction: MAIL FROM in ``sender`` (``""``: null), the mechanism of AUTH, the bytes in ``size``."""

    id: str
    sender: str
    parameters: tuple[tuple[str, str], ...]
    recipients: tuple[Recipient, ...]
    mechanism: str
    size: int
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def get(self, name: str) -> str:
        """A parameter of MAIL FROM, ``""`` when absent."""
        return next((value for key, value in self.parameters if key == name), "")


@provider
def _envelope_of(exchange: Exchange) -> Envelope:
    if exchange.kind != SUBMITTED:
        raise Inconclusive(f"l'échange {exchange.id} n'est pas un envoi de message")
    request = exchange.http
    sender, parameters = _path(request.header("MAIL FROM"))
    recipients = tuple(Recipient(*_path(value)) for name, value in request.headers if name.upper() == "RCPT TO")
    return Envelope(exchange.id, sender, parameters, recipients, request.header("AUTH"), request.body.size)


def _path(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    match = _PATH.fullmatch(text)
    if match is None:
        return text.strip(), ()
    pairs = (word.partition("=") for word in match[2].split())
    return match[1], tuple((name.upper(), value) for name, _, value in pairs)


@provider
def _raw_of(exchange: Exchange) -> RawMail:
    if exchange.kind not in CARRIERS or exchange.request is None:
        raise Inconclusive(f"l'échange {exchange.id} ne porte pas de message")
    body = exchange.request.body
    if body.size > LARGEST:
        with body.open() as stream:
            return RawMail(stream.read(LARGEST + 1), exchange.id)
    return RawMail(body.read(), exchange.id)
