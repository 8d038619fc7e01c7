"""ViaTrajectoire: sending an event when the service fails. Nothing is lost, nothing is doubled, the user is told."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.campaign import Geste
from ..core.errors import CheckFailed, Inconclusive
from ..core.problem import Evidence
from ..validation.sdo.call import SdoCall
from ..validation.sdo.event import EVENT
from .registry import check

IG = "SDO 4.0.7"
PLAN = "plan d'essai SDO"


@check("sdo.reprise.envoi-unique", covers=("VT-06",), source=f"{IG}, flux 4 : un Task par événement (SDO-12)", confidence="vu")
def event_is_accepted_once(calls: Sequence[SdoCall]) -> Evidence:
    """Un événement accepté n'est pas envoyé de nouveau."""
    accepted = [c for c in calls if c.kind == EVENT and c.served and not c.panne]
    if not accepted:
        raise Inconclusive("aucun événement n'a été accepté")
    again = [c for c in accepted if c.facts.get("identique")]
    if again and not any(c.panne for c in calls if c.kind == EVENT):
        raise CheckFailed(
            "Événement accepté et envoyé de nouveau",
            expected="un envoi",
            received=f"{len(again) + 1} envois du même événement",
            at="envoi d'un événement",
            hint="La réponse 201 clôt l'envoi : retirer l'événement de la file.",
        )
    return Evidence(at="envoi d'un événement", fired=len(accepted))


@check(
    "sdo.reprise.apres-panne", covers=("VT-06",), source=f"SDO-12 du {PLAN} : l'événement part après la panne", confidence="vu"
)
def event_leaves_after_the_failure(calls: Sequence[SdoCall]) -> Evidence:
    """Un événement qu'une panne a empêché de partir part ensuite, une fois."""
    sent = [c for c in calls if c.kind == EVENT]
    if not any(c.panne for c in sent):
        raise Inconclusive("aucun envoi n'a rencontré de panne")
    accepted = [c for c in sent if c.served and not c.panne]
    if len(accepted) != 1:
        raise CheckFailed(
            "Événement perdu après une panne" if not accepted else "Événement envoyé plusieurs fois après une panne",
            expected="un envoi accepté une fois la panne finie",
            received=f"{len(accepted)} envoi(s) accepté(s)",
            at="envoi d'un événement, après la panne",
            hint="Garder en file ce que le service n'a pas accepté, et le renvoyer quand il répond de nouveau.",
        )
    return Evidence(at="envoi d'un événement, après la panne")


@check("sdo.reprise.identique", covers=("VT-06",), source=f"SDO-12 du {PLAN} : renvoi sans doublon", confidence="infere")
def event_is_resent_unchanged(calls: Sequence[SdoCall]) -> Evidence:
    """L'événement dont la réponse s'est perdue est renvoyé à l'identique : le service peut le reconnaître."""
    sent = [c for c in calls if c.kind == EVENT]
    lost = [c for c in sent if c.panne and ("id" in c.facts or c.facts.get("enregistre"))]
    again = [c for c in sent if c.served and not c.panne]
    if not lost or not again:
        raise Inconclusive("aucune réponse perdue n'a été suivie d'un renvoi")
    if not again[-1].facts.get("identique"):
        raise CheckFailed(
            "Événement récrit avant d'être renvoyé",
            expected="le même Task, au caractère près",
            received="un autre Task : le service en compte deux",
            at="envoi d'un événement, après une réponse perdue",
            hint="Garder le message tel qu'il est parti ; ni date ni identifiant ne changent au renvoi.",
        )
    return Evidence(at="envoi d'un événement, après une réponse perdue")


@check("sdo.reprise.bornee", covers=("VT-06",), source=f"SDO-12 du {PLAN}", confidence="infere")
def resending_is_bounded(calls: Sequence[SdoCall]) -> Evidence:
    """Pendant une panne, le DUI ne renvoie pas sans fin."""
    failed = [c for c in calls if c.kind == EVENT and c.panne]
    if not failed:
        raise Inconclusive("aucun envoi n'a rencontré de panne")
    if len(failed) > 3:
        raise CheckFailed(
            "Envois répétés pendant une panne",
            expected="trois essais au plus pour un geste",
            received=f"{len(failed)} essais",
            at="envoi d'un événement, pendant la panne",
            hint="Attendre entre deux essais, de plus en plus longtemps, et prévenir l'utilisateur.",
        )
    return Evidence(at="envoi d'un événement, pendant la panne", note=f"{len(failed)} essai(s)")


@check("sdo.reprise.attente-annoncee", covers=("VT-06",), source=f"SDO-12 du {PLAN}", confidence="infere")
def pending_event_is_told(attempt: Geste, calls: Sequence[SdoCall]) -> Evidence:
    """Un événement qui n'a pas pu partir est montré comme en attente, non comme envoyé."""
    sent = [c for c in calls if c.kind == EVENT]
    if not sent or any(c.served and not c.panne for c in sent):
        raise Inconclusive("aucun envoi n'a échoué")
    if attempt.fait and attempt.observation("envoi") == "accepte":
        raise CheckFailed(
            "Événement en attente annoncé comme envoyé",
            expected="envoi en attente, ou geste refusé",
            received="envoi annoncé accepté",
            at=f"{attempt.id}, envoi",
            hint="N'annoncer l'envoi qu'après la réponse 201.",
        )
    return Evidence(at=f"{attempt.id}, envoi")
