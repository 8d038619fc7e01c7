"""Values of the espace de confiance: who calls, how a call ends, and how it may fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class ApiRefusee(Exception):
    """The authorization server or the API said no; the message is shown to the user."""


class ApiIndisponible(Exception):
    """The authorization server, the proxy or the API does not answer; the user may try again later."""


class Porteur(Protocol):
    """A user's session at Pro Santé Connect, as the espace de confiance needs it."""

    @property
    def identifiant(self) -> str:
        """National identifier of the user."""

    @property
    def session_state(self) -> str:
        """That of Pro Santé Connect."""

    @property
    def id_token(self) -> str:
        """The ID token of the login."""

    def acces(self, *, frais: bool) -> str:
        """The access token; ``frais``: refreshed first when it is about to expire."""


@dataclass(slots=True)
class JetonApi:
    """An API token of one user."""

    valeur: str
    expire: datetime


@dataclass(slots=True)
class AppelApi:
    """A call with a JSON body, before it is sent. ``certificat`` is the name of the one that secures it."""

    methode: str
    url: str
    entetes: dict[str, str]
    corps: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ReponseProxy:
    """What the DUI's own proxy answers to its callers. ``demande`` is the path asked for."""

    demande: str
    statut: int
    entetes: dict[str, str] = field(default_factory=dict)
    corps: Any = None


@dataclass(frozen=True, slots=True)
class ReponseApi:
    """What the API, or the proxy before it, answered."""

    statut: int
    corps: Mapping[str, Any]
