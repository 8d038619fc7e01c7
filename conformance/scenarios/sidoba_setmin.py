"""SetMinFHIR : données minimales d'un usager en un lot FHIR. Provisoire : ni profil ni API publiés."""

from __future__ import annotations

from ..checks.setmin import (
    corrected_stay_is_sent,
    matricule_is_that_of_the_usager,
    objects_sent_again_keep_their_identifiers,
    one_transaction_carries_all,
    traits_are_those_of_the_usager,
)
from ..checks.sidoba import reason_of_a_rejection_is_shown, rejection_is_understood, token_is_kept_until_it_expires
from ..core.campaign import Campaign
from ..core.gestures.sidoba import CorrigerEnvoi, EnvoyerSetMin
from .sidoba_envois import APPELS, JETON, SETMIN, commencer, envoyer

SMF = ("SMF-01",)


def test_donnees_minimales_d_un_usager(c: Campaign) -> None:
    """Les données minimales d'un usager accueilli partent en un lot FHIR, avec un jeton et le certificat de la structure."""
    usager = commencer(c)
    geste, lot = envoyer(c, EnvoyerSetMin(usager.id), SETMIN, SMF)
    c.require(one_transaction_carries_all, *c.sidoba.seen(SETMIN))
    c.expect("SIDOBA-SETMIN", lot)
    c.require(matricule_is_that_of_the_usager, lot, usager)
    c.require(traits_are_those_of_the_usager, lot, usager)
    c.observed(geste, "etat", equals="accepte", pour=SMF)


def test_donnees_minimales_d_un_usager_a_domicile(c: Campaign) -> None:
    """Pour un service de soins à domicile, le lot porte aussi les interventions et l'évaluation de l'usager."""
    usager = commencer(c)
    _, lot = envoyer(c, EnvoyerSetMin(usager.id, domicile=True), SETMIN, SMF)
    c.expect("SIDOBA-SETMIN", lot)
    c.expect("SIDOBA-SETMIN-DOMICILE", lot)
    c.require(matricule_is_that_of_the_usager, lot, usager)


def test_donnees_minimales_sans_identite_qualifiee(c: Campaign) -> None:
    """L'usager dont l'identité n'est pas qualifiée part sans matricule, avec son rang de naissance."""
    usager = commencer(c, "recupere")
    _, lot = envoyer(c, EnvoyerSetMin(usager.id), SETMIN, SMF)
    c.expect("SIDOBA-SETMIN", lot)
    c.require(matricule_is_that_of_the_usager, lot, usager)


def test_lot_rejete_puis_corrige(c: Campaign) -> None:
    """SIDOBA rejette le lot : l'utilisateur lit pourquoi, corrige, et renvoie les mêmes objets."""
    usager = commencer(c)
    c.sidoba.command("rejeter", canal="setmin", expression="Encounter.period.start", motif="entrée antérieure à l'autorisation")
    geste, rejete = envoyer(c, EnvoyerSetMin(usager.id), SETMIN, SMF)
    c.require(rejection_is_understood, geste, rejete)
    c.require(reason_of_a_rejection_is_shown, geste, rejete)
    correction = CorrigerEnvoi("setmin", usager.id, "entree_le", "2026-09-01")
    corrige, lot = envoyer(c, correction, SETMIN, SMF)
    c.expect("SIDOBA-SETMIN", lot)
    c.require(corrected_stay_is_sent, corrige, lot)
    c.require(objects_sent_again_keep_their_identifiers, rejete, lot)
    c.observed(corrige, "etat", equals="accepte", pour=SMF)


def test_jeton_garde_d_un_envoi_a_l_autre(c: Campaign) -> None:
    """Deux envois de suite emploient le même jeton."""
    usager = commencer(c)
    c.sidoba.command("oublier-les-jetons")
    envoyer(c, EnvoyerSetMin(usager.id), SETMIN, SMF)
    envoyer(c, EnvoyerSetMin(usager.id), SETMIN, SMF)
    c.advise(token_is_kept_until_it_expires, *c.sidoba.seen(JETON))
    c.require(objects_sent_again_keep_their_identifiers, *(e for e in c.sidoba.seen(APPELS) if e.reply and e.reply.status == 200))
