"""A whole deposit (TD2.1): a CDA document, its metadata, the signed submission set and the VIHF; easy to break by replacement."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from dui_conformance.core.exchange import Connection, Exchange
from dui_conformance.validation.mtom import build_mtom
from lxml import etree
from samples.dmp import ITI41, envelope, exchange, post
from samples.vihf import CX, INS, OU, Identity, change, organisation, signed

UID, SET_UID, SIGNATURE_UID = "2.25.111", "2.25.222", "2.25.333"
RPPS = "899700000001"
PERSON = f"{RPPS}^FICTIVE^ANNE^^^^^^&amp;1.2.250.1.71.4.2.1&amp;ISO^D^^^IDNPS"
STRUCTURE = f"OG FICTIVE^^^^^&amp;1.2.250.1.71.4.2.2&amp;ISO^IDNST^^^{OU}"
SPECIALTY = "G15_60^Infirmier^1.2.250.1.213.1.1.4.5"
ROLE = "Infirmier coordinateur"
TITLE = "Note de vaccination de l'usager"
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
DS = "http://www.w3.org/2000/09/xmldsig#"

_ASSIGNED = f"""<id root="1.2.250.1.71.4.2.1" extension="{RPPS}"/>
<code code="G15_60" codeSystem="1.2.250.1.213.1.1.4.5" displayName="Infirmier"/>
<assignedPerson><name><family>FICTIVE</family><given>ANNE</given></name></assignedPerson>
<representedOrganization><id root="1.2.250.1.71.4.2.2" extension="{OU}"/><name>OG FICTIVE</name></representedOrganization>"""
CDA = f"""<ClinicalDocument xmlns="urn:hl7-org:v3"><!-- note -->
<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
<templateId root="2.16.840.1.113883.2.8.2.1"/><templateId root="1.2.250.1.213.1.1.1.1"/>
<templateId root="1.2.250.1.213.1.1.1.46" extension="2023.01"/>
<id root="{UID}"/>
<code code="87273-9" codeSystem="2.16.840.1.113883.6.1" displayName="Note de vaccination"/>
<title>{TITLE}</title><effectiveTime value="20260401100000+0200"/>
<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/><languageCode code="fr-FR"/>
<setId root="2.25.110"/><versionNumber value="1"/>
<recordTarget><patientRole><id root="1.2.250.1.213.1.4.10" extension="{INS}"/>
<id root="1.2.250.1.999.1.2" extension="IPP-7"/>
<patient><name><family qualifier="BR">FICTIF</family><given>ANNE MARIE</given><given qualifier="BR">ANNE</given></name>
<administrativeGenderCode code="F" codeSystem="2.16.840.1.113883.5.1"/><birthTime value="19790301"/></patient>
</patientRole></recordTarget>
<author><functionCode code="ATTPHYS" codeSystem="2.16.840.1.113883.5.88" displayName="{ROLE}"/>
<time value="20260401100000+0200"/><assignedAuthor>{_ASSIGNED}</assignedAuthor></author>
<legalAuthenticator><time value="20260401100000+0200"/><signatureCode code="S"/>
<assignedEntity>{_ASSIGNED}</assignedEntity></legalAuthenticator>
<inFulfillmentOf><order><id root="1.2.250.1.999.5" extension="PRESC-9"/></order></inFulfillmentOf>
<documentationOf><serviceEvent><code code="IMMUNIZ" codeSystem="2.16.840.1.113883.5.4" displayName="Vaccination"/>
<effectiveTime><low value="20260401093000+0200"/><high value="20260401094500+0200"/></effectiveTime>
<performer typeCode="PRF"><assignedEntity><id root="1.2.250.1.71.4.2.1" extension="{RPPS}"/>
<representedOrganization><standardIndustryClassCode code="ESSMS" codeSystem="1.2.250.1.213.1.1.4.9" displayName="ESSMS"/>
</representedOrganization></assignedEntity></performer></serviceEvent></documentationOf>
<componentOf><encompassingEncounter><location><healthCareFacility>
<code code="SA17" codeSystem="1.2.250.1.71.4.2.4" displayName="Personnes âgées"/></healthCareFacility></location>
</encompassingEncounter></componentOf><component><structuredBody/></component></ClinicalDocument>"""


def slot(name: str, *values: str) -> str:
    """An ebXML slot."""
    return f'<Slot name="{name}"><ValueList>{"".join(f"<Value>{value}</Value>" for value in values)}</ValueList></Slot>'


def code(parent: str, scheme: str, value: str, system: str, label: str) -> str:
    """A coded classification."""
    return (
        f'<Classification classificationScheme="urn:uuid:{scheme}" classifiedObject="{parent}" nodeRepresentation="{value}">'
        f'{slot("codingScheme", system)}<Name><LocalizedString value="{label}"/></Name></Classification>'
    )


def author(parent: str, scheme: str) -> str:
    """An author classification."""
    return (
        f'<Classification classificationScheme="urn:uuid:{scheme}" classifiedObject="{parent}" nodeRepresentation="">'
        f"{slot('authorPerson', PERSON)}{slot('authorInstitution', STRUCTURE)}{slot('authorRole', ROLE)}"
        f"{slot('authorSpecialty', SPECIALTY)}</Classification>"
    )


def identifier(parent: str, scheme: str, value: str) -> str:
    """An external identifier."""
    return f'<ExternalIdentifier registryObject="{parent}" identificationScheme="urn:uuid:{scheme}" value="{value}"/>'


def _entry(local: str, uid: str, language: str, title: str, source: str, codes: str) -> str:
    return (
        f'<ExtrinsicObject id="{local}" mimeType="text/xml" objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">'
        f"{slot('creationTime', '20260401080000')}{slot('languageCode', language)}{slot('legalAuthenticator', PERSON)}"
        f"{slot('serviceStartTime', '20260401073000')}{slot('serviceStopTime', '20260401074500')}"
        f"{slot('sourcePatientId', source)}"
        f"{slot('sourcePatientInfo', 'PID-5|FICTIF^ANNE^^^^^L', 'PID-7|19790301', 'PID-8|F')}"
        f'<Name><LocalizedString value="{title}"/></Name>{author(local, "93606bcf-9494-43ec-9b4e-a7748d1a838d")}{codes}'
        + code(local, "f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1", "SA17", "1.2.250.1.71.4.2.4", "Personnes âgées")
        + code(local, "cccf5598-8b07-4b77-a05e-ae952c785ead", "ESSMS", "1.2.250.1.213.1.1.4.9", "ESSMS")
        + identifier(local, "58a6f841-87b3-4a3e-92fd-a8ffeff98427", CX)
        + identifier(local, "2e82c1f6-a085-4c72-9da3-8640a32e42ab", uid)
        + "</ExtrinsicObject>"
    )


def _confidentiality(local: str, *values: str) -> str:
    systems = {"N": "2.16.840.1.113883.5.25"}
    scheme = "f4f85eac-e6cb-4883-b524-f2705394840f"
    return "".join(code(local, scheme, v, systems.get(v, "1.2.250.1.213.1.1.4.13"), v) for v in values)


_DOC_CODES = (
    code("Doc01", "41a5887f-8865-4c09-adf7-e362475b143a", "52", "1.2.250.1.213.1.1.4.1", "Certificat, déclaration")
    + code("Doc01", "f0306f51-975f-434e-a61c-c59651d33983", "87273-9", "2.16.840.1.113883.6.1", "Note de vaccination")
    + code(
        "Doc01", "a09d5840-386c-46f2-b5ad-9c3699a4309d", "urn:asip:ci-sis:vac-note:2021", "1.2.250.1.213.1.1.4.2.282", "Note VAC"
    )
    + _confidentiality("Doc01", "N")
    + code("Doc01", "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", "IMMUNIZ", "2.16.840.1.113883.5.4", "Vaccination")
)
_SIG_CODES = (
    code("Signature01", "41a5887f-8865-4c09-adf7-e362475b143a", "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN", "Digital Signature")
    + code("Signature01", "f0306f51-975f-434e-a61c-c59651d33983", "E1762", "ASTM", "Full Document")
    + code("Signature01", "a09d5840-386c-46f2-b5ad-9c3699a4309d", DS, "URN", "Default Signature Style")
    + _confidentiality("Signature01", "N", "MASQUE_PS", "INVISIBLE_PATIENT")
    + code("Signature01", "2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4", "1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12", "Source")
)
_REFERENCE = slot("urn:ihe:iti:xds:2013:referenceIdList", "PRESC-9^^^&amp;1.2.250.1.999.5&amp;ISO^urn:ihe:iti:xds:2013:order")


def association(local: str, kind: str, source: str, target: str) -> str:
    """An association; HasMember carries its status."""
    status = slot("SubmissionSetStatus", "Original") if kind == HAS_MEMBER else ""
    attributes = f'id="{local}" associationType="{kind}" sourceObject="{source}" targetObject="{target}"'
    return f"<Association {attributes}>{status}</Association>"


SET = (
    f'<RegistryPackage id="SubmissionSet01">{slot("submissionTime", "20260401080000")}'
    f"{author('SubmissionSet01', 'a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d')}"
    + code("SubmissionSet01", "aa543740-bdda-424e-8c96-df4873be8500", "11", "1.2.250.1.213.2.2", "Hébergement complet")
    + '<Classification classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd" classifiedObject="SubmissionSet01"/>'
    + identifier("SubmissionSet01", "6b5aea1a-874d-4603-a4bc-96a0a7b38446", CX)
    + identifier("SubmissionSet01", "554ac39e-e3fe-47fe-b233-965d2a147832", "1.2.250.1.999.3")
    + identifier("SubmissionSet01", "96fdda7c-d067-4183-912e-bf5ee74998a8", SET_UID)
    + "</RegistryPackage>"
)
DOC = _entry("Doc01", UID, "fr-FR", TITLE, "IPP-7^^^&amp;1.2.250.1.999.1.2&amp;ISO^PI", _DOC_CODES).replace(
    "<Slot name=", f"{_REFERENCE}<Slot name=", 1
)
SIGNATURE = _entry("Signature01", SIGNATURE_UID, "art", "Source", CX, _SIG_CODES)
SIGNS = association("a3", "urn:ihe:iti:2007:AssociationType:signs", "Signature01", "SubmissionSet01")
MEMBERS = association("a1", HAS_MEMBER, "SubmissionSet01", "Doc01") + association(
    "a2", HAS_MEMBER, "SubmissionSet01", "Signature01"
)
_INCLUDE = '<x:Document id="{id}"><i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:{cid}"/></x:Document>'
DOC_PART, SIGNATURE_PART = _INCLUDE.format(id="Doc01", cid="doc01"), _INCLUDE.format(id="Signature01", cid="sig01")
BODY = f"""<x:ProvideAndRegisterDocumentSetRequest xmlns:x="urn:ihe:iti:xds-b:2007"
 xmlns:l="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0" xmlns="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0">
<l:SubmitObjectsRequest><RegistryObjectList>{SET}{DOC}{SIGNATURE}{MEMBERS}{SIGNS}</RegistryObjectList></l:SubmitObjectsRequest>
{DOC_PART}{SIGNATURE_PART}</x:ProvideAndRegisterDocumentSetRequest>"""


def in_document(old: str, new: str) -> tuple[str, str]:
    """A change of the document's own entry only."""
    return DOC, change(DOC, (old, new))


def in_set(old: str, new: str) -> tuple[str, str]:
    """A change of the submission set only."""
    return SET, change(SET, (old, new))


def in_signature(old: str, new: str) -> tuple[str, str]:
    """A change of the signature's entry only."""
    return SIGNATURE, change(SIGNATURE, (old, new))


def lot_signature(cda: bytes, *changes: tuple[str, str], by: Identity | None = None) -> bytes:
    """The XAdES signature of the submission set; ``changes`` break it after it was made."""
    who = by or organisation()
    manifest = (
        f'<ds:Manifest xmlns:ds="{DS}" Id="IHEManifest">{_reference(f"urn:oid:{SET_UID}", "AA==")}'
        f"{_reference(f'urn:oid:{UID}', _digest(_canonical(cda)))}</ds:Manifest>"
    )
    info = (
        f'<ds:SignedInfo xmlns:ds="{DS}"><ds:CanonicalizationMethod Algorithm="{C14N}"/>'
        '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        f"{_reference('#IHEManifest', _digest(_canonical(manifest.encode())))}</ds:SignedInfo>"
    )
    value = who.key.sign(_canonical(info.encode()), padding.PKCS1v15(), hashes.SHA256())
    text = (
        f'<ds:Signature xmlns:ds="{DS}" Id="lot">{info}<ds:SignatureValue>{base64.b64encode(value).decode()}</ds:SignatureValue>'
        f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{base64.b64encode(who.der).decode()}</ds:X509Certificate></ds:X509Data>"
        f"</ds:KeyInfo><ds:Object>{manifest}</ds:Object><ds:Object><ds:SignatureProperties><ds:SignatureProperty"
        ' Id="purposeOfSignature" Target="#lot">1.2.840.10065.1.12.1.14</ds:SignatureProperty></ds:SignatureProperties>'
        "</ds:Object></ds:Signature>"
    )
    return change(text, *changes).encode()


def _reference(uri: str, digest: str) -> str:
    transforms = f'<ds:Transforms><ds:Transform Algorithm="{C14N}"/></ds:Transforms>' if digest != "AA==" else ""
    return (
        f'<ds:Reference URI="{uri}">{transforms}<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        f"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>"
    )


def _canonical(data: bytes) -> bytes:
    return etree.tostring(etree.fromstring(data).getroottree(), method="c14n", with_comments=True)


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def deposit(
    *body: tuple[str, str],
    cda: tuple[tuple[str, str], ...] = (),
    vihf: tuple[tuple[str, str], ...] = (),
    signature: bytes | None = None,
    facts: dict[str, object] | None = None,
) -> Exchange:
    """The exchange of a deposit, with changes in the metadata, the document or the VIHF (before they are signed)."""
    document = change(CDA, *cda).encode()
    parts = [
        ("doc01", "text/xml", document),
        ("sig01", "text/xml", lot_signature(document) if signature is None else signature),
    ]
    xml = envelope(ITI41, change(BODY, *body), vihf=signed(*vihf)).encode()
    kind, raw = build_mtom(xml, parts, boundary="limite-dui", action=ITI41, root_id="root")
    connection = Connection(client_der=organisation(cn="TLS TEST", rank=4, signs=False).der)
    return exchange(replace(post("/repository", raw, kind), connection=connection), facts=facts)
