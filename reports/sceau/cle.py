"""Who seals: a key of this machine made at first use, the user's key, or his key with its certificate."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)
from dui_conformance.core.errors import InputError
from dui_conformance.core.plateforme import write_private

PrivateKey = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
PublicKey = ed25519.Ed25519PublicKey | rsa.RSAPublicKey | ec.EllipticCurvePublicKey
_PSS = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)


class Nature(StrEnum):
    """What is known of the one who sealed."""

    LOCALE = "cle locale"
    FOURNIE = "cle fournie"
    CERTIFIEE = "certificat"


@dataclass(frozen=True, slots=True)
class Sealer:
    """A private key, and the certificates that say whose it is (DER, the holder's first)."""

    key: PrivateKey
    nature: Nature
    certificates: tuple[bytes, ...] = ()

    @property
    def public(self) -> bytes:
        """The public key (DER, SubjectPublicKeyInfo)."""
        return self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    def sign(self, data: bytes) -> bytes:
        """The signature: Ed25519, RSA-PSS or ECDSA with SHA-256, as the key is."""
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(data)
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, _PSS, hashes.SHA256())
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))


def local_sealer(path: Path) -> Sealer:
    """The key of this project, made at first use and readable by its owner only."""
    if not path.is_file():
        made = ed25519.Ed25519PrivateKey.generate()
        write_private(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Sealer(_read_key(path, None), Nature.LOCALE)


def given_sealer(key: Path, certificate: Path | None, password: str = "") -> Sealer:
    """The user's key, with its certificate if he gives one; raises ``InputError``."""
    private = _read_key(key, password.encode() or None)
    if certificate is None:
        return Sealer(private, Nature.FOURNIE)
    try:
        chain = x509.load_pem_x509_certificates(certificate.read_bytes())
    except (OSError, ValueError):
        raise InputError(f"{certificate} : certificat illisible ; un fichier PEM est attendu.") from None
    made = Sealer(private, Nature.CERTIFIEE, tuple(c.public_bytes(Encoding.DER) for c in chain))
    if _spki(chain[0]) != made.public:
        raise InputError(f"{certificate} : ce certificat n'est pas celui de la clé {key}.")
    return made


def certified(public: bytes, certificates: tuple[bytes, ...]) -> bool:
    """True when the first certificate is that of the key."""
    try:
        return bool(certificates) and _spki(x509.load_der_x509_certificate(certificates[0])) == public
    except ValueError:
        return False


def verifies(public: bytes, signature: bytes, data: bytes) -> bool:
    """True when this key made this signature of these bytes."""
    try:
        key = load_der_public_key(public)
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, _PSS, hashes.SHA256())
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True


def fingerprint(public: bytes) -> str:
    """What names a key: the SHA-256 of its SubjectPublicKeyInfo, in hexadecimal."""
    return hashlib.sha256(public).hexdigest()


def _read_key(path: Path, password: bytes | None) -> PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password)
    except TypeError:
        raise InputError(f"{path} : cette clé est chiffrée ; donnez son mot de passe.") from None
    except (OSError, ValueError):
        raise InputError(f"{path} : clé privée illisible ; un fichier PEM (PKCS#8) est attendu.") from None
    if not isinstance(key, PrivateKey):
        raise InputError(f"{path} : une clé Ed25519, RSA ou à courbe elliptique est attendue.")
    return key


def _spki(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
