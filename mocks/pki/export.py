"""What leaves the PKI for a DUI: PEM and PKCS#12 files, and the ``certificats`` part of ``services.json``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, load_pem_private_key, pkcs12
from dui_conformance.core.plateforme import private_folder, write_private

from .store import ORGANISATION_ROLES, Credential, Pki


def certificats(pki: Pki, *, defauts: Sequence[str] = ()) -> dict[str, Any]:
    """The ``certificats`` object of ``services.json``: paths by role, CPS by national identifier.

    With ``defauts`` (``expire``, ``eg``…), also the faulty variants of the TLS and INSi client certificates, under ``defauts``.
    """
    found: dict[str, Any] = {role: _paths(pki.client(role)) for role in ORGANISATION_ROLES}
    found["cps"] = {
        person.id_nat: {
            **_paths(pki.cps(person.id_nat)),
            "certificat_signature": str(pki.cps(person.id_nat, "sign").certificate),
            "cle_signature": str(pki.cps(person.id_nat, "sign").key),
        }
        for person in pki.parameters.professionnels
    }
    if defauts:
        roles = ("auth_cli", "sign", "insi_manu")
        found["defauts"] = {nom: {role: _paths(pki.client(role, nom)) for role in roles} for nom in defauts}
    return found


def export(pki: Pki, folder: Path, *, password: str | None = None) -> tuple[Path, ...]:
    """Write the authorities, the CRL and every client certificate as PEM and PKCS#12 into an owner-only folder.

    The PKCS#12 files are encrypted when a password is given. Gives the files written, in order.
    """
    private_folder(folder)
    written = []
    for source in (pki.ac, pki.chaine, pki.crl):
        written.append(_write(folder / source.name, source.read_bytes()))
    credentials = {role: pki.client(role) for role in ORGANISATION_ROLES}
    for person in pki.parameters.professionnels:
        credentials[f"cps-{person.id_nat}-auth"] = pki.cps(person.id_nat)
        credentials[f"cps-{person.id_nat}-sign"] = pki.cps(person.id_nat, "sign")
    for name, credential in credentials.items():
        written.append(_write(folder / f"{name}.pem", credential.certificate.read_bytes()))
        written.append(_write(folder / f"{name}.key", credential.key.read_bytes()))
        written.append(_write(folder / f"{name}.p12", _pkcs12(name, credential, pki, password)))
    return tuple(written)


def _pkcs12(name: str, credential: Credential, pki: Pki, password: str | None) -> bytes:
    leaf, *chain = x509.load_pem_x509_certificates(credential.certificate.read_bytes())
    key = load_pem_private_key(credential.key.read_bytes(), password=None)
    authorities = [*chain, x509.load_pem_x509_certificate(pki.ac.read_bytes())]
    encryption = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return pkcs12.serialize_key_and_certificates(name.encode(), key, leaf, authorities, encryption)  # type: ignore[arg-type]


def _paths(credential: Credential) -> dict[str, str]:
    return {"certificat": str(credential.certificate), "cle": str(credential.key)}


def _write(path: Path, data: bytes) -> Path:
    write_private(path, data)
    return path
