"""The order of the calls to the DMP: consent, existence, authorisation, search, document; one token a user and a call."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.exchange import Exchange
from ..core.problem import Evidence
from ..validation.dmp import parcours
from ..validation.dmp.parcours import Appel
from .dmp_requetes import judged
from .registry import check

_WEBINAIRE = "webinaire ANS du 31/03/2026, consultation du DMP"
NEEDS_CONSENT = ("dmp.td0.3", "dmp.td3.1", "dmp.td3.2")


@check("dmp.parcours.consent-first", covers=("DMP-CONS-01",), source=_WEBINAIRE, confidence="vu")
def consent_precedes_consultation(consent: Geste, calls: Sequence[Appel]) -> Evidence:
    """Le consentement à la consultation est enregistré avant la première demande d'autorisation, recherche ou consultation."""
    concerned = [call for call in calls if call.kind in NEEDS_CONSENT and not call.urgence]
    if consent.fin is None or not consent.fait:
        raise Inconclusive("le recueil du consentement n'est pas confirmé")
    if not concerned:
        raise Inconclusive("aucun appel de consultation à situer")
    early = next((call for call in concerned if call.moment < consent.fin), None)
    if early is not None:
        raise CheckFailed(
            "Consultation avant le recueil du consentement",
            expected=f"aucun {early.kind.removeprefix('dmp.').upper()} avant {consent.id}",
            received=f"{early.id} ({early.kind}), {(consent.fin - early.moment).total_seconds():.0f} s plus tôt",
            at=early.id,
            hint="Ne rien demander au DMP, hors test d'existence, tant que le choix de l'usager n'est pas enregistré.",
        )
    return Evidence(at=consent.id, note=f"{len(concerned)} appels, tous après le consentement", fired=len(concerned))


@check("dmp.parcours.existence-first", covers=("DMP-CONS-07",), source=_WEBINAIRE, confidence="vu")
def existence_is_tested_first(calls: Sequence[Appel]) -> Evidence:
    """Une recherche ou une consultation suit un test d'existence (TD0.2, ou liste TD0.4) fait par le même utilisateur."""
    return judged(parcours.existence_problems(calls), _ordered(calls))


@check("dmp.parcours.authorised-first", covers=("DMP-CONS-08",), source=f"{_WEBINAIRE} ; PDT-INF-526", confidence="vu")
def authorisation_precedes_consultation(calls: Sequence[Appel]) -> Evidence:
    """L'utilisateur que le DMP dit sans autorisation valide en déclare une (TD0.3) avant de chercher ou de consulter."""
    return judged(parcours.authorisation_problems(calls), _ordered(calls))


@check("dmp.parcours.own-token", covers=("DMP-CONS-10",), source="VIHF-06 ; SC.DMP/AIRS.06", confidence="secondaire")
def each_call_has_its_token(calls: Sequence[Appel]) -> Evidence:
    """Chaque appel porte un jeton VIHF neuf, au nom de l'utilisateur qui agit."""
    return judged(parcours.token_problems(calls), _ordered(calls))


@check("dmp.parcours.two-users-two-tokens", covers=("DMP-CONS-10",), source="SC.DMP/AIRS.06", confidence="vu")
def two_users_have_two_tokens(first: Appel, second: Appel) -> Evidence:
    """Deux utilisateurs qui consultent l'un après l'autre sont nommés par deux jetons, chacun sous son identifiant national."""
    return judged(parcours.two_users_problems(first, second), Evidence(at=second.id, note="deux identifiants"))


@check("dmp.parcours.no-search-after-deposit", covers=("DMP-CONS-16",), source="EX_3.1-2030", confidence="secondaire")
def no_search_follows_a_deposit(calls: Sequence[Appel]) -> Evidence:
    """Un dépôt n'est pas suivi d'une recherche automatique des documents."""
    if not any(call.kind == "dmp.td2.1" for call in calls):
        raise Inconclusive("aucun dépôt parmi ces appels")
    return judged(parcours.search_problems(calls), Evidence(note="aucune recherche dans la minute"))


@check("dmp.parcours.through-api", covers=("DMP-CONS-24",), source=_WEBINAIRE, confidence="vu")
def consultation_goes_through_the_api(calls: Sequence[Exchange]) -> Evidence:
    """La liste des documents vient du DMP par l'API (TD3.1), et non d'une page du WebPS ouverte dans un navigateur."""
    search = next((call for call in calls if call.kind == "dmp.td3.1"), None)
    page = next((call for call in calls if call.kind == "dmp.webps"), None)
    if search is None and page is not None:
        raise CheckFailed(
            "Consultation par le site web du DMP seulement",
            expected="une recherche TD3.1, puis la liste affichée dans le DUI",
            received=f"{page.id} : page du WebPS ({page.facts.get('page', '?')})",
            at=page.id,
            hint="L'accès web contextuel (TD0.9) peut s'ajouter à la consultation dans le DUI, pas la remplacer.",
        )
    if search is None:
        raise Inconclusive("ni recherche, ni page du WebPS")
    return Evidence(at=search.id, note="TD3.1")


def _ordered(calls: Sequence[Appel]) -> Evidence:
    if not any(call.kind in parcours.CONSULTATION for call in calls):
        raise Inconclusive("aucune recherche ni consultation parmi ces appels")
    return Evidence(note=" puis ".join(call.kind.removeprefix("dmp.").upper() for call in calls[:8]), fired=len(calls))
