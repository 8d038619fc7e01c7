"""Certification authorities: name-constrained, strict X.509, RSA 2048 as the real IGC-Santé."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from .profiles import LeafProfile, usages

LIFETIME = timedelta(days=90)
BACKDATED = timedelta(hours=24)
"""Authorities are valid from a day ago, so that an already expired leaf still nests in them."""

LOOPBACK = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True, slots=True)
class Validity:
    """Bounds of a certificate, UTC, whole seconds."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA certificate and its private key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey

    @property
    def validity(self) -> Validity:
        """Bounds of the CA certificate."""
        return Validity(self.certificate.not_valid_before_utc, self.certificate.not_valid_after_utc)

    def issue(
        self, profile: LeafProfile, public_key: rsa.RSAPublicKey, *, validity: Validity | None = None, serial: int | None = None
    ) -> x509.Certificate:
        """Sign a leaf certificate of that profile; by default valid from an hour ago until the CA's end."""
        bounds = validity or Validity(now() - timedelta(hours=1), self.validity.end)
        builder = (
            _builder(profile.subject, self.certificate.subject, public_key, bounds, serial)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(profile.key_usage, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(_authority_key_identifier(self.certificate), critical=False)
        )
        if profile.extended_key_usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage(profile.extended_key_usage), critical=False)
        if profile.alternative_names:
            builder = builder.add_extension(x509.SubjectAlternativeName(profile.alternative_names), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def crl(self, revoked: Iterable[int] = ()) -> x509.CertificateRevocationList:
        """The revocation list, valid as long as the authority."""
        moment = now() - timedelta(hours=1)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(moment)
            .next_update(self.validity.end)
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(_authority_key_identifier(self.certificate), critical=False)
        )
        for serial in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment)
            builder = builder.add_revoked_certificate(
                entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), False).build()
            )
        return builder.sign(self.key, hashes.SHA256())

    def intermediate(self, common_name: str, constraints: x509.NameConstraints) -> Authority:
        """A subordinate authority that may only issue leaves."""
        return _authority(common_name, constraints, path_length=0, parent=self)


def root(common_name: str, constraints: x509.NameConstraints, *, path_length: int = 1) -> Authority:
    """A self-signed authority, valid 90 days."""
    return _authority(common_name, constraints, path_length=path_length, parent=None)


def name_constraints(names: Sequence[str], addresses: Sequence[str]) -> x509.NameConstraints:
    """Only localhost, the loopback addresses and the configured hosts may be certified."""
    hosts = [x509.DNSName(name) for name in dict.fromkeys(("localhost", *names))]
    networks = [ipaddress.ip_network(n) for n in LOOPBACK]
    networks += [ipaddress.ip_network(a) for a in addresses if not any(_inside(a, n) for n in networks)]
    permitted: list[x509.GeneralName] = [*hosts, *(x509.IPAddress(network) for network in networks)]
    return x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None)


def new_key() -> rsa.RSAPrivateKey:
    """An RSA 2048 key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def now() -> datetime:
    """System time, whole seconds: X.509 knows no fraction."""
    return datetime.now(UTC).replace(microsecond=0)


def _inside(address: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> bool:
    found = ipaddress.ip_address(address)
    return found.version == network.version and found in network


def _authority(common_name: str, constraints: x509.NameConstraints, *, path_length: int, parent: Authority | None) -> Authority:
    key = new_key()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "TEST SIMULATEUR"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "0002 000000000"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )
    bounds = parent.validity if parent else Validity(now() - BACKDATED, now() + LIFETIME)
    issuer = parent.certificate.subject if parent else subject
    builder = (
        _builder(subject, issuer, key.public_key(), bounds, None)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(usages(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(constraints, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if parent is None:
        return Authority(builder.sign(key, hashes.SHA256()), key)
    builder = builder.add_extension(_authority_key_identifier(parent.certificate), critical=False)
    return Authority(builder.sign(parent.key, hashes.SHA256()), key)


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: rsa.RSAPublicKey, validity: Validity, serial: int | None
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(validity.start)
        .not_valid_after(validity.end)
    )


def _authority_key_identifier(certificate: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)
