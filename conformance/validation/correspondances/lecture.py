"""A file of the DUI, read as the lines of its model: what checks ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from ...core.errors import Inconclusive, NotTested
from ...core.gestures import Piece
from .mapping import Correspondances, Proposal, Reading, propose
from .models import EVENEMENTS, MOIS_EN_COLONNES, Column, Model, model, plain
from .periods import instant_of, month_of
from .sheets import Sheet, read_sheets


@dataclass(frozen=True, slots=True)
class Line:
    """One event, or one month. ``rank`` is the row in the file; texts are as written; a column that is absent gives ``""``."""

    rank: int
    texts: Mapping[str, str]
    columns: Mapping[str, Column] = field(repr=False)
    zone: str = "UTC"
    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict, repr=False)
    mois: str = ""

    def text(self, column: str) -> str:
        """What is written."""
        return self.texts.get(column, "")

    def instant(self, column: str) -> float | None:
        """Seconds since the epoch; None when it cannot be read."""
        return instant_of(self.text(column), self.zone)

    def number(self, column: str) -> Decimal | None:
        """A figure, French or English; None when it is none."""
        text = re.sub(r"[\s\u00a0\u202f%€]", "", self.text(column)).replace(",", ".")
        try:
            value = Decimal(text)
        except InvalidOperation:
            return None
        return value if value.is_finite() else None

    def code(self, column: str) -> str:
        """The code of the model that the text means: itself, one of the texts confirmed, or known; ``""`` for another text."""
        written = plain(self.text(column))
        if column in self.synonyms:
            return next((code for code, texts in self.synonyms[column].items() if written in texts), "")
        known = self.columns[column].valeurs if column in self.columns else {}
        exact = next((c for c, texts in known.items() if written in {plain(c), *map(plain, texts)}), "")
        return exact or next((c for c, texts in known.items() if any(plain(t) in written for t in texts if len(t) > 3)), "")


@dataclass(frozen=True, slots=True)
class Table:
    """The lines of a file. ``text`` is all that the sheet says; ``confirmed`` when the tester said how to read it."""

    id: str
    model: Model
    layout: str
    lines: tuple[Line, ...]
    columns: frozenset[str]
    text: str
    confirmed: bool

    @property
    def note(self) -> str:
        """How it was read."""
        return f"{len(self.lines)} ligne(s), correspondance {'confirmée' if self.confirmed else 'par les titres connus'}"


def read_table(piece: Piece, name: str, correspondances: Correspondances, *, guess: bool = False) -> Table:
    """The file read by model ``name``, as confirmed, else as proposed when every title is a known one (``guess``: or like one).

    Raises ``Inconclusive`` when the file cannot be read so, ``NotTested`` when its reading has to be confirmed first.
    """
    wanted = model(name)
    sheets = read_sheets(piece.id, piece.data)
    confirmed = correspondances.confirmed.get(name)
    if confirmed is not None:
        return _confirmed(piece, wanted, sheets, confirmed, correspondances.source)
    proposal = propose(wanted, sheets)
    if proposal is None or (proposal.missing and not proposal.colonnes):
        raise Inconclusive(f"{piece.id} : aucun titre de colonne reconnu pour « {wanted.titre} »")
    if not proposal.sure and not (guess and not proposal.missing):
        missing = ", ".join(c.titre for c in proposal.missing)
        raise NotTested(
            f"{piece.id} : colonnes à confirmer{f' (introuvable : {missing})' if missing else ''} ; "
            f"dui-conformance correspondances {piece.id} --modele {name}, puis [pieces] correspondances dans dui.toml"
        )
    return _table(piece, proposal, Reading(proposal.colonnes, proposal.layout), confirmed=False)


def _confirmed(piece: Piece, wanted: Model, sheets: tuple[Sheet, ...], mapping: Reading, source: str) -> Table:
    """The file as the tester confirmed it; its titles are looked for in the sheet that he named, else in each."""
    chosen = [s for s in sheets if not mapping.feuille or s.nom == mapping.feuille] or list(sheets)
    titles = set(mapping.colonnes.values())
    for sheet in chosen:
        for rank, cells in sheet.rows:
            found = titles & (set(cells) if mapping.disposition != MOIS_EN_COLONNES else _names_under(sheet, rank, cells))
            if found and (found == titles or len(found) == len(titles)):
                proposal = Proposal(wanted, sheet, mapping.disposition, rank, cells, mapping.colonnes, frozenset())
                return _table(piece, proposal, mapping, confirmed=True)
    raise Inconclusive(f"{piece.id} : titres de [{wanted.id}.colonnes] ({source}) introuvables : {', '.join(sorted(titles))}")


def _names_under(sheet: Sheet, rank: int, cells: tuple[str, ...]) -> set[str]:
    if sum(1 for cell in cells if month_of(cell)) < 1:
        return set()
    return {next((c for c in row if c), "") for place, row in sheet.rows if place > rank}


def _table(piece: Piece, proposal: Proposal, mapping: Reading, *, confirmed: bool) -> Table:
    columns = {c.id: c for c in proposal.model.columns(proposal.layout)}
    rows = _pivoted(proposal) if proposal.layout == MOIS_EN_COLONNES else _in_columns(proposal)
    lines = tuple(
        Line(rank, texts, columns, mapping.fuseau, mapping.valeurs, mois=mois)
        for rank, texts, mois in rows
        if proposal.layout == EVENEMENTS or mois
    )
    return Table(
        id=piece.id,
        model=proposal.model,
        layout=proposal.layout,
        lines=lines,
        columns=frozenset(proposal.colonnes),
        text=proposal.sheet.text,
        confirmed=confirmed,
    )


def _in_columns(proposal: Proposal) -> list[tuple[int, dict[str, str], str]]:
    titles = list(next(cells for rank, cells in proposal.sheet.rows if rank == proposal.header))
    places = {column: titles.index(title) for column, title in proposal.colonnes.items() if title in titles}
    rows = []
    for rank, cells in proposal.sheet.rows:
        if rank > proposal.header:
            texts = {column: cells[place] if place < len(cells) else "" for column, place in places.items()}
            rows.append((rank, texts, next((month for cell in cells if (month := month_of(cell))), "")))
    return rows


def _pivoted(proposal: Proposal) -> list[tuple[int, dict[str, str], str]]:
    """A line a month: the cells under it, by the name at the head of their row."""
    header = next(cells for rank, cells in proposal.sheet.rows if rank == proposal.header)
    named = {title: column for column, title in proposal.colonnes.items()}
    by_place: dict[int, dict[str, str]] = {place: {} for place, cell in enumerate(header) if month_of(cell)}
    for rank, cells in proposal.sheet.rows:
        column = named.get(next((c for c in cells if c), "")) if rank > proposal.header else None
        for place, texts in by_place.items() if column else ():
            texts[str(column)] = cells[place] if place < len(cells) else ""
    return [(proposal.header, texts, month_of(header[place])) for place, texts in by_place.items()]
