"""Models: what a kind of file must hold. One TOML a model, in ``modeles/``; nothing here knows any of them.

``[[colonne]]`` describes a column of a file with a row an event; ``[[indicateur]]`` a figure of a file by month (a column a
month, or a row a month). A model may have both: a file is read in the layout in which most is found.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from ...core.errors import HarnessError

TYPES = ("texte", "instant", "nombre", "code")
EVENEMENTS, MOIS_EN_COLONNES, MOIS_EN_LIGNES = "evenements", "mois-en-colonnes", "mois-en-lignes"
LAYOUTS = {
    EVENEMENTS: "une ligne par évènement",
    MOIS_EN_COLONNES: "une colonne par mois",
    MOIS_EN_LIGNES: "une ligne par mois",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column, or an indicator. ``noms`` are titles that are known for it, ``valeurs`` the texts known for each code."""

    id: str
    titre: str
    type: str = "texte"
    noms: tuple[str, ...] = ()
    obligatoire: bool = False
    valeurs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def resembles(self, title: str) -> int:
        """2 for a title that is one of the known names, 1 for one that contains such a name, 0 for another."""
        text = plain(title)
        known = _known(self.id, self.noms)
        if text in known:
            return 2
        return 1 if any(f"_{name}_" in f"_{text}_" for name in known if len(name) > 2) else 0


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of file: for events its ``colonnes``, by month its ``indicateurs``."""

    id: str
    titre: str
    exigences: tuple[str, ...]
    colonnes: tuple[Column, ...]
    indicateurs: tuple[Column, ...]

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts in which such a file may come."""
        monthly = (MOIS_EN_COLONNES, MOIS_EN_LIGNES) if self.indicateurs else ()
        return (*((EVENEMENTS,) if self.colonnes else ()), *monthly)

    def columns(self, layout: str) -> tuple[Column, ...]:
        """What is looked for in a layout."""
        return self.colonnes if layout == EVENEMENTS else self.indicateurs


@cache
def models() -> Mapping[str, Model]:
    """Every model, by id."""
    folder = resources.files(__package__) / "modeles"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name)
    made = [model_of(tomllib.loads(f.read_text(encoding="utf-8"))) for f in files]
    return {m.id: m for m in made}


def model(id: str) -> Model:
    """A model; raises ``HarnessError`` for an unknown one."""
    if id not in models():
        raise HarnessError(f"modèle de fichier inconnu : {id} (connus : {', '.join(models())})")
    return models()[id]


def model_of(row: Mapping[str, object]) -> Model:
    """A model from its TOML; raises ``HarnessError`` for an unknown type."""
    return Model(
        id=str(row["id"]),
        titre=str(row["titre"]),
        exigences=tuple(row.get("exigences", ())),  # type: ignore[arg-type]
        colonnes=tuple(_column(c, "texte") for c in row.get("colonne", ())),  # type: ignore[attr-defined]
        indicateurs=tuple(_column(c, "nombre") for c in row.get("indicateur", ())),  # type: ignore[attr-defined]
    )


def plain(text: str) -> str:
    """Lower case, without accents; anything else than letters and digits is an underscore."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", folded).strip("_")


@cache
def _known(id: str, noms: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(plain, (id, *noms)))


def _column(row: Mapping[str, object], usual: str) -> Column:
    kind = str(row.get("type", usual))
    if kind not in TYPES:
        raise HarnessError(f"type de colonne inconnu : {kind}")
    return Column(
        id=str(row["id"]),
        titre=str(row["titre"]),
        type=kind,
        noms=tuple(row.get("noms", ())),  # type: ignore[arg-type]
        obligatoire=bool(row.get("obligatoire", False)),
        valeurs={code: tuple(texts) for code, texts in row.get("valeurs", {}).items()},  # type: ignore[attr-defined]
    )
