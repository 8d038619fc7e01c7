"""Annuaire Santé : chercher une adresse MSSanté par tous les critères, choisir, et vérifier avant d'envoyer."""

from __future__ import annotations

from ..checks import annuaire as regles
from ..core.campaign import Campaign, Geste
from ..core.gestures.messagerie import EnvoyerMessage, RechercherCorrespondant
from ..core.matcher import kind
from .mss_courrier import CORRESPONDANT, DOCUMENT, ENVOI, connecte

APPEL = kind("annuaire", label="un appel à l'Annuaire Santé")
RECHERCHE = kind("annuaire.recherche", label="une recherche dans l'Annuaire Santé")
MULTIPLE = "99700000002"
LABORATOIRE = "990000119"


def _cherche(c: Campaign, geste: RechercherCorrespondant) -> Geste:
    """Une recherche aboutie : la clé, les paramètres, les critères."""
    fait = c.do(geste)
    appel = c.annuaire.wait_for(RECHERCHE, after=fait, pour=("MSS-08",))
    vus = c.annuaire.seen(APPEL)
    c.require(regles.key_is_in_the_header, appel)
    for vu in vus:
        c.require(regles.parameters_are_known, vu)
    c.require(regles.criterion_is_searched, fait, *vus)
    return fait


def test_recherche_par_rpps(c: Campaign) -> None:
    """Une recherche par numéro RPPS propose toutes les adresses du professionnel, au choix."""
    fait = _cherche(c, RechercherCorrespondant(rpps=MULTIPLE))
    c.require(regles.every_address_is_proposed, fait, *c.annuaire.seen(APPEL))


def test_recherche_par_nom_et_prenom(c: Campaign) -> None:
    """Une recherche par nom et prénom distingue les homonymes."""
    fait = _cherche(c, RechercherCorrespondant(famille="TESTEUR-HOMONYME", prenom="Dominique"))
    c.require(regles.every_address_is_proposed, fait, *c.annuaire.seen(APPEL))


def test_recherche_par_profession_et_specialite(c: Campaign) -> None:
    """Une recherche par profession, spécialité et lieu trouve les professionnels qui y exercent."""
    _cherche(c, RechercherCorrespondant(profession="10", specialite="SM18", lieu="VALMONT-SUR-TEST"))


def test_recherche_de_structure(c: Campaign) -> None:
    """Une recherche par FINESS trouve les boîtes organisationnelle et applicative d'un laboratoire."""
    fait = _cherche(c, RechercherCorrespondant(finess=LABORATOIRE))
    c.require(regles.every_address_is_proposed, fait, *c.annuaire.seen(APPEL))
    c.require(regles.ordinary_mails_are_left_out, fait, *c.annuaire.seen(APPEL))


def test_recherche_de_structure_par_nom_et_lieu(c: Campaign) -> None:
    """Une recherche par nom de structure et lieu trouve ses boîtes."""
    _cherche(c, RechercherCorrespondant(structure="LABORATOIRE FICTIF DES EXEMPLES", lieu="ESSAI-LES-BAINS"))


def test_resultats_sur_plusieurs_pages(c: Campaign) -> None:
    """Une recherche large tient sur plusieurs pages : toutes sont lues."""
    _cherche(c, RechercherCorrespondant(famille="FICTIF"))
    c.require(regles.every_page_is_followed, *c.annuaire.seen(RECHERCHE))


def test_boites_en_liste_rouge(c: Campaign) -> None:
    """Des boîtes en liste rouge ne sont jamais proposées."""
    with c.annuaire.panne("liste-rouge"):
        fait = c.do(RechercherCorrespondant(famille="TESTEUR-DISCRET"))
    c.annuaire.wait_for(RECHERCHE, after=fait, pour=("MSS-08",))
    c.require(regles.red_list_is_left_out, fait, *c.annuaire.seen(APPEL))


def test_exercices_inactifs(c: Campaign) -> None:
    """Les boîtes d'un professionnel qui n'exerce plus ne sont pas proposées."""
    with c.annuaire.panne("tous-inactifs"):
        fait = c.do(RechercherCorrespondant(rpps=MULTIPLE))
    c.annuaire.wait_for(RECHERCHE, after=fait, pour=("MSS-08",))
    c.require(regles.inactive_holders_are_left_out, fait, *c.annuaire.seen(APPEL))


def test_extensions_et_courriels_inattendus(c: Campaign) -> None:
    """Des extensions inconnues, un message d'information et un courriel ordinaire ne gênent pas la recherche."""
    with c.annuaire.panne("extensions-inconnues"), c.annuaire.panne("message-d-information"):
        fait = _cherche(c, RechercherCorrespondant(rpps=MULTIPLE))
    c.require(regles.every_address_is_proposed, fait, *c.annuaire.seen(APPEL))


def test_quota_depasse(c: Campaign) -> None:
    """L'annuaire signale un quota dépassé : le DUI attend le délai demandé avant de rappeler."""
    with c.annuaire.panne("quota", times=1):
        fait = c.do(RechercherCorrespondant(rpps=MULTIPLE))
    c.annuaire.wait_for(RECHERCHE, after=fait, pour=("MSS-08",))
    c.require(regles.quota_is_respected, *c.annuaire.seen(APPEL))


def test_annuaire_en_panne(c: Campaign) -> None:
    """L'annuaire est en panne : le DUI le dit, et ne laisse pas croire qu'il n'y a pas d'adresse."""
    with c.annuaire.panne("erreur-fhir"):
        fait = c.do(RechercherCorrespondant(rpps=MULTIPLE))
        appel = c.annuaire.wait_for(RECHERCHE, after=fait, pour=("MSS-08",))
    c.require(regles.outage_is_announced, fait, appel)


def test_adresse_verifiee_avant_l_envoi(c: Campaign) -> None:
    """Une adresse choisie dans l'annuaire y est vérifiée avant l'envoi ; fermée depuis, elle ne reçoit rien."""
    usager = c.usager("qualifie")
    connecte(c)
    c.do(RechercherCorrespondant(famille="TESTEUR-CABINET"))
    geste = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT))
    verifie = kind("annuaire.lecture", "annuaire.recherche", label="une vérification de l'adresse dans l'annuaire")
    avant = len(c.annuaire.seen(verifie))
    temoin = c.mss.wait_for(ENVOI.of(usager), after=geste, pour=("MSS-08",))
    c.require(regles.address_is_checked_again, temoin, *c.annuaire.seen(APPEL))
    c.annuaire.command("fermer-boite", adresse=CORRESPONDANT)
    try:
        second = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT))
    finally:
        c.annuaire.command("retablir")
    if len(c.annuaire.seen(verifie)) > avant:
        c.mss.absent(ENVOI.of(usager), control=temoin, during=second, pour=("MSS-08",))
