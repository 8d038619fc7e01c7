"""MSSanté : les accusés de lecture que le DUI rend, et ses réponses."""

from __future__ import annotations

from ..checks import mss_accuses
from ..core.campaign import Campaign
from ..core.exchange import Exchange
from ..core.gestures.messagerie import LireMessage, RepondreMessage
from .mss_courrier import ENVOI, connecte, recoit, releve


def lu_et_accuse(c: Campaign, variante: str) -> tuple[str, Exchange]:
    """Un message de cette variante arrive et se lit ; son identifiant, et l'accusé que le DUI en rend."""
    usager = c.usager("qualifie")
    connecte(c)
    (message,) = recoit(c, usager, variante)
    releve(c)
    lecture = c.start(LireMessage(message))
    accuse = c.mss.wait_for(ENVOI, after=lecture, pour=("MSS-15",))
    c.finish(lecture)
    return message, accuse


def test_accuse_de_lecture_rendu(c: Campaign) -> None:
    """Un message lu, qui demandait un accusé, en reçoit un : bien formé, à la bonne adresse, avec le message d'origine."""
    _, accuse = lu_et_accuse(c, "valide")
    c.expect("MSS-ACCUSE", accuse)
    c.expect("MSS-ENVOI", accuse)


def test_accuse_demande_a_une_autre_adresse(c: Campaign) -> None:
    """Un accusé demandé à une autre adresse que celle de l'expéditeur ne part qu'avec l'accord de l'utilisateur."""
    _, accuse = lu_et_accuse(c, "accuse-ailleurs")
    c.expect("MSS-ACCUSE", accuse)


def test_reponse_dans_le_fil(c: Campaign) -> None:
    """Une réponse va à qui l'attend et suit le fil du message."""
    message, accuse = lu_et_accuse(c, "valide")
    reponse = c.start(RepondreMessage(message))
    envoyee = c.mss.wait_for(ENVOI, after=reponse, pour=("MSS-14",))
    c.finish(reponse)
    c.expect("MSS-COURRIEL", envoyee)
    for rule in (
        mss_accuses.answer_names_the_message,
        mss_accuses.answer_continues_the_thread,
        mss_accuses.answer_goes_where_it_is_wanted,
    ):
        c.require(rule, envoyee, accuse)
