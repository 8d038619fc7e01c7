"""Modifier un document déposé : la nouvelle version remplace l'ancienne, dans le CDA, dans le lot et dans le DMP."""

from __future__ import annotations

from ..checks.dmp_alimentation import deposit_is_stored
from ..checks.xds_versions import (
    documents_are_told_apart,
    modification_is_a_replacement,
    new_version_says_something_new,
    replaced_entry_is_that_of_the_version_before,
    replacement_goes_from_an_entry_to_an_entry,
    version_follows_the_one_before,
)
from ..core.campaign import Campaign
from ..core.exchange import Exchange
from ..core.gestures.alimentation import ModifierDocument
from ..core.people import Usager
from .dmp_appels import (
    DEPOT,
    attendre_depot,
    deposer,
    laisser_travailler,
    ouvrir_session,
    temoin,
    usager_sans_opposition,
    valider,
)

_POUR = ("DMP-ALIM-15",)


def test_document_modifie_remplace_l_ancien(c: Campaign) -> None:
    """Un document modifié dans le DUI est déposé comme une nouvelle version, qui remplace l'ancienne."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    avant = deposer(c, usager, pour=_POUR)
    laisser_travailler(c)
    apres = _modifier(c, usager)
    _succede(c, avant, apres)
    c.expect("XDS-DEPOT", apres, pour=("DMP-ALIM-18",))
    c.expect("XDS-CDA", apres)
    c.expect("XDS-COHERENCE", apres)


def test_deux_modifications_successives(c: Campaign) -> None:
    """Deux modifications successives font deux versions, chacune remplaçant la précédente."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    premiere = deposer(c, usager, pour=_POUR)
    laisser_travailler(c)
    deuxieme = _modifier(c, usager)
    laisser_travailler(c)
    troisieme = _modifier(c, usager)
    _succede(c, premiere, deuxieme)
    _succede(c, deuxieme, troisieme)
    c.require(documents_are_told_apart, premiere, deuxieme, troisieme, pour=_POUR)


def test_documents_distingues(c: Campaign) -> None:
    """Deux documents d'un même type n'ont ni le même identifiant ni le même setId."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    un = deposer(c, usager, pour=_POUR)
    autre = deposer(c, usager, pour=_POUR)
    c.require(documents_are_told_apart, un, autre, pour=_POUR)


def test_modification_pendant_le_delai(c: Campaign) -> None:
    """Un document modifié avant son envoi n'est déposé qu'une fois, dans sa dernière version."""
    if c.settings.delais.envoi_differe <= 0:
        c.skip("le DUI envoie sans délai ([delais] envoi_differe = 0)")
    ouvrir_session(c)
    controle = temoin(c, pour=_POUR)
    usager = usager_sans_opposition(c)
    valider(c, usager)
    depot = _modifier(c, usager)
    c.require(deposit_is_stored, depot, pour=_POUR)
    c.dmp.absent(DEPOT.of(usager), control=controle.depot, pour=_POUR, within=controle.fenetre(c))
    c.expect("XDS-COHERENCE", depot)


def _modifier(c: Campaign, usager: Usager) -> Exchange:
    geste = c.do(ModifierDocument(usager.id))
    return attendre_depot(c, usager, geste, pour=_POUR)


def _succede(c: Campaign, avant: Exchange, apres: Exchange) -> None:
    c.require(modification_is_a_replacement, avant, apres, pour=_POUR)
    c.require(replacement_goes_from_an_entry_to_an_entry, apres, pour=_POUR)
    c.require(replaced_entry_is_that_of_the_version_before, avant, apres, pour=_POUR)
    c.require(version_follows_the_one_before, avant, apres, pour=_POUR)
    c.require(new_version_says_something_new, avant, apres, pour=_POUR)
    c.require(deposit_is_stored, apres, pour=_POUR)
