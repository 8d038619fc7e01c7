"""Which column of a file is which of a model: proposed from the titles, confirmed in ``correspondances.toml``.

[traces-ins]
disposition = "evenements"
feuille = ""                   # la première
fuseau = "Europe/Paris"        # des dates écrites sans décalage
[traces-ins.colonnes]
date = "Horodatage"
[traces-ins.valeurs.code]      # facultatif : les textes du fichier pour chaque valeur attendue
"01" = ["aucune identité"]
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ...core.errors import InputError
from .models import EVENEMENTS, LAYOUTS, MOIS_EN_COLONNES, Column, Model, models, plain
from .periods import month_of
from .sheets import Sheet

_KEYS = ("disposition", "feuille", "fuseau", "colonnes", "valeurs")
_SEARCHED = 30
"""Rows among which the titles are looked for."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the tester confirmed for a model: title of each column, in which sheet and layout."""

    colonnes: Mapping[str, str]
    disposition: str = EVENEMENTS
    feuille: str = ""
    fuseau: str = "UTC"
    valeurs: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Correspondances:
    """The confirmed mappings by model; empty without ``correspondances.toml``. A context value of checks."""

    confirmed: Mapping[str, Reading] = field(default_factory=lambda: MappingProxyType({}))
    source: str = "correspondances.toml"


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a sheet may be read. ``header`` is the rank of the row of titles; ``sure`` when every column asked for was found
    under a known name, so that nobody need confirm it."""

    model: Model
    sheet: Sheet
    layout: str
    header: int
    titles: tuple[str, ...]
    colonnes: Mapping[str, str]
    guessed: frozenset[str]

    @property
    def missing(self) -> tuple[Column, ...]:
        """Mandatory columns of which no title speaks."""
        return tuple(c for c in self.model.columns(self.layout) if c.obligatoire and c.id not in self.colonnes)

    @property
    def sure(self) -> bool:
        """True when nothing mandatory was guessed or is missing."""
        asked = {c.id for c in self.model.columns(self.layout) if c.obligatoire}
        return not self.missing and not asked & self.guessed

    @property
    def score(self) -> tuple[int, int, int]:
        """Better is greater: mandatory columns found, known names, columns found."""
        asked = sum(c.obligatoire for c in self.model.columns(self.layout))
        return (-len(self.missing) if asked else -99, len(self.colonnes) - len(self.guessed), len(self.colonnes))


def propose(model: Model, sheets: Sequence[Sheet]) -> Proposal | None:
    """The best reading of a file by its titles; None when no row looks like titles of this model."""
    found = [p for sheet in sheets for layout in model.layouts for p in _readings(model, sheet, layout)]
    useful = [p for p in found if p.colonnes]
    return max(useful, key=lambda p: p.score, default=None)


def _readings(model: Model, sheet: Sheet, layout: str) -> list[Proposal]:
    if layout == MOIS_EN_COLONNES:
        return [_by_rows(model, sheet, rank, cells) for rank, cells in sheet.rows[:_SEARCHED] if len(_months(cells)) > 1]
    return [_by_titles(model, sheet, layout, rank, cells) for rank, cells in sheet.rows[:_SEARCHED] if sum(map(bool, cells)) > 1]


def _months(cells: Sequence[str]) -> list[str]:
    return [cell for cell in cells if month_of(cell)]


def _by_titles(model: Model, sheet: Sheet, layout: str, rank: int, titles: tuple[str, ...]) -> Proposal:
    colonnes, guessed = _assigned(model.columns(layout), titles)
    return Proposal(model, sheet, layout, rank, titles, colonnes, guessed)


def _by_rows(model: Model, sheet: Sheet, rank: int, header: tuple[str, ...]) -> Proposal:
    """Indicators are named by the first text of the rows under the months."""
    names = tuple(next((c for c in cells if c), "") for place, cells in sheet.rows if place > rank)
    colonnes, guessed = _assigned(model.indicateurs, names)
    return Proposal(model, sheet, MOIS_EN_COLONNES, rank, tuple(_months(header)), colonnes, guessed)


def _assigned(columns: Sequence[Column], titles: Sequence[str]) -> tuple[dict[str, str], frozenset[str]]:
    """Each title serves once: known names first, then those that resemble."""
    alike = {t: {c.id: c.resembles(t) for c in columns} for t in set(titles) if t}
    assigned: dict[str, str] = {}
    guessed = set()
    for wanted in (2, 1):
        for column in columns:
            if column.id in assigned:
                continue
            free = [t for t in titles if t and t not in assigned.values() and alike[t][column.id] == wanted]
            if free:
                assigned[column.id] = free[0]
                if wanted == 1:
                    guessed.add(column.id)
    return {c.id: assigned[c.id] for c in columns if c.id in assigned}, frozenset(guessed)


def proposal_text(proposal: Proposal) -> str:
    """The section of ``correspondances.toml`` to be confirmed, with what was guessed and what is missing as comments."""
    model = proposal.model
    columns = model.columns(proposal.layout)
    lines = [
        f"# {model.titre} : {LAYOUTS[proposal.layout]}. Vérifiez chaque ligne : ce fichier confirme la lecture.",
        f"# Titres du fichier : {', '.join(t for t in proposal.titles if t)}".replace("\n", " "),
        f"[{model.id}]",
        f"disposition = {_quoted(proposal.layout)}",
        f"feuille = {_quoted(proposal.sheet.nom)}",
        'fuseau = "Europe/Paris"  # des dates écrites sans décalage',
        f"[{model.id}.colonnes]",
    ]
    for column in columns:
        note = f"  # {column.titre}" + (" ; deviné : à vérifier" if column.id in proposal.guessed else "")
        title = proposal.colonnes.get(column.id)
        if title is None:
            why = "obligatoire : écrire le titre de la colonne" if column.obligatoire else "facultatif"
            lines.append(f'# {column.id} = ""  # {column.titre} ; {why}')
        else:
            lines.append(f"{column.id} = {_quoted(title)}{note}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in escaped) + '"'


def load_correspondances(path: Path) -> Correspondances:
    """Read ``correspondances.toml``; raises ``InputError`` naming what is unknown."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{path} : fichier introuvable ([pieces] correspondances dans dui.toml)") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} : lecture impossible ({error})") from None
    return Correspondances({name: _reading(path, name, row) for name, row in values.items()}, path.name)


def _reading(path: Path, name: str, row: Any) -> Reading:
    if name not in models():
        raise InputError(f"{path} : modèle inconnu « {name} ».{_near(name, models())} Modèles : {', '.join(models())}.")
    if not isinstance(row, dict) or not isinstance(row.get("colonnes"), dict):
        raise InputError(f"{path} : [{name}] n'a pas de table [{name}.colonnes].")
    for key in row:
        if key not in _KEYS:
            raise InputError(f"{path} : [{name}] clé inconnue « {key} ».{_near(key, _KEYS)} Clés : {', '.join(_KEYS)}.")
    layout = row.get("disposition", EVENEMENTS)
    if layout not in models()[name].layouts:
        raise InputError(f"{path} : [{name}] disposition « {layout} » inconnue. Acceptées : {', '.join(models()[name].layouts)}.")
    known = {c.id: c for c in models()[name].columns(layout)}
    for column, title in row["colonnes"].items():
        if column not in known:
            raise InputError(f"{path} : [{name}.colonnes] « {column} » inconnue.{_near(column, known)}")
        if not isinstance(title, str) or not title:
            raise InputError(f"{path} : [{name}.colonnes] {column} : le titre d'une colonne du fichier est attendu.")
    missing = [c.id for c in known.values() if c.obligatoire and c.id not in row["colonnes"]]
    if missing:
        raise InputError(f"{path} : [{name}.colonnes] il manque {', '.join(missing)}.")
    fuseau = row.get("fuseau", "UTC")
    try:
        ZoneInfo(fuseau)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError):
        raise InputError(f"{path} : [{name}] fuseau « {fuseau} » inconnu (exemple : Europe/Paris).") from None
    return Reading(dict(row["colonnes"]), layout, str(row.get("feuille", "")), fuseau, _values(path, name, known, row))


def _values(path: Path, name: str, known: Mapping[str, Column], row: Any) -> dict[str, dict[str, tuple[str, ...]]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for column, codes in row.get("valeurs", {}).items():
        allowed = known[column].valeurs if column in known else {}
        if not allowed or not isinstance(codes, dict):
            coded = ", ".join(c.id for c in known.values() if c.valeurs) or "aucune"
            raise InputError(f"{path} : [{name}.valeurs] « {column} » : colonnes codées du modèle : {coded}.")
        for code, texts in codes.items():
            if code not in allowed or not isinstance(texts, list) or not all(isinstance(t, str) for t in texts):
                raise InputError(
                    f"{path} : [{name}.valeurs.{column}] « {code} » : valeurs attendues : {', '.join(allowed)} = [textes]."
                )
        found[column] = {code: tuple(map(plain, texts)) for code, texts in codes.items()}
    return found


def _near(name: str, known: Any) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f" Vouliez-vous dire « {near[0]} » ?" if near else ""
