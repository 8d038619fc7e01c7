"""Changer un document au DMP : masquer, rendre visible, archiver, supprimer ; un refus du DMP se voit."""

from __future__ import annotations

from ..checks.dmp_affichage import refused_change_is_told
from ..checks.dmp_demandes import change_is_the_one_asked
from ..core.campaign import Campaign
from ..core.exchange import Exchange
from ..core.gestures.consultation import GererDocumentDmp, SupprimerDocument
from ..core.people import Professionnel, Usager
from .dmp_appels import deposer, laisser_travailler, usager_sans_opposition
from .dmp_consultation_appels import AUTORISATION, GESTION, Place, connecter, consentir, lister, placer

_VISIBILITE, _SUPPRESSION = ("DMP-ALIM-10",), ("DMP-ALIM-14",)


def changer(c: Campaign, usager: Usager, place: Place, action: str) -> Exchange:
    """Ask for a change, and judge the call that carries it."""
    geste = c.do(GererDocumentDmp(usager.id, place.uid, place.titre, action))
    appel = c.dmp.wait_for(GESTION.of(usager), after=geste, pour=_VISIBILITE)
    c.expect("DMP-TD3.3", appel)
    c.require(change_is_the_one_asked, geste, appel, pour=_VISIBILITE)
    return appel


def document_a_soi(c: Campaign, person: Professionnel, visibilite: tuple[str, ...] = ()) -> tuple[Usager, Place]:
    """A document whose author is the user, listed."""
    usager = c.usager("qualifie")
    le = consentir(c, usager)
    place = placer(c, usager, le, auteur=person, visibilite=visibilite)
    lister(c, usager, pour=_VISIBILITE)
    return usager, place


def test_document_masque(c: Campaign) -> None:
    """Masquer un document aux professionnels renvoie sa fiche, avec le seul code qui le masque en plus."""
    usager, place = document_a_soi(c, connecter(c))
    changer(c, usager, place, "masquer")


def test_document_demasque(c: Campaign) -> None:
    """Démasquer un document renvoie sa fiche sans le code qui le masquait."""
    usager, place = document_a_soi(c, connecter(c), ("MASQUE_PS",))
    changer(c, usager, place, "demasquer")


def test_document_rendu_visible(c: Campaign) -> None:
    """Rendre un document visible à l'usager renvoie sa fiche sans le code qui le lui cachait."""
    usager, place = document_a_soi(c, connecter(c), ("INVISIBLE_PATIENT",))
    changer(c, usager, place, "rendre_visible")


def test_document_archive(c: Campaign) -> None:
    """Archiver un document change son statut, et rien d'autre."""
    usager, place = document_a_soi(c, connecter(c))
    changer(c, usager, place, "archiver")


def test_document_supprime(c: Campaign) -> None:
    """Un document supprimé définitivement dans le DUI l'est au DMP, sans demander d'autorisation d'accès."""
    connecter(c)
    usager = usager_sans_opposition(c)
    depot = deposer(c, usager, pour=_SUPPRESSION)
    laisser_travailler(c)
    geste = c.do(SupprimerDocument(usager.id))
    appel = c.dmp.wait_for(GESTION.of(usager), after=geste, pour=_SUPPRESSION)
    c.expect("DMP-TD3.3", appel, pour=_SUPPRESSION)
    c.require(change_is_the_one_asked, geste, appel, pour=_SUPPRESSION)
    c.dmp.absent(AUTORISATION.of(usager), control=depot, during=geste, pour=("DMP-ALIM-16",))


def test_refus_du_dmp_montre(c: Campaign) -> None:
    """La modification que le DMP refuse n'est pas annoncée comme faite."""
    person = connecter(c)
    usager, place = document_a_soi(c, person)
    controle, autre = document_a_soi(c, person)
    fait = c.do(GererDocumentDmp(controle.id, autre.uid, autre.titre, "archiver"))
    c.expect("DMP-TD3.3", c.dmp.wait_for(GESTION.of(controle), after=fait, pour=_VISIBILITE))
    with c.dmp.panne("suppression-refusee", target="dmp.td3.3"):
        geste = c.do(GererDocumentDmp(usager.id, place.uid, place.titre, "supprimer"))
        c.expect("DMP-TD3.3", c.dmp.wait_for(GESTION.of(usager), after=geste, pour=_SUPPRESSION))
    c.require(refused_change_is_told, geste, pour=_SUPPRESSION)
