"""A mutant for each constraint that our profiles add, made from an instance that meets it; and the census of constraints."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from dui_conformance.validation.fhir.base import TypeRef
from dui_conformance.validation.fhir.engine import Validator
from dui_conformance.validation.fhir.issues import Sink
from dui_conformance.validation.fhir.items import Item, Reading, make_root
from dui_conformance.validation.fhir.profile_tree import Node
from dui_conformance.validation.fhir.slicing import slice_of
from dui_conformance.validation.fhir.walk import Walk

Killed = tuple[str, dict[str, Any]]
"""A constraint, as ``source : sort``, and a resource that breaks it."""
Json = dict[str, Any]

FORBIDDEN: dict[str, Any] = {
    "extension": [{"url": "http://exemple.test/x", "valueBoolean": True}],
    "modifierExtension": [{"url": "http://exemple.test/x", "valueBoolean": True}],
    "value": True,
    "identifier": [{"value": "1"}],
    "docStatus": "final",
    "url": "http://exemple.test/x",
}
"""A value of each element that a profile forbids."""


def census(validator: Validator, canonical: str) -> list[str]:
    """The constraints of a profile: what a value must be, how many, of which type, to what, in which set, and invariants.

    Left out: what tells an optional slice (an element that says otherwise is simply not of it), and a required set that is not
    loaded (it is said not to be verified).
    """
    profile = validator.profiles.get(canonical)
    assert profile is not None
    return list(_Census(validator).node(profile.root))


class _Census:
    def __init__(self, validator: Validator) -> None:
        self.validator = validator
        self.telling: set[str] = set()

    def node(self, node: Node) -> Iterator[str]:
        wanted = node.fixed if node.fixed is not None else node.pattern
        if wanted is not None and node.id not in self.telling:
            yield f"{node.source} : valeur"
        if decidable(self.validator, node):
            yield f"{node.source} : code"
        if any(t.targets for t in node.types or ()):
            yield f"{node.source} : cible"
        elif types_of(node) and node.id not in self.telling:
            yield f"{node.source} : type"
        for _, source in node.invariants:
            yield source
        for below in node.children.values():
            yield from self.group(below)

    def group(self, node: Node) -> Iterator[str]:
        if node.min and node.id not in self.telling:
            yield f"{node.source} : {node.min} au moins"
        if node.max is not None:
            yield f"{node.source} : {int(node.max)} au plus"
        yield from self.node(node)
        for below in node.slices.values():
            self.telling |= _telling(node, below)
            yield from self.group(below)


def decidable(validator: Validator, node: Node) -> bool:
    """True for a required binding to a set that is loaded."""
    if node.binding is None or node.binding.strength != "required":
        return False
    held = validator.terminology.value_set(node.binding.value_set)
    return held is not None and not held.unknown


def types_of(node: Node) -> tuple[TypeRef, ...]:
    """The types that a value must have; () where the type only tells an extension by its address, or names a base."""
    return tuple(t for t in node.types or () if t.code not in ("Extension", "Reference"))


def _telling(node: Node, below: Node) -> set[str]:
    if below.min or node.slicing is None:
        return set()
    return {place for d in node.slicing.discriminators for place in _on_the_way(below.id, d.path)}


class Breaker:
    """Follows a profile over a good resource, and breaks one by one the constraints that it meets."""

    def __init__(self, validator: Validator, content: Json) -> None:
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
        for item in self.root.below():
            held = self.validator.profiles.get(str(item.first("url"))) if item.type.code == "Extension" else None
            if held is not None and held.type == "Extension":
                yield from self._node(held.root, item)

    def _node(self, node: Node, item: Item) -> Iterator[Killed]:
        wanted = node.fixed if node.fixed is not None else node.pattern
        if wanted is not None and item.parent is not None and node.id not in self._telling:
            yield f"{node.source} : valeur", self._with(item, _spoiled(wanted, item.value))
        if decidable(self.validator, node):
            yield f"{node.source} : code", self._with(item, _recoded(item.value))
        if any(t.targets for t in node.types or ()):
            yield f"{node.source} : cible", self._with(item, {"reference": "Linkage/1"})
        elif types_of(node) and item.parent is not None and node.id not in self._telling:
            yield f"{node.source} : type", self._retyped(item, {t.code for t in types_of(node)})
        for _, source in node.invariants:
            yield source, self._untrue(item, source.rpartition("#")[2])
        for name, below in node.children.items():
            yield from self._group(below, item.kids.get(name, []), item)

    def _group(self, node: Node, group: list[Item], parent: Item) -> Iterator[Killed]:
        if node.min is not None and node.min > 0 and group and node.id not in self._telling:
            yield f"{node.source} : {node.min} au moins", self._without(parent, group)
        if node.max == 0 and not group and isinstance(parent.value, dict):
            name = "valueBoolean" if node.name == "value" else node.name
            yield f"{node.source} : 0 au plus", self._with_more(parent, name, copy.deepcopy(FORBIDDEN[node.name]))
        elif node.max is not None and group and group[0].index >= 0:
            extra = [copy.deepcopy(group[0].value) for _ in range(int(node.max) + 1 - len(group))]
            yield f"{node.source} : {int(node.max)} au plus", self._more(parent, group[0].prop, extra)
        for item in group[:1]:
            yield from self._node(node, item)
        for below in node.slices.values():
            self._telling |= _telling(node, below)
            yield from self._group(below, [i for i in group if slice_of(self.walk, node, i) is below], parent)

    def _changed(self) -> Json:
        return copy.deepcopy(self.content)

    def _with(self, item: Item, value: Any) -> Json:
        changed = self._changed()
        _at(changed, item.pointer[:-1])[item.pointer[-1]] = value
        return changed

    def _with_more(self, parent: Item, name: str, value: Any) -> Json:
        changed = self._changed()
        _at(changed, parent.inside)[name] = value
        return changed

    def _retyped(self, item: Item, allowed: set[str]) -> Json:
        """The same element with a value of another type: a choice, or a resource."""
        if item.type.resource:
            return self._with(item, {"resourceType": "Basic", "code": {"text": "autre"}})
        assert item.parent is not None
        changed = self._changed()
        holder = _at(changed, item.parent.inside)
        del holder[item.prop]
        holder[f"{item.name}{'Integer' if 'boolean' in allowed else 'Boolean'}"] = 3 if "boolean" in allowed else True
        return changed

    def _untrue(self, item: Item, key: str) -> Json:
        broken = UNTRUE.get(key)
        if broken is None or (item.parent is None and not callable(broken)):
            return self._changed()
        if not callable(broken):
            return self._with(item, broken)
        changed = self._changed()
        broken(_at(changed, item.pointer) if item.parent is not None else changed)
        return changed

    def _without(self, parent: Item, group: list[Item]) -> Json:
        changed = self._changed()
        holder = _at(changed, parent.inside)
        kept = [i for i in parent.kids[group[0].name] if i not in group]
        prop = group[0].prop
        if kept:
            holder[prop] = [copy.deepcopy(i.value) for i in kept]
        else:
            holder.pop(prop, None)
            holder.pop(f"_{prop}", None)
        return changed

    def _more(self, parent: Item, prop: str, extra: list[Any]) -> Json:
        changed = self._changed()
        _at(changed, parent.inside)[prop] += extra
        return changed


def _drop_input(code: str) -> Callable[[Json], None]:
    def drop(task: Json) -> None:
        task["input"] = [i for i in task["input"] if i["type"]["coding"][0]["code"] != code]

    return drop


def _no_status(task: Json) -> None:
    for code in ("statutESMS", "statutUnite"):
        _drop_input(code)(task)


def _other_mode(task: Json) -> None:
    row = next(i for i in task["input"] if i["type"]["coding"][0]["code"] == "modePriseCharge")
    row["valueCodeableConcept"]["coding"][0]["code"] = "1"


def _no_matricule(patient: Json) -> None:
    patient["identifier"] = [i for i in patient["identifier"] if not i["system"].startswith("urn:oid:1.2.250.1.213.1.4.")]


def _two_matricules(patient: Json) -> None:
    patient["identifier"].append({**copy.deepcopy(patient["identifier"][0]), "use": "official"})


def _without_entries(*kinds: str) -> Callable[[Json], None]:
    def drop(bundle: Json) -> None:
        bundle["entry"] = [e for e in bundle["entry"] if e["resource"]["resourceType"] not in kinds]

    return drop


def _twice(bundle: Json) -> None:
    bundle["entry"].append({**copy.deepcopy(bundle["entry"][0]), "fullUrl": "urn:uuid:00000000-0000-4000-8000-000000000000"})


UNTRUE: dict[str, Any] = {
    "regle-StatutUnite": _drop_input("idUnite"),
    "regle-ModePriseEnCharge": _other_mode,
    "regle-Statut": _no_status,
    "regle-NomPieceJointe-type": lambda d: d["content"][0]["attachment"].update(title="Autre"),
    "regle-Contenu": lambda d: d["content"][0]["attachment"].pop("data"),
    "idNat-Struct-forme": "480787529",
    "idNatSt-forme": "X",
    "ins-forme": "1",
    "usage-INS-NIR": "secondary",
    "usage-PI": "secondary",
    "fr-core-1": _no_matricule,
    "fr-core-2": _two_matricules,
    "id-local-usager": "194704032",
    "id-sejour": "1",
    "id-evenement": "1",
    "id-evaluation": "1",
    "id-transport-usager": "1",
    "id-transport-professionnel": "1",
    "statut-evenement": "arrived",
    "statut-evaluation": "stopped",
    "questionnaire-connu": "http://exemple.test/questionnaire",
    "setmin-structure": _without_entries("Organization"),
    "setmin-sejour": _without_entries("Encounter"),
    "setmin-usager": _without_entries("Patient"),
    "setmin-un-patient": _twice,
    "type-export-dui": lambda d: d["type"]["coding"][0].update(code="AUTRE"),
    "classe-document-de-gestion": lambda d: d["category"][0]["coding"][0].update(code="1"),
}
"""By the key of an invariant: what makes it false, a value or a change of the element."""


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
    others |= {"official": "old", "usual": "old", "temp": "old", "active": "draft", "related": "instance", "secondary": "old"}
    others |= {"current": "superseded"}
    return others.get(held, "urn:autre") if isinstance(held, str) else held


def _recoded(held: Any) -> Any:
    if isinstance(held, str):
        return "other"
    if "coding" in held:
        return {**held, "coding": [{**c, "code": "hors-liste"} for c in held["coding"]]}
    return {**held, "code": "hors-liste"}
