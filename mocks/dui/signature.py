"""XML signature of SAML assertions: enveloped, placed after Issuer, exclusive canonicalization, RSA with SHA-256."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import XMLSigner

from .configuration import Certificat

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
DS = "http://www.w3.org/2000/09/xmldsig#"


@dataclass(frozen=True, slots=True)
class Signataire:
    """A private key, its certificate, and how to sign with them. ``reference`` is the ID to sign, the assertion's by default."""

    cle: RSAPrivateKey = field(repr=False)
    certificat: x509.Certificate
    signature: SignatureMethod = SignatureMethod.RSA_SHA256
    condense: DigestAlgorithm = DigestAlgorithm.SHA256
    canonisation: CanonicalizationMethod = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0
    reference: str = ""

    @property
    def sujet(self) -> str:
        """The subject, in RFC 2253 order: the Issuer of what is signed."""
        return self.certificat.subject.rfc4514_string()


@cache
def charger(certificat: Certificat) -> Signataire:
    """The signer of these files. The key is read once: reading it costs thirty times a signature."""
    cle = load_pem_private_key(Path(certificat.cle).read_bytes(), password=None)
    if not isinstance(cle, RSAPrivateKey):
        raise ValueError(f"clé RSA attendue dans {certificat.cle}")
    feuille = x509.load_pem_x509_certificates(Path(certificat.certificat).read_bytes())[0]
    return Signataire(cle, feuille)


def signer(assertion: etree._Element, signataire: Signataire) -> etree._Element:
    """The assertion, signed. It is embedded afterwards as it is: nothing may change its namespaces any more."""
    emetteur = assertion.find(f"{{{SAML}}}Issuer")
    place = 0 if emetteur is None else assertion.index(emetteur) + 1
    assertion.insert(place, etree.Element(f"{{{DS}}}Signature", {"Id": "placeholder"}, nsmap={"ds": DS}))
    signeur = _Signeur(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=signataire.signature,
        digest_algorithm=signataire.condense,
        c14n_algorithm=signataire.canonisation,
    )
    return signeur.sign(
        assertion,
        key=signataire.cle,
        cert=[signataire.certificat],
        reference_uri=f"#{signataire.reference or assertion.get('ID')}",
        id_attribute="ID",
    )


class _Signeur(XMLSigner):
    """Leaves the choice of algorithms to the caller: cards of older generations sign with SHA-1."""

    def check_deprecated_methods(self) -> None:
        """Refuses nothing: the service that verifies decides."""
