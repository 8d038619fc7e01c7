"""The client's own dashboard (TBB.1): the DMP indicator and the MSSanté case, read from the extract that the OG gives."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dui_conformance.core.errors import Inconclusive, InputError, NotTested
from dui_conformance.core.gestures import Piece
from dui_conformance.validation.correspondances.lecture import read_table
from dui_conformance.validation.correspondances.mapping import Correspondances
from dui_conformance.validation.tableau import Dashboard, Figure, dashboard_of

from .pv_data import PvData

MODEL = "tableau-de-bord"


def with_dashboard(data: PvData, path: Path, known: Correspondances | None = None) -> PvData:
    """The same data with the figures of the extract: those that people typed give way to it, and a contradiction is refused.

    Raises ``InputError`` when the extract cannot be read, or when its columns have to be confirmed first.
    """
    try:
        board = dashboard_of(read_table(Piece(path.name, path.read_bytes()), MODEL, known or Correspondances()))
    except (OSError, Inconclusive, NotTested) as error:
        raise InputError(f"{path} : tableau de bord illisible ({error}).") from None
    dmp, professional, citizen = (_sent(board, channel) for channel in ("dmp", "mss-professionnel", "mss-usager"))
    held = data.indicateurs
    if held.dmp_valeur is not None and held.dmp_valeur != dmp:
        raise InputError(f"{path} : {dmp} envois au DMP réussis, mais dmp_valeur = {held.dmp_valeur} dans les données du PV.")
    if held.cas == 2 and professional + citizen:
        raise InputError(f"{path} : {professional + citizen} envois MSSanté réussis, mais le cas 2 (non installée) est déclaré.")
    months = sorted(board.months)
    period = f"{months[0]} à {months[-1]}" if months else held.dmp_periode
    return replace(
        data,
        indicateurs=replace(
            held,
            dmp_valeur=dmp,
            dmp_periode=period,
            dmp_extrait=path.name,
            mss_professionnel=professional,
            mss_usager=citizen,
            cas=held.cas or (1 if professional + citizen else None),
        ),
    )


def _sent(board: Dashboard, channel: str) -> int:
    return board.counts.get(Figure(channel, "reussite"), 0)
