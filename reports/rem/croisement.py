"""Crosses a REM with the catalogue. What is only likely is proposed; a person chooses, and the choice is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from dui_conformance.catalogue import Exigence
from dui_conformance.validation.rem.classeur import ExigenceRem, Rem
from dui_conformance.validation.rem.references import Reference, near, read_reference


@dataclass(frozen=True, slots=True)
class Choix:
    """What a person decided, by key of the REM: our exigences that answer it, or that do not."""

    confirmees: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refusees: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_row(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "confirmees": {key: list(ids) for key, ids in self.confirmees.items()},
            "refusees": {key: list(ids) for key, ids in self.refusees.items()},
        }

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Choix:
        """The inverse of :meth:`as_row`."""
        return cls(*({key: tuple(ids) for key, ids in row.get(name, {}).items()} for name in ("confirmees", "refusees")))

    def with_choice(self, key: str, exigence: str, *, yes: bool) -> Choix:
        """The same with one more decision, which replaces the contrary one."""
        ours, theirs = (self.confirmees, self.refusees) if yes else (self.refusees, self.confirmees)
        kept = {**ours, key: tuple(dict.fromkeys((*ours.get(key, ()), exigence)))}
        dropped = {k: tuple(i for i in ids if (k, i) != (key, exigence)) for k, ids in theirs.items()}
        return Choix(kept, dropped) if yes else Choix(dropped, kept)


@dataclass(frozen=True, slots=True)
class Ligne:
    """One exigence of the REM: ``ours`` answer it (read in a source, or chosen: these are ``confirmees``); ``proposees`` may,
    with why."""

    rem: ExigenceRem
    ours: tuple[str, ...]
    proposees: tuple[tuple[str, str], ...]
    confirmees: tuple[str, ...] = ()

    @property
    def cle(self) -> str:
        """What two writings of its reference share."""
        return key_of(self.rem.reference)


@dataclass(frozen=True, slots=True)
class Croisement:
    """The three lists: ``couvertes``, ``sans_test`` (of the REM) and ``absentes`` (ids of ours that the REM does not have)."""

    couvertes: tuple[Ligne, ...]
    sans_test: tuple[Ligne, ...]
    absentes: tuple[str, ...]

    @property
    def lignes(self) -> tuple[Ligne, ...]:
        """All the exigences of the REM."""
        return (*self.couvertes, *self.sans_test)

    @property
    def en_attente(self) -> tuple[Ligne, ...]:
        """The exigences of the REM of which a person must choose the answer."""
        return tuple(ligne for ligne in self.lignes if ligne.proposees and not ligne.ours)


def cross(rem: Rem, catalogue: Mapping[str, Exigence], covered: Iterable[str], choix: Choix) -> Croisement:
    """Cross them; ``covered`` are our exigences that a scenario or a form answers."""
    answered = set(covered)
    sure, likely = _candidates(catalogue)
    lines = [_line(key, row, sure, likely, choix) for key, row in rem.exigences.items()]
    met = {name for line in lines for name in line.ours}
    return Croisement(
        couvertes=tuple(line for line in lines if answered & set(line.ours)),
        sans_test=tuple(line for line in lines if not answered & set(line.ours)),
        absentes=tuple(name for name in catalogue if name not in met),
    )


def _candidates(catalogue: Mapping[str, Exigence]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Our exigences by key of their official references: read in a source, and by meaning only."""
    sure: dict[str, list[str]] = {}
    likely: dict[str, list[str]] = {}
    for exigence in catalogue.values():
        for officiel in exigence.officiel:
            key = key_of(read_reference(officiel.ref))
            (sure if officiel.confiance == "vu" else likely).setdefault(key, []).append(exigence.id)
    return sure, likely


def key_of(reference: Reference) -> str:
    """What an exigence of a REM is known by: a sub-criterion keeps its number."""
    return reference.complete if reference.scenario else reference.cle


def _line(key: str, row: ExigenceRem, sure: Mapping[str, list[str]], likely: Mapping[str, list[str]], choix: Choix) -> Ligne:
    refused = set(choix.refusees.get(key, ()))
    confirmed = choix.confirmees.get(key, ())
    ours = [name for name in dict.fromkeys((*confirmed, *sure.get(key, ()))) if name not in refused]
    proposed = dict.fromkeys(likely.get(key, ()), "rapprochée par le sens seulement")
    if not ours and not proposed:
        for close in near(key, {*sure, *likely}):
            for name in (*sure.get(close, ()), *likely.get(close, ())):
                proposed.setdefault(name, f"écriture voisine de {close}")
    kept = tuple((name, why) for name, why in proposed.items() if name not in refused and name not in ours)
    return Ligne(row, tuple(ours), kept, tuple(name for name in ours if name in confirmed))
