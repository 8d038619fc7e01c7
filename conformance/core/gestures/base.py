"""What a gesture is, and how it ends."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, ClassVar


class Etat(StrEnum):
    """How a gesture ended, as its driver says."""

    FAIT = "fait"
    REFUSE = "refuse"
    IMPOSSIBLE = "impossible"
    PASSE = "passe"
    ERREUR = "erreur"


@dataclass(frozen=True, slots=True)
class Piece:
    """A file: given by the DUI at the end of a gesture (a printed document), or handed to it by a scenario."""

    nom: str
    data: bytes = field(repr=False)
    memo: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.nom


@dataclass(frozen=True, slots=True)
class Resultat:
    """The end of a gesture: its state, the message that the DUI showed, what it declares to have observed, the files it gave."""

    etat: Etat
    message: str = ""
    observations: tuple[tuple[str, Any], ...] = ()
    pieces: tuple[Piece, ...] = ()

    def observation(self, nom: str) -> Any:
        """The declared observation, or None."""
        return dict(self.observations).get(nom)

    def as_wire(self) -> dict[str, Any]:
        """The JSON form; ``pieces`` is ``{name: base64}``, left out when there is none."""
        row: dict[str, Any] = {"etat": self.etat.value, "message": self.message, "observations": dict(self.observations)}
        if self.pieces:
            row["pieces"] = {piece.nom: base64.b64encode(piece.data).decode("ascii") for piece in self.pieces}
        return row

    @classmethod
    def from_wire(cls, row: Mapping[str, Any]) -> Resultat:
        """The inverse of :meth:`as_wire`; raises ``KeyError`` without a state, ``ValueError`` on a wrong state or base64."""
        pieces = tuple(Piece(nom, _decoded(nom, text)) for nom, text in dict(row.get("pieces") or {}).items())
        observations = tuple(dict(row.get("observations") or {}).items())
        return cls(Etat(row["etat"]), str(row.get("message", "")), observations, pieces)


def _decoded(nom: str, text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise ValueError(f"la pièce « {nom} » n'est pas du base64") from None


@dataclass(frozen=True, slots=True)
class Gesture:
    """Base of all gestures. ``rend`` names the files that the DUI gives at its end (``pieces``)."""

    nom: ClassVar[str] = ""
    phrase: ClassVar[str] = ""
    observe: ClassVar[tuple[str, ...]] = ()
    rend: ClassVar[tuple[str, ...]] = ()

    def arguments(self) -> dict[str, Any]:
        """The arguments as a JSON object."""
        return asdict(self)

    def consigne(self) -> str:
        """The French instruction, filled with the arguments."""
        words = {True: "oui", False: "non"}
        return self.phrase.format(**{k: words[v] if isinstance(v, bool) else v for k, v in self.arguments().items()})
