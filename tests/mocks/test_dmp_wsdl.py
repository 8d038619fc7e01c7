"""The WSDL of the DMP services: read by zeep, which then calls over mutual TLS; our answers hold to its schemas."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
import requests
import zeep
from dui_conformance.core.clock import Clock
from dui_conformance.core.exchange import Reply, Request
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.mocks.dmp.wsdl import SCHEMAS, SERVICES, description
from dui_conformance.mocks.pki import Pki
from dui_conformance.mocks.runtime import Runtime
from dui_conformance.validation.mtom import split
from dui_conformance.validation.soap import SOAP12, WSA, WSSE
from dui_conformance.validation.xml import parse
from lxml import etree
from samples.dmp import (
    BASE,
    ITI18,
    ITI43,
    ITI57,
    PATIENT,
    STATUS,
    TD02,
    TD03,
    TD04,
    USAGER,
    Deposit,
    existence_body,
    find_documents,
    retrieve_body,
    soap_request,
    status_body,
    vihf,
)
from samples.runtime import MemoryRecorder
from zeep.helpers import serialize_object
from zeep.plugins import Plugin
from zeep.transports import Transport

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"
XOP_BODY = "{urn:ihe:iti:xds-b:2007}Document"


class Addressing(Plugin):
    """WS-Addressing headers and the VIHF, as the toolkit of an editor adds them."""

    def egress(
        self, envelope: etree._Element, http_headers: dict[str, str], operation: object, binding_options: object
    ) -> object:
        header = envelope.find(f"{{{SOAP12}}}Header")
        if header is None:
            header = etree.Element(f"{{{SOAP12}}}Header")
            envelope.insert(0, header)
        etree.SubElement(header, f"{{{WSA}}}MessageID").text = "urn:uuid:33333333-3333-4333-8333-333333333333"
        etree.SubElement(header, f"{{{WSA}}}To")
        reply_to = etree.SubElement(header, f"{{{WSA}}}ReplyTo")
        etree.SubElement(reply_to, f"{{{WSA}}}Address").text = f"{WSA}/anonymous"
        etree.SubElement(header, f"{{{WSA}}}Action").text = operation.soapaction  # type: ignore[attr-defined]
        etree.SubElement(header, f"{{{WSSE}}}Security").append(etree.fromstring(vihf()))
        return envelope, http_headers


@pytest.fixture
def dmp() -> Dmp:
    """A DMP with one document of another doctor; every professional is authorised."""
    service = Dmp(seed=1)
    service.admit(USAGER)
    service.command("autorisation", {"matricule": USAGER.matricule, "valeur": "VALIDE"})
    placed = {"unique_id": "1.2.3.1", "type": "prescription", "date": "2026-01-10"}
    service.command("ajouter-document", {"matricule": USAGER.matricule, **placed})
    return service


@contextmanager
def served(dmp: Dmp, pki: Pki) -> Iterator[tuple[str, requests.Session]]:
    runtime = Runtime(MemoryRecorder(), Clock(), pki)
    runtime.start([dmp])
    try:
        dmp.configure({"dmp": runtime.url("dmp")})
        with requests.Session() as session:
            ours = pki.client("auth_cli")
            session.trust_env = False
            session.verify, session.cert = str(pki.ac), (str(ours.certificate), str(ours.key))
            yield runtime.url("dmp").rstrip("/") + BASE, session
    finally:
        runtime.stop()


@pytest.mark.client_etranger
def test_zeep_reads_the_wsdl_and_calls(dmp: Dmp, pki: Pki) -> None:
    with served(dmp, pki) as (base, session):

        def client(suffix: str) -> zeep.Client:
            return zeep.Client(f"{base}{suffix}?wsdl", transport=Transport(session=session), plugins=[Addressing()])

        patients = client("/patients").service
        answer = patients.TestExistence(**_existence())
        assert answer.controlActProcess.queryAck.queryResponseCode.code == "OK"
        assert [line.keyWordText.code for line in answer.attentionLine] == ["AUTORISATION", "STATUT_MT"]
        assert answer.attentionLine[0].value.code == "VALIDE"
        assert client("/habilitations").service.setAuthorization(action="AJOUT").status == "DMPOk"
        listed = client("/patientsSpecific").service.patientList(startDate="20200101000000", dateType="LASTDOC")
        assert [row.patientIdentifier.nationalId for row in listed.patients.patient] == [USAGER.ins]
        found = client("/registry").service.RegistryStoredQuery(**_query())
        (choice,) = serialize_object(found.RegistryObjectList)["_value_1"]
        entry = choice["ExtrinsicObject"]
        assert (found.totalResultCount, entry["status"]) == (1, f"{STATUS}Approved")
        assert {i["value"] for i in entry["ExternalIdentifier"]} >= {"1.2.3.1"}
        got = client("/repository").service.RetrieveDocumentSet(
            DocumentRequest=[{"RepositoryUniqueId": "1.2.250.1.213.4.1.1.1.2", "DocumentUniqueId": "1.2.3.1"}]
        )
        assert parse(got.DocumentResponse[0].Document).find("{*}id").get("root") == "1.2.3.1"  # type: ignore[union-attr]


def _existence() -> dict[str, object]:
    device = {"typeCode": "RCV", "device": {"id": {"root": "1.2.250.1.213.4.1.1.1"}, "softwareName": "DMP"}}
    patient = {"value": {"root": USAGER.oid, "extension": USAGER.ins}, "semanticsText": "Patient.id"}
    return {
        "id": {"root": "1.2.250.1.999.1", "extension": "z1"},
        "creationTime": {"value": "20260401100000"},
        "interactionId": {"root": "2.16.840.1.113883.1.6", "extension": "PRPA_IN201307UV02"},
        "processingCode": {"code": "D"},
        "processingModeCode": {"code": "T"},
        "acceptAckCode": {"code": "AL"},
        "receiver": device,
        "sender": {**device, "typeCode": "SND"},
        "controlActProcess": {
            "reasonCode": {"code": "TEST_EXST", "codeSystem": "1.2.250.1.213.1.1.4.11"},
            "queryByParameter": {
                "queryId": {"root": "1.2.250.1.999.2", "extension": "q1"},
                "statusCode": {"code": "new"},
                "parameterList": {"patientIdentifier": patient},
            },
        },
    }


def _query() -> dict[str, object]:
    patient = PATIENT.replace("&amp;", "&")
    slots = {"$XDSDocumentEntryPatientId": f"'{patient}'", "$XDSDocumentEntryStatus": f"('{STATUS}Approved')"}
    return {
        "ResponseOption": {"returnComposedObjects": True, "returnType": "LeafClass"},
        "AdhocQuery": {
            "id": "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d",
            "Slot": [{"name": name, "ValueList": {"Value": [value]}} for name, value in slots.items()],
        },
    }


@pytest.mark.parametrize("suffix", SERVICES)
def test_each_service_describes_itself_at_its_address(dmp: Dmp, suffix: str) -> None:
    dmp.configure({"dmp": "https://localhost:8443/"})
    request = soap_request(f"{suffix}?wsdl", "", "")
    reply = dmp.handle("dmp", Request("GET", request.target, (), request.body, request.connection), NOW)
    root = parse(reply.body.read())
    assert (reply.status, root.tag) == (200, "{http://schemas.xmlsoap.org/wsdl/}definitions")
    assert (
        root.find(".//{http://schemas.xmlsoap.org/wsdl/soap12/}address").get("location")
        == f"https://localhost:8443{BASE}{suffix}"
    )  # type: ignore[union-attr]


def test_a_wsdl_names_every_operation_of_its_service() -> None:
    actions = {action for service in SERVICES.values() for _, action, _, _ in service.operations}
    assert actions == {TD02, TD03, TD04, ITI18, ITI43, ITI57, "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"}
    assert "schemaLocation" not in description("/registry", "https://localhost")


def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / f"{name}.xsd")))


def payload(reply: Reply) -> etree._Element:
    kind, data = reply.header("Content-Type"), reply.body.read()
    root = parse(bytes(split(data, kind).root.content) if kind.startswith("multipart") else data)
    (found,) = root.find(f"{{{SOAP12}}}Body")  # type: ignore[misc]
    for document in found.iter(XOP_BODY):
        for include in list(document):
            document.remove(include)
    return found


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("hl7", soap_request("/patients", TD02, existence_body(), vihf=vihf())),
        ("habilitations", soap_request("/habilitations", TD03, "<a><action>AJOUT</action></a>", vihf=vihf())),
        ("patients", soap_request("/patientsSpecific", TD04, "<a/>", vihf=vihf())),
        ("query", soap_request("/registry", ITI18, find_documents(), vihf=vihf())),
        ("query", soap_request("/registry", ITI18, find_documents(query="00000000-0000-0000-0000-000000000000"), vihf=vihf())),
        ("xds", soap_request("/repository", ITI43, retrieve_body("1.2.3.1", "9.9"), vihf=vihf())),
        ("rs", soap_request("/registry", ITI57, status_body("urn:uuid:inconnu", DELETED), vihf=vihf())),
        ("rs", Deposit().request()),
    ],
)
def test_answers_hold_to_the_published_schemas(dmp: Dmp, name: str, request_: Request) -> None:
    schema(name).assertValid(payload(dmp.handle("dmp", request_, NOW)))


def test_requests_of_the_samples_hold_to_the_published_schemas() -> None:
    for name, text in (
        ("hl7", existence_body()),
        ("query", find_documents()),
        ("xds", retrieve_body("1.2.3")),
        ("lcm", status_body("urn:uuid:x", DELETED)),
    ):
        schema(name).assertValid(parse(text.encode()))
