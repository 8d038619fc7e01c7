"""Reads a REM workbook in either public layout: a row a proof, or a wide row with ten pairs of proofs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...core.errors import Inconclusive, InputError
from ..correspondances.models import plain
from ..correspondances.sheets import Sheet, read_sheets
from .references import Reference, read_reference

HEADERS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "n_exigence", "no_exigence", "numero_exigence", "reference_exigence", "exigence_n"),
    "enonce": ("enonce", "exigence", "enonce_doit_peut", "enonce_de_l_exigence"),
    "perimetre": ("perimetre",),
    "chapitre": ("chapitre", "section", "bloc"),
    "fonction": ("fonction",),
    "commentaire": ("commentaire",),
    "profil": ("profil",),
    "nature": ("nature_de_l_exigence", "nature"),
    "conditionnelle": ("exigence_conditionnelle_oui_non", "exigence_conditionnelle"),
    "scenario": ("n_scenario", "no_scenario", "numero_scenario"),
    "titre_scenario": ("scenario_de_conformite", "scenario"),
    "preuve": ("n_preuve", "no_preuve", "numero_preuve"),
    "titre_preuve": ("preuve",),
    "profil_historique": ("profil_historique",),
    "criticite": ("criticite",),
    "ordre": ("ordre",),
}
_PAIR = re.compile(r"(n_preuve|no_preuve|numero_preuve|preuve)_(\d{1,2})")
HEADER_DEPTH = 30
MAX_EXIGENCES = 5_000
"""A REM has a few hundred; each is looked for among the references of the catalogue."""


@dataclass(frozen=True, slots=True)
class Preuve:
    """One proof asked, with its scenario; numbers as they are written."""

    scenario: str = ""
    titre_scenario: str = ""
    preuve: str = ""
    titre_preuve: str = ""


@dataclass(frozen=True, slots=True)
class ExigenceRem:
    """One exigence of the workbook. ``champs`` are its other columns, by our names; ``lignes`` where it was read."""

    reference: Reference
    enonce: str
    champs: Mapping[str, str]
    preuves: tuple[Preuve, ...]
    feuille: str
    lignes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rem:
    """A workbook: its name, SHA-256, and exigences by key, in its order."""

    nom: str
    sha256: str
    exigences: Mapping[str, ExigenceRem]


def read_rem(nom: str, data: bytes) -> Rem:
    """The exigences of a workbook; raises ``InputError`` saying which columns were looked for."""
    try:
        sheets = read_sheets(nom, data)
    except Inconclusive as error:
        raise InputError(str(error)) from None
    found: dict[str, ExigenceRem] = {}
    for sheet in sheets:
        for row in _rows(sheet):
            key = row.reference.complete if row.reference.scenario else row.reference.cle
            found[key] = _joined(found[key], row) if key in found else row
            if len(found) > MAX_EXIGENCES:
                raise InputError(f"{nom} : plus de {MAX_EXIGENCES} références différentes : ce n'est pas un REM.")
    if not found:
        raise InputError(
            f"{nom} : aucune feuille n'a les colonnes d'un REM. Attendu, parmi d'autres : « N° exigence » (ou « ID ») et "
            "« Énoncé » (ou « Exigence »)."
        )
    return Rem(nom, hashlib.sha256(data).hexdigest(), found)


def _rows(sheet: Sheet) -> Iterator[ExigenceRem]:
    header = _header(sheet)
    if header is None:
        return
    rank, columns, pairs = header
    for line, cells in sheet.rows:
        if line <= rank:
            continue
        values = {name: cells[at] if at < len(cells) else "" for name, at in columns.items()}
        if not values["id"]:
            continue
        preuves = tuple(_wide(values, cells, pairs)) if pairs else (_narrow(values),)
        others = {name: value for name, value in values.items() if name not in _OWN}
        yield ExigenceRem(read_reference(values["id"]), values["enonce"], others, preuves, sheet.nom, (line,))


_OWN = ("id", "enonce", "scenario", "titre_scenario", "preuve", "titre_preuve")


def _header(sheet: Sheet) -> tuple[int, dict[str, int], list[tuple[int, int]]] | None:
    """Rank of the row of titles, column of each name, and the pairs (number, text) of proofs of a wide row."""
    for rank, cells in sheet.rows[:HEADER_DEPTH]:
        titles = [plain(cell) for cell in cells]
        columns = {name: titles.index(title) for name, known in HEADERS.items() for title in known[::-1] if title in titles}
        if "id" in columns and "enonce" in columns and columns["id"] != columns["enonce"]:
            return rank, columns, _pairs(titles)
    return None


def _pairs(titles: Sequence[str]) -> list[tuple[int, int]]:
    numbers: dict[str, int] = {}
    texts: dict[str, int] = {}
    for at, title in enumerate(titles):
        if found := _PAIR.fullmatch(title):
            (texts if found[1] == "preuve" else numbers).setdefault(found[2], at)
    return [(numbers.get(rank, texts[rank]), texts[rank]) for rank in sorted(texts, key=int)]


def _narrow(values: Mapping[str, str]) -> Preuve:
    return Preuve(*(values.get(name, "") for name in ("scenario", "titre_scenario", "preuve", "titre_preuve")))


def _wide(values: Mapping[str, str], cells: Sequence[str], pairs: Sequence[tuple[int, int]]) -> Iterator[Preuve]:
    scenario, title = values.get("scenario", ""), values.get("titre_scenario", "")
    asked = [
        Preuve(scenario, title, cells[number] if number != text else "", cells[text])
        for number, text in pairs
        if text < len(cells) and (cells[text] or (number < len(cells) and cells[number]))
    ]
    yield from asked or [Preuve(scenario, title)]


def _joined(first: ExigenceRem, again: ExigenceRem) -> ExigenceRem:
    """The same exigence on a further row: its left cells are repeated, its scenario and proof are new."""
    preuves = tuple(dict.fromkeys((*first.preuves, *again.preuves)))
    return ExigenceRem(
        first.reference,
        first.enonce or again.enonce,
        {name: value or again.champs.get(name, "") for name, value in first.champs.items()},
        preuves,
        first.feuille,
        (*first.lignes, *again.lignes),
    )
