"""Messages of a DUI to the DMP, built by hand for tests: small, correct, and easy to break by text replacement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dui_conformance.core.exchange import Body, Connection, Exchange, Request, Times
from dui_conformance.core.people import Usager
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.validation.mtom import build_mtom

BASE = "/si-dmp-server/v2/services"
ITI41 = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
ITI18 = "urn:ihe:iti:2007:RegistryStoredQuery"
ITI43 = "urn:ihe:iti:2007:RetrieveDocumentSet"
RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
TD02 = "urn:hl7-org:v3:PRPA_IN201307UV02"
TD03 = "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization"
PATIENT = "279035121518989^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"
USAGER = Usager(
    id="u1",
    nom_naissance="FICTIF",
    prenoms=("ANNE",),
    sexe="F",
    date_naissance="1979-03-01",
    lieu_naissance="51215",
    matricule="2790351215189",
    cle="89",
    oid="1.2.250.1.213.1.4.10",
)
CDA = b"<ClinicalDocument xmlns='urn:hl7-org:v3'/>"

VIHF = f"""<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="2026-04-01T08:00:00Z">
<Issuer>CN=TEST</Issuer><Subject><NameID>899700000001</NameID></Subject><AttributeStatement>
<Attribute Name="urn:oasis:names:tc:xacml:2.0:resource:resource-id"><AttributeValue>{PATIENT}</AttributeValue></Attribute>
<Attribute Name="LPS_Nom"><AttributeValue>DUI Temoin</AttributeValue></Attribute>
<Attribute Name="LPS_Version"><AttributeValue>1.0.0</AttributeValue></Attribute>
</AttributeStatement></Assertion>"""


def envelope(
    action: str, body: str, *, message_id: str = "urn:uuid:11111111-1111-4111-8111-111111111111", vihf: str = VIHF
) -> str:
    """A SOAP 1.2 envelope as a correct DUI sends it."""
    return f"""<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>
<a:MessageID>{message_id}</a:MessageID><a:To/>
<a:ReplyTo s:mustUnderstand="true"><a:Address>http://www.w3.org/2005/08/addressing/anonymous</a:Address></a:ReplyTo>
<a:Action s:mustUnderstand="true">{action}</a:Action>
<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">{vihf}</w:Security>
</s:Header><s:Body>{body}</s:Body></s:Envelope>"""


def post(path: str, data: bytes, kind: str) -> Request:
    """A POST over an established connection."""
    return Request("POST", BASE + path, (("Content-Type", kind),), Body(data), Connection())


def soap_request(path: str, action: str, body: str, **options: str) -> Request:
    """A plain SOAP call."""
    return post(path, envelope(action, body, **options).encode(), f'application/soap+xml; charset=UTF-8; action="{action}"')


def existence_body(patient: str = "279035121518989", reason: str = "TEST_EXST") -> str:
    """The body of a TD0.2."""
    return f"""<PRPA_IN201307UV02 xmlns="urn:hl7-org:v3"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ITSVersion="XML_1.0">
<id root="1.2.250.1.999.1" extension="a1"/><creationTime value="20260401093000"/>
<interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201307UV02"/>
<processingCode code="D"/><processingModeCode code="T"/><acceptAckCode code="AL"/>
<receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE"><id root="1.2.250.1.213.4.1.1.1"/>
<softwareName>DMP</softwareName></device></receiver>
<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE"><id root="1.2.250.1.999"/>
<softwareName>DUI Temoin</softwareName></device></sender>
<attentionLine xsi:nil="true"/><controlActProcess classCode="CACT" moodCode="EVN">
<reasonCode code="{reason}" codeSystem="1.2.250.1.213.1.1.4.11"/>
<queryByParameter><queryId root="1.2.250.1.999.2" extension="q1"/>
<statusCode code="new"/><parameterList><dataSource xsi:nil="true"/>
<patientIdentifier><value root="1.2.250.1.213.1.4.10" extension="{patient}"/>
<semanticsText>Patient.id</semanticsText></patientIdentifier>
</parameterList></queryByParameter></controlActProcess></PRPA_IN201307UV02>"""


def _external(scheme: str, value: str) -> str:
    return f'<ExternalIdentifier identificationScheme="urn:uuid:{scheme}" value="{value}"/>'


def _classification(scheme: str, code: str, system: str) -> str:
    return (
        f'<Classification classificationScheme="urn:uuid:{scheme}" classifiedObject="Doc01" nodeRepresentation="{code}">'
        f'<Slot name="codingScheme"><ValueList><Value>{system}</Value></ValueList></Slot></Classification>'
    )


@dataclass(frozen=True)
class Deposit:
    """A TD2.1 of one document; ``local`` is the id of its entry, ``rplc`` the entryUUID that it replaces."""

    uid: str = "1.2.250.1.999.7.1"
    set_uid: str = "1.2.250.1.999.8.1"
    patient: str = PATIENT
    set_patient: str = PATIENT
    content: bytes = CDA
    href: str = "cid:doc01"
    document_id: str = "Doc01"
    rplc: str = ""
    local: str = "Doc01"
    action: str = ITI41
    message_id: str = "urn:uuid:22222222-2222-4222-8222-222222222222"
    assertion: str = VIHF

    def body(self) -> str:
        """The ProvideAndRegisterDocumentSetRequest."""
        replaces = (
            f'<Association id="a4" associationType="{RPLC}" sourceObject="{self.local}" targetObject="{self.rplc}"/>'
            if self.rplc
            else ""
        )
        return f"""<x:ProvideAndRegisterDocumentSetRequest xmlns:x="urn:ihe:iti:xds-b:2007"
 xmlns:l="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">
<l:SubmitObjectsRequest><RegistryObjectList><RegistryPackage id="SubmissionSet01">
{_external("6b5aea1a-874d-4603-a4bc-96a0a7b38446", self.set_patient)}
{_external("96fdda7c-d067-4183-912e-bf5ee74998a8", self.set_uid)}
</RegistryPackage>
<ExtrinsicObject id="{self.local}" mimeType="text/xml" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">
<Slot name="languageCode"><ValueList><Value>fr-FR</Value></ValueList></Slot>
<Name><LocalizedString value="Note de vaccination"/></Name>
{_classification("41a5887f-8865-4c09-adf7-e362475b143a", "52", "1.2.250.1.213.1.1.4.1")}
{_classification("f0306f51-975f-434e-a61c-c59651d33983", "87273-9", "2.16.840.1.113883.6.1")}
{_external("58a6f841-87b3-4a3e-92fd-a8ffeff98427", self.patient)}{_external("2e82c1f6-a085-4c72-9da3-8640a32e42ab", self.uid)}
</ExtrinsicObject>
<Association id="a1" associationType="urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
 sourceObject="SubmissionSet01" targetObject="{self.local}"/>{replaces}
</RegistryObjectList></l:SubmitObjectsRequest>
<x:Document id="{self.document_id}">
<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="{self.href}"/></x:Document>
</x:ProvideAndRegisterDocumentSetRequest>"""

    def mtom(self) -> tuple[str, bytes]:
        """Content-Type and body of the MTOM message."""
        xml = envelope(self.action, self.body(), message_id=self.message_id, vihf=self.assertion).encode()
        parts = [("doc01", "text/xml", self.content)]
        return build_mtom(xml, parts, boundary="limite-dui", action=self.action, root_id="root")

    def request(self) -> Request:
        """The HTTP request."""
        kind, raw = self.mtom()
        return post("/repository", raw, kind)


def find_documents(patient: str = PATIENT, *, query: str = "14d4debf-8f97-4251-9a74-a90016b0af0d", extra: str = "") -> str:
    """The body of a TD3.1."""
    return f"""<q:AdhocQueryRequest xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"
 xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">
<q:ResponseOption returnComposedObjects="true" returnType="LeafClass"/><AdhocQuery id="urn:uuid:{query}">
<Slot name="$XDSDocumentEntryPatientId"><ValueList><Value>'{patient}'</Value></ValueList></Slot>
<Slot name="$XDSDocumentEntryStatus"><ValueList>
<Value>('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved')</Value></ValueList></Slot>{extra}
</AdhocQuery></q:AdhocQueryRequest>"""


START = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)


def exchange(request: Request, *, after: float = 0, id: str = "E000001", facts: dict[str, Any] | None = None) -> Exchange:
    """The exchange that the recorder would have made of this request, ``after`` seconds from ``START``."""
    moment = START + timedelta(seconds=after)
    kind = Dmp().describe("dmp", request).kind
    return Exchange(
        id, "dmp", kind, request, None, request.connection, Times(moment, moment, int(after * 1e9)), facts=facts or {}
    )


ITI57 = "urn:ihe:iti:2010:UpdateDocumentSet"
TD04 = "urn:si-dmp-patients:PatientSpecificEndPoint:patientList"
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
UPDATE_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"
STATUS = "urn:oasis:names:tc:ebxml-regrep:StatusType:"
DOCTOR = (("10", "1.2.250.1.71.1.2.7"), ("SM26", "1.2.250.1.71.4.2.5"))
NURSE = (("60", "1.2.250.1.71.1.2.7"),)
SECRETARY = (("SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6"),)


def vihf(
    user: str = "899700000001",
    *,
    mode: str = "INDIRECTE_RENFORCEE",
    roles: tuple[tuple[str, str], ...] = NURSE,
    purpose: str = "normal",
    structure: str = "1990000010",
    patient: str = PATIENT,
    context: str = "MobileTwoFactorUnregistered",
) -> str:
    """A VIHF that says who calls; unsigned: the service accepts and reports."""
    values = {
        "VIHF_Version": "3.0",
        "Authentification_mode": mode,
        "Identifiant_Structure": structure,
        "urn:oasis:names:tc:xacml:2.0:resource:resource-id": patient,
    }
    coded = {
        "urn:oasis:names:tc:xacml:2.0:subject:role": tuple(
            f'<Role xmlns="urn:hl7-org:v3" code="{code}" codeSystem="{system}"/>' for code, system in roles
        ),
        "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse": (f'<PurposeOfUse xmlns="urn:hl7-org:v3" code="{purpose}"/>',),
    }
    rows = {**{name: (value,) for name, value in values.items()}, **coded}
    attributes = "".join(
        f'<Attribute Name="{name}">{"".join(f"<AttributeValue>{v}</AttributeValue>" for v in found)}</Attribute>'
        for name, found in rows.items()
    )
    return (
        '<Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_2" Version="2.0" IssueInstant="2026-04-01T08:00:00Z">'
        f"<Issuer>CN=TEST</Issuer><Subject><NameID>{user}</NameID></Subject><AuthnStatement><AuthnContext><AuthnContextClassRef>"
        f"urn:oasis:names:tc:SAML:2.0:ac:classes:{context}</AuthnContextClassRef></AuthnContext></AuthnStatement>"
        f"<AttributeStatement>{attributes}</AttributeStatement></Assertion>"
    )


def query_body(query: str, *slots: tuple[str, str], leaf: bool = True) -> str:
    """A stored query with these slots (name without ``$``, value as written)."""
    inner = "".join(f'<Slot name="${n}"><ValueList><Value>{v}</Value></ValueList></Slot>' for n, v in slots)
    return (
        '<q:AdhocQueryRequest xmlns:q="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0"'
        ' xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><q:ResponseOption returnComposedObjects="true"'
        f' returnType="{"LeafClass" if leaf else "ObjectRef"}"/><AdhocQuery id="urn:uuid:{query}">{inner}</AdhocQuery>'
        "</q:AdhocQueryRequest>"
    )


def retrieve_body(*uids: str, repository: str = "1.2.250.1.213.4.1.1.1.2") -> str:
    """A RetrieveDocumentSetRequest."""
    asked = "".join(
        f"<DocumentRequest><RepositoryUniqueId>{repository}</RepositoryUniqueId><DocumentUniqueId>{uid}</DocumentUniqueId>"
        "</DocumentRequest>"
        for uid in uids
    )
    return f'<RetrieveDocumentSetRequest xmlns="urn:ihe:iti:xds-b:2007">{asked}</RetrieveDocumentSetRequest>'


def _update(content: str, set_uid: str, patient: str) -> str:
    patient_id = _external("6b5aea1a-874d-4603-a4bc-96a0a7b38446", patient)
    unique_id = _external("96fdda7c-d067-4183-912e-bf5ee74998a8", set_uid)
    return (
        '<l:SubmitObjectsRequest xmlns:l="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"'
        ' xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><RegistryObjectList><RegistryPackage id="SubmissionSet01">'
        '<Slot name="submissionTime"><ValueList><Value>20260401080000</Value></ValueList></Slot>'
        f"{patient_id}{unique_id}</RegistryPackage>{content}</RegistryObjectList></l:SubmitObjectsRequest>"
    )


def status_body(
    entry: str, new: str, original: str = STATUS + "Approved", *, set_uid: str = "1.2.250.1.999.9.1", patient: str = PATIENT
) -> str:
    """A TD3.3c or TD3.3d: delete, archive, unarchive."""
    slot = '<Slot name="{}"><ValueList><Value>{}</Value></ValueList></Slot>'
    return _update(
        f'<Association id="as1" associationType="{UPDATE_STATUS}" sourceObject="SubmissionSet01" targetObject="{entry}">'
        f"{slot.format('OriginalStatus', original)}{slot.format('NewStatus', new)}</Association>",
        set_uid,
        patient,
    )


def visibility_body(
    lid: str,
    uid: str,
    *codes: str,
    version: str = "1",
    member: str = "Doc01",
    set_uid: str = "1.2.250.1.999.9.2",
    patient: str = PATIENT,
) -> str:
    """A TD3.3a or TD3.3b: the whole entry again, with these codes of visibility."""
    hidden = "".join(_classification("f4f85eac-e6cb-4883-b524-f2705394840f", c, "1.2.250.1.213.1.1.4.13") for c in codes)
    slot = '<Slot name="{}"><ValueList><Value>{}</Value></ValueList></Slot>'
    return _update(
        f'<ExtrinsicObject id="Doc01" lid="{lid}" mimeType="text/xml" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"'
        f' status="{STATUS}Approved">{slot.format("languageCode", "fr-FR")}<Name><LocalizedString value="T"/></Name>'
        f"{_classification('f4f85eac-e6cb-4883-b524-f2705394840f', 'N', '2.16.840.1.113883.5.25')}{hidden}"
        f"{_external('58a6f841-87b3-4a3e-92fd-a8ffeff98427', patient)}{_external('2e82c1f6-a085-4c72-9da3-8640a32e42ab', uid)}"
        f'</ExtrinsicObject><Association id="as1" associationType="{HAS_MEMBER}" sourceObject="SubmissionSet01"'
        f' targetObject="{member}">{slot.format("SubmissionSetStatus", "Original")}{slot.format("PreviousVersion", version)}'
        "</Association>",
        set_uid,
        patient,
    )
