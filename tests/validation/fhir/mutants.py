"""Seeded mutants of resources that are good: each breaks one thing, and says at which path it must be seen."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from dui_conformance.validation.fhir.engine import Validator
from dui_conformance.validation.fhir.issues import Sink
from dui_conformance.validation.fhir.items import Item, Reading, make_root

KINDS = ("obligatoire", "cardinalite", "type", "inconnu", "code", "invariant", "reference")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A wrong resource: the sort of wrong, where, and its JSON."""

    kind: str
    path: str
    content: dict[str, Any]
    note: str = ""


class Mutator:
    """Makes mutants of a resource, ``per_kind`` of each sort at most."""

    def __init__(self, validator: Validator, seed: int) -> None:
        self.validator = validator
        self.random = random.Random(seed)

    def mutants(self, content: dict[str, Any], per_kind: int) -> Iterator[Mutant]:
        root = make_root(Reading(self.validator.types, Sink()), content)
        assert root is not None
        items = [root, *root.below()]
        for kind in KINDS:
            places = list(_PLACES[kind](self, items))
            self.random.shuffle(places)
            for path, note, change in places[:per_kind]:
                changed = copy.deepcopy(content)
                change(changed)
                yield Mutant(kind, path, changed, note)


Place = tuple[str, str, Callable[[dict[str, Any]], None]]


def _at(content: Any, pointer: tuple[Any, ...]) -> Any:
    for step in pointer:
        content = content[step]
    return content


def _set(pointer: tuple[Any, ...], value: Any) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        _at(content, pointer[:-1])[pointer[-1]] = value

    return change


def _drop(pointer: tuple[Any, ...], *names: str) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        for name in names:
            _at(content, pointer).pop(name, None)

    return change


def _complex(items: list[Item]) -> list[Item]:
    return [i for i in items if not i.type.primitive and isinstance(i.value, dict)]


def _required(self: Mutator, items: list[Item]) -> Iterator[Place]:
    for item in _complex(items):
        for elem in item.type.required:
            group = item.kids.get(elem.name)
            if group and len(item.value) > 1 + item.type.resource:
                prop = group[0].prop
                yield f"{item.path}.{elem.name}", prop, _drop(item.pointer, prop, f"_{prop}")


def _repeated(self: Mutator, items: list[Item]) -> Iterator[Place]:
    for item in items:
        if item.elem is not None and not item.elem.many and item.parent is not None and item.index < 0 and item.value is not None:
            yield f"{item.parent.path}.{item.name}", "tableau", _set(item.pointer, [item.value, copy.deepcopy(item.value)])


def _mistyped(self: Mutator, items: list[Item]) -> Iterator[Place]:
    for item in items:
        if not item.type.primitive or item.value is None or item.parent is None:
            continue
        for value in ({"valeur": 1}, "pas un nombre" if not isinstance(item.value, str) else 12):
            yield item.path, item.type.code, _set(item.pointer, value)


def _unknown(self: Mutator, items: list[Item]) -> Iterator[Place]:
    for item in _complex(items):
        name = self.random.choice(("elementInconnu", "Statut", "identifiant", "valeur", "x"))
        yield f"{item.path}.{name}", name, _set((*item.pointer, name), "valeur")


def _miscoded(self: Mutator, items: list[Item]) -> Iterator[Place]:
    for item in items:
        bound = item.elem.binding if item.elem is not None else None
        if bound is None or bound.strength != "required" or item.type.code != "code" or item.value is None:
            continue
        held = self.validator.terminology.value_set(bound.value_set)
        if held is not None and held.holds(None, "code-hors-liste") is False:
            yield item.path, bound.value_set, _set(item.pointer, "code-hors-liste")


def _broken(self: Mutator, items: list[Item]) -> Iterator[Place]:
    for item in _complex(items):
        held, place = item.value, item.pointer
        for change in _BREAKS.get(item.type.code, ()) if not item.type.resource else ():
            made = change(held)
            if made is not None:
                yield item.path, f"{item.type.code} {change.__name__}", _set(place, made) if place else _replace(made)
        if item.type.resource:
            for change in (*_RESOURCES, *_BREAKS.get(item.type.code, ())):
                made = change(held)
                if made is not None:
                    yield item.path, change.__name__, _set(place, made) if place else _replace(made)


def _replace(value: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        content.clear()
        content.update(value)

    return change


def _backwards(value: dict[str, Any]) -> dict[str, Any] | None:
    return {**value, "start": "2020-06-01", "end": "2019-06-01"}


def _unsystematic(value: dict[str, Any]) -> dict[str, Any] | None:
    return {k: v for k, v in value.items() if k != "system"} if "code" in value and "system" in value else None


def _nowhere(value: dict[str, Any]) -> dict[str, Any] | None:
    return {**{k: v for k, v in value.items() if k != "type"}, "reference": "#nulle-part"}


def _untyped_data(value: dict[str, Any]) -> dict[str, Any] | None:
    return {**{k: v for k, v in value.items() if k != "contentType"}, "data": "SGVsbG8="}


def _no_system(value: dict[str, Any]) -> dict[str, Any] | None:
    return {k: v for k, v in value.items() if k != "system"} if "value" in value and "system" in value else None


def _both(value: dict[str, Any]) -> dict[str, Any] | None:
    if "extension" in value:
        return {**value, "valueString": "les deux"}
    return {**value, "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "unknown"}]}


def _absent_and_present(value: dict[str, Any]) -> dict[str, Any] | None:
    if not any(k.startswith("value") for k in value):
        return None
    return {**value, "dataAbsentReason": {"text": "inconnue"}}


def _unreferred(value: dict[str, Any]) -> dict[str, Any] | None:
    if value["resourceType"] in ("Bundle", "Parameters", "Binary"):
        return None
    orphan = {"resourceType": "Patient", "id": "sans-lien", "active": True}
    return {**value, "contained": [*value.get("contained", ()), orphan]}


def _negative(value: dict[str, Any]) -> dict[str, Any] | None:
    return {**value, "period": -1, "periodUnit": "d"} if "period" in value else None


def _half_timed(value: dict[str, Any]) -> dict[str, Any] | None:
    return {k: v for k, v in value.items() if k != "periodUnit"} if "period" in value and "periodUnit" in value else None


def _one_dated(value: dict[str, Any]) -> dict[str, Any] | None:
    return {k: v for k, v in value.items() if k != "end"} if "start" in value and "end" in value else None


_BREAKS: dict[str, tuple[Callable[[dict[str, Any]], dict[str, Any] | None], ...]] = {
    "Period": (_backwards,),
    "Quantity": (_unsystematic,),
    "Age": (_unsystematic,),
    "Reference": (_nowhere,),
    "Attachment": (_untyped_data,),
    "ContactPoint": (_no_system,),
    "Extension": (_both,),
    "Observation": (_absent_and_present,),
    "Appointment": (_one_dated,),
}
_RESOURCES = (_unreferred,)


def _misdirected(self: Mutator, items: list[Item]) -> Iterator[Place]:
    for item in _complex(items):
        if item.type.code != "Reference" or item.elem is None:
            continue
        ref = item.elem.type_named("Reference")
        targets = {t.rpartition("/")[2] for t in ref.targets} if ref is not None else set()
        if not targets or "Resource" in targets:
            continue
        other = next(t for t in ("Slot", "Basic", "Account", "Binary", "Linkage") if t not in targets)
        yield item.path, other, _set(item.pointer, {"reference": f"{other}/1"})


_PLACES: dict[str, Callable[[Mutator, list[Item]], Iterator[Place]]] = {
    "obligatoire": _required,
    "cardinalite": _repeated,
    "type": _mistyped,
    "inconnu": _unknown,
    "code": _miscoded,
    "invariant": _broken,
    "reference": _misdirected,
}


def seen_at(path: str, errors: list[str]) -> bool:
    """True when an error is at the mutated path, or below it."""
    return any(at == path or at.startswith((f"{path}.", f"{path}[")) for at in errors)
