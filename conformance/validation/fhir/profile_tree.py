"""A StructureDefinition compiled into what it adds to its base type: a tree of constraints, empty where it adds nothing.

A snapshot is compared with the base type element by element; a differential is laid over the tree of the profile that it
derives from. The base type itself is judged apart, once an instance, whatever the number of profiles.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .base import BY_HEART, Binding, ElementDef, Invariant, TypeDef, TypeRef, Types, binding_of, maximum, type_refs
from .store import Definitions, Found, Origin

PROVISIONAL = "provisoire"


@dataclass(frozen=True, slots=True)
class Discriminator:
    """What tells the slices of an element apart."""

    kind: str
    path: str


@dataclass(slots=True)
class Slicing:
    """How an element is sliced."""

    discriminators: tuple[Discriminator, ...] = ()
    ordered: bool = False
    rules: str = "open"


@dataclass(slots=True, eq=False)
class Node:
    """What a profile adds at an element, or at a slice of it. ``None`` where it adds nothing."""

    id: str
    name: str
    slice: str = ""
    min: int | None = None
    max: float | None = None
    types: tuple[TypeRef, ...] | None = None
    fixed: Any = None
    pattern: Any = None
    binding: Binding | None = None
    invariants: tuple[tuple[Invariant, str], ...] = ()
    must: bool = False
    max_length: int | None = None
    least: Any = None
    most: Any = None
    slicing: Slicing | None = None
    slices: dict[str, Node] = field(default_factory=dict)
    children: dict[str, Node] = field(default_factory=dict)
    reference: str = ""
    source: str = ""
    memo: dict[str, Any] = field(default_factory=dict, repr=False)

    def walk(self) -> Iterator[Node]:
        """Itself and all below."""
        yield self
        for below in (*self.children.values(), *self.slices.values()):
            yield from below.walk()

    @property
    def own(self) -> tuple[Any, ...]:
        """What it imposes itself, invariants apart."""
        return (self.min, self.max, self.types, self.fixed, self.pattern, self.binding, self.max_length, self.least, self.most)

    @property
    def idle(self) -> bool:
        """True when it adds nothing, nor anything below."""
        held = any(value is not None for value in self.own)
        return not (held or self.invariants or self.must or self.slices or self.children or self.reference)


@dataclass(slots=True, eq=False)
class Profile:
    """A compiled StructureDefinition. ``missing`` are the canonicals that it needs and that nobody has."""

    url: str
    version: str
    title: str
    type: str
    root: Node
    origin: Origin
    missing: tuple[str, ...] = ()
    context: tuple[Mapping[str, str], ...] = ()
    modifier: bool = False
    fixed_url: str = ""
    provisional: bool = False

    @property
    def named(self) -> str:
        """Canonical with version."""
        return f"{self.url}|{self.version}" if self.version else self.url


class Profiles:
    """The profiles met so far, each compiled once."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.definitions: Definitions = types.definitions
        self._known: dict[str, Profile | None] = {}
        self.provisional: set[str] = set()

    def get(self, canonical: str) -> Profile | None:
        """A profile by canonical; None when no definition of it is known, or when it is a base type."""
        if canonical not in self._known:
            self._known[canonical] = None
            found = self.definitions.structure(canonical)
            if found is not None and found.content.get("derivation") == "constraint":
                self._known[canonical] = self._compiled(found)
        return self._known[canonical]

    def _compiled(self, found: Found) -> Profile:
        content = found.content
        url, version = str(content["url"]), str(content.get("version", ""))
        type_name = str(content.get("type", ""))
        type_ = self.types.get(type_name)
        missing: list[str] = []
        source = f"{url}|{version}" if version else url
        rows = content.get("snapshot", {}).get("element")
        base = str(content.get("baseDefinition", ""))
        if rows:
            root = Node(id=type_name, name=type_name, source=f"{source}#{type_name}")
        else:
            rows = content.get("differential", {}).get("element", ())
            root = self._inherited(base, type_name, source, missing)
        _Overlay(self.types, root, type_, source).add(rows)
        prune(root)
        provisional = found.origin.provisional or _tagged(content)
        if provisional:
            self.provisional.add(source)
        return Profile(
            url,
            version,
            str(content.get("title") or content.get("name") or url),
            type_name,
            root,
            found.origin,
            tuple(missing),
            tuple(content.get("context", ())),
            any(r.get("isModifier") for r in rows[:1]),
            _fixed_url(rows) if type_name == "Extension" else "",
            provisional,
        )

    def _inherited(self, base: str, type_name: str, source: str, missing: list[str]) -> Node:
        above = self.get(base)
        if above is not None:
            missing += above.missing
            root = copy.deepcopy(above.root)
            for node in root.walk():
                node.memo.clear()  # what is known of the slices of the base does not hold with those that are added
            return root
        if self.definitions.structure(base) is None:
            missing.append(base)
        return Node(id=type_name, name=type_name, source=f"{source}#{type_name}")


def _tagged(content: Mapping[str, Any]) -> bool:
    """True for a definition of ours that says itself provisional."""
    return any(t.get("code") == PROVISIONAL for t in content.get("meta", {}).get("tag", ()))


def _fixed_url(rows: Sequence[Mapping[str, Any]]) -> str:
    row = next((r for r in rows if r["path"] == "Extension.url" and ":" not in r.get("id", "")), None)
    return "" if row is None else str(row.get("fixedUri") or row.get("fixedUrl") or row.get("patternUri") or "")


def prune(node: Node) -> None:
    """Take away what adds nothing."""
    for held in (node.children, node.slices):
        for name, below in list(held.items()):
            prune(below)
            if below.idle and held is node.children:
                del held[name]
    if node.slicing is not None and not node.slices and node.slicing.rules != "closed":
        node.slicing = None


class _Overlay:
    """Lays the elements of a StructureDefinition over a tree."""

    def __init__(self, types: Types, root: Node, type_: TypeDef | None, source: str) -> None:
        self.types = types
        self.root = root
        self.type = type_
        self.source = source

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Each element in turn."""
        for row in rows:
            steps = _steps(row)
            node, elem, type_ = self._reach(steps[1:])
            self._fill(node, row, elem, type_, sliced=bool(node.slice))

    def _reach(self, steps: Sequence[tuple[str, tuple[str, ...]]]) -> tuple[Node, ElementDef | None, TypeDef | None]:
        node, elem, type_ = self.root, None, self.type
        for raw, slices in steps:
            name, wanted = raw.removesuffix("[x]"), slices
            elem = type_.elements.get(name) if type_ is not None else None
            if elem is None and type_ is not None and name in type_.props:
                elem, kind = type_.props[name]
                wanted = (name, *slices)
                name = elem.name
                above = node.children.get(name)
                if above is None or name not in above.slices:
                    node = self._child(node, name)
                    made = self._slice(node, wanted[0])
                    made.types = made.types or (TypeRef(kind),)
                    node.slicing = node.slicing or Slicing((Discriminator("type", "$this"),))
                    node = made
                    wanted = slices
                    for each in wanted:
                        node = self._slice(node, each)
                    type_ = self.types.get(kind)
                    continue
            node = self._child(node, name)
            for each in wanted:
                node = self._slice(node, each)
            type_ = self._below(node, elem)
        return node, elem, type_

    def _below(self, node: Node, elem: ElementDef | None) -> TypeDef | None:
        if elem is None:
            return None
        codes = [t.code for t in node.types or ()]
        if len(codes) == 1 and (elem.choice or codes[0] != elem.types[0].code if elem.types else False):
            return self.types.get(codes[0])
        kinds = list(elem.kinds.values())
        return self.types.get(kinds[0]) if len(kinds) == 1 else self.types.get(codes[0]) if codes else None

    def _child(self, node: Node, name: str) -> Node:
        if name not in node.children:
            place = f"{node.id}.{name}"
            node.children[name] = Node(id=place, name=name, source=f"{self.source}#{place}")
        return node.children[name]

    def _slice(self, node: Node, name: str) -> Node:
        if name not in node.slices:
            place = f"{node.id}:{name}" if not node.slice else f"{node.id}/{name}"
            node.slices[name] = Node(id=place, name=node.name, slice=name, source=f"{self.source}#{place}", types=None)
        return node.slices[name]

    def _fill(self, node: Node, row: Mapping[str, Any], elem: ElementDef | None, type_: TypeDef | None, *, sliced: bool) -> None:
        before = node.own
        if "min" in row and (sliced or elem is None or row["min"] != elem.min or node.min is not None) and elem is not None:
            node.min = int(row["min"])
        if "max" in row and elem is not None:
            most = maximum(row["max"])
            if most != elem.max or node.max is not None:
                node.max = most
        self._fill_types(node, row, elem)
        for name, value in row.items():
            if name.startswith("fixed"):
                node.fixed = value
            elif name.startswith("pattern"):
                node.pattern = value
            elif name.startswith("minValue"):
                node.least = value
            elif name.startswith("maxValue"):
                node.most = value
        bound = binding_of(row)
        if bound is not None and not _same_binding(bound, elem.binding if elem is not None else None):
            node.binding = bound
        known = {i.key for i, _ in node.invariants} | BY_HEART
        known |= {i.key for i in (elem.invariants if elem is not None else ())}
        known |= {i.key for i in (type_.invariants if type_ is not None else ())}
        added = [c for c in row.get("constraint", ()) if c["key"] not in known and c.get("expression")]
        place = f"{self.source}#{node.id}"
        node.invariants += tuple((self.types.invariant(c), f"{place}#{c['key']}") for c in added)
        node.must = node.must or bool(row.get("mustSupport"))
        node.max_length = row.get("maxLength", node.max_length)
        if "slicing" in row:
            node.slicing = _slicing(row["slicing"])
        if "contentReference" in row and node.slice:
            node.reference = str(row["contentReference"]).rpartition("#")[2]
        if node.own != before:
            node.source = place

    def _fill_types(self, node: Node, row: Mapping[str, Any], elem: ElementDef | None) -> None:
        if "type" not in row or elem is None:
            return
        refs = type_refs(row)
        if refs and set(refs) != set(elem.types) and not _same_types(refs, elem):
            node.types = refs


def _same_types(refs: tuple[TypeRef, ...], elem: ElementDef) -> bool:
    """The types of a base element, said in other words (``id``, FHIRPath names)."""
    return len(refs) == len(elem.types) == 1 and not refs[0].profiles and not refs[0].targets and elem.name in ("id", "url")


def _same_binding(one: Binding, base: Binding | None) -> bool:
    return (
        base is not None and one.strength == base.strength and one.value_set.partition("|")[0] == base.value_set.partition("|")[0]
    )


def _slicing(row: Mapping[str, Any]) -> Slicing:
    return Slicing(
        tuple(Discriminator(d["type"], d["path"]) for d in row.get("discriminator", ())),
        bool(row.get("ordered", False)),
        str(row.get("rules", "open")),
    )


def _steps(row: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """The path of an element: names, each with its slices (``coding:a/b`` is slice b of slice a)."""
    text = str(row.get("id") or row["path"])
    found: list[tuple[str, tuple[str, ...]]] = []
    for step in text.split("."):
        name, _, slices = step.partition(":")
        found.append((name, tuple(slices.split("/")) if slices else ()))
    if "id" not in row and row.get("sliceName"):
        found[-1] = (found[-1][0], (str(row["sliceName"]),))
    return found
