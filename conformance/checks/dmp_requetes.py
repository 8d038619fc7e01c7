"""Consultation and management calls to the DMP: the rules of TD0.3, TD0.4, TD3.1, TD3.2 and TD3.3, row by row.

Each row of ``validation.dmp`` (:class:`Regle`) becomes a check; what follows the tables needs more than the call alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..core.check import Check
from ..core.errors import CheckFailed
from ..core.exchange import Exchange
from ..core.problem import Evidence, Problem
from ..core.verdict import Confidence
from ..validation.dmp import modification, recherche, retrait
from ..validation.dmp.regle import Regle
from ..validation.dmp.requete import StoredQuery
from .registry import add, check


def judged(problems: Iterable[Problem], evidence: Evidence) -> Evidence:
    """``evidence`` when there is no problem; else fails with the first, and with all of them."""
    found = tuple(problems)
    if not found:
        return evidence
    first = found[0]
    failure = CheckFailed(first.message, expected=first.expected, received=first.received, at=first.at, hint=first.hint)
    if len(found) > 1:
        failure.problems = found  # type: ignore[attr-defined]
    raise failure


def _as_check(row: Regle) -> Check:
    return Check(
        id=row.id,
        rule=row.enonce,
        covers=row.exigences,
        source=row.source,
        confidence=Confidence(row.confiance),
        function=_judging(row),
        parameters=(("view", row.vue),),
    )


def _judging(row: Regle) -> Callable[[Any], Evidence]:
    return lambda view: judged(row.problems(view), Evidence(note=row.enonce))


for _table in (recherche.REGLES, retrait.REGLES, modification.REGLES):
    for _row in _table:
        add(_as_check(_row))


@check(
    "dmp.td31.first-search",
    covers=("DMP-CONS-16", "DMP-CONS-21"),
    source="exemples d'usage PDSM ; EX_3.1-1020, -1030",
    confidence="secondaire",
)
def first_search_is_bounded(exchange: Exchange, query: StoredQuery) -> Evidence:
    """La première recherche, automatique, se limite aux documents actifs des deux dernières années."""
    return judged(recherche.first_search_problems(query, exchange.times.logical), Evidence(note="deux ans, documents actifs"))
