"""MSSanté : envoyer des documents à un professionnel, à une structure, à l'usager."""

from __future__ import annotations

from ..core.campaign import Campaign
from ..core.gestures.connexion import SeConnecter
from ..core.gestures.messagerie import EnvoyerMessage
from ..core.matcher import kind

ENVOI = kind("mss.smtp.envoi", label="un message soumis à l'opérateur MSSanté")


def test_document_envoye_a_un_professionnel(c: Campaign) -> None:
    """Un document part à un professionnel par MSSanté : archive IHE_XDM et PDF."""
    usager = c.usager("qualifie")
    c.do(SeConnecter(c.professionnel("medecin-multi").id))
    envoi = c.do(EnvoyerMessage(usager.id, "helene.testeur-traitant@medecin.formation.mssante.fr", "consultation"))
    soumis = c.mss.wait_for(ENVOI.of(usager), after=envoi, pour=("MSS-09",))
    c.expect("MSS-COURRIEL-XDM", soumis)
