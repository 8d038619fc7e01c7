"""Les statuts de l'identité : ce qui fait passer de l'un à l'autre, et ce qui bloque l'appel à INSi."""

from __future__ import annotations

from ..checks.ins import matricule_is_kept_with_its_oid, traits_are_stored_as_returned
from ..checks.ins_identites import (
    complementary_trait_stays_editable,
    each_homonym_has_his_own_ins,
    fictive_goes_with_no_other_attribute,
    strict_trait_of_insi_is_locked,
)
from ..core.campaign import Campaign
from ..core.gestures.identite import ControlerIdentite, LireIdentite, MarquerIdentite, ModifierIdentite, RechercherIns
from .insi_appels import TOUT, lire, rechercher

TRAITS_CHANGES = (
    ("nom_naissance", "TESTEUR-AUTRE"),
    ("prenoms", "AUTRE PRENOM"),
    ("date_naissance", "1950-06-15"),
    ("lieu_naissance", "99999"),
)


def test_provisoire_recuperee_qualifiee(c: Campaign) -> None:
    """Une identité provisoire devient récupérée par INSi, puis qualifiée par le contrôle d'une pièce."""
    usager = c.usager("provisoire")
    c.observed(c.do(LireIdentite(usager.id)), "statut", equals="provisoire", pour=("INS-07",))
    geste, appel = rechercher(c, usager)
    c.observed(geste, "statut", equals="recuperee", pour=("INS-07",))
    controle = c.do(ControlerIdentite(usager.id))
    c.observed(controle, "statut", equals="qualifiee", pour=("INS-07",))
    lecture = lire(c, usager, ("INS-07",))
    if lecture is not None:
        c.require(matricule_is_kept_with_its_oid, lecture)
        c.require(traits_are_stored_as_returned, appel, lecture)


def test_provisoire_validee_qualifiee(c: Campaign) -> None:
    """Une identité provisoire devient validée par le contrôle d'une pièce, puis qualifiée par INSi."""
    usager = c.usager("provisoire")
    controle = c.do(ControlerIdentite(usager.id))
    c.observed(controle, "statut", equals="validee", pour=("INS-07",))
    geste, appel = rechercher(c, usager)
    c.observed(geste, "statut", equals="qualifiee", pour=("INS-07",))
    lecture = lire(c, usager, ("INS-07",))
    if lecture is not None:
        c.require(matricule_is_kept_with_its_oid, lecture)
        c.require(traits_are_stored_as_returned, appel, lecture)


def test_identite_douteuse(c: Campaign) -> None:
    """Une identité marquée douteuse revient en provisoire et n'est plus cherchée dans INSi."""
    _suspecter(c, "douteuse")


def test_identite_fictive(c: Campaign) -> None:
    """Une identité marquée fictive revient en provisoire et n'est plus cherchée dans INSi."""
    _suspecter(c, "fictive")


def _suspecter(c: Campaign, attribut: str) -> None:
    _, temoin = rechercher(c, c.usager("provisoire"))
    usager = c.usager("recupere")
    marque = c.do(MarquerIdentite(usager.id, attribut=attribut))
    c.observed(marque, "statut", equals="provisoire", pour=("INS-08",))
    geste = c.do(RechercherIns(usager.id))
    c.insi.absent(TOUT.of(usager), control=temoin, during=geste, pour=("INS-08",))
    lecture = lire(c, usager, ("INS-08",))
    if lecture is not None:
        c.require(matricule_is_kept_with_its_oid, lecture, pour=("INS-08",))


def test_identite_douteuse_et_carte_vitale(c: Campaign) -> None:
    """Une identité douteuse n'est pas cherchée non plus par la carte Vitale."""
    _, temoin = rechercher(c, c.usager("provisoire"))
    usager = c.usager("recupere")
    c.do(MarquerIdentite(usager.id, attribut="douteuse"))
    geste = c.do(RechercherIns(usager.id, moyen="vitale"))
    c.insi.absent(TOUT.of(usager), control=temoin, during=geste, pour=("INS-08",))


def test_doute_leve(c: Campaign) -> None:
    """Le doute levé, l'identité reste provisoire, et INSi peut de nouveau être appelé."""
    usager = c.usager("recupere")
    c.do(MarquerIdentite(usager.id, attribut="douteuse"))
    leve = c.do(MarquerIdentite(usager.id, attribut="douteuse", pose=False))
    c.observed(leve, "statut", equals="provisoire", pour=("INS-08", "INS-07"))
    geste, appel = rechercher(c, usager)
    c.observed(geste, "statut", equals="recuperee", pour=("INS-07",))
    lecture = lire(c, usager, ("INS-07",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, appel, lecture, pour=("INS-07",))


def test_attributs_incompatibles(c: Campaign) -> None:
    """« Fictive » ne se combine avec aucun autre attribut ; « douteuse » et « homonyme » vont ensemble."""
    _, temoin = rechercher(c, c.usager("provisoire"))
    for premier, second in (("douteuse", "fictive"), ("fictive", "homonyme"), ("homonyme", "douteuse")):
        usager = c.usager("provisoire")
        c.do(MarquerIdentite(usager.id, attribut=premier))
        marque = c.do(MarquerIdentite(usager.id, attribut=second))
        c.require(fictive_goes_with_no_other_attribute, marque)
    geste = c.do(RechercherIns(usager.id))
    c.insi.absent(TOUT.of(usager), control=temoin, during=geste, pour=("INS-08",))


def test_homonymes(c: Campaign) -> None:
    """Deux homonymes cherchés l'un après l'autre gardent chacun leur INS."""
    usagers = [c.usager("homonymes"), c.usager("homonymes")]
    for usager in usagers:
        rechercher(c, usager)
    lectures = [c.do(LireIdentite(usager.id)) for usager in usagers]
    c.require(each_homonym_has_his_own_ins, *lectures, *usagers)


def test_traits_stricts_verrouilles(c: Campaign) -> None:
    """Les traits stricts d'une identité qualifiée ne se modifient pas sans qu'elle perde son INS ; le nom utilisé, si."""
    cherche = c.usager("valide")
    _, appel = rechercher(c, cherche)
    lecture = lire(c, cherche, ("INS-10",))
    if lecture is not None:
        c.require(traits_are_stored_as_returned, appel, lecture, pour=("INS-10",))
    for trait, valeur in TRAITS_CHANGES:
        usager = c.usager("qualifie")
        geste = c.do(ModifierIdentite(usager.id, trait=trait, valeur=valeur))
        c.require(strict_trait_of_insi_is_locked, geste, c.do(LireIdentite(usager.id)))
    utilise = c.do(ModifierIdentite(c.usager("qualifie").id, trait="nom_utilise", valeur="TESTEUR-USAGE"))
    c.require(complementary_trait_stays_editable, utilise)
