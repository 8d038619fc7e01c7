"""Ce que le DUI fait de chaque réponse d'INSi : retours inutilisables, historique, premier prénom, fautes."""

from __future__ import annotations

from ..checks.ins import (
    fault_is_shown_to_the_user,
    matricule_is_kept_with_its_oid,
    nothing_is_stored_without_code_00,
    traits_are_stored_as_returned,
    unusable_answer_is_not_integrated,
)
from ..checks.ins_identites import first_name_that_does_not_open_the_list_is_signalled, past_matricules_are_kept
from ..checks.ins_search import search_stops_on_a_technical_fault
from ..core.campaign import Campaign
from ..core.gestures.identite import RechercherIns
from .insi_appels import RECHERCHE, lire, rechercher


def test_retour_a_date_lunaire(c: Campaign) -> None:
    """Une date de naissance rendue au mois « 00 » n'est pas intégrée."""
    usager = c.usager("lunaire")
    geste, appel = rechercher(c, usager)
    lecture = lire(c, usager, ("INS-09",))
    if lecture is not None:
        c.require(unusable_answer_is_not_integrated, appel, lecture)
    c.observed(geste, "statut", equals="provisoire", pour=("INS-09",))


def test_retour_a_trait_vide(c: Campaign) -> None:
    """Un retour dont le sexe, le nom ou les prénoms sont vides n'est pas intégré."""
    for trait in ("nom", "prenoms", "sexe"):
        c.insi.command("trait-vide", trait=trait)
        usager = c.usager("incomplet")
        geste, appel = rechercher(c, usager)
        lecture = lire(c, usager, ("INS-09",))
        if lecture is not None:
            c.require(unusable_answer_is_not_integrated, appel, lecture)
        c.observed(geste, "statut", equals="provisoire", pour=("INS-09",))


def test_retour_au_jour_inconnu(c: Campaign) -> None:
    """Une date de naissance rendue au jour « 00 » n'est pas intégrée."""
    c.insi.command("date-lunaire", forme="jour")
    try:
        usager = c.usager("lunaire")
        geste, appel = rechercher(c, usager)
    finally:
        c.insi.command("date-lunaire", forme="mois")
    lecture = lire(c, usager, ("INS-09",))
    if lecture is not None:
        c.require(unusable_answer_is_not_integrated, appel, lecture)
    c.observed(geste, "statut", equals="provisoire", pour=("INS-09",))


def test_historique_des_matricules(c: Campaign) -> None:
    """Un matricule antérieur rendu par INSi est conservé avec l'identité."""
    usager = c.usager("provisoire")
    c.insi.command("historique", usager=usager.id)
    _, appel = rechercher(c, usager)
    lecture = lire(c, usager, ("INS-01",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, appel, lecture)
        c.require(past_matricules_are_kept, appel, lecture)


def test_premier_prenom_different(c: Campaign) -> None:
    """Quand le premier prénom saisi n'ouvre pas la liste d'INSi, l'utilisateur est averti."""
    usager = c.usager("provisoire")
    c.insi.command("prenoms-qualifies", usager=usager.id, prenoms=[*usager.prenoms[::-1]])
    geste, appel = rechercher(c, usager)
    c.require(first_name_that_does_not_open_the_list_is_signalled, appel, usager, geste)


def test_lieu_rendu_par_insi(c: Campaign) -> None:
    """Quand INSi rend un autre code de lieu de naissance que l'identité locale, c'est le sien qui est gardé."""
    usager = c.usager("provisoire")
    c.insi.command("lieu-qualifie", usager=usager.id, lieu="99999")
    _, appel = rechercher(c, usager)
    lecture = lire(c, usager, ("INS-01",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, appel, lecture, pour=("INS-01", "INS-18"))
        c.require(matricule_is_kept_with_its_oid, lecture)


def test_prenoms_rendus_sans_liste(c: Campaign) -> None:
    """Une réponse dont les prénoms sont dans Prenom, sans ListePrenom, est comprise."""
    usager = c.usager("provisoire")
    with c.insi.panne("prenom-sans-liste"):
        geste, appel = rechercher(c, usager)
    c.observed(geste, "code", equals="00", pour=("INS-01",))
    lecture = lire(c, usager, ("INS-01",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, appel, lecture)


def test_reponses_inattendues(c: Campaign) -> None:
    """Un code de retour inconnu, un code 00 sans individu, une faute sans détail ou d'une autre graphie ne changent rien."""
    for panne in ("code-inconnu", "faute-sans-detail", "faute-fatal", "idam-inconnu", "acces-insuffisant", "individu-absent"):
        usager = c.usager("provisoire")
        with c.insi.panne(panne):
            geste, appel = rechercher(c, usager)
        c.observed(geste, "statut", equals="provisoire", pour=("INS-07",))
        lecture = lire(c, usager, ("INS-07",))
        if lecture is not None and panne != "individu-absent":
            c.require(nothing_is_stored_without_code_00, appel, lecture)
        encore = c.do(RechercherIns(usager.id))
        c.observed(encore, "code", equals="00", pour=("INS-01",))


def test_erreur_technique_puis_nouvel_essai(c: Campaign) -> None:
    """Une faute d'INSi est montrée, ne change rien à l'identité, et la recherche peut être refaite."""
    usager = c.usager("provisoire")
    with c.insi.panne("erreur-technique"):
        geste, appel = rechercher(c, usager)
    c.require(search_stops_on_a_technical_fault, *c.insi.seen(RECHERCHE.of(usager)))
    lecture = lire(c, usager, ("INS-07",))
    if lecture is not None:
        c.require(nothing_is_stored_without_code_00, appel, lecture)
    c.advise(fault_is_shown_to_the_user, appel, geste)
    encore = c.do(RechercherIns(usager.id))
    c.observed(encore, "code", equals="00", pour=("INS-01",))


def test_faute_a_la_place_du_code_01(c: Campaign) -> None:
    """Une faute technique à la place du code 01, comme sur la plateforme nationale de test, ne change rien à l'identité."""
    usager = c.usager("inconnu-insi")
    c.insi.command("faute-au-lieu-de-01", active=True)
    try:
        _, appel = rechercher(c, usager)
    finally:
        c.insi.command("faute-au-lieu-de-01", active=False)
    c.require(search_stops_on_a_technical_fault, *c.insi.seen(RECHERCHE.of(usager)))
    lecture = lire(c, usager, ("INS-07",))
    if lecture is not None:
        c.require(nothing_is_stored_without_code_00, appel, lecture)


def test_service_indisponible_puis_nouvel_essai(c: Campaign) -> None:
    """INSi indisponible (503) ne change pas le statut de l'identité ; la recherche peut être refaite ensuite."""
    usager = c.usager("provisoire")
    with c.insi.panne("indisponible"):
        geste, _ = rechercher(c, usager)
    c.observed(geste, "statut", equals="provisoire", pour=("INS-07",))
    c.require(search_stops_on_a_technical_fault, *c.insi.seen(RECHERCHE.of(usager)))
    encore = c.do(RechercherIns(usager.id))
    c.observed(encore, "statut", equals="recuperee", pour=("INS-07",))
