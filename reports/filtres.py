"""Filters of rapport.html without script: radio buttons and the style rules that hide what is not chosen.

Nothing is hidden without a choice, on paper, in a browser without ``:has()``, nor where a link leads.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from dui_conformance.core.settings import SECTEURS
from dui_conformance.core.verdict import Verdict

from .model import ExigenceResult, ScenarioResult
from .rem.officiel import Confiance


@dataclass(frozen=True, slots=True)
class Choice:
    """A radio button; ``slug`` is what the rows to keep have in their attribute."""

    id: str
    slug: str
    libelle: str
    count: int


@dataclass(frozen=True, slots=True)
class Filter:
    """A group of radio buttons that filters by one attribute (``data-v``, ``data-s``…)."""

    id: str
    legend: str
    attribute: str
    targets: tuple[str, ...]
    choices: tuple[Choice, ...]

    @property
    def style(self) -> str:
        """Its rules, one a choice."""
        return "\n".join(self._rule(choice) for choice in self.choices)

    def _rule(self, choice: Choice) -> str:
        spared = ":not(:target):not(:has(:target))"
        hidden = ", ".join(f'{target}:not([{self.attribute}~="{choice.slug}"]){spared}' for target in self.targets)
        return f"main:has(#{choice.id}:checked) :is({hidden}) {{ display: none; }}"


def slug(text: str) -> str:
    """A text as an attribute value and an id: lower case, no accent, hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def exigence_filters(results: Sequence[ExigenceResult], sectors: Sequence[str]) -> tuple[Filter, ...]:
    """Filters of the matrix: verdict, system, sector when the DUI has several, official references."""
    rows = ("#matrice tbody tr",)
    made = [
        Filter("fv", "Verdict", "data-v", rows, _choices("fv", [[r.verdict] for r in results], Verdict, _word)),
        Filter("fs", "Système", "data-s", rows, _choices("fs", [r.exigence.systeme for r in results], None, str)),
    ]
    if len(sectors) > 1:
        found = [[code for code in r.exigence.secteurs if code in sectors] for r in results]
        choices = _choices("fc", found, sectors, lambda code: f"{code} ({SECTEURS.get(code, '')})")
        made.append(Filter("fc", "Secteur", "data-c", rows, choices))
    sure = _choices("fr", [confidences(r) for r in results], CONFIDENCES, CONFIDENCES.__getitem__)
    made.append(Filter("fr", "Référence officielle", "data-r", rows, sure))
    found = [domaines(r) for r in results]
    made.append(
        Filter("fd", "Domaine officiel", "data-d", rows, _choices("fd", found, sorted({d for each in found for d in each}), str))
    )
    return tuple(each for each in made if len(each.choices) > 1)


UNSPOKEN = "aucune"
CONFIDENCES = {**{each.value: each.libelle for each in Confiance}, UNSPOKEN: UNSPOKEN}


def confidences(result: ExigenceResult) -> list[str]:
    """How sure its official references are, each once; ``aucune`` without any."""
    return list(dict.fromkeys(each.confiance.value for each in result.references)) or [UNSPOKEN]


def domaines(result: ExigenceResult) -> list[str]:
    """The domains of its official references (``MSS``, ``DMP``…), each once."""
    return list(dict.fromkeys(each.domaine for each in result.references))


def scenario_filters(results: Sequence[ScenarioResult]) -> tuple[Filter, ...]:
    """Filter of the scenarios, in their table and below it: by verdict."""
    targets = ("#liste-scenarios tbody tr", ".famille", ".famille .scenario")
    made = Filter("fw", "Verdict", "data-v", targets, _choices("fw", [[r.verdict] for r in results], Verdict, _word))
    return (made,) if len(made.choices) > 1 else ()


def filter_style(filters: Iterable[Filter]) -> str:
    """The rules of these filters, for the screen only."""
    rules = "\n".join(each.style for each in filters)
    shown = "@supports selector(:has(*)) { .filtres { display: flex; } }"
    return f"@media screen {{\n{shown}\n{rules}\n}}\n" if rules else ""


def _word(verdict: str) -> str:
    return Verdict(verdict).libelle


def _choices(
    prefix: str, found: Sequence[Iterable[str]], order: Iterable[str] | None, named: Callable[[str], str]
) -> tuple[Choice, ...]:
    counts: dict[str, int] = {}
    for values in found:
        for value in values:
            counts[value] = counts.get(value, 0) + 1
    ordered = [value for value in order if value in counts] if order is not None else list(counts)
    return tuple(Choice(f"{prefix}-{slug(value)}", slug(value), named(value), counts[value]) for value in ordered)
