"""Les statuts de l'identité : ce qui fait passer de l'un à l'autre, et ce qui bloque l'appel à INSi."""

from __future__ import annotations

from ..checks.ins import matricule_is_kept_with_its_oid, traits_are_stored_as_returned
from ..core.campaign import Campaign
from ..core.gestures.identite import ControlerIdentite, LireIdentite, MarquerIdentite, RechercherIns
from .insi_appels import TOUT, lire, rechercher


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
