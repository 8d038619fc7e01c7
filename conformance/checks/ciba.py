"""Pro Santé Connect without browser (CIBA): the request, the number shown to the user, the polls, and how the wait ends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Professionnel
from ..core.problem import Evidence
from ..validation.ciba import CibaAnswer, CibaPoll, CibaRequest
from ..validation.oidc import TokenResponse
from .oidc_demande import GRID, SCOPES
from .oidc_refus import said_no, shown
from .oidc_session import need_open
from .registry import check

DOC = "PSC, documentation CIBA"
CORE = "CIBA Core"
AT = "demande CIBA"
EARLY = 0.5
"""Seconds: two polls sent an interval apart may arrive a little closer."""
SLOWER = 5


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


@check("ciba.interval", covers=("PSC-01",), source=f"{DOC} ; {CORE} §7.3 ; {GRID} 21", confidence="vu")
def interval_is_respected(poll: CibaPoll) -> Evidence:
    """Deux demandes de jetons d'une même attente CIBA sont espacées de l'intervalle que donne Pro Santé Connect."""
    wait, interval = poll.facts.get("attente"), poll.facts.get("intervalle")
    if wait is None or interval is None:
        return Evidence(at=poll.id, note="première demande de jetons")
    if wait < interval - EARLY:
        raise CheckFailed(
            "Jetons redemandés trop tôt",
            expected=f"au moins {interval:g} s après la demande précédente",
            received=f"{wait:.1f} s",
            at="attente CIBA",
            hint="Attendre interval secondes (5 quand la réponse n'en dit rien) entre deux demandes de jetons.",
        )
    return Evidence(at=poll.id, note=f"{wait:.1f} s")


@check("ciba.request-number", covers=("PSC-01",), source=f"{CORE} §10.1", confidence="vu")
def poll_presents_its_number(poll: CibaPoll) -> Evidence:
    """La demande de jetons d'une attente CIBA présente le numéro (auth_req_id) reçu, tant qu'il n'a pas servi."""
    words = {"inconnu": "un numéro inconnu", "absent": "aucun numéro", "deja-utilise": "un numéro qui a déjà donné des jetons"}
    if poll.state in words:
        raise CheckFailed(
            "Numéro de demande CIBA présenté à tort",
            expected="l'auth_req_id de la demande en cours",
            received=words[poll.state],
            at="attente CIBA, paramètre auth_req_id",
            hint="Cesser d'interroger dès que les jetons sont reçus, ou que la demande est refusée.",
        )
    return Evidence(at=poll.id)


@check("ciba.slow-down", covers=("PSC-01",), source=f"{CORE} §11", confidence="vu")
def slow_down_is_respected(answer: CibaAnswer, polls: Sequence[CibaPoll]) -> Evidence:
    """Après slow_down, l'intervalle entre deux demandes de jetons augmente d'au moins cinq secondes."""
    mine = [poll for poll in polls if poll.request == answer.request]
    for slowed, following in pairwise(mine):
        if slowed.error != "slow_down":
            continue
        wait, least = following.moment - slowed.moment, answer.interval + SLOWER
        if wait < least - EARLY:
            raise CheckFailed(
                "Intervalle inchangé après slow_down",
                expected=f"au moins {least:g} s",
                received=f"{wait:.1f} s",
                at="attente CIBA, après slow_down",
                hint="Ajouter cinq secondes à l'intervalle pour toute la suite de l'attente.",
            )
        return Evidence(at=following.id, note=f"{wait:.1f} s")
    raise Inconclusive("aucune demande de jetons n'a suivi slow_down")


@check("ciba.expiry-ends-the-wait", covers=("PSC-01",), source=f"{CORE} §11 ; {GRID} 21", confidence="vu")
def expiry_ends_the_wait(attempt: Geste, answer: CibaAnswer, polls: Sequence[CibaPoll]) -> Evidence:
    """Quand la demande CIBA expire, le DUI cesse d'interroger, le dit, et n'ouvre aucune session."""
    mine = [poll for poll in polls if poll.request == answer.request]
    late = [poll for poll in mine if poll.moment - answer.moment >= answer.expires_in - EARLY]
    return _ended(attempt, late, answer, "expirée")


@check("ciba.refusal-ends-the-wait", covers=("PSC-01",), source=f"{CORE} §11 ; {GRID} 21", confidence="vu")
def refusal_ends_the_wait(attempt: Geste, answer: CibaAnswer, polls: Sequence[CibaPoll]) -> Evidence:
    """Quand le professionnel refuse sur son téléphone, le DUI cesse d'interroger, le dit, et n'ouvre aucune session."""
    refusals = [poll for poll in polls if poll.request == answer.request and poll.error == "access_denied"]
    if not refusals:
        raise Inconclusive("le DUI n'a pas reçu le refus")
    return _ended(attempt, refusals, answer, "refusée")


@check("ciba.session-opened", covers=("PSC-01",), source=f"{DOC} ; {GRID} 21", confidence="vu")
def approved_login_opens_a_session(attempt: Geste, tokens: TokenResponse, person: Professionnel) -> Evidence:
    """Une connexion CIBA approuvée ouvre la session du professionnel désigné."""
    need_open(
        attempt, tokens.id, f"jetons de {person.id}", "Lire le message montré par le DUI : une vérification est trop stricte."
    )
    if tokens.persona != person.id:
        raise Inconclusive(f"les jetons sont ceux de « {tokens.persona} »")
    return Evidence(at=tokens.id, note=person.id)


@check("ciba.person-checked", covers=("PSC-01",), source=f"{CORE} §10.1.1 ; {GRID} 15", confidence="secondaire")
def tokens_of_another_person_open_no_session(control: Geste, attempt: Geste, tokens: TokenResponse) -> Evidence:
    """Les jetons d'un autre professionnel que celui de la demande CIBA n'ouvrent aucune session."""
    if not control.fait:
        raise Inconclusive("la connexion témoin, sans défaut, n'a pas réussi")
    if tokens.defaut != "ciba-autre-personne":
        raise Inconclusive("la réponse faussée n'a pas été demandée par le DUI")
    if attempt.observation("session") is True:
        raise CheckFailed(
            "Session ouverte au nom d'une autre personne que celle de la demande CIBA",
            expected="un refus : l'identifiant reçu n'est pas celui de login_hint",
            received="une session ouverte",
            at=tokens.id,
            hint="Comparer SubjectNameID de l'id_token au login_hint envoyé.",
        )
    if not said_no(attempt):
        raise Inconclusive("le DUI n'a pas dit s'il a ouvert une session")
    return Evidence(at=tokens.id, note=shown(attempt))


def _ended(attempt: Geste, ends: Sequence[CibaPoll], answer: CibaAnswer, how: str) -> Evidence:
    """One poll may learn of the end; a second one insists."""
    if len(ends) > 1:
        raise CheckFailed(
            f"Jetons encore demandés après la fin d'une demande CIBA {how}",
            expected="plus aucune demande de jetons",
            received=f"{len(ends)} demandes, dont {ends[-1].id}",
            at=ends[-1].id,
            hint="expired_token et access_denied sont définitifs : proposer une nouvelle connexion.",
        )
    if attempt.observation("session") is True:
        raise CheckFailed(
            f"Session ouverte sur une demande CIBA {how}",
            expected="un message, sans session",
            received="une session ouverte",
            at=answer.id,
            hint="Sans jetons, aucune session : montrer pourquoi la connexion n'a pas abouti.",
        )
    if not said_no(attempt):
        raise Inconclusive("le DUI n'a pas dit s'il a ouvert une session")
    return Evidence(at=answer.id, note=shown(attempt))
