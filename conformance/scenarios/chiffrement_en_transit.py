"""Chiffrement en transit : le DUI parle une fois à chaque service, en TLS récent ; ce qui ne peut être chiffré est documenté."""

from __future__ import annotations

from ..catalogue import load
from ..checks.mss_transport import nothing_is_said_before_tls, only_the_six_suites_are_offered
from ..checks.tls import no_obsolete_version_is_offered, suite_is_one_of_the_dmp, version_is_1_2_or_later
from ..core.campaign import Campaign
from ..core.exchange import Exchange
from ..core.formulaire import DOCUMENT
from ..core.gestures.connexion import SeConnecter
from ..core.gestures.messagerie import EnvoyerMessage
from ..core.gestures.orientation import ReleverOrientations
from ..core.gestures.sidoba import EnvoyerSetMin
from .dmp_appels import deposer, ouvrir_session, usager_sans_opposition
from .insi_appels import rechercher
from .mss_courrier import CORRESPONDANT, TENTATIVE, connecte
from .mss_courrier import DOCUMENT as COURRIER
from .psc_appels import CODE
from .sidoba_envois import SETMIN, commencer, envoyer
from .viatrajectoire_appels import JETON, tableau_vide

POUR = ("SSI-07",)


def test_pro_sante_connect(c: Campaign) -> None:
    """Le serveur du DUI parle à Pro Santé Connect en TLS récent."""
    person = c.professionnel("infirmiere-ehpad")
    _moderne(c, c.psc.wait_for(CODE, after=c.do(SeConnecter(person.id)), pour=POUR))


def test_insi(c: Campaign) -> None:
    """Le DUI parle au téléservice INSi en TLS récent."""
    _, appel = rechercher(c, c.usager("provisoire"))
    _moderne(c, appel)


def test_dmp(c: Campaign) -> None:
    """Le DUI parle au DMP en TLS récent, avec une des suites admises."""
    ouvrir_session(c)
    depot = deposer(c, usager_sans_opposition(c), pour=POUR)
    _moderne(c, depot)
    c.require(suite_is_one_of_the_dmp, depot, pour=POUR)


def test_messagerie(c: Campaign) -> None:
    """Le DUI parle à son opérateur MSSanté en TLS récent, avec les six suites admises, avant toute authentification."""
    if not c.settings.mssante.transport:
        c.skip("le DUI n'a pas son propre connecteur de messagerie ([mssante] transport)")
    usager = c.usager("qualifie")
    connecte(c)
    soumis = c.mss.wait_for(TENTATIVE, after=c.do(EnvoyerMessage(usager.id, CORRESPONDANT, COURRIER)), pour=POUR)
    c.require(nothing_is_said_before_tls, soumis, pour=POUR)
    _moderne(c, soumis)
    c.require(only_the_six_suites_are_offered, soumis, pour=POUR)


def test_viatrajectoire(c: Campaign) -> None:
    """Le DUI parle à ViaTrajectoire en TLS récent."""
    _concerne(c, "VT-10")
    tableau_vide(c)
    _moderne(c, c.viatrajectoire.wait_for(JETON, after=c.do(ReleverOrientations()), pour=POUR))


def test_sidoba(c: Campaign) -> None:
    """Le DUI parle à SIDOBA en TLS récent."""
    _concerne(c, "SMF-01")
    usager = commencer(c)
    _, envoi = envoyer(c, EnvoyerSetMin(usager.id), SETMIN, POUR)
    _moderne(c, envoi)


def test_protocoles_non_chiffres(c: Campaign) -> None:
    """Les protocoles qui ne peuvent être chiffrés sont documentés."""
    c.attest(
        pour=POUR,
        constat=(
            "Quels flux du logiciel ne sont pas chiffrés (lecteur de cartes, imprimante, réseau local, équipement "
            "ancien) ? Sont-ils tous documentés, avec la raison et la mesure qui compense ? S'il n'y en a aucun, "
            "l'écrire en note."
        ),
        piece="la liste des flux et de leur chiffrement",
        formats=(*DOCUMENT, ".csv", ".xlsx"),
        atteste="le responsable de la sécurité de l'éditeur",
    )


def _moderne(c: Campaign, exchange: Exchange) -> None:
    """Version of TLS negotiated and versions offered, where TLS is really played."""
    if not exchange.connection.exercised:
        c.skip("TLS non exercé dans ce mode")
    c.require(version_is_1_2_or_later, exchange, pour=POUR)
    c.require(no_obsolete_version_is_offered, exchange, pour=POUR)


def _concerne(c: Campaign, exigence: str) -> None:
    """Skip a service that no sector of the DUI calls."""
    if not load()[exigence].applies_to(c.settings.secteurs):
        c.skip("service hors des secteurs du DUI")
