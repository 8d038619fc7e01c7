"""The idle DUI: what a harness that proves something must never let pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from ...core.gestures import GESTURES, Etat, Gesture, Resultat


class InertDui:
    """A DUI that says « fait » to everything and does nothing: the harness must let it pass nothing."""

    def __init__(self, services: Mapping[str, Any]) -> None:
        self.services = services

    def __getattr__(self, nom: str) -> Callable[..., Resultat]:
        if nom not in GESTURES:
            raise AttributeError(nom)
        return lambda **arguments: Resultat(Etat.FAIT)

    def play(self, gesture: Gesture) -> Resultat:
        """Done, or so it says."""
        return Resultat(Etat.FAIT)

    def advance(self, delta: timedelta) -> None:
        """Time passes over it."""

    def avancer_horloge(self, secondes: float) -> None:
        """Time passes over it."""

    def close(self) -> None:
        """It holds nothing."""
