"""The traces of connections that a DUI gives: a table (CSV, lines of JSON, XLSX, ODS) read by model ``traces-connexions``."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.errors import Inconclusive, NotTested
from ..core.gestures import Piece
from ..core.providers import provider
from .correspondances.lecture import Line, read_table
from .correspondances.mapping import Correspondances
from .correspondances.models import plain

_GOOD = ("reussi", "succes", "success", "ok", "vrai", "true", "accepte")


@dataclass(frozen=True, slots=True)
class Trace:
    """One line. ``moment`` is None when its date cannot be read; ``line`` is its rank in the file, from 1."""

    line: int
    moment: float | None
    user: str
    nature: str
    good: bool
    acr: str
    auth_mode: str


@dataclass(frozen=True, slots=True)
class ConnectionTraces:
    """All of them, and the text of the file, in which nothing secret may be found."""

    id: str
    traces: tuple[Trace, ...]
    text: str


@provider
def connection_traces(piece: Piece) -> ConnectionTraces:
    """Read the file; raises ``Inconclusive`` when it is not a table with a date and a user."""
    try:
        table = read_table(piece, "traces-connexions", Correspondances(), guess=True)
    except NotTested as error:
        raise Inconclusive(str(error)) from error
    return ConnectionTraces(piece.id, tuple(map(_trace, table.lines)), table.text)


def _trace(line: Line) -> Trace:
    good = plain(line.text("resultat"))
    return Trace(
        line=line.rank,
        moment=line.instant("date"),
        user=line.text("utilisateur"),
        nature=line.text("nature"),
        good=any(word in good for word in _GOOD) and not good.startswith(("non", "in")),
        acr=line.text("acr"),
        auth_mode=line.text("auth_mode"),
    )
