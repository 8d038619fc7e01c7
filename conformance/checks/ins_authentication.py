"""How a call to INSi is authenticated: organisation certificate, CPx card, Pro Santé Connect."""

from __future__ import annotations

import re

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.ins.request import (
    AUCUN,
    CERTIFICAT,
    CN_INSI,
    CPS,
    PSC,
    AssertionPs,
    InsRequest,
)
from ..validation.saml.signature import SignatureReport
from .registry import check

_ORDER = ("NomNaissance", "Prenom", "Sexe", "DateNaissance", "LieuNaissance")
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@check("insi.authenticated", covers=("INS-16",), source="SEL-MP-043 §3.2 (modes d'authentification)", confidence="vu")
def call_is_authenticated(request: InsRequest) -> Evidence:
    """Chaque appel à INSi est authentifié, par certificat d'organisation ou par assertion de professionnel."""
    if request.mode == AUCUN and not request.tls:
        raise Inconclusive("TLS non exercé : un certificat client n'aurait pas été vu")
    if request.mode == AUCUN:
        raise CheckFailed(
            "Appel sans authentification",
            expected="un certificat client INSI-MANU/INSI-AUTO, ou une assertion (CPx, Pro Santé Connect)",
            received="ni certificat client, ni assertion",
            at="/soap:Envelope/soap:Header",
            hint="Présenter le certificat INSi dans la négociation TLS, ou joindre l'assertion dans wsse:Security.",
        )
    return Evidence(note=f"mode {request.mode}")


@check("insi.mode-coherent", covers=("INS-16",), source="SEL-MP-043 §3.2 (modes d'authentification)", confidence="vu")
def organisation_certificate_goes_without_assertion(request: InsRequest) -> Evidence:
    """Un appel ne cumule pas le certificat d'organisation INSi et une assertion de professionnel."""
    if request.cn in CN_INSI and request.assertions:
        raise CheckFailed(
            "Assertion de professionnel présente avec un certificat d'organisation",
            expected=f"aucun wsse:Security avec le certificat {request.cn}",
            received=f"{len(request.assertions)} assertion(s)",
            at=request.assertions[0].at,
            hint="Choisir un seul mode : certificat d'organisation en TLS mutuel, ou assertion (CPx, Pro Santé Connect).",
        )
    return Evidence(note=f"un seul mode : {request.mode}")


@check("insi.certificate-cn", covers=("INS-16",), source="certificats INSi ; faute desir_560", confidence="vu")
def certificate_cn_is_exact(request: InsRequest) -> Evidence:
    """Le CN du certificat d'organisation est exactement INSI-MANU ou INSI-AUTO."""
    if request.mode != CERTIFICAT:
        raise Inconclusive("cet appel n'est pas authentifié par certificat d'organisation")
    if request.cn not in CN_INSI:
        raise CheckFailed(
            "Certificat client sans accès à INSi",
            expected=" ou ".join(CN_INSI),
            received=request.cn or "aucun CN",
            at="certificat client TLS, sujet, CN",
            hint="Présenter le certificat commandé pour INSi, pas celui du DMP ; la plateforme répond sinon desir_560.",
        )
    return Evidence(at="certificat client TLS", note=f"CN={request.cn}")


@check(
    "insi.cps-assertion-signed",
    covers=("INS-16",),
    source="SEL-MP-043 §3.2 ; assertion PS d'un client INSi public",
    confidence="vu",
)
def card_assertion_is_signed(request: InsRequest) -> Evidence:
    """L'assertion d'un professionnel authentifié par carte CPx est signée et qualifiée « CPS »."""
    assertion = _assertion(request, CPS)
    if assertion.name_qualifier != "CPS":
        raise CheckFailed(
            "NameQualifier inattendu dans l'assertion",
            expected='NameQualifier="CPS" (ou "PSC" pour Pro Santé Connect)',
            received=assertion.name_qualifier or "absent",
            at=f"{assertion.at}/saml2:Subject/saml2:NameID/@NameQualifier",
            hint="Le qualifieur dit le moyen d'authentification du professionnel.",
        )
    if not assertion.signed:
        raise CheckFailed(
            "Assertion CPS non signée",
            expected="une signature XML de la carte (rsa-sha256) dans l'assertion",
            received="aucun ds:Signature",
            at=assertion.at,
            hint="Signer l'assertion avec la clé de la carte CPx.",
        )
    return Evidence(at=assertion.at)


@check("insi.cps-signature-verifies", covers=("INS-16",), source="SEL-MP-043 §3.2 ; XMLDSig", confidence="vu")
def card_signature_verifies(request: InsRequest, signature: SignatureReport) -> Evidence:
    """La signature de l'assertion CPS est valide et porte sur l'assertion entière."""
    assertion = _assertion(request, CPS)
    if not assertion.signed:
        raise Inconclusive("l'assertion n'est pas signée")
    declared = assertion.element.get("ID", "")
    if signature.error:
        raise CheckFailed(
            "Signature de l'assertion CPS invalide",
            expected="une signature rsa-sha256 vérifiable avec le certificat joint",
            received=signature.error,
            at=signature.at,
            hint="Signer l'assertion telle qu'elle est envoyée, sans la reformater ensuite.",
        )
    if signature.signed_id != declared:
        raise CheckFailed(
            "La signature ne porte pas sur l'assertion",
            expected=f"#{declared}",
            received=f"#{signature.signed_id}" if signature.signed_id else "autre élément",
            at=signature.at,
            hint="La Reference désigne l'attribut ID de l'assertion.",
        )
    return Evidence(at=signature.at)


@check(
    "insi.psc-assertion-unsigned", covers=("INS-17", "PSC-07"), source="SEL-MP-043 §3.2 (mode Pro Santé Connect)", confidence="vu"
)
def psc_assertion_is_not_signed(request: InsRequest) -> Evidence:
    """L'assertion d'un professionnel authentifié par Pro Santé Connect n'est pas signée."""
    assertion = _assertion(request, PSC)
    if assertion.signed:
        raise CheckFailed(
            "Assertion signée en mode Pro Santé Connect",
            expected='NameQualifier="PSC" et aucune signature',
            received="un ds:Signature",
            at=assertion.at,
            hint="En mode Pro Santé Connect, l'assertion est transmise sans signature.",
        )
    return Evidence(at=assertion.at)


@check("insi.assertion-attributes", covers=("INS-16",), source="SEL-MP-043 (attributs de l'assertion)", confidence="vu")
def assertion_names_the_structure(request: InsRequest, settings: Settings) -> Evidence:
    """L'assertion porte le FINESS géographique (sinon le SIRET) de l'établissement et son secteur d'activité."""
    assertion = request.assertion
    if assertion is None:
        raise Inconclusive("aucune assertion dans cet appel")
    billing = assertion.attributes.get("identifiantFacturation", "")
    if (
        billing.removeprefix("1") != settings.structure.finess_eg
        and billing != settings.structure.finess_eg
        and not re.fullmatch(r"3?[0-9]{14}", billing)
    ):
        raise CheckFailed(
            "identifiantFacturation absent ou différent de l'établissement",
            expected=f"{settings.structure.finess_eg} (FINESS géographique) ou un SIRET",
            received=billing or "absent",
            at=f'{assertion.at}//saml2:Attribute[@Name="identifiantFacturation"]',
            hint="Paramétrer le FINESS géographique de l'établissement, pas celui de l'entité juridique.",
        )
    if not assertion.attributes.get("secteurActivite"):
        raise CheckFailed(
            "secteurActivite absent de l'assertion",
            expected="le secteur d'activité de la structure",
            received="absent",
            at=f'{assertion.at}//saml2:Attribute[@Name="secteurActivite"]',
            hint="Paramétrer le secteur d'activité de l'établissement (par exemple SA17).",
        )
    return Evidence(at=assertion.at)


@check("insi.emetteur-matches-authentication", covers=("INS-16",), source="WS_INS2, contextes (Emetteur)", confidence="vu")
def emetteur_is_the_authenticated_party(request: InsRequest) -> Evidence:
    """L'Emetteur des contextes est l'OU du certificat d'organisation ou le numéro du professionnel de l'assertion."""
    if request.assertion is not None:
        expected = request.assertion.name_id
        accepted = {expected, expected[1:] if len(expected) == 12 else f"8{expected}"}
        hint = "Avec une assertion, Emetteur est le numéro du professionnel (NameID), sur 11 ou 12 chiffres."
    elif request.certificate is not None:
        expected = request.certificate.ou
        accepted = {expected}
        hint = "En authentification par certificat, Emetteur est l'OU du certificat client (1 + FINESS EJ, ou 3 + SIRET)."
    else:
        raise Inconclusive("ni assertion ni certificat client : l'émetteur authentifié n'est pas connu")
    for context in request.contexts:
        if context.emetteur not in accepted or not context.emetteur:
            raise CheckFailed(
                "Emetteur différent de la partie authentifiée",
                expected=expected,
                received=context.emetteur or "absent",
                at=f"{context.at}/Emetteur",
                hint=hint,
            )
    return Evidence(at=request.contexts[0].at)


def _assertion(request: InsRequest, mode: str) -> AssertionPs:
    if request.assertion is None or request.mode != mode:
        raise Inconclusive(f"cet appel n'est pas authentifié par {'Pro Santé Connect' if mode == PSC else 'carte CPx'}")
    return request.assertion
