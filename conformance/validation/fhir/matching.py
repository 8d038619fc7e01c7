"""Fixed values and patterns of ElementDefinition, on JSON values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def same(wanted: Any, held: Any) -> bool:
    """``fixed[x]``: exactly that value, numbers with their precision."""
    if isinstance(wanted, bool) or isinstance(held, bool):
        return wanted is held
    if isinstance(wanted, int | float | Decimal) and isinstance(held, int | float | Decimal):
        return str(wanted) == str(held) or Decimal(str(wanted)) == Decimal(str(held))
    if isinstance(wanted, dict) and isinstance(held, dict):
        return wanted.keys() == held.keys() and all(same(v, held[k]) for k, v in wanted.items())
    if isinstance(wanted, list) and isinstance(held, list):
        return len(wanted) == len(held) and all(same(a, b) for a, b in zip(wanted, held, strict=True))
    return bool(wanted == held)


def covers(pattern: Any, held: Any) -> bool:
    """``pattern[x]``: all that the pattern says is there; each value of a list is somewhere in the list."""
    if isinstance(pattern, dict):
        return isinstance(held, dict) and all(k in held and covers(v, held[k]) for k, v in pattern.items())
    if isinstance(pattern, list):
        return isinstance(held, list) and all(any(covers(p, h) for h in held) for p in pattern)
    return same(pattern, held)


def extract(value: Any, steps: list[str]) -> list[Any]:
    """The values at the end of names inside a fixed value or a pattern."""
    found = [value]
    for step in steps:
        below = [v[step] for v in found if isinstance(v, dict) and step in v]
        found = [x for v in below for x in (v if isinstance(v, list) else [v])]
    return found


def said(value: Any) -> str:
    """A fixed value or a pattern as messages show it."""
    if isinstance(value, dict):
        if isinstance(value.get("coding"), list):
            return " + ".join(said(c) for c in value["coding"])
        if "code" in value:
            return f"{value.get('system', '')}#{value['code']}"
        return ", ".join(f"{k} = {said(v)}" for k, v in value.items())
    if isinstance(value, list):
        return ", ".join(said(v) for v in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
