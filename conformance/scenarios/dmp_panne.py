"""DMP injoignable puis revenu : l'ordre attend seul, repart seul, et le document n'est enregistré qu'une fois."""

from __future__ import annotations

from ..checks.dmp_alimentation import (
    each_document_is_stored_once,
    nothing_is_resent_once_stored,
    retries_are_paced,
    retries_resend_the_same_document,
    wrong_answer_confirms_nothing,
)
from ..checks.soap import message_ids_are_never_reused
from ..checks.tls import nothing_is_sent_after_a_bad_certificate
from ..core.campaign import Campaign, Geste
from ..core.exchange import Exchange
from ..core.gestures.dmp import AttendreEnvois
from ..core.people import Usager
from .dmp_appels import (
    CONNEXION,
    DEPOT,
    ENREGISTRE,
    MAUVAIS_CERTIFICAT,
    attendre_depot,
    laisser_travailler,
    ouvrir_session,
    passer_le_delai,
    temoin,
    usager_sans_opposition,
    valider,
    valider_malgre,
)

_ATTENTE = ("DMP-ALIM-08",)
_REPRISE = ("DMP-ALIM-09",)


def test_dmp_en_erreur_503(c: Campaign) -> None:
    """Le DMP répond 503 : l'ordre est mis en attente, puis exécuté seul au retour du service."""
    _attend_et_repart(c, "indisponible")


def test_coupure_reseau(c: Campaign) -> None:
    """La connexion au DMP est coupée : l'ordre est mis en attente, puis exécuté seul au retour du réseau."""
    _attend_et_repart(c, "coupure")


def test_certificat_du_dmp_expire(c: Campaign) -> None:
    """Le certificat du DMP a expiré : rien ne lui est envoyé, l'ordre attend, puis part seul avec le bon certificat."""
    ouvrir_session(c)
    controle = temoin(c, pour=_ATTENTE)
    usager = usager_sans_opposition(c)
    geste = valider(c, usager)
    with c.dmp.panne("certificat-expire"):
        reste = passer_le_delai(c)
        c.dmp.wait_for(MAUVAIS_CERTIFICAT, after=geste, within=c.settings.delais.alimentation + reste, pour=_ATTENTE)
        c.require(nothing_is_sent_after_a_bad_certificate, *c.dmp.seen(CONNEXION), pour=_ATTENTE)
        c.dmp.absent(DEPOT.of(usager), control=controle.depot, during=geste, pour=_ATTENTE, within=controle.fenetre(c))
    _reprise(c, usager, geste)
    _une_seule_fois(c, usager)


def test_entrepot_occupe(c: Campaign) -> None:
    """L'entrepôt se dit occupé (XDSRepositoryBusy) : le même document est renvoyé plus tard, à un rythme raisonnable."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    geste = valider(c, usager)
    with c.dmp.panne("indisponible-metier", times=2, target="dmp.td2.1"):
        attendre_depot(c, usager, geste, pour=_ATTENTE)
        _reprise(c, usager, geste)
    essais = c.dmp.seen(DEPOT.of(usager))
    c.require(retries_resend_the_same_document, *essais, pour=_REPRISE)
    c.require(message_ids_are_never_reused, *essais, pour=_REPRISE)
    c.require(retries_are_paced, *essais, pour=_ATTENTE)


def test_reponse_perdue_sans_doublon(c: Campaign) -> None:
    """La réponse à un dépôt enregistré est perdue : le DUI renvoie le même document et accepte qu'il y soit déjà."""
    usager, geste, perdu = valider_malgre(c, "reponse-perdue", pour=_REPRISE)
    c.dmp.wait_for(DEPOT.of(usager), after=geste, within=c.settings.delais.alimentation, pour=_REPRISE)
    laisser_travailler(c)
    c.dmp.absent(DEPOT.of(usager), control=perdu, pour=_REPRISE)
    essais = c.dmp.seen(DEPOT.of(usager))
    c.require(each_document_is_stored_once, *essais, pour=_REPRISE)
    c.require(retries_resend_the_same_document, *essais, pour=_REPRISE)
    c.require(nothing_is_resent_once_stored, *essais, pour=_REPRISE)


def test_reponse_a_un_autre_message(c: Campaign) -> None:
    """Une réponse reliée à un autre message (RelatesTo) n'est pas prise pour la confirmation du dépôt."""
    usager, _, _ = valider_malgre(c, "relatesto-faux", pour=_REPRISE)
    c.do(AttendreEnvois())
    essais = c.dmp.seen(DEPOT.of(usager))
    c.advise(wrong_answer_confirms_nothing, *essais, pour=_REPRISE)
    c.require(each_document_is_stored_once, *essais, pour=_REPRISE)


def test_reponse_multipart(c: Campaign) -> None:
    """Une réponse en message multipart est lue : le document, enregistré, n'est pas renvoyé."""
    usager, geste, depot = valider_malgre(c, "reponse-multipart", pour=_REPRISE)
    laisser_travailler(c)
    c.dmp.absent(DEPOT.of(usager), control=depot, during=geste, pour=_REPRISE)
    c.require(each_document_is_stored_once, *c.dmp.seen(DEPOT.of(usager)), pour=_REPRISE)


def _attend_et_repart(c: Campaign, panne: str) -> None:
    usager, geste, _ = valider_malgre(c, panne, pour=_ATTENTE)
    _reprise(c, usager, geste)
    _une_seule_fois(c, usager)
    c.require(retries_resend_the_same_document, *c.dmp.seen(DEPOT.of(usager)), pour=_ATTENTE)


def _reprise(c: Campaign, usager: Usager, geste: Geste) -> Exchange:
    return c.dmp.wait_for(ENREGISTRE.of(usager), after=geste, within=c.settings.delais.alimentation, pour=_REPRISE)


def _une_seule_fois(c: Campaign, usager: Usager) -> None:
    enregistres = c.dmp.seen(ENREGISTRE.of(usager))
    c.dmp.absent(ENREGISTRE.of(usager), control=enregistres[0], pour=_REPRISE)
    essais = c.dmp.seen(DEPOT.of(usager))
    c.require(each_document_is_stored_once, *essais, pour=_REPRISE)
    c.require(nothing_is_resent_once_stored, *essais, pour=_REPRISE)
