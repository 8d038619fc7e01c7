"""The tables at the top of rapport.html: verdicts counted, by system and by sector, and what is to be fixed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dui_conformance.core.settings import SECTEURS
from dui_conformance.core.verdict import Verdict

from .model import ExigenceResult, Judged

ATTENTION = (
    Verdict.ERREUR,
    Verdict.NON_CONFORME,
    Verdict.NON_CONCLUANT,
    Verdict.AVERTISSEMENT,
    Verdict.A_EXAMINER,
)


@dataclass(frozen=True, slots=True)
class ToFix:
    """One broken rule with all the places where it is broken."""

    first: Judged
    all: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a summary: the verdicts of its applicable exigences."""

    name: str
    counts: Mapping[Verdict, int]
    total: int


def counted(verdicts: Iterable[Verdict]) -> list[tuple[Verdict, int]]:
    """How many of each, worst first."""
    counts = Counter(verdicts)
    return [(v, counts[v]) for v in Verdict if counts[v]]


def columns(results: Sequence[ExigenceResult]) -> list[Verdict]:
    """The verdicts that a summary shows: those met, and always *non conforme* and *conforme*."""
    met = {r.verdict for r in results} | {Verdict.NON_CONFORME, Verdict.CONFORME}
    return [v for v in Verdict if v in met]


def by_system(results: Sequence[ExigenceResult]) -> list[Line]:
    """One line a system."""
    return _lines(results, lambda result: result.exigence.systeme, str)


def by_sector(results: Sequence[ExigenceResult], sectors: Sequence[str]) -> list[Line]:
    """One line a sector of the DUI."""
    lines = _lines(results, lambda r: [c for c in sectors if c in r.exigence.secteurs], lambda c: f"{c} ({SECTEURS.get(c, '')})")
    order = [f"{code} ({SECTEURS.get(code, '')})" for code in sectors]
    return sorted(lines, key=lambda line: order.index(line.name))


def _lines(
    results: Sequence[ExigenceResult], keys: Callable[[ExigenceResult], Iterable[str]], named: Callable[[str], str]
) -> list[Line]:
    grouped: dict[str, list[Verdict]] = {}
    for result in results:
        for key in keys(result):
            grouped.setdefault(named(key), []).append(result.verdict)
    return [Line(name, Counter(found), len(found)) for name, found in grouped.items()]


def needs_attention(judged: Judged) -> bool:
    """True for what someone must look at."""
    return judged.verdict in ATTENTION


def to_fix(judged: Sequence[Judged]) -> list[ToFix]:
    """Broken rules, worst first, each once with its places."""
    grouped: dict[tuple[Verdict, str, str], list[Judged]] = {}
    for each in judged:
        if needs_attention(each):
            message = each.constat.message if each.constat else each.raison
            grouped.setdefault((each.verdict, each.controle, message), []).append(each)
    rows = [ToFix(found[0], tuple(found)) for found in grouped.values()]
    return sorted(rows, key=lambda row: row.first.verdict.rank)


def by_reason(results: Iterable[ExigenceResult]) -> list[tuple[str, list[ExigenceResult]]]:
    """Exigences grouped by their reason, the most numerous first."""
    grouped: dict[str, list[ExigenceResult]] = {}
    for result in results:
        grouped.setdefault(result.raison, []).append(result)
    return sorted(grouped.items(), key=lambda row: -len(row[1]))


def by_check(judged: Sequence[Judged]) -> list[tuple[str, list[Judged]]]:
    """Applications grouped by check, worst first."""
    grouped: dict[str, list[Judged]] = {}
    for each in sorted(judged, key=lambda j: j.verdict.rank):
        grouped.setdefault(each.controle, []).append(each)
    return list(grouped.items())
