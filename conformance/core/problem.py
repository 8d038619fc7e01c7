"""What an engine reports (Problem), what a check proves (Evidence) and what a person reads (Finding)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Problem:
    """One rule broken at one place, as a content engine sees it. ``at`` is an XPath, a header or a line."""

    rule_id: str
    message: str
    at: str = ""
    expected: str = ""
    received: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a satisfied check rests on: a place, and a short French note. ``fired`` counts rules that ran."""

    at: str = ""
    note: str = ""
    fired: int = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """What a failed check says, in French: expected, received, where, hint, source."""

    check: str
    message: str
    expected: str = ""
    received: str = ""
    at: str = ""
    hint: str = ""
    source: str = ""
    problems: tuple[Problem, ...] = field(default=())

    def as_dict(self) -> dict[str, object]:
        """A JSON object, stable for the same capture (no time, path or version)."""
        row: dict[str, object] = {
            name: getattr(self, name) for name in ("check", "message", "expected", "received", "at", "hint", "source")
        }
        if self.problems:
            row["problems"] = [
                {k: getattr(p, k) for k in ("rule_id", "message", "at", "expected", "received", "hint")} for p in self.problems
            ]
        return row

    @classmethod
    def from_dict(cls, row: Mapping[str, object]) -> Finding:
        """The inverse of :meth:`as_dict`."""
        problems = row.get("problems", ())
        assert isinstance(problems, list | tuple)
        texts = {k: str(row.get(k, "")) for k in ("check", "message", "expected", "received", "at", "hint", "source")}
        return cls(**texts, problems=tuple(Problem(**p) for p in problems))
