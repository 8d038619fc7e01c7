"""Invariants of an item: by our FHIRPath functions, a few in plain Python for speed, else by fhirpathpy itself."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import fhirpathpy
from fhirpathpy.engine.nodes import ResourceNode
from fhirpathpy.models import models

from .base import Invariant
from .fhirpath import Env, Resolver, Step, Unsupported, compiled, truth
from .items import Item


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an invariant: True, False, or None with the reason why nothing can be said."""

    holds: bool | None
    reason: str = ""


EMPTY = "le résultat est vide : rien ne permet de conclure"
_TRUE, _FALSE = Answer(True), Answer(False)


class Invariants:
    """Evaluates invariants; ``evaluated`` counts them, ``foreign`` those that fhirpathpy had to judge."""

    def __init__(self, resolver: Resolver, member_of: Callable[[Any, str], bool | None]) -> None:
        self.resolver = resolver
        self.member_of = member_of
        self.evaluated = 0
        self.foreign = 0

    def judge(self, item: Item, invariant: Invariant) -> Answer:
        """Does it hold at that item?"""
        self.evaluated += 1
        native = NATIVE.get(invariant.key)
        if native is not None and native[0] == invariant.expression[:24]:
            return _TRUE if native[1](item) else _FALSE
        step = _step(invariant.expression)
        if step is None:
            return self._foreign(item, invariant)
        try:
            held = truth(step([item], Env(item, self.resolver, self.member_of)))
        except (ValueError, TypeError, ArithmeticError, re.error) as error:
            return Answer(None, f"évaluation impossible : {error}")
        except RecursionError:
            return Answer(None, "évaluation trop profonde")
        return Answer(None, EMPTY) if held is None else _TRUE if held else _FALSE

    def _foreign(self, item: Item, invariant: Invariant) -> Answer:
        self.foreign += 1
        try:
            run = _foreign(invariant.expression)
            focus = ResourceNode.create_node(item.value, item.type.code)  # type: ignore[no-untyped-call]
            root, resource = item.outermost.value, item.holder.value
            found = run(focus, {"resource": resource, "rootResource": root, "context": item.value})
        except Exception as error:  # noqa: BLE001 - fhirpathpy raises bare exceptions for what it does not know
            return Answer(None, f"expression non évaluable : {error}")
        if not found:
            return Answer(None, EMPTY)
        return _FALSE if found == [False] else _TRUE


@lru_cache(maxsize=4096)
def _step(expression: str) -> Step | None:
    try:
        return compiled(expression)
    except Unsupported:
        return None


@lru_cache(maxsize=512)
def _foreign(expression: str) -> Callable[[Any, dict[str, Any]], list[Any]]:
    quiet = {"traceFn": lambda value, label: None}
    made: Callable[[Any, dict[str, Any]], list[Any]] = fhirpathpy.compile(expression, models["r4"], quiet)
    return made


def _contained_referred(item: Item) -> bool:
    """dom-3: each contained resource is referred to, or refers to its container."""
    held = item.kids.get("contained")
    if not held:
        return True
    wanted = {f"#{c.first('id')}": c for c in held}
    for below in item.below():
        if below.type.primitive and isinstance(below.value, str) and below.value.startswith("#"):
            if below.value == "#":
                up = below
                while up.parent is not None and up not in held:
                    up = up.parent
                wanted = {k: c for k, c in wanted.items() if c is not up}
            else:
                wanted.pop(below.value, None)
    return not wanted


def _contains_none(*names: str) -> Callable[[Item], bool]:
    def holds(item: Item) -> bool:
        return not any(n in (c.first("meta") or {}) for c in item.kids.get("contained", ()) for n in names)

    return holds


def _reference_inside(item: Item) -> bool:
    """ref-1: a ``#`` reference names a contained resource; ``#`` alone is the container."""
    value = item.first("reference")
    if not isinstance(value, str) or not value.startswith("#") or value == "#":
        return True
    return any(c.first("id") == value[1:] for c in item.outermost.kids.get("contained", ()))


def _coded_quantity(item: Item) -> bool:
    return "code" not in item.kids or "system" in item.kids


NATIVE: dict[str, tuple[str, Callable[[Item], bool]]] = {
    "dom-2": (
        "contained.contained.empty()"[:24],
        lambda item: not any("contained" in c.kids for c in item.kids.get("contained", ())),
    ),
    "dom-3": ("contained.where((('#'+id in"[:24], _contained_referred),
    "dom-4": ("contained.meta.versionId.empty()"[:24], _contains_none("versionId", "lastUpdated")),
    "dom-5": ("contained.meta.security.empty()"[:24], _contains_none("security")),
    "dom-6": ("text.`div`.exists()"[:24], lambda item: bool(item.kids.get("text", ())) and "div" in item.kids["text"][0].kids),
    "ref-1": ("reference.startsWith('#').not()"[:24], _reference_inside),
    "qty-3": ("code.empty() or system.exists()"[:24], _coded_quantity),
}
"""Judged in plain Python where the expression is the one that R4 writes (its beginning is compared)."""
