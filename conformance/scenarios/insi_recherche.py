"""Récupérer l'INS : ce qui est transmis à INSi, dans quel ordre, et ce que le DUI fait de chaque réponse."""

from __future__ import annotations

from ..checks.ins import (
    fault_is_shown_to_the_user,
    matricule_is_kept_with_its_oid,
    nothing_is_stored_without_code_00,
    traits_are_stored_as_returned,
    unusable_answer_is_not_integrated,
)
from ..checks.ins_calls import identifiers_differ_from_call_to_call, instance_is_the_same_in_every_call
from ..checks.ins_search import (
    every_first_name_is_tried_before_giving_up,
    first_names_are_searched_in_order,
    search_sends_the_traits_of_the_identity,
    search_stops_on_a_technical_fault,
    search_stops_once_found,
)
from ..core.campaign import Campaign
from ..core.gestures.identite import RechercherIns
from .insi_appels import RECHERCHE, VITALE, lire, rechercher


def test_recherche_par_traits(c: Campaign) -> None:
    """L'INS est récupérée par les traits ; l'identité porte ensuite le matricule, l'OID et les traits rendus."""
    usager = c.usager("provisoire")
    geste, appel = rechercher(c, usager)
    c.expect("INSI-RECHERCHE-TRAITS", appel)
    c.require(search_sends_the_traits_of_the_identity, appel, usager)
    suite = c.insi.seen(RECHERCHE.of(usager))
    c.require(first_names_are_searched_in_order, usager, *suite)
    c.require(search_stops_once_found, *suite)
    c.observed(geste, "code", equals="00", pour=("INS-01",))
    lecture = lire(c, usager, ("INS-01",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, appel, lecture)
        c.require(matricule_is_kept_with_its_oid, lecture)


def test_traits_rendus_remplacent_les_traits_locaux(c: Campaign) -> None:
    """Quand INSi rend un prénom de plus que l'identité locale, c'est la liste d'INSi qui est gardée."""
    usager = c.usager("provisoire")
    c.insi.command("prenoms-qualifies", usager=usager.id, prenoms=[*usager.prenoms, "MODESTE"])
    _, appel = rechercher(c, usager)
    lecture = lire(c, usager, ("INS-01",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, appel, lecture)


def test_recherche_d_un_nom_compose(c: Campaign) -> None:
    """Un nom à apostrophe et espaces, un prénom composé sont transmis selon le profil lexical d'INSi."""
    usager = c.usager("accents")
    _, appel = rechercher(c, usager)
    c.expect("INSI-RECHERCHE-TRAITS", appel)
    c.require(search_sends_the_traits_of_the_identity, appel, usager)


def test_recherche_d_une_personne_nee_en_corse(c: Campaign) -> None:
    """Une naissance en Corse est cherchée avec un code de lieu 2A ou 2B, et son matricule est gardé tel quel."""
    usager = c.usager("corse")
    _, appel = rechercher(c, usager)
    c.expect("INSI-RECHERCHE-TRAITS", appel)
    lecture = lire(c, usager, ("INS-01",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, appel, lecture)


def test_recherche_d_une_personne_inconnue(c: Campaign) -> None:
    """Sur le code 01, chaque prénom est essayé, puis la liste ; rien n'est enregistré."""
    usager = c.usager("inconnu-insi")
    geste, appel = rechercher(c, usager)
    c.observed(geste, "code", equals="01", pour=("INS-01",))
    suite = c.insi.seen(RECHERCHE.of(usager))
    c.require(first_names_are_searched_in_order, usager, *suite)
    c.advise(every_first_name_is_tried_before_giving_up, usager, *suite)
    for essai in suite:
        c.require(search_sends_the_traits_of_the_identity, essai, usager)
    if len(suite) > 1:
        c.require(identifiers_differ_from_call_to_call, *suite)
        c.require(instance_is_the_same_in_every_call, *suite)
    lecture = lire(c, usager, ("INS-07",))
    if lecture is not None:
        c.require(nothing_is_stored_without_code_00, appel, lecture)


def test_recherche_de_plusieurs_identites(c: Campaign) -> None:
    """Sur le code 02, la recherche est précisée, et rien n'est enregistré tant qu'elle reste ambiguë."""
    usager = c.usager("plusieurs-insi")
    geste, appel = rechercher(c, usager)
    c.observed(geste, "code", equals="02", pour=("INS-01",))
    suite = c.insi.seen(RECHERCHE.of(usager))
    c.require(first_names_are_searched_in_order, usager, *suite)
    for precision in suite:
        c.expect("INSI-RECHERCHE-TRAITS", precision)
    lecture = lire(c, usager, ("INS-07",))
    if lecture is not None:
        c.require(nothing_is_stored_without_code_00, appel, lecture)


def test_recherche_par_carte_vitale(c: Campaign) -> None:
    """L'INS est récupérée par la carte Vitale."""
    usager = c.usager("provisoire")
    geste = c.do(RechercherIns(usager.id, moyen="vitale"))
    appel = c.insi.wait_for(VITALE.of(usager), after=geste, pour=("INS-02",))
    c.expect("INSI-RECHERCHE-VITALE", appel)
    lecture = lire(c, usager, ("INS-02",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, appel, lecture, pour=("INS-02",))


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
