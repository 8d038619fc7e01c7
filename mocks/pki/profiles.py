"""What each kind of certificate says: subjects, usages and names, after the IGC-Santé (dmp_insi §3, §13; psc_mssante §2.4)."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier


@dataclass(frozen=True, slots=True)
class LeafProfile:
    """A leaf certificate to be: everything but its key, its issuer and its dates."""

    subject: x509.Name
    key_usage: x509.KeyUsage
    extended_key_usage: tuple[ObjectIdentifier, ...] = ()
    alternative_names: tuple[x509.GeneralName, ...] = ()


@dataclass(frozen=True, slots=True)
class Organisation:
    """The fictional structure named by organisation certificates. ``finess`` is the 9 characters of the EJ."""

    nom: str
    finess: str

    @property
    def identifiant(self) -> str:
        """National identifier of the structure: ``1`` and the FINESS (Struct_IdNat), as in the subject's OU."""
        return f"1{self.finess}"

    @property
    def departement(self) -> str:
        """The ``ST`` of the subject: the FINESS begins with the department."""
        return "Paris (75)" if self.finess.startswith("75") else f"Departement ({self.finess[:2]})"


@dataclass(frozen=True, slots=True)
class Personne:
    """The fictional professional of a CPS-like card."""

    id_nat: str
    nom: str
    prenom: str
    profession: str


def org_auth_cli(organisation: Organisation, common_name: str) -> LeafProfile:
    """ORG_AUTH_CLI: the TLS client of an organisation."""
    usage = usages(digital_signature=True, key_encipherment=True)
    return LeafProfile(_organisation_subject(organisation, common_name), usage, (ExtendedKeyUsageOID.CLIENT_AUTH,))


def org_sign(organisation: Organisation, common_name: str) -> LeafProfile:
    """ORG_SIGN: signs the VIHF and the submission set of an organisation; no TLS usage."""
    usage = usages(digital_signature=True, content_commitment=True)
    return LeafProfile(_organisation_subject(organisation, common_name), usage, (ExtendedKeyUsageOID.EMAIL_PROTECTION,))


def cps_authentification(personne: Personne) -> LeafProfile:
    """The authentication certificate of a CPS-like card."""
    return LeafProfile(_person_subject(personne), usages(digital_signature=True), (ExtendedKeyUsageOID.CLIENT_AUTH,))


def cps_signature(personne: Personne) -> LeafProfile:
    """The signature certificate of a CPS-like card: nonRepudiation alone."""
    return LeafProfile(_person_subject(personne), usages(content_commitment=True))


def serveur(names: Sequence[str], addresses: Sequence[str]) -> LeafProfile:
    """A server of the simulator, named after the hosts it is reached by."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "TEST SIMULATEUR"),
            x509.NameAttribute(NameOID.COMMON_NAME, names[0]),
        ]
    )
    hosts: list[x509.GeneralName] = [x509.DNSName(name) for name in names]
    hosts += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    usage = usages(digital_signature=True, key_encipherment=True)
    return LeafProfile(subject, usage, (ExtendedKeyUsageOID.SERVER_AUTH,), tuple(hosts))


def usages(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    """A KeyUsage with only the bits asked for."""
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def _organisation_subject(organisation: Organisation, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.STATE_OR_PROVINCE_NAME, organisation.departement),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation.nom),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, organisation.identifiant),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _person_subject(personne: Personne) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "TEST SIMULATEUR"),
            x509.NameAttribute(NameOID.TITLE, personne.profession),
            x509.NameAttribute(NameOID.COMMON_NAME, personne.id_nat),
            x509.NameAttribute(NameOID.SURNAME, personne.nom),
            x509.NameAttribute(NameOID.GIVEN_NAME, personne.prenom),
        ]
    )
