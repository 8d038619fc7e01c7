"""The element model: JSON or XML, one tree of items whose type, name and place are known; children are made when asked for.

Making the children of an item checks its form (unknown names, arrays, empty values) and reports each defect once.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from .base import ANY_RESOURCE, ElementDef, TypeDef, Types
from .issues import Pointer, Rule, Sink, shown

DEEPEST = 100
_NONE: dict[str, list[Item]] = {}


class Reading:
    """What items share: the types, where defects of form go, and how the document was written."""

    __slots__ = ("sink", "types", "xml")

    def __init__(self, types: Types, sink: Sink, *, xml: bool = False) -> None:
        self.types = types
        self.sink = sink
        self.xml = xml


class Item:
    """An element of an instance. ``value`` is the JSON value (None for a primitive that has only extensions)."""

    __slots__ = ("_kids", "depth", "elem", "ext", "index", "parent", "prop", "reading", "type", "value")

    def __init__(
        self,
        reading: Reading,
        value: Any,
        type_: TypeDef,
        *,
        ext: dict[str, Any] | None = None,
        elem: ElementDef | None = None,
        parent: Item | None = None,
        prop: str = "",
        index: int = -1,
    ) -> None:
        self.reading = reading
        self.value = value
        self.ext = ext
        self.type = type_
        self.elem = elem
        self.parent = parent
        self.prop = prop
        self.index = index
        self.depth: int = 0 if parent is None else parent.depth + 1
        self._kids: dict[str, list[Item]] | None = None

    @property
    def kids(self) -> dict[str, list[Item]]:
        """Children by element name (``value`` for any choice of ``value[x]``); an element that is absent has no entry."""
        if self._kids is None:
            held = self.ext if self.type.primitive else self.value
            self._kids = _children(self, held) if isinstance(held, dict) else _NONE
        return self._kids

    def forget(self) -> None:
        """Let go of the children; they are made again, without a word, when asked for."""
        self._kids = None

    @property
    def name(self) -> str:
        """The name of the element."""
        return self.elem.name if self.elem is not None else self.type.code

    @property
    def path(self) -> str:
        """FHIRPath-like place, from the root resource."""
        if self.parent is None:
            return self.type.code
        rank = f"[{self.index}]" if self.index >= 0 else ""
        return f"{self.parent.path}.{self.name}{rank}"

    @property
    def pointer(self) -> Pointer:
        """JSON names and ranks from the root."""
        if self.parent is None:
            return ()
        own: Pointer = (self.prop,) if self.index < 0 else (self.prop, self.index)
        return self.parent.inside + own

    @property
    def inside(self) -> Pointer:
        """Where its children are: beside it, under ``_name``, for a primitive."""
        if self.parent is None or not self.type.primitive:
            return self.pointer
        own: Pointer = (f"_{self.prop}",) if self.index < 0 else (f"_{self.prop}", self.index)
        return self.parent.inside + own

    @property
    def holder(self) -> Item:
        """The nearest resource: itself, or above."""
        item = self
        while not item.type.resource and item.parent is not None:
            item = item.parent
        return item

    @property
    def outermost(self) -> Item:
        """The resource that holds what is contained: ``%rootResource``."""
        item = self.holder
        while item.parent is not None and item.prop == "contained":
            item = item.parent.holder
        return item

    def first(self, *names: str) -> Any:
        """The value at the end of names, first child each time; None when absent."""
        item = self
        for name in names:
            group = item.kids.get(name)
            if not group:
                return None
            item = group[0]
        return item.value

    def below(self) -> Iterator[Item]:
        """All its descendants, itself left out."""
        pending = [self]
        while pending:
            for group in pending.pop().kids.values():
                pending.extend(group)
                yield from group


def make_root(reading: Reading, value: dict[str, Any]) -> Item | None:
    """The root item of a resource; None when its type is not one of R4."""
    name = value.get("resourceType")
    type_ = reading.types.resource(name) if isinstance(name, str) else None
    return Item(reading, value, type_) if type_ is not None else None


def _children(parent: Item, held: dict[str, Any]) -> dict[str, list[Item]]:
    found: dict[str, list[Item]] = {}
    props = parent.type.props
    sink = parent.reading.sink
    if not held and not parent.type.primitive:
        sink.add(Rule.FORME, "Objet vide", parent, expected="au moins un élément", received="{}", hint="Retirer l'élément vide.")
    if parent.depth > DEEPEST:
        sink.add(Rule.FORME, "Imbrication trop profonde", parent, expected=f"{DEEPEST} niveaux au plus", received="davantage")
        return found
    resource = parent.type.resource
    for key, raw in held.items():
        side = None
        name = key
        if key[:1] == "_":
            name = key[1:]
            if name in held:
                continue
            side, raw = raw, None
        elif "_" + key in held:
            side = held["_" + key]
        prop = props.get(name)
        if prop is None:
            if not (resource and key == "resourceType") and key != "fhir_comments":
                _unknown(parent, key, raw)
            continue
        elem, kind = prop
        items = _items(parent, elem, kind, name, raw, side)
        if elem.name in found:
            sink.add(
                Rule.CARDINALITE,
                f"Deux formes de {elem.name}[x] à la fois",
                parent,
                child=elem.name,
                prop=name,
                expected=f"une seule forme de {elem.name}[x]",
                received=f"{found[elem.name][0].prop} et {name}" if found[elem.name] else name,
                hint="Ne garder qu'une des formes.",
                source=elem.id,
            )
            found[elem.name] += items
        elif items:
            found[elem.name] = items
    return found


def _unknown(parent: Item, key: str, raw: Any) -> None:
    near = get_close_matches(key, parent.type.props, 1)
    parent.reading.sink.add(
        Rule.INCONNU,
        f"Élément inconnu : {key}",
        parent,
        child=key,
        prop=key,
        expected=f"un élément de {parent.type.key}",
        received=f"{key} = {shown(raw)}",
        hint=f"Peut-être {near[0]} ?" if near else "Retirer l'élément, ou porter l'information par une extension.",
        source=parent.type.key,
    )


def _items(parent: Item, elem: ElementDef, kind: str, prop: str, raw: Any, side: Any) -> list[Item]:
    type_ = parent.reading.types.get(kind)
    if type_ is None:
        return []
    sides = side if isinstance(side, list) else [side]
    many = isinstance(raw, list) or (raw is None and isinstance(side, list))
    if many != elem.many:
        _misshapen(parent, elem, prop, raw if raw is not None else side)
    if isinstance(raw, list) or many:
        values = raw if isinstance(raw, list) else [None] * len(sides)
        if not values and not sides[0]:
            _empty(parent, elem, prop, "[]")
        size = max(len(values), len(sides) if isinstance(side, list) else 0)
        if isinstance(side, list) and isinstance(raw, list) and len(side) != len(raw):
            _uneven(parent, elem, prop, len(raw), len(side))
        made = []
        for rank in range(size):
            value = values[rank] if rank < len(values) else None
            beside = sides[rank] if isinstance(side, list) and rank < len(sides) else None
            item = _item(parent, elem, type_, prop, value, beside, rank)
            if item is not None:
                made.append(item)
        return made
    item = _item(parent, elem, type_, prop, raw, side, -1)
    return [] if item is None else [item]


def _item(parent: Item, elem: ElementDef, type_: TypeDef, prop: str, value: Any, side: Any, rank: int) -> Item | None:
    reading = parent.reading
    if (type_.abstract and type_.code == ANY_RESOURCE) or type_.code == "DomainResource":
        named = value.get("resourceType") if isinstance(value, dict) else None
        resource = reading.types.resource(named) if isinstance(named, str) else None
        if resource is None:
            reading.sink.add(
                Rule.TYPE,
                "Type de ressource absent ou inconnu de R4",
                parent,
                child=elem.name if rank < 0 else f"{elem.name}[{rank}]",
                prop=prop,
                expected="resourceType : une ressource de FHIR R4",
                received=shown(named if isinstance(value, dict) else value),
                source=elem.id,
            )
            return None
        type_ = resource
    item = Item(reading, value, type_, elem=elem, parent=parent, prop=prop, index=rank)
    if type_.primitive:
        return _primitive(item, side)
    if not isinstance(value, dict):
        reading.sink.add(
            Rule.FORME,
            f"{elem.name} n'est pas un objet",
            item,
            expected=f"un objet JSON de type {type_.code}",
            received=shown(value),
            source=elem.id,
        )
        return None
    if side is not None:
        reading.sink.add(
            Rule.INCONNU,
            f"Élément inconnu : _{prop}",
            parent,
            child=f"_{prop}",
            prop=f"_{prop}",
            expected="réservé aux types simples",
            received=shown(side),
            source=elem.id,
        )
    return item


def _primitive(item: Item, side: Any) -> Item | None:
    sink = item.reading.sink
    if isinstance(side, dict):
        item.ext = side
    elif side is not None:
        sink.add(
            Rule.FORME,
            f"_{item.prop} n'est pas un objet",
            item,
            expected="un objet (id, extension) ou null",
            received=shown(side),
        )
    if isinstance(item.value, dict | list):
        sink.add(
            Rule.TYPE,
            f"{item.name} porte une valeur structurée",
            item,
            expected=f"une valeur simple de type {item.type.code}",
            received=shown(item.value),
            source=item.elem.id if item.elem else "",
        )
        return None
    if item.value is None and item.ext is None:
        sink.add(
            Rule.FORME, f"{item.name} est null", item, expected="une valeur", received="null", hint="Retirer l'élément vide."
        )
        return None
    return item


def _empty(parent: Item, elem: ElementDef, prop: str, received: str) -> None:
    parent.reading.sink.add(
        Rule.FORME,
        f"Tableau vide : {prop}",
        parent,
        child=elem.name,
        prop=prop,
        expected="au moins une valeur, ou pas d'élément",
        received=received,
        hint="Retirer l'élément.",
        source=elem.id,
    )


def _uneven(parent: Item, elem: ElementDef, prop: str, values: int, sides: int) -> None:
    parent.reading.sink.add(
        Rule.FORME,
        f"{prop} et _{prop} n'ont pas la même longueur",
        parent,
        child=elem.name,
        prop=prop,
        expected=f"{values} valeurs",
        received=f"{sides}",
        hint="Compléter par null les rangs sans extension.",
        source=elem.id,
    )


def _misshapen(parent: Item, elem: ElementDef, prop: str, raw: Any) -> None:
    parent.reading.sink.add(
        Rule.FORME,
        f"{prop} est un tableau" if isinstance(raw, list) else f"{prop} n'est pas un tableau",
        parent,
        child=elem.name,
        prop=prop,
        expected="un tableau JSON" if elem.many else "une seule valeur, sans tableau",
        received=shown(raw),
        hint=f"Écrire [ … ] : {elem.name} est répétable."
        if elem.many
        else f"Ôter les crochets : {elem.name} n'est pas répétable.",
        source=elem.id,
    )
