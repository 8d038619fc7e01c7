"""The questions of the PV, put one at a time on the page: the same as those of « pv nouveau »."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ..pv_questions import Interview
from .fil import Fil

PV = "pv"
SKIP, STOP = "passer", "fin"


class Entretien:
    """Asks in a thread of its own; ``write`` makes the PV of the answers and says what it became."""

    def __init__(self, fil: Fil, write: Callable[[Mapping[str, Any]], str]) -> None:
        self._fil = fil
        self._write = write
        self._answers: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._running = False
        self._stopped = False
        self._asked = 0
        self._rubrique = ""
        self._rappel = ""

    def start(self) -> bool:
        """Begin; False when it goes on already."""
        with self._lock:
            if self._running:
                return False
            self._running, self._stopped, self._asked = True, False, 0
        threading.Thread(target=self._run, name="pv", daemon=True).start()
        return True

    def heard(self, mot: str, message: str) -> None:
        """The answer to the question asked: a text, nothing (to fill in later), or no more questions."""
        self._answers.put((mot, message))

    def _run(self) -> None:
        try:
            answers = Interview(self._ask, self._tell, self._choose).all()
            self._fil.turn(pv="Le PV s'écrit…")
            self._fil.turn(pv=self._write(answers))
        finally:
            with self._lock:
                self._running = False

    def _tell(self, text: str) -> None:
        text = text.strip()
        if text.startswith("—"):
            self._rubrique = text.strip("— ").replace("_", " ").capitalize()
        else:
            self._rappel = text

    def _ask(self, question: str) -> str:
        return self._put(question, ())

    def _choose(self, question: str, accepted: tuple[str, ...]) -> str:
        return self._put(question, accepted)

    def _put(self, question: str, accepted: tuple[str, ...]) -> str:
        if self._stopped:
            return ""
        self._asked += 1
        rappel, self._rappel = self._rappel, ""
        self._fil.ask(
            {
                "sorte": PV,
                "consigne": question[:1].upper() + question[1:],
                "choix": list(accepted),
                "rubrique": f"Question {self._asked}" + (f" – {self._rubrique}" if self._rubrique else ""),
                "rappel": rappel,
            }
        )
        mot, message = self._answers.get()
        self._stopped = mot == STOP
        return "" if mot in (SKIP, STOP) else message
