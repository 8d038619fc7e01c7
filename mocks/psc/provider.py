"""What the parts of a simulated OpenID provider need of the provider that they serve: Pro Santé Connect, or the ordinary one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from .client import Client
from .keys import KeyRing
from .state import Session, Store


class Provider(Protocol):
    """A provider. ``nom`` opens the kinds of its exchanges; ``titre`` is what its pages say that they simulate."""

    nom: str
    titre: str
    scope: str
    cookie: str
    login: str
    rotates: bool
    client: Client
    keys: KeyRing
    store: Store
    issuer: str
    token_url: str
    strict: bool
    now: datetime

    def access_token(self, session: Session, now: datetime, ends: datetime, bound: str) -> tuple[str, dict[str, Any]]:
        """A new access token, and what it says."""

    def refresh_token(self, session: Session, now: datetime, ends: datetime) -> tuple[str, dict[str, Any]]:
        """A new refresh token, and what it says."""

    def identity_claims(self, session: Session, now: datetime) -> dict[str, Any]:
        """The claims of an id_token."""

    def userinfo_claims(self, session: Session) -> dict[str, Any]:
        """The claims of the userinfo."""
