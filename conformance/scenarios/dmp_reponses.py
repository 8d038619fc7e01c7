"""Ce que le DMP peut répondre à un dépôt : ce qui passera plus tard attend, ce qui est refusé se voit, rien ne se perd."""

from __future__ import annotations

from ..checks.dmp_alimentation import (
    each_document_is_stored_once,
    nothing_is_resent_once_stored,
    retries_resend_the_same_document,
)
from ..checks.dmp_choix import a_final_refusal_is_not_retried, failure_is_shown, failures_are_counted, nothing_stored_is_not_sent
from ..core.campaign import Campaign
from ..core.gestures.alimentation import ConsulterEnvois
from ..core.people import Usager
from .dmp_appels import (
    DEPOT,
    ENREGISTRE,
    attendre_depot,
    laisser_travailler,
    ouvrir_session,
    passer_le_delai,
    temoin,
    usager_sans_opposition,
    valider,
    valider_malgre,
)

_ATTENTE, _REPRISE, _ECHEC = ("DMP-ALIM-08",), ("DMP-ALIM-09",), ("DMP-ALIM-19",)


def test_plusieurs_ordres_attendent_le_retour_du_service(c: Campaign) -> None:
    """Des documents validés pendant une panne attendent tous, puis partent tous au retour du service, une fois chacun."""
    ouvrir_session(c)
    usagers = [usager_sans_opposition(c) for _ in (1, 2, 3)]
    with c.dmp.panne("indisponible", target="dmp.td2.1"):
        gestes = [valider(c, usager) for usager in usagers]
        reste = passer_le_delai(c)
        within = c.settings.delais.alimentation + reste
        for usager, geste in zip(usagers, gestes, strict=True):
            c.dmp.wait_for(DEPOT.of(usager), after=geste, within=within, pour=_ATTENTE)
    for usager, geste in zip(usagers, gestes, strict=True):
        c.dmp.wait_for(ENREGISTRE.of(usager), after=geste, within=c.settings.delais.alimentation, pour=_REPRISE)
    laisser_travailler(c)
    for usager in usagers:
        _une_fois(c, usager)


def test_erreur_passagere_du_registre(c: Campaign) -> None:
    """Le registre puis l'entrepôt répondent une erreur interne : le même document est renvoyé plus tard."""
    for panne in ("registre-erreur", "erreur-entrepot"):
        _attend_puis_passe(c, panne)


def test_signataire_refuse_pour_un_temps(c: Campaign) -> None:
    """Le DMP refuse le signataire du VIHF (DMPInvalidCertificate) : l'ordre attend, et part quand il est accepté."""
    _attend_puis_passe(c, "certificat-vihf-refuse")


def test_existence_indisponible(c: Campaign) -> None:
    """Le test d'existence échoue : l'ordre attend seul, puis le document est déposé."""
    usager, _, _ = valider_malgre(c, "indisponible", pour=_ATTENTE, cible="dmp.td0.2")
    laisser_travailler(c)
    _une_fois(c, usager)


def test_reponse_tronquee(c: Campaign) -> None:
    """La réponse à un dépôt enregistré arrive tronquée : le DUI renvoie le même document et accepte qu'il y soit déjà."""
    usager, geste, _ = valider_malgre(c, "reponse-tronquee", pour=_REPRISE)
    c.dmp.wait_for(DEPOT.of(usager), after=geste, within=c.settings.delais.alimentation, pour=_REPRISE)
    laisser_travailler(c)
    _une_fois(c, usager)


def test_refus_du_service_de_droits(c: Campaign) -> None:
    """Chaque refus du DMP (structure, lien avec la structure, spécialité, auteur) est montré avec son motif et compté."""
    ouvrir_session(c)
    for panne in ("structure-inconnue", "structure-non-liee", "specialite-absente", "auteur-hors-structure"):
        usager = usager_sans_opposition(c)
        geste = valider(c, usager)
        with c.dmp.panne(panne, times=1, target="dmp.td2.1"):
            attendre_depot(c, usager, geste, pour=_ECHEC)
            laisser_travailler(c)
        _montre(c, usager)


def test_usager_sans_dmp(c: Campaign) -> None:
    """Un document validé pour un usager sans DMP, ou au DMP fermé, n'est pas annoncé comme déposé."""
    ouvrir_session(c)
    controle = temoin(c, pour=_ECHEC)
    for profil in ("sans-dmp", "dmp-ferme"):
        usager = c.usager(profil)
        geste = valider(c, usager)
        reste = passer_le_delai(c)
        laisser_travailler(c)
        c.dmp.absent(ENREGISTRE.of(usager), control=controle.depot, during=geste, pour=_ECHEC, within=controle.fenetre(c, reste))
        ecran = c.do(ConsulterEnvois(usager.id))
        c.require(nothing_stored_is_not_sent, ecran, geste, pour=_ECHEC)


def _attend_puis_passe(c: Campaign, panne: str) -> None:
    usager, geste, _ = valider_malgre(c, panne, pour=_ATTENTE)
    c.dmp.wait_for(ENREGISTRE.of(usager), after=geste, within=c.settings.delais.alimentation, pour=_REPRISE)
    laisser_travailler(c)
    _une_fois(c, usager)


def _une_fois(c: Campaign, usager: Usager) -> None:
    essais = c.dmp.seen(DEPOT.of(usager))
    c.require(each_document_is_stored_once, *essais, pour=_REPRISE)
    c.require(nothing_is_resent_once_stored, *essais, pour=_REPRISE)
    if len(essais) > 1:
        c.require(retries_resend_the_same_document, *essais, pour=_REPRISE)


def _montre(c: Campaign, usager: Usager) -> None:
    essais = c.dmp.seen(DEPOT.of(usager))
    c.advise(a_final_refusal_is_not_retried, *essais, pour=_ECHEC)
    ecran = c.do(ConsulterEnvois(usager.id))
    c.require(failure_is_shown, ecran, *essais, pour=_ECHEC)
    c.require(failures_are_counted, ecran, *essais, pour=_ECHEC)
