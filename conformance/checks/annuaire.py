"""How a DUI uses the Annuaire Santé: key, criteria, pages, quota; and what it proposes to its user."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive, NotTested
from ..core.problem import Evidence
from ..validation.annuaire import AppelAnnuaire, Boite
from ..validation.mail.envelope import Envelope
from .registry import check

_API = "API FHIR de l'Annuaire Santé v2"
_TOLERANCE = 0.05
_SEARCH_THEN_CHECK = 2


def _shown(geste: Geste) -> list[str]:
    """The addresses that the DUI declares to propose; raises ``NotTested`` when it does not declare them."""
    found = geste.listed("adresses")
    if found is None:
        raise NotTested("le DUI ne déclare pas les adresses proposées (observation « adresses »)")
    return [str(a).lower() for a in found]


def _known(calls: Sequence[AppelAnnuaire]) -> dict[str, Boite]:
    found = {boite.adresse.lower(): boite for call in calls for boite in call.boites}
    if not found:
        raise Inconclusive("l'annuaire n'a montré aucune boîte")
    return found


@check("annuaire.key-in-header", covers=("MSS-08",), source=f"{_API} : en-tête ESANTE-API-KEY", confidence="vu")
def key_is_in_the_header(call: AppelAnnuaire) -> Evidence:
    """La clé d'API est dans l'en-tête ESANTE-API-KEY, jamais dans l'adresse."""
    if call.cle_dans_l_adresse or not call.cle_en_entete:
        raise CheckFailed(
            "Clé d'API absente de l'en-tête, ou placée dans l'adresse",
            expected="ESANTE-API-KEY: <clé>",
            received="clé dans l'adresse" if call.cle_dans_l_adresse else "aucune clé",
            at=call.at,
            hint="Une adresse se retrouve dans les journaux : la clé n'y va pas.",
        )
    return Evidence(at=call.at, note="clé en en-tête")


@check("annuaire.known-parameters", covers=("MSS-08",), source=f"{_API} : paramètre inconnu refusé (400)", confidence="vu")
def parameters_are_known(call: AppelAnnuaire) -> Evidence:
    """Le logiciel n'emploie que des paramètres de recherche connus de l'API."""
    if call.parametre_refuse:
        raise CheckFailed(
            "Paramètre de recherche refusé par l'annuaire",
            expected="un paramètre du CapabilityStatement (identifier, family, given, qualification-code, address-city…)",
            received=call.parametre_refuse,
            at=f"{call.at}, paramètre {call.parametre_refuse}",
            hint="Voir la déclaration de capacités (metadata) : l'API refuse ce qu'elle ne connaît pas.",
        )
    return Evidence(at=call.at, note=", ".join(sorted({name for name, _ in call.parametres})) or "aucun paramètre")


@check("annuaire.criterion-sent", covers=("MSS-08",), source="SC.MSS/UX.41 ; ANN/va1.01 à va1.06", confidence="secondaire")
def criterion_is_searched(calls: Sequence[AppelAnnuaire], geste: Geste) -> Evidence:
    """Chaque critère saisi par l'utilisateur est cherché dans l'annuaire."""
    typed = {k: v for k, v in geste.gesture.arguments().items() if isinstance(v, str) and v}
    if not calls:
        raise Inconclusive("aucun appel à l'annuaire")
    values = " ".join(value for call in calls for _, value in call.parametres).lower()
    missing = [f"{name} = {value}" for name, value in typed.items() if value.lower() not in values]
    if missing:
        raise CheckFailed(
            "Critère saisi qui n'est pas cherché",
            expected=", ".join(f"{name} = {value}" for name, value in typed.items()),
            received=f"manquent : {', '.join(missing)}",
            at=calls[0].at,
            hint="Chercher par RPPS, nom, prénom, profession, spécialité, lieu, structure et FINESS, ensemble ou séparément.",
        )
    return Evidence(at=calls[0].at, note=f"{len(typed)} critère(s), {len(calls)} appel(s)")


@check("annuaire.all-pages", covers=("MSS-08",), source=f"{_API} : 50 résultats par page, lien next", confidence="vu")
def every_page_is_followed(calls: Sequence[AppelAnnuaire]) -> Evidence:
    """Le logiciel suit le lien « next » jusqu'à la dernière page."""
    asked = {call.cible for call in calls}
    pages = [call for call in calls if call.suivante]
    if not pages:
        raise Inconclusive("la recherche tenait en une page")
    left = [call for call in pages if not any(call.suivante.endswith(cible) for cible in asked)]
    if left:
        raise CheckFailed(
            "Page suivante jamais demandée",
            expected="chaque lien « next » suivi tel que reçu",
            received=f"{len(calls)} page(s) demandée(s) sur davantage",
            at=left[0].at,
            hint="Suivre link[relation=next] ; ne pas fabriquer l'adresse de la page suivante.",
        )
    return Evidence(at=calls[-1].at, note=f"{len(calls)} pages")


@check("annuaire.waits-after-quota", covers=("MSS-08",), source=f"{_API} : quota, 429 et Retry-After", confidence="secondaire")
def quota_is_respected(calls: Sequence[AppelAnnuaire]) -> Evidence:
    """Après une réponse 429, le logiciel attend le délai demandé avant de rappeler."""
    ordered = sorted(calls, key=lambda call: call.recu)
    refused = [(a, b) for a, b in itertools.pairwise(ordered) if a.quota_depasse]
    if not any(call.quota_depasse for call in ordered):
        raise Inconclusive("l'annuaire n'a pas signalé de quota dépassé")
    for before, after in refused:
        waited = (after.recu - before.recu).total_seconds()
        if waited + _TOLERANCE < before.attente:
            raise CheckFailed(
                "Appel répété aussitôt après un quota dépassé",
                expected=f"{before.attente:g} s d'attente (Retry-After)",
                received=f"{waited:.2f} s",
                at=after.at,
                hint="Lire Retry-After, attendre, et limiter le débit à 17 appels par seconde.",
            )
    return Evidence(at=ordered[-1].at, note="délai respecté" if refused else "aucun rappel")


@check("annuaire.shows-every-address", covers=("MSS-08",), source="ANN/va1.05 ; SC.MSS/CONF.20", confidence="secondaire")
def every_address_is_proposed(geste: Geste, calls: Sequence[AppelAnnuaire]) -> Evidence:
    """Un correspondant à plusieurs adresses est proposé avec toutes, pour que l'utilisateur choisisse."""
    shown, known = _shown(geste), _known(calls)
    people = any("Practitioner" in call.ressources for call in calls)
    wanted = sorted(a for a, b in known.items() if b.visible and (b.titulaire != "Organization" or not people))
    missing = [adresse for adresse in wanted if adresse not in shown]
    if missing:
        raise CheckFailed(
            "Adresses de l'annuaire qui ne sont pas proposées",
            expected=", ".join(wanted),
            received=", ".join(shown) or "aucune adresse",
            at=geste.id,
            hint="Réunir les boîtes du professionnel (Practitioner) et de chacun de ses exercices (PractitionerRole).",
        )
    return Evidence(at=geste.id, note=f"{len(shown)} adresse(s) proposée(s)")


def _not_proposed(geste: Geste, calls: Sequence[AppelAnnuaire], wrong: set[str], what: str, hint: str) -> Evidence:
    shown = _shown(geste)
    if not wrong:
        raise Inconclusive(f"l'annuaire n'a montré {what}")
    proposed = sorted(set(shown) & wrong)
    if proposed:
        raise CheckFailed(
            "Adresse proposée qui ne doit pas l'être",
            expected="seulement les boîtes MSSanté actives et publiques",
            received=", ".join(proposed),
            at=geste.id,
            hint=hint,
        )
    return Evidence(at=geste.id, note=f"{len(wrong)} adresse(s) écartée(s)")


@check("annuaire.only-mss", covers=("MSS-08",), source=f"{_API} : TRE_R256 = MSSANTE", confidence="vu")
def ordinary_mails_are_left_out(geste: Geste, calls: Sequence[AppelAnnuaire]) -> Evidence:
    """Un courriel ordinaire de l'annuaire n'est pas proposé comme adresse MSSanté."""
    wrong = {a for a, boite in _known(calls).items() if not boite.mss}
    hint = "Trier sur le type de messagerie (TRE_R256 = MSSANTE), non sur le domaine."
    return _not_proposed(geste, calls, wrong, "aucun courriel ordinaire", hint)


@check("annuaire.no-red-list", covers=("MSS-08",), source=f"{_API} : boîtes en liste rouge", confidence="vu")
def red_list_is_left_out(geste: Geste, calls: Sequence[AppelAnnuaire]) -> Evidence:
    """Une boîte en liste rouge n'est jamais proposée."""
    wrong = {a for a, boite in _known(calls).items() if boite.liste_rouge}
    return _not_proposed(geste, calls, wrong, "aucune boîte en liste rouge", "Écarter les boîtes dont listeRouge vaut vrai.")


@check("annuaire.no-inactive", covers=("MSS-08",), source=f"{_API} : active = false", confidence="vu")
def inactive_holders_are_left_out(geste: Geste, calls: Sequence[AppelAnnuaire]) -> Evidence:
    """Les boîtes d'un exercice ou d'un professionnel inactif ne sont pas proposées."""
    wrong = {a for a, boite in _known(calls).items() if not boite.active}
    return _not_proposed(geste, calls, wrong, "aucun titulaire inactif", "Lire « active » sur chaque ressource.")


@check("annuaire.outage-announced", covers=("MSS-08",), source="règle ANN-5 (5xx et délais dépassés)", confidence="secondaire")
def outage_is_announced(geste: Geste, call: AppelAnnuaire) -> Evidence:
    """Quand l'annuaire ne répond pas, le logiciel le dit à l'utilisateur."""
    if call.statut < 400:
        raise Inconclusive("l'annuaire a répondu")
    said = geste.observation("alerte") or (geste.resultat.message if geste.resultat is not None and not geste.fait else "")
    if not said:
        raise CheckFailed(
            "Panne de l'annuaire montrée comme une absence d'adresse",
            expected="un message qui dit que l'annuaire est indisponible",
            received=f"« {geste.resultat.message} »" if geste.resultat is not None else "rien",
            at=geste.id,
            hint="Distinguer une recherche sans résultat d'une recherche qui n'a pas eu lieu.",
        )
    return Evidence(at=geste.id, note=str(said))


@check("annuaire.checked-before-send", covers=("MSS-08",), source="règle ANN-8 (adresse revérifiée)", confidence="infere")
def address_is_checked_again(sent: Envelope, calls: Sequence[AppelAnnuaire]) -> Evidence:
    """Une adresse prise dans l'annuaire y est vérifiée de nouveau avant l'envoi."""
    wanted = {r.address.lower() for r in sent.recipients}
    seen = [call for call in calls if wanted & {boite.adresse.lower() for boite in call.boites}]
    if len(seen) < _SEARCH_THEN_CHECK:
        raise CheckFailed(
            "Adresse envoyée sans nouvelle lecture de l'annuaire",
            expected="une recherche au choix de l'adresse, puis une lecture à l'envoi",
            received=f"{len(seen)} lecture(s) de cette adresse",
            at=seen[-1].at if seen else "annuaire",
            hint="Une boîte peut avoir fermé depuis qu'elle a été choisie : relire sa ressource avant d'envoyer.",
        )
    return Evidence(at=seen[-1].at, note=f"{len(seen)} lectures")
