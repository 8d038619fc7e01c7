"""Values of the OIDC client: what is asked, what is called, the open session, and how each may fail."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from .comptes import Utilisateur


class ConnexionRefusee(Exception):
    """No session was opened; the message is shown to the user, who may try again."""


class RefusDuProfessionnel(ConnexionRefusee):
    """The user, or Pro Santé Connect, said no."""


class SessionPerdue(Exception):
    """The session is over; the user must log in again."""


class PscIndisponible(Exception):
    """Pro Santé Connect does not answer; the session, if any, is left as it is."""


@dataclass(frozen=True, slots=True)
class Demande:
    """One authorization request: what must come back unchanged."""

    state: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    nonce: str = field(default_factory=lambda: secrets.token_hex(32))
    verifieur: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    redirect_uri: str = ""

    @property
    def defi(self) -> str:
        """The PKCE challenge, S256."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifieur.encode()).digest()).rstrip(b"=").decode()


@dataclass(slots=True)
class Redirection:
    """Where the browser is sent, on behalf of which issuer."""

    emetteur: str
    url: str
    parametres: dict[str, str]

    @property
    def adresse(self) -> str:
        """The whole address."""
        return f"{self.url}{'&' if '?' in self.url else '?'}{urlencode(self.parametres)}"


@dataclass(slots=True)
class Appel:
    """A server-to-server call, before it is sent."""

    methode: str
    url: str
    entetes: dict[str, str]
    formulaire: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """An open session. Tokens live in memory only and are never written anywhere."""

    fournisseur: str
    utilisateur: Utilisateur
    claims: Mapping[str, Any]
    id_token: str
    acces: str
    rafraichissement: str
    expire: datetime
    ouverte_le: datetime
    vue_le: datetime
    moyen: str

    @property
    def sub(self) -> str:
        """Who is logged in, as the provider names him."""
        return str(self.claims.get("sub", ""))

    @property
    def acr(self) -> str:
        """The level at which he proved who he is."""
        return str(self.claims.get("acr", ""))
