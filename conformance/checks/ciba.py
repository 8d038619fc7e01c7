"""Pro Santé Connect without browser (CIBA): the request, and the number shown to the user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.ciba import CibaRequest
from .oidc_demande import GRID, SCOPES
from .registry import check

DOC = "PSC, documentation CIBA"
CORE = "CIBA Core"
AT = "demande CIBA"


def at_field(name: str) -> str:
    """Where a field of the request is."""
    return f"{AT}, paramètre {name}"


@check("ciba.no-origin", covers=("PSC-01",), source=f"{DOC} ; EXI PSC 22", confidence="vu")
def request_does_not_come_from_a_page(request: CibaRequest) -> Evidence:
    """La demande CIBA part d'un serveur, pas d'une page ni du poste : elle ne porte pas d'en-tête Origin."""
    if request.origin:
        raise CheckFailed(
            "Demande CIBA venue d'un navigateur",
            expected="aucun en-tête Origin",
            received=f"Origin : {request.origin}",
            at=f"{AT}, en-tête Origin",
            hint="Un logiciel lourd passe par un serveur intermédiaire, seul à connaître le secret du client.",
        )
    return Evidence(at=AT)


@check("ciba.client-authenticated", covers=("PSC-01",), source=f"{DOC} ; {CORE} §7.1", confidence="vu")
def request_authenticates_the_client(request: CibaRequest) -> Evidence:
    """La demande CIBA authentifie le client."""
    method = str(request.facts.get("client_auth", ""))
    if method in ("aucune", "invalide"):
        raise CheckFailed(
            "Client non authentifié dans la demande CIBA",
            expected="Authorization: Basic, une assertion signée, ou le certificat client enregistré avec client_id",
            received="aucune authentification" if method == "aucune" else "identifiants non reconnus",
            at=AT,
            hint="Même authentification qu'à l'adresse des jetons.",
        )
    return Evidence(at=AT, note=method)


@check("ciba.secret-not-in-address", covers=("PSC-01",), source=f"{CORE} §7.1 ; EXI PSC 22", confidence="vu")
def request_is_a_form(request: CibaRequest) -> Evidence:
    """La demande CIBA passe ses paramètres dans le corps du formulaire, rien dans l'adresse."""
    if request.query:
        raise CheckFailed(
            "Paramètres dans l'adresse de la demande CIBA",
            expected="POST application/x-www-form-urlencoded",
            received=f"dans l'adresse : {', '.join(name for name, _ in request.query)} (valeurs masquées)",
            at=f"{AT}, adresse",
            hint="Une adresse finit dans les journaux : elle ne doit porter ni secret ni identité.",
        )
    return Evidence(at=AT)


@check("ciba.scope-openid-scope-all", covers=("PSC-01",), source=f"{DOC} ; {GRID} 03", confidence="vu")
def request_asks_the_scopes(request: CibaRequest) -> Evidence:
    """La demande CIBA demande les scopes openid et scope_all."""
    missing = SCOPES - request.scopes
    if missing:
        raise CheckFailed(
            f"Scope incomplet dans la demande CIBA : {' et '.join(sorted(missing))} absent",
            expected="openid scope_all",
            received=request["scope"] or "absent",
            at=at_field("scope"),
            hint="Les deux valeurs sont séparées par une espace.",
        )
    return Evidence(at=at_field("scope"))


@check("ciba.acr-values-eidas1", covers=("PSC-02",), source=f"{DOC} ; EXI PSC 16", confidence="vu")
def request_asks_eidas1(request: CibaRequest) -> Evidence:
    """La demande CIBA porte acr_values=eidas1."""
    if request["acr_values"] != "eidas1":
        raise CheckFailed(
            "Niveau d'authentification de la demande CIBA différent de eidas1",
            expected="acr_values=eidas1",
            received=request["acr_values"] or "absent",
            at=at_field("acr_values"),
            hint="Même valeur que pour une connexion par navigateur.",
        )
    return Evidence(at=at_field("acr_values"))


@check("ciba.login-hint", covers=("PSC-01",), source=DOC, confidence="vu")
def request_names_the_professional(request: CibaRequest) -> Evidence:
    """La demande CIBA désigne le professionnel par son identifiant national (login_hint)."""
    hint = request["login_hint"]
    if not hint or request.facts.get("erreur") == "unknown_user_id":
        raise CheckFailed(
            "Professionnel non désigné, ou inconnu de Pro Santé Connect",
            expected="login_hint = identifiant national (8 suivi du RPPS)",
            received=f"{len(hint)} caractères, identifiant inconnu" if hint else "absent",
            at=at_field("login_hint"),
            hint="Ni un nom, ni une adresse électronique, ni l'identifiant local : SubjectNameID, avec son chiffre de tête.",
        )
    return Evidence(at=at_field("login_hint"))


@check("ciba.binding-message", covers=("PSC-01",), source=f"{DOC} ; {GRID} 21", confidence="vu")
def binding_message_is_two_digits(request: CibaRequest) -> Evidence:
    """La demande CIBA porte dans binding_message deux chiffres, de 00 à 99."""
    state = request.facts.get("binding_message")
    if state != "conforme":
        raise CheckFailed(
            f"binding_message {'absent' if state == 'absent' else 'mal formé'}",
            expected="deux chiffres, de 00 à 99",
            received=request["binding_message"][:40] or "absent",
            at=at_field("binding_message"),
            hint="Tirer un nombre de 0 à 99 et l'écrire sur deux chiffres (07, et non 7).",
        )
    return Evidence(at=at_field("binding_message"))


@check("ciba.channel", covers=("PSC-01",), source=DOC, confidence="vu")
def channel_is_card_or_mobile(request: CibaRequest) -> Evidence:
    """La demande CIBA dit par quel moyen le professionnel s'authentifie : channel vaut CARD ou MOBILE."""
    if request.facts.get("canal") != "conforme":
        raise CheckFailed(
            "Moyen d'authentification absent ou inconnu",
            expected="channel=CARD ou channel=MOBILE",
            received=request["channel"] or "absent",
            at=at_field("channel"),
            hint="MOBILE pour l'e-CPS, CARD pour une carte CPx lue sur le poste.",
        )
    return Evidence(at=at_field("channel"), note=request["channel"])


@check("ciba.poll-mode", covers=("PSC-01",), source=f"{DOC} : seul le mode poll est offert", confidence="vu")
def poll_mode_is_used(request: CibaRequest) -> Evidence:
    """La demande CIBA n'attend pas de notification : seul le mode poll est offert, quoi qu'annonce la configuration."""
    if request.facts.get("notification"):
        raise CheckFailed(
            "Notification attendue, que Pro Santé Connect n'envoie pas",
            expected="aucun client_notification_token",
            received="client_notification_token présent (valeur masquée)",
            at=at_field("client_notification_token"),
            hint="Interroger l'adresse des jetons à intervalle régulier.",
        )
    return Evidence(at=AT)


@check("ciba.binding-message-random", covers=("PSC-01",), source=f"{DOC} ; {GRID} 21", confidence="vu")
def binding_message_changes(requests: Sequence[CibaRequest]) -> Evidence:
    """Le nombre de binding_message est tiré au hasard à chaque demande."""
    values = [request["binding_message"] for request in requests if request["binding_message"]]
    if len(values) < 4:
        raise Inconclusive("il faut quatre demandes pour distinguer un nombre tiré au hasard d'une coïncidence")
    steps = {(int(b) - int(a)) % 100 for a, b in pairwise(values) if a.isdigit() and b.isdigit()}
    value, times = Counter(values).most_common(1)[0]
    if times == len(values) or (len(steps) == 1 and len(values) > 3):
        raise CheckFailed(
            "Nombre de binding_message constant ou régulier",
            expected="un nombre tiré au hasard à chaque demande",
            received=f"toujours {value}" if times == len(values) else "une suite régulière",
            at=at_field("binding_message"),
            hint="Un nombre prévisible ne prouve pas au professionnel que la demande est la sienne.",
        )
    return Evidence(at=at_field("binding_message"), note=f"{len(set(values))} nombres pour {len(values)} demandes")


@check("ciba.binding-message-shown", covers=("PSC-01",), source=f"{DOC} ; {GRID} 21", confidence="vu")
def binding_message_is_shown(login: Geste, request: CibaRequest) -> Evidence:
    """Le nombre montré à l'utilisateur est celui de binding_message."""
    number = login.observation("nombre")
    if number is None:
        raise Inconclusive("le DUI ne déclare pas le nombre montré (observation « nombre »)")
    if str(number) != request["binding_message"]:
        raise CheckFailed(
            "Nombre montré différent de celui de la demande",
            expected=request["binding_message"],
            received=str(number) or "aucun nombre montré",
            at=login.id,
            hint="Afficher le nombre tout au long de l'attente : le professionnel le compare à celui de son téléphone.",
        )
    return Evidence(at=login.id, note=f"nombre {number}")
