"""Loads the exigences from their data files, and refuses a file that does not hold what it must."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

from dui_conformance.core.errors import HarnessError

SECTEURS = ("PA", "PHO", "PHN", "DS", "DN", "PDS", "PDE", "AHI")
SYSTEMES = (
    "INSi",
    "PSC",
    "DMP",
    "MSS",
    "Annuaire",
    "CDA",
    "FHIR",
    "ON",
    "ViaTrajectoire",
    "SIAO",
    "SIDOBA",
    "CNDA",
    "DUI",
    "fichier",
    "prestation",
    "harnais",
)
PREUVES = ("X", "V", "F", "A")
AUTOMATISATIONS = ("O", "G", "N")
BASES = ("MS26", "LGC26", "SQ23", "V1", "FAQ")
CONFIANCES = ("vu", "sens")
_RAISONS = "raisons.toml"
_ID = re.compile(r'^id = "([^"]+)"$', re.MULTILINE)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Officiel:
    """A candidate official identifier: ``base`` says where it was read, ``confiance`` is ``vu`` or ``sens`` (by meaning only)."""

    ref: str
    base: str
    confiance: str


@dataclass(frozen=True, slots=True)
class TypeDocument:
    """A type of document that DMP-ALIM-04 sends; ``code`` is its typeCode when a source gives it."""

    id: str
    titre: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Exigence:
    """One row of the catalogue.

    ``preuve`` holds X (exchange observed), V (content validated), F (file controlled), A (attested); ``auto`` is O (judged
    without a gesture), G (judged after a gesture) or N (human judgement). ``types`` is the parameter of DMP-ALIM-04,
    ``exclus`` what GEN-05 forbids to demand.
    """

    id: str
    enonce: str
    secteurs: tuple[str, ...]
    systeme: tuple[str, ...]
    preuve: tuple[str, ...]
    auto: str
    source: str
    officiel: tuple[Officiel, ...] = ()
    note: str = ""
    types: tuple[TypeDocument, ...] = ()
    exclus: tuple[str, ...] = ()

    def applies_to(self, secteurs: Iterable[str]) -> bool:
        """True when it concerns at least one of these sectors."""
        return not set(secteurs).isdisjoint(self.secteurs)


@cache
def load() -> Mapping[str, Exigence]:
    """Every exigence by id, file by file in name order. Raises ``HarnessError`` for a bad row, with its file and id."""
    found: dict[str, Exigence] = {}
    for name, text in _files():
        for row in parse(text, name):
            if row.id in found:
                raise HarnessError(f"{name} : l'exigence {row.id} est déjà définie")
            found[row.id] = row
    return MappingProxyType(found)


def _files() -> Iterator[tuple[str, str]]:
    """Names and texts of the data files, in name order."""
    folder = resources.files(__package__)
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".toml") and f.name != _RAISONS), key=lambda f: f.name):
        yield file.name, file.read_text(encoding="utf-8")


@cache
def known_ids() -> frozenset[str]:
    """The ids of all the exigences, read without the rest: every check asks for them."""
    return frozenset(name for _, text in _files() for name in _ID.findall(text))


def applicable(secteurs: Iterable[str]) -> dict[str, Exigence]:
    """The exigences of at least one of these sectors; raises ``HarnessError`` for an unknown sector."""
    wanted = tuple(secteurs)
    unknown = [s for s in wanted if s not in SECTEURS]
    if unknown:
        raise HarnessError(f"secteur inconnu : {', '.join(unknown)} ; secteurs : {', '.join(SECTEURS)}")
    return {name: row for name, row in load().items() if row.applies_to(wanted)}


@cache
def reasons() -> Mapping[str, str]:
    """Why an exigence is not covered, by id. An unknown id is refused."""
    text = (resources.files(__package__) / _RAISONS).read_text(encoding="utf-8")
    rows: dict[str, str] = {}
    for group in tomllib.loads(text)["groupe"]:
        for name in group["exigences"]:
            if name not in known_ids() or name in rows:
                raise HarnessError(f"{_RAISONS} : exigence inconnue ou citée deux fois : {name}")
            rows[name] = group["raison"]
    return MappingProxyType(rows)


def parse(text: str, name: str) -> list[Exigence]:
    """The rows of one data file; ``name`` is used in errors."""
    try:
        rows = tomllib.loads(text)["exigence"]
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise HarnessError(f"{name} : fichier d'exigences illisible ({error})") from error
    return [_row(row, name) for row in rows]


def _row(row: dict[str, Any], name: str) -> Exigence:
    where = f"{name}, {row.get('id', 'exigence sans identifiant')}"
    known = {f.name for f in fields(Exigence)}
    if unknown := sorted(set(row) - known):
        raise HarnessError(f"{where} : champ inconnu {', '.join(unknown)} ; champs : {', '.join(sorted(known))}")
    for key in ("id", "enonce", "auto", "source"):
        if not isinstance(row.get(key), str) or not row[key]:
            raise HarnessError(f"{where} : le champ « {key} » manque ou est vide")
    _listed(row, "secteurs", SECTEURS, where)
    _listed(row, "systeme", SYSTEMES, where)
    _listed(row, "preuve", PREUVES, where, empty="exclus" in row)
    if row["auto"] not in AUTOMATISATIONS:
        raise HarnessError(f"{where} : auto = {row['auto']!r}, attendu O, G ou N")
    officiel = _made(Officiel, row.get("officiel", ()), where)
    for each in officiel:
        if each.base not in BASES or each.confiance not in CONFIANCES:
            raise HarnessError(f"{where} : référence {each.ref} de base ou de confiance inconnue")
    return Exigence(
        id=row["id"],
        enonce=row["enonce"],
        secteurs=tuple(row["secteurs"]),
        systeme=tuple(row["systeme"]),
        preuve=tuple(row["preuve"]),
        auto=row["auto"],
        source=row["source"],
        officiel=officiel,
        note=row.get("note", ""),
        types=_made(TypeDocument, row.get("types", ()), where),
        exclus=tuple(row.get("exclus", ())),
    )


def _listed(row: dict[str, Any], key: str, allowed: tuple[str, ...], where: str, *, empty: bool = False) -> None:
    values = row.get(key)
    if not isinstance(values, list) or not (values or empty):
        raise HarnessError(f"{where} : le champ « {key} » doit être une liste non vide")
    if unknown := [v for v in values if v not in allowed]:
        raise HarnessError(f"{where} : {key} inconnu {unknown} ; valeurs : {', '.join(allowed)}")


def _made(cls: Callable[..., T], rows: Iterable[dict[str, str]], where: str) -> tuple[T, ...]:
    try:
        return tuple(cls(**row) for row in rows)
    except TypeError as error:
        raise HarnessError(f"{where} : {error}") from error
