"""Judges each exchange by the Profile of its kind, as it arrives: what ``serve`` shows, and what ``run`` keeps of strays."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..checks.registry import all_profiles
from ..core.campaign import Rules, verdict_row
from ..core.check import Application
from ..core.errors import Inconclusive
from ..core.exchange import Exchange
from ..core.profile import Profile, best_for
from ..core.verdict import Severity, Verdict, roll_up
from ..validation.cda.view import CdaDocument

if TYPE_CHECKING:
    from .house import House

PENDING = 256
FAILURE = "harnais.jugement"


@dataclass(frozen=True, slots=True)
class Judgement:
    """An exchange and what its profiles say of it; no profile: *sans objet*."""

    exchange: Exchange
    profile: str
    applications: tuple[Application, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of the applications that reached a conclusion; rules that could not run are not held against it."""
        settled = [a.verdict for a in self.applications if a.verdict is not Verdict.NON_CONCLUANT]
        return roll_up(settled) if settled else Verdict.SANS_OBJET

    @property
    def first(self) -> Application | None:
        """The application to show first: the worst one."""
        found = [a for a in self.applications if a.finding is not None]
        return min(found, key=lambda a: a.verdict.rank) if found else None


def judge(exchange: Exchange, rules: Rules, settings: Any) -> Judgement:
    """Run the profile in force for this kind of exchange, then that of the document which it carries, if any."""
    profiles = [profile for kind in _kinds(exchange) if (profile := _profile(kind, rules)) is not None]
    found: list[Application] = []
    try:
        for profile in profiles:
            found += rules.run_profile(
                profile,
                (exchange,),
                context=(settings, *rules.context),
                blocking=exchange.kind not in rules.provisional,
                day=rules.day,
            )
    except Exception as error:  # noqa: BLE001 - as in a scenario: an error of ours is said to be ours, and the next exchange is judged
        found.append(_failure(exchange, error))
    return Judgement(exchange, " + ".join(p.id for p in profiles), tuple(found))


def record(judgement: Judgement, append: Callable[..., Any], blob: Callable[[Any], str]) -> None:
    """Write the verdicts of an exchange outside any scenario."""
    for application in judgement.applications:
        if application.verdict is not Verdict.NON_CONCLUANT:
            append("verdict", scenario="", tentative=0, **verdict_row(application, blob))


class Judge:
    """Judges in a thread of its own the exchanges that ``wanted`` accepts, and records each judgement at once.

    A context manager; leaving it waits for what has come. At most ``PENDING`` exchanges wait: past that the services
    answer more slowly instead of filling the memory.
    """

    def __init__(
        self, house: House, *, wanted: Callable[[Exchange], bool] = bool, show: Callable[[Judgement], None] = lambda j: None
    ) -> None:
        self._house = house
        self._wanted = wanted
        self._show = show
        self._arrived: queue.Queue[Exchange | None] = queue.Queue(PENDING)
        self._thread = threading.Thread(target=self._work, name="juge", daemon=True)
        self._early: set[str] | None = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Judge:
        self._thread.start()
        self._house.recorder.observers.append(self._hear)
        for exchange in self._house.recorder.exchanges():
            self._hear(exchange)
        self._early = None
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._house.recorder.observers.remove(self._hear)
        self._arrived.put(None)
        self._thread.join()

    def _hear(self, exchange: Exchange) -> None:
        """Take an exchange once, whether it came before this judge or while it was being installed."""
        with self._lock:
            if self._early is not None:
                if exchange.id in self._early:
                    return
                self._early.add(exchange.id)
        if self._wanted(exchange):
            self._arrived.put(exchange)

    def _work(self) -> None:
        house = self._house
        while (exchange := self._arrived.get()) is not None:
            judgement = judge(exchange, house.rules, house.settings)
            with house.journal.together():
                record(judgement, house.journal.append, house.journal.blob_json)
            self._show(judgement)
            exchange.memo.clear()
            if exchange.request is not None:
                exchange.request.memo.clear()


def _kinds(exchange: Exchange) -> list[str]:
    if exchange.request is None:
        return [exchange.kind]
    try:
        return [exchange.kind, exchange.view(CdaDocument).kind]
    except Inconclusive:
        return [exchange.kind]


def _profile(kind: str, rules: Rules) -> Profile | None:
    assert rules.day is not None
    return best_for(kind, tuple(all_profiles().values()), rules.day)


def _failure(exchange: Exchange, error: Exception) -> Application:
    return Application(
        check=FAILURE,
        rule="Le banc juge chaque échange.",
        verdict=Verdict.ERREUR,
        severity=Severity.ERREUR,
        exigences=(),
        subjects=(exchange.id,),
        reason=f"{type(error).__name__} : {error}",
    )
