"""What a named defect of the reference DUI is, and how one is registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..alterations import Alteration, Couture
from ..regles import Regles

TOUS = ("PA", "PHO", "PHN", "DS", "DN", "PDS", "PDE", "AHI")
NON_CONFORME = "non conforme"
AVERTISSEMENT = "avertissement"
NON_CONCLUANT = "non concluant"
INFORMATION = "information"
NON_TESTE = "non teste"


@dataclass(frozen=True, slots=True)
class Fault:
    """A defect: ``check`` must give ``effet`` when it is active, and be the first of its scenario to leave *conforme* (or to
    say something, for what is only an information; or to say that it could not judge, for what it has no reference to judge by).

    ``theme`` groups the defects of one module. ``alterations`` change what is handed over at seams; ``regles`` replace
    values of the domains of ``Regles``. ``document`` limits to one type (wire name) what changes a document being written.
    """

    nom: str
    description: str
    check: str
    exigences: tuple[str, ...]
    secteurs: tuple[str, ...] = TOUS
    effet: str = NON_CONFORME
    theme: str = ""
    document: str = ""
    alterations: tuple[tuple[Couture, Alteration], ...] = field(default=(), repr=False, compare=False)
    regles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False, compare=False)

    def changer(self, regles: Regles) -> Regles:
        """The rules as this fault leaves them."""
        for domaine, valeurs in self.regles.items():
            fautives: Any = replace(getattr(regles, domaine), **valeurs)
            regles = replace(regles, **{domaine: fautives})
        return regles


FAULTS: dict[str, Fault] = {}


def defaut(
    nom: str,
    description: str,
    *alterations: tuple[Couture, Alteration],
    check: str,
    exigences: Sequence[str],
    effet: str = NON_CONFORME,
    theme: str = "",
    document: str = "",
    regles: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Register a defect; refuses a name used twice, a rule that does not exist, and a defect that changes nothing.

    A module of defects gives its theme once, and its type of document where it has one:
    ``defaut = partial(registre.defaut, theme="vaccination", document="note-vaccination")``.
    """
    fault = Fault(
        nom,
        description,
        check,
        tuple(exigences),
        effet=effet,
        theme=theme,
        document=document,
        alterations=alterations,
        regles=regles or {},
    )
    if nom in FAULTS:
        raise ValueError(f"deux défauts portent le nom {nom}")
    if not fault.alterations and fault.changer(Regles()) == Regles():
        raise ValueError(f"le défaut {nom} ne change rien")
    FAULTS[nom] = fault
