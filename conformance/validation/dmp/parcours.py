"""The order of the calls to the DMP: existence before consultation, authorisation, one token a user, no search after a deposit.

Pure functions over :class:`Appel` values, one per exchange, in order of reception: what an exchange gives is chosen by who calls.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ...core.exchange import Exchange
from ...core.problem import Problem
from ...core.providers import provide, provider
from ..ins.key import parse_cx
from ..saml.vihf import PURPOSE, Vihf

CONSULTATION = ("dmp.td3.1", "dmp.td3.2")
AFTER_DEPOSIT = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Appel:
    """One call: kind, who, for whom, when; ``autorisation`` is what TD0.2 answered; ``leaf`` False: references only."""

    id: str
    kind: str
    moment: datetime
    utilisateur: str
    patient: str
    assertion: str
    urgence: bool = False
    autorisation: str = ""
    statut: str = ""
    leaf: bool = True


@provider
def appel_of(exchange: Exchange) -> Appel:
    """The call that an exchange is; raises ``Inconclusive`` without a VIHF."""
    vihf: Vihf = provide(Vihf, exchange)
    cx = parse_cx(vihf.patient)
    purposes = vihf.coded.get(PURPOSE, ())
    body = exchange.http.body.read() if exchange.kind == "dmp.td3.1" else b""
    return Appel(
        id=exchange.id,
        kind=exchange.kind,
        moment=exchange.times.logical,
        utilisateur=vihf.name_id,
        patient="" if cx is None else cx.id[:13],
        assertion=vihf.id,
        urgence=bool(purposes) and purposes[0].code != "normal",
        autorisation=str(exchange.facts.get("autorisation", "")),
        statut=str(exchange.facts.get("statut", "")),
        leaf=b'returnType="ObjectRef"' not in body,
    )


def existence_problems(calls: Sequence[Appel]) -> Iterator[Problem]:
    """``dmp.parcours.existence-first``: a consultation follows a TD0.2 for this patient, or a TD0.4, of the same user."""
    tested: set[tuple[str, str]] = set()
    listed: set[str] = set()
    for call in calls:
        if call.kind == "dmp.td0.2":
            tested.add((call.utilisateur, call.patient))
        elif call.kind == "dmp.td0.4":
            listed.add(call.utilisateur)
        elif _consults(call) and (call.utilisateur, call.patient) not in tested and call.utilisateur not in listed:
            yield Problem(
                "dmp.parcours.existence-first",
                "Consultation sans test d'existence préalable",
                call.id,
                expected="un TD0.2 (ou un TD0.4) du même utilisateur, avant",
                received=f"{call.kind} d'abord",
                hint="Tester l'existence du DMP et le droit d'accès avant de lister ou d'ouvrir un document.",
            )


def authorisation_problems(calls: Sequence[Appel]) -> Iterator[Problem]:
    """``dmp.parcours.authorised-first``: told that he has no authorisation, the user declares one before he consults."""
    state: dict[tuple[str, str], str] = {}
    for call in calls:
        who = (call.utilisateur, call.patient)
        if call.kind == "dmp.td0.2" and call.autorisation:
            state[who] = call.autorisation
        elif call.kind == "dmp.td0.3" and call.statut == "DMPOk":
            state[who] = "VALIDE"
        elif _consults(call) and not call.urgence and state.get(who, "VALIDE") != "VALIDE":
            yield Problem(
                "dmp.parcours.authorised-first",
                "Consultation sans autorisation",
                call.id,
                expected="un TD0.3 (AJOUT) accepté, après le recueil du consentement",
                received=f"{call.kind} alors que le DMP a répondu {state[who]}",
                hint="Sans autorisation valide, tracer le consentement puis déclarer l'autorisation ; INTERDIT ne se lève pas.",
            )


def token_problems(calls: Sequence[Appel]) -> Iterator[Problem]:
    """``dmp.parcours.own-token``: an assertion names one user and one patient, and is used once."""
    seen: dict[str, Appel] = {}
    for call in calls:
        known = seen.setdefault(call.assertion, call)
        if known is call:
            continue
        other = known.utilisateur != call.utilisateur
        yield Problem(
            "dmp.parcours.own-token",
            "Jeton VIHF d'un autre utilisateur" if other else "Jeton VIHF réutilisé",
            call.id,
            expected="un jeton neuf à chaque appel, au nom de l'utilisateur qui agit",
            received=f"l'assertion de {known.id}",
            hint="Construire le VIHF à l'appel, depuis la session de l'utilisateur.",
        )


def two_users_problems(first: Appel, second: Appel) -> Iterator[Problem]:
    """``dmp.parcours.two-users-two-tokens``: two users who act one after the other are told apart by their tokens."""
    if first.utilisateur == second.utilisateur or not second.utilisateur:
        yield Problem(
            "dmp.parcours.two-users-two-tokens",
            "Deux utilisateurs sous un même identifiant",
            second.id,
            expected="l'identifiant national du second utilisateur",
            received=second.utilisateur or "absent",
            hint="Un identifiant générique, ou celui d'un collègue, n'est pas admis dans le NameID.",
        )


def search_problems(calls: Sequence[Appel]) -> Iterator[Problem]:
    """``dmp.parcours.no-search-after-deposit``: a deposit is not followed by an automatic search of the documents."""
    deposits: dict[str, Appel] = {}
    for call in calls:
        if call.kind == "dmp.td2.1":
            deposits[call.patient] = call
            continue
        deposit = deposits.get(call.patient)
        if call.kind == "dmp.td3.1" and call.leaf and deposit is not None and call.moment - deposit.moment < AFTER_DEPOSIT:
            yield Problem(
                "dmp.parcours.no-search-after-deposit",
                "Recherche automatique juste après un dépôt",
                call.id,
                expected="aucune recherche sans geste de l'utilisateur",
                received=f"TD3.1 {(call.moment - deposit.moment).total_seconds():.0f} s après le dépôt {deposit.id}",
                hint="EX_3.1-2030 : le dépôt confirmé suffit ; la liste se rafraîchit à la demande.",
            )


def _consults(call: Appel) -> bool:
    return call.kind in CONSULTATION and (call.kind != "dmp.td3.1" or call.leaf)
