"""The WSDL of each DMP service, ours, written from the messages: ``GET …/patients?wsdl``. Schemas are in ``schemas/``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from xml.sax.saxutils import quoteattr

from ...core.exchange import Body, Reply
from .messages import BASE, OPERATIONS

TARGET = "urn:dui-conformance:dmp"
SCHEMAS = Path(__file__).with_name("schemas")
_PROLOGUE = re.compile(r"<\?xml[^>]*\?>\s*")
_COMMENT = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_LOCATION = re.compile(r' schemaLocation="[^"]*"')


@dataclass(frozen=True, slots=True)
class Service:
    """One service: its operations by request action (local names of request and answer), and the schemas that it needs."""

    name: str
    operations: tuple[tuple[str, str, str, str], ...]
    schemas: tuple[str, ...]


_HL7, _LCM = "urn:hl7-org:v3", "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
_QUERY, _RS = "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0", "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0"
_XDS, _HAB, _PAT = "urn:ihe:iti:xds-b:2007", "urn:si-dmp-habilitations", "urn:si-dmp-patients"
# name, action, request element and answer element in Clark notation
SERVICES = {
    "/patients": Service(
        "Patients",
        (("TestExistence", f"{_HL7}:PRPA_IN201307UV02", f"{{{_HL7}}}PRPA_IN201307UV02", f"{{{_HL7}}}PRPA_IN201308UV02"),),
        ("hl7",),
    ),
    "/habilitations": Service(
        "Habilitations",
        (
            (
                "setAuthorization",
                f"{_HAB}:HabilitationsEndPoint:setAuthorization",
                f"{{{_HAB}}}setAuthorization",
                f"{{{_HAB}}}setAuthorizationResponse",
            ),
        ),
        ("habilitations",),
    ),
    "/patientsSpecific": Service(
        "PatientSpecific",
        (
            (
                "patientList",
                f"{_PAT}:PatientSpecificEndPoint:patientList",
                f"{{{_PAT}}}patientList",
                f"{{{_PAT}}}patientListResponse",
            ),
        ),
        ("patients",),
    ),
    "/repository": Service(
        "DocumentRepository",
        (
            (
                "ProvideAndRegisterDocumentSet",
                "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b",
                f"{{{_XDS}}}ProvideAndRegisterDocumentSetRequest",
                f"{{{_RS}}}RegistryResponse",
            ),
            (
                "RetrieveDocumentSet",
                "urn:ihe:iti:2007:RetrieveDocumentSet",
                f"{{{_XDS}}}RetrieveDocumentSetRequest",
                f"{{{_XDS}}}RetrieveDocumentSetResponse",
            ),
        ),
        ("rim", "rs", "lcm", "xds"),
    ),
    "/registry": Service(
        "DocumentRegistry",
        (
            (
                "RegistryStoredQuery",
                "urn:ihe:iti:2007:RegistryStoredQuery",
                f"{{{_QUERY}}}AdhocQueryRequest",
                f"{{{_QUERY}}}AdhocQueryResponse",
            ),
            (
                "UpdateDocumentSet",
                "urn:ihe:iti:2010:UpdateDocumentSet",
                f"{{{_LCM}}}SubmitObjectsRequest",
                f"{{{_RS}}}RegistryResponse",
            ),
        ),
        ("rim", "rs", "query", "lcm"),
    ),
}


def wsdl(base: str, suffix: str) -> Reply:
    """The WSDL of the service at this suffix, its address under ``base``."""
    text = description(suffix, base + BASE + suffix)
    facts = {"td": "wsdl", "statut": "OK", "codes": []}
    return Reply(200, (("Content-Type", "text/xml; charset=UTF-8"),), Body(text.encode()), facts=facts)


def description(suffix: str, address: str) -> str:
    """The text of a WSDL 1.1 description: SOAP 1.2, document/literal, one port."""
    service = SERVICES[suffix]
    messages = "".join(
        _message(f"{name}Request", request) + _message(f"{name}Response", answer)
        for name, _, request, answer in service.operations
    )
    port = "".join(
        f'<wsdl:operation name="{name}"><wsdl:input message="tns:{name}Request" wsaw:Action={quoteattr(action)}/>'
        f'<wsdl:output message="tns:{name}Response" wsaw:Action={quoteattr(OPERATIONS[action].response)}/></wsdl:operation>'
        for name, action, _, _ in service.operations
    )
    binding = "".join(
        f'<wsdl:operation name="{name}"><soap12:operation soapAction={quoteattr(action)}/>'
        '<wsdl:input><soap12:body use="literal"/></wsdl:input><wsdl:output><soap12:body use="literal"/></wsdl:output>'
        "</wsdl:operation>"
        for name, action, _, _ in service.operations
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<wsdl:definitions name="{service.name}" targetNamespace="{TARGET}" xmlns:tns="{TARGET}"'
        ' xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/"'
        ' xmlns:wsaw="http://www.w3.org/2006/05/addressing/wsdl">'
        f"<wsdl:types>{''.join(_schema(name) for name in service.schemas)}</wsdl:types>{messages}"
        f'<wsdl:portType name="{service.name}">{port}</wsdl:portType>'
        f'<wsdl:binding name="{service.name}Binding" type="tns:{service.name}">'
        f'<soap12:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>{binding}</wsdl:binding>'
        f'<wsdl:service name="{service.name}Service"><wsdl:port name="{service.name}Port" binding="tns:{service.name}Binding">'
        f"<soap12:address location={quoteattr(address)}/></wsdl:port></wsdl:service></wsdl:definitions>"
    )


def _message(name: str, element: str) -> str:
    namespace, _, local = element[1:].partition("}")
    return f'<wsdl:message name="{name}"><wsdl:part name="corps" xmlns:e="{namespace}" element="e:{local}"/></wsdl:message>'


@cache
def _schema(name: str) -> str:
    """A schema to put in the types of a WSDL: its imports designate the others beside it."""
    text = (SCHEMAS / f"{name}.xsd").read_text(encoding="utf-8")
    return _LOCATION.sub("", _COMMENT.sub("", _PROLOGUE.sub("", text))).strip()
