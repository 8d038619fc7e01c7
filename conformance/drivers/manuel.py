"""The ``manuel`` driver: says in French what to do in the DUI, and lets the tester say how it went.

Reading and writing belong to the command line's process: the driver gets a :class:`Terminal`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from typing import Protocol

from ..core.driver import Capabilities, FutureHandle
from ..core.errors import HarnessError
from ..core.gestures import GESTURES, AttendreEnvois, CreerUsager, Etat, Gesture, Resultat

AIDE = "  Répondez : fait · refuse [message affiché] · impossible [raison] · passer [raison]"
MOTS = {"fait": Etat.FAIT, "refuse": Etat.REFUSE, "refusé": Etat.REFUSE, "impossible": Etat.IMPOSSIBLE, "passer": Etat.PASSE}
NEED_REASON = (Etat.IMPOSSIBLE, Etat.PASSE)


class Terminal(Protocol):
    """Where the tester reads and writes."""

    def say(self, text: str) -> None:
        """Show a text."""

    def listen(self, heard: Callable[[str | None], None]) -> None:
        """Have each line typed given to ``heard``; None when the input is closed."""


class ManuelDriver:
    """Shows one instruction at a time; the tester's line ends it. Silent for gestures that need no hand."""

    nom = "manuel"

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lock = threading.Lock()
        self._current: tuple[Gesture, Future[Resultat]] | None = None
        self._closed = False
        self._terminal.listen(self._heard)

    def capabilities(self) -> Capabilities:
        """Every gesture; the usagers are those of ``jeu-d-essai.csv``. The DUI's clock cannot be moved."""
        return Capabilities(frozenset(GESTURES) - {CreerUsager.nom}, horloge=False, attend_personne=True)

    def start(self, gesture: Gesture) -> FutureHandle:
        """Show the instruction."""
        future: Future[Resultat] = Future()
        if gesture.nom == AttendreEnvois.nom:
            self._terminal.say("→ Rien à faire : le banc attend les envois du DUI.")
            future.set_result(Resultat(Etat.FAIT))
            return FutureHandle(future)
        with self._lock:
            if self._closed:
                future.set_result(Resultat(Etat.PASSE, "saisie fermée"))
                return FutureHandle(future)
            self._current = (gesture, future)
        self._terminal.say(f"\n→ {gesture.consigne()}\n{AIDE}")
        return FutureHandle(future)

    def advance_clock(self, delta: timedelta) -> None:
        """Never called: the driver does not offer it."""
        raise HarnessError("le pilote manuel ne peut pas avancer l'horloge du DUI")

    def close(self) -> None:
        """Nothing to release."""

    def _heard(self, line: str | None) -> None:
        with self._lock:
            current = self._current
            if line is None:
                self._closed = True
        if line is None:
            self._end(Resultat(Etat.PASSE, "saisie fermée"))
            return
        word, _, rest = line.strip().partition(" ")
        etat = MOTS.get(word.lower())
        if current is None:
            return
        if etat is None:
            self._terminal.say(f"Réponse non comprise : « {line.strip()} ».\n{AIDE}")
            return
        if etat in NEED_REASON and not rest.strip():
            self._terminal.say(f"Donnez une raison après « {word} », par exemple : {word} écran absent de cette version")
            return
        session = {"se_connecter": True, "se_deconnecter": False}.get(current[0].nom) if etat is Etat.FAIT else None
        observations = () if session is None else (("session", session),)
        self._end(Resultat(etat, rest.strip(), observations))

    def _end(self, result: Resultat) -> None:
        with self._lock:
            current, self._current = self._current, None
        if current is not None:
            current[1].set_result(result)
