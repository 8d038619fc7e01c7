"""Récupérer l'INS par les traits : ce qui est transmis à INSi, dans quel ordre, et quand la recherche s'arrête."""

from __future__ import annotations

from ..checks.ins import (
    matricule_is_kept_with_its_oid,
    nothing_is_stored_without_code_00,
    traits_are_stored_as_returned,
)
from ..checks.ins_calls import identifiers_differ_from_call_to_call, instance_is_the_same_in_every_call
from ..checks.ins_search import (
    ambiguous_search_is_made_precise,
    every_first_name_is_tried_before_giving_up,
    first_names_are_searched_in_order,
    search_sends_the_traits_of_the_identity,
    search_stops_once_found,
)
from ..checks.ins_traits import signs_are_transliterated
from ..core.campaign import Campaign
from .insi_appels import RECHERCHE, lire, rechercher


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
    c.require(ambiguous_search_is_made_precise, *suite)
    for precision in suite:
        c.expect("INSI-RECHERCHE-TRAITS", precision)
    lecture = lire(c, usager, ("INS-07",))
    if lecture is not None:
        c.require(nothing_is_stored_without_code_00, appel, lecture)


def test_recherche_d_un_nom_a_signes(c: Campaign) -> None:
    """Accents, cédille et ligatures d'un nom et de prénoms sont transcrits, pas supprimés, et la personne est trouvée."""
    usager = c.usager("diacritiques")
    _, appel = rechercher(c, usager)
    for essai in c.insi.seen(RECHERCHE.of(usager)):
        c.require(signs_are_transliterated, essai, usager)
    c.expect("INSI-RECHERCHE-TRAITS", appel)


def test_homonyme_dans_insi(c: Campaign) -> None:
    """Quand INSi connaît une autre personne de mêmes traits, le lieu de naissance les départage."""
    usager = c.usager("provisoire")
    c.insi.command("homonyme", usager=usager.id)
    geste, _ = rechercher(c, usager)
    suite = c.insi.seen(RECHERCHE.of(usager))
    c.require(ambiguous_search_is_made_precise, *suite)
    c.require(first_names_are_searched_in_order, usager, *suite)
    c.observed(geste, "code", equals="00", pour=("INS-01",))
    lecture = lire(c, usager, ("INS-01",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, suite[-1], lecture)


def test_lieu_de_naissance_a_l_etranger(c: Campaign) -> None:
    """Une naissance à l'étranger est précisée par le code 99xxx de son pays."""
    _preciser_le_lieu(c, "etranger")


def test_lieu_de_naissance_en_corse(c: Campaign) -> None:
    """Une naissance en Corse est précisée par un code 2A ou 2B."""
    _preciser_le_lieu(c, "corse")


def _preciser_le_lieu(c: Campaign, profil: str) -> None:
    usager = c.usager(profil)
    c.insi.command("homonyme", usager=usager.id)
    rechercher(c, usager)
    for essai in c.insi.seen(RECHERCHE.of(usager)):
        c.expect("INSI-RECHERCHE-TRAITS", essai)
        c.require(search_sends_the_traits_of_the_identity, essai, usager, pour=("INS-01", "INS-18"))
