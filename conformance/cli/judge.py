"""Judges each exchange by the Profile of its kind, as it arrives: what ``serve`` shows, and what ``run`` keeps of strays."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..checks.registry import all_profiles
from ..core.campaign import Rules, verdict_row
from ..core.check import Application
from ..core.errors import Inconclusive
from ..core.exchange import Exchange, Reply
from ..core.problem import Finding
from ..core.profile import Profile, best_for
from ..core.verdict import Severity, Verdict, roll_up
from ..validation.cda.view import CdaDocument
from ..validation.mail import RawMail
from ..validation.mail.envelope import SUBMITTED
from ..validation.mail.pieces import pieces_of
from ..validation.tls import explain

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
    profiles: list[Profile] = []
    found: list[Application] = []
    try:
        for kind, subjects in _judged(exchange):
            profile = _profile(kind, rules)
            if profile is None:
                continue
            profiles.append(profile)
            found += rules.run_profile(
                profile,
                subjects,
                context=(settings, *rules.context),
                blocking=exchange.kind not in rules.provisional,
                day=rules.day,
            )
        if not any(a.finding for a in found):
            found += _unserved(exchange)
    except Exception as error:  # noqa: BLE001 - as in a scenario: an error of ours is said to be ours, and the next exchange is judged
        found.append(_failure(exchange, error))
    return Judgement(exchange, " + ".join(dict.fromkeys(p.id for p in profiles)), tuple(found))


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


def _judged(exchange: Exchange) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """What is judged of an exchange: itself, then the document that it carries, or the message with all that it holds."""
    yield exchange.kind, (exchange,)
    if exchange.request is None:
        return
    if exchange.kind == SUBMITTED:
        yield from ((piece.kind, piece.subjects) for piece in pieces_of(exchange.view(RawMail)))
        return
    try:
        yield exchange.view(CdaDocument).kind, (exchange,)
    except Inconclusive:
        return


def _profile(kind: str, rules: Rules) -> Profile | None:
    assert rules.day is not None
    return best_for(kind, tuple(all_profiles().values()), rules.day)


def _unserved(exchange: Exchange) -> list[Application]:
    """What no profile can judge but a person must know: a call that was not understood, a connection that failed."""
    if exchange.request is None:
        if exchange.connection.established:
            return []
        return [
            _advice(
                exchange,
                "connexion",
                "La connexion TLS aboutit.",
                explain(exchange.connection),
                expected="une négociation TLS 1.2 ou 1.3 qui aboutit, puis une requête HTTP",
                received=exchange.connection.error or f"alerte TLS {exchange.connection.alert}",
                hint="Comparer avec services.json : https, port du service, ac.pem comme autorité, certificat du bon rôle.",
            )
        ]
    if not exchange.kind.endswith(".inconnu"):
        return []
    reply = exchange.reply
    return [
        _advice(
            exchange,
            "appel",
            "L'appel est de ceux que le service offre, en un message bien formé.",
            _said(reply) if reply is not None else "appel sans réponse",
            expected="un appel que le service simulé connaît",
            received=f"{exchange.request.method} {exchange.request.path[:200]}",
            hint="Comparer l'adresse avec services.json, et le message avec la documentation du service.",
        )
    ]


def _said(reply: Reply) -> str:
    """The reason that a refusal gives, free of markup."""
    text = reply.body.read()[:4096].decode("utf-8", "replace")
    return " ".join(re.sub(r"<[^<>]*>", " ", text).split())[:300] or f"refusé (HTTP {reply.status:d})"


def _advice(exchange: Exchange, nature: str, rule: str, message: str, *, expected: str, received: str, hint: str) -> Application:
    ident = f"{nature}.{exchange.service}"
    return Application(
        check=ident,
        rule=rule,
        verdict=Verdict.AVERTISSEMENT,
        severity=Severity.AVERTISSEMENT,
        exigences=(),
        subjects=(exchange.id,),
        finding=Finding(ident, message, expected, received, exchange.id, hint),
    )


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
