"""One call under way: what the handlers of the transactions are given, and what they give back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ...core.exchange import Request
from ...validation.soap import SoapMessage
from .caller import Caller
from .messages import Operation


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A readable call to a transaction served at this address."""

    operation: Operation
    request: Request
    message: SoapMessage
    caller: Caller
    now: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """The body of an answer, its facts, and its attachments (Content-ID, media type, bytes) when it is multipart."""

    body: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[tuple[str, str, bytes], ...] = ()
    multipart: bool = False


class Refusal(Exception):
    """The transaction is refused by a SOAP fault. ``subcode`` may be ``""``."""

    def __init__(self, reason: str, *, subcode: str = "", code: str = "Sender") -> None:
        super().__init__(reason)
        self.reason = reason
        self.subcode = subcode
        self.code = code
