"""Dashboards of what a DUI sent, in either layout, as figures; and the same figures from what the services saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..core.errors import Inconclusive
from ..core.exchange import Exchange
from ..core.providers import provider
from .correspondances.lecture import Line, Table
from .correspondances.models import EVENEMENTS
from .correspondances.periods import month_of
from .mail.addresses import is_citizen
from .mail.envelope import SUBMITTED, Envelope

CHANNELS = {"dmp": "DMP", "mss-professionnel": "MSSanté professionnel", "mss-usager": "MSSanté usager"}
OUTCOMES = {"reussite": "réussites", "echec": "échecs"}
DEPOSIT, REFUSED = "dmp.td2.1", "mss.smtp.refus"


@dataclass(frozen=True, slots=True)
class Figure:
    """What is counted: a channel and an outcome."""

    channel: str
    outcome: str

    @property
    def label(self) -> str:
        """In French."""
        return f"{CHANNELS[self.channel]}, {OUTCOMES[self.outcome]}"


FIGURES = tuple(Figure(channel, outcome) for channel in CHANNELS for outcome in OUTCOMES)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """The figures of a file, over all its months. ``months`` are those that it shows (``AAAA-MM``), ``shown`` the figures that it
    gives, even null; ``qualified`` counts by identity (``oui``, ``non``) where the file tells them apart."""

    table: Table
    counts: Mapping[Figure, int]
    shown: frozenset[Figure]
    qualified: Mapping[str, int]
    months: frozenset[str]

    @property
    def by_event(self) -> bool:
        """True for one line a send."""
        return self.table.layout == EVENEMENTS


@dataclass(frozen=True, slots=True)
class Observed:
    """One document that the DUI tried to send: by which channel, and whether the service took it."""

    figure: Figure
    exchange: str


def dashboard_of(table: Table) -> Dashboard:
    """The figures of a file; raises ``Inconclusive`` when a line cannot be counted."""
    return _of_events(table) if table.layout == EVENEMENTS else _of_months(table)


def _of_events(table: Table) -> Dashboard:
    counts: Counter[Figure] = Counter()
    qualified: Counter[str] = Counter()
    months = set()
    for line in table.lines:
        channel, outcome = line.code("canal"), line.code("resultat")
        if not channel or not outcome:
            raise Inconclusive(
                f"{table.id}, ligne {line.rank} : canal « {line.text('canal')} » ou résultat « {line.text('resultat')} » inconnu"
            )
        counts[Figure(channel, outcome)] += 1
        qualified[line.code("ins")] += 1
        months.add(_month(line))
    return Dashboard(table, counts, frozenset(FIGURES), qualified, frozenset(m for m in months if m))


def _month(line: Line) -> str:
    text = line.text("date")
    return month_of(text[:7]) or (month_of(f"{text[3:5]}/{text[6:10]}") if len(text) >= 10 else "")


def _of_months(table: Table) -> Dashboard:
    counts: Counter[Figure] = Counter()
    qualified: Counter[str] = Counter()
    for line in table.lines:
        for figure in FIGURES:
            counts[figure] += _whole(line, f"{figure.channel}-{figure.outcome}", table)
        for column, key in (("ins-qualifiee", "oui"), ("ins-non-qualifiee", "non")):
            qualified[key] += _whole(line, column, table)
    shown = frozenset(f for f in FIGURES if f"{f.channel}-{f.outcome}" in table.columns)
    return Dashboard(table, counts, shown, qualified, frozenset(line.mois for line in table.lines))


def _whole(line: Line, column: str, table: Table) -> int:
    if not line.text(column):
        return 0
    value = line.number(column)
    if value is None or value != value.to_integral_value():
        raise Inconclusive(f"{table.id}, {line.mois} : « {line.text(column)} » n'est pas un nombre entier ({column})")
    return int(value)


def difference(before: Dashboard, after: Dashboard) -> dict[Figure, int]:
    """What was added between two extracts."""
    return {figure: after.counts.get(figure, 0) - before.counts.get(figure, 0) for figure in FIGURES}


def tally(observed: Iterable[Observed]) -> dict[Figure, int]:
    """What the services saw, as figures."""
    counted = Counter(o.figure for o in observed)
    return {figure: counted.get(figure, 0) for figure in FIGURES}


@provider
def _observed(exchange: Exchange) -> Observed:
    """A mail submitted or refused, a document deposited or not."""
    if exchange.kind == DEPOSIT:
        return Observed(Figure("dmp", "reussite" if exchange.facts.get("stocke") else "echec"), exchange.id)
    if exchange.kind == SUBMITTED:
        envelope = exchange.view(Envelope)
        citizen = any(is_citizen(r.address) for r in envelope.recipients)
        taken = exchange.reply is not None and exchange.reply.status == 250
        return Observed(Figure("mss-usager" if citizen else "mss-professionnel", "reussite" if taken else "echec"), exchange.id)
    if exchange.kind == REFUSED:
        citizen = is_citizen(exchange.http.header("RCPT TO").partition(">")[0].strip("< "))
        return Observed(Figure("mss-usager" if citizen else "mss-professionnel", "echec"), exchange.id)
    raise Inconclusive(f"l'échange {exchange.id} n'est pas un envoi")
