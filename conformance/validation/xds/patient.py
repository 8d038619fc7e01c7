"""The patient that the body of a DMP call names (TD0.2, TD2.1, TD3.1)."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.errors import Inconclusive
from ...core.providers import provider
from ..soap import SoapMessage
from . import vocabulary as v
from .datatypes import parse_cx

HL7 = "urn:hl7-org:v3"
_PATIENT_ID = f"/rim:ExternalIdentifier[@identificationScheme='{v.SET_PATIENT}']"
QUERY = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"


@dataclass(frozen=True, slots=True)
class BodyPatient:
    """The INS in the body: ``named`` is False when the transaction names no patient outside the VIHF."""

    named: bool
    id: str = ""
    oid: str = ""
    at: str = ""


@provider
def _patient_of(message: SoapMessage) -> BodyPatient:
    operation = message.operation
    if operation == "ProvideAndRegisterDocumentSetRequest":
        path = f".//{{{v.RIM}}}RegistryPackage/{{{v.RIM}}}ExternalIdentifier[@identificationScheme='{v.SET_PATIENT}']"
        found = message.body.find(path)
        if found is None:
            raise Inconclusive("lot de soumission sans patientId")
        cx = parse_cx(found.get("value", "").strip())
        return BodyPatient(True, *cx.identity, at=f"/soap:Envelope/soap:Body//rim:RegistryPackage{_PATIENT_ID}")
    if operation == "PRPA_IN201307UV02":
        value = message.body.find(f".//{{{HL7}}}patientIdentifier/{{{HL7}}}value")
        if value is None:
            raise Inconclusive("TD0.2 sans patientIdentifier")
        return BodyPatient(True, value.get("extension", ""), value.get("root", ""), f".//{operation}//patientIdentifier/value")
    if operation == "AdhocQueryRequest":
        return _query(message)
    return BodyPatient(False)


def _query(message: SoapMessage) -> BodyPatient:
    for slot in message.body.iter(f"{{{v.RIM}}}Slot"):
        name = slot.get("name", "")
        if name.endswith("PatientId"):
            text = (slot.findtext(f"{{{v.RIM}}}ValueList/{{{v.RIM}}}Value") or "").strip().strip("'")
            return BodyPatient(True, *parse_cx(text).identity, at=f"/soap:Envelope/soap:Body//rim:Slot[@name='{name}']")
    return BodyPatient(False)
