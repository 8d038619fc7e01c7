"""MSSanté : les traces que le DUI garde de sa messagerie, rapprochées de ce que l'opérateur a vu."""

from __future__ import annotations

from ..checks import mss_traces as regles
from ..core.campaign import Campaign
from ..core.gestures.messagerie import EnvoyerMessage, ExporterTracesMessagerie, SupprimerMessage
from .mss_courrier import CORRESPONDANT, DOCUMENT, MEDECIN, connecte, envoie, recoit, releve


def test_traces_des_envois(c: Campaign) -> None:
    """Un envoi réussi, un envoi en échec et une suppression sont tracés : auteur, heure, demande, réponse, jamais le contenu."""
    usager = c.usager("qualifie")
    connecte(c)
    person = c.professionnel(MEDECIN)
    _, soumis = envoie(c, usager)
    with c.mss.panne("expediteur-differe"):
        echec = c.do(EnvoyerMessage(usager.id, CORRESPONDANT, DOCUMENT))
    (message,) = recoit(c, usager, "sans-document")
    releve(c)
    suppression = c.do(SupprimerMessage(message))
    traces = c.do(ExporterTracesMessagerie()).piece()
    c.require(regles.every_send_is_traced, traces, soumis)
    c.require(regles.failed_send_is_traced, traces, echec)
    c.require(regles.deletion_is_traced, traces, suppression)
    c.require(regles.traces_name_the_user, traces, person)
    c.require(regles.traces_say_when, traces, soumis)
    c.require(regles.traces_hold_request_and_answer, traces)
    c.require(regles.traces_hold_no_content, traces, soumis, usager)
