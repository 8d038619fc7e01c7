"""Verdicts, their bases, and the roll-up of many into one (contract: the order is part of the product)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """What is said of an application of a check, a scenario or an exigence. Declared from worst to mildest."""

    ERREUR = "erreur du harnais"
    NON_CONFORME = "non conforme"
    NON_CONCLUANT = "non concluant"
    A_EXAMINER = "a examiner"
    AVERTISSEMENT = "avertissement"
    NON_TESTE = "non teste"
    CONFORME = "conforme"
    SANS_OBJET = "sans objet"

    @property
    def rank(self) -> int:
        """0 for the worst verdict, growing towards the mildest."""
        return _RANK[self]

    @property
    def libelle(self) -> str:
        """The French words shown to people, with their accents."""
        return _LIBELLES.get(self, self.value)

    def counted(self, count: int) -> str:
        """A number of them in French: ``2 non conformes``, ``1 à examiner``, ``3 erreurs du harnais``."""
        words = self.libelle if count < 2 or self in _INVARIABLE else _PLURALS.get(self, f"{self.libelle}s")
        return f"{count} {words}"


_RANK = {verdict: rank for rank, verdict in enumerate(Verdict)}
_INVARIABLE = (Verdict.A_EXAMINER, Verdict.SANS_OBJET)
_PLURALS = {Verdict.ERREUR: "erreurs du harnais"}
_LIBELLES = {Verdict.A_EXAMINER: "à examiner", Verdict.NON_TESTE: "non testé"}


class Basis(StrEnum):
    """On what a verdict rests; verdicts of different bases are never summed."""

    OBSERVE = "observe"
    FICHIER = "fichier"
    ATTESTE = "atteste"


class Severity(StrEnum):
    """How hard a broken rule strikes; the place of application decides it, never the check."""

    ERREUR = "erreur"
    AVERTISSEMENT = "avertissement"
    INFORMATION = "information"


class Confidence(StrEnum):
    """How well the source of a rule is known. ``INFERE`` gives at most *avertissement*."""

    VU = "vu"
    SECONDAIRE = "secondaire"
    INFERE = "infere"


def roll_up(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst verdict; *sans objet* only when nothing else applies; *non concluant* for an empty input."""
    ranked = sorted(verdicts, key=lambda verdict: verdict.rank)
    if not ranked:
        return Verdict.NON_CONCLUANT
    return ranked[0]
