"""The code lists of the DMP as data of ours (``valeurs.toml``): value sets, and the associations between codes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from ...core.verdict import Confidence

_RANGE = re.compile(r"(.*?)(\d+)\.\.(\d+)")


@dataclass(frozen=True, slots=True)
class CodeList:
    """A value set: ``codes`` maps each code system to its codes."""

    id: str
    title: str
    codes: Mapping[str, frozenset[str]]
    confidence: Confidence
    source: str

    @property
    def systems(self) -> tuple[str, ...]:
        """The code systems of the set."""
        return tuple(self.codes)

    def has(self, code: str, system: str) -> bool:
        """True when the set holds this code of this system."""
        return code in self.codes.get(system, frozenset())

    def systems_of(self, code: str) -> tuple[str, ...]:
        """The systems in which the set knows this code."""
        return tuple(system for system, codes in self.codes.items() if code in codes)

    def nearest(self, code: str) -> str:
        """French words that help to correct a code: its right system, or a short extract of the set."""
        systems = self.systems_of(code)
        if systems:
            return f"{code} du système {' ou '.join(systems)}"
        count = sum(len(codes) for codes in self.codes.values())
        sample = sorted(code for codes in self.codes.values() for code in codes)
        shown = ", ".join(sample[:12])
        return f"un code de {self.title} : {shown}" + (f"… ({count} codes)" if count > 12 else "")


@dataclass(frozen=True, slots=True)
class Association:
    """One row of an association between codes: what ``key`` must become."""

    key: str
    value: str
    confidence: Confidence
    source: str


@cache
def code_list(id: str) -> CodeList:
    """The value set of that id (``J07``, ``J59``…); ``KeyError`` when there is none."""
    row = _lists()[id]
    return CodeList(
        id=id,
        title=row["titre"],
        codes={system: frozenset(c for item in codes for c in _expand(item)) for system, codes in row["codes"].items()},
        confidence=Confidence(row["confiance"]),
        source=row["source"],
    )


@cache
def associations(name: str) -> Mapping[str, Association]:
    """The rows of an association (``classe-du-type``, ``format-du-modele``, ``format-niveau-1``) by key."""
    return {
        key: Association(key, row["valeur"], Confidence(row["confiance"]), row["source"])
        for row in _data()["association"]
        if row["nom"] == name
        for key in row["de"]
    }


def _expand(item: str) -> tuple[str, ...]:
    match = _RANGE.fullmatch(item)
    if match is None:
        return (item,)
    prefix, first, last = match.groups()
    return tuple(f"{prefix}{number:0{len(first)}d}" for number in range(int(first), int(last) + 1))


@cache
def _lists() -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in _data()["liste"]}


@cache
def _data() -> dict[str, Any]:
    text = (resources.files(__package__) / "valeurs.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)
