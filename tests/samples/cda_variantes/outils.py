"""How a good document is written otherwise: the register of changes, and what they are made with."""

from __future__ import annotations

import re
from collections.abc import Callable

from dui_conformance.validation.xml import local_name
from lxml import etree

HL7 = "urn:hl7-org:v3"
NS = {
    "h": HL7,
    "sdtc": "urn:hl7-org:sdtc",
    "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
HEADER = [
    "realmCode",
    "typeId",
    "templateId",
    "id",
    "code",
    "title",
    "effectiveTime",
    "confidentialityCode",
    "languageCode",
    "setId",
    "versionNumber",
    "copyTime",
    "recordTarget",
    "author",
    "dataEnterer",
    "informant",
    "custodian",
    "informationRecipient",
    "legalAuthenticator",
    "authenticator",
    "participant",
    "inFulfillmentOf",
    "documentationOf",
    "relatedDocument",
    "authorization",
    "componentOf",
    "component",
]

Change = Callable[[etree._Element], "etree._Element | None"]
CHANGES: dict[str, Change] = {}
WRITINGS: dict[str, Callable[[etree._Element], bytes]] = {}

PATIENT = "h:recordTarget/h:patientRole/h:patient"
RPPS = '<id root="1.2.250.1.71.4.2.1" extension="899700000001"/>'
FINESS = '<id root="1.2.250.1.71.4.2.2" extension="1750803448"/>'


def change(function: Change) -> Change:
    CHANGES[function.__name__] = function
    return function


def writing(function: Callable[[etree._Element], bytes]) -> Callable[[etree._Element], bytes]:
    WRITINGS[function.__name__] = function
    return function


def fragment(text: str) -> etree._Element:
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NS.items() if prefix != "h")
    return etree.fromstring(f'<r xmlns="{HL7}" {spaces}>{text}</r>')[0]


def add(root: etree._Element, *texts: str) -> None:
    """Add elements of the header, each after those that come before it in the order of the schema."""
    for text in texts:
        added = fragment(text)
        rank = HEADER.index(local_name(added))
        after = [child for child in root.iterchildren(etree.Element) if HEADER.index(local_name(child)) <= rank]
        after[-1].addnext(added)


def found(root: etree._Element, path: str) -> list[etree._Element]:
    return root.xpath(path, namespaces=NS)  # type: ignore[no-any-return]


def put_before(parent: etree._Element, text: str, names: str) -> None:
    """Insert a child before the first one that has one of these names, else last."""
    wanted = names.split()
    following = next((child for child in parent.iterchildren(etree.Element) if local_name(child) in wanted), None)
    if following is None:
        parent.append(fragment(text))
    else:
        following.addprevious(fragment(text))


def bearing(root: etree._Element, template: str, path: str = ".") -> list[etree._Element]:
    """What a path finds from the elements of the body that bear a template (its short form)."""
    long = re.sub(r"^pcc", "1.3.6.1.4.1.19376.1.5.3.1", template)
    return found(root, f"h:component//*[h:templateId/@root = '{long}']/{path}")


def void(element: etree._Element, flavor: str = "UNK") -> None:
    """Leave only a nullFlavor."""
    kind = element.get(f"{{{NS['xsi']}}}type")
    for child in list(element):
        element.remove(child)
    for attribute in list(element.attrib):
        del element.attrib[attribute]
    element.set("nullFlavor", flavor)
    if kind:
        element.set(f"{{{NS['xsi']}}}type", kind)
