"""A transaction sent to SIDOBA: its entries, their resources and their business identifiers; and the documents it carries."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Inconclusive
from ...core.exchange import Exchange
from ...core.providers import provider
from ..document import Document
from ..fhir import json_reader
from ..fhir.json_reader import JsonError
from ..xml import XmlError
from ..xml import parse as parse_xml

LOCAL = "https://identifiant-medicosocial-{}.esante.gouv.fr"
USAGER, SEJOUR, EVENEMENT, EVALUATION = (LOCAL.format(n) for n in ("localusager", "sejour", "evenement", "evaluation"))
INS = "urn:oid:1.2.250.1.213.1.4."
INS_ROOTS = tuple(f"{INS}{last}" for last in ("8", "9", "10", "11"))


@dataclass(frozen=True, slots=True)
class Entree:
    """An entry of a bundle."""

    rank: int
    full_url: str
    resource: Mapping[str, Any]
    method: str
    url: str

    @property
    def type(self) -> str:
        """The type of its resource."""
        return str(self.resource.get("resourceType", ""))

    @property
    def at(self) -> str:
        """Its place."""
        return f"Bundle.entry[{self.rank}].resource"

    @property
    def identifiers(self) -> tuple[tuple[str, str], ...]:
        """Business identifiers: system and value."""
        return tuple((str(i.get("system", "")), str(i.get("value", ""))) for i in objects(self.resource.get("identifier")))

    def identified(self, *systems: str) -> str:
        """The value of the first identifier of one of these systems, ``""`` without one."""
        return next((value for system, value in self.identifiers if system in systems), "")

    def refers(self, name: str) -> str:
        """What a Reference element names."""
        held = next(objects(self.resource.get(name)), {})
        return str(held.get("reference", ""))


@dataclass(frozen=True, slots=True)
class Lot:
    """A bundle. ``facts`` and ``status`` are the service's answer to it."""

    id: str
    kind: str
    type: str
    entries: tuple[Entree, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)
    status: int = 0
    structure: str = ""

    def of(self, *types: str) -> tuple[Entree, ...]:
        """The entries of these types of resources."""
        return tuple(e for e in self.entries if e.type in types)

    def sejours(self) -> tuple[Entree, ...]:
        """The stays."""
        return tuple(e for e in self.of("Encounter") if e.identified(SEJOUR))

    def evenements(self) -> tuple[Entree, ...]:
        """The events."""
        return tuple(e for e in self.of("Encounter") if e.identified(EVENEMENT))

    def target(self, reference: str) -> Entree | None:
        """The entry that a reference names by its ``fullUrl``."""
        return next((e for e in self.entries if reference and e.full_url == reference), None)

    @property
    def identifiers(self) -> frozenset[tuple[str, str, str]]:
        """All the business identifiers: type of resource, system, value."""
        return frozenset((e.type, system, value) for e in self.entries for system, value in e.identifiers)


class SetMin(Lot):
    """A bundle of the minimum set."""

    __slots__ = ()


class SsiadLot(Lot):
    """A bundle of DocumentReference."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class SsiadDocument:
    """A document of a nursing service: its DocumentReference and its CDA."""

    id: str
    entree: Entree
    document: Document
    media: str
    structure: str = ""


def objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a value that may be one, or a list."""
    return (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, Mapping))


def read_resource(data: bytes) -> Mapping[str, Any]:
    """The resource of a body, JSON or XML, {} when it is unreadable; never raises."""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"<":
        try:
            value = json_reader.parse(json_reader.decode(data))
        except JsonError:
            return {}
        return value if isinstance(value, dict) else {}
    from ..fhir import xml_reader
    from ..fhir.context import FhirPackages

    try:
        found = xml_reader.XmlReading(FhirPackages().validator.types).read(parse_xml(data))
    except XmlError:
        return {}
    return found or {}


def entries_of(bundle: Mapping[str, Any]) -> tuple[Entree, ...]:
    """The entries of a bundle."""
    found = []
    for rank, entry in enumerate(objects(bundle.get("entry"))):
        resource = entry.get("resource")
        request = next(objects(entry.get("request")), {})
        found.append(
            Entree(
                rank,
                str(entry.get("fullUrl", "")),
                resource if isinstance(resource, Mapping) else {},
                str(request.get("method", "")),
                str(request.get("url", "")),
            )
        )
    return tuple(found)


def document_of(entree: Entree, name: str) -> tuple[Document, str] | None:
    """The document that a DocumentReference carries, and its media type; None when it carries none that can be decoded."""
    for content in objects(entree.resource.get("content")):
        attachment = next(objects(content.get("attachment")), {})
        try:
            data = base64.b64decode(str(attachment.get("data", "")), validate=True)
        except (ValueError, binascii.Error):
            return None
        return (Document(data, name), str(attachment.get("contentType", ""))) if data else None
    return None


def _lot(exchange: Exchange, kind: str, cls: type[Lot]) -> Any:
    if exchange.kind != kind:
        raise Inconclusive("l'échange n'est pas un lot de cette sorte")
    bundle = read_resource(exchange.http.body.read())
    if bundle.get("resourceType") != "Bundle":
        raise Inconclusive("le corps de la demande n'est pas un Bundle lisible")
    status = exchange.reply.status if exchange.reply is not None else 0
    structure = exchange.http.header("struct_idnat")
    return cls(exchange.id, kind, str(bundle.get("type", "")), entries_of(bundle), exchange.facts, status, structure)


@provider
def _setmin(exchange: Exchange) -> SetMin:
    found: SetMin = _lot(exchange, "sidoba.setmin", SetMin)
    return found


@provider
def _ssiad(exchange: Exchange) -> SsiadLot:
    found: SsiadLot = _lot(exchange, "sidoba.ssiad", SsiadLot)
    return found


@provider
def _ssiad_document(lot: SsiadLot) -> SsiadDocument:
    for entree in lot.of("DocumentReference"):
        held = document_of(entree, f"{lot.id}, document {entree.rank + 1}")
        if held is not None:
            return SsiadDocument(held[0].name, entree, held[0], held[1], lot.structure)
    raise Inconclusive("aucun document lisible dans ce lot")
