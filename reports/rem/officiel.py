"""The official references of our exigences, each with what it rests on: a person's choice, a source, or a likeness only."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from dui_conformance.catalogue import Exigence
from dui_conformance.validation.rem.references import read_reference

from .croisement import Croisement, key_of

REM = "REM"


class Confiance(StrEnum):
    """Surest first."""

    CONFIRMEE = "confirmee"
    VU = "vu"
    SENS = "sens"

    @property
    def libelle(self) -> str:
        """The word that people read."""
        return {"confirmee": "confirmée", "vu": "catalogue", "sens": "proposée"}[self.value]


@dataclass(frozen=True, slots=True)
class RefOfficielle:
    """One reference. ``base`` is where it was read: ``REM`` for the loaded workbook, else a source of the catalogue."""

    ref: str
    base: str
    confiance: Confiance
    pourquoi: str = ""

    def __str__(self) -> str:
        return f"{self.ref} ({self.confiance.libelle})"

    @property
    def domaine(self) -> str:
        """``MSS`` of ``SC.MSS/CONF.04``; its first word when it is of no known form."""
        first, *others = re.split(r"[./ ]", read_reference(self.ref).cle)
        return others[0] if others and first in ("SC", "CH") else first


def official_references(catalogue: Mapping[str, Exigence], held: Croisement | None) -> dict[str, tuple[RefOfficielle, ...]]:
    """The references of each exigence of ours that has any, surest first; those of the REM as it writes them.

    Of the catalogue, those that the REM has not remain; those that the REM has and that a person refused do not.
    """
    spoken = _of_rem(held) if held is not None else {}
    known = {ligne.cle for ligne in held.lignes} if held is not None else set()
    found = {name: (*spoken.get(name, ()), *_of_catalogue(exigence, known)) for name, exigence in catalogue.items()}
    return {name: tuple(sorted(refs, key=lambda each: _RANKS[each.confiance])) for name, refs in found.items() if refs}


_RANKS = {confiance: rank for rank, confiance in enumerate(Confiance)}


def _of_rem(held: Croisement) -> dict[str, list[RefOfficielle]]:
    found: dict[str, list[RefOfficielle]] = {}
    for ligne in held.lignes:
        ref = ligne.rem.reference.brute
        for name in ligne.ours:
            chosen = name in ligne.confirmees
            why = "confirmée par une personne" if chosen else "référence lue dans une source publique"
            made = RefOfficielle(ref, REM, Confiance.CONFIRMEE if chosen else Confiance.VU, why)
            found.setdefault(name, []).append(made)
        for name, why in ligne.proposees:
            found.setdefault(name, []).append(RefOfficielle(ref, REM, Confiance.SENS, why))
    return found


def _of_catalogue(exigence: Exigence, known: Collection[str]) -> Iterable[RefOfficielle]:
    for officiel in exigence.officiel:
        if key_of(read_reference(officiel.ref)) not in known:
            yield RefOfficielle(officiel.ref, officiel.base, Confiance(officiel.confiance))


def listed(references: Iterable[RefOfficielle]) -> str:
    """The references as one text, each with its confidence."""
    return ", ".join(str(each) for each in references)


def grouped(references: Iterable[RefOfficielle]) -> str:
    """The references, those of the same confidence together: ``A, B (catalogue), C (proposée)``."""
    held: dict[str, list[str]] = {}
    for each in map(str, references):
        name, _, confidence = each.rpartition(" (")
        held.setdefault(confidence if name else "", []).append(name or each)
    return ", ".join(", ".join(names) + (f" ({confidence}" if confidence else "") for confidence, names in held.items())
