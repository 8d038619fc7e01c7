"""Pro Santé Connect without browser (CIBA): the polls while the professional has not answered, and how the wait ends."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.people import Professionnel
from ..core.problem import Evidence
from ..validation.ciba import CibaAnswer, CibaPoll
from ..validation.oidc import TokenResponse
from .ciba import CORE, DOC
from .oidc_demande import GRID
from .oidc_refus import said_no, shown
from .oidc_session import need_open
from .registry import check

EARLY = 0.5
"""Seconds: two polls sent an interval apart may arrive a little closer."""
SLOWER = 5


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
