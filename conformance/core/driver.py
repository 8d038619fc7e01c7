"""How a gesture happens: the seam between scenarios and the DUI under test."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from .gestures import Gesture, Resultat


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a driver offers: wire names of gestures, and whether the DUI follows the harness's clock (``horloge``)."""

    gestes: frozenset[str]
    horloge: bool = False
    attend_personne: bool = field(default=False)


class Handle(Protocol):
    """A gesture under way."""

    def done(self) -> bool:
        """True once the gesture has ended."""

    def result(self, within: float | None) -> Resultat:
        """Its end; raises ``TimeoutError`` after ``within`` seconds."""


class Driver(Protocol):
    """Plays gestures in the DUI. ``start`` never blocks."""

    nom: str

    def capabilities(self) -> Capabilities:
        """What can be asked."""

    def start(self, gesture: Gesture) -> Handle:
        """Begin the gesture."""

    def advance_clock(self, delta: timedelta) -> None:
        """Move the DUI's clock (only when ``capabilities().horloge``)."""

    def close(self) -> None:
        """Release what the driver holds."""


@dataclass(slots=True)
class FutureHandle:
    """A :class:`Handle` over a :class:`concurrent.futures.Future`."""

    future: Future[Resultat]

    def done(self) -> bool:
        """True once the gesture has ended."""
        return self.future.done()

    def result(self, within: float | None) -> Resultat:
        """Its end; raises ``TimeoutError`` after ``within`` seconds."""
        return self.future.result(within)
