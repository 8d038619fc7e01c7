"""Prélèvement transmis au laboratoire : ce qui est contrôlé avant de générer l'attestation."""

from __future__ import annotations

from ..core.campaign import Campaign
from ..core.formulaire import IMAGE
from ..core.gestures.messagerie import TransmettrePrelevement
from .mss_courrier import ENVOI, connecte

LABORATOIRE = "990000119"


def test_prelevement_sans_ins_qualifiee(c: Campaign) -> None:
    """L'INS de l'usager n'est pas qualifiée : ni attestation ni prescription ne partent au laboratoire."""
    usager, incertain = c.usager("qualifie"), c.usager("recupere")
    connecte(c)
    geste = c.do(TransmettrePrelevement(usager.id, LABORATOIRE))
    temoin = c.mss.wait_for(ENVOI.of(usager), after=geste, pour=("BIO-02",))
    c.expect("MSS-BIOLOGIE", temoin)
    refus = c.do(TransmettrePrelevement(incertain.id, LABORATOIRE))
    c.mss.absent(ENVOI.of(incertain), control=temoin, during=refus, pour=("BIO-03",))
    c.attest(
        pour=("BIO-04",),
        constat=(
            "Avant de générer, le DUI montre-t-il sa liste de contrôle (INS qualifiée sur pièce, prescription, RPPS, "
            "adresses MSSanté du laboratoire, du médecin traitant et de l'établissement) ?"
        ),
        piece="une copie de l'écran",
        formats=IMAGE,
        atteste="un professionnel utilisateur",
    )
