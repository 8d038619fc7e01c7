"""Ce que le DMP permet et cache : professionnel bloqué, document refusé, masqué, invisible, archivé ou remplacé."""

from __future__ import annotations

from ..checks.dmp_affichage import (
    failed_opening_is_told,
    list_shows_what_came,
    opening_an_invisible_document_warns,
    particular_document_is_flagged,
)
from ..checks.dmp_demandes import search_applies_the_filters
from ..core.campaign import Campaign
from ..core.gestures.consultation import AfficherDocumentDmp, ListerDocumentsDmp
from .dmp_consultation_appels import (
    AUTORISATION,
    DOCUMENT,
    LISTE,
    connecter,
    consentir,
    lister,
    lister_en_vain,
    ouvrir_malgre,
    placer,
    temoin,
    usager_consentant,
    usager_et_document,
)


def test_professionnel_bloque(c: Campaign) -> None:
    """Le professionnel que l'usager a bloqué ne déclare pas d'autorisation et ne cherche rien."""
    pour = ("DMP-CONS-06",)
    person = connecter(c)
    _, controle = temoin(c, pour=pour)
    usager = c.usager("qualifie")
    c.dmp.command("bloquer", matricule=usager.matricule, professionnel=person.id_nat)
    consentir(c, usager)
    geste = lister_en_vain(c, usager, AUTORISATION | LISTE, controle=controle, pour=pour)
    c.refused(geste, control=controle, because="l'usager a bloqué ce professionnel", pour=pour)


def test_document_refuse_par_la_matrice(c: Campaign) -> None:
    """Le refus du DMP d'ouvrir un document, rendu dans un multipart, est montré avec son motif."""
    pour = ("DMP-CONS-17",)
    geste = ouvrir_malgre(c, "document-refuse", pour=pour)
    c.require(failed_opening_is_told, geste, pour=pour)


def test_document_masque_depuis_la_liste(c: Campaign) -> None:
    """Un document masqué aux professionnels n'est pas dans la liste d'un tiers."""
    pour = ("DMP-CONS-15",)
    usager, le = usager_consentant(c)
    placer(c, usager, le, rang=1)
    placer(c, usager, le, rang=2, visibilite=("MASQUE_PS",))
    geste, recherche = lister(c, usager, pour=pour)
    c.require(list_shows_what_came, geste, recherche, pour=pour)


def test_document_masque_par_son_auteur(c: Campaign) -> None:
    """L'auteur d'un document masqué le retrouve dans la liste, signalé comme tel."""
    pour = ("DMP-CONS-15",)
    person = connecter(c)
    usager = c.usager("qualifie")
    le = consentir(c, usager)
    place = placer(c, usager, le, auteur=person, visibilite=("MASQUE_PS",))
    geste, recherche = lister(c, usager, pour=pour)
    c.require(list_shows_what_came, geste, recherche, pour=pour)
    c.require(particular_document_is_flagged, geste, place.titre, pour=pour)


def invisible(c: Campaign, profil: str, visibilite: str) -> None:
    """A document of this visibility is flagged in the list, and its opening warns."""
    usager, place = usager_et_document(c, profil, visibilite=(visibilite,))
    geste, recherche = lister(c, usager, pour=("DMP-CONS-15",))
    c.require(list_shows_what_came, geste, recherche, pour=("DMP-CONS-15",))
    c.require(particular_document_is_flagged, geste, place.titre, pour=("DMP-CONS-15",))
    ouverture = c.do(AfficherDocumentDmp(usager.id, place.uid, place.titre))
    c.expect("DMP-TD3.2", c.dmp.wait_for(DOCUMENT.of(usager), after=ouverture, pour=("DMP-CONS-17",)), pour=("DMP-CONS-17",))
    c.require(opening_an_invisible_document_warns, ouverture, pour=("DMP-CONS-17",))


def test_document_invisible_a_l_usager(c: Campaign) -> None:
    """Un document invisible à l'usager est signalé dans la liste, et son ouverture avertit."""
    invisible(c, "qualifie", "INVISIBLE_PATIENT")


def test_document_invisible_aux_representants(c: Campaign) -> None:
    """Un document invisible aux représentants légaux d'un mineur est signalé dans la liste, et son ouverture avertit."""
    invisible(c, "mineur", "INVISIBLE_REPRESENTANTS_LEGAUX")


def test_documents_archives_sur_demande(c: Campaign) -> None:
    """Un document archivé ne s'affiche que si l'utilisateur le demande, et signalé comme tel."""
    usager, place = usager_et_document(c, statut="archive")
    geste = c.do(ListerDocumentsDmp(usager.id, statut="archive"))
    recherche = c.dmp.wait_for(LISTE.of(usager), after=geste, pour=("DMP-CONS-16",))
    c.require(search_applies_the_filters, geste, recherche, pour=("DMP-CONS-16",))
    c.require(particular_document_is_flagged, geste, place.titre, pour=("DMP-CONS-15",))


def test_documents_remplaces_sur_demande(c: Campaign) -> None:
    """La liste ordinaire ne montre pas un document remplacé, celle des remplacés le signale comme tel."""
    usager, place = usager_et_document(c, statut="remplace")
    geste, recherche = lister(c, usager, pour=("DMP-CONS-15",))
    c.require(list_shows_what_came, geste, recherche, pour=("DMP-CONS-15",))
    ancien = c.do(ListerDocumentsDmp(usager.id, statut="remplace"))
    c.require(
        search_applies_the_filters,
        ancien,
        c.dmp.wait_for(LISTE.of(usager), after=ancien, pour=("DMP-CONS-16",)),
        pour=("DMP-CONS-16",),
    )
    c.require(particular_document_is_flagged, ancien, place.titre, pour=("DMP-CONS-15",))
