"""ViaTrajectoire : la relève des décisions et des événements, sa borne, ses pages, ses pannes (SDO-02, 03, 04 et 13)."""

from __future__ import annotations

from ..checks.sdo_acces import refusal_is_told
from ..checks.sdo_releve import (
    each_decision_found_is_read,
    each_decision_is_read_once,
    empty_result_is_no_error,
    failure_is_told,
    first_poll_goes_back_a_month_at_most,
    nothing_is_missed_between_polls,
    pages_are_followed,
    polls_go_back_a_day,
)
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.orientation import ReleverOrientations
from .viatrajectoire_appels import DECISION, DECISIONS, NOTIFICATIONS, TOUT, notifie, recevoir, relever, tableau_vide


def test_premiere_releve(c: Campaign) -> None:
    """En mode initial, la première relève reprend un mois au plus ; puis le mode permanent prend la suite."""
    c.attest(
        pour=("VT-11",),
        constat=(
            "Le référent ViaTrajectoire active-t-il le mode initial puis le mode permanent depuis le DUI ou avec son "
            "aide, le tableau de bord étant nettoyé avant ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="le référent ViaTrajectoire",
    )
    usager = notifie(c, age_heures=480)
    c.viatrajectoire.command("mode", mode="initial")
    try:
        geste = c.do(ReleverOrientations(mode="initial"))
        recherche = c.viatrajectoire.wait_for(DECISIONS, after=geste, pour=("VT-11",))
        c.require(first_poll_goes_back_a_month_at_most, recherche)
        c.viatrajectoire.wait_for(DECISION.of(usager), after=geste, pour=("VT-11",))
        c.require(each_decision_found_is_read, *c.viatrajectoire.seen(TOUT), pour=("VT-11", "VT-01"))
    finally:
        c.viatrajectoire.command("mode", mode="permanent")
    c.advance(hours=2)
    relever(c, ("VT-11",))
    c.require(polls_go_back_a_day, *c.viatrajectoire.seen(DECISIONS), pour=("VT-11", "VT-01"))


def test_echange_ferme(c: Campaign) -> None:
    """Le référent n'a ouvert aucun mode : ViaTrajectoire refuse et le DUI le dit."""
    tableau_vide(c)
    relever(c, ("VT-11",))
    c.viatrajectoire.command("mode", mode="ferme")
    try:
        geste = c.do(ReleverOrientations())
    finally:
        c.viatrajectoire.command("mode", mode="permanent")
    c.require(refusal_is_told, geste, *c.viatrajectoire.seen(TOUT), pour=("VT-11",))


def test_deux_releves(c: Campaign) -> None:
    """Deux relèves se suivent : rien ne se perd entre elles, et ce qui est lu ne se relit pas."""
    c.attest(
        pour=("VT-01",),
        constat="La relève de ViaTrajectoire est-elle périodique, et sa période se règle-t-elle, unité par unité ?",
        piece="une copie du paramétrage",
        formats=IMAGE,
        atteste="l'administrateur du DUI",
    )
    premier = notifie(c)
    recevoir(c, premier, ("VT-01",))
    c.advance(hours=3)
    second = c.usager("qualifie")
    c.viatrajectoire.command("notifier", usager=second.id)
    geste = c.do(ReleverOrientations())
    c.viatrajectoire.wait_for(DECISION.of(second), after=geste, pour=("VT-01",))
    vus = c.viatrajectoire.seen(TOUT)
    c.require(each_decision_found_is_read, *vus)
    c.require(each_decision_is_read_once, *vus)
    recherches = c.viatrajectoire.seen(DECISIONS)
    c.require(nothing_is_missed_between_polls, *recherches)
    c.require(nothing_is_missed_between_polls, *c.viatrajectoire.seen(NOTIFICATIONS), pour=("VT-07",))
    c.advise(polls_go_back_a_day, *recherches)


def test_plusieurs_decisions(c: Campaign) -> None:
    """Trois décisions arrivent ensemble : toutes sont lues."""
    _trois(c)
    relever(c)
    c.viatrajectoire.wait_for(DECISION, pour=("VT-01",))
    c.require(each_decision_found_is_read, *c.viatrajectoire.seen(TOUT))


def test_resultat_en_pages(c: Campaign) -> None:
    """Le résultat vient en plusieurs pages (provisoire) : elles sont toutes lues."""
    _trois(c)
    c.viatrajectoire.command("page", taille=1)
    try:
        relever(c)
        vus = c.viatrajectoire.seen(TOUT)
        c.require(pages_are_followed, *vus)
        c.advise(each_decision_found_is_read, *vus)
    finally:
        c.viatrajectoire.command("page", taille=50)


def test_rien_de_nouveau(c: Campaign) -> None:
    """Aucune décision, aucun événement : la relève aboutit."""
    tableau_vide(c)
    geste = relever(c)
    c.require(empty_result_is_no_error, geste, *c.viatrajectoire.seen(TOUT))
    c.viatrajectoire.wait_for(NOTIFICATIONS, after=geste, pour=("VT-01", "VT-07"))


def test_resultats_doubles(c: Campaign) -> None:
    """Chaque résultat vient deux fois : la décision n'est lue qu'une fois."""
    usager = notifie(c)
    with c.viatrajectoire.panne("resultats-doubles"):
        recevoir(c, usager, ("VT-01",))
    c.require(each_decision_is_read_once, *c.viatrajectoire.seen(TOUT))


def test_resultat_commente(c: Campaign) -> None:
    """Le résultat porte aussi un OperationOutcome d'information : la relève aboutit."""
    usager = notifie(c)
    with c.viatrajectoire.panne("resultat-commente"):
        recevoir(c, usager, ("VT-01",))
    c.require(each_decision_found_is_read, *c.viatrajectoire.seen(TOUT))


def test_service_indisponible(c: Campaign) -> None:
    """ViaTrajectoire répond 503 puis sert de nouveau : l'échec est montré et rien ne se perd."""
    _panne(c, "indisponible")


def test_trop_d_appels(c: Campaign) -> None:
    """ViaTrajectoire demande d'attendre (429) puis sert de nouveau : l'échec est montré et rien ne se perd."""
    _panne(c, "trop-d-appels")


def test_reponse_coupee(c: Campaign) -> None:
    """La connexion est coupée puis le service revient : l'échec est montré et rien ne se perd."""
    _panne(c, "coupure")


def _trois(c: Campaign) -> None:
    tableau_vide(c)
    for _ in range(3):
        usager = c.usager("qualifie")
        c.viatrajectoire.command("notifier", usager=usager.id)


def _panne(c: Campaign, panne: str) -> None:
    tableau_vide(c)
    relever(c)
    c.advance(hours=30)
    usager = c.usager("qualifie")
    c.viatrajectoire.command("notifier", usager=usager.id)
    with c.viatrajectoire.panne(panne, target="viatrajectoire.decisions"):
        geste = c.do(ReleverOrientations())
        c.viatrajectoire.wait_for(DECISIONS, after=geste, pour=("VT-01",))
    c.require(failure_is_told, geste, *c.viatrajectoire.seen(TOUT))
    c.advance(hours=30)
    recevoir(c, usager, ("VT-01",))
    c.require(nothing_is_missed_between_polls, *c.viatrajectoire.seen(DECISIONS))
