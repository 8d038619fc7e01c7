"""FHIR XML read into the JSON form, so that one engine judges both; defects of the XML form are reported on the way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lxml import etree

from .base import ElementDef, TypeDef, Types
from .issues import Issue, Pointer, Rule
from .primitives import from_text

FHIR = "http://hl7.org/fhir"
XHTML = "http://www.w3.org/1999/xhtml"
DEEPEST = 200


class XmlReading:
    """The JSON form of an XML resource; ``issues`` says what is wrong in how it is written."""

    def __init__(self, types: Types) -> None:
        self.types = types
        self.issues: list[Issue] = []

    def read(self, root: etree._Element) -> dict[str, Any] | None:
        """The resource, or None when its root is not one of R4."""
        name = etree.QName(root)
        type_ = self.types.resource(name.localname) if name.namespace == FHIR else None
        return None if type_ is None else self._resource(root, type_, name.localname, ())

    def _resource(self, element: etree._Element, type_: TypeDef, path: str, pointer: Pointer) -> dict[str, Any]:
        return {"resourceType": type_.code} | self._complex(element, type_, path, pointer)

    def _complex(self, element: etree._Element, type_: TypeDef, path: str, pointer: Pointer) -> dict[str, Any]:
        made: dict[str, Any] = self._attributes(element, type_, path, pointer)
        last = -1
        for child in element.iterchildren():
            if not isinstance(child.tag, str):
                continue
            name = etree.QName(child)
            prop = type_.props.get(name.localname)
            wanted = XHTML if prop is not None and prop[1] == "xhtml" else FHIR
            if name.namespace != wanted:
                self._say(
                    Rule.INCONNU,
                    f"Espace de noms de {name.localname}",
                    path,
                    pointer,
                    wanted,
                    str(name.namespace or "aucun"),
                    child,
                )
            if prop is None or prop[0].attribute:
                made[name.localname] = _generic(child)
                continue
            elem, kind = prop
            rank = type_.ranks[elem.name]
            if rank < last:
                self._say(
                    Rule.FORME,
                    f"{name.localname} n'est pas à sa place",
                    path,
                    pointer,
                    "les éléments dans l'ordre de la définition",
                    f"{name.localname} après un élément qui le suit",
                    child,
                )
            last = max(last, rank)
            self._put(made, elem, kind, name.localname, child, path, pointer)
        self._stray(element, path, pointer)
        return made

    def _attributes(self, element: etree._Element, type_: TypeDef, path: str, pointer: Pointer) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for raw, value in element.attrib.items():
            name = str(raw)
            prop = type_.props.get(name)
            if prop is not None and prop[0].attribute:
                made[name] = str(value)
            elif not name.startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
                self._say(
                    Rule.INCONNU,
                    f"Attribut inconnu : {name}",
                    path,
                    pointer,
                    "un attribut de la définition",
                    f"{name}={value!s}",
                    element,
                )
        return made

    def _put(
        self, made: dict[str, Any], elem: ElementDef, kind: str, name: str, child: etree._Element, path: str, pointer: Pointer
    ) -> None:
        rank = len(made.get(name, made.get("_" + name, ()))) if elem.many else -1
        place = f"{path}.{elem.name}" + (f"[{rank}]" if rank >= 0 else "")
        below: Pointer = (*pointer, name) if rank < 0 else (*pointer, name, rank)
        if len(below) > DEEPEST:
            return
        type_ = self.types.get(kind)
        value: Any
        side: dict[str, Any] | None
        if kind == "xhtml":
            value, side = etree.tostring(child, encoding="unicode", with_tail=False), None
        elif type_ is not None and type_.primitive:
            value, side = self._primitive(child, type_, place, below)
        else:
            value, side = self._inner(child, type_, place, below), None
        if not elem.many:
            if name in made or "_" + name in made:
                self._say(Rule.CARDINALITE, f"{name} est répété", path, pointer, "une fois au plus", "davantage", child)
            if value is not None or side is None:
                made[name] = value
            if side is not None:
                made["_" + name] = side
            return
        made.setdefault(name, []).append(value)
        if side is not None or "_" + name in made:
            beside = made.setdefault("_" + name, [])
            beside.extend([None] * (len(made[name]) - 1 - len(beside)))
            beside.append(side)

    def _inner(self, child: etree._Element, type_: TypeDef | None, path: str, pointer: Pointer) -> Any:
        if type_ is None:
            return _generic(child)
        if type_.code != "Resource" and type_.code != "DomainResource":
            return self._complex(child, type_, path, pointer)
        held = [c for c in child.iterchildren() if isinstance(c.tag, str)]
        name = etree.QName(held[0]).localname if len(held) == 1 else ""
        resource = self.types.resource(name) if name else None
        if resource is None:
            return {"resourceType": name or None}
        return self._resource(held[0], resource, path, pointer)

    def _primitive(self, child: etree._Element, type_: TypeDef, path: str, pointer: Pointer) -> tuple[Any, dict[str, Any] | None]:
        text = child.get("value")
        side: dict[str, Any] = {}
        for raw, held in child.attrib.items():
            if raw == "id":
                side["id"] = held
            elif raw != "value":
                self._say(Rule.INCONNU, f"Attribut inconnu : {raw!s}", path, pointer, "value ou id", f"{raw!s}={held!s}", child)
        inner = self._extensions(child, type_, path, pointer)
        self._stray(child, path, pointer)
        value = None if text is None else from_text(type_.code, str(text))
        return value, ({**side, **inner} or None)

    def _extensions(self, child: etree._Element, type_: TypeDef, path: str, pointer: Pointer) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for held in child.iterchildren():
            if not isinstance(held.tag, str):
                continue
            name = etree.QName(held).localname
            if name != "extension":
                made[name] = _generic(held)
                continue
            elem, kind = type_.props["extension"]
            self._put(
                made,
                elem,
                kind,
                name,
                held,
                path,
                (*pointer[:-1], f"_{pointer[-1]}") if isinstance(pointer[-1], str) else pointer,
            )
        return made

    def _stray(self, element: etree._Element, path: str, pointer: Pointer) -> None:
        texts = [element.text, *(c.tail for c in element.iterchildren())]
        stray = next((t.strip() for t in texts if t and t.strip()), "")
        if stray:
            self._say(
                Rule.FORME,
                "Texte hors d'un attribut value",
                path,
                pointer,
                "une valeur dans l'attribut value",
                stray[:80],
                element,
            )

    def _say(
        self, rule: Rule, message: str, path: str, pointer: Pointer, expected: str, received: str, at: etree._Element
    ) -> None:
        line = at.sourceline or 0
        self.issues.append(
            Issue(rule, message, path, expected, received, line=line, source="FHIR R4, format XML", pointer=pointer)
        )


def _generic(element: etree._Element) -> Any:
    """Anything as JSON, for an element that will be said unknown."""
    if element.get("value") is not None:
        return str(element.get("value"))
    return {etree.QName(c).localname: True for c in element.iterchildren() if isinstance(c.tag, str)} or {"_": True}


def lines_of(root: etree._Element, pointers: Iterable[Pointer]) -> dict[Pointer, int]:
    """The line of each place of the JSON form in the XML; that of the nearest place above when it is not there."""
    return {pointer: _line(root, pointer) for pointer in pointers}


def _line(root: etree._Element, pointer: Pointer) -> int:
    element = root
    steps = list(pointer)
    while steps:
        name = str(steps.pop(0)).removeprefix("_")
        rank = steps.pop(0) if steps and isinstance(steps[0], int) else 0
        held = [c for c in element.iterchildren() if isinstance(c.tag, str) and etree.QName(c).localname == name]
        if not isinstance(rank, int) or rank >= len(held):
            break
        element = held[rank]
        inner = [c for c in element.iterchildren() if isinstance(c.tag, str)]
        if name in ("resource", "contained") and len(inner) == 1 and etree.QName(inner[0]).localname[:1].isupper():
            element = inner[0]
    return element.sourceline or 0
