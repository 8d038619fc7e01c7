"""ViaTrajectoire : les changements faits ailleurs, annulations, doublons et désordre (SDO-10 et 11)."""

from __future__ import annotations

from ..checks.sdo_suivi import (
    cancelled_orientation_is_closed,
    duplicated_event_counts_once,
    event_from_elsewhere_is_applied,
    latest_event_wins,
)
from ..core.campaign import Campaign, Geste
from ..core.exchange import Exchange
from ..core.formulaire import IMAGE
from ..core.gestures.orientation import ChangerStatutOrientation, ReleverOrientations
from ..core.people import Usager
from .viatrajectoire_appels import EVENEMENT, NOTIFICATIONS, TOUT, consulter, notifie, recevoir

AILLEURS = ("VT-07",)


def test_entree_dans_un_autre_etablissement(c: Campaign) -> None:
    """Un autre établissement fait entrer l'usager : le DUI l'affiche."""
    usager, _ = _recu(c)
    c.viatrajectoire.command("evenement", usager=usager.id, statut="47", ailleurs=True)
    _applique(c, usager)
    c.attest(
        pour=("VT-07",),
        constat=("L'entrée dans un autre établissement se voit-elle dans le DUI, avec sa date, sans que personne l'ait saisie ?"),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_notification_annulee(c: Campaign) -> None:
    """La notification est annulée ailleurs : le DUI la ferme, et n'y enregistre plus rien."""
    usager, lecture = _recu(c)
    c.viatrajectoire.command("evenement", usager=usager.id, statut="49", motif="124")
    ecran = _applique(c, usager)
    c.require(cancelled_orientation_is_closed, ecran, *c.viatrajectoire.seen(TOUT))
    geste = c.do(ChangerStatutOrientation(usager.id, statut="41", motif="151"))
    c.viatrajectoire.absent(EVENEMENT, control=lecture, during=geste, pour=AILLEURS)


def test_decision_annulee(c: Campaign) -> None:
    """La décision d'orientation est annulée par la MDPH : le DUI ferme l'orientation."""
    usager, _ = _recu(c)
    c.viatrajectoire.command("evenement", usager=usager.id, statut="37", motif="173")
    ecran = _applique(c, usager)
    c.require(cancelled_orientation_is_closed, ecran, *c.viatrajectoire.seen(TOUT))


def test_admission_impossible_enterinee(c: Campaign) -> None:
    """La MDPH entérine l'admission impossible : le DUI l'affiche et ferme l'orientation."""
    usager, _ = _recu(c)
    c.viatrajectoire.command("evenement", usager=usager.id, statut="46", motif="122")
    _applique(c, usager)


def test_notification_reactivee(c: Campaign) -> None:
    """Une notification annulée est réactivée : le DUI la rouvre."""
    usager, _ = _recu(c)
    c.viatrajectoire.command("evenement", usager=usager.id, statut="49", motif="112", recul_secondes=60)
    c.do(ReleverOrientations())
    c.viatrajectoire.command("evenement", usager=usager.id, statut="54", motif="168")
    _applique(c, usager)


def test_evenement_en_double(c: Campaign) -> None:
    """Deux relèves rendent le même événement : il ne compte qu'une fois."""
    usager, _ = _recu(c)
    c.viatrajectoire.command("evenement", usager=usager.id, statut="46", motif="122")
    _applique(c, usager)
    c.advance(hours=1)
    c.require(duplicated_event_counts_once, _applique(c, usager), *c.viatrajectoire.seen(NOTIFICATIONS))


def test_evenements_en_desordre(c: Campaign) -> None:
    """L'annulation, plus ancienne, arrive après la réactivation : la réactivation l'emporte."""
    usager, _ = _recu(c)
    c.viatrajectoire.command("evenement", usager=usager.id, statut="54", motif="168")
    c.viatrajectoire.command("evenement", usager=usager.id, statut="49", motif="112", recul_secondes=600)
    geste = c.do(ReleverOrientations())
    c.viatrajectoire.wait_for(NOTIFICATIONS, after=geste, pour=AILLEURS)
    c.require(latest_event_wins, consulter(c, usager), *c.viatrajectoire.seen(TOUT))


def _recu(c: Campaign) -> tuple[Usager, Exchange]:
    usager = notifie(c)
    lecture = recevoir(c, usager, AILLEURS)
    c.viatrajectoire.wait_for(NOTIFICATIONS, pour=AILLEURS)
    return usager, lecture


def _applique(c: Campaign, usager: Usager) -> Geste:
    geste = c.do(ReleverOrientations())
    recherche = c.viatrajectoire.wait_for(NOTIFICATIONS, after=geste, pour=AILLEURS)
    c.expect("SDO-NOTIFICATIONS", recherche)
    ecran = consulter(c, usager)
    c.require(event_from_elsewhere_is_applied, ecran, *c.viatrajectoire.seen(TOUT))
    return ecran
