"""ViaTrajectoire: who calls. Mutual TLS by the legal entity, token by client_credentials, establishment that a call names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.sdo.call import SdoCall, TokenRequest
from .registry import check

SECURITE = "SDO 4.0.7, page sécurité (spécification ViaTrajectoire)"
VT10 = ("VT-10",)
ESSAIS = 3
"""Refused calls in a row after which a DUI insists."""


@check("sdo.acces.client-credentials", covers=VT10, source=f"{SECURITE} ; RFC 6749 §4.4", confidence="vu")
def grant_is_client_credentials(request: TokenRequest) -> Evidence:
    """Le jeton est demandé par POST d'un formulaire, avec grant_type=client_credentials."""
    form = request.content_type.lower().startswith("application/x-www-form-urlencoded")
    if request.method != "POST" or not form or request["grant_type"] != "client_credentials":
        raise CheckFailed(
            "Demande de jeton qui n'est pas client_credentials",
            expected="POST, application/x-www-form-urlencoded, grant_type=client_credentials",
            received=f"{request.method}, {request.content_type or 'sans type'}, grant_type={request['grant_type'] or 'absent'}",
            at="demande de jeton, paramètre grant_type",
            hint="ViaTrajectoire reconnaît la structure, pas un utilisateur : ni code, ni mot de passe, ni échange de jeton.",
        )
    return Evidence(at="demande de jeton, paramètre grant_type")


@check("sdo.acces.client-connu", covers=VT10, source=SECURITE, confidence="vu")
def client_is_the_registered_one(request: TokenRequest, settings: Settings) -> Evidence:
    """Le client est celui que ViaTrajectoire a donné, avec son secret."""
    if request.client_id != settings.viatrajectoire.client_id or not request.secret:
        raise CheckFailed(
            "client_id inconnu, ou secret absent",
            expected=f"client_id={settings.viatrajectoire.client_id}, avec client_secret",
            received=f"client_id={request.client_id or 'absent'}, {'avec' if request.secret else 'sans'} secret",
            at="demande de jeton, client",
            hint="Reprendre client_id et client_secret de services.json, rubrique viatrajectoire.",
        )
    return Evidence(at="demande de jeton, client")


@check("sdo.acces.secret-hors-adresse", covers=VT10, source="RFC 6749 §2.3.1", confidence="vu")
def secret_is_not_in_the_address(request: TokenRequest) -> Evidence:
    """Le secret du client ne voyage pas dans l'adresse."""
    if "adresse" in request.secret_in:
        raise CheckFailed(
            "Secret du client dans l'adresse",
            expected="client_secret dans le corps ou dans l'en-tête Authorization",
            received="client_secret dans l'adresse",
            at="demande de jeton, adresse",
            hint="Une adresse s'écrit dans les journaux des serveurs : mettre le secret dans le formulaire.",
        )
    return Evidence(at=f"demande de jeton, {', '.join(request.secret_in) or 'sans secret'}")


@check("sdo.acces.certificat", covers=VT10, source=f"{SECURITE} : TLS mutuel, certificat IGC-Santé du FINESS EJ", confidence="vu")
def certificate_is_that_of_the_legal_entity(call: SdoCall, settings: Settings) -> Evidence:
    """Chaque appel présente le certificat d'organisation de l'entité juridique (OU = 1 suivi du FINESS EJ)."""
    expected = f"1{settings.structure.finess_ej}"
    if call.ou is None and not call.exercised:
        raise Inconclusive("échange joué en processus : TLS n'a pas été exercé")
    if call.ou is None:
        raise CheckFailed(
            "Aucun certificat client présenté",
            expected=f"un certificat dont l'OU est {expected}",
            received="aucun certificat",
            at="négociation TLS, certificat client",
            hint="Configurer le certificat auth_cli de services.json pour ViaTrajectoire, jeton et API.",
        )
    if call.ou != expected:
        raise CheckFailed(
            "Certificat d'une autre organisation que l'entité juridique",
            expected=f"OU={expected}",
            received=f"OU={call.ou}",
            at="négociation TLS, certificat client",
            hint="Le certificat est celui du FINESS EJ ; l'établissement (EG) se dit dans struct_idnat.",
        )
    return Evidence(at="négociation TLS, certificat client", note=call.ou)


@check("sdo.acces.jeton-en-entete", covers=VT10, source=f"{SECURITE} ; RFC 6750 §2.1", confidence="vu")
def token_is_in_the_header(call: SdoCall) -> Evidence:
    """Le jeton voyage dans l'en-tête Authorization (Bearer), jamais dans l'adresse."""
    if call.in_address or not call.token:
        raise CheckFailed(
            "Jeton dans l'adresse" if call.in_address else "Appel sans jeton",
            expected="Authorization: Bearer <jeton>",
            received="access_token dans l'adresse" if call.in_address else "aucun en-tête Authorization Bearer",
            at="appel, en-tête Authorization",
            hint="Présenter le jeton reçu de ViaTrajectoire dans l'en-tête Authorization de chaque appel.",
        )
    return Evidence(at="appel, en-tête Authorization")


@check("sdo.acces.jeton-vivant", covers=VT10, source=f"{SECURITE} ; RFC 6749 §1.5", confidence="vu")
def token_is_alive(calls: Sequence[SdoCall]) -> Evidence:
    """Le jeton présenté a été délivré par ViaTrajectoire et n'a pas expiré ; s'il expirait, un seul appel est refusé."""
    states = [str(c.facts.get("jeton_etat", "")) for c in calls if c.api and "jeton_etat" in c.facts]
    if not states:
        raise Inconclusive("aucun appel n'est allé jusqu'à l'examen du jeton")
    if "inconnu" in states:
        raise CheckFailed(
            "Jeton que ViaTrajectoire n'a pas délivré",
            expected="le jeton reçu de la demande de jeton",
            received="un autre jeton",
            at="appel, jeton",
            hint="Demander un jeton à l'adresse « jeton » de services.json ; ceux des autres services ne valent rien ici.",
        )
    if states[-1] == "expire":
        raise CheckFailed(
            "Jeton expiré, et pas renouvelé",
            expected="un nouveau jeton demandé avant ou après l'expiration",
            received=f"{states.count('expire')} appel(s) avec un jeton expiré",
            at="appel, jeton",
            hint="Lire expires_in, et demander un nouveau jeton quand l'API répond 401.",
        )
    return Evidence(at="appel, jeton", fired=len(states))


@check("sdo.acces.struct-idnat", covers=VT10, source=f"{SECURITE} : struct_idnat, 1 suivi du FINESS EG", confidence="vu")
def establishment_is_named(call: SdoCall) -> Evidence:
    """Chaque appel porte l'en-tête struct_idnat : 1 suivi des neuf caractères du FINESS EG."""
    if not re.fullmatch(r"1[0-9][0-9AB][0-9]{7}", call.struct_idnat):
        raise CheckFailed(
            "En-tête struct_idnat mal formé" if call.struct_idnat else "En-tête struct_idnat absent",
            expected="struct_idnat: 1<FINESS EG>, dix caractères",
            received=call.struct_idnat or "absent",
            at="appel, en-tête struct_idnat",
            hint="Ajouter 1 devant le FINESS de l'établissement ; l'en-tête accompagne chaque appel de l'API.",
        )
    return Evidence(at="appel, en-tête struct_idnat", note=call.struct_idnat)


@check("sdo.acces.struct-idnat-jeton", covers=VT10, source=f"{SECURITE} : l'EG est dans le jeton", confidence="vu")
def establishment_is_in_the_token(call: SdoCall, settings: Settings) -> Evidence:
    """L'établissement nommé par struct_idnat est un de ceux du jeton."""
    known = [f"1{finess}" for finess in settings.viatrajectoire.finess_eg]
    if call.struct_idnat not in known:
        raise CheckFailed(
            "Établissement qui n'est pas dans le jeton",
            expected=" ou ".join(known),
            received=call.struct_idnat or "absent",
            at="appel, en-tête struct_idnat",
            hint="Nommer l'établissement géographique (EG) qui reçoit l'usager, et non l'entité juridique (EJ).",
        )
    return Evidence(at="appel, en-tête struct_idnat")


@check("sdo.acces.jeton-reemploye", covers=VT10, source="RFC 6749 §5.1 (expires_in)", confidence="secondaire")
def token_is_reused(calls: Sequence[SdoCall]) -> Evidence:
    """Un jeton sert jusqu'à son expiration : il n'est pas redemandé à chaque appel."""
    asked = sum(1 for c in calls if not c.api and c.served)
    used = sum(1 for c in calls if c.api)
    if used < 2:
        raise Inconclusive("un seul appel de l'API : rien ne dit si le jeton est réemployé")
    if asked > 1 and asked >= used:
        raise CheckFailed(
            "Jeton redemandé à chaque appel",
            expected="un jeton pour plusieurs appels",
            received=f"{asked} jetons pour {used} appels",
            at="demandes de jeton",
            hint="Garder le jeton en mémoire jusqu'à la fin annoncée par expires_in.",
        )
    return Evidence(at="demandes de jeton", note=f"{asked} jeton(s) pour {used} appels")


@check("sdo.acces.jeton-renouvele", covers=VT10, source=f"{SECURITE} ; RFC 6750 §3.1", confidence="vu")
def refused_token_is_renewed(calls: Sequence[SdoCall]) -> Evidence:
    """Un jeton refusé (401) est renouvelé, et l'appel refait."""
    refused = next((rank for rank, c in enumerate(calls) if c.api and c.status == 401), None)
    if refused is None:
        raise Inconclusive("aucun appel n'a été refusé par 401")
    after = calls[refused + 1 :]
    renewed = next((rank for rank, c in enumerate(after) if not c.api and c.served), None)
    if renewed is None or not any(c.api for c in after[renewed:]):
        raise CheckFailed(
            "Jeton refusé, et pas renouvelé",
            expected="une nouvelle demande de jeton, puis l'appel refait",
            received="aucune nouvelle demande de jeton" if renewed is None else "l'appel n'est pas refait",
            at="après la réponse 401",
            hint="Un 401 de l'API jette le jeton : en demander un autre, une fois, et refaire l'appel.",
        )
    return Evidence(at="après la réponse 401")


@check(
    "sdo.acces.refus-sans-boucle",
    covers=VT10,
    source="SDO-01 du plan d'essai : le DUI s'arrête, sans boucle",
    confidence="infere",
)
def refusals_are_not_repeated(calls: Sequence[SdoCall]) -> Evidence:
    """Devant un refus qui dure, le DUI s'arrête : il ne refait pas sans fin le même appel."""
    refused = [c for c in calls if c.status in (400, 401, 403)]
    if not refused:
        raise Inconclusive("aucun appel n'a été refusé")
    worst = max((sum(1 for c in refused if (c.kind, c.path) == key) for key in {(c.kind, c.path) for c in refused}), default=0)
    if worst > ESSAIS:
        raise CheckFailed(
            "Appel refusé et refait sans fin",
            expected=f"{ESSAIS} essais au plus",
            received=f"{worst} appels refusés à la même adresse",
            at="appels refusés",
            hint="Un refus ne change pas en insistant : renouveler le jeton une fois, puis s'arrêter et prévenir.",
        )
    return Evidence(at="appels refusés", note=f"{worst} essai(s)")


@check("sdo.acces.refus-annonce", covers=VT10, source="SDO-01 du plan d'essai : le DUI montre l'erreur", confidence="infere")
def refusal_is_told(attempt: Geste, calls: Sequence[SdoCall]) -> Evidence:
    """Un refus de ViaTrajectoire est montré à l'utilisateur : le geste n'est pas annoncé comme réussi."""
    if not any(c.status in (400, 401, 403) for c in calls):
        raise Inconclusive("aucun appel n'a été refusé")
    if attempt.resultat is None:
        raise Inconclusive("geste non terminé")
    if attempt.fait and not attempt.observation("alerte"):
        raise CheckFailed(
            "Refus de ViaTrajectoire passé sous silence",
            expected="un geste refusé, ou une alerte montrée",
            received=f"geste {attempt.resultat.etat}, sans alerte",
            at=attempt.id,
            hint="Montrer ce que dit l'OperationOutcome (issue.details.text) et laisser la relève en échec.",
        )
    return Evidence(at=attempt.id, note=attempt.resultat.message[:120])


@check("sdo.acces.jeton-opaque", covers=VT10, source="RFC 6749 §1.4 : le jeton est opaque pour le client", confidence="vu")
def token_is_opaque(attempt: Geste, calls: Sequence[SdoCall]) -> Evidence:
    """Le DUI emploie le jeton sans le lire : une forme qu'il ne connaît pas ne l'arrête pas."""
    given = next((rank for rank, c in enumerate(calls) if not c.api and c.served), None)
    if given is None:
        raise Inconclusive("aucun jeton n'a été délivré")
    if not any(c.api for c in calls[given:]):
        raise CheckFailed(
            "Jeton opaque refusé par le DUI",
            expected="un appel de l'API avec le jeton reçu",
            received="aucun appel après le jeton",
            at=attempt.id,
            hint="Le jeton n'est pas fait pour être lu par le client : le présenter tel quel.",
        )
    return Evidence(at=attempt.id)
