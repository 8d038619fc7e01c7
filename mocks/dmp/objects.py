"""ebRIM objects: what is read of those received, and how those registered are served.

An ExtrinsicObject is made ready to serve once, at registration, its status left to be filled in: a list of documents then
costs no parsing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from .messages import ENTRY_PATIENT, ENTRY_UNIQUE_ID, RIM
from .state import REPOSITORY, Attributes, Entry, Link, Lot, Store

SET_NODE = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
SET_AUTHOR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
SET_SOURCE = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
CONTENT_TYPE = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
ENTRY_AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
REFERENCES = "urn:ihe:iti:xds:2013:referenceIdList"
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
SIGNS = "urn:ihe:iti:2007:AssociationType:signs"
UPDATE_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
_STATUS = 'status="urn:dmp:statut"'
_TIMES = ("creationTime", "serviceStartTime", "serviceStopTime")
_CODES = {
    "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a": "ClassCode",
    "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983": "TypeCode",
    "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d": "FormatCode",
    "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f": "ConfidentialityCode",
    "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1": "HealthcareFacilityTypeCode",
    "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead": "PracticeSettingCode",
    "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4": "EventCodeList",
}


def rim(name: str) -> str:
    """A tag of ebRIM."""
    return f"{{{RIM}}}{name}"


def identifier(node: etree._Element, scheme: str) -> str:
    """The value of the ExternalIdentifier of a scheme, or ``""``."""
    found = node.find(f"{{{RIM}}}ExternalIdentifier[@identificationScheme='{scheme}']")
    return "" if found is None else found.get("value", "").strip()


def slot_values(node: etree._Element, name: str) -> list[str]:
    """The values of a slot."""
    return [
        (value.text or "").strip()
        for slot in node.iterfind(rim("Slot"))
        if slot.get("name") == name
        for value in slot.iter(rim("Value"))
    ]


def slot_value(node: etree._Element, name: str) -> str:
    """The first value of a slot, or ``""``."""
    return next(iter(slot_values(node, name)), "")


def attributes_of(node: etree._Element) -> Attributes:
    """What is kept of an ExtrinsicObject for queries and rights."""
    codes: dict[str, tuple[str, ...]] = {}
    persons: list[str] = slot_values(node, "legalAuthenticator")
    institutions: list[str] = []
    for classification in node.iterfind(rim("Classification")):
        scheme = classification.get("classificationScheme", "")
        if scheme == ENTRY_AUTHOR:
            persons += slot_values(classification, "authorPerson")
            institutions += slot_values(classification, "authorInstitution")
            continue
        name = _CODES.get(scheme)
        if name is not None:
            code = f"{classification.get('nodeRepresentation', '')}^^{slot_value(classification, 'codingScheme')}"
            codes[name] = (*codes.get(name, ()), code)
    return Attributes(
        codes=codes,
        persons=tuple(dict.fromkeys(persons)),
        institutions=tuple(institutions),
        times={name: slot_value(node, name) for name in _TIMES},
        references=tuple(slot_values(node, REFERENCES)),
        title=localized(node, "Name"),
        mime=node.get("mimeType", ""),
    )


def localized(node: etree._Element, name: str) -> str:
    """The text of a Name or a Description."""
    found = node.find(f"{rim(name)}/{rim('LocalizedString')}")
    return "" if found is None else found.get("value", "")


def entry_xml(node: etree._Element, *, entry_uuid: str, lid: str, version: int, sha1: str, size: int) -> bytes:
    """An ExtrinsicObject as the registry serves it, status aside; the element given is changed."""
    renamed(node, entry_uuid)
    node.set("lid", lid)
    node.attrib.pop("status", None)
    served = (("hash", sha1), ("size", str(size)), ("repositoryUniqueId", REPOSITORY))
    for position, (name, value) in enumerate(served):
        for old in node.findall(f"{rim('Slot')}[@name='{name}']"):
            node.remove(old)
        node.insert(position, _slot(name, value))
    for old in node.findall(rim("VersionInfo")):
        node.remove(old)
    info = etree.SubElement(node, rim("VersionInfo"), versionName=str(version))
    # ebRIM order: Slot*, Name, Description, VersionInfo, Classification*, ExternalIdentifier*.
    after = [child for name in ("Slot", "Name", "Description") for child in node.findall(rim(name))]
    after[-1].addnext(info)
    text = etree.tostring(node, encoding="unicode", with_tail=False)
    head, _, rest = text.partition(" ")
    return f"{head} {_STATUS} {rest}".encode()


def renamed(node: etree._Element, entry_uuid: str) -> None:
    """Give an object its registered identifier, which its classifications and identifiers then name too."""
    local = node.get("id", "")
    node.set("id", entry_uuid)
    for child in node.iter(rim("Classification"), rim("ExternalIdentifier")):
        for reference in ("classifiedObject", "registryObject"):
            if child.get(reference) == local:
                child.set(reference, entry_uuid)


def served_entry(store: Store, entry: Entry) -> str:
    """The ExtrinsicObject of an entry, in its present status."""
    return store.read(entry.metadata).decode().replace(_STATUS, f'status="{entry.status}"', 1)


def served_lot(store: Store, lot: Lot) -> str:
    """The RegistryPackage of a submission set, with the classification that says what it is."""
    package = store.read(lot.metadata).decode()
    if SET_NODE in package:
        return package
    return (
        f'{package}<Classification xmlns="{RIM}" id="{lot.entry_uuid}-lot" classifiedObject="{lot.entry_uuid}"'
        f' classificationNode="{SET_NODE}"/>'
    )


def served_link(link: Link) -> str:
    """An Association."""
    slots = "".join(
        f"<Slot name={quoteattr(name)}><ValueList><Value>{escape(value)}</Value></ValueList></Slot>" for name, value in link.slots
    )
    return (
        f'<Association xmlns="{RIM}" id="{link.entry_uuid}" associationType={quoteattr(link.type)}'
        f" sourceObject={quoteattr(link.source)} targetObject={quoteattr(link.target)}>{slots}</Association>"
    )


def object_refs(identifiers: Iterable[str]) -> str:
    """References instead of objects."""
    return "".join(f'<ObjectRef xmlns="{RIM}" id={quoteattr(each)}/>' for each in identifiers)


def entry_ids(node: etree._Element) -> tuple[str, str]:
    """uniqueId and patientId of an ExtrinsicObject."""
    return identifier(node, ENTRY_UNIQUE_ID), identifier(node, ENTRY_PATIENT)


def associations_in(body: etree._Element) -> Iterator[etree._Element]:
    """The Association elements of a message."""
    return body.iter(rim("Association"))


def _slot(name: str, value: str) -> etree._Element:
    slot = etree.Element(rim("Slot"), name=name)
    values = etree.SubElement(slot, rim("ValueList"))
    etree.SubElement(values, rim("Value")).text = value
    return slot
