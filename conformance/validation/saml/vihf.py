"""The VIHF (vecteur d'identification et d'habilitation formelles): the SAML 2.0 assertion of each DMP call, as received."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from ...core.errors import Inconclusive
from ...core.providers import provider
from ..soap import SAML, SoapMessage
from ..xml import local_name, xpath_of

HL7 = "urn:hl7-org:v3"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
X509_SUBJECT_NAME = "urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"
SMARTCARD = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"

ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
RESOURCE_ID = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
SUBJECT_ID = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
PURPOSE = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"
PATIENT_CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
MODE = "Authentification_mode"
MODE_VARIANT = "Authentification_Mode"

DIRECTE = "DIRECTE"
INDIRECTE = "INDIRECTE"
RENFORCEE = "INDIRECTE_RENFORCEE"
MODES = (DIRECTE, INDIRECTE, RENFORCEE)

_STRING = etree.XPath("string(.)")


@dataclass(frozen=True, slots=True)
class CodedValue:
    """An HL7 ``CE`` held by an attribute value (role, purpose of use), as received; ``""`` for what is absent."""

    code: str
    system: str
    label: str
    system_name: str = ""
    type: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Vihf:
    """A VIHF as received: texts are trimmed, nothing is corrected, ``""`` stands for what is absent.

    ``attributes`` maps each ``Attribute/@Name`` to its values in order (the text of a coded value is its code);
    ``coded`` holds the coded values by attribute name. ``children`` lists the assertion's children, in order.
    """

    element: etree._Element
    at: str
    id: str
    version: str
    issue_instant: str
    issuer: str
    issuer_format: str
    name_id: str
    authn_instant: str
    class_ref: str
    decl: str | None
    children: tuple[str, ...]
    has_conditions: bool
    not_before: str
    not_on_or_after: str
    audiences: tuple[str, ...]
    attributes: Mapping[str, tuple[str, ...]]
    coded: Mapping[str, tuple[CodedValue, ...]]
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def issuer_xpath(self) -> str:
        """Where the issuer is."""
        return f"{self.at}/saml2:Issuer"

    def attribute_xpath(self, name: str) -> str:
        """Where an attribute is, or should be."""
        return f"{self.at}/saml2:AttributeStatement/saml2:Attribute[@Name='{name}']"

    def value(self, name: str) -> str:
        """The first value of an attribute, or ``""``."""
        return next(iter(self.attributes.get(name, ())), "")

    @property
    def mode(self) -> str:
        """The declared authentication mode; the capital letter that some texts write in the name is accepted."""
        return self.value(MODE) or self.value(MODE_VARIANT)

    @property
    def indirect(self) -> bool:
        """True when a structure's certificate signs (INDIRECTE, INDIRECTE_RENFORCEE)."""
        return self.mode in (INDIRECTE, RENFORCEE)

    @property
    def structure(self) -> str:
        """``Identifiant_Structure``."""
        return self.value("Identifiant_Structure")

    @property
    def patient(self) -> str:
        """The CX of the patient (``resource-id``), or ``""``."""
        return self.value(RESOURCE_ID)

    @property
    def roles(self) -> tuple[CodedValue, ...]:
        """The roles, in order: profession, then speciality."""
        return self.coded.get(ROLE, ())


def read_vihf(assertion: etree._Element) -> Vihf:
    """The view of an assertion, wherever it is (SOAP header or file)."""
    subject = _child(assertion, "Subject")
    statement = _child(assertion, "AuthnStatement")
    context = _child(statement, "AuthnContext")
    conditions = _child(assertion, "Conditions")
    decl = _child(context, "AuthnContextDecl")
    attributes, coded = _attributes(assertion)
    issuer = _child(assertion, "Issuer")
    return Vihf(
        element=assertion,
        at=xpath_of(assertion),
        id=assertion.get("ID", ""),
        version=assertion.get("Version", ""),
        issue_instant=assertion.get("IssueInstant", ""),
        issuer=_text(issuer),
        issuer_format="" if issuer is None else issuer.get("Format", ""),
        name_id=_text(_child(subject, "NameID")),
        authn_instant="" if statement is None else statement.get("AuthnInstant", ""),
        class_ref=_text(_child(context, "AuthnContextClassRef")),
        decl=None if decl is None else _text(decl),
        children=tuple(local_name(child) for child in assertion if isinstance(child.tag, str)),
        has_conditions=conditions is not None,
        not_before="" if conditions is None else conditions.get("NotBefore", ""),
        not_on_or_after="" if conditions is None else conditions.get("NotOnOrAfter", ""),
        audiences=() if conditions is None else tuple(_text(a) for a in conditions.iter(f"{{{SAML}}}Audience")),
        attributes=attributes,
        coded=coded,
    )


def instant(text: str) -> datetime | None:
    """An ``xs:dateTime`` with an explicit offset, in UTC; None for anything else."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        return None
    if value.tzinfo is None or "T" not in text:
        return None
    return value.astimezone(UTC)


def _attributes(assertion: etree._Element) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[CodedValue, ...]]]:
    texts: dict[str, tuple[str, ...]] = {}
    coded: dict[str, tuple[CodedValue, ...]] = {}
    for attribute in assertion.iterfind(f"{{{SAML}}}AttributeStatement/{{{SAML}}}Attribute"):
        name = attribute.get("Name", "")
        for value in attribute.iterfind(f"{{{SAML}}}AttributeValue"):
            inner = next((child for child in value if isinstance(child.tag, str)), None)
            if inner is None:
                texts[name] = (*texts.get(name, ()), _text(value))
                continue
            made = _coded(inner)
            texts[name] = (*texts.get(name, ()), made.code)
            coded[name] = (*coded.get(name, ()), made)
    return texts, coded


def _coded(element: etree._Element) -> CodedValue:
    return CodedValue(
        code=element.get("code", ""),
        system=element.get("codeSystem", ""),
        label=element.get("displayName", ""),
        system_name=element.get("codeSystemName", ""),
        type=element.get(XSI_TYPE, "").rpartition(":")[2],
        tag=str(element.tag),
    )


def _child(parent: etree._Element | None, name: str) -> etree._Element | None:
    return None if parent is None else parent.find(f"{{{SAML}}}{name}")


def _text(element: etree._Element | None) -> str:
    # string() skips comments, as canonicalisation does: what is read is what is signed
    return "" if element is None else str(_STRING(element)).strip()


@provider
def _vihf_of(message: SoapMessage) -> Vihf:
    assertions = message.assertions()
    if not assertions:
        raise Inconclusive("aucune assertion SAML 2.0 dans wsse:Security")
    return read_vihf(assertions[0])
