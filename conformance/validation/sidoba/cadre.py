"""The « fichier cadre » of the RAMA: the keys that SIDOBA awaits. The user loads CNSA's; ours is a fictional example."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from pathlib import Path

from ...core.errors import InputError

COLUMNS = ("cle", "libelle", "type", "unite", "obligatoire", "min", "max", "regle")
TYPES = ("entier", "decimal", "booleen", "date", "texte")
EXEMPLE = "cadre_exemple.csv"


@dataclass(frozen=True, slots=True)
class Cle:
    """One line of the frame. ``somme`` are the keys whose values add up to this one; ``parmi`` the texts allowed."""

    nom: str
    libelle: str
    type: str
    unite: str
    obligatoire: bool
    least: Decimal | None
    most: Decimal | None
    somme: tuple[str, ...] = ()
    parmi: tuple[str, ...] = ()

    def problem(self, valeur: object) -> str:
        """Why a value does not suit this key, in French; ``""`` when it does."""
        text = valeur if isinstance(valeur, str) else ""
        if not isinstance(valeur, str) or not text.strip():
            return "un texte non vide est attendu"
        match self.type:
            case "entier" | "decimal":
                return self._number(text)
            case "booleen":
                return "" if text in ("oui", "non") else "oui ou non est attendu"
            case "date":
                return "" if _is_date(text) else "une date AAAA-MM-JJ est attendue"
        return "" if not self.parmi or text in self.parmi else f"une valeur parmi : {', '.join(self.parmi)}"

    def _number(self, text: str) -> str:
        found = number(text)
        if found is None or (self.type == "entier" and not re.fullmatch(r"-?\d+", text)):
            return "un nombre entier est attendu" if self.type == "entier" else "un nombre est attendu (point décimal)"
        if self.least is not None and found < self.least:
            return f"{self.least} au moins"
        return f"{self.most} au plus" if self.most is not None and found > self.most else ""


@dataclass(frozen=True, slots=True)
class FichierCadre:
    """The frame: keys by name, and where it comes from. ``fictif`` for the example of the harness."""

    nom: str
    sha256: str
    cles: Mapping[str, Cle]
    fictif: bool = False

    @property
    def obligatoires(self) -> tuple[str, ...]:
        """The keys that must be there."""
        return tuple(nom for nom, cle in self.cles.items() if cle.obligatoire)


def number(text: str) -> Decimal | None:
    """The number that a value writes, None when it writes none."""
    try:
        return Decimal(text) if re.fullmatch(r"-?\d{1,15}(\.\d{1,9})?", text) else None
    except InvalidOperation:
        return None


@cache
def cadre_exemple() -> FichierCadre:
    """The fictional example."""
    data = (resources.files(__package__) / EXEMPLE).read_bytes()
    return read_cadre(data, "fichier cadre d'exemple (fictif)", fictif=True)


def path_of_exemple() -> Path:
    """Where the example is on disk, for who receives ``services.json``."""
    return Path(str(resources.files(__package__) / EXEMPLE))


def load_cadre(path: Path) -> FichierCadre:
    """The frame that the user gives; raises ``InputError`` with the line that is wrong."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"[sidoba] fichier_cadre : {path} ne peut pas être lu ({error.strerror}).") from error
    return read_cadre(data, path.name)


def read_cadre(data: bytes, nom: str, *, fictif: bool = False) -> FichierCadre:
    """A frame in CSV (UTF-8, ``;``); raises ``InputError``."""
    try:
        rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig")), delimiter=";"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{nom} : CSV illisible ({error}) ; UTF-8 et séparateur « ; » attendus.") from None
    if not rows or any(name not in rows[0] for name in COLUMNS):
        raise InputError(f"{nom} : colonnes attendues : {';'.join(COLUMNS)}")
    cles: dict[str, Cle] = {}
    for line, row in enumerate(rows, start=2):
        made = _cle(row, f"{nom}, ligne {line}")
        if made.nom in cles:
            raise InputError(f"{nom}, ligne {line} : la clé {made.nom} est déjà donnée.")
        cles[made.nom] = made
    lost = [part for cle in cles.values() for part in cle.somme if part not in cles]
    if lost:
        raise InputError(f"{nom} : une règle cite une clé inconnue : {', '.join(lost)}")
    return FichierCadre(nom, hashlib.sha256(data).hexdigest(), cles, fictif)


def _cle(row: Mapping[str, str | None], at: str) -> Cle:
    held = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if not held["cle"] or held["type"] not in TYPES or held["obligatoire"] not in ("oui", "non"):
        raise InputError(f"{at} : une clé, un type ({', '.join(TYPES)}) et obligatoire (oui ou non) sont attendus.")
    kind, _, rest = held["regle"].partition(":")
    if held["regle"] and kind not in ("somme", "parmi"):
        raise InputError(f"{at} : règle inconnue « {held['regle']} » ; connues : somme:CLE+CLE, parmi:texte|texte.")
    return Cle(
        held["cle"],
        held["libelle"],
        held["type"],
        held["unite"],
        held["obligatoire"] == "oui",
        _bound(held["min"], at),
        _bound(held["max"], at),
        tuple(_split(rest, "+")) if kind == "somme" else (),
        tuple(_split(rest, "|")) if kind == "parmi" else (),
    )


def _split(text: str, by: str) -> Iterator[str]:
    return (part.strip() for part in text.split(by) if part.strip())


def _bound(text: str, at: str) -> Decimal | None:
    if not text:
        return None
    found = number(text)
    if found is None:
        raise InputError(f"{at} : borne illisible « {text} ».")
    return found


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("AAAA-MM-JJ")


def unknown_keys(cadre: FichierCadre, noms: Sequence[str]) -> tuple[str, ...]:
    """The keys that the frame does not have."""
    return tuple(nom for nom in noms if nom not in cadre.cles)
