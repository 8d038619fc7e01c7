"""Finds the scenarios, and selects those that a campaign plays."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from types import ModuleType

from .. import scenarios as package
from ..catalogue import load as load_catalogue
from ..core.errors import InputError
from ..core.runner import Scenario, scenario_of
from .couverture import scenario_uses

ORDER = ("psc", "insi", "dmp")


def modules() -> tuple[ModuleType, ...]:
    """The modules of scenarios, as a user meets the services: log in, qualify an identity, feed the DMP; then by name.

    What a DUI does only once, such as reading the configuration of Pro Santé Connect, is then judged by the first login.
    """
    names = sorted((m.name for m in pkgutil.iter_modules(package.__path__)), key=_rank)
    return tuple(importlib.import_module(f"{package.__name__}.{name}") for name in names)


def _rank(name: str) -> tuple[int, str]:
    system = name.partition("_")[0]
    return (ORDER.index(system) if system in ORDER else len(ORDER), name)


@cache
def all_scenarios() -> dict[str, Scenario]:
    """Every scenario by id, in file order."""
    uses = scenario_uses()
    found: dict[str, Scenario] = {}
    for module in modules():
        functions = [f for name, f in vars(module).items() if name.startswith("test_") and inspect.isfunction(f)]
        for function in sorted(
            (f for f in functions if f.__module__ == module.__name__), key=lambda f: f.__code__.co_firstlineno
        ):
            scenario = scenario_of(function)
            found[scenario.id] = scenario_of(function, uses[scenario.id].exigences)
    return found


@dataclass(frozen=True, slots=True)
class Selection:
    """What is played, and what is not, with the reason."""

    played: tuple[Scenario, ...]
    left: tuple[tuple[Scenario, str], ...]


def select(applicable: Collection[str], only: Sequence[str] = ()) -> Selection:
    """Scenarios that cite an exigence of the DUI's sectors, restricted to exigences, systems or scenarios asked for.

    Raises ``InputError`` for a word that is neither an exigence, a system, a scenario nor the start of one.
    """
    scenarios = list(all_scenarios().values())
    wanted = _wanted(scenarios, only) if only else None
    played, left = [], []
    for scenario in scenarios:
        if not set(scenario.exigences) & set(applicable):
            left.append((scenario, "sans objet pour ces secteurs"))
        elif wanted is not None and scenario.id not in wanted:
            left.append((scenario, "hors de la sélection demandée"))
        else:
            played.append(scenario)
    return Selection(tuple(played), tuple(left))


def _wanted(scenarios: Iterable[Scenario], only: Sequence[str]) -> set[str]:
    catalogue = load_catalogue()
    systems = {system.casefold() for e in catalogue.values() for system in e.systeme}
    chosen: set[str] = set()
    for word in only:
        if word.upper() in catalogue:
            found = {s.id for s in scenarios if word.upper() in s.exigences}
        elif word.casefold() in systems:
            found = {
                s.id
                for s in scenarios
                if any(word.casefold() in (y.casefold() for y in catalogue[e].systeme) for e in s.exigences if e in catalogue)
            }
        else:
            found = {s.id for s in scenarios if s.id == word or s.id.startswith(word)}
        if not found and word.upper() not in catalogue:
            raise InputError(
                f"--seulement {word} : ni une exigence, ni un système, ni un scénario. "
                "Voir « dui-conformance catalogue » pour les exigences et leurs scénarios."
            )
        chosen |= found
    return chosen
