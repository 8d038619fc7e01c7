"""Espace de confiance: the token exchange at the authorization server, and the call of the API that it protects."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Professionnel
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.edc import ApiCall, EdcCall, TokenExchange
from .registry import check

GUIDE = "API Pro Santé Connectées, guide de sécurisation (échange de jeton)"
APPEL = "API Pro Santé Connectées, guide de sécurisation (appel de l'API)"
ECHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
TYPES = ("urn:ietf:params:oauth:token-type:access_token", "urn:ietf:params:oauth:token-type:jwt")
VIE = 120


@check("edc.grant-token-exchange", covers=("PSC-10",), source=f"{GUIDE} ; RFC 8693 §2.1", confidence="vu")
def grant_is_token_exchange(request: TokenExchange) -> Evidence:
    """Le jeton d'API est demandé par échange de jeton (grant_type token-exchange)."""
    if request["grant_type"] not in (ECHANGE, "refresh_token"):
        raise CheckFailed(
            "Demande de jeton qui n'est pas un échange",
            expected=f"grant_type={ECHANGE}",
            received=request["grant_type"] or "absent",
            at="échange de jeton, paramètre grant_type",
            hint="Le proxy e-Santé échange le jeton d'accès Pro Santé Connect de l'utilisateur contre un jeton d'API (RFC 8693).",
        )
    return Evidence(at="échange de jeton, paramètre grant_type")


@check("edc.subject-token-type", covers=("PSC-10",), source=f"{GUIDE} ; RFC 8693 §3", confidence="vu")
def subject_token_type_is_stated(request: TokenExchange) -> Evidence:
    """subject_token_type annonce un jeton d'accès (ou un JWT)."""
    _exchange(request)
    if request["subject_token_type"] not in TYPES:
        raise CheckFailed(
            "Sorte du jeton échangé absente ou inattendue",
            expected=" ou ".join(TYPES),
            received=request["subject_token_type"] or "absent",
            at="échange de jeton, paramètre subject_token_type",
            hint="Ajouter subject_token_type ; il est obligatoire à côté de subject_token.",
        )
    return Evidence(at="échange de jeton, paramètre subject_token_type")


@check("edc.scope-present", covers=("PSC-10",), source=f"{GUIDE} (scope obligatoire)", confidence="vu")
def business_scopes_are_asked(request: TokenExchange, settings: Settings) -> Evidence:
    """L'échange demande les portées métier de l'API (scope est obligatoire dans l'espace de confiance)."""
    _exchange(request)
    asked = set(request["scope"].split())
    if not asked or not asked <= set(settings.edc.scopes):
        raise CheckFailed(
            "Portées absentes de l'échange" if not asked else "Portées qui ne sont pas celles du client",
            expected=f"scope parmi : {' '.join(settings.edc.scopes)}",
            received=request["scope"] or "absent",
            at="échange de jeton, paramètre scope",
            hint="scope est facultatif dans la RFC 8693 mais obligatoire ici ; voir [edc] scopes de dui.toml.",
        )
    return Evidence(at="échange de jeton, paramètre scope", note=request["scope"])


@check("edc.client-id-as", covers=("PSC-10",), source=f"{GUIDE} ; RFC 8705 §2", confidence="vu")
def client_id_is_that_of_the_authorization_server(request: TokenExchange, settings: Settings) -> Evidence:
    """L'échange porte dans le corps le client_id donné par le serveur d'autorisation."""
    if request["client_id"] != settings.edc.client_id_as:
        raise CheckFailed(
            "client_id absent du corps, ou d'un autre serveur",
            expected=settings.edc.client_id_as,
            received=request["client_id"] or "absent",
            at="échange de jeton, paramètre client_id",
            hint="Le serveur d'autorisation donne son propre client_id ([edc] client_id_as).",
        )
    return Evidence(at="échange de jeton, paramètre client_id")


@check("edc.no-client-secret", covers=("PSC-10",), source=f"{GUIDE} ; RFC 8705 §2", confidence="vu")
def no_secret_is_sent(request: TokenExchange) -> Evidence:
    """L'échange ne porte aucun secret : le certificat client authentifie le proxy."""
    if request.secret_in:
        raise CheckFailed(
            "Secret envoyé au serveur d'autorisation",
            expected="client_id et certificat client, sans secret",
            received=f"secret dans : {', '.join(request.secret_in)}",
            at=f"échange de jeton, {request.secret_in[0]}",
            hint="Retirer client_secret et l'en-tête Authorization de cet appel (tls_client_auth).",
        )
    return Evidence(at="échange de jeton", note="sans secret")


@check("edc.subject-token-live", covers=("PSC-10",), source=f"{GUIDE} ; durée du jeton d'accès (2 min)", confidence="vu")
def subject_token_is_alive(request: TokenExchange) -> Evidence:
    """Le jeton échangé est un jeton d'accès Pro Santé Connect encore vivant, émis depuis deux minutes au plus."""
    _exchange(request)
    state = request.facts.get("sujet_etat")
    if state in (None, "non-verifie"):
        raise Inconclusive("le serveur d'autorisation n'a pas regardé le jeton échangé")
    age = request.facts.get("sujet_age")
    old = isinstance(age, int | float) and age > VIE
    if state != "actif" or old:
        message, received = "Jeton échangé qui ne vit pas", "un jeton expiré, révoqué ou inconnu"
        if not request["subject_token"]:
            message, received = "Échange sans le jeton de l'utilisateur", "aucun subject_token"
        if request.subject_is_id_token:
            message, received = "id_token échangé au lieu du jeton d'accès", "un id_token"
        raise CheckFailed(
            message,
            expected="un jeton d'accès actif, émis depuis 120 s au plus",
            received=received,
            at="échange de jeton, paramètre subject_token",
            hint="Rafraîchir le jeton d'accès Pro Santé Connect avant l'échange ; ne pas envoyer l'id_token.",
        )
    return Evidence(at="échange de jeton, paramètre subject_token", note=f"émis depuis {age or 0:.0f} s")


@check("edc.client-certificate", covers=("PSC-10",), source=f"{GUIDE} ; EXI PSC 24", confidence="vu")
def client_certificate_is_presented(calls: Sequence[EdcCall]) -> Evidence:
    """Le serveur d'autorisation et l'API sont appelés avec un certificat client (TLS mutuel)."""
    for call in calls:
        if not call.certificate:
            where = "au serveur d'autorisation" if call.exchange else "à l'API"
            raise CheckFailed(
                f"Appel {where} sans certificat client",
                expected="le certificat d'authentification de l'organisation (ORG AUTH_CLI)",
                received="aucun certificat",
                at=f"connexion TLS {where}",
                hint="Charger certificat et clé pour ces adresses aussi ; le serveur les demande sans les exiger.",
            )
    return Evidence(note=f"{len(calls)} appels", fired=len(calls))


@check("edc.same-certificate", covers=("PSC-10",), source=f"{APPEL} ; RFC 8705 §3", confidence="vu")
def api_is_called_with_the_certificate_of_the_exchange(calls: Sequence[EdcCall]) -> Evidence:
    """L'API est appelée avec le certificat client qui a servi à l'échange de son jeton."""
    bound = {call.issues: call for call in calls if call.exchange and call.issues and call.certificate}
    pairs = [(bound[c.presents], c) for c in calls if not c.exchange and c.presents in bound and c.certificate]
    if not pairs:
        raise Inconclusive("aucun appel de l'API avec un certificat et un jeton dont l'échange a été vu")
    for exchange, call in pairs:
        if exchange.certificate != call.certificate:
            raise CheckFailed(
                "Certificat de l'appel différent de celui de l'échange",
                expected=f"le certificat de {exchange.id}",
                received=f"un autre certificat dans {call.id}",
                at="connexion TLS à l'API",
                hint="Le jeton d'API est lié à ce certificat (cnf) : l'API refuse tout autre.",
            )
    return Evidence(at=pairs[0][1].id, note="même certificat", fired=len(pairs))


@check("edc.bearer-in-header", covers=("PSC-10",), source=f"{APPEL} ; RFC 6750 §2.1", confidence="vu")
def api_token_travels_in_the_header(call: ApiCall) -> Evidence:
    """Le jeton d'API voyage dans l'en-tête Authorization: Bearer, jamais dans l'adresse."""
    if call.in_address or not call.token:
        raise CheckFailed(
            "Jeton d'API dans l'adresse" if call.in_address else "Appel de l'API sans jeton",
            expected="Authorization: Bearer <jeton d'API>",
            received="access_token dans l'adresse" if call.in_address else "aucun jeton",
            at="appel de l'API, en-tête Authorization",
            hint="Les adresses restent dans les journaux des serveurs : un jeton n'y a pas sa place.",
        )
    return Evidence(at="appel de l'API, en-tête Authorization")


@check("edc.api-token-issued", covers=("PSC-10",), source=APPEL, confidence="vu")
def api_receives_a_token_of_its_authorization_server(call: ApiCall) -> Evidence:
    """L'API reçoit un jeton délivré par son serveur d'autorisation, non celui de Pro Santé Connect."""
    if call.facts.get("jeton_etat") == "inconnu":
        raise CheckFailed(
            "Jeton que le serveur d'autorisation n'a pas délivré",
            expected="le jeton d'API reçu à l'échange",
            received="un autre jeton",
            at="appel de l'API, en-tête Authorization",
            hint="Échanger le jeton Pro Santé Connect avant l'appel : il ne sort pas du proxy.",
        )
    if not call.token:
        raise Inconclusive("l'appel ne porte aucun jeton")
    return Evidence(at="appel de l'API, en-tête Authorization")


@check("edc.api-token-of-user", covers=("PSC-09",), source=f"{APPEL} (SubjectNameID)", confidence="vu")
def api_token_is_that_of_the_user(call: ApiCall, person: Professionnel) -> Evidence:
    """Le jeton d'API présenté est celui de l'utilisateur connecté, jamais celui d'un autre."""
    subject = str(call.facts.get("sujet", ""))
    if not subject:
        raise Inconclusive("le jeton présenté n'a pas de titulaire connu")
    if subject != person.id_nat:
        raise CheckFailed(
            "Jeton d'API d'un autre utilisateur",
            expected=f"un jeton au nom de {person.id_nat}",
            received=f"un jeton au nom de {subject}",
            at="appel de l'API, titulaire du jeton",
            hint="Ranger les jetons d'API par session d'utilisateur ; les oublier à sa déconnexion.",
        )
    return Evidence(at="appel de l'API, titulaire du jeton")


@check("edc.api-names-user", covers=("PSC-09",), source=APPEL, confidence="vu")
def api_call_names_the_holder_of_the_token(call: ApiCall) -> Evidence:
    """Le message envoyé à l'API nomme le titulaire du jeton (nationalId)."""
    subject, named = str(call.facts.get("sujet", "")), str(call.body.get("nationalId", ""))
    if not subject:
        raise Inconclusive("le jeton présenté n'a pas de titulaire connu")
    if named != subject:
        raise CheckFailed(
            "Identité du message différente de celle du jeton",
            expected=subject,
            received=named or "absente",
            at="appel de l'API, nationalId",
            hint="Recopier l'identifiant national (SubjectNameID) de la session Pro Santé Connect.",
        )
    return Evidence(at="appel de l'API, nationalId")


@check("edc.answer-shown", covers=("PSC-09",), source="contrat de l'API d'essai (POST /signsessiondata)", confidence="vu")
def answer_of_the_api_is_used(attempt: Geste, call: ApiCall) -> Evidence:
    """La réponse de l'API parvient à l'utilisateur."""
    if not call.signature:
        raise Inconclusive(f"l'API n'a rien signé (HTTP {call.status})")
    shown = attempt.observation("signature")
    if attempt.fait and shown is None:
        raise Inconclusive("le DUI ne déclare pas la signature reçue")
    if not attempt.fait or shown != call.signature:
        raise CheckFailed(
            "Réponse de l'API perdue ou changée",
            expected="la signature rendue par l'API",
            received="aucune" if not shown else "une autre valeur",
            at=attempt.id,
            hint="L'API a répondu 200 : suivre cette réponse jusqu'à l'écran.",
        )
    return Evidence(at=call.id)


def _exchange(request: TokenExchange) -> None:
    """Rules of the subject token say nothing of a refresh, nor of another grant."""
    if request["grant_type"] != ECHANGE:
        raise Inconclusive("cette demande de jeton n'est pas un échange")
