"""ViaTrajectoire : ce que le DUI montre d'une décision, échue, renouvelée, incomplète ou illisible (SDO-05)."""

from __future__ import annotations

from ..checks.sdo_evenement import event_says_the_status_entered
from ..checks.sdo_releve import each_decision_found_is_read, failure_is_told
from ..checks.sdo_reprise import event_is_accepted_once
from ..checks.sdo_requetes import only_the_flows_are_called
from ..checks.sdo_suivi import (
    decision_is_shown_as_received,
    decision_without_ins_is_to_be_verified,
    expired_right_is_shown,
    renewal_takes_the_place_of_the_former,
    status_is_shown_in_words,
)
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.orientation import ChangerStatutOrientation, LireOrientation, ReleverOrientations
from .viatrajectoire_appels import DECISION, EVENEMENT, TOUT, consulter, notifie, recevoir


def test_decision_recue_et_montree(c: Campaign) -> None:
    """La décision relevée s'affiche avec l'identité, le droit, ses dates, l'urgence et la modalité."""
    c.attest(
        pour=("VT-03",),
        constat=(
            "Les notifications s'affichent-elles et se traitent-elles dans le DUI, sans passer par le portail ViaTrajectoire ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )
    c.attest(
        pour=("VT-12",),
        constat="Le DUI suit-il les fins de droits et les orientations à traiter ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )
    usager = notifie(c)
    lecture = recevoir(c, usager)
    c.expect("SDO-DECISION", lecture)
    ecran = consulter(c, usager)
    c.require(decision_is_shown_as_received, ecran, lecture)
    c.require(status_is_shown_in_words, ecran, pour=("VT-08",))


def test_lecture_signalee(c: Campaign) -> None:
    """Ouvrir la notification la rend lue, et ViaTrajectoire l'apprend (statut 40)."""
    usager = notifie(c)
    recevoir(c, usager, ("VT-06",))
    geste = c.do(LireOrientation(usager.id))
    c.require(only_the_flows_are_called, *c.viatrajectoire.seen(TOUT))
    envoi = c.viatrajectoire.wait_for(EVENEMENT, after=geste, pour=("VT-06", "VT-08"))
    c.expect("SDO-EVENEMENT", envoi)
    c.require(event_says_the_status_entered, geste, envoi)
    c.require(event_is_accepted_once, *c.viatrajectoire.seen(EVENEMENT))


def test_decision_sans_ins(c: Campaign) -> None:
    """La décision n'a pas d'INS : elle est montrée, et son rattachement est à vérifier."""
    usager = notifie(c, sans_ins=True)
    lecture = recevoir(c, usager)
    ecran = consulter(c, usager)
    c.require(decision_is_shown_as_received, ecran, lecture)
    c.require(decision_without_ins_is_to_be_verified, ecran)


def test_decision_sans_identifiant_national(c: Campaign) -> None:
    """La décision n'a pas d'identifiant national : le DUI n'en invente pas et n'envoie aucun événement."""
    usager = notifie(c, sans_officiel=True)
    lecture = recevoir(c, usager)
    geste = c.do(ChangerStatutOrientation(usager.id, statut="41", motif="151"))
    c.viatrajectoire.absent(EVENEMENT, control=lecture, during=geste, pour=("VT-02", "VT-06"))


def test_document_illisible(c: Campaign) -> None:
    """Le document de la décision est coupé : le DUI le dit, et le relit à la relève suivante."""
    _document(c, "document-illisible")


def test_document_absent(c: Campaign) -> None:
    """La décision vient sans son document : le DUI le dit, et la relit à la relève suivante."""
    _document(c, "document-absent")


def test_droit_echu(c: Campaign) -> None:
    """Le droit est échu depuis un mois : la notification reste visible, montrée comme échue."""
    usager = notifie(c, duree_jours=-30)
    lecture = recevoir(c, usager, ("VT-09",))
    c.require(expired_right_is_shown, consulter(c, usager), lecture)
    c.attest(
        pour=("VT-09",),
        constat="La notification échue se voit-elle comme telle, et son renouvellement ne fait-il pas une seconde ligne ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_droit_en_cours(c: Campaign) -> None:
    """Le droit court encore : la notification ne se montre pas comme échue."""
    usager = notifie(c)
    lecture = recevoir(c, usager, ("VT-09",))
    c.require(expired_right_is_shown, consulter(c, usager), lecture)


def test_renouvellement(c: Campaign) -> None:
    """La décision est renouvelée : elle remplace la précédente, sans doublon."""
    usager = notifie(c, duree_jours=-1)
    recevoir(c, usager, ("VT-09",))
    c.viatrajectoire.command("notifier", usager=usager.id, renouvelle=True)
    geste = c.do(ReleverOrientations())
    c.viatrajectoire.wait_for(DECISION.of(usager), after=geste, pour=("VT-09",))
    c.require(renewal_takes_the_place_of_the_former, consulter(c, usager), *c.viatrajectoire.seen(DECISION))


def _document(c: Campaign, panne: str) -> None:
    usager = notifie(c)
    with c.viatrajectoire.panne(panne):
        geste = c.do(ReleverOrientations())
        c.viatrajectoire.wait_for(DECISION.of(usager), after=geste, pour=("VT-02",))
    c.require(failure_is_told, geste, *c.viatrajectoire.seen(TOUT), pour=("VT-02",))
    lecture = recevoir(c, usager)
    c.require(each_decision_found_is_read, *c.viatrajectoire.seen(TOUT), pour=("VT-02",))
    c.require(decision_is_shown_as_received, consulter(c, usager), lecture)
