"""Joins the page and the campaign: the terminal of the manual driver, and the pauses, skips and replays of the tester."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from dui_conformance.core.gestures import Piece

from .fil import Fil
from .serveur import Refused

PASSED = "scénario passé par le testeur"


class Asked(Protocol):
    """What the manual driver asks (``drivers.manuel.Demande``)."""

    @property
    def sorte(self) -> str:
        """geste, horloge or question."""

    @property
    def consigne(self) -> str:
        """The instruction."""

    @property
    def geste(self) -> str:
        """Wire name of the gesture."""

    @property
    def observe(self) -> tuple[str, ...]:
        """What to note from the screen."""

    @property
    def rend(self) -> tuple[str, ...]:
        """Files to give."""

    @property
    def delai(self) -> float:
        """Seconds that the harness will wait."""


MakeAnswer = Callable[[str, str, Mapping[str, Any], tuple[Piece, ...]], Any]


class Tableau:
    """The campaign as the page commands it; it is also the terminal of the manual driver (``say``, ``ask``, ``listen``)."""

    def __init__(self, fil: Fil, make_answer: MakeAnswer) -> None:
        self._fil = fil
        self._make = make_answer
        self._heard: Callable[[Any], None] | None = None
        self._go = threading.Event()
        self._go.set()
        self._lock = threading.Lock()
        self._skipped = ""
        self._again: list[str] = []
        self._stopped = False
        self.finished = threading.Event()

    def say(self, text: str) -> None:
        """Show a message."""
        self._fil.say(text)

    def ask(self, demande: Asked) -> None:
        """Show what is asked; in a scenario that the tester passed, answer for him."""
        if self._skipped and self._skipped == self._fil.en_cours and self._heard is not None:
            self._heard(self._make("passer", PASSED, {}, ()))
            return
        self._fil.ask(demande.sorte, demande.consigne, demande.geste, demande.observe, demande.rend, demande.delai)

    def listen(self, heard: Callable[[Any], None]) -> None:
        """Where the answers go."""
        self._heard = heard

    def answer(self, numero: int, mot: str, message: str, observations: Mapping[str, Any], pieces: tuple[Piece, ...]) -> None:
        """Hand an answer to the driver."""
        asked = self._fil.demande
        if self._heard is None or asked is None:
            raise Refused("Rien n'est demandé en ce moment.")
        if mot in ("impossible", "passer") and asked.sorte != "question" and not message.strip():
            raise Refused("Donnez la raison : elle sera au rapport.")
        named = tuple(Piece(nom, piece.data) for nom, piece in zip(asked.rend, pieces, strict=False))
        if not self._fil.answered(numero):
            raise Refused("Cette demande n'est plus celle en cours.")
        kept = pieces if asked.sorte == "question" else named
        self._heard(self._make(mot, message.strip(), observations, kept))

    def order(self, action: str, scenario: str) -> None:
        """``pause``, ``reprendre``, ``passer`` the scenario that plays, ``rejouer`` one that was played, ``terminer``."""
        match action:
            case "pause":
                self._go.clear()
                self._fil.paused(True)
            case "reprendre":
                self._go.set()
                self._fil.paused(False)
            case "passer":
                self._pass()
            case "rejouer":
                with self._lock:
                    if scenario not in self._again:
                        self._again.append(scenario)
                self._fil.say(f"{scenario} : sera rejoué après le scénario en cours.")
            case "terminer":
                self.finished.set()
            case _:
                raise Refused(f"Commande inconnue : {action}.")

    def before(self, scenario: str) -> None:
        """Wait while the tester has paused the campaign."""
        while not self._stopped and not self._go.wait(0.5):
            continue

    def to_replay(self) -> list[str]:
        """The scenarios to play again, once each."""
        with self._lock:
            again, self._again = self._again, []
            return again

    def release(self) -> None:
        """The campaign ends: nothing waits any more."""
        self._stopped = True
        self._go.set()

    def _pass(self) -> None:
        current = self._fil.en_cours
        if not current:
            raise Refused("Aucun scénario n'est en cours.")
        self._skipped = current
        asked = self._fil.demande
        if asked is not None and self._heard is not None and self._fil.answered(asked.numero):
            self._heard(self._make("passer", PASSED, {}, ()))
