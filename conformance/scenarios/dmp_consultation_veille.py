"""À l'ouverture du dossier : nouveaux documents, nouvelle version et suppression de ceux que le dossier tient."""

from __future__ import annotations

from ..checks.dmp_affichage import change_is_told_at_opening, news_are_counted
from ..checks.dmp_demandes import later_search_is_incremental
from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.consultation import IntegrerDocumentDmp, LireDocumentIntegre, OuvrirDossier
from ..core.people import Usager
from .dmp_consultation_appels import (
    COMPTE_RENDU,
    DOCUMENT,
    LISTE,
    PRESCRIPTION,
    Place,
    connecter,
    consentir,
    lister,
    placer,
    usager_autorisant,
)


def integrer(c: Campaign, usager: Usager, *, pour: tuple[str, ...]) -> Place:
    """A document of the DMP, kept in the record."""
    le = consentir(c, usager)
    place = placer(c, usager, le)
    lister(c, usager, pour=pour)
    geste = c.do(IntegrerDocumentDmp(usager.id, place.uid, place.titre))
    c.expect("DMP-TD3.2", c.dmp.wait_for(DOCUMENT.of(usager), after=geste, pour=pour), pour=pour)
    return place


def test_nouvelle_version_signalee(c: Campaign) -> None:
    """La nouvelle version d'un document intégré est signalée à l'ouverture du dossier, et dans la liste de ses documents."""
    pour = ("DMP-CONS-20",)
    connecter(c)
    usager = c.usager("qualifie")
    place = integrer(c, usager, pour=pour)
    geste = c.do(OuvrirDossier(usager.id))
    assert geste.fin is not None
    c.dmp.command(
        "nouvelle-version", matricule=usager.matricule, unique_id=place.uid, date=f"{geste.fin:%Y%m%d%H%M%S}", titre=place.titre
    )
    ouverture = c.do(OuvrirDossier(usager.id))
    c.require(change_is_told_at_opening, ouverture, place.titre, pour=pour)
    lu = c.do(LireDocumentIntegre(usager.id, place.uid, place.titre))
    c.observed(lu, "statut", equals="nouvelle version disponible", pour=("DMP-CONS-14",))
    c.attest(
        pour=("DMP-CONS-20",),
        constat="À l'ouverture du dossier, la version plus récente ou la suppression au DMP est-elle signalée ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )


def test_suppression_signalee(c: Campaign) -> None:
    """La suppression au DMP d'un document intégré est signalée à l'ouverture du dossier."""
    pour = ("DMP-CONS-20",)
    connecter(c)
    usager = c.usager("qualifie")
    place = integrer(c, usager, pour=pour)
    c.dmp.command("supprimer-document", matricule=usager.matricule, unique_id=place.uid)
    ouverture = c.do(OuvrirDossier(usager.id))
    c.require(change_is_told_at_opening, ouverture, place.titre, pour=pour)


def test_nouveaux_documents_comptes(c: Campaign) -> None:
    """Les documents que des tiers ont déposés depuis la dernière venue sont comptés, par type, sans clic."""
    pour = ("DMP-CONS-21",)
    _, usager = usager_autorisant(c)
    le = consentir(c, usager)
    placer(c, usager, le, rang=1)
    premiere = c.do(OuvrirDossier(usager.id))
    recherche = c.dmp.wait_for(LISTE.of(usager), after=premiere, pour=pour)
    assert premiere.fin is not None
    placer(c, usager, premiere.fin, rang=2, sorte=COMPTE_RENDU, jours=0)
    placer(c, usager, premiere.fin, rang=3, sorte=PRESCRIPTION, jours=0)
    seconde = c.do(OuvrirDossier(usager.id))
    suivante = c.dmp.wait_for(LISTE.of(usager), after=seconde, pour=pour)
    c.expect("DMP-TD3.1", suivante, pour=("DMP-CONS-16",))
    c.require(later_search_is_incremental, suivante, recherche, pour=pour)
    c.require(news_are_counted, seconde, 2, pour=pour)
    c.observed(seconde, "types_nouveaux", equals=2, pour=pour)
    c.attest(
        pour=pour,
        constat="Les types de documents comptés à l'ouverture du dossier se choisissent-ils dans le paramétrage ?",
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="l'administrateur du DUI",
    )


def test_documents_de_la_structure_non_comptes(c: Campaign) -> None:
    """Les documents que la structure a déposés elle-même ne sont pas de nouveaux documents de tiers."""
    pour = ("DMP-CONS-21",)
    person, usager = usager_autorisant(c)
    consentir(c, usager)
    premiere = c.do(OuvrirDossier(usager.id))
    c.expect("DMP-TD3.1", c.dmp.wait_for(LISTE.of(usager), after=premiere, pour=pour), pour=("DMP-CONS-16",))
    assert premiere.fin is not None
    placer(c, usager, premiere.fin, rang=1, jours=0)
    placer(c, usager, premiere.fin, rang=2, sorte=PRESCRIPTION, jours=0, auteur=person)
    seconde = c.do(OuvrirDossier(usager.id))
    c.require(news_are_counted, seconde, 1, pour=pour)


def test_lecture_par_lots(c: Campaign) -> None:
    """Plus de vingt nouveaux documents se lisent par lots de vingt au plus."""
    pour = ("DMP-CONS-21",)
    _, usager = usager_autorisant(c)
    consentir(c, usager)
    premiere = c.do(OuvrirDossier(usager.id))
    c.dmp.wait_for(LISTE.of(usager), after=premiere, pour=pour)
    assert premiere.fin is not None
    for rang in range(1, 24):
        placer(c, usager, premiere.fin, rang=rang, jours=0)
    seconde = c.do(OuvrirDossier(usager.id))
    c.dmp.wait_for(LISTE.of(usager), after=seconde, pour=pour)
    for recherche in c.dmp.seen(LISTE.of(usager)):
        c.expect("DMP-TD3.1", recherche, pour=pour)
    c.require(news_are_counted, seconde, 23, pour=pour)
