"""A connection to an operator of MSSanté as its rules read it: TLS, who tried to open which box, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import Inconclusive
from ..core.exchange import Connection, Exchange
from ..core.providers import provider

SUITES = (
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES128-SHA256",
    "DHE-RSA-AES256-GCM-SHA384",
    "DHE-RSA-AES128-GCM-SHA256",
)
"""The six suites of the referential (C030, C02F, C028, C027, 009F, 009E)."""


@dataclass(frozen=True, slots=True)
class Tentative:
    """One attempt to open a box. ``jeton`` is a print of the token, ``etat_jeton`` its state at that instant."""

    mecanisme: str
    verdict: str
    boite: str
    genre: str
    trame: str
    identite: str
    certificat: str
    jeton: str
    etat_jeton: str
    session_psc: str

    @classmethod
    def de(cls, row: Mapping[str, Any]) -> Tentative:
        """From the facts that the operator records."""
        names = {
            "mecanisme": "mecanisme",
            "verdict": "verdict",
            "boite": "boite",
            "genre": "genre",
            "trame": "trame",
            "identite": "identite",
            "certificat": "certificat_ou",
            "jeton": "jeton",
            "etat_jeton": "jeton_etat",
            "session_psc": "session_psc",
        }
        return cls(**{field: str(row.get(name, "")) for field, name in names.items()})


@dataclass(frozen=True, slots=True)
class SessionMss:
    """What an exchange with an operator says of the connection that carried it."""

    id: str
    kind: str
    protocole: str
    connection: Connection
    tls: bool
    tentatives: tuple[Tentative, ...]
    fin: str
    commandes: tuple[str, ...]
    supprimes: int

    @property
    def ouverte(self) -> Tentative | None:
        """The attempt that was accepted, if any."""
        return next((t for t in self.tentatives if t.verdict == "accepte"), None)

    @property
    def at(self) -> str:
        """Where it is."""
        return f"{self.id}, session {self.protocole}"


@provider
def session_of(exchange: Exchange) -> SessionMss:
    """The session of an exchange of SMTP or IMAP; raises ``Inconclusive`` for another."""
    request = exchange.request
    if request is None or request.method not in ("SMTP", "IMAP"):
        raise Inconclusive(f"l'échange {exchange.id} n'est pas une session de messagerie")
    facts = exchange.facts
    tls = facts.get("tls", {})
    return SessionMss(
        id=exchange.id,
        kind=exchange.kind,
        protocole=request.method,
        connection=exchange.connection,
        tls=bool(tls.get("etabli", False)),
        tentatives=tuple(Tentative.de(row) for row in facts.get("authentifications", ())),
        fin=str(facts.get("fin", "")),
        commandes=tuple(str(c) for c in facts.get("commandes", ())),
        supprimes=len(facts.get("supprimes", ())),
    )
