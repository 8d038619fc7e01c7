"""MSSanté : suivre ce qui a été envoyé (remise, lecture), et ne rendre d'accusé qu'à qui en demande."""

from __future__ import annotations

from ..checks import mss_reception as regles
from ..checks.mss_reception import shown
from ..checks.mss_transport import reading_removes_nothing
from ..core.campaign import Campaign
from ..core.gestures.messagerie import LireMessage, SuivreEnvoi
from ..validation.mail import Mail
from .mss_courrier import CORRESPONDANT, ENVOI, RELEVE, connecte, envoie, recoit, releve


def test_remise_et_lecture_affichees(c: Campaign) -> None:
    """L'avis de remise et l'accusé de lecture d'un message envoyé sont rapprochés de lui et affichés."""
    usager = c.usager("qualifie")
    connecte(c)
    _, soumis = envoie(c, usager)
    identifiant = soumis.view(Mail).message_id
    remis = c.do(SuivreEnvoi(identifiant))
    lue = c.mss.wait_for(RELEVE, after=remis, pour=("MSS-15",))
    c.require(reading_removes_nothing, lue)
    c.observed(remis, "remise", equals="remis", pour=("MSS-15",))
    recoit(c, usager, "accuse-lu", original=identifiant)
    c.observed(c.do(SuivreEnvoi(identifiant)), "lecture", equals="lu", pour=("MSS-15",))


def test_refus_d_integration_affiche(c: Campaign) -> None:
    """L'accusé qui dit qu'un document n'a pas été intégré est rapproché de l'envoi, et affiché comme une erreur."""
    usager = c.usager("qualifie")
    connecte(c)
    _, soumis = envoie(c, usager)
    identifiant = soumis.view(Mail).message_id
    recoit(c, usager, "accuse-refus", original=identifiant)
    suivi = c.do(SuivreEnvoi(identifiant))
    lue = c.mss.wait_for(RELEVE, after=suivi, pour=("MSS-15",))
    c.require(reading_removes_nothing, lue)
    c.observed(suivi, "lecture", equals="erreur", pour=("MSS-15",))


def test_remise_en_echec_affichee(c: Campaign) -> None:
    """Le destinataire n'existe plus : l'avis d'échec est rapproché de l'envoi, et affiché."""
    usager = c.usager("qualifie")
    connecte(c)
    c.mss.command("boite-fermee", boite=CORRESPONDANT)
    try:
        _, soumis = envoie(c, usager)
    finally:
        c.mss.command("boite-fermee", boite=CORRESPONDANT, oui=False)
    suivi = c.do(SuivreEnvoi(soumis.view(Mail).message_id))
    lue = c.mss.wait_for(RELEVE, after=suivi, pour=("MSS-15",))
    c.require(reading_removes_nothing, lue)
    c.observed(suivi, "remise", equals="echec", pour=("MSS-15",))


def test_aucun_accuse_sans_demande(c: Campaign) -> None:
    """Un message qui ne demande pas d'accusé n'en reçoit pas."""
    usager = c.usager("qualifie")
    connecte(c)
    (demandeur,) = recoit(c, usager, "valide")
    (muet,) = recoit(c, usager, "sans-accuse")
    releve(c)
    temoin = c.mss.wait_for(ENVOI, after=c.do(LireMessage(demandeur)), pour=("MSS-15",))
    c.mss.absent(ENVOI, control=temoin, during=c.do(LireMessage(muet)), pour=("MSS-15",))


def test_aucun_accuse_a_un_accuse(c: Campaign) -> None:
    """Un accusé qui demande un accusé n'en reçoit pas : deux logiciels ne s'écrivent pas sans fin."""
    usager = c.usager("qualifie")
    connecte(c)
    _, soumis = envoie(c, usager)
    (boucle,) = recoit(c, usager, "accuse-en-boucle", original=soumis.view(Mail).message_id)
    geste, _ = releve(c)
    c.require(regles.receipts_are_not_ordinary_mails, shown(geste, "accuse-en-boucle", boucle), soumis)
    c.mss.absent(ENVOI, control=soumis, during=c.do(LireMessage(boucle)), pour=("MSS-15",))
