"""The certificate that signs a VIHF, and its path to the trust anchors of the campaign."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509 import Certificate
from cryptography.x509.oid import NameOID

from ...core.errors import Inconclusive
from ...core.providers import provider
from .names import first_value, organisational_units
from .signature import embedded_certificates
from .vihf import Vihf

_DEPTH = 6


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """What the campaign trusts: DER certificates of the authorities, and DER revocation lists. A context value of checks."""

    certificates: tuple[bytes, ...]
    crls: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class SignerCertificate:
    """The certificate found in the signature of a VIHF. ``others`` are further certificates of the same ``X509Data``."""

    x509: Certificate
    der: bytes
    at: str
    others: tuple[Certificate, ...] = ()
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def subject_rfc4514(self) -> str:
        """The subject as the VIHF issuer must write it."""
        return self.x509.subject.rfc4514_string()

    @property
    def ou(self) -> str:
        """The OU that identifies the structure: ``Struct_IdNat``, else the first OU, else ``""``."""
        units = organisational_units(self.x509.subject)
        return next((unit for unit in units if unit[:1] in "0123456789" and len(unit) >= 10), units[0] if units else "")

    @property
    def cn(self) -> str:
        """The common name, or ``""``."""
        return first_value(self.x509.subject, NameOID.COMMON_NAME)


@dataclass(frozen=True, slots=True)
class Path:
    """A certification path. ``anchor`` is the subject of the anchor reached, ``""`` when none is; then ``reason`` says why."""

    anchor: str
    reason: str = ""
    revoked: str = ""


def build_path(leaf: x509.Certificate, others: tuple[x509.Certificate, ...], anchors: TrustAnchors, moment: datetime) -> Path:
    """The path of a certificate at one moment: signatures, validity and CA flag of each authority, revocation lists."""
    trusted = tuple(_load(der) for der in anchors.certificates)
    current, seen = leaf, 0
    while seen < _DEPTH:
        revoked = _revoked(current, anchors, moment)
        if revoked:
            return Path("", f"certificat révoqué : {current.subject.rfc4514_string()}", revoked)
        issuer = _issuer(current, trusted)
        if issuer is not None:
            fault = _authority_fault(issuer, moment)
            return Path("", fault) if fault else Path(issuer.subject.rfc4514_string())
        intermediate = _issuer(current, others)
        if intermediate is None or intermediate == current:
            return Path("", f"aucune autorité connue n'a signé ce certificat (émetteur : {current.issuer.rfc4514_string()})")
        fault = _authority_fault(intermediate, moment)
        if fault:
            return Path("", fault)
        current, seen = intermediate, seen + 1
    return Path("", "chaîne de certification trop longue")


def _issuer(certificate: x509.Certificate, candidates: tuple[x509.Certificate, ...]) -> x509.Certificate | None:
    for candidate in candidates:
        if candidate.subject != certificate.issuer:
            continue
        try:
            certificate.verify_directly_issued_by(candidate)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
            continue
        return candidate
    return None


def _authority_fault(authority: x509.Certificate, moment: datetime) -> str:
    name = authority.subject.rfc4514_string()
    if not authority.not_valid_before_utc <= moment <= authority.not_valid_after_utc:
        return f"autorité hors de sa période de validité : {name}"
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        return f"ce certificat n'est pas celui d'une autorité : {name}"
    return "" if constraints.ca else f"ce certificat n'est pas celui d'une autorité : {name}"


def _revoked(certificate: x509.Certificate, anchors: TrustAnchors, moment: datetime) -> str:
    for der in anchors.crls:
        crl = _load_crl(der)
        if crl.issuer != certificate.issuer:
            continue
        entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
        if entry is not None and entry.revocation_date_utc <= moment:
            return f"liste de révocation de {crl.issuer.rfc4514_string()}, numéro de série {certificate.serial_number:x}"
    return ""


@lru_cache(maxsize=256)
def _load(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


@lru_cache(maxsize=64)
def _load_crl(der: bytes) -> x509.CertificateRevocationList:
    return x509.load_der_x509_crl(der)


@provider
def _signer_of(vihf: Vihf) -> SignerCertificate:
    found = embedded_certificates(vihf)
    if not found:
        raise Inconclusive("la signature du VIHF ne contient pas de certificat lisible")
    first, *others = found
    return SignerCertificate(
        x509=first.x509, der=first.der, at=f"{vihf.at}/ds:Signature/ds:KeyInfo/ds:X509Data", others=tuple(o.x509 for o in others)
    )
