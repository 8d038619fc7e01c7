"""What a scenario may order INSi: how its bases hold a usager, and how it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import HarnessError
from ...fixtures.ins import ins_key
from ...fixtures.test_persons import Ins
from .lots import Lots
from .state import Registre

TIQ_ELEMENTS = {"nom": "NomNaissance", "prenoms": "ListePrenom", "sexe": "Sexe"}
FORMES_LUNAIRES = ("mois", "jour", "jour-et-mois")


@dataclass(slots=True)
class Habits:
    """How the service answers. ``vide`` is the trait that an incomplete answer leaves empty."""

    registre: Registre
    lots: Lots
    vide: str = "sexe"
    faute_au_lieu_de_01: bool = False


def execute(habits: Habits, nom: str, arguments: Mapping[str, Any]) -> bool:
    """Execute an order; False when there is none of that name. Raises ``HarnessError`` for wrong arguments."""
    order = ORDERS.get(nom)
    if order is None:
        return False
    order(habits, arguments)
    return True


def _fault_instead(habits: Habits, arguments: Mapping[str, Any]) -> None:
    habits.faute_au_lieu_de_01 = bool(arguments.get("active", True))


def _empty_trait(habits: Habits, arguments: Mapping[str, Any]) -> None:
    habits.vide = _among(arguments, "trait", tuple(TIQ_ELEMENTS))


def _lunar_form(habits: Habits, arguments: Mapping[str, Any]) -> None:
    habits.registre.forme_lunaire = _among(arguments, "forme", FORMES_LUNAIRES)


def _first_names(habits: Habits, arguments: Mapping[str, Any]) -> None:
    _known(habits.registre.qualify(_usager(arguments), prenoms=tuple(arguments.get("prenoms", ()))))


def _place(habits: Habits, arguments: Mapping[str, Any]) -> None:
    _known(habits.registre.qualify(_usager(arguments), lieu=str(arguments.get("lieu", ""))))


def _history(habits: Habits, arguments: Mapping[str, Any]) -> None:
    """The other sex digit: what a matricule was before the civil status was put right."""
    held = habits.registre.of(_usager(arguments))
    if held is None or held.ins is None:
        raise HarnessError("ordre à INSi pour un usager dont il n'a pas l'INS")
    past = {"1": "2", "2": "1"}[held.ins.matricule[0]] + held.ins.matricule[1:]
    habits.registre.qualify(_usager(arguments), historique=(Ins(past, ins_key(past), held.ins.oid),))


def _homonym(habits: Habits, arguments: Mapping[str, Any]) -> None:
    _known(habits.registre.double(_usager(arguments)))


def _lot_pending(habits: Habits, arguments: Mapping[str, Any]) -> None:
    habits.lots.attente[str(arguments.get("matricule", ""))] = int(arguments.get("fois", 1))


ORDERS: Mapping[str, Callable[[Habits, Mapping[str, Any]], None]] = {
    "faute-au-lieu-de-01": _fault_instead,
    "trait-vide": _empty_trait,
    "date-lunaire": _lunar_form,
    "prenoms-qualifies": _first_names,
    "lieu-qualifie": _place,
    "historique": _history,
    "homonyme": _homonym,
    "lot-en-cours": _lot_pending,
}


def _usager(arguments: Mapping[str, Any]) -> str:
    return str(arguments.get("usager", ""))


def _known(done: bool) -> None:
    if not done:
        raise HarnessError("ordre à INSi pour un usager qu'il ne connaît pas")


def _among(arguments: Mapping[str, Any], name: str, known: tuple[str, ...]) -> str:
    value = str(arguments.get(name, ""))
    if value not in known:
        raise HarnessError(f"{name} inconnu : {value} (connus : {', '.join(known)})")
    return value
