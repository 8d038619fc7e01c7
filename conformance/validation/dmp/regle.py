"""A rule of this package: what a check says of itself, and the pure function that finds problems in a view."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ...core.problem import Problem


@dataclass(frozen=True, slots=True)
class Regle:
    """``cherche(view)`` yields the problems of one rule; ``enonce`` is its French sentence. ``vue`` is the type it reads."""

    id: str
    enonce: str
    exigences: tuple[str, ...]
    source: str
    confiance: str
    vue: type
    cherche: Callable[[Any], Iterator[Problem]]

    def problems(self, view: Any) -> tuple[Problem, ...]:
        """The problems of a view, in order."""
        return tuple(self.cherche(view))
