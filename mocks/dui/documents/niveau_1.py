"""The level 1 documents: the common header, and a PDF/A-1 as their whole body."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from lxml import etree

from ....fixtures.professionals import professionals
from ..comptes import Comptes
from . import contenus_medicaux, contenus_sociaux
from .entete import LOINC, Code, Entete, Modele, Participant, hl7
from .pdf import Bloc, imprimer
from .type_document import CERTIFICAT, COMPTE_RENDU, PRESCRIPTION, SYNTHESE, TypeDocument, format_ihe

TYPES_LOCAUX = "1.2.250.1.213.1.1.4.12"
NON_STRUCTURE = ("1.3.6.1.4.1.19376.1.2.20", "")
PRELEVEUR = Code("PRELV", "1.2.250.1.213.1.1.4.2.280", "Préleveur")
FORMAT_PDF = format_ihe("urn:ihe:iti:xds-sd:pdf:2008", "Document à corps non structuré en Pdf/A-1")

Contenu = Callable[[Entete], tuple[Bloc, ...]]


@dataclass(frozen=True, slots=True)
class _Sorte:
    """What makes a level 1 type. ``medical``: only a doctor signs it; ``ordonnance``: its paper bears a QR code;
    ``preleveur``: its author took the sample that a prescription asked for."""

    contenu: Contenu
    medical: bool = False
    ordonnance: bool = False
    preleveur: bool = False


def prescripteur(entete: Entete) -> Entete:
    """The same header signed by a doctor: the user when he is one, else the doctor for whom he prepares the document."""
    if entete.auteur.profession == "10":
        return entete
    return replace(entete, auteur=Comptes(entete.structure).local(professionals()["medecin-multi"]))


def corps_pdf(contenu: bytes) -> etree._Element:
    """The body that holds a PDF."""
    texte = hl7("text", {"mediaType": "application/pdf", "representation": "B64"}, base64.b64encode(contenu).decode("ascii"))
    return hl7("nonXMLBody", None, texte)


def _redige(sorte: _Sorte, entete: Entete) -> etree._Element:
    entete = prescripteur(entete) if sorte.medical else entete
    if sorte.preleveur:
        modele = replace(entete.modele, participants=(Participant("PRF", PRELEVEUR, entete.auteur),))
        entete = replace(entete, modele=modele)
    document = entete.document(corps_pdf(imprimer(entete, sorte.contenu(entete), ordonnance=sorte.ordonnance)))
    if sorte.preleveur:
        (acte,) = document.iterchildren(hl7.nom("documentationOf"))
        acte.addprevious(
            hl7("inFulfillmentOf", None, hl7("order", None, hl7("id", {"root": entete.identifiant("prescription")})))
        )
    return document


def _type(id: str, code: Code, titre: str, classe: Code, sorte: _Sorte) -> TypeDocument:
    modele = Modele(code, titre, (NON_STRUCTURE,))
    return TypeDocument(id, modele, partial(_redige, sorte), classe, FORMAT_PDF, qualifiee=sorte.preleveur)


def _loinc(code: str, libelle: str) -> Code:
    return Code(code, LOINC, libelle)


TYPES = (
    _type(
        "lettre-liaison-entree",
        _loinc("88348-8", "Lettre de liaison d'entrée en structure sociale ou médico-sociale"),
        "Lettre de liaison d'entrée en structure médico-sociale",
        SYNTHESE,
        _Sorte(contenus_sociaux.liaison_entree),
    ),
    _type(
        "lettre-liaison-sortie",
        _loinc("83981-1", "Lettre de liaison à la sortie d'une structure sociale ou médico-sociale"),
        "Lettre de liaison de sortie de structure médico-sociale",
        COMPTE_RENDU,
        _Sorte(contenus_sociaux.liaison_sortie),
    ),
    _type(
        "synthese-environnementale",
        _loinc("74207-2", "Document de liaison d'urgence"),
        "Synthèse environnementale",
        SYNTHESE,
        _Sorte(contenus_sociaux.synthese_environnementale),
    ),
    _type(
        "prescription-produits-n1",
        _loinc("57833-6", "Prescription de produits de santé"),
        "Prescription de produits de santé",
        PRESCRIPTION,
        _Sorte(contenus_medicaux.produits, medical=True, ordonnance=True),
    ),
    _type(
        "prescription-actes",
        _loinc("57832-8", "Prescription de soins"),
        "Prescription d'actes de biologie et de soins infirmiers",
        PRESCRIPTION,
        _Sorte(contenus_medicaux.actes, medical=True, ordonnance=True),
    ),
    _type(
        "prescription-autres",
        _loinc("57828-6", "Prescription (autre)"),
        "Prescription d'un transport sanitaire",
        PRESCRIPTION,
        _Sorte(contenus_medicaux.autres, medical=True, ordonnance=True),
    ),
    _type(
        "certificat-medical",
        _loinc("89601-9", "Certificat médical"),
        "Certificat médical destiné à la MDPH (Cerfa 15695*01)",
        CERTIFICAT,
        _Sorte(contenus_medicaux.certificat, medical=True),
    ),
    _type(
        "fiche-soins",
        _loinc("11506-3", "CR ou fiche de suivi de soins par auxiliaire médical"),
        "Fiche de suivi de soins infirmiers",
        COMPTE_RENDU,
        _Sorte(contenus_medicaux.suivi_de_soins),
    ),
    _type(
        "consultation",
        _loinc("11488-4", "CR ou fiche de consultation ou de visite"),
        "Compte rendu de visite du médecin",
        COMPTE_RENDU,
        _Sorte(contenus_medicaux.consultation, medical=True),
    ),
    _type(
        "attestation-identite",
        Code("CERT_DECL", TYPES_LOCAUX, "Certificat, déclaration"),
        "Attestation d'identité qualifiée concernant un prélèvement externe",
        CERTIFICAT,
        _Sorte(contenus_medicaux.attestation, preleveur=True),
    ),
)
