"""A campaign without sockets: a scripted driver, one service that obeys headers, and both stages, live and recorded."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from dui_conformance.core.archive import Archive
from dui_conformance.core.campaign import Campaign, Geste, Rules
from dui_conformance.core.check import make_check
from dui_conformance.core.clock import Clock
from dui_conformance.core.driver import Capabilities, FutureHandle
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.exchange import Body, Connection, Description, Exchange, Key, Reply, Request
from dui_conformance.core.formulaire import Attest
from dui_conformance.core.gestures import Etat, Gesture, Resultat
from dui_conformance.core.journal import Journal
from dui_conformance.core.people import Professionnel, Usager
from dui_conformance.core.problem import Evidence
from dui_conformance.core.real_data import guard
from dui_conformance.core.recorded import RecordedStage
from dui_conformance.core.recorder import LiveRecorder
from dui_conformance.core.runner import Outcome, run_scenario, scenario_of
from dui_conformance.core.service import Listener, Panne
from dui_conformance.core.settings import Delais, Settings
from dui_conformance.core.stage import LiveStage
from dui_conformance.mocks.service import BaseService

SETTINGS = Settings(delais=Delais(geste=0.2, echange=0.05, alimentation=0.05, absence=0.05))
DAY = date(2026, 4, 1)

Script = Callable[["Bench", Gesture], Resultat | None]


def done(**observations: Any) -> Resultat:
    return Resultat(Etat.FAIT, "", tuple(observations.items()))


class Obedient(BaseService):
    """Answers 200; the kind and keys of a request are in its headers."""

    def __init__(self, nom: str) -> None:
        super().__init__((Panne("certificat-de-test", "Un mauvais certificat.", certificate="expire"),))
        self.nom = nom
        self.listeners = (Listener(nom),)
        self.orders: list[str] = []

    def describe(self, listener: str, request: Request) -> Description:
        pairs = [k.split("=", 1) for k in request.header("X-Cles").split() if k]
        return Description(request.header("X-Genre"), tuple(Key(space, value) for space, value in pairs))

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        pairs = [k.split("=", 1) for k in request.header("X-Rend").split() if k]
        return Reply(body=Body(b"ok"), keys=tuple(Key(space, value) for space, value in pairs))

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        if nom in ("ordre", "persona"):
            self.orders.append(nom)
            return
        super().command(nom, arguments)


@dataclass
class ScriptedDriver:
    """Plays each gesture by its script; None: never ends."""

    bench: Bench
    scripts: dict[str, Script]
    horloge: bool = False
    by_hand: bool = False
    nom: str = "script"
    advanced: list[timedelta] = field(default_factory=list)

    def capabilities(self) -> Capabilities:
        offered = frozenset(self.scripts) - ({"creer_usager"} if self.by_hand else set())
        return Capabilities(offered, self.horloge, attend_personne=self.by_hand)

    def start(self, gesture: Gesture) -> FutureHandle:
        future: Future[Resultat] = Future()
        result = self.scripts[gesture.nom](self.bench, gesture)
        if result is not None:
            future.set_result(result)
        return FutureHandle(future)

    def advance_clock(self, delta: timedelta) -> None:
        self.advanced.append(delta)

    def close(self) -> None:
        self.scripts.clear()


class World:
    """People made of their seed."""

    def usager(self, profil: str, graine: str) -> Usager:
        number = f"2{zlib.crc32(graine.encode()):012d}"
        return Usager(f"u-{graine}", f"NOM{number}", ("A",), "F", "1950-01-02", "63220", profil, matricule=number, cle="00")

    def professionnel(self, nom: str) -> Professionnel:
        return Professionnel(nom, "NOM", "Prénom", "899700000001", "60", "Infirmier")


class Bench:
    """A folder, its journal, and what plays on it."""

    def __init__(self, folder: Path, scripts: dict[str, Script], *, horloge: bool = False, resume: bool = False) -> None:
        self.folder = folder
        self.clock = Clock()
        attempts: dict[str, int] = {}
        first = 1
        if resume:
            archive = Archive(folder)
            attempts = {e.scenario: e.attempt for e in archive.of_type("scenario.debut")}
            first = len(archive.exchange_ids) + 1
            self.journal = Journal.resume(folder, self.clock)
        else:
            self.journal = Journal.create(folder, self.clock, {})
        self.recorder = LiveRecorder(self.journal, self.clock, guard(lambda matricule: False), first=first)
        self.services = {nom: Obedient(nom) for nom in ("psc", "insi", "dmp")}
        self.driver = ScriptedDriver(self, scripts, horloge)
        self.failures: list[BaseException] = []
        self.attest: Attest = lambda question: None
        self.rules = Rules(_no_profile, _no_profile, (), DAY, frozenset({"insi.verification"}))
        self.stage = LiveStage(
            journal=self.journal,
            recorder=self.recorder,
            clock=self.clock,
            driver=self.driver,
            services=self.services,
            presenter=None,
            world=World(),
            attempts=attempts,
            attest=lambda question: self.attest(question),
            failures=self.failures,
        )

    def call(self, genre: str, *keys: str, rend: str = "", body: bytes = b"") -> str:
        """A call that the DUI makes; gives the exchange's id."""
        service = self.services[genre.partition(".")[0]]
        headers = (("X-Genre", genre), ("X-Cles", " ".join(keys)), ("X-Rend", rend))
        request = Request("POST", "/x", headers, Body(body), Connection())
        name = self.recorder.received(service, service.nom, request)
        self.recorder.answered(name, service.handle(service.nom, request, self.clock.now()))
        return name

    def exchange(self, name: str) -> Exchange:
        return next(e for e in self.recorder.exchanges() if e.id == name)

    def live(self, function: Callable[[Campaign], None]) -> Outcome:
        return run_scenario(Campaign(SETTINGS, self.stage, self.rules), self.stage, scenario_of(function))

    def again(self, function: Callable[[Campaign], None]) -> Outcome:
        stage = RecordedStage(Archive(self.folder))
        return run_scenario(Campaign(SETTINGS, stage, self.rules), stage, scenario_of(function))

    def both(self, function: Callable[[Campaign], None]) -> Outcome:
        """Play live, then from the journal: the verdicts, reasons and applications must be the same."""
        live, again = self.live(function), self.again(function)
        assert (again.verdict, again.reason, again.applications) == (live.verdict, live.reason, live.applications)
        return live


def _no_profile(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError("no profile here")


def _holds(exchange: Exchange) -> Evidence:
    """La règle tient."""
    return Evidence(at=exchange.id)


def _breaks(exchange: Exchange) -> Evidence:
    """La règle est enfreinte."""
    raise CheckFailed("Règle enfreinte", expected="a", received="b", at=exchange.id)


def _unsure(exchange: Exchange) -> Evidence:
    """La règle ne peut pas conclure."""
    raise Inconclusive("trop peu vu")


def _nothing(exchange: Exchange) -> Evidence:
    """La règle ne s'exerce pas."""
    return Evidence(fired=0)


def _of_gesture(geste: Geste) -> Evidence:
    """La règle porte sur un geste."""
    return Evidence()


HOLDS, BREAKS, UNSURE, NOTHING = (
    make_check(f, id=f"essai.{f.__name__.strip('_')}", covers=("X-1",), source="", confidence="vu")
    for f in (_holds, _breaks, _unsure, _nothing)
)
GUESS = make_check(_breaks, id="essai.devine", covers=("X-1",), source="", confidence="infere")
ON_GESTURE = make_check(_of_gesture, id="essai.geste", covers=("X-1",), source="", confidence="vu")
