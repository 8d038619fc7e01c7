"""TLS views of an exchange: the connection that carried it and the client certificate that it presented."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID, ObjectIdentifier

from ..core.errors import Inconclusive
from ..core.exchange import Connection, Exchange
from ..core.providers import provider


@dataclass(frozen=True, slots=True)
class TlsConnection:
    """The TLS connection of an exchange that was really carried by TLS. ``at`` is its wall time, for validity dates.

    ``requests`` is 1 for an HTTP exchange, 0 for a handshake alone.
    """

    id: str
    kind: str
    at: datetime
    connection: Connection
    requests: int = 1


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """The certificate of a TLS client. ``ou`` and ``cn`` are the first of the subject, ``""`` when absent."""

    x509: x509.Certificate
    subject_rfc4514: str
    issuer_rfc4514: str
    ou: str
    cn: str
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def issuer_cn(self) -> str:
        """Common name of the issuer."""
        return first_of(self.x509.issuer, NameOID.COMMON_NAME)

    @classmethod
    def from_der(cls, der: bytes) -> ClientCertificate:
        """Read a certificate; raises ``Inconclusive`` when the bytes are not one."""
        certificate = _load(der)
        return cls(
            x509=certificate,
            subject_rfc4514=certificate.subject.rfc4514_string(),
            issuer_rfc4514=certificate.issuer.rfc4514_string(),
            ou=first_of(certificate.subject, NameOID.ORGANIZATIONAL_UNIT_NAME),
            cn=first_of(certificate.subject, NameOID.COMMON_NAME),
        )


def first_of(name: x509.Name, oid: ObjectIdentifier) -> str:
    """First value of an attribute of a distinguished name, or ``""``."""
    values = name.get_attributes_for_oid(oid)
    return str(values[0].value) if values else ""


def explain(connection: Connection) -> str:
    """One French sentence, for people, on a connection that gave no request."""
    if connection.established:
        return "le client a négocié TLS puis s'est tu : il a pu refuser le certificat du serveur sans le dire"
    if connection.alert:
        reason = _ALERTS.get(connection.alert, connection.alert)
        return f"le client a refusé la négociation (alerte TLS : {reason})"
    reason = _ERRORS.get(connection.error, connection.error)
    detail = f" ({connection.detail})" if connection.detail else ""
    return f"négociation TLS en échec : {reason}{detail}"


_ALERTS = {
    "unknown_ca": "autorité inconnue ; ajouter ac.pem à son magasin de confiance",
    "bad_certificate": "certificat du serveur refusé",
    "certificate_unknown": "certificat du serveur refusé",
    "certificate_expired": "certificat du serveur expiré",
    "certificate_revoked": "certificat du serveur révoqué",
    "unsupported_certificate": "certificat du serveur prévu pour un autre usage",
    "handshake_failure": "aucun réglage commun",
    "protocol_version": "version de TLS refusée",
}
_ERRORS = {
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "le client n'a pas présenté de certificat",
    "CERTIFICATE_VERIFY_FAILED": "le certificat du client est refusé",
    "NO_SHARED_CIPHER": "aucune suite cryptographique commune",
    "UNSUPPORTED_PROTOCOL": "version de TLS trop ancienne",
    "HTTP_REQUEST": "le client a parlé HTTP sans TLS ; l'adresse commence par https://",
    "ConnectionResetError": "le client a fermé la connexion",
    "ConnectionAbortedError": "le client n'a pas achevé la négociation",
}


@provider
def tls_connection(exchange: Exchange) -> TlsConnection:
    """The connection, for an exchange whose TLS was exercised."""
    if not exchange.connection.exercised:
        raise Inconclusive("échange joué en processus : TLS n'a pas été exercé")
    requests = 0 if exchange.request is None else 1
    return TlsConnection(exchange.id, exchange.kind, exchange.times.wall, exchange.connection, requests)


@provider
def client_certificate(exchange: Exchange) -> ClientCertificate:
    """The client certificate of the connection, injected by the mount for an exchange played in process."""
    if exchange.connection.client_der is None:
        raise Inconclusive("aucun certificat client sur cette connexion")
    return ClientCertificate.from_der(exchange.connection.client_der)


@lru_cache(maxsize=64)
def _load(der: bytes) -> x509.Certificate:
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise Inconclusive(f"certificat client illisible : {error}") from error
