"""A mutant for each constraint that our profiles add, made from an instance that meets it."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from dui_conformance.validation.fhir.engine import Validator
from dui_conformance.validation.fhir.issues import Sink
from dui_conformance.validation.fhir.items import Item, Reading, make_root
from dui_conformance.validation.fhir.profile_tree import Node
from dui_conformance.validation.fhir.slicing import slice_of
from dui_conformance.validation.fhir.walk import Walk

Killed = tuple[str, dict[str, Any]]
"""A constraint, as ``source : sort``, and a resource that breaks it."""


class Breaker:
    """Follows a profile over a good resource, and breaks one by one the constraints that it meets.

    What tells an optional slice is no constraint: an element that says otherwise is simply not of that slice.
    """

    def __init__(self, validator: Validator, content: dict[str, Any]) -> None:
        self.content = content
        self.validator = validator
        root = make_root(Reading(validator.types, Sink()), content)
        assert root is not None
        self.root = root
        self._telling: set[str] = set()
        self.walk = Walk(root, validator.types, validator.profiles, validator.terminology, Sink())

    def all(self, canonical: str) -> Iterator[Killed]:
        """The mutants of a profile."""
        profile = self.validator.profiles.get(canonical)
        assert profile is not None
        yield from self._node(profile.root, self.root)

    def _node(self, node: Node, item: Item) -> Iterator[Killed]:
        wanted = node.fixed if node.fixed is not None else node.pattern
        if wanted is not None and item.parent is not None and node.id not in self._telling:
            yield f"{node.source} : valeur", self._with(item, _spoiled(wanted, item.value))
        if node.binding is not None and node.binding.strength == "required":
            held = self.validator.terminology.value_set(node.binding.value_set)
            if held is not None and not held.unknown:
                yield f"{node.source} : code", self._with(item, _recoded(item.value))
        if node.types is not None and item.type.code == "Reference" and any(t.targets for t in node.types):
            yield f"{node.source} : cible", self._with(item, {"reference": "Linkage/1"})
        for name, below in node.children.items():
            yield from self._group(below, item.kids.get(name, []), item)

    def _group(self, node: Node, group: list[Item], parent: Item) -> Iterator[Killed]:
        if node.min is not None and node.min > 0 and group and node.id not in self._telling:
            yield f"{node.source} : {node.min} au moins", self._without(parent, group)
        if node.max is not None and group and group[0].index >= 0:
            extra = [copy.deepcopy(group[0].value) for _ in range(int(node.max) + 1 - len(group))]
            yield f"{node.source} : {int(node.max)} au plus", self._more(parent, group[0].prop, extra)
        for item in group[:1]:
            yield from self._node(node, item)
        for below in node.slices.values():
            if not below.min and node.slicing is not None:
                self._telling |= {place for d in node.slicing.discriminators for place in _on_the_way(below.id, d.path)}
            yield from self._group(below, [i for i in group if slice_of(self.walk, node, i) is below], parent)

    def _changed(self) -> dict[str, Any]:
        return copy.deepcopy(self.content)

    def _with(self, item: Item, value: Any) -> dict[str, Any]:
        changed = self._changed()
        _at(changed, item.pointer[:-1])[item.pointer[-1]] = value
        return changed

    def _without(self, parent: Item, group: list[Item]) -> dict[str, Any]:
        changed = self._changed()
        holder = _at(changed, parent.inside)
        kept = [i for i in parent.kids[group[0].name] if i not in group]
        prop = group[0].prop
        if kept:
            holder[prop] = [copy.deepcopy(i.value) for i in kept]
        else:
            del holder[prop]
        return changed

    def _more(self, parent: Item, prop: str, extra: list[Any]) -> dict[str, Any]:
        changed = self._changed()
        _at(changed, parent.inside)[prop] += extra
        return changed


def _on_the_way(start: str, path: str) -> list[str]:
    steps = path.split(".")
    return [".".join((start, *steps[: rank + 1])) for rank in range(len(steps))]


def _at(content: Any, pointer: tuple[Any, ...]) -> Any:
    for step in pointer:
        content = content[step]
    return content


def _spoiled(wanted: Any, held: Any) -> Any:
    """The value without what is imposed, still of its type."""
    if isinstance(wanted, dict):
        return {**held, **{k: _spoiled(v, held[k]) for k, v in wanted.items()}}
    if isinstance(wanted, list):
        return [_spoiled(w, h) for w, h in zip(wanted, held, strict=False)]
    others = {"searchset": "collection", "transaction": "collection", "POST": "PUT", "completed": "failed", "plan": "order"}
    others |= {"official": "old", "usual": "old", "temp": "old", "active": "draft", "related": "instance"}
    return others.get(held, "urn:autre") if isinstance(held, str) else held


def _recoded(held: Any) -> Any:
    if isinstance(held, str):
        return "other"
    if "coding" in held:
        return {**held, "coding": [{**c, "code": "hors-liste"} for c in held["coding"]]}
    return {**held, "code": "hors-liste"}
