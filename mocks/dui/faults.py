"""The named defects of the reference DUI: ``FAULTS`` by name, and what the active ones change.

Two sorts, both data: an *alteration* is a function at a seam (:class:`.alterations.Couture`), a *rule* replaces one value of
:class:`.regles.Regles`. Each fault names the check that must kill it.
"""

from __future__ import annotations

from collections.abc import Collection

from .alterations import Alterations
from .defauts import FAULTS
from .defauts.registre import Fault
from .regles import Regles

__all__ = ["FAULTS", "Fault", "alterations_de", "regles_de"]


def alterations_de(noms: Collection[str]) -> Alterations:
    """The seams as these faults leave them; ``KeyError`` for an unknown name."""
    faults = [FAULTS[nom] for nom in noms]
    return Alterations((couture, alteration, f.document) for f in faults for couture, alteration in f.alterations)


def regles_de(noms: Collection[str]) -> Regles:
    """The rules as these faults leave them."""
    regles = Regles()
    for nom in noms:
        regles = FAULTS[nom].changer(regles)
    return regles
