"""What a request to the DMP is (kind, correlation keys), and the envelopes of its answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from ...core.exchange import Body, Description, Key, Reply, Request
from ...validation.mtom import build_mtom
from ...validation.soap import SAML, SOAP11, SOAP12, WSA, SoapError, SoapMessage, parse_soap

BASE = "/si-dmp-server/v2/services"
HL7 = "urn:hl7-org:v3"
XDSB = "urn:ihe:iti:xds-b:2007"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
RESOURCE_ID = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
ENTRY_PATIENT = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
ENTRY_UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
SET_PATIENT = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SET_UNIQUE_ID = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"
_PATIENTS = (ENTRY_PATIENT, SET_PATIENT)


@dataclass(frozen=True, slots=True)
class Operation:
    """One transaction: its kind, the path suffix that serves it, the action of its answer, its French name."""

    kind: str
    suffix: str
    response: str
    label: str


OPERATIONS: dict[str, Operation] = {
    "urn:hl7-org:v3:PRPA_IN201307UV02": Operation(
        "dmp.td0.2", "/patients", "urn:hl7-org:v3:PRPA_IN201308UV02", "TD0.2 test d'existence"
    ),
    "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization": Operation(
        "dmp.td0.3",
        "/habilitations",
        "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorizationResponse",
        "TD0.3 demande d'autorisation",
    ),
    "urn:si-dmp-patients:PatientSpecificEndPoint:patientList": Operation(
        "dmp.td0.4",
        "/patientsSpecific",
        "urn:si-dmp-patients:PatientSpecificEndPoint:patientListResponse",
        "TD0.4 liste des DMP",
    ),
    "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b": Operation(
        "dmp.td2.1", "/repository", "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-bResponse", "TD2.1 alimentation"
    ),
    "urn:ihe:iti:2007:RegistryStoredQuery": Operation(
        "dmp.td3.1", "/registry", "urn:ihe:iti:2007:RegistryStoredQueryResponse", "TD3.1 recherche de documents"
    ),
    "urn:ihe:iti:2007:RetrieveDocumentSet": Operation(
        "dmp.td3.2", "/repository", "urn:ihe:iti:2007:RetrieveDocumentSetResponse", "TD3.2 consultation d'un document"
    ),
    "urn:ihe:iti:2010:UpdateDocumentSet": Operation(
        "dmp.td3.3", "/registry", "urn:ihe:iti:2010:UpdateDocumentSet-Response", "TD3.3 gestion des attributs d'un document"
    ),
}
UNKNOWN = Operation("dmp.inconnu", "", "", "appel non reconnu")
WEBPS = Operation("dmp.webps", "", "", "TD0.9 accès web contextuel (WebPS)")
WSDL = Operation("dmp.wsdl", "", "", "description du service (WSDL)")
_BY_BODY = {
    "PRPA_IN201307UV02": "urn:hl7-org:v3:PRPA_IN201307UV02",
    "setAuthorization": "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization",
    "patientList": "urn:si-dmp-patients:PatientSpecificEndPoint:patientList",
    "ProvideAndRegisterDocumentSetRequest": "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b",
    "AdhocQueryRequest": "urn:ihe:iti:2007:RegistryStoredQuery",
    "RetrieveDocumentSetRequest": "urn:ihe:iti:2007:RetrieveDocumentSet",
    "SubmitObjectsRequest": "urn:ihe:iti:2010:UpdateDocumentSet",
}
# For a message too broken to name its action: what a DUI most likely meant at this path.
_BY_SUFFIX = {o.suffix: o for o in reversed(OPERATIONS.values())}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WEBPS_PATH = re.compile(r"/AccesDirect/(?P<page>[^/]*)(?:/(?P<ins>[^/]*))?/?")


def operation_of(request: Request) -> Operation:
    """The transaction asked for: by ``wsa:Action``, else by the HTTP ``action``; an unreadable message goes by its path.

    Only a POST is a call: a client that fetches a WSDL (``GET …?wsdl``) asks for no transaction, and a browser that opens
    a page of the WebPS is told apart.
    """
    if webps_page(request) is not None:
        return WEBPS
    if request.method == "GET" and request.query.lower() == "wsdl" and request.path.removeprefix(BASE) in _BY_SUFFIX:
        return WSDL
    if request.method != "POST":
        return UNKNOWN
    try:
        message = parse_soap(request)
    except SoapError:
        return _BY_SUFFIX.get(request.path.removeprefix(BASE), UNKNOWN)
    found = OPERATIONS.get(message.action or message.content_type.get("action"), UNKNOWN)
    if found.kind == "dmp.td0.2" and reason_code(message) == "CNSLT_DATA":
        return UNKNOWN
    return found


def webps_page(request: Request) -> tuple[str, str] | None:
    """Page and INS of a contextual web access (``/AccesDirect/<page>/<INS>``), None for anything else."""
    found = _WEBPS_PATH.fullmatch(request.path)
    return None if found is None else (found["page"], found["ins"] or "")


def reason_code(message: SoapMessage) -> str:
    """Why a patient registry query was sent: ``TEST_EXST`` (TD0.2), ``CNSLT_DATA`` (TD1.3a)…"""
    node = message.body.find(f"*/{{{HL7}}}controlActProcess/{{{HL7}}}reasonCode")
    return "" if node is None else node.get("code", "")


def describe(request: Request) -> Description:
    """Kind and correlation keys: matricules, professional, uniqueIds. Never raises on bad input.

    A message whose action is unknown is described by its body, so that it is judged for what it meant to be.
    """
    operation = operation_of(request)
    page = webps_page(request)
    if page is not None:
        return Description(operation.kind, (Key("ins", page[1][:13]),) if page[1] else (), summary=operation.label)
    if operation is WSDL:
        return Description(operation.kind, summary=operation.label)
    try:
        message = parse_soap(request)
    except SoapError as error:
        return Description(operation.kind, summary=f"{operation.label} : {error.message}")
    if operation is UNKNOWN and reason_code(message) != "CNSLT_DATA":
        operation = OPERATIONS.get(_BY_BODY.get(message.operation, ""), UNKNOWN)
    keys = [Key("ins", patient[:13]) for patient in patients(message) if patient]
    keys += [Key("ps", name) for name in _name_ids(message)]
    keys += [Key("uid", uid) for uid in external_identifiers(message, ENTRY_UNIQUE_ID)]
    keys += [Key("uid", uid) for uid in requested_uids(message)]
    return Description(operation.kind, tuple(dict.fromkeys(keys)), summary=operation.label)


def patients(message: SoapMessage) -> Iterator[str]:
    """Every patient identifier of the message: VIHF resource-id, XDS patientId, registry query, stored query."""
    for assertion in message.assertions():
        for attribute in assertion.iterfind(f"{{{SAML}}}AttributeStatement/{{{SAML}}}Attribute[@Name='{RESOURCE_ID}']"):
            yield (attribute.findtext(f"{{{SAML}}}AttributeValue") or "").strip()
    yield from external_identifiers(message, *_PATIENTS)
    yield from (v.get("extension", "") for v in message.body.iterfind(f".//{{{HL7}}}patientIdentifier/{{{HL7}}}value"))
    for slot in message.body.iterfind(f".//{{{RIM}}}AdhocQuery/{{{RIM}}}Slot"):
        if slot.get("name", "").endswith("PatientId"):
            yield from (v.text.strip().strip("'") for v in slot.iter(f"{{{RIM}}}Value") if v.text)


def requested_uids(message: SoapMessage) -> Iterator[str]:
    """The uniqueIds that a RetrieveDocumentSetRequest asks for."""
    for node in message.body.iterfind(f".//{{{XDSB}}}DocumentRequest/{{{XDSB}}}DocumentUniqueId"):
        if node.text and node.text.strip():
            yield node.text.strip()


def external_identifiers(message: SoapMessage, *schemes: str) -> Iterator[str]:
    """Values of the ExternalIdentifiers of these schemes."""
    for node in message.body.iter(f"{{{RIM}}}ExternalIdentifier"):
        if node.get("identificationScheme") in schemes:
            yield node.get("value", "").strip()


def _name_ids(message: SoapMessage) -> Iterator[str]:
    for assertion in message.assertions():
        name = (assertion.findtext(f"{{{SAML}}}Subject/{{{SAML}}}NameID") or "").strip()
        if name:
            yield name


def envelope(action: str, body: str, *, message_id: str, relates_to: str = "", namespace: str = SOAP12) -> bytes:
    """A SOAP answer with its WS-Addressing headers."""
    relates = f"<wsa:RelatesTo>{escape(relates_to)}</wsa:RelatesTo>" if relates_to else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soap:Envelope xmlns:soap="{namespace}" xmlns:wsa="{WSA}"><soap:Header>'
        f'<wsa:Action soap:mustUnderstand="true">{escape(action)}</wsa:Action><wsa:MessageID>{message_id}</wsa:MessageID>'
        f"<wsa:To>{WSA}/anonymous</wsa:To>{relates}</soap:Header><soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def soap_reply(xml: bytes, *, action: str, status: int = 200, version: str = "1.2") -> Reply:
    """A plain SOAP HTTP answer, typed for its SOAP version."""
    if version == "1.1":
        return Reply(status, (("Content-Type", "text/xml; charset=UTF-8"),), Body(xml))
    return Reply(status, (("Content-Type", f"application/soap+xml; charset=UTF-8; action={quoteattr(action)}"),), Body(xml))


def multipart_reply(
    xml: bytes, parts: Iterable[tuple[str, str, bytes]], *, action: str, boundary: str, status: int = 200
) -> Reply:
    """An MTOM HTTP answer."""
    kind, body = build_mtom(xml, tuple(parts), boundary=boundary, action=action, root_id="reponse@dmp.simulateur")
    return Reply(status, (("Content-Type", kind),), Body(body))


def fault_body(reason: str, *, code: str, subcode: str = "", version: str = "1.2") -> str:
    """The content of the body of a fault, in the caller's SOAP version. ``reason`` may quote bytes of an HTTP header."""
    reason = _NOT_XML.sub("\ufffd", reason)
    if version == "1.1":
        old = {"Sender": "Client", "Receiver": "Server"}.get(code, code)
        return f"<soap:Fault><faultcode>soap:{old}</faultcode><faultstring>{escape(reason)}</faultstring></soap:Fault>"
    sub = f"<soap:Subcode><soap:Value>soap:{subcode}</soap:Value></soap:Subcode>" if subcode else ""
    text = f'<soap:Reason><soap:Text xml:lang="fr">{escape(reason)}</soap:Text></soap:Reason>'
    return f"<soap:Fault><soap:Code><soap:Value>soap:{code}</soap:Value>{sub}</soap:Code>{text}</soap:Fault>"


def namespace_of(version: str) -> str:
    """The envelope namespace of a SOAP version."""
    return SOAP11 if version == "1.1" else SOAP12


def matches_path(request: Request, operation: Operation) -> bool:
    """True when the request came to the endpoint that serves its action."""
    return request.path == BASE + operation.suffix
