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
    actifs = [FAULTS[nom] for nom in noms]
    return Alterations((f.couture, f.alteration) for f in actifs if f.couture is not None and f.alteration is not None)


def regles_de(noms: Collection[str]) -> Regles:
    """The rules as these faults leave them."""
    regles = Regles()
    for nom in noms:
        changer = FAULTS[nom].regle
        regles = regles if changer is None else changer(regles)
    return regles
