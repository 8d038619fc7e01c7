"""What a session of IMAP did, for its exchange: commands, folders, messages read, flags changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

KEPT = 1_000
TEXT = 256 * 1024
_MESSAGE_ID = re.compile(rb"^Message-ID:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{1,300}>)", re.IGNORECASE | re.MULTILINE)


@dataclass(slots=True)
class Carnet:
    """Bounded lists, in order. ``recu`` and ``dit`` are the plaintext of both sides, without the large literals."""

    recu: bytearray = field(default_factory=bytearray)
    dit: bytearray = field(default_factory=bytearray)
    commandes: list[str] = field(default_factory=list)
    dossiers: list[str] = field(default_factory=list)
    lus: list[dict[str, Any]] = field(default_factory=list)
    drapeaux: list[dict[str, Any]] = field(default_factory=list)
    supprimes: list[dict[str, Any]] = field(default_factory=list)
    copies: list[dict[str, Any]] = field(default_factory=list)
    refus: list[dict[str, str]] = field(default_factory=list)
    pannes: list[str] = field(default_factory=list)
    depots: int = 0
    idle: int = 0

    def entendre(self, data: bytes) -> None:
        """Bytes of the client."""
        self.recu += data[: max(0, TEXT - len(self.recu))]

    def dire(self, data: bytes) -> None:
        """Bytes of the server."""
        self.dit += data[: max(0, TEXT - len(self.dit))]

    def noter(self, liste: list[Any], fait: Any) -> None:
        """Add to one of the lists, within bounds."""
        if len(liste) < KEPT:
            liste.append(fait)

    def facts(self, fin: str) -> dict[str, Any]:
        """JSON values; ``fin`` says how the session, or this part of it, ended."""
        return {
            "commandes": list(self.commandes),
            "dossiers": list(dict.fromkeys(self.dossiers)),
            "lus": list(self.lus),
            "drapeaux": list(self.drapeaux),
            "supprimes": list(self.supprimes),
            "copies": list(self.copies),
            "refus": list(self.refus),
            "depots": self.depots,
            "idle": self.idle,
            "fin": fin,
        }

    @property
    def vide(self) -> bool:
        """True when nothing was asked."""
        return not self.commandes

    def suite(self) -> Carnet:
        """A new page."""
        return Carnet()


def message_id(entete: bytes) -> str:
    """The Message-ID of a header, ``""`` without."""
    found = _MESSAGE_ID.search(entete)
    return found.group(1).decode("ascii", "replace") if found is not None else ""
