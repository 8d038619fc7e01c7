"""Joins the page and the campaign: the terminal of the manual driver, and the pauses, skips and replays of the tester."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, ClassVar, Protocol

from dui_conformance.core.gestures import Piece

from .entretien import PV, Entretien
from .fil import Fil
from .lignes import Demande
from .serveur import Refused

PASSED = "scénario passé par le testeur"


class Asked(Protocol):
    """What the manual driver asks (``drivers.manuel.Demande``): a frozen dataclass of which the page shows the fields."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def sorte(self) -> str:
        """geste, horloge or question."""


MakeAnswer = Callable[[str, str, Mapping[str, Any], tuple[Piece, ...]], Any]


class Tableau:
    """The campaign as the page commands it; it is also the terminal of the manual driver (``say``, ``ask``, ``listen``)."""

    def __init__(self, fil: Fil, make_answer: MakeAnswer) -> None:
        self._fil = fil
        self._make = make_answer
        self._heard: Callable[[Any], None] | None = None
        self._changed = threading.Condition()
        self._paused = False
        self._skipped = ""
        self._again: list[str] = []
        self._concluding = False
        self._stopped = False
        self.holds = False
        self.finished = threading.Event()
        self.interview: Entretien | None = None

    def say(self, text: str) -> None:
        """Show a message."""
        self._fil.say(text)

    def ask(self, demande: Asked) -> None:
        """Show what is asked; in a scenario that the tester passed, answer for him."""
        if self._skipped and self._skipped == self._fil.en_cours and self._heard is not None:
            self._heard(self._make("passer", PASSED, {}, ()))
            return
        self._fil.ask(asdict(demande))

    def listen(self, heard: Callable[[Any], None]) -> None:
        """Where the answers go."""
        self._heard = heard

    def answer(self, numero: int, mot: str, message: str, observations: Mapping[str, Any], pieces: tuple[Piece, ...]) -> None:
        """Hand an answer to whoever asked."""
        asked = self._fil.demande
        if asked is None or (self._heard is None and asked.sorte != PV):
            raise Refused("Rien n'est demandé en ce moment.")
        if mot in ("impossible", "passer") and asked.sorte in ("geste", "horloge") and not message.strip():
            raise Refused("Donnez la raison : elle sera au rapport.")
        if not self._fil.answered(numero):
            raise Refused("Cette demande n'est plus celle en cours.")
        if asked.sorte == PV and self.interview is not None:
            self.interview.heard(mot, message.strip())
        elif self._heard is not None:
            self._heard(self._make(mot, message.strip(), observations, _named(asked, pieces)))

    def order(self, action: str, scenario: str) -> None:
        """``pause``, ``reprendre``, ``passer`` the scenario that plays, ``rejouer`` one that was played,
        ``conclure`` when all are played, ``pv``: ask what the PV wants to know, ``terminer``."""
        match action:
            case "pause" | "reprendre":
                self._set(paused=action == "pause")
                self._fil.turn(en_pause=self._paused)
            case "passer":
                self._pass()
            case "rejouer":
                self._replay(scenario)
            case "conclure":
                self._set(concluding=True)
            case "pv":
                self._pv()
            case "terminer":
                self.finished.set()
            case _:
                raise Refused(f"Commande inconnue : {action}.")

    def before(self, scenario: str) -> None:
        """Wait while the tester has paused the campaign."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._paused)

    def to_replay(self) -> list[str]:
        """The scenarios to play again, once each."""
        with self._changed:
            again, self._again = self._again, []
            return again

    def last(self) -> list[str]:
        """All is played: the scenarios that the tester wants again, none once he concludes; asked only where he ``holds``."""
        if self.holds:
            self._fil.turn(tenue=True)
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._concluding or self._again)
            self._fil.turn(tenue=False)
        return self.to_replay()

    def release(self) -> None:
        """The campaign ends: nothing waits any more."""
        self._set(stopped=True)

    def _set(self, **states: bool) -> None:
        with self._changed:
            for name, state in states.items():
                setattr(self, f"_{name}", state)
            self._changed.notify_all()

    def _replay(self, scenario: str) -> None:
        if self._fil.finie:
            raise Refused("La campagne est conclue : rien ne peut plus y être rejoué.")
        with self._changed:
            if scenario not in self._again:
                self._again.append(scenario)
            self._changed.notify_all()
        self._fil.say(f"{scenario} : sera rejoué après le scénario en cours.")

    def _pass(self) -> None:
        current = self._fil.en_cours
        if not current:
            raise Refused("Aucun scénario n'est en cours.")
        self._skipped = current
        asked = self._fil.demande
        if asked is not None and self._heard is not None and self._fil.answered(asked.numero):
            self._heard(self._make("passer", PASSED, {}, ()))

    def _pv(self) -> None:
        if self.interview is None:
            raise Refused("Le PV se prépare une fois le rapport écrit.")
        if not self.interview.start():
            raise Refused("Le PV est déjà en préparation : répondez à la question affichée.")


def _named(asked: Demande, pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The files under the names that a gesture gives them; a question keeps all, under their own."""
    if asked.sorte != "geste":
        return pieces
    return tuple(Piece(nom, piece.data) for nom, piece in zip(asked.dit.get("rend", ()), pieces, strict=False))
