"""Imprimer : le PDF d'un document dit ce que dit son CDA, porte l'identité et son datamatrix, et le QR code d'une ordonnance."""

from __future__ import annotations

from ..core.campaign import Campaign
from ..core.gestures.connexion import SeConnecter
from ..core.gestures.documents import ImprimerDocument
from ..validation.ordonnance_qr import ExpectedPrescription
from .dmp_appels import NOTE, attendre_depot, ouvrir_session, usager_sans_opposition, valider


def test_pdf_d_un_document(c: Campaign) -> None:
    """Le PDF d'un document est un PDF/A-1."""
    ouvrir_session(c)
    geste = c.do(ImprimerDocument(c.usager("qualifie").id, type=NOTE))
    c.expect("PDF-A1", geste.piece(), pour=("CDA-03",))


def test_pdf_encapsule_dans_un_niveau_1(c: Campaign) -> None:
    """Le PDF encapsulé dans un document de niveau 1 dit ce que dit l'en-tête : titre, dates, auteur, usager…"""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    depot = attendre_depot(c, usager, valider(c, usager, "lettre-liaison-entree"), pour=("CDA-03",))
    c.expect("CDA-PDF", depot)


def test_pdf_encapsule_dans_un_niveau_3(c: Campaign) -> None:
    """La copie PDF jointe à un document structuré dit ce que dit ce document : même source, même acte."""
    ouvrir_session(c)
    usager = usager_sans_opposition(c)
    depot = attendre_depot(c, usager, valider(c, usager, "prescription-produits"), pour=("CDA-03",))
    c.expect("CDA-PDF", depot)


def test_identite_imprimee(c: Campaign) -> None:
    """Un document imprimé d'une identité qualifiée porte ses traits, son matricule et le datamatrix INS."""
    ouvrir_session(c)
    usager = c.usager("qualifie")
    geste = c.do(ImprimerDocument(usager.id, type="lettre-liaison-sortie"))
    c.expect("INS-PAPIER", geste.piece(), usager, pour=("INS-20",))


def test_qr_code_d_une_ordonnance(c: Campaign) -> None:
    """Une ordonnance imprimée porte un QR code : prescription, structure et prescripteur, identité du patient."""
    medecin = c.professionnel("medecin-multi")
    c.do(SeConnecter(medecin.id))
    usager = c.usager("qualifie")
    geste = c.do(ImprimerDocument(usager.id, type="prescription-produits"))
    attendu = ExpectedPrescription.of(usager, medecin, identifiant=str(geste.observation("prescription") or ""))
    if c.settings.pieces.ordonnance_qr:
        c.expect("ORDONNANCE-QR-LU", geste.piece(), attendu, pour=("ON-05",))
    else:
        c.expect("ORDONNANCE-QR", geste.piece(), attendu, pour=("ON-05",))
