"""The ``manuel`` driver: says in French what to do in the DUI, and lets the tester say how it went.

Reading and writing belong to the command line's process: the driver gets a :class:`Terminal`. With the option
``horloge = "oui"`` of ``[pilote.options]``, the tester is also asked to move the DUI's clock.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from ..core.driver import Capabilities, FutureHandle
from ..core.errors import HarnessError
from ..core.gestures import GESTURES, Etat, Gesture, Piece, Resultat
from ..core.gestures.identite import CreerUsager
from ..core.verdict import Verdict

AIDE = "  Répondez : fait [nom=valeur…] · refuse [nom=valeur…] [message affiché] · impossible [raison] · passer [raison]"
MOTS = {"fait": Etat.FAIT, "refuse": Etat.REFUSE, "refusé": Etat.REFUSE, "impossible": Etat.IMPOSSIBLE, "passer": Etat.PASSE}
QUESTION = "  Répondez : oui [note] · non [note] · passer (reste à examiner)"
RESPONSES = {"oui": Verdict.CONFORME, "non": Verdict.NON_CONFORME, "passer": None}
NEED_REASON = (Etat.IMPOSSIBLE, Etat.PASSE)


class Terminal(Protocol):
    """Where the tester reads and writes."""

    def say(self, text: str) -> None:
        """Show a text."""

    def listen(self, heard: Callable[[str | None], None]) -> None:
        """Have each line typed given to ``heard``; None when the input is closed."""


class ManuelDriver:
    """Shows one instruction at a time; the tester's line ends it."""

    nom = "manuel"

    def __init__(
        self, terminal: Terminal, *, clock: bool = False, patience: float = 600.0, shift: timedelta = timedelta()
    ) -> None:
        self._terminal = terminal
        self._clock = clock
        self._patience = patience
        self._lock = threading.Lock()
        self._current: tuple[Gesture | None, Future[Resultat]] | None = None
        self._question: Future[dict[str, str] | None] | None = None
        self._closed = False
        if clock and shift:
            terminal.say(f"Avant de commencer, réglez l'horloge du DUI : {duration(shift)} d'avance sur l'heure réelle.")
        self._terminal.listen(self._heard)

    def capabilities(self) -> Capabilities:
        """Every gesture; the usagers are those of ``jeu-d-essai.csv``."""
        return Capabilities(frozenset(GESTURES) - {CreerUsager.nom}, horloge=self._clock, attend_personne=True)

    def start(self, gesture: Gesture) -> FutureHandle:
        """Show the instruction."""
        seen = f"  À noter si l'écran le montre : {', '.join(f'{o}=…' for o in gesture.observe)}\n" if gesture.observe else ""
        given = "".join(f'  Donnez le fichier « {nom} » : fichier="chemin du fichier"\n' for nom in gesture.rend)
        return FutureHandle(self._ask(gesture, f"\n→ {gesture.consigne()}\n{seen}{given}{AIDE}"))

    def advance_clock(self, delta: timedelta) -> None:
        """Ask the tester to move the DUI's clock; raises ``HarnessError`` when he cannot."""
        asked = self._ask(None, f"\n→ Avancez l'horloge du DUI de {duration(delta)}.\n{AIDE}")
        if asked.result(self._patience).etat is not Etat.FAIT:
            raise HarnessError("l'horloge du DUI n'a pas été avancée")

    def attest(self, question: str) -> dict[str, str] | None:
        """Ask the tester to look at the screen: ``verdict`` and ``note``, or None when it remains to be examined."""
        asked: Future[dict[str, str] | None] = Future()
        with self._lock:
            if self._closed:
                return None
            self._question = asked
        self._terminal.say(f"\n? {question}\n{QUESTION}")
        try:
            return asked.result(self._patience)
        except TimeoutError:
            with self._lock:
                self._question = None
            return None

    def _ask(self, gesture: Gesture | None, text: str) -> Future[Resultat]:
        future: Future[Resultat] = Future()
        with self._lock:
            if self._closed:
                future.set_result(Resultat(Etat.PASSE, "saisie fermée"))
                return future
            self._current = (gesture, future)
        self._terminal.say(text)
        return future

    def close(self) -> None:
        """Nothing to release."""

    def _heard(self, line: str | None) -> None:
        with self._lock:
            current, question = self._current, self._question
            if line is None:
                self._closed = True
        if question is not None:
            self._answered(question, line)
        if line is None:
            self._end(Resultat(Etat.PASSE, "saisie fermée"))
        if line is None or question is not None:
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
        if etat in NEED_REASON:
            self._end(Resultat(etat, rest.strip()))
            return
        message, observations = read_observations(rest)
        try:
            pieces = _files(current[0], observations)
        except OSError as error:
            self._terminal.say(
                f"Fichier illisible ({error.strerror or error}) : vérifiez le chemin et répondez de nouveau.\n{AIDE}"
            )
            return
        nom = current[0].nom if current[0] is not None else ""
        if etat is Etat.FAIT:
            observations.setdefault("session", {"se_connecter": True, "se_deconnecter": False}.get(nom))
        self._end(Resultat(etat, message, tuple((k, v) for k, v in observations.items() if v is not None), pieces))

    def _answered(self, question: Future[dict[str, str] | None], line: str | None) -> None:
        word, _, note = (line or "passer").strip().partition(" ")
        if word.lower() not in RESPONSES:
            self._terminal.say(f"Réponse non comprise : « {(line or '').strip()} ».\n{QUESTION}")
            return
        with self._lock:
            self._question = None
        verdict = RESPONSES[word.lower()]
        question.set_result(None if verdict is None else {"verdict": verdict.value, "note": note.strip()})

    def _end(self, result: Resultat) -> None:
        with self._lock:
            current, self._current = self._current, None
        if current is not None:
            current[1].set_result(result)


def _files(gesture: Gesture | None, observations: dict[str, Any]) -> tuple[Piece, ...]:
    """The file that the tester names by ``fichier=``, for a gesture that gives one; raises ``OSError``."""
    if gesture is None or not gesture.rend or "fichier" not in observations:
        return ()
    return (Piece(gesture.rend[0], Path(str(observations.pop("fichier"))).expanduser().read_bytes()),)


def duration(delta: timedelta) -> str:
    """A duration in French words: ``4 h 5 min``, ``10 min 1 s``."""
    seconds = round(delta.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds % 3600 // 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


_OBSERVATION = re.compile(r"""(?<!\S)([^\W\d]\w*)=(?:"([^"]*)"|(\S*))(?!\S)""")


def read_observations(text: str) -> tuple[str, dict[str, Any]]:
    """A message and the observations of ``nom=valeur`` words; ``oui`` and ``non`` are booleans, double quotes hold spaces
    together, nothing after ``=`` is an empty value. Apostrophes are only letters here.

    ``prenoms="ANNE MARIE" alerte=non vu à l'écran`` → ``("vu à l'écran", {"prenoms": "ANNE MARIE", "alerte": False})``.
    """
    observations: dict[str, Any] = {}
    for name, quoted, bare in _OBSERVATION.findall(text):
        value = quoted or bare
        observations[name] = {"oui": True, "non": False}.get(value.lower(), value)
    return " ".join(_OBSERVATION.sub(" ", text).split()), observations
