"""Faulty certificates: each has one defect and is otherwise the good one. Made when first asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from .authority import Validity
from .profiles import LeafProfile, usages


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect: how it changes the profile or the dates, and from where the certificate comes.

    ``geographic``: the organisation is named by its FINESS EG instead of its EJ.
    """

    description: str
    profile: Callable[[LeafProfile], LeafProfile] = lambda profile: profile
    validity: Callable[[Validity], Validity] | None = None
    revoked: bool = False
    other_authority: bool = False
    geographic: bool = False
    server: bool = True
    client: bool = True


def _expired(authority: Validity) -> Validity:
    return Validity(authority.start + timedelta(hours=1), authority.start + timedelta(hours=12))


def _not_yet(authority: Validity) -> Validity:
    return Validity(authority.end - timedelta(days=1), authority.end)


def _other_usage(profile: LeafProfile) -> LeafProfile:
    wrong = ExtendedKeyUsageOID.CLIENT_AUTH if profile.alternative_names else ExtendedKeyUsageOID.SERVER_AUTH
    return replace(profile, extended_key_usage=(wrong,))


def _cipher_only(profile: LeafProfile) -> LeafProfile:
    return replace(profile, key_usage=usages(key_encipherment=True))


def _other_host(profile: LeafProfile) -> LeafProfile:
    """A host under localhost: inside the name constraints, but not the one that the client called."""
    return replace(profile, alternative_names=(x509.DNSName("autre-hote.localhost"),))


DEFECTS: Mapping[str, Defect] = {
    "expire": Defect("expiré", validity=_expired),
    "pas-encore-valide": Defect("pas encore valide", validity=_not_yet),
    "revoque": Defect("révoqué", revoked=True),
    "autre-ac": Defect("émis par une autre autorité", other_authority=True),
    "mauvais-usage": Defect("prévu pour un autre usage (extendedKeyUsage)", profile=_other_usage),
    "mauvais-hote": Defect("au nom d'un autre hôte", profile=_other_host, client=False),
    "chiffrement": Defect("prévu pour chiffrer et non pour signer (keyUsage)", profile=_cipher_only, server=False),
    "eg": Defect("FINESS EG au lieu de EJ dans l'OU", geographic=True, server=False),
}

SERVER_DEFECTS = tuple(name for name, defect in DEFECTS.items() if defect.server)
CLIENT_DEFECTS = tuple(name for name, defect in DEFECTS.items() if defect.client)
