"""VIHF: the XML signature, what it covers, and the certificate that made it (dmp_insi §4.1, VIHF-01, VIHF-02)."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.saml.chain import SignerCertificate, TrustAnchors, build_path
from ..validation.saml.signature import ENVELOPED, EXC_C14N, SignatureReport, covers, embedded_certificates
from ..validation.saml.vihf import Vihf, instant
from ..validation.soap import SoapMessage
from .registry import check

_SECURITY = "/soap:Envelope/soap:Header/wsse:Security"
_CANONICAL = (EXC_C14N, EXC_C14N + "WithComments")


@check(
    "dmp.vihf.single-assertion", covers=("DMP-ALIM-17",), source="Exemples de messages DMP v02.05 (en-tête SOAP)", confidence="vu"
)
def header_holds_one_assertion(message: SoapMessage) -> Evidence:
    """L'en-tête wsse:Security contient exactement une assertion SAML 2.0, le VIHF."""
    count = len(message.assertions())
    if count != 1:
        raise CheckFailed(
            "Aucun VIHF dans l'en-tête SOAP" if count == 0 else "Plusieurs assertions dans l'en-tête SOAP",
            expected="une assertion SAML 2.0 dans wsse:Security",
            received=f"{count} assertion(s)",
            at=_SECURITY,
            hint="Placer le VIHF signé, et lui seul, dans wsse:Security (espace de noms WSS 2004/01 secext-1.0).",
        )
    return Evidence(at=f"{_SECURITY}/saml2:Assertion")


@check("dmp.vihf.signature-valid", covers=("DMP-ALIM-17",), source="VIHF-01 ; XMLDSig §3.2", confidence="vu")
def signature_verifies(report: SignatureReport) -> Evidence:
    """La signature XML du VIHF se vérifie avec le certificat qu'elle contient."""
    if not report.error:
        return Evidence(at=report.at, note=f"signature vérifiée ({_short(report.signature_method)})")
    if report.digest_computed:
        raise CheckFailed(
            "L'assertion reçue n'est pas celle qui a été signée : les condensats diffèrent",
            expected=f"DigestValue = {report.digest_computed} (condensat de l'assertion reçue)",
            received=f"DigestValue = {report.digest_declared}",
            at=f"{report.at}/ds:SignedInfo/ds:Reference/ds:DigestValue",
            hint="Ne plus rien changer après la signature : espaces de noms, préfixes, indentation, ordre et valeurs.",
        )
    raise CheckFailed(
        f"Signature du VIHF invalide : {report.error}",
        expected="une signature XML enveloppée, vérifiable avec le certificat de ds:KeyInfo",
        received=report.error,
        at=f"{report.at}/ds:SignatureValue" if report.count else report.at,
        hint="Signer l'assertion avec la clé privée du certificat joint (ORG_SIGN, ou signature de la carte en mode DIRECTE).",
    )


@check("dmp.vihf.signature-covers-assertion", covers=("DMP-ALIM-17",), source="VIHF-01 ; SAML 2.0 core §5.4.2", confidence="vu")
def signature_covers_assertion(report: SignatureReport, vihf: Vihf) -> Evidence:
    """La signature porte sur l'assertion entière, et sur rien d'autre."""
    if report.count == 0:
        raise Inconclusive("l'assertion n'est pas signée")
    if not covers(report, vihf):
        raise CheckFailed(
            "La signature ne couvre pas exactement l'assertion",
            expected=f"une seule signature, avec une seule ds:Reference dont URI = « #{vihf.id} »",
            received=f"{report.count} signature(s), URI = {', '.join(report.references) or 'aucune'}",
            at=f"{report.at}/ds:SignedInfo/ds:Reference",
            hint="Mettre dans Reference/@URI un dièse suivi de la valeur exacte de Assertion/@ID.",
        )
    return Evidence(at=f"{report.at}/ds:SignedInfo/ds:Reference", note=f"référence {report.references[0]}")


@check("dmp.vihf.signature-transforms", covers=("DMP-ALIM-17",), source="Exemples de jeton VIHF (package DMP)", confidence="vu")
def signature_uses_expected_transforms(report: SignatureReport) -> Evidence:
    """La signature est enveloppée et canonisée par exc-c14n, dans cet ordre de transformations."""
    if report.count == 0:
        raise Inconclusive("l'assertion n'est pas signée")
    first, *rest = report.transforms or ("",)
    if first != ENVELOPED or len(rest) != 1 or rest[0] not in _CANONICAL:
        raise CheckFailed(
            "Transformations de la signature du VIHF inattendues",
            expected=f"{ENVELOPED} puis {EXC_C14N}",
            received=" puis ".join(report.transforms) or "aucune transformation",
            at=f"{report.at}/ds:SignedInfo/ds:Reference/ds:Transforms",
            hint="Déclarer les deux transformations, enveloped-signature d'abord.",
        )
    if report.canonicalization not in _CANONICAL:
        raise CheckFailed(
            "Canonisation de SignedInfo inattendue",
            expected=EXC_C14N,
            received=report.canonicalization or "absente",
            at=f"{report.at}/ds:SignedInfo/ds:CanonicalizationMethod",
            hint="La canonisation inclusive dépend de l'enveloppe SOAP : utiliser la canonisation exclusive.",
        )
    return Evidence(at=f"{report.at}/ds:SignedInfo")


@check("dmp.vihf.signature-algorithm", covers=("DMP-ALIM-17",), source="Exemples de jeton VIHF de 2024", confidence="infere")
def signature_avoids_sha1(report: SignatureReport) -> Evidence:
    """La signature du VIHF utilise SHA-256 ou mieux, pas SHA-1."""
    if report.count == 0:
        raise Inconclusive("l'assertion n'est pas signée")
    used = (report.signature_method, *report.digest_methods)
    if any("sha1" in algorithm.lower() for algorithm in used):
        raise CheckFailed(
            "Le VIHF est signé avec SHA-1",
            expected="rsa-sha256 et un condensat sha256",
            received=" ; ".join(_short(algorithm) for algorithm in used),
            at=f"{report.at}/ds:SignedInfo/ds:SignatureMethod",
            hint="Les exemples de 2019-2020 utilisent SHA-1 ; ceux de 2024 et les cartes actuelles SHA-256. Passer à SHA-256.",
        )
    return Evidence(at=f"{report.at}/ds:SignedInfo", note=_short(report.signature_method))


@check("dmp.vihf.certificate-embedded", covers=("DMP-ALIM-17",), source="Exemples de jeton VIHF (package DMP)", confidence="vu")
def signature_embeds_certificate(report: SignatureReport, vihf: Vihf) -> Evidence:
    """La signature contient le certificat X.509 du signataire, lisible."""
    at = f"{report.at}/ds:KeyInfo/ds:X509Data/ds:X509Certificate"
    found = embedded_certificates(vihf)
    if not found:
        raise CheckFailed(
            "Pas de certificat lisible dans la signature du VIHF",
            expected="ds:KeyInfo/ds:X509Data/ds:X509Certificate : certificat DER en base64",
            received="aucun certificat lisible" if report.count else "assertion non signée",
            at=at,
            hint="Joindre le certificat de signature en base64, sans les lignes BEGIN et END.",
        )
    return Evidence(at=at, note=f"certificat de {found[0].x509.subject.rfc4514_string()}")


@check(
    "dmp.vihf.certificate-trusted", covers=("DMP-ALIM-17",), source="VIHF-02 ; EX_GEN-1450 (IGC-Santé)", confidence="secondaire"
)
def certificate_chains_to_anchor(vihf: Vihf, signer: SignerCertificate, anchors: TrustAnchors) -> Evidence:
    """Le certificat signataire du VIHF est délivré par une autorité reconnue et n'est pas révoqué."""
    moment = _issued(vihf)
    path = build_path(signer.x509, signer.others, anchors, moment)
    if not path.anchor:
        raise CheckFailed(
            "Certificat signataire du VIHF révoqué" if path.revoked else "Certificat signataire du VIHF non reconnu",
            expected="un certificat de l'IGC-Santé de test de ce banc (ou d'une autorité de [pki] ac_clientes), non révoqué",
            received=path.reason,
            at=path.revoked or signer.at,
            hint="Utiliser le certificat « sign » de services.json, ou ajouter votre autorité de test à [pki] ac_clientes.",
        )
    return Evidence(at=signer.at, note=f"ancre de confiance : {path.anchor}")


@check(
    "dmp.vihf.certificate-valid-at-issue", covers=("DMP-ALIM-17",), source="VIHF-02 ; RFC 5280 §4.1.2.5", confidence="secondaire"
)
def certificate_is_valid_at_issue_instant(vihf: Vihf, signer: SignerCertificate) -> Evidence:
    """Le certificat signataire du VIHF est en cours de validité à l'instant d'émission."""
    moment = _issued(vihf)
    start, end = signer.x509.not_valid_before_utc, signer.x509.not_valid_after_utc
    if not start <= moment <= end:
        raise CheckFailed(
            "Certificat signataire du VIHF expiré" if moment > end else "Certificat signataire du VIHF pas encore valide",
            expected=f"une validité qui contient {vihf.issue_instant}",
            received=f"du {start:%Y-%m-%dT%H:%M:%SZ} au {end:%Y-%m-%dT%H:%M:%SZ}",
            at=signer.at,
            hint="Renouveler le certificat de signature ; vérifier aussi l'horloge du serveur.",
        )
    return Evidence(at=signer.at, note=f"valide jusqu'au {end:%Y-%m-%d}")


@check(
    "dmp.vihf.certificate-key-usage", covers=("DMP-ALIM-17",), source="VIHF-02 (KeyUsage du certificat)", confidence="secondaire"
)
def certificate_may_sign(signer: SignerCertificate) -> Evidence:
    """Le certificat signataire du VIHF porte l'usage digitalSignature ou nonRepudiation."""
    try:
        usage = signer.x509.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        usage = None
    if usage is None or not (usage.digital_signature or usage.content_commitment):
        raise CheckFailed(
            "Le certificat signataire du VIHF n'est pas un certificat de signature",
            expected="KeyUsage digitalSignature ou nonRepudiation",
            received="extension KeyUsage absente" if usage is None else "aucun de ces deux usages",
            at=signer.at,
            hint="Signer avec le certificat ORG_SIGN (ou le certificat de signature de la carte), pas avec un autre.",
        )
    return Evidence(at=signer.at)


def _issued(vihf: Vihf) -> datetime:
    moment = instant(vihf.issue_instant)
    if moment is None:
        raise Inconclusive("IssueInstant illisible : la validité du certificat ne peut pas être jugée")
    return moment


def _short(algorithm: str) -> str:
    return algorithm.rpartition("#")[2] or algorithm or "non déclaré"
