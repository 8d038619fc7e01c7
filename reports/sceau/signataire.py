"""Whose certificate sealed, and whether it goes up to authorities that the reader trusts."""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError
from dui_conformance.core.errors import InputError


def described(certificate: bytes) -> str:
    """Holder, issuer and end of validity, in French."""
    read = x509.load_der_x509_certificate(certificate)
    return (
        f"{read.subject.rfc4514_string()}, délivré par {read.issuer.rfc4514_string()}, "
        f"valable jusqu'au {read.not_valid_after_utc:%d/%m/%Y}"
    )


def verified_by(chain: tuple[bytes, ...], authorities: Path) -> bool:
    """True when the holder's certificate goes up today to one of these authorities (PEM); revocation is not looked at."""
    try:
        roots = x509.load_pem_x509_certificates(authorities.read_bytes())
    except (OSError, ValueError):
        raise InputError(f"{authorities} : autorités illisibles ; un fichier PEM est attendu.") from None
    if not chain:
        return False
    holder, *between = (x509.load_der_x509_certificate(der) for der in chain)
    leaf = ExtensionPolicy.permit_all().may_be_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
    policy = (
        PolicyBuilder().store(Store(roots)).extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=leaf)
    )
    try:
        policy.build_client_verifier().verify(holder, between)
    except VerificationError:
        return False
    return True
