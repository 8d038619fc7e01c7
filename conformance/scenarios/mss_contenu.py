"""MSSanté : ce que contiennent les messages envoyés, quel que soit leur transport."""

from __future__ import annotations

from ..checks import mss_entetes, mss_usager
from ..core.campaign import Campaign, Geste
from ..core.exchange import Exchange
from ..core.gestures.connexion import SeConnecter
from ..core.gestures.messagerie import EnvoyerMessage
from ..core.matcher import kind
from ..core.people import Usager

ENVOI = kind("mss.smtp.envoi", label="un message soumis à l'opérateur MSSanté")
CONFRERE = "helene.testeur-traitant@medecin.formation.mssante.fr"


def _sent(c: Campaign, usager: Usager, geste: Geste, pour: tuple[str, ...]) -> Exchange:
    """The message that a gesture submitted, judged by its profiles."""
    soumis = c.mss.wait_for(ENVOI.of(usager), after=geste, pour=pour)
    c.expect("MSS-COURRIEL-XDM", soumis)
    c.expect("MSS-ENVOI", soumis)
    c.expect("MSS-REMISE", soumis)
    return soumis


def test_deux_documents_d_un_usager_dans_un_message(c: Campaign) -> None:
    """Deux documents d'un même usager partent dans un message : une archive, deux PDF, un objet qui dit leur nombre."""
    usager = c.usager("qualifie")
    c.do(SeConnecter(c.professionnel("medecin-multi").id))
    _sent(c, usager, c.do(EnvoyerMessage(usager.id, CONFRERE, "consultation", "fiche-soins")), ("MSS-09",))


def test_document_structure_et_son_pdf(c: Campaign) -> None:
    """Le PDF joint à un document structuré reprend son en-tête et son récit."""
    usager = c.usager("qualifie")
    c.do(SeConnecter(c.professionnel("medecin-multi").id))
    _sent(c, usager, c.do(EnvoyerMessage(usager.id, CONFRERE, "note-vaccination")), ("MSS-09",))


def test_deux_messages_ont_deux_identifiants(c: Campaign) -> None:
    """Deux messages envoyés l'un après l'autre ont des Message-ID différents."""
    usager = c.usager("qualifie")
    c.do(SeConnecter(c.professionnel("medecin-multi").id))
    premier = _sent(c, usager, c.do(EnvoyerMessage(usager.id, CONFRERE, "consultation")), ("MSS-14",))
    second = _sent(c, usager, c.do(EnvoyerMessage(usager.id, CONFRERE, "fiche-soins")), ("MSS-14",))
    c.require(mss_entetes.message_ids_are_unique, premier, second)


def test_message_a_l_usager(c: Campaign) -> None:
    """Un document part à l'usager dans Mon espace santé, à l'adresse formée sur son INS."""
    usager = c.usager("qualifie")
    c.do(SeConnecter(c.professionnel("medecin-multi").id))
    _sent(c, usager, c.do(EnvoyerMessage(usager.id, "usager", "consultation")), ("MSS-10",))


def test_identite_non_qualifiee_sans_matricule(c: Campaign) -> None:
    """Le message qui porte les documents d'un usager à l'identité récupérée ne contient son matricule INS nulle part."""
    usager = c.usager("recupere")
    c.do(SeConnecter(c.professionnel("medecin-multi").id))
    geste = c.start(EnvoyerMessage(usager.id, CONFRERE, "consultation"))
    soumis = c.mss.wait_for(ENVOI, after=geste, pour=("MSS-09",))
    c.finish(geste)
    c.expect("MSS-COURRIEL-XDM", soumis)
    c.require(mss_usager.ins_stays_inside_unless_qualified, soumis, usager)
