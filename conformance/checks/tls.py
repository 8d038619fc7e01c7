"""The TLS side of a DUI: version, suites, its own certificate, and its refusal of a bad server certificate."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.tls import ClientCertificate, TlsConnection
from .registry import check

MODERN = ("TLSv1.2", "TLSv1.3")
DMP_SUITES = ("ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-AES128-GCM-SHA256")
_AT = "négociation TLS"
_CLIENT = "certificat client TLS"
_DEFECTS = {
    "bon": "bon",
    "expire": "expiré",
    "pas-encore-valide": "pas encore valide",
    "revoque": "révoqué",
    "autre-ac": "émis par une autorité inconnue",
    "mauvais-hote": "au nom d'un autre hôte",
    "mauvais-usage": "prévu pour un autre usage",
    "tls-1-1": "présenté en TLS 1.1",
    "suite-sans-chiffrement": "présenté sans chiffrement",
}
_AFTER_THE_SUITE = ("CERTIFICATE_VERIFY_FAILED", "PEER_DID_NOT_RETURN_A_CERTIFICATE")
_REASONS = {
    "certificate has expired": "certificat client expiré",
    "certificate is not yet valid": "certificat client pas encore valide",
    "certificate revoked": "certificat client révoqué",
    "self-signed certificate in certificate chain": "certificat client émis par une autorité inconnue",
    "self-signed certificate": "certificat client autosigné",
    "unable to get local issuer certificate": "certificat client émis par une autorité inconnue",
    "unsuitable certificate purpose": "certificat client prévu pour un autre usage que l'authentification TLS",
}


@check("tls.version-1-2", covers=("PSC-01", "DMP-ALIM-17"), source="PDT-INF-579v4 (TLS 1.2) ; PSC, TLS ≥ 1.2", confidence="vu")
def version_is_1_2_or_later(connection: TlsConnection) -> Evidence:
    """Le logiciel négocie TLS 1.2 ou une version ultérieure."""
    seen = connection.connection
    if seen.version in MODERN:
        return Evidence(at=_AT, note=f"{seen.version}, {seen.cipher}")
    if seen.version or seen.error in ("UNSUPPORTED_PROTOCOL", "VERSION_TOO_LOW", "NO_PROTOCOLS_AVAILABLE"):
        raise CheckFailed(
            "Version de TLS trop ancienne",
            expected="TLS 1.2 ou TLS 1.3",
            received=seen.version or f"versions proposées : {', '.join(seen.offered_versions) or 'aucune connue'}",
            at=_AT,
            hint="Activer TLS 1.2 dans la bibliothèque TLS ou dans le système, et désactiver les versions antérieures.",
        )
    if seen.error in (*_AFTER_THE_SUITE, "NO_SHARED_CIPHER"):
        return Evidence(at=_AT, note="version convenue avant l'échec de la négociation")
    raise Inconclusive(f"négociation TLS interrompue avant le choix d'une version ({seen.error or 'raison inconnue'})")


@check(
    "tls.no-obsolete-version-offered",
    covers=("PSC-01",),
    source="Référentiel Pro Santé Connect (TLS ≥ 1.2 seulement)",
    confidence="secondaire",
)
def no_obsolete_version_is_offered(connection: TlsConnection) -> Evidence:
    """Le logiciel ne propose aucune version de TLS antérieure à la 1.2."""
    offered = connection.connection.offered_versions
    if not offered:
        raise Inconclusive("les versions proposées par le client ne sont pas connues")
    obsolete = [version for version in offered if version not in MODERN]
    if obsolete:
        raise CheckFailed(
            "Versions obsolètes de TLS proposées",
            expected="TLS 1.2 et TLS 1.3 seulement",
            received=", ".join(offered),
            at=f"{_AT}, ClientHello",
            hint="Fixer à TLS 1.2 la version minimale du client.",
        )
    return Evidence(at=f"{_AT}, ClientHello", note=", ".join(offered))


@check("tls.dmp-suite", covers=("DMP-ALIM-17",), source="PDT-INF-579v4 (suites pour les LPS)", confidence="vu")
def suite_is_one_of_the_dmp(connection: TlsConnection) -> Evidence:
    """Le logiciel négocie avec le DMP une des trois suites cryptographiques admises."""
    seen = connection.connection
    if seen.cipher in DMP_SUITES:
        return Evidence(at=_AT, note=seen.cipher)
    if seen.cipher or seen.error == "NO_SHARED_CIPHER":
        raise CheckFailed(
            "Aucune suite cryptographique commune avec le DMP",
            expected=", ".join(DMP_SUITES),
            received=seen.cipher or f"suites proposées : {', '.join(seen.offered_ciphers) or 'aucune connue'}",
            at=f"{_AT}, ClientHello",
            hint="Proposer ECDHE-RSA avec AES-GCM (ou AES256-CBC-SHA384) en TLS 1.2.",
        )
    if seen.error in _AFTER_THE_SUITE:
        return Evidence(at=_AT, note="suite convenue avant l'échec de la négociation")
    raise Inconclusive(f"négociation TLS interrompue avant le choix d'une suite ({seen.error or 'raison inconnue'})")


@check(
    "tls.client-certificate-presented",
    covers=("DMP-ALIM-17", "INS-16"),
    source="DMP : TLS mutuel (PDT-INF-579v4) ; INSi : accès par certificat d'organisation",
    confidence="vu",
)
def client_certificate_is_presented(connection: TlsConnection) -> Evidence:
    """Le logiciel présente un certificat client dans la négociation TLS."""
    seen = connection.connection
    if seen.client_der is not None or seen.error == "CERTIFICATE_VERIFY_FAILED":
        return Evidence(at=_CLIENT, note="certificat présenté")
    if seen.established or seen.error == "PEER_DID_NOT_RETURN_A_CERTIFICATE":
        raise CheckFailed(
            "Aucun certificat client présenté",
            expected="un certificat ORG_AUTH_CLI (ou la carte du professionnel) et la preuve de sa clé",
            received="aucun certificat",
            at=_AT,
            hint="Charger dans le contexte TLS du client le certificat, sa clé et le certificat de l'autorité intermédiaire.",
        )
    raise Inconclusive(f"négociation TLS interrompue avant le certificat du client ({seen.error or 'raison inconnue'})")


@check(
    "tls.client-certificate-valid",
    covers=("DMP-ALIM-17", "INS-16"),
    source="IGC-Santé : certificat en cours de validité, non révoqué, pour l'authentification",
    confidence="vu",
)
def client_certificate_is_valid(connection: TlsConnection) -> Evidence:
    """Le certificat client est en cours de validité, non révoqué, d'une autorité admise et fait pour l'authentification TLS."""
    seen = connection.connection
    if seen.error == "CERTIFICATE_VERIFY_FAILED":
        raise CheckFailed(
            "Certificat client refusé par le service",
            expected="un certificat valide, non révoqué, de l'IGC-Santé (ici, son simulateur), pour l'authentification client",
            received=_REASONS.get(seen.detail, seen.detail or "vérification du certificat en échec"),
            at=_CLIENT,
            hint="Renouveler le certificat ou choisir le bon : ORG_AUTH_CLI pour TLS, jamais ORG_SIGN.",
        )
    if seen.client_der is None:
        raise Inconclusive("aucun certificat client sur cette connexion")
    found = ClientCertificate.from_der(seen.client_der).x509
    if not found.not_valid_before_utc <= connection.at <= found.not_valid_after_utc:
        raise CheckFailed(
            "Certificat client hors de sa période de validité",
            expected=f"une date entre {found.not_valid_before_utc:%d/%m/%Y} et {found.not_valid_after_utc:%d/%m/%Y}",
            received=f"{connection.at:%d/%m/%Y}",
            at=_CLIENT,
            hint="Renouveler le certificat.",
        )
    return Evidence(at=_CLIENT, note=f"valide jusqu'au {found.not_valid_after_utc:%d/%m/%Y}")


@check(
    "tls.client-is-organisation-certificate",
    covers=("DMP-ALIM-17", "INS-16"),
    source="IGC-Santé, gamme élémentaire : sujet avec OU = Struct_IdNat, émetteur ELEMENTAIRE ORGANISATIONS",
    confidence="vu",
)
def client_is_an_organisation(connection: TlsConnection, certificate: ClientCertificate, settings: Settings) -> Evidence:
    """Le certificat client est un certificat d'organisation de l'IGC-Santé (une carte de professionnel en mode DIRECTE)."""
    if settings.dmp.mode == "DIRECTE" and _is_card(certificate):
        return Evidence(at=_CLIENT, note="carte de professionnel, mode DIRECTE")
    if "ELEMENTAIRE ORGANISATIONS" not in certificate.issuer_cn.upper():
        raise CheckFailed(
            "Certificat client qui n'est pas d'une organisation",
            expected="un émetteur « IGC-SANTE ELEMENTAIRE ORGANISATIONS »",
            received=certificate.issuer_rfc4514,
            at=f"{_CLIENT}, émetteur",
            hint="Commander un certificat logiciel d'organisation (ORG_AUTH_CLI) à l'IGC-Santé.",
        )
    if not re.fullmatch(r"1[0-9A-Z]{9}|3[0-9]{14}", certificate.ou):
        raise CheckFailed(
            "OU du certificat client sans identifiant de structure",
            expected="OU = 1 suivi du FINESS, ou 3 suivi du SIRET",
            received=certificate.ou or "aucun OU",
            at=f"{_CLIENT}, sujet, OU",
            hint="Vérifier le type du certificat : seuls ceux d'une organisation portent son identifiant national dans l'OU.",
        )
    return Evidence(at=f"{_CLIENT}, sujet", note=certificate.subject_rfc4514)


@check(
    "tls.certificate-belongs-to-ej",
    covers=("DMP-ALIM-17",),
    source="DUI Vague 2 : certificat logiciel porté par le FINESS de l'entité juridique",
    confidence="vu",
)
def certificate_belongs_to_the_legal_entity(
    connection: TlsConnection, certificate: ClientCertificate, settings: Settings
) -> Evidence:
    """Le certificat client d'organisation porte le FINESS de l'entité juridique (EJ), non celui d'un établissement (EG)."""
    if _is_card(certificate) and settings.dmp.mode == "DIRECTE":
        return Evidence(at=f"{_CLIENT}, sujet", note="carte de professionnel, mode DIRECTE : pas de FINESS à comparer")
    if _is_card(certificate):
        raise Inconclusive("carte de professionnel : elle ne porte pas de FINESS")
    expected = f"1{settings.structure.finess_ej}"
    if certificate.ou == expected:
        return Evidence(at=f"{_CLIENT}, sujet, OU", note=f"OU={certificate.ou}")
    geographic = certificate.ou == f"1{settings.structure.finess_eg}"
    raise CheckFailed(
        "Certificat client d'un établissement au lieu de l'entité juridique"
        if geographic
        else "Certificat client d'une autre structure",
        expected=f"OU={expected}",
        received=f"OU={certificate.ou}" + (" (FINESS géographique)" if geographic else ""),
        at=f"{_CLIENT}, sujet, OU",
        hint="Commander le certificat sur le FINESS juridique de l'organisme gestionnaire, ou corriger [structure] de dui.toml.",
    )


@check(
    "tls.no-byte-after-bad-certificate",
    covers=("PSC-01", "DMP-ALIM-08"),
    source="RFC 5280 §6, RFC 9110 §4.3.4 : le client vérifie le certificat du serveur avant d'envoyer",
    confidence="vu",
)
def nothing_is_sent_after_a_bad_certificate(connections: Sequence[TlsConnection]) -> Evidence:
    """Le logiciel n'envoie aucun octet à un serveur dont le certificat est mauvais."""
    bad = [c for c in connections if c.connection.server_certificate != "bon"]
    if not bad:
        raise Inconclusive("aucune connexion pendant que le mauvais certificat était présenté")
    if not any(c.connection.server_certificate == "bon" and c.requests for c in connections):
        raise Inconclusive("aucun échange témoin avec le bon certificat sur ce service")
    for each in bad:
        seen = each.connection
        if not each.requests and not seen.application_bytes:
            continue
        defect = _DEFECTS.get(seen.server_certificate, seen.server_certificate)
        raise CheckFailed(
            f"Données envoyées à un serveur dont le certificat est {defect}",
            expected="aucun octet après la négociation TLS",
            received="une requête HTTP complète" if each.requests else f"{seen.application_bytes} octets",
            at=f"connexion {seen.id}",
            hint="Vérifier l'autorité, les dates et le nom d'hôte du certificat ; ne jamais désactiver cette vérification.",
        )
    alerts = sorted({c.connection.alert for c in bad if c.connection.alert})
    told = f"alerte TLS : {', '.join(alerts)}" if alerts else "sans alerte TLS"
    return Evidence(at=_AT, note=f"{len(bad)} connexion(s) sans aucun octet, {told}", fired=len(bad))


def _is_card(certificate: ClientCertificate) -> bool:
    return "PERSONNES" in certificate.issuer_cn.upper()
