"""FHIR resources written in XML, from dictionaries whose keys are in the order of their definition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

FHIR = "http://hl7.org/fhir"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_ATTRIBUTES = frozenset({"id", "url"})


def to_xml(resource: Mapping[str, Any]) -> bytes:
    """The bytes of a resource; what XML cannot name is left out."""
    return etree.tostring(_resource(resource), xml_declaration=True, encoding="UTF-8")


def _resource(resource: Mapping[str, Any]) -> etree._Element:
    named = str(resource["resourceType"])
    root = etree.Element(f"{{{FHIR}}}{named if _NAME.fullmatch(named) else 'Resource'}", nsmap={None: FHIR})
    for name, value in resource.items():
        if name != "resourceType":
            _add(root, name, value)
    return root


def _add(parent: etree._Element, name: str, value: Any) -> None:
    if not _NAME.fullmatch(name):
        return
    for each in value if isinstance(value, list) else [value]:
        _add_one(parent, name, each)


def _add_one(parent: etree._Element, name: str, value: Any) -> None:
    child = etree.SubElement(parent, f"{{{FHIR}}}{name}")
    if not isinstance(value, Mapping):
        child.set("value", _text(value))
        return
    if "resourceType" in value:
        child.append(_resource(value))
        return
    for key, inner in value.items():
        if key in _ATTRIBUTES and name in ("extension", "modifierExtension"):
            child.set(key, _text(inner))
        else:
            _add(child, key, inner)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "".join(
        c for c in str(value) if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff" and not "\ud800" <= c <= "\udfff")
    )
