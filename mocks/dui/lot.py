"""The signature of a submission set (IHE DSG, XAdES): a manifest of the documents sent, signed by the structure."""

from __future__ import annotations

import base64
import copy
import hashlib
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from .horloge import utc_iso
from .signature import DS, Signataire
from .xml import Espace

XADES = "http://uri.etsi.org/01903/v1.1.1#"
C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
BUT_SOURCE = "1.2.840.10065.1.12.1.14"

ds = Espace(DS, "ds")
xad = Espace(XADES, "xad")


@dataclass(frozen=True, slots=True)
class Piece:
    """A document of the manifest: its uniqueId and its bytes."""

    unique_id: str
    octets: bytes


def signer_lot(lot_unique_id: str, pieces: list[Piece], signataire: Signataire, signe_le: datetime) -> etree._Element:
    """The ``ds:Signature`` document: the manifest names the submission set (dummy digest) and each document (its own)."""
    manifeste = ds(
        "Manifest",
        {"Id": "IHEManifest"},
        _reference(f"urn:oid:{lot_unique_id}", "AA=="),
        *(_reference(f"urn:oid:{piece.unique_id}", _condense(etree.fromstring(piece.octets)), canonise=True) for piece in pieces),
    )
    proprietes = _proprietes(signataire, signe_le)
    signe = ds(
        "SignedInfo", None, ds("CanonicalizationMethod", {"Algorithm": C14N}), ds("SignatureMethod", {"Algorithm": RSA_SHA256})
    )
    valeur = ds("SignatureValue")
    racine = ds(
        "Signature",
        {"Id": "SignatureLot"},
        signe,
        valeur,
        _cle(signataire),
        ds("Object", None, manifeste),
        _but(),
        ds("Object", None, proprietes),
    )
    signe.append(_reference("#IHEManifest", _condense(manifeste), type=f"{DS}Manifest", canonise=True))
    signe.append(_reference("#SignedProperties", _condense(proprietes[0]), type=f"{XADES}SignedProperties", canonise=True))
    valeur.text = base64.b64encode(signataire.cle.sign(_canonise(signe), padding.PKCS1v15(), hashes.SHA256())).decode()
    return racine


def _reference(uri: str, condense: str, *, type: str = "", canonise: bool = False) -> etree._Element:
    transformations = ds("Transforms", None, ds("Transform", {"Algorithm": C14N})) if canonise else None
    return ds(
        "Reference",
        {"URI": uri} | ({"Type": type} if type else {}),
        transformations,
        ds("DigestMethod", {"Algorithm": SHA256}),
        ds("DigestValue", None, condense),
    )


def _cle(signataire: Signataire) -> etree._Element:
    der = signataire.certificat.public_bytes(Encoding.DER)
    return ds("KeyInfo", None, ds("X509Data", None, ds("X509Certificate", None, base64.b64encode(der).decode())))


def _but() -> etree._Element:
    """The purpose: the structure is the source of what it sends."""
    propriete = ds("SignatureProperty", {"Id": "purposeOfSignature", "Target": "#SignatureLot"}, BUT_SOURCE)
    return ds("Object", None, ds("SignatureProperties", None, propriete))


def _proprietes(signataire: Signataire, signe_le: datetime) -> etree._Element:
    certificat = signataire.certificat
    der = certificat.public_bytes(Encoding.DER)
    condense = xad(
        "CertDigest",
        None,
        xad("DigestMethod", {"Algorithm": SHA256}),
        xad("DigestValue", None, base64.b64encode(hashlib.sha256(der).digest()).decode()),
    )
    serie = xad(
        "IssuerSerial",
        None,
        ds("X509IssuerName", None, certificat.issuer.rfc4514_string()),
        ds("X509SerialNumber", None, str(certificat.serial_number)),
    )
    signees = xad(
        "SignedSignatureProperties",
        None,
        xad("SigningTime", None, utc_iso(signe_le)),
        xad("SigningCertificate", None, xad("Cert", None, condense, serie)),
        xad("SignaturePolicyIdentifier", None, xad("SignaturePolicyImplied")),
    )
    return xad("QualifyingProperties", {"Target": "#SignatureLot"}, xad("SignedProperties", {"Id": "SignedProperties"}, signees))


def _condense(element: etree._Element) -> str:
    return base64.b64encode(hashlib.sha256(_canonise(element)).digest()).decode()


def _canonise(element: etree._Element) -> bytes:
    """Inclusive canonical form of an element in its place. The copy carries on its root the namespaces of its ancestors
    that it uses, which are all of them here."""
    return etree.tostring(copy.deepcopy(element), method="c14n", exclusive=False, with_comments=True)
