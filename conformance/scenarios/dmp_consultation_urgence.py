"""Bris de glace : accès en urgence sans consentement, motivé et déclaré comme tel, sauf opposition de l'usager."""

from __future__ import annotations

from ..checks.dmp_affichage import reason_of_the_emergency_is_kept
from ..checks.dmp_demandes import emergency_is_declared, ordinary_access_is_declared_normal
from ..checks.dmp_roles import reason_fits_transaction
from ..core.campaign import Campaign
from ..core.gestures.consultation import AccederEnUrgence, ListerDocumentsDmp
from .dmp_consultation_appels import AUTORISATION, LISTE, connecter, consentir, lister, placer, temoin, usager_consentant

MOTIF = "Perte de connaissance au réfectoire"


def test_acces_en_urgence_sans_consentement(c: Campaign) -> None:
    """En urgence, la liste s'affiche sans consentement ; l'appel se déclare comme tel, et le motif est tracé."""
    pour = ("DMP-CONS-22",)
    connecter(c)
    usager = c.usager("qualifie")
    _, controle = temoin(c, pour=pour)
    geste = c.do(AccederEnUrgence(usager.id, MOTIF))
    c.dmp.absent(AUTORISATION.of(usager), control=controle, during=geste, pour=pour)
    recherche = c.dmp.wait_for(LISTE.of(usager), after=geste, pour=pour)
    c.require(emergency_is_declared, recherche, pour=pour)
    c.require(reason_fits_transaction, recherche, pour=pour)
    c.require(reason_of_the_emergency_is_kept, geste, pour=pour)


def test_opposition_au_bris_de_glace(c: Campaign) -> None:
    """L'usager qui s'oppose au bris de glace est respecté : un seul appel, refusé, et l'utilisateur le sait."""
    pour = ("DMP-CONS-22",)
    connecter(c)
    controle = c.usager("qualifie")
    permis = c.do(AccederEnUrgence(controle.id, MOTIF))
    c.require(emergency_is_declared, c.dmp.wait_for(LISTE.of(controle), after=permis, pour=pour), pour=pour)
    usager = c.usager("qualifie")
    c.dmp.command("opposition", matricule=usager.matricule, quoi="bris-de-glace", valeur=True)
    geste = c.do(AccederEnUrgence(usager.id, MOTIF))
    tente = c.dmp.wait_for(LISTE.of(usager), after=geste, pour=pour)
    c.dmp.absent(LISTE.of(usager), control=tente, during=geste, pour=pour)
    c.observed(geste, "acces", equals=False, pour=pour)


def test_retour_a_l_acces_normal(c: Campaign) -> None:
    """Après une urgence, la consultation suivante se déclare en accès normal."""
    pour = ("DMP-CONS-22",)
    connecter(c)
    usager = c.usager("qualifie")
    urgence = c.do(AccederEnUrgence(usager.id, MOTIF))
    c.require(emergency_is_declared, c.dmp.wait_for(LISTE.of(usager), after=urgence, pour=pour), pour=pour)
    consentir(c, usager)
    _, recherche = lister(c, usager, pour=pour)
    c.require(ordinary_access_is_declared_normal, recherche, pour=pour)


def test_urgence_sans_motif(c: Campaign) -> None:
    """Un accès en urgence sans motif n'est pas fait."""
    pour = ("DMP-CONS-22",)
    connecter(c)
    controle = c.usager("qualifie")
    permis = c.do(AccederEnUrgence(controle.id, MOTIF))
    recherche = c.dmp.wait_for(LISTE.of(controle), after=permis, pour=pour)
    c.require(emergency_is_declared, recherche, pour=pour)
    usager = c.usager("qualifie")
    geste = c.do(AccederEnUrgence(usager.id, ""))
    c.dmp.absent(LISTE.of(usager), control=recherche, during=geste, pour=pour)


def test_document_masque_en_urgence(c: Campaign) -> None:
    """En urgence, les documents masqués que l'usager laisse alors voir sont dans la liste ; hors urgence, ils n'y sont pas."""
    pour = ("DMP-CONS-22",)
    usager, le = usager_consentant(c)
    placer(c, usager, le, visibilite=("MASQUE_PS",))
    c.dmp.command("masques-en-urgence", matricule=usager.matricule, valeur=True)
    geste = c.do(ListerDocumentsDmp(usager.id))
    c.require(ordinary_access_is_declared_normal, c.dmp.wait_for(LISTE.of(usager), after=geste, pour=pour), pour=pour)
    urgence = c.do(AccederEnUrgence(usager.id, MOTIF))
    c.require(emergency_is_declared, c.dmp.wait_for(LISTE.of(usager), after=urgence, pour=pour), pour=pour)
    c.observed(urgence, "acces", equals=True, pour=pour)
