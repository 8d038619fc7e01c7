"""A call to INSi: its request and what came back. What sequence rules read."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.errors import Inconclusive
from ...core.exchange import Exchange
from ...core.providers import provider
from .request import InsRequest
from .response import InsResponse


@dataclass(frozen=True, slots=True)
class InsCall:
    """``response`` is None when nothing readable was answered (outage)."""

    id: str
    request: InsRequest
    response: InsResponse | None

    @property
    def outcome(self) -> str:
        """The answer in a few words."""
        return "aucune réponse lisible" if self.response is None else self.response.label

    @property
    def found(self) -> bool:
        """True for CR 00."""
        return self.response is not None and self.response.found

    @property
    def failed(self) -> bool:
        """True for a technical fault or an outage."""
        return self.response is None or self.response.status >= 500


@provider
def _call_of(exchange: Exchange) -> InsCall:
    request = exchange.view(InsRequest)
    try:
        response = exchange.view(InsResponse)
    except Inconclusive:
        return InsCall(exchange.id, request, None)
    return InsCall(exchange.id, request, response)
