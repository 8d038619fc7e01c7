"""FHIR resources of the SDO as plain dictionaries, from JSON or XML, whatever is wrong in them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ...core.exchange import Body, Request
from ..fhir.context import FhirPackages
from ..fhir.xml_reader import XmlReading
from ..once import read_once
from ..xml import XmlError
from ..xml import parse as parse_xml

MAX = 8 * 1024 * 1024
DEEPEST = 60
JSON_TYPES = ("application/fhir+json", "application/json")
XML_TYPES = ("application/fhir+xml", "application/xml", "text/xml")


class ResourceError(ValueError):
    """The body is not a FHIR resource; ``str(error)`` says why, in French."""


def media_type(header: str) -> str:
    """The media type of a Content-Type or of one choice of Accept, lower case, without parameters."""
    return header.partition(";")[0].strip().lower()


def read_resource(body: Body) -> dict[str, Any]:
    """The resource of a body, JSON or XML by its first character; raises :class:`ResourceError`."""
    if body.size > MAX:
        raise ResourceError(f"corps de plus de {MAX // 1048576} Mio")
    data = body.read()
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return _from_xml(data)
    try:
        value = json.loads(data, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ResourceError("JSON trop profond") from None
    except ValueError as error:
        raise ResourceError(f"JSON mal formé ({error})") from None
    if _depth(value) > DEEPEST:
        raise ResourceError("JSON trop profond")
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        raise ResourceError("le corps n'est pas un objet JSON avec resourceType")
    return value


def request_resource(request: Request) -> dict[str, Any]:
    """The resource that a request carries, read once; raises :class:`ResourceError`."""
    return read_once(request.memo, "resource", lambda: read_resource(request.body), ResourceError)


def _depth(value: Any) -> int:
    """How deep a JSON value is, as far as one past the limit."""
    level, depth = [value], 0
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} n'est pas un nombre JSON")


def _from_xml(data: bytes) -> dict[str, Any]:
    try:
        root = parse_xml(data)
        value = XmlReading(FhirPackages().validator.types).read(root)
    except XmlError as error:
        raise ResourceError(f"XML mal formé ({error.message})") from None
    except RecursionError:
        raise ResourceError("XML trop profond") from None
    if value is None:
        raise ResourceError("la racine XML n'est pas une ressource FHIR R4")
    return value


def objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a value that should be one, or a list of them."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, Mapping):
            yield each


def text_of(value: Any) -> str:
    """A value that should be a text, ``""`` for anything else."""
    return value if isinstance(value, str) else ""


def first_code(concept: Any) -> str:
    """The first code of a CodeableConcept, ``""`` when it has none."""
    for each in objects(concept):
        for coding in objects(each.get("coding")):
            if code := text_of(coding.get("code")):
                return code
    return ""


def identifier_value(identifier: Any) -> str:
    """The value of an Identifier, ``""`` when it has none."""
    return next((text_of(each.get("value")) for each in objects(identifier)), "")
