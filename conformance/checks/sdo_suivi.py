"""ViaTrajectoire: what the DUI does of the decisions and events that it receives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..core.settings import Settings
from ..validation.sdo.call import DECISION, NOTIFICATIONS, SdoCall
from ..validation.sdo.codes import CLOSED, codes
from ..validation.sdo.event import EsmsEvent
from .registry import check

IG = "SDO 4.0.7"
PLAN = "plan d'essai SDO"
SHOWN = (
    "id_decision",
    "id_nat_decision",
    "nom_naissance",
    "date_naissance",
    "nature_droit",
    "ouverture",
    "echeance",
    "urgence",
    "modalite",
)


def _seen(attempt: Geste, name: str) -> Any:
    value = attempt.observation(name)
    if value is None:
        raise Inconclusive(f"le DUI ne déclare pas « {name} » : à constater à l'écran")
    return value


def _last_event(calls: Sequence[SdoCall]) -> dict[str, Any]:
    """The event served whose date is the latest, whatever the order of arrival."""
    events = [e for c in calls if c.kind == NOTIFICATIONS and c.served for e in c.facts.get("evenements", ()) if e.get("statut")]
    if not events:
        raise Inconclusive("aucun événement n'a été rendu au DUI")
    return max(events, key=lambda e: str(e.get("modifie", "")))


@check("sdo.suivi.decision-montree", covers=("VT-02",), source="programme VT-02 ; CDA Individu et décision", confidence="vu")
def decision_is_shown_as_received(attempt: Geste, call: SdoCall) -> Evidence:
    """Identité, décision, nature du droit, dates, urgence et modalité s'affichent comme la décision les dit."""
    decision = call.facts.get("decision")
    if call.kind != DECISION or not isinstance(decision, dict):
        raise Inconclusive("cet appel n'a pas rendu de décision")
    for name in SHOWN:
        if (shown := _seen(attempt, name)) != decision[name]:
            raise CheckFailed(
                "Information de la décision perdue ou changée",
                expected=f"{name} = {decision[name] or 'vide'}",
                received=f"{name} = {shown or 'vide'}",
                at=f"{attempt.id}, {name}",
                hint="Lire le document CDA de content.attachment.data, et les deux identifiants du DocumentReference.",
            )
    return Evidence(at=attempt.id, fired=len(SHOWN))


@check("sdo.suivi.libelle", covers=("VT-08",), source="J252 (1.2.250.1.213.3.4.116)", confidence="vu")
def status_is_shown_in_words(attempt: Geste) -> Evidence:
    """Le statut s'affiche par un libellé, qui dit le même statut que la terminologie."""
    status, label = str(_seen(attempt, "statut")), str(_seen(attempt, "libelle"))
    known = codes().esms.get(status, "")
    first = known.lower().split()[0] if known else ""
    if not known or first not in label.lower():
        raise CheckFailed(
            "Libellé de statut absent ou d'un autre statut",
            expected=known or "un statut de J252",
            received=label or "aucun",
            at=f"{attempt.id}, libelle",
            hint="Montrer le libellé de la terminologie, non le code.",
        )
    return Evidence(at=f"{attempt.id}, libelle", note=label)


@check("sdo.suivi.evenement-applique", covers=("VT-07",), source=f"{IG}, flux 5", confidence="vu")
def event_from_elsewhere_is_applied(attempt: Geste, calls: Sequence[SdoCall], settings: Settings) -> Evidence:
    """Le changement de statut venu d'ailleurs s'affiche : celui de notre notification, ou celui d'un autre établissement."""
    event = _last_event(calls)
    ours = event["structure"] in [f"1{finess}" for finess in settings.viatrajectoire.finess_eg]
    name = "statut" if ours else "statut_ailleurs"
    if (shown := str(_seen(attempt, name))) != event["statut"]:
        raise CheckFailed(
            "Événement d'ailleurs sans effet dans le DUI",
            expected=f"{name} = {codes().label(event['statut'])}",
            received=codes().label(shown) or "rien",
            at=f"{attempt.id}, {name} {event['statut']}",
            hint="Appliquer chaque Task reçu à l'orientation que son idNat_Decision désigne.",
        )
    return Evidence(at=f"{attempt.id}, {name}", note=codes().label(event["statut"]))


@check("sdo.suivi.plus-recent", covers=("VT-07",), source=f"SDO-11 du {PLAN} : événements en désordre", confidence="infere")
def latest_event_wins(attempt: Geste, calls: Sequence[SdoCall]) -> Evidence:
    """Quand des événements arrivent en désordre, le plus récent l'emporte."""
    events = [e for c in calls if c.kind == NOTIFICATIONS and c.served for e in c.facts.get("evenements", ()) if e.get("statut")]
    if len({e["statut"] for e in events}) < 2:
        raise Inconclusive("il faut deux événements pour parler de leur ordre")
    event = _last_event(calls)
    if (shown := str(_seen(attempt, "statut"))) != event["statut"]:
        raise CheckFailed(
            "Événement ancien qui l'emporte sur le plus récent",
            expected=f"{codes().label(event['statut'])}, daté le plus tard",
            received=codes().label(shown),
            at=f"{attempt.id}, statut",
            hint="Comparer meta.lastUpdated des événements, non leur ordre d'arrivée.",
        )
    return Evidence(at=f"{attempt.id}, statut")


@check("sdo.suivi.doublon", covers=("VT-07",), source=f"SDO-11 du {PLAN} : événements en double", confidence="infere")
def duplicated_event_counts_once(attempt: Geste, calls: Sequence[SdoCall]) -> Evidence:
    """Un événement reçu deux fois ne compte qu'une fois."""
    served = [str(e["id"]) for c in calls if c.kind == NOTIFICATIONS and c.served for e in c.facts.get("evenements", ())]
    if len(served) == len(set(served)):
        raise Inconclusive("aucun événement n'a été rendu deux fois")
    if (count := str(_seen(attempt, "evenements")).strip()) != str(len(set(served))):
        raise CheckFailed(
            "Événement compté deux fois",
            expected=f"{len(set(served))} événement(s)",
            received=str(count),
            at=f"{attempt.id}, evenements",
            hint="Reconnaître un événement à son identifiant : la relève de la veille rend encore ceux déjà reçus.",
        )
    return Evidence(at=f"{attempt.id}, evenements")


@check("sdo.suivi.annulee-fermee", covers=("VT-07",), source=f"SDO-10 du {PLAN}", confidence="vu")
def cancelled_orientation_is_closed(attempt: Geste, calls: Sequence[SdoCall]) -> Evidence:
    """Une orientation annulée ou entérinée n'est plus à traiter."""
    event = _last_event(calls)
    if event["statut"] not in CLOSED:
        raise Inconclusive("le dernier événement ne ferme pas l'orientation")
    if _seen(attempt, "a_traiter") is not False:
        raise CheckFailed(
            "Orientation fermée et encore à traiter",
            expected=f"{codes().label(event['statut'])} : plus rien à traiter",
            received="à traiter",
            at=f"{attempt.id}, a_traiter",
            hint="Retirer de la liste de travail ce que la MDPH a annulé ou entériné.",
        )
    return Evidence(at=f"{attempt.id}, a_traiter")


@check("sdo.suivi.echeance-montree", covers=("VT-09",), source="programme VT-09", confidence="vu")
def expired_right_is_shown(attempt: Geste, call: SdoCall) -> Evidence:
    """Une notification dont le droit est échu reste visible et se montre comme échue."""
    decision = call.facts.get("decision")
    if not isinstance(decision, dict):
        raise Inconclusive("cet appel n'a pas rendu de décision")
    expired = decision["echeance"] < call.moment.date().isoformat()
    if _seen(attempt, "echue") is not expired:
        raise CheckFailed(
            "Échéance du droit mal montrée",
            expected="échue" if expired else "en cours de validité",
            received="en cours de validité" if expired else "échue",
            at=f"{attempt.id}, echue",
            hint="Comparer dateEcheanceDuDroit à la date du jour.",
        )
    return Evidence(at=f"{attempt.id}, echue", note=decision["echeance"])


@check("sdo.suivi.renouvellement", covers=("VT-09",), source="programme VT-09 : pas de doublon", confidence="vu")
def renewal_takes_the_place_of_the_former(attempt: Geste, calls: Sequence[SdoCall]) -> Evidence:
    """La décision renouvelée remplace la précédente : une seule orientation s'affiche."""
    read = [c.facts["decision"] for c in calls if c.kind == DECISION and isinstance(c.facts.get("decision"), dict)]
    if len({d["id_nat_decision"] for d in read}) < 2:
        raise Inconclusive("aucun renouvellement n'a été lu")
    count = str(_seen(attempt, "orientations")).strip()
    if count != "1":
        raise CheckFailed(
            "Orientation renouvelée en double",
            expected="une orientation en cours",
            received=f"{count} orientations",
            at=f"{attempt.id}, orientations",
            hint="Le document de renouvellement désigne celui qu'il remplace (relatedDocument RPLC).",
        )
    return Evidence(at=f"{attempt.id}, orientations")


@check(
    "sdo.suivi.rapprochement", covers=("VT-02",), source=f"SDO-05 du {PLAN} ; RNIV : identité non qualifiée", confidence="infere"
)
def decision_without_ins_is_to_be_verified(attempt: Geste) -> Evidence:
    """Une décision sans INS n'est pas rattachée seule : le rapprochement par les traits est à vérifier."""
    if (shown := _seen(attempt, "rapprochement")) != "a-verifier":
        raise CheckFailed(
            "Décision sans INS rattachée sans vérification",
            expected="un rapprochement à vérifier",
            received=str(shown),
            at=f"{attempt.id}, rapprochement",
            hint="Sans INS, les traits ne suffisent pas : les faire comparer par une personne.",
        )
    return Evidence(at=f"{attempt.id}, rapprochement")


@check("sdo.suivi.transition", covers=("VT-08",), source="automate provisoire (aucune table publique)", confidence="infere")
def status_follows_the_former(event: EsmsEvent) -> Evidence:
    """Le statut envoyé suit le précédent selon l'automate provisoire des statuts."""
    former = str(event.facts.get("statut_avant", ""))
    if not former or not event.said.statut:
        return Evidence(at="Task.input[statutESMS]", note="le statut précédent n'est pas connu")
    allowed = codes().automate.get(former, ())
    if event.said.statut != former and event.said.statut not in allowed:
        raise CheckFailed(
            "Statut qui ne suit pas le précédent",
            expected=f"après {codes().label(former)} : {', '.join(allowed) or 'rien'}",
            received=codes().label(event.said.statut),
            at="Task.input[statutESMS]",
            hint="Règle provisoire : l'ordre des statuts est déduit, à vérifier dans les spécifications fonctionnelles 2.8.",
        )
    return Evidence(at="Task.input[statutESMS]", note=f"{former} → {event.said.statut}")
