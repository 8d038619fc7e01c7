"""The part of a CDA header that XDS metadata repeat (CI-SIS, volet Structuration minimale): values as written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ...core.errors import Inconclusive
from ...core.providers import provide, provider
from ..cda.view import CdaDocument
from ..ins.key import OIDS as INS_OIDS
from .datatypes import PS_AUTHORITY, STRUCTURE_AUTHORITY
from .objects import DocumentEntry
from .submission import DepositedDocument, Submission

CDA = "urn:hl7-org:v3"
UNSTRUCTURED = "1.3.6.1.4.1.19376.1.2.20"
ACCESSION = "{urn:dicom-org:ps3-20}accessionNumber"


@dataclass(frozen=True, slots=True)
class Identifier:
    """An ``II``: root and extension, ``""`` when absent."""

    root: str
    extension: str


@dataclass(frozen=True, slots=True)
class Concept:
    """A ``CE``: code, code system, display name."""

    code: str
    system: str
    label: str


@dataclass(frozen=True, slots=True)
class Party:
    """A person (or device) with its organisation: author or legal authenticator."""

    id: Identifier
    family: str
    given: str
    device: tuple[str, ...]
    code: Concept
    function: str
    organisation_id: Identifier
    organisation_name: str


@dataclass(frozen=True, slots=True)
class Header:
    """The header values. Times are HL7 ``TS`` as written; ``givens`` starts with the birth first name, if any."""

    id: Identifier
    code: Concept
    title: str
    effective_time: str
    confidentiality: str
    language: str
    templates: tuple[str, ...]
    body_media_type: str
    patient_ids: tuple[Identifier, ...]
    birth_name: str
    givens: tuple[str, ...]
    birth_time: str
    gender: str
    authors: tuple[Party, ...]
    legal_authenticator: Party | None
    service_start: str
    service_stop: str
    event_codes: tuple[Concept, ...]
    practice_setting: Concept
    facility: Concept
    replaced: tuple[Identifier, ...]
    orders: tuple[Identifier, ...]
    set_id: Identifier
    version: str

    @property
    def ins(self) -> Identifier | None:
        """The first identifier of the patient that is an INS."""
        return next((i for i in self.patient_ids if i.root in INS_OIDS), None)

    @property
    def local_ids(self) -> tuple[Identifier, ...]:
        """The other identifiers of the patient (IPP)."""
        return tuple(i for i in self.patient_ids if i.root not in INS_OIDS)


@dataclass(frozen=True, slots=True, eq=False)
class CdaHeader:
    """A :class:`Header` as a view of a deposited document."""

    entry: DocumentEntry
    header: Header
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)


def described(submission: Submission) -> Iterator[tuple[DocumentEntry, Header]]:
    """Each CDA document of a submission with its entry; raises ``Inconclusive`` when none can be read."""
    if not submission.clinical_documents:
        raise Inconclusive("aucun document lisible dans le dépôt")
    for document in submission.clinical_documents:
        yield document.entry, provide(CdaHeader, document).header


def read_header(root: etree._Element) -> Header:
    """The header of a CDA document, whatever is missing in it."""
    patient_role = _find(root, "recordTarget/patientRole")
    patient = _find(patient_role, "patient")
    event = _find(root, "documentationOf/serviceEvent")
    families = [] if patient is None else _all(patient, "name/family")
    givens = [] if patient is None else _all(patient, "name/given")
    return Header(
        id=_identifier(_find(root, "id")),
        code=_concept(_find(root, "code")),
        title=_string(_find(root, "title")),
        effective_time=_attribute(_find(root, "effectiveTime"), "value"),
        confidentiality=_attribute(_find(root, "confidentialityCode"), "code"),
        language=_attribute(_find(root, "languageCode"), "code"),
        templates=tuple(t.get("root", "") for t in _all(root, "templateId")),
        body_media_type=_attribute(_find(root, "component/nonXMLBody/text"), "mediaType"),
        patient_ids=() if patient_role is None else tuple(_identifier(i) for i in _all(patient_role, "id")),
        birth_name=_birth_name(families),
        givens=tuple(_string(g) for g in sorted(givens, key=lambda g: g.get("qualifier") != "BR") if g.get("qualifier") != "CL"),
        birth_time=_attribute(_find(patient, "birthTime"), "value"),
        gender=_attribute(_find(patient, "administrativeGenderCode"), "code"),
        authors=tuple(_party(_find(a, "assignedAuthor"), a) for a in _all(root, "author")),
        legal_authenticator=_authenticator(_find(root, "legalAuthenticator")),
        service_start=_attribute(_find(event, "effectiveTime/low"), "value"),
        service_stop=_attribute(_find(event, "effectiveTime/high"), "value"),
        event_codes=tuple(_concept(c) for c in _all(root, "documentationOf/serviceEvent/code") if c.get("code")),
        practice_setting=_concept(
            _find(event, "performer/assignedEntity/representedOrganization/standardIndustryClassCode"),
        ),
        facility=_concept(_find(root, "componentOf/encompassingEncounter/location/healthCareFacility/code")),
        replaced=tuple(
            _identifier(_find(r, "parentDocument/id")) for r in _all(root, "relatedDocument") if r.get("typeCode") == "RPLC"
        ),
        orders=tuple(_orders(root)),
        set_id=_identifier(_find(root, "setId")),
        version=_attribute(_find(root, "versionNumber"), "value"),
    )


def _orders(root: etree._Element) -> Iterator[Identifier]:
    for order in _all(root, "inFulfillmentOf/order"):
        for found in (*_all(order, "id"), *order.iterfind(ACCESSION)):
            if not found.get("nullFlavor"):
                yield _identifier(found)


def _authenticator(element: etree._Element | None) -> Party | None:
    return None if element is None else _party(_find(element, "assignedEntity"), element)


def _party(assigned: etree._Element | None, participation: etree._Element) -> Party:
    device = _find(assigned, "assignedAuthoringDevice")
    organisation = _find(assigned, "representedOrganization")
    names = () if device is None else (_string(_find(device, n)) for n in ("manufacturerModelName", "softwareName"))
    return Party(
        id=_preferred(assigned, PS_AUTHORITY),
        family=_string(_find(assigned, "assignedPerson/name/family")),
        given=_string(_find(assigned, "assignedPerson/name/given")),
        device=tuple(name for name in names if name),
        code=_concept(_find(assigned, "code")),
        function=_attribute(_find(participation, "functionCode"), "displayName"),
        organisation_id=_preferred(organisation, STRUCTURE_AUTHORITY),
        organisation_name=_string(_find(organisation, "name")),
    )


def _preferred(parent: etree._Element | None, authority: str) -> Identifier:
    """The identifier under this authority, else the first one."""
    found = [] if parent is None else [_identifier(i) for i in _all(parent, "id")]
    return next((i for i in found if i.root == authority), found[0] if found else Identifier("", ""))


def _birth_name(families: list[etree._Element]) -> str:
    chosen = next((f for f in families if f.get("qualifier") == "BR"), None)
    return _string(chosen if chosen is not None else next(iter(families), None))


def _path(path: str) -> str:
    return "/".join(f"{{{CDA}}}{step}" for step in path.split("/"))


def _find(parent: etree._Element | None, path: str) -> etree._Element | None:
    return None if parent is None else parent.find(_path(path))


def _all(parent: etree._Element, path: str) -> list[etree._Element]:
    return parent.findall(_path(path))


def _attribute(element: etree._Element | None, name: str) -> str:
    return "" if element is None else element.get(name, "")


def _string(element: etree._Element | None) -> str:
    return "" if element is None else " ".join("".join(str(t) for t in element.itertext()).split())


def _identifier(element: etree._Element | None) -> Identifier:
    return Identifier(_attribute(element, "root"), _attribute(element, "extension"))


def _concept(element: etree._Element | None) -> Concept:
    return Concept(_attribute(element, "code"), _attribute(element, "codeSystem"), _attribute(element, "displayName"))


@provider
def _header_of(document: DepositedDocument) -> CdaHeader:
    try:
        root = provide(CdaDocument, document).root
    except Inconclusive as error:
        raise Inconclusive(f"document « {document.entry.id} » : {error}") from error
    return CdaHeader(document.entry, read_header(root))
