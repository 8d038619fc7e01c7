"""Dashboards of sends: what they show, and whether their figures are those that the services saw (TBB-01 to TBB-07)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.gestures import Piece
from ..core.problem import Evidence
from ..validation.correspondances.lecture import read_table
from ..validation.correspondances.mapping import Correspondances
from ..validation.correspondances.models import LAYOUTS
from ..validation.tableau import FIGURES, Dashboard, Figure, Observed, dashboard_of, difference, tally
from .registry import check

MODEL = "tableau-de-bord"
SOURCE = "programme §1.12 (TBB.1 ; TBB/va1.01, .03, .05)"
_AXES = {
    "finess": "le FINESS géographique",
    "canal": "le canal (DMP, MSSanté professionnel, MSSanté usager)",
    "type": "le type de document",
    "resultat": "la réussite ou l'échec",
    "ins": "l'INS qualifiée ou non",
}


def read(piece: Piece, correspondances: Correspondances) -> Dashboard:
    """The figures of a file of the DUI."""
    return dashboard_of(read_table(piece, MODEL, correspondances))


@check("tableau.periods", covers=("TBB-01",), source=SOURCE, confidence="vu")
def dashboard_shows_its_periods(piece: Piece, correspondances: Correspondances, exchange: Exchange) -> Evidence:
    """Le tableau montre le mois courant, l'année courante et l'année précédente."""
    board, now = read(piece, correspondances), exchange.times.logical
    if board.by_event:
        return Evidence(at=piece.id, note="une ligne datée par envoi : toute période s'en déduit")
    wanted = {f"{now.year - 1}-{m:02d}" for m in range(1, 13)} | {f"{now.year}-{m:02d}" for m in range(1, now.month + 1)}
    missing = sorted(wanted - board.months)
    if missing:
        raise CheckFailed(
            "Périodes absentes du tableau de bord",
            expected=f"chaque mois de {now.year - 1}, et de {now.year} jusqu'au mois courant",
            received=f"manque {', '.join(missing[:6])}{'…' if len(missing) > 6 else ''}",
            at=piece.id,
            hint="Garder au moins l'année précédente et l'année en cours, mois par mois.",
        )
    return Evidence(at=piece.id, note=board.table.note, fired=len(wanted))


@check("tableau.axes", covers=("TBB-02",), source=SOURCE, confidence="vu")
def dashboard_breaks_down_its_figures(piece: Piece, correspondances: Correspondances) -> Evidence:
    """Le tableau ventile les envois par FINESS géographique, canal, type de document, résultat et qualité de l'INS."""
    board = read(piece, correspondances)
    missing = [words for axis, words in _missing(board) if axis]
    if missing:
        raise CheckFailed(
            f"Axe de ventilation absent du tableau de bord : {missing[0]}",
            expected=" ; ".join(_AXES.values()),
            received=f"manque {' ; '.join(missing)}",
            at=piece.id,
            hint="Une colonne par axe, remplie à chaque ligne ; par mois, un indicateur par canal, résultat et INS.",
        )
    return Evidence(at=piece.id, note=board.table.note, fired=len(_AXES))


def _missing(board: Dashboard) -> Iterator[tuple[str, str]]:
    if board.by_event:
        for axis, words in _AXES.items():
            written = {line.text(axis) for line in board.table.lines}
            if axis not in board.table.columns or "" in written:
                yield axis, words
            elif axis == "type" and len(written) == 1 and len(board.table.lines) > 2:
                yield axis, f"{words} (toujours « {next(iter(written))} »)"
        return
    for figure in FIGURES:
        if figure not in board.shown:
            yield "canal", f"l'indicateur « {figure.label} »"
    for column in ("ins-qualifiee", "ins-non-qualifiee"):
        if column not in board.table.columns:
            yield "ins", "les envois avec et sans INS qualifiée"
            return


@check("tableau.finess", covers=("TBB-02",), source=SOURCE, confidence="vu")
def dashboard_names_the_establishment(piece: Piece, correspondances: Correspondances) -> Evidence:
    """Le tableau dit le FINESS géographique de l'établissement qu'il concerne, sur neuf caractères."""
    board = read(piece, correspondances)
    texts = [line.text("finess") for line in board.table.lines] if board.by_event else board.table.text.split()
    if not any(len(t.strip()) == 9 and t.strip()[1:].isdigit() for text in texts for t in text.replace(";", " ").split()):
        raise CheckFailed(
            "FINESS géographique absent du tableau de bord",
            expected="le FINESS à neuf caractères de l'établissement",
            received="aucun",
            at=piece.id,
            hint="L'écrire à chaque ligne, ou dans le titre d'un tableau qui ne concerne qu'un établissement.",
        )
    return Evidence(at=piece.id, note=board.table.note)


@check("tableau.same-as-observed", covers=("TBB-04", "TBB-03"), source="recoupement, valeur ajoutée du banc", confidence="vu")
def figures_are_those_observed(
    before: Piece, after: Piece, observed: Sequence[Observed], correspondances: Correspondances
) -> Evidence:
    """Entre deux extractions, chaque chiffre du tableau augmente d'autant d'envois que le banc en a observé."""
    last = read(after, correspondances)
    added = difference(read(before, correspondances), last)
    seen = tally(observed)
    wrong = [figure for figure in FIGURES if added[figure] != seen[figure]]
    if wrong:
        raise CheckFailed(
            f"Chiffre du tableau différent des envois observés : {wrong[0].label}",
            expected=_said(seen, wrong),
            received=_said(added, wrong),
            at=f"{after.id}, {LAYOUTS[last.table.layout]}",
            hint="Compter chaque document envoyé une fois, avec son canal et son issue, échecs compris.",
        )
    return Evidence(at=after.id, note=f"{len(observed)} envois recoupés", fired=len(FIGURES))


@check("tableau.identities", covers=("TBB-02", "TBB-04"), source="recoupement, valeur ajoutée du banc", confidence="vu")
def identities_are_told_apart(before: Piece, after: Piece, correspondances: Correspondances) -> Evidence:
    """Les envois faits pour une identité qui n'est pas qualifiée sont comptés à part."""
    first, last = read(before, correspondances), read(after, correspondances)
    unsure = last.qualified.get("non", 0) - first.qualified.get("non", 0)
    if unsure < 1:
        raise CheckFailed(
            "Envois sans INS qualifiée non comptés à part",
            expected="au moins un envoi sans INS qualifiée entre les deux extractions",
            received=str(unsure),
            at=after.id,
            hint="Retenir, à l'envoi, si l'identité est qualifiée.",
        )
    return Evidence(at=after.id, note=f"{unsure} envoi(s) sans INS qualifiée")


@check("tableau.dmp-not-null", covers=("TBB-06",), source=SOURCE, confidence="vu")
def dmp_figures_are_not_null(piece: Piece, correspondances: Correspondances) -> Evidence:
    """L'indicateur DMP du tableau n'est pas nul."""
    return _not_null(piece, read(piece, correspondances), ("dmp",))


@check("tableau.mss-not-null", covers=("TBB-07",), source=SOURCE, confidence="vu")
def mss_figures_are_not_null(piece: Piece, correspondances: Correspondances) -> Evidence:
    """L'indicateur MSSanté du tableau n'est pas nul."""
    return _not_null(piece, read(piece, correspondances), ("mss-professionnel", "mss-usager"))


def _not_null(piece: Piece, board: Dashboard, channels: Sequence[str]) -> Evidence:
    total = sum(board.counts.get(Figure(channel, "reussite"), 0) for channel in channels)
    if not board.table.lines:
        raise Inconclusive(f"{piece.id} : aucune ligne")
    if total < 1:
        raise CheckFailed(
            "Indicateur nul dans le tableau de bord",
            expected="au moins un envoi réussi",
            received=f"0 ({', '.join(channels)})",
            at=piece.id,
            hint="Vérifier que les envois de ce canal alimentent le tableau.",
        )
    return Evidence(at=piece.id, note=f"{total} envoi(s)")


def _said(figures: dict[Figure, int], wrong: Sequence[Figure]) -> str:
    return " ; ".join(f"{figure.label} : {figures[figure]:+d}" for figure in wrong)
