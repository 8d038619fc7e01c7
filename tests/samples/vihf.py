"""A VIHF as a correct DUI makes it, signed with test keys made at run time; easy to break before or after signing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from dui_conformance.core.exchange import Connection, Exchange
from dui_conformance.core.settings import Settings
from dui_conformance.validation.saml.chain import TrustAnchors
from lxml import etree
from samples.dmp import ITI18, TD02, exchange, existence_body, find_documents, soap_request
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import XMLSigner

STRUCTURE = Settings().structure
OU, EG = f"1{STRUCTURE.finess_ej}", f"1{STRUCTURE.finess_eg}"
INS = "279035121518989"
CX = f"{INS}^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"
START, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
EXC = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0

_ROLE = '<Role xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CE"'
_PURPOSE = _ROLE.replace("<Role", "<PurposeOfUse")


def _attribute(name: str, *values: str) -> str:
    inner = "".join(f"<saml:AttributeValue>{value}</saml:AttributeValue>" for value in values)
    return f'<saml:Attribute Name="{name}">{inner}</saml:Attribute>'


DOCTOR = f'{_ROLE} code="10" codeSystem="1.2.250.1.71.1.2.7" displayName="Médecin"/>'
GENERAL = f'{_ROLE} code="SM26" codeSystem="1.2.250.1.71.4.2.5" displayName="Médecine générale"/>'
SIGNATURE = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="placeholder"/>'
SUBJECT = "<saml:Subject><saml:NameID>899700000001</saml:NameID></saml:Subject>"
ISSUER = f"CN=SIGNATURE TEST,OU={OU},O=OG FICTIVE,C=FR"
ASSERTION = (
    '<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_5f0c6ab1-93c1-4f0e-9d5c-0a3b7ad1c2e4"'
    ' IssueInstant="2026-04-01T08:00:00Z" Version="2.0">'
    f'<saml:Issuer Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName">{ISSUER}</saml:Issuer>'
    f'{SIGNATURE}{SUBJECT}<saml:AuthnStatement AuthnInstant="2026-04-01T07:30:00Z"><saml:AuthnContext>'
    "<saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI</saml:AuthnContextClassRef>"
    "<saml:AuthnContextDecl>APP_BROWSER_AUTH</saml:AuthnContextDecl></saml:AuthnContext></saml:AuthnStatement>"
    "<saml:AttributeStatement>"
    + _attribute("VIHF_Version", "3.0")
    + _attribute("Authentification_mode", "INDIRECTE_RENFORCEE")
    + _attribute("Identifiant_Structure", OU)
    + _attribute("Secteur_Activite", "SA17^1.2.250.1.71.4.2.4")
    + _attribute("urn:oasis:names:tc:xacml:2.0:subject:role", DOCTOR, GENERAL)
    + _attribute("urn:oasis:names:tc:xacml:2.0:resource:resource-id", CX)
    + _attribute("Ressource_URN", "urn:dmp")
    + _attribute("urn:oasis:names:tc:xspa:1.0:subject:subject-id", "ANNE FICTIVE")
    + _attribute(
        "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse",
        f'{_PURPOSE} code="normal" codeSystem="1.2.250.1.213.1.1.4.248" displayName="Accès normal"/>',
    )
    + _attribute("LPS_Nom", "DUI Temoin")
    + _attribute("LPS_Version", "1.0.0")
    + _attribute("LPS_ID_HOMOLOGATION_DMP", "HOMOL-TEMOIN-1")
    + "</saml:AttributeStatement></saml:Assertion>"
)


@dataclass(frozen=True)
class Identity:
    """A certificate with its key, and how it signs."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey
    method: SignatureMethod = SignatureMethod.RSA_SHA256
    digest: DigestAlgorithm = DigestAlgorithm.SHA256
    c14n: CanonicalizationMethod = EXC

    @property
    def der(self) -> bytes:
        """The certificate in DER."""
        return self.certificate.public_bytes(Encoding.DER)


@cache
def key(rank: int) -> rsa.RSAPrivateKey:
    """A few keys, made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def subject(ou: str = OU, cn: str = "SIGNATURE TEST") -> x509.Name:
    """The subject of an organisation certificate."""
    values = {
        NameOID.COUNTRY_NAME: "FR",
        NameOID.ORGANIZATION_NAME: "OG FICTIVE",
        NameOID.ORGANIZATIONAL_UNIT_NAME: ou,
        NameOID.COMMON_NAME: cn,
    }
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in values.items()])


@cache
def authority(name: str = "AC TEST", *, parent: str = "") -> Identity:
    """A certification authority, self-signed or under ``parent``."""
    issuer = authority(parent) if parent else None
    mine = key(1 if not parent else 2)
    dn = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = _builder(dn, issuer.certificate.subject if issuer else dn, mine, START, END).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True
    )
    return Identity(built.sign(issuer.key if issuer else mine, hashes.SHA256()), mine)


@cache
def organisation(
    ou: str = OU,
    cn: str = "SIGNATURE TEST",
    *,
    rank: int = 3,
    signs: bool = True,
    end: datetime = END,
    issuer: str = "AC TEST",
    parent: str = "",
) -> Identity:
    """An organisation certificate (ORG_SIGN when ``signs``)."""
    usage = x509.KeyUsage(signs, signs, not signs, False, False, False, False, False, False)
    ca = authority(issuer, parent=parent)
    built = _builder(subject(ou, cn), ca.certificate.subject, key(rank), START, end).add_extension(usage, critical=True)
    return Identity(built.sign(ca.key, hashes.SHA256()), key(rank))


def _builder(
    dn: x509.Name, issuer: x509.Name, mine: rsa.RSAPrivateKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(dn)
        .issuer_name(issuer)
        .public_key(mine.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


def anchors(*, revoked: x509.Certificate | None = None) -> TrustAnchors:
    """The test authority, and its revocation list when a certificate is revoked."""
    ca = authority()
    if revoked is None:
        return TrustAnchors((ca.der,))
    entry = x509.RevokedCertificateBuilder().serial_number(revoked.serial_number).revocation_date(START).build()
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.certificate.subject)
        .last_update(START)
        .next_update(END)
        .add_revoked_certificate(entry)
        .sign(ca.key, hashes.SHA256())
    )
    return TrustAnchors((ca.der,), (crl.public_bytes(Encoding.DER),))


class _Signer(XMLSigner):
    def check_deprecated_methods(self) -> None:
        """SHA-1 is signed too: the judge decides."""


def change(text: str, *changes: tuple[str, str]) -> str:
    """The text with replacements, each of which must find its target."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def signed(*changes: tuple[str, str], by: Identity | None = None, uri: str = "", certificates: int = 1) -> str:
    """The assertion, changed then signed. ``uri`` replaces the reference; ``certificates=0`` leaves KeyInfo empty of them."""
    who = by or organisation()
    root = etree.fromstring(change(ASSERTION, *changes))
    signer = _Signer(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=who.method,
        digest_algorithm=who.digest,
        c14n_algorithm=who.c14n,
    )
    made = signer.sign(root, key=who.key, cert=[who.certificate], reference_uri=uri or f"#{root.get('ID')}", id_attribute="ID")
    text = etree.tostring(made, encoding="unicode")
    if certificates:
        return text
    start, end = text.index("<ds:X509Certificate>"), text.index("</ds:X509Data>")
    return text[:start] + text[end:]


def unsigned(*changes: tuple[str, str]) -> str:
    """The assertion without any signature."""
    return change(ASSERTION, (SIGNATURE, ""), *changes)


def call(vihf: str, *, kind: str = "td0.2", after: float = 0, client: Identity | None = None, id: str = "E000001") -> Exchange:
    """A call that carries this VIHF: TD0.2, or TD3.1, over a connection made with the TLS certificate of the structure."""
    action, path, body = {
        "td0.2": (TD02, "/patients", existence_body(INS)),
        "td3.1": (ITI18, "/registry", find_documents()),
    }[kind]
    request = soap_request(path, action, body, vihf=vihf)
    connection = Connection(client_der=(client or organisation(cn="TLS TEST", rank=4, signs=False)).der)
    return exchange(replace(request, connection=connection), after=after, id=id)
