"""R4 types as the engine reads them: the elements of each, their JSON names, what their base definition demands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .store import Definitions

PREFIX = "http://hl7.org/fhir/StructureDefinition/"
ANY_RESOURCE = "Resource"
MAX_VALUE_SET = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"
BEST_PRACTICE = "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice"
BY_HEART = frozenset({"ele-1", "ext-1"})


@dataclass(frozen=True, slots=True)
class TypeRef:
    """A type that an element may have, with the profiles of it and of what it refers to."""

    code: str
    profiles: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    aggregation: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binding:
    """Codes wanted. ``largest`` is the value set that even a tolerant strength may not leave."""

    strength: str
    value_set: str
    largest: str = ""


@dataclass(frozen=True, slots=True)
class Invariant:
    """A FHIRPath rule. ``best`` marks what HL7 calls a best practice."""

    key: str
    severity: str
    human: str
    expression: str
    best: bool = False


@dataclass(frozen=True, slots=True)
class ElementDef:
    """An element of a base type. ``many`` says if JSON writes an array; ``kinds`` gives the type key of each JSON name."""

    id: str
    name: str
    min: int
    max: float
    many: bool
    choice: bool
    types: tuple[TypeRef, ...]
    kinds: Mapping[str, str]
    invariants: tuple[Invariant, ...]
    binding: Binding | None
    modifier: bool
    attribute: bool = False

    def type_named(self, code: str) -> TypeRef | None:
        """Its type of that name."""
        return next((t for t in self.types if t.code == code), None)


@dataclass(slots=True, eq=False)
class TypeDef:
    """A type: a resource, a datatype, a primitive, or the content of an element (``Patient.contact``)."""

    key: str
    code: str
    kind: str
    abstract: bool
    elements: dict[str, ElementDef]
    props: dict[str, tuple[ElementDef, str]]
    invariants: tuple[Invariant, ...]
    ancestors: tuple[str, ...]
    required: tuple[ElementDef, ...] = ()
    ranks: dict[str, int] = field(default_factory=dict)

    @property
    def primitive(self) -> bool:
        """True for what JSON writes as a string, a number or a boolean."""
        return self.kind == "primitive-type"

    @property
    def resource(self) -> bool:
        """True for a resource."""
        return self.kind == "resource"

    def is_a(self, name: str) -> bool:
        """True when it is of that type or of one derived from it."""
        return name == self.code or name in self.ancestors


class Types:
    """The types of the base specification, made from their definitions when first met."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self._types: dict[str, TypeDef | None] = {}
        self._invariants: dict[tuple[str, str], Invariant] = {}

    def get(self, key: str) -> TypeDef | None:
        """A type by name (``Patient``, ``string``) or by the path of an element that has content of its own."""
        if key not in self._types:
            self._load(key.partition(".")[0])
            self._types.setdefault(key, None)
        return self._types[key]

    def resource(self, name: str) -> TypeDef | None:
        """A concrete resource type."""
        found = self.get(name) if name.isalnum() else None
        return found if found is not None and found.resource and not found.abstract else None

    def names(self) -> list[str]:
        """All the concrete resource types."""
        held = [
            u.rpartition("/")[2] for s in self.definitions.sources for u in s.urls("StructureDefinition") if u.startswith(PREFIX)
        ]
        return sorted({name for name in held if name[:1].isupper() and self.resource(name) is not None})

    def invariant(self, row: Mapping[str, Any]) -> Invariant:
        """One object for each key and expression, so that it is compiled and evaluated once."""
        key = (str(row["key"]), str(row.get("expression", "")))
        if key not in self._invariants:
            self._invariants[key] = Invariant(
                key[0], str(row.get("severity", "error")), str(row.get("human", "")), key[1], _best(row)
            )
        return self._invariants[key]

    def _load(self, name: str) -> None:
        found = self.definitions.structure(name)
        if found is None or (found.content.get("derivation") == "constraint" and found.content.get("type") != name):
            self._types[name] = None
            return
        content = found.content
        rows = [e for e in content["snapshot"]["element"] if ":" not in e.get("id", e["path"])]
        children: dict[str, list[Mapping[str, Any]]] = {}
        for row in rows[1:]:
            children.setdefault(row["path"].rpartition(".")[0], []).append(row)
        ancestors = self._ancestors(str(content.get("baseDefinition", "")))
        self._types[name] = self._made(name, name, str(content["kind"]), rows[0], children.get(name, ()), ancestors, content)
        for path, below in children.items():
            if path != name:
                row = next(r for r in rows if r["path"] == path)
                code = row["type"][0]["code"] if row.get("type") else "Element"
                self._types[path] = self._made(path, code, "complex-type", row, below, ("Element", "BackboneElement"), content)

    def _ancestors(self, base: str) -> tuple[str, ...]:
        found: list[str] = []
        while base.startswith(PREFIX):
            found.append(base.removeprefix(PREFIX))
            above = self.definitions.structure(base)
            base = str(above.content.get("baseDefinition", "")) if above is not None else ""
        return tuple(found)

    def _made(
        self,
        key: str,
        code: str,
        kind: str,
        root: Mapping[str, Any],
        rows: Sequence[Mapping[str, Any]],
        ancestors: tuple[str, ...],
        content: Mapping[str, Any],
    ) -> TypeDef:
        elements: dict[str, ElementDef] = {}
        props: dict[str, tuple[ElementDef, str]] = {}
        has_content = {r["path"].rpartition(".")[0] for r in content["snapshot"]["element"] if "." in r["path"]}
        for row in rows:
            made = self._element(row, kind, has_content)
            if kind == "primitive-type" and made.name == "value":
                continue
            elements[made.name] = made
            props |= {name: (made, below) for name, below in made.kinds.items()}
        own = tuple(self.invariant(c) for c in root.get("constraint", ()) if c["key"] not in BY_HEART)
        return TypeDef(
            key,
            code,
            kind,
            bool(content.get("abstract")) and key == code,
            elements,
            props,
            own if key == code else (),
            ancestors,
            tuple(e for e in elements.values() if e.min),
            {name: rank for rank, name in enumerate(elements)},
        )

    def _element(self, row: Mapping[str, Any], kind: str, has_content: set[str]) -> ElementDef:
        path = str(row["path"])
        raw = path.rpartition(".")[2]
        name = raw.removesuffix("[x]")
        types = type_refs(row)
        if name == "id":
            types = (TypeRef("id" if kind == "resource" else "string"),)
        kinds = _kinds(path, name, raw != name, types, str(row.get("contentReference", "")), path in has_content)
        largest = row.get("base", {}).get("max", row.get("max", "1"))
        return ElementDef(
            id=str(row.get("id", path)),
            name=name,
            min=int(row.get("min", 0)),
            max=maximum(row.get("max", "1")),
            many=largest not in ("0", "1"),
            choice=raw != name,
            types=types,
            kinds=kinds,
            invariants=tuple(self.invariant(c) for c in row.get("constraint", ()) if c["key"] not in BY_HEART),
            binding=binding_of(row),
            modifier=bool(row.get("isModifier")),
            attribute="xmlAttr" in row.get("representation", ()),
        )


def _best(row: Mapping[str, Any]) -> bool:
    said = any(e["url"] == BEST_PRACTICE and e.get("valueBoolean") for e in row.get("extension", ()))
    return said or bool(row.get("best"))


def maximum(text: Any) -> float:
    """The upper bound of a cardinality, infinite for ``*``."""
    return float("inf") if text == "*" else int(text)


def binding_of(row: Mapping[str, Any]) -> Binding | None:
    """The binding of an ElementDefinition, when it names a value set."""
    held = row.get("binding", {})
    if "valueSet" not in held:
        return None
    said = (e.get("valueCanonical") for e in held.get("extension", ()) if e["url"] == MAX_VALUE_SET)
    return Binding(held.get("strength", "example"), held["valueSet"], held.get("max") or next((str(s) for s in said if s), ""))


def type_refs(row: Mapping[str, Any]) -> tuple[TypeRef, ...]:
    """The types of an ElementDefinition."""
    return tuple(
        TypeRef(
            _code(row, t),
            tuple(t.get("profile", ())),
            tuple(t.get("targetProfile", ())),
            tuple(t.get("aggregation", ())),
        )
        for t in row.get("type", ())
    )


def _code(row: Mapping[str, Any], type_: Mapping[str, Any]) -> str:
    code = str(type_.get("code", ""))
    if code.startswith("http://hl7.org/fhirpath/"):
        said = (e.get("valueUrl") or e.get("valueUri") for e in type_.get("extension", ()) if e["url"].endswith("fhir-type"))
        return next((str(s) for s in said if s), "string")
    return code


def _kinds(path: str, name: str, choice: bool, types: Sequence[TypeRef], reference: str, content: bool) -> dict[str, str]:
    if reference:
        return {name: reference.rpartition("#")[2]}
    if choice:
        return {name + t.code[:1].upper() + t.code[1:]: t.code for t in types}
    if content:
        return {name: path}
    return {name: types[0].code} if types else {name: "Element"}
