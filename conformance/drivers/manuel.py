"""The ``manuel`` driver: says in French what to do in the DUI, and lets the tester say how it went.

Reading and writing belong to the command line's process: the driver gets a :class:`Terminal`. With the option
``horloge = "oui"`` of ``[pilote.options]``, the tester is also asked to move the DUI's clock.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

from ..core.driver import Capabilities, FutureHandle
from ..core.errors import HarnessError
from ..core.formulaire import Attestation, Question
from ..core.gestures import GESTURES, Etat, Gesture, Piece, Resultat
from ..core.gestures.identite import CreerUsager
from ..core.pieces import refusal
from ..core.rebours import duration
from ..core.verdict import Verdict

AIDE = "  Répondez : fait [nom=valeur…] · refuse [nom=valeur…] [message affiché] · impossible [raison] · passer [raison]"
MOTS = {"fait": Etat.FAIT, "refuse": Etat.REFUSE, "refusé": Etat.REFUSE, "impossible": Etat.IMPOSSIBLE, "passer": Etat.PASSE}
QUESTION = '  Répondez : oui [par="nom, fonction"] [note] · non [par="nom, fonction"] [note] · passer (reste à examiner)'
PAR = "testeur de la campagne"
RESPONSES = {"oui": Verdict.CONFORME, "non": Verdict.NON_CONFORME, "passer": None}
NEED_REASON = (Etat.IMPOSSIBLE, Etat.PASSE)


@dataclass(frozen=True, slots=True)
class Demande:
    """What is asked of the tester. ``sorte``: geste, horloge or question. ``observe`` and ``rend`` as the gesture says them;
    ``delai``: seconds that the harness will wait. Of a question: the file to attach, who attests, for which ``exigences``."""

    sorte: str
    consigne: str
    geste: str = ""
    observe: tuple[str, ...] = ()
    rend: tuple[str, ...] = ()
    delai: float = 0.0
    a_joindre: str = ""
    atteste: str = ""
    exigences: tuple[str, ...] = ()

    @property
    def texte(self) -> str:
        """The same for a terminal, with the words that answer it."""
        if self.sorte == "question":
            put = f"  Pour : {', '.join(self.exigences)}\n" if self.exigences else ""
            file = f'  À joindre : {self.a_joindre} : fichier="chemin du fichier"\n' if self.a_joindre else ""
            signed = f"  Atteste : {self.atteste}\n" if self.atteste else ""
            return f"\n? {self.consigne}\n{put}{file}{signed}{QUESTION}"
        seen = f"  À noter si l'écran le montre : {', '.join(f'{o}=…' for o in self.observe)}\n" if self.observe else ""
        given = "".join(f'  Donnez le fichier « {nom} » : fichier="chemin du fichier"\n' for nom in self.rend)
        return f"\n→ {self.consigne}\n{seen}{given}{AIDE}"


@dataclass(frozen=True, slots=True)
class Reponse:
    """An answer in parts, as a page gives it; a terminal gives a line of text instead. ``mot`` is one of those that a line
    begins with."""

    mot: str
    message: str = ""
    observations: Mapping[str, Any] = field(default_factory=dict)
    pieces: tuple[Piece, ...] = ()


class Terminal(Protocol):
    """Where the tester reads and writes."""

    def say(self, text: str) -> None:
        """Show a text."""

    def ask(self, demande: Demande) -> None:
        """Show what is asked; the answer comes by ``heard``."""

    def listen(self, heard: Callable[[str | Reponse | None], None]) -> None:
        """Have each answer given to ``heard``: a line typed, or its parts; None when the input is closed."""


@dataclass(slots=True, eq=False)
class _Open:
    """A demand that has no answer yet."""

    demande: Demande
    gesture: Gesture | None = None
    future: Future[Any] = field(default_factory=Future)

    @property
    def unanswered(self) -> Resultat | None:
        """What stands for its answer once the input is closed."""
        return None if self.demande.sorte == "question" else Resultat(Etat.PASSE, "saisie fermée")


class ManuelDriver:
    """Shows one instruction at a time; the tester's line ends it."""

    nom = "manuel"

    def __init__(
        self,
        terminal: Terminal,
        *,
        clock: bool = False,
        patience: float = 600.0,
        shift: timedelta = timedelta(),
        par: str = PAR,
    ) -> None:
        self._terminal = terminal
        self._clock = clock
        self._patience = patience
        self._par = par
        self._lock = threading.Lock()
        self._open: list[_Open] = []
        self._closed = False
        if clock and shift:
            terminal.say(f"Avant de commencer, réglez l'horloge du DUI : {duration(shift)} d'avance sur l'heure réelle.")
        self._terminal.listen(self._heard)

    def capabilities(self) -> Capabilities:
        """Every gesture; the usagers are those of ``jeu-d-essai.csv``."""
        return Capabilities(frozenset(GESTURES) - {CreerUsager.nom}, horloge=self._clock, attend_personne=True)

    def start(self, gesture: Gesture) -> FutureHandle:
        """Show the instruction."""
        asked = Demande("geste", gesture.consigne(), gesture.nom, gesture.observe, gesture.rend, self._patience)
        return FutureHandle(self._put(asked, gesture).future)

    def advance_clock(self, delta: timedelta) -> None:
        """Ask the tester to move the DUI's clock; raises ``HarnessError`` when he cannot."""
        demande = Demande("horloge", f"Avancez l'horloge du DUI de {duration(delta)}.", delai=self._patience)
        result = self._waited(self._put(demande))
        if result is None or result.etat is not Etat.FAIT:
            raise HarnessError("l'horloge du DUI n'a pas été avancée")

    def attest(self, question: Question) -> Attestation | None:
        """Put a form to the tester; None when it remains to be examined."""
        form = question.formulaire
        demande = Demande(
            "question",
            form.constat,
            delai=self._patience,
            a_joindre=form.a_joindre,
            atteste=form.atteste,
            exigences=question.exigences,
        )
        answer: Attestation | None = self._waited(self._put(demande))
        return answer

    def close(self) -> None:
        """Nothing to release."""

    def _put(self, demande: Demande, gesture: Gesture | None = None) -> _Open:
        """Ask, over what is asked already: a gesture goes on while the clock moves. A new gesture comes instead of a former one,
        that nobody waits for any more."""
        asked = _Open(demande, gesture)
        with self._lock:
            if gesture is not None:
                self._open.clear()
            closed = self._closed
            if not closed:
                self._open.append(asked)
        if closed:
            asked.future.set_result(asked.unanswered)
        else:
            self._terminal.ask(demande)
        return asked

    def _waited(self, asked: _Open) -> Any:
        """The answer; None when it did not come in time."""
        try:
            return asked.future.result(self._patience)
        except TimeoutError:
            self._end(asked, None)
            return None

    def _end(self, asked: _Open, answer: Any) -> None:
        """Give the answer to who waits for it; what it had interrupted is asked again first."""
        with self._lock:
            if asked not in self._open:
                return
            last = self._open[-1] is asked
            self._open.remove(asked)
            former = self._open[-1] if self._open and last else None
        if former is not None:
            self._terminal.ask(former.demande)
        asked.future.set_result(answer)

    def _shut(self) -> None:
        with self._lock:
            self._closed = True
            left, self._open = self._open, []
        for asked in left:
            asked.future.set_result(asked.unanswered)

    def _heard(self, line: str | Reponse | None) -> None:
        if line is None:
            self._shut()
            return
        with self._lock:
            asked = self._open[-1] if self._open else None
        if asked is not None:
            (self._answered if asked.demande.sorte == "question" else self._told)(asked, line)

    def _told(self, asked: _Open, line: str | Reponse) -> None:
        mot, rest = (line.mot, line.message) if isinstance(line, Reponse) else _first_word(line)
        etat = MOTS.get(mot.lower())
        if etat is None:
            self._terminal.say(f"Réponse non comprise : « {f'{mot} {rest}'.strip()} ».\n{AIDE}")
            return
        if etat in NEED_REASON and not rest:
            self._terminal.say(f"Donnez une raison après « {mot} », par exemple : {mot} écran absent de cette version")
            return
        if etat in NEED_REASON:
            self._end(asked, Resultat(etat, rest))
            return
        try:
            answer = line if isinstance(line, Reponse) else _parts(mot, rest, asked.gesture)
        except OSError as error:
            self._terminal.say(
                f"Fichier illisible ({error.strerror or error}) : vérifiez le chemin et répondez de nouveau.\n{AIDE}"
            )
            return
        observations = dict(answer.observations)
        nom = asked.gesture.nom if asked.gesture is not None else ""
        if etat is Etat.FAIT:
            observations.setdefault("session", {"se_connecter": True, "se_deconnecter": False}.get(nom))
        kept = tuple((k, v) for k, v in observations.items() if v is not None)
        self._end(asked, Resultat(etat, answer.message, kept, answer.pieces))

    def _answered(self, asked: _Open, line: str | Reponse) -> None:
        mot, rest = (line.mot, line.message) if isinstance(line, Reponse) else _first_word(line)
        if mot.lower() not in RESPONSES:
            self._terminal.say(f"Réponse non comprise : « {f'{mot} {rest}'.strip()} ».\n{QUESTION}")
            return
        try:
            answer = line if isinstance(line, Reponse) else _answer(mot, rest)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            self._terminal.say(f"Fichier refusé ({why}) : vérifiez le chemin et répondez de nouveau.\n{QUESTION}")
            return
        verdict = RESPONSES[mot.lower()]
        par = str(answer.observations.get("par") or self._par)
        self._end(asked, Attestation(verdict, answer.message, par, pieces=answer.pieces) if verdict else None)


def _first_word(line: str) -> tuple[str, str]:
    word, _, rest = line.strip().partition(" ")
    return word, rest.strip()


def _parts(mot: str, rest: str, gesture: Gesture | None) -> Reponse:
    """A line in parts: message, observations, and the file that it names by ``fichier=`` for a gesture that gives one; raises
    ``OSError``."""
    message, observations = read_observations(rest)
    if gesture is None or not gesture.rend or "fichier" not in observations:
        return Reponse(mot, message, observations)
    data = Path(str(observations.pop("fichier"))).expanduser().read_bytes()
    return Reponse(mot, message, observations, (Piece(gesture.rend[0], data),))


_ANSWER = re.compile(r"""(?<!\S)(par|fichier)=(?:"([^"]*)"|(\S+))(?!\S)""")


def _answer(mot: str, rest: str) -> Reponse:
    """The answer to a form, in parts: note, who attests (``par=``), files (``fichier=``, as many as needed); raises ``OSError``,
    or ``ValueError`` for a file that is not taken."""
    found = [(name, quoted or bare) for name, quoted, bare in _ANSWER.findall(rest)]
    pieces = []
    for path in (Path(value).expanduser() for name, value in found if name == "fichier"):
        piece = Piece(path.name, path.read_bytes())
        if wrong := refusal(piece.nom, piece.data):
            raise ValueError(wrong)
        pieces.append(piece)
    return Reponse(mot, " ".join(_ANSWER.sub(" ", rest).split()), dict(found), tuple(pieces))


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
