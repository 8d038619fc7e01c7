"""A FINESS extract that the user loads: which establishment belongs to which legal entity.

Read in two forms: the public file of establishments (rows ``structureet`` without titles; its columns are from memory), or any
spreadsheet whose titles say EG, EJ, name and category.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dui_conformance.core.errors import Inconclusive, InputError
from dui_conformance.validation.correspondances.models import plain
from dui_conformance.validation.correspondances.sheets import read_sheets

FINESS = re.compile(r"[0-9][0-9AB][0-9]{7}")
FICTIF = "99"
"""No department has this number: that of our fictional structures."""
_TITLES = {
    "eg": ("finess_eg", "finess_et", "nofinesset", "finess_geographique", "eg"),
    "ej": ("finess_ej", "nofinessej", "finess_juridique", "ej"),
    "nom": ("raison_sociale", "rs", "nom"),
    "categorie": ("categorie", "categetab", "code_categorie"),
}
_PUBLIC = {"eg": 1, "ej": 2, "nom": 3, "categorie": 18}
EXCLUDED = "247"
"""Category that the programme leaves out: adapted companies."""


@dataclass(frozen=True, slots=True)
class Etablissement:
    """One establishment: its legal entity, name and category."""

    eg: str
    ej: str
    nom: str
    categorie: str


@dataclass(frozen=True, slots=True)
class BaseFiness:
    """The establishments of an extract, by FINESS EG; ``nom`` is the file's."""

    nom: str
    par_eg: Mapping[str, Etablissement]

    def refusal(self, ej: str, egs: Iterable[str]) -> str:
        """Why this list does not hold, in French; ``""`` when it does."""
        for eg in egs:
            known = self.par_eg.get(eg)
            if known is None:
                return f"FINESS EG {eg} absent de {self.nom}"
            if known.ej != ej:
                return f"FINESS EG {eg} rattaché à l'EJ {known.ej}, pas à {ej}, dans {self.nom}"
            if known.categorie == EXCLUDED:
                return f"FINESS EG {eg} : catégorie {EXCLUDED} (entreprise adaptée), exclue du programme"
        return ""


def fictional(finess: str) -> bool:
    """True for a number that no real structure can have."""
    return finess.startswith(FICTIF)


def load_finess(path: Path) -> BaseFiness:
    """Read an extract; raises ``InputError`` when no establishment can be read in it."""
    try:
        sheets = read_sheets(path.name, path.read_bytes())
    except (OSError, Inconclusive) as error:
        raise InputError(f"{path} : extrait FINESS illisible ({error}).") from None
    found: dict[str, Etablissement] = {}
    for sheet in sheets:
        places = _PUBLIC
        for _, cells in sheet.rows:
            titled = _titled(cells)
            places = titled or places
            if not titled and (row := _row(cells, places)) is not None:
                found[row.eg] = row
    if not found:
        raise InputError(
            f"{path} : aucun établissement lu. Attendu : le fichier public des établissements, ou un tableur aux colonnes "
            "« FINESS EG » et « FINESS EJ »."
        )
    return BaseFiness(path.name, found)


def _titled(cells: Sequence[str]) -> dict[str, int] | None:
    titles = [plain(cell) for cell in cells]
    places = {name: titles.index(title) for name, known in _TITLES.items() for title in known[::-1] if title in titles}
    return places if {"eg", "ej"} <= places.keys() else None


def _row(cells: Sequence[str], places: Mapping[str, int]) -> Etablissement | None:
    values = {name: cells[at].strip() if at < len(cells) else "" for name, at in places.items()}
    if not FINESS.fullmatch(values["eg"]) or not FINESS.fullmatch(values["ej"]):
        return None
    return Etablissement(values["eg"], values["ej"], values.get("nom", ""), values.get("categorie", ""))
