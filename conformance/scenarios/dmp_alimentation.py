"""Alimenter le DMP : le dépôt suit la validation, avec l'enveloppe, le VIHF, les métadonnées et le document attendus."""

from __future__ import annotations

from ..checks.dmp_alimentation import deposit_is_stored, deposited_type_is_that_of_the_gesture, validation_is_enough_to_deposit
from ..checks.ins_calls import software_is_named_alike_in_every_flow
from ..checks.ins_envelope import lps_name_and_version_are_the_declared_ones
from ..checks.soap import message_ids_are_never_reused, message_is_readable
from ..checks.vihf_assertion import vihf_is_used_once
from ..checks.vihf_attributes import vihf_names_the_homologated_software
from ..checks.vihf_call import mode_allows_transaction
from ..core.campaign import Campaign
from ..core.gestures.identite import RechercherIns
from ..core.matcher import kind
from .dmp_appels import (
    APPEL,
    AUTORISATION,
    CONNEXION,
    DEPOT,
    EXISTENCE,
    NOTE,
    attendre_depot,
    deposer,
    ouvrir_session,
    passer_le_delai,
    type_usuel,
    usager_sans_opposition,
    valider,
)

RECHERCHE_INS = kind("insi.recherche-traits", label="recherche de l'INS par traits")


def test_note_de_vaccination_alimente_le_dmp(c: Campaign) -> None:
    """La validation d'une note de vaccination alimente le DMP, sans autre geste."""
    if type_usuel(c) != NOTE:
        c.skip("aucun secteur déclaré n'écrit de note de vaccination")
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    geste = valider(c, usager)
    depot = attendre_depot(c, usager, geste, pour=("DMP-ALIM-04",))
    c.require(validation_is_enough_to_deposit, geste, depot, pour=("DMP-ALIM-04",))
    c.expect("DMP-ENVELOPPE", depot)
    c.expect("DMP-MTOM", depot)
    c.require(deposited_type_is_that_of_the_gesture, geste, depot, pour=("DMP-ALIM-04",))
    c.require(deposit_is_stored, depot, pour=("DMP-ALIM-04",))


def test_depot_est_un_message_lisible(c: Campaign) -> None:
    """Le dépôt qui suit une validation est un message SOAP lisible."""
    ouvrir_session(c)
    geste = valider(c, usager_sans_opposition(c))
    within = c.settings.delais.alimentation + passer_le_delai(c)
    # An unreadable message names no usager: any deposit of this scenario is looked at.
    depot = c.dmp.wait_for(DEPOT, after=geste, within=within, pour=("DMP-ALIM-04",))
    c.require(message_is_readable, depot)


def test_deux_notes_font_deux_depots(c: Campaign) -> None:
    """Deux documents validés font deux dépôts distincts, enregistrés tous les deux."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    premier = deposer(c, usager, pour=("DMP-ALIM-04",))
    second = deposer(c, usager, pour=("DMP-ALIM-04",))
    c.require(deposit_is_stored, premier, pour=("DMP-ALIM-04",))
    c.require(deposit_is_stored, second, pour=("DMP-ALIM-04",))
    appels = c.dmp.seen(APPEL)
    c.require(message_ids_are_never_reused, *appels, pour=("DMP-ALIM-04",))
    c.require(vihf_is_used_once, *appels, pour=("DMP-ALIM-17",))


def test_document_depose_est_une_note_de_vaccination_conforme(c: Campaign) -> None:
    """Le document déposé est une note de vaccination conforme à son volet."""
    ouvrir_session(c)
    depot = deposer(c, usager_sans_opposition(c), pour=("VAC-01",))
    c.expect("VAC-NOTE", depot, pour=("VAC-01",))


def test_metadonnees_egales_a_l_entete(c: Campaign) -> None:
    """Les métadonnées XDS du dépôt sont conformes et égales à celles de l'en-tête CDA."""
    ouvrir_session(c)
    depot = deposer(c, usager_sans_opposition(c), pour=("DMP-ALIM-18",))
    c.expect("XDS-DEPOT", depot, pour=("DMP-ALIM-18",))
    c.expect("XDS-CDA", depot)
    c.expect("XDS-COHERENCE", depot)


def test_connexion_par_certificat_de_la_structure(c: Campaign) -> None:
    """La connexion au DMP est mutuelle, avec le certificat d'organisation de l'entité juridique."""
    ouvrir_session(c)
    geste = valider(c, usager_sans_opposition(c))
    within = c.settings.delais.alimentation + passer_le_delai(c)
    connexion = c.dmp.wait_for(CONNEXION, after=geste, within=within, pour=("DMP-ALIM-17",))
    c.expect("DMP-TLS", connexion)


def test_authentification_par_vihf(c: Campaign) -> None:
    """Le dépôt porte un VIHF signé par le certificat de la structure, qui décrit l'utilisateur, l'usager et le logiciel."""
    ouvrir_session(c)
    depot = deposer(c, usager_sans_opposition(c), pour=("DMP-ALIM-17",))
    c.expect("VIHF", depot)


def test_existence_du_dmp_bien_demandee(c: Campaign) -> None:
    """Le test d'existence qui précède le dépôt est un message TD0.2 bien formé, avec le VIHF attendu."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    deposer(c, usager, pour=("DMP-ALIM-04",))
    tests = c.dmp.seen(EXISTENCE.of(usager))
    if not tests:
        c.skip("le DUI dépose sans test d'existence : il n'y est pas tenu")
    c.expect("DMP-TD0.2", tests[0])
    c.expect("VIHF", tests[0])


def test_alimentation_sans_demande_d_autorisation(c: Campaign) -> None:
    """Le DUI ne demande jamais d'autorisation d'accès (TD0.3) pour alimenter le DMP."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    geste = valider(c, usager)
    depot = attendre_depot(c, usager, geste, pour=("DMP-ALIM-16",))
    for appel in c.dmp.seen(APPEL):
        c.require(mode_allows_transaction, appel, pour=("DMP-ALIM-17",))
    c.dmp.absent(AUTORISATION, control=depot, during=geste, pour=("DMP-ALIM-16",))


def test_logiciel_declare_la_meme_identite_partout(c: Campaign) -> None:
    """Le logiciel déclare le même nom et la même version au DMP et à INSi."""
    ouvrir_session(c)
    recherche = c.do(RechercherIns(c.usager("provisoire").id))
    appel = c.insi.wait_for(RECHERCHE_INS, after=recherche, pour=("GEN-02",))
    depot = deposer(c, usager_sans_opposition(c), pour=("GEN-02",))
    c.require(software_is_named_alike_in_every_flow, appel, *c.dmp.seen(APPEL), pour=("GEN-02",))
    c.require(lps_name_and_version_are_the_declared_ones, appel, pour=("GEN-02",))
    c.require(vihf_names_the_homologated_software, depot, pour=("GEN-02",))
