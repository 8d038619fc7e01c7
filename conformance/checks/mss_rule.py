"""How the rules on mails are written: a generator of problems, registered as a check that shows them all."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ..core.check import Check
from ..core.errors import CheckFailed
from ..core.problem import Evidence, Problem
from .registry import check

MOST_SHOWN = 50


def rule(
    id: str, *, covers: Sequence[str], source: str, confidence: str = "secondaire"
) -> Callable[[Callable[..., Iterator[Problem]]], Check]:
    """Register a generator function as a check: its parameters are found by type, its docstring is the rule.

    What it yields are the problems of one rule; nothing yielded is a rule that holds.
    """

    def register(function: Callable[..., Iterator[Problem]]) -> Check:
        @functools.wraps(function)
        def judge(*args: Any, **kwargs: Any) -> Evidence:
            found = tuple(problem for _, problem in zip(range(MOST_SHOWN), function(*args, **kwargs), strict=False))
            if not found:
                return Evidence(note="vérifié")
            first = found[0]
            failure = CheckFailed(first.message, expected=first.expected, received=first.received, at=first.at, hint=first.hint)
            if len(found) > 1:
                failure.problems = found  # type: ignore[attr-defined]
            raise failure

        return check(id, covers=covers, source=source, confidence=confidence)(judge)

    return register


def problem(message: str, at: str, expected: str, received: object, hint: str) -> Problem:
    """A problem of the rule being judged; an empty value received is shown as ``absent``."""
    return Problem("", message, at, expected, str(received) or "absent", hint)
