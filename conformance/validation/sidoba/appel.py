"""A call to SIDOBA, whatever it carries: who calls, with which token, for which structure. By analogy with ViaTrajectoire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Inconclusive
from ...core.exchange import Exchange, Request
from ...core.providers import provider
from ..oauth import bearer, first, form

DEPOTS = ("sidoba.setmin", "sidoba.ssiad", "sidoba.rama")
CONTENUS = {
    "sidoba.setmin": ("application/fhir+json", "application/fhir+xml"),
    "sidoba.ssiad": ("application/fhir+json", "application/fhir+xml"),
    "sidoba.rama": ("application/json",),
}


@dataclass(frozen=True, slots=True)
class AppelSidoba:
    """One call, and what the service noted of it (``facts``)."""

    id: str
    kind: str
    request: Request
    facts: Mapping[str, Any]
    status: int

    @property
    def token(self) -> str:
        """The bearer token."""
        return bearer(self.request)

    @property
    def structure(self) -> str:
        """The header ``struct_idnat``."""
        return self.request.header("struct_idnat")

    @property
    def media(self) -> str:
        """The media type of the body, without its parameters."""
        return self.request.header("content-type").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class DemandeJetonSidoba:
    """A token request."""

    id: str
    form: tuple[tuple[str, str], ...] = field(repr=False)
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return first(self.form, name)


@provider
def _appel(exchange: Exchange) -> AppelSidoba:
    if exchange.service != "sidoba" or exchange.kind in ("sidoba.jeton", "sidoba.inconnu"):
        raise Inconclusive("l'échange n'est pas un appel métier à SIDOBA")
    status = exchange.reply.status if exchange.reply is not None else 0
    return AppelSidoba(exchange.id, exchange.kind, exchange.http, exchange.facts, status)


@provider
def _jeton(exchange: Exchange) -> DemandeJetonSidoba:
    if exchange.kind != "sidoba.jeton":
        raise Inconclusive("l'échange n'est pas une demande de jeton")
    return DemandeJetonSidoba(exchange.id, form(exchange.http), exchange.facts)
