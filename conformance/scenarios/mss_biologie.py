"""MSSanté : le prélèvement fait dans l'établissement et transmis au laboratoire."""

from __future__ import annotations

from ..core.campaign import Campaign
from ..core.formulaire import PDF
from ..core.gestures.messagerie import TransmettrePrelevement
from .mss_courrier import ENVOI, connecte

LABORATOIRE = "990000119"


def test_prescription_et_attestation_au_laboratoire(c: Campaign) -> None:
    """La prescription et l'attestation d'identité d'un prélèvement partent au laboratoire dans un message, avec leurs PDF."""
    usager = c.usager("qualifie")
    connecte(c)
    geste = c.start(TransmettrePrelevement(usager.id, LABORATOIRE))
    soumis = c.mss.wait_for(ENVOI.of(usager), after=geste, pour=("BIO-02",))
    c.finish(geste)
    c.expect("MSS-BIOLOGIE", soumis)
    c.expect("MSS-COURRIEL-XDM", soumis, pour=("BIO-02",))
    c.attest(
        pour=("BIO-03",),
        constat=(
            "L'attestation d'identité qualifiée jointe au message porte-t-elle le préleveur et son RPPS, l'INS et "
            "son datamatrix, et accompagne-t-elle la prescription ?"
        ),
        piece="l'attestation telle que le laboratoire la reçoit",
        formats=PDF,
        atteste="un professionnel utilisateur",
    )
