"""Imprimer : le PDF d'un document dit ce que dit son CDA, porte l'identité et son datamatrix, et le QR code d'une ordonnance."""

from __future__ import annotations

from ..core.campaign import Campaign
from ..core.gestures import ImprimerDocument
from .dmp_appels import NOTE, ouvrir_session


def test_pdf_d_un_document(c: Campaign) -> None:
    """Le PDF d'un document est un PDF/A-1."""
    ouvrir_session(c)
    geste = c.do(ImprimerDocument(c.usager("qualifie").id, type=NOTE))
    c.expect("PDF-A1", geste.piece(), pour=("CDA-03",))
