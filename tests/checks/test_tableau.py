"""Dashboards in two unlike layouts and three file formats: their figures, periods and axes, and what the services saw."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from dui_conformance.checks import tableau
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.exchange import Connection, Exchange, Times
from dui_conformance.core.gestures import Piece
from dui_conformance.validation.correspondances.mapping import Correspondances
from dui_conformance.validation.tableau import Figure, Observed

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
TITLES = ["Date", "FINESS", "RPPS", "Canal", "Type de document", "Résultat", "INS qualifiée"]
DMP, PRO, USAGER = "DMP", "MSSanté professionnel", "MSSanté usager"
EVENTS = [
    ["2026-11-22T09:00:00+00:00", "990000028", "99700000002", DMP, "consultation", "réussite", "oui"],
    ["2026-11-22T09:01:00+00:00", "990000028", "99700000002", PRO, "fiche-soins", "réussite", "non"],
    ["2026-11-22T09:02:00+00:00", "990000028", "99700000002", USAGER, "consultation", "échec", "oui"],
]
SEEN = (
    Observed(Figure("dmp", "reussite"), "E1"),
    Observed(Figure("mss-professionnel", "reussite"), "E2"),
    Observed(Figure("mss-usager", "echec"), "E3"),
)
NONE = Correspondances()
MONTHS = [f"{m:02d}/{y}" for y in (2025, 2026) for m in range(1, 13) if y < 2026 or m <= 11]
INDICATORS = {
    f"{DMP} : réussites": 1,
    f"{DMP} : échecs": 0,
    f"{PRO} : réussites": 1,
    f"{PRO} : échecs": 0,
    f"{USAGER} : réussites": 0,
    f"{USAGER} : échecs": 1,
    "INS qualifiée": 2,
    "INS non qualifiée": 1,
}


@dataclass(frozen=True)
class Layout:
    """Rows after and before the sends."""

    after: list[list[str]]
    before: list[list[str]]


def monthly(counts: dict[str, int], months: list[str] = MONTHS) -> list[list[str]]:
    rows = [["Tableau de bord", "990000028"], ["Indicateur", *months]]
    return [*rows, *([name, *("0" for _ in months[1:]), str(count)] for name, count in counts.items())]


BY_EVENT = Layout([TITLES, *EVENTS], [TITLES])
BY_MONTH = Layout(monthly(INDICATORS), monthly(dict.fromkeys(INDICATORS, 0)))
LAYOUTS = pytest.mark.parametrize("layout", [BY_EVENT, BY_MONTH], ids=["par-envoi", "par-mois"])


def piece(rows: list[list[str]]) -> Piece:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    return Piece("tableau-de-bord.csv", text.getvalue().encode("utf-8-sig"))


def exchange() -> Exchange:
    return Exchange("E1", "mss", "mss.smtp.envoi", None, None, Connection(), Times(NOW, NOW, 0))


@LAYOUTS
def test_a_right_dashboard_keeps_every_rule(layout: Layout) -> None:
    before, after = piece(layout.before), piece(layout.after)
    assert tableau.dashboard_shows_its_periods(after, NONE, exchange()).fired
    assert tableau.dashboard_breaks_down_its_figures(after, NONE).fired
    assert tableau.dashboard_names_the_establishment(after, NONE).fired
    assert tableau.figures_are_those_observed(before, after, SEEN, NONE).fired == 6
    assert tableau.identities_are_told_apart(before, after, NONE).fired
    assert tableau.dmp_figures_are_not_null(after, NONE).fired
    assert tableau.mss_figures_are_not_null(after, NONE).fired


def fails(judge: Callable[[], object], expected: str = "") -> CheckFailed:
    with pytest.raises(CheckFailed) as failed:
        judge()
    assert expected in f"{failed.value.message} {failed.value.received}"
    return failed.value


@LAYOUTS
def test_a_figure_that_was_not_observed_is_told(layout: Layout) -> None:
    before, after = piece(layout.before), piece(layout.after)
    fails(lambda: tableau.figures_are_those_observed(before, after, SEEN[:2], NONE), "MSSanté usager, échecs")
    fails(lambda: tableau.figures_are_those_observed(before, after, (*SEEN, SEEN[0]), NONE), "DMP, réussites : +1")
    fails(lambda: tableau.figures_are_those_observed(after, after, SEEN, NONE), "+0")


@LAYOUTS
def test_identities_that_are_all_qualified_are_told(layout: Layout) -> None:
    after = piece(layout.after)
    fails(lambda: tableau.identities_are_told_apart(after, after, NONE))


@LAYOUTS
def test_null_indicators_are_told(layout: Layout) -> None:
    rows = [TITLES, EVENTS[2]] if layout is BY_EVENT else layout.before
    fails(lambda: tableau.dmp_figures_are_not_null(piece(rows), NONE))
    fails(lambda: tableau.mss_figures_are_not_null(piece(rows), NONE))


def test_missing_months_are_told() -> None:
    rows = monthly(INDICATORS, [m for m in MONTHS if m != "02/2025"])
    assert "2025-02" in fails(lambda: tableau.dashboard_shows_its_periods(piece(rows), NONE, exchange())).received


@pytest.mark.parametrize(("column", "word"), [(1, "FINESS"), (4, "type"), (6, "INS")])
def test_a_missing_axis_is_told(column: int, word: str) -> None:
    empty = [TITLES, *([*row[:column], "", *row[column + 1 :]] for row in EVENTS)]
    absent = [[c for rank, c in enumerate(row) if rank != column] for row in [TITLES, *EVENTS]]
    for rows in (empty, absent):
        fails(lambda rows=rows: tableau.dashboard_breaks_down_its_figures(piece(rows), NONE), word)


def test_one_type_for_all_and_a_missing_indicator_are_told() -> None:
    same = [TITLES, *([*row[:4], "document", *row[5:]] for row in EVENTS)]
    fails(lambda: tableau.dashboard_breaks_down_its_figures(piece(same), NONE), "toujours")
    some = {name: n for name, n in INDICATORS.items() if name != f"{USAGER} : échecs"}
    fails(lambda: tableau.dashboard_breaks_down_its_figures(piece(monthly(some)), NONE), "MSSanté usager, échecs")


def test_a_dashboard_without_establishment_is_told() -> None:
    rows = [TITLES, *([row[0], "28", *row[2:]] for row in EVENTS)]
    fails(lambda: tableau.dashboard_names_the_establishment(piece(rows), NONE))


def test_an_unknown_word_settles_nothing() -> None:
    with pytest.raises(Inconclusive, match="pigeon"):
        tableau.dmp_figures_are_not_null(piece([TITLES, [*EVENTS[0][:3], "pigeon voyageur", *EVENTS[0][4:]]]), NONE)
    with pytest.raises(Inconclusive, match="entier"):
        tableau.dmp_figures_are_not_null(piece(monthly({**INDICATORS, f"{DMP} : réussites": "beaucoup"})), NONE)
