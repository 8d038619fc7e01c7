"""Which exigence is covered by which scenario and which checks: computed from the code of the scenarios, typed nowhere."""

from __future__ import annotations

import csv
import importlib
import inspect
import io
import pkgutil
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import FunctionType, MappingProxyType, ModuleType

from .. import scenarios
from ..catalogue import Exigence, known_ids, load, reasons
from ..checks.registry import all_profiles, expand
from ..core.errors import HarnessError
from ..core.formulaire import Formulaire
from ..core.runner import scenario_of
from .scenario_scan import Found, Profiles, scan

PATHS = ("automatique", "guidé", "attesté", "sans objet")
COLUMNS = ("id", "secteurs", "systeme", "preuve", "auto", "voie", "scenarios", "controles", "attestation", "raison")


@dataclass(frozen=True, slots=True)
class ScenarioUse:
    """One scenario: its exigences, gestures, personas and service faults, and its usagers' profiles in call order."""

    id: str
    titre: str
    exigences: tuple[str, ...]
    gestes: tuple[str, ...]
    usagers: tuple[str, ...]
    professionnels: tuple[str, ...]
    pannes: tuple[str, ...]
    found: Found


@dataclass(frozen=True, slots=True)
class Covered:
    """What covers an exigence. ``scenarios`` apply a check or an attestation for it; a mere wait does not count. ``formulaires``
    are the forms put for it, each with its scenario."""

    scenarios: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    attestations: tuple[str, ...] = ()
    formulaires: tuple[tuple[str, Formulaire], ...] = ()

    @property
    def attestation(self) -> bool:
        """True when a scenario asks for a human look."""
        return bool(self.attestations)

    def __bool__(self) -> bool:
        return bool(self.scenarios)


@cache
def scenario_uses() -> Mapping[str, ScenarioUse]:
    """Every scenario by id, in module and file order. An unknown exigence is refused."""
    names = sorted(m.name for m in pkgutil.iter_modules(scenarios.__path__))
    modules = [importlib.import_module(f"{scenarios.__name__}.{name}") for name in names]
    profiles = Profiles(all_profiles(), expand)
    uses = (_use(function, profiles) for module in modules for function in functions(module))
    return MappingProxyType({use.id: use for use in uses})


def functions(module: ModuleType) -> list[FunctionType]:
    """The scenario functions that a module defines, in file order."""
    own = [f for name, f in vars(module).items() if name.startswith("test_") and inspect.isfunction(f)]
    return sorted((f for f in own if f.__module__ == module.__name__), key=lambda f: f.__code__.co_firstlineno)


def reason_of(exigence: str) -> str:
    """Why nothing covers an exigence, or ``""``."""
    return reasons().get(exigence, "")


def verdict_path(exigence: Exigence, by: Covered) -> str:
    """How an exigence gets its verdict: ``automatique`` (files and exchanges alone), ``guidé`` (after gestures), ``attesté`` (a
    form that people answer, its files verified where they can be), ``sans objet``; ``""`` when nothing gives it one."""
    if not by:
        return "sans objet" if not exigence.preuve else ""
    if by.attestation and (exigence.auto == "N" or not by.checks):
        return "attesté"
    return "automatique" if exigence.auto == "O" else "guidé"


@cache
def coverage() -> Mapping[str, Covered]:
    """What covers each exigence of the catalogue; an empty ``Covered`` for one that nothing covers."""
    return MappingProxyType(covered_by(scenario_uses().values()))


def covered_by(uses: Iterable[ScenarioUse]) -> dict[str, Covered]:
    """What these scenarios cover, for every exigence of the catalogue."""
    made: dict[str, tuple[list[str], list[str], list[tuple[str, Formulaire]]]] = {name: ([], [], []) for name in load()}
    for use in uses:
        for citation in use.found.citations:
            if citation.nature == "attente":
                continue
            for exigence in citation.exigences:
                playing, checks, attesting = made[exigence]
                playing.append(use.id)
                checks.extend(citation.controles)
                if citation.formulaire is not None and (use.id, citation.formulaire) not in attesting:
                    attesting.append((use.id, citation.formulaire))
    return {
        name: Covered(_once(playing), tuple(sorted(set(checks))), _once(use for use, _ in forms), tuple(forms))
        for name, (playing, checks, forms) in made.items()
    }


def coverage_csv() -> str:
    """The coverage of the whole catalogue, one row an exigence; lists are separated by spaces."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    covered = coverage()
    for name, row in load().items():
        by = covered[name]
        path = verdict_path(row, by).split()
        lists = (row.secteurs, row.systeme, row.preuve, (row.auto,), path, by.scenarios, by.checks, by.attestations)
        writer.writerow([name, *(" ".join(values) for values in lists), "" if by else reason_of(name)])
    return out.getvalue()


def _use(function: FunctionType, profiles: Profiles) -> ScenarioUse:
    scenario = scenario_of(function)
    found = scan(function, profiles)
    cited = _once(e for citation in found.citations for e in citation.exigences)
    if unknown := [e for e in cited if e not in known_ids()]:
        raise HarnessError(f"le scénario {scenario.id} cite une exigence inconnue : {', '.join(unknown)}")
    return ScenarioUse(
        id=scenario.id,
        titre=scenario.title,
        exigences=cited,
        gestes=tuple(found.gestes),
        usagers=tuple(found.usagers),
        professionnels=tuple(found.professionnels),
        pannes=tuple(found.pannes),
        found=found,
    )


def _once(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


if __name__ == "__main__":
    sys.stdout.write(coverage_csv())
