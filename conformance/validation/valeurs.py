"""Value sets as data: ``checks/regles/valeurs/*.toml``, described in ``docs/regles.md``.

A set holds codes by code system, with their labels where a label check binds; its version, status, source and validity
are its own, or those of the table ``[publication]`` of its file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..core.errors import InputError

PUBLICATION = "publication"
_SHARED = {"version", "statut", "source", "valide_du", "valide_au"}
_KEYS = {*_SHARED, "titre", "oid", "nom", "codes", "libelles", "libelles_de"}
_STATUSES = ("actif", "projet", "retire")


@dataclass(frozen=True, slots=True)
class ValueSet:
    """One value set. ``codes`` by code system; ``labels`` by (code, system), the current label first, older ones after.

    ``labels_of`` restricts where the labels bind (``ClinicalDocument/code``); empty: wherever the code is used.
    """

    id: str
    title: str
    oid: str = ""
    name: str = ""
    version: str = ""
    status: str = "actif"
    source: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    labels: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    labels_of: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What ``parmi`` and ``couple`` look into."""
        return as_value_set({system: " ".join(codes) for system, codes in self.codes.items()})

    def valid_on(self, day: date) -> bool:
        """True when the set is in force that day (both bounds included)."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


def as_value_set(codes: Mapping[str, str] | Sequence[str] | str) -> str:
    """The text that ``parmi`` and ``couple`` look into: ``" code "`` and ``" code|system "``, blank separated."""
    if isinstance(codes, str):
        return " " + " ".join(codes.split()) + " "
    if isinstance(codes, Mapping):
        pairs = [(code, system) for system, listed in codes.items() for code in listed.split()]
        return " " + " ".join(f"{code} {code}|{system}" for code, system in pairs) + " "
    return " " + " ".join(codes) + " "


def value_sets_of(document: Mapping[str, Any], file: str) -> dict[str, ValueSet]:
    """The value sets of a parsed file, by name; ``InputError`` names the file, the set and the mistake."""
    shared = document.get(PUBLICATION, {})
    _refuse_unknown(shared, _SHARED, f"{file}, [{PUBLICATION}]")
    return {name: _value_set(name, {**shared, **table}, file) for name, table in document.items() if name != PUBLICATION}


def _value_set(name: str, table: Mapping[str, Any], file: str) -> ValueSet:
    place = f"{file}, jeu de valeurs {name}"
    _refuse_unknown(table, _KEYS, place)
    if not table.get("titre"):
        raise InputError(f"{place} : « titre » manque")
    status = table.get("statut", "actif")
    if status not in _STATUSES:
        raise InputError(f"{place} : statut « {status} » ; valeurs possibles : {', '.join(_STATUSES)}")
    labels = dict(_labels(table.get("libelles", {}), place))
    return ValueSet(
        id=name,
        title=table["titre"],
        oid=table.get("oid", ""),
        name=table.get("nom", ""),
        version=str(table.get("version", "")),
        status=status,
        source=table.get("source", ""),
        valid_from=_day(table, "valide_du", place),
        valid_to=_day(table, "valide_au", place),
        codes=_codes(table.get("codes", {}), labels),
        labels=labels,
        labels_of=tuple(table.get("libelles_de", ())),
    )


def _codes(listed: Mapping[str, str], labels: Mapping[tuple[str, str], Any]) -> dict[str, tuple[str, ...]]:
    """The codes listed, and those that have a label."""
    codes = {system: dict.fromkeys(text.split()) for system, text in listed.items()}
    for code, system in labels:
        codes.setdefault(system, {})[code] = None
    return {system: tuple(each) for system, each in codes.items()}


def _labels(listed: Mapping[str, str], place: str) -> list[tuple[tuple[str, str], tuple[str, ...]]]:
    """Lines ``code label | older label`` of each code system."""
    found = []
    for system, text in listed.items():
        for line in filter(None, map(str.strip, text.splitlines())):
            code, _, said = line.partition(" ")
            labels = tuple(filter(None, (part.strip() for part in said.split("|"))))
            if not labels:
                raise InputError(f"{place} : libellé du code « {code} » absent (écrire « code libellé » par ligne)")
            found.append(((code, system), labels))
    return found


def _day(table: Mapping[str, Any], key: str, place: str) -> date | None:
    value = table.get(key)
    if value is not None and not isinstance(value, date):
        raise InputError(f"{place} : {key} doit être une date (2023-01-01)")
    return value


def _refuse_unknown(table: Mapping[str, Any], known: set[str], place: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise InputError(f"{place} : clé inconnue « {unknown[0]} » ; clés possibles : {', '.join(sorted(known))}")
