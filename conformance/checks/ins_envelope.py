"""The envelope of a call to INSi: addressing, contexts BAM and LPS, authorisation number, software identity."""

from __future__ import annotations

import re

from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.ins.request import (
    ACTIONS,
    PROVISOIRES,
    RECHERCHE_VITALE,
    Contexte,
    InsRequest,
)
from ..validation.software import SoftwareIdentity, same_software
from ..validation.xml import local_name
from .registry import check

_ORDER = ("NomNaissance", "Prenom", "Sexe", "DateNaissance", "LieuNaissance")
_UUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"


@check("insi.soap-version", covers=("INS-01",), source="WSDL INSi (ICIR-v1)", confidence="vu")
def insi_request_is_soap12(request: InsRequest) -> Evidence:
    """L'appel à INSi est une enveloppe SOAP 1.2."""
    if request.soap_version != "1.2":
        raise CheckFailed(
            "Enveloppe SOAP d'une autre version que 1.2",
            expected="http://www.w3.org/2003/05/soap-envelope",
            received=f"SOAP {request.soap_version}",
            at="/soap:Envelope",
            hint="Le port ICIRService est lié à SOAP 1.2 : Content-Type application/soap+xml et espace de noms SOAP 1.2.",
        )
    return Evidence(at="/soap:Envelope")


@check("insi.action-matches-operation", covers=("INS-01",), source="WSDL INSi (soapAction)", confidence="vu")
def action_names_the_operation_of_the_body(request: InsRequest) -> Evidence:
    """L'en-tête wsa:Action et le paramètre action du Content-Type désignent l'opération portée par le corps."""
    expected = ACTIONS[request.operation]
    if request.operation in PROVISOIRES:
        raise Inconclusive("l'action officielle de la vérification n'est pas connue (opération provisoire)")
    if request.action != expected:
        raise CheckFailed(
            "wsa:Action différente de l'opération appelée",
            expected=expected,
            received=request.action or "absente",
            at="/soap:Envelope/soap:Header/wsa:Action",
            hint="Recopier l'action de l'opération dans wsa:Action et dans le Content-Type.",
        )
    if request.http_action and request.http_action != expected:
        raise CheckFailed(
            "Paramètre action du Content-Type différent de wsa:Action",
            expected=expected,
            received=request.http_action,
            at="en-tête HTTP Content-Type",
            hint='Content-Type: application/soap+xml; charset=utf-8; action="…" avec la même valeur que wsa:Action.',
        )
    return Evidence(at="/soap:Envelope/soap:Header/wsa:Action")


@check("insi.message-id-prefix", covers=("INS-01",), source="exemple WS_INS2 du kit DMP/INSi", confidence="vu")
def message_id_is_a_uuid_uri(request: InsRequest) -> Evidence:
    """L'identifiant wsa:MessageID est « uuid: » suivi d'un UUID."""
    if not re.fullmatch("uuid:" + _UUID, request.message_id):
        raise CheckFailed(
            "wsa:MessageID mal formé",
            expected="uuid:xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            received=request.message_id or "absent",
            at="/soap:Envelope/soap:Header/wsa:MessageID",
            hint="INSi attend le préfixe « uuid: », pas « urn:uuid: » comme le DMP.",
        )
    return Evidence(at="/soap:Envelope/soap:Header/wsa:MessageID")


@check("insi.context-bam", covers=("INS-01",), source="schéma ContexteBAM 01_02", confidence="vu")
def bam_context_is_complete(request: InsRequest) -> Evidence:
    """L'en-tête porte un ContexteBAM de version 01_02 avec Id, Temps et COUVERTURE."""
    context = _context(request.contexte_bam, "ContexteBAM", "urn:siram:bam:ctxbam")
    _version(context, "01_02", "CTXBAM")
    if context.element.find("{urn:siram:bam:ctxbam}COUVERTURE") is None:
        raise CheckFailed(
            "ContexteBAM sans élément COUVERTURE",
            expected="un élément COUVERTURE, vide pour la recherche par traits",
            received="absent",
            at=context.at,
            hint="Ajouter <COUVERTURE/> à la fin du ContexteBAM.",
        )
    return Evidence(at=context.at)


@check("insi.context-lps", covers=("INS-01",), source="schéma ContexteLPS 01_00", confidence="vu")
def lps_context_is_complete(request: InsRequest) -> Evidence:
    """L'en-tête porte un ContexteLPS de version 01_00 et de nature CTXLPS avec Id, Temps et LPS."""
    context = _context(request.contexte_lps, "ContexteLPS", "urn:siram:lps:ctxlps")
    _version(context, "01_00", "CTXLPS")
    if context.element.find("{urn:siram:lps:ctxlps}LPS") is None:
        raise CheckFailed(
            "ContexteLPS sans élément LPS",
            expected="un élément LPS avec IDAM, Version, Instance et Nom",
            received="absent",
            at=context.at,
            hint="Décrire le logiciel dans ContexteLPS/LPS.",
        )
    return Evidence(at=context.at)


@check("insi.context-time-fresh", covers=("INS-01",), source="WS_INS2, contextes (Temps)", confidence="vu")
def contexts_bear_the_time_of_the_call(request: InsRequest, settings: Settings) -> Evidence:
    """Le Temps de chaque contexte est l'heure de l'appel."""
    if request.received is None:
        raise Inconclusive("heure de réception inconnue")
    tolerance = settings.services.tolerance_horloge
    for context in request.contexts:
        temps, written = context.temps, context.fields.get("Temps", "")
        if written and temps is None:
            raise CheckFailed(
                "Temps du contexte sans fuseau, ou mal formé",
                expected="AAAA-MM-JJThh:mm:ss, avec ou sans fraction, suivi de Z ou de +hh:mm",
                received=written,
                at=f"{context.at}/Temps",
                hint="Écrire l'instant avec son fuseau (Z pour UTC) : sans lui, l'heure est ambiguë.",
            )
        gap = None if temps is None else abs((temps - request.received).total_seconds())
        if gap is None or gap > tolerance:
            raise CheckFailed(
                "Temps du contexte éloigné de l'heure de l'appel",
                expected=f"{request.received:%Y-%m-%dT%H:%M:%SZ} à {tolerance:.0f} s près",
                received=written or "absent",
                at=f"{context.at}/Temps",
                hint="Écrire l'instant de l'appel, avec son fuseau (Z pour UTC), et mettre le poste à l'heure (NTP).",
            )
    return Evidence(at=request.contexts[0].at)


@check("insi.idam-declared", covers=("INS-01",), source="WS_INS2, LPS/IDAM ; faute siram_100/desir_550", confidence="vu")
def idam_is_the_authorisation_number(request: InsRequest, settings: Settings) -> Evidence:
    """L'IDAM porte l'attribut R="4" et le numéro d'autorisation du logiciel."""
    context = _context(request.contexte_lps, "ContexteLPS", "urn:siram:lps:ctxlps")
    idam = context.element.find("{urn:siram:lps:ctxlps}LPS/{urn:siram:lps:ctxlps}IDAM")
    at = f"{context.at}/LPS/IDAM"
    if idam is None or idam.get("R") != "4":
        raise CheckFailed(
            'IDAM absent ou sans l\'attribut R="4"',
            expected='<IDAM R="4">',
            received="absent" if idam is None else f'R="{idam.get("R", "")}"',
            at=at,
            hint="Déclarer le numéro d'autorisation délivré par le CNDA dans LPS/IDAM.",
        )
    value = (idam.text or "").strip()
    if value != settings.insi.idam:
        raise CheckFailed(
            "IDAM différent du numéro d'autorisation déclaré",
            expected=settings.insi.idam,
            received=value or "vide",
            at=at,
            hint="Vérifier [insi] idam dans dui.toml et le paramétrage du DUI.",
        )
    return Evidence(at=at)


@check("insi.lps-identity", covers=("GEN-02",), source="WS_INS2, ContexteLPS/LPS (Nom, Version)", confidence="vu")
def lps_name_and_version_are_the_declared_ones(software: SoftwareIdentity, settings: Settings) -> Evidence:
    """Le nom et la version du logiciel dans le ContexteLPS sont ceux déclarés pour le produit."""
    names = (settings.produit.nom, settings.dmp.lps_nom)
    versions = (settings.produit.version, settings.dmp.lps_version)
    if not any(same_software(software.nom, name) for name in names):
        raise CheckFailed(
            "Nom de logiciel différent de celui du produit",
            expected=" ou ".join(dict.fromkeys(names)),
            received=software.nom or "absent",
            at=software.at,
            hint="Le nom, la version et la référence produit sont les mêmes dans tous les flux (MSSanté, INSi, DMP).",
        )
    if software.version not in versions:
        raise CheckFailed(
            "Version de logiciel différente de celle du produit",
            expected=" ou ".join(dict.fromkeys(versions)),
            received=software.version or "absente",
            at=software.at,
            hint="Alimenter LPS/Version par la version réelle du logiciel installé.",
        )
    return Evidence(at=software.at)


@check("insi.lps-instance", covers=("INS-01",), source="WS_INS2, LPS/Instance", confidence="vu")
def lps_instance_is_present(request: InsRequest) -> Evidence:
    """Le ContexteLPS identifie l'installation par une Instance de la forme d'un UUID."""
    context = _context(request.contexte_lps, "ContexteLPS", "urn:siram:lps:ctxlps")
    at = f"{context.at}/LPS/Instance"
    value = instance_of(context)
    if not re.fullmatch(_UUID, value):
        raise CheckFailed(
            "Instance du logiciel absente ou mal formée",
            expected="un UUID propre à l'installation",
            received=value or "absente",
            at=at,
            hint="Tirer un UUID à l'installation, le garder et l'écrire dans LPS/Instance.",
        )
    return Evidence(at=at)


@check("insi.couverture-empty", covers=("INS-01",), source="WS_INS2, ContexteBAM/COUVERTURE", confidence="vu")
def coverage_is_empty_without_card(request: InsRequest) -> Evidence:
    """La COUVERTURE est vide dans une recherche par traits."""
    context = _context(request.contexte_bam, "ContexteBAM", "urn:siram:bam:ctxbam")
    coverage = context.element.find("{urn:siram:bam:ctxbam}COUVERTURE")
    if request.operation == RECHERCHE_VITALE or coverage is None:
        raise Inconclusive("aucune COUVERTURE de recherche par traits à juger")
    if len(coverage) or (coverage.text or "").strip():
        raise CheckFailed(
            "COUVERTURE remplie dans une recherche par traits",
            expected="<COUVERTURE/>",
            received=", ".join(local_name(c) for c in coverage if isinstance(c.tag, str)) or "du texte",
            at=f"{context.at}/COUVERTURE",
            hint="ASSURE et BENEFICIAIRE ne servent qu'à la recherche par carte Vitale.",
        )
    return Evidence(at=f"{context.at}/COUVERTURE")


@check("insi.couverture-vitale", covers=("INS-02",), source="WS_INS1, ContexteBAM/COUVERTURE", confidence="vu")
def coverage_holds_the_card_data(request: InsRequest) -> Evidence:
    """La COUVERTURE d'une recherche par carte Vitale porte l'assuré et le bénéficiaire lus dans la carte."""
    if request.operation != RECHERCHE_VITALE:
        raise Inconclusive("cet appel n'est pas une recherche par carte Vitale")
    context = _context(request.contexte_bam, "ContexteBAM", "urn:siram:bam:ctxbam")
    namespace = "{urn:siram:bam:ctxbam}"
    wanted = ("ASSURE/Id/Num", "ASSURE/Id/Cle", "BENEFICIAIRE/DateNai", "BENEFICIAIRE/Rang")
    missing = [
        path
        for path in wanted
        if not context.element.findtext("/".join(namespace + step for step in ("COUVERTURE", *path.split("/"))))
    ]
    if missing:
        raise CheckFailed(
            "COUVERTURE incomplète dans une recherche par carte Vitale",
            expected=", ".join(wanted),
            received=f"manque {', '.join(missing)}",
            at=f"{context.at}/COUVERTURE",
            hint="Recopier les données lues dans la carte Vitale.",
        )
    return Evidence(at=f"{context.at}/COUVERTURE", fired=len(wanted))


def instance_of(context: Contexte) -> str:
    """LPS/Instance of a ContexteLPS, ``""`` when absent."""
    namespace = "{urn:siram:lps:ctxlps}"
    return (context.element.findtext(f"{namespace}LPS/{namespace}Instance") or "").strip()


def _context(context: Contexte | None, name: str, namespace: str) -> Contexte:
    if context is None:
        raise CheckFailed(
            f"En-tête sans {name}",
            expected=f"un élément {name} (espace de noms {namespace})",
            received="absent",
            at="/soap:Envelope/soap:Header",
            hint="Les contextes BAM et LPS accompagnent chaque appel à INSi.",
        )
    return context


def _version(context: Contexte, version: str, nature: str) -> None:
    if context.version != version or context.nature not in ("", nature):
        raise CheckFailed(
            "Version ou nature du contexte inattendue",
            expected=f'Version="{version}" Nature="{nature}"',
            received=f'Version="{context.version}" Nature="{context.nature}"',
            at=context.at,
            hint="Recopier la version du schéma du contexte.",
        )
    missing = [name for name in ("Id", "Temps", "Emetteur") if not context.fields.get(name)]
    if missing:
        raise CheckFailed(
            "Contexte incomplet",
            expected="Id, Temps et Emetteur",
            received=f"manque {', '.join(missing)}",
            at=context.at,
            hint="Id change à chaque appel, Temps est l'instant de l'appel, Emetteur la partie authentifiée.",
        )
