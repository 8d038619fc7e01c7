"""Judges each exchange by the Profile of its kind, as it arrives: what ``serve`` shows, and what ``run`` keeps of strays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..checks.registry import all_profiles
from ..core.campaign import Rules, verdict_row
from ..core.check import Application
from ..core.exchange import Exchange
from ..core.profile import best_for
from ..core.verdict import Verdict, roll_up


@dataclass(frozen=True, slots=True)
class Judgement:
    """An exchange and what its profile says of it; no profile: *sans objet*."""

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
    """Run the profile in force for this kind of exchange."""
    assert rules.day is not None
    profile = best_for(exchange.kind, tuple(all_profiles().values()), rules.day)
    if profile is None:
        return Judgement(exchange, "", ())
    found = rules.run_profile(
        profile,
        (exchange,),
        context=(settings, *rules.context),
        blocking=exchange.kind not in rules.provisional,
        day=rules.day,
    )
    return Judgement(exchange, profile.id, tuple(found))


def record(judgement: Judgement, append: Callable[..., Any], blob: Callable[[Any], str]) -> None:
    """Write the verdicts of an exchange outside any scenario."""
    for application in judgement.applications:
        if application.verdict is not Verdict.NON_CONCLUANT:
            append("verdict", scenario="", tentative=0, **verdict_row(application, blob))
