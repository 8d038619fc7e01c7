"""What a named defect of the reference DUI is, and the two ways to register one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from ..alterations import Alteration, Couture
from ..regles import Regles

TOUS = ("PA", "PHO", "PHN", "DS", "DN", "PDS", "PDE", "AHI")
NON_CONFORME = "non conforme"
AVERTISSEMENT = "avertissement"
NON_CONCLUANT = "non concluant"

Changement = Callable[[Regles], Regles]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Fault:
    """A defect: ``check`` must give ``effet`` when it is active, and be the first of its scenario to leave *conforme*."""

    nom: str
    description: str
    check: str
    exigences: tuple[str, ...]
    secteurs: tuple[str, ...] = TOUS
    effet: str = NON_CONFORME
    couture: Couture | None = None
    alteration: Alteration | None = field(default=None, repr=False, compare=False)
    regle: Changement | None = field(default=None, repr=False, compare=False)


FAULTS: dict[str, Fault] = {}


def _ajouter(defaut: Fault) -> None:
    if defaut.nom in FAULTS:
        raise ValueError(f"deux défauts portent le nom {defaut.nom}")
    FAULTS[defaut.nom] = defaut


def fault(
    nom: str, description: str, *, couture: Couture, check: str, exigences: tuple[str, ...], effet: str = NON_CONFORME
) -> Callable[[F], F]:
    """Register a function that changes, in place or by what it returns, what the DUI hands over at a seam."""

    def enregistrer(alteration: F) -> F:
        _ajouter(Fault(nom, description, check, exigences, effet=effet, couture=couture, alteration=alteration))
        return alteration

    return enregistrer


def regle(
    nom: str,
    description: str,
    *,
    check: str,
    exigences: tuple[str, ...],
    domaine: str,
    effet: str = NON_CONFORME,
    **valeurs: object,
) -> None:
    """Register a defect that replaces values of one domain (``psc``, ``ins``, ``envoi``) of the rules."""

    def changer(regles: Regles) -> Regles:
        fautives: Any = replace(getattr(regles, domaine), **valeurs)
        return replace(regles, **{domaine: fautives})

    changer(Regles())
    _ajouter(Fault(nom, description, check, exigences, effet=effet, regle=changer))
