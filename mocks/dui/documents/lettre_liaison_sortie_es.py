"""The liaison letter at the exit of a health establishment (LDL-SES 2022.01)."""

from __future__ import annotations

from lxml import etree

from .actes import cisis, demande, intervention_prevue, rencontre
from .dossier_medical import CCAM
from .entete import LOINC, Code, Entete, Modele, hl7
from .entete_complet import RETOUR_AU_DOMICILE
from .niveau_1 import prescripteur
from .observations import chaine, observation, snomed, vrai
from .recit import Tableau, paragraphe
from .redaction import Redaction, jour_francais, type_
from .rubriques_medicales import allergies, dispositifs, motif_de, traitements
from .sections import (
    EVENEMENTS,
    PLAN_DE_SOINS,
    RESULTATS,
    STATUT_DU_DOCUMENT,
    TRAITEMENTS_A_LA_SORTIE,
    TRAITEMENTS_ADMINISTRES,
    section,
)
from .type_document import COMPTE_RENDU, TypeDocument, format_ans


def lettre_de_sortie(entete: Entete) -> etree._Element:
    """The document."""
    redaction = Redaction(prescripteur(entete))
    arrete = [redaction.medical.traitement_arrete]
    attendus = paragraphe("Aucun résultat en attente à la date de sortie.")
    return redaction.corps(
        [
            _statut(redaction),
            motif_de(redaction, "Bilan d'une perte de poids récente.", "Motif de l'hospitalisation"),
            _synthese(redaction),
            traitements(
                redaction, TRAITEMENTS_ADMINISTRES, arrete, titre="Traitements arrêtés durant le séjour", jusqu_au=entete.acte_le
            ),
            traitements(redaction, TRAITEMENTS_A_LA_SORTIE),
            section(redaction, RESULTATS, [attendus]),
            _suites(redaction),
            dispositifs(redaction),
            allergies(redaction),
        ],
        RETOUR_AU_DOMICILE,
    )


def _statut(redaction: Redaction) -> etree._Element:
    ancre = redaction.ancre("statut")
    valeur = type_(hl7("value", snomed("9571008", "approuvé").attributs()), "CD")
    entree = observation(
        redaction,
        cisis("GEN-065", "Statut du document"),
        ancre,
        valeur,
        templates=("1.2.250.1.213.1.1.3.48.16", "1.2.250.1.213.1.1.3.48.16.1"),
    )
    return section(redaction, STATUT_DU_DOCUMENT, [paragraphe("Document approuvé.", ancre)], [entree])


def _synthese(redaction: Redaction) -> etree._Element:
    entree_programmee = type_(hl7("value", snomed("8715000", "hospitalisation programmée").attributs()), "CE")
    retour = type_(hl7("value", snomed("160849004", "retour au domicile").attributs()), "CE")
    conclusion = "Dénutrition modérée, améliorée par une alimentation enrichie"
    constats = (
        (cisis("ORG-070", "Modalité d'entrée"), "Hospitalisation programmée", entree_programmee, "6"),
        (cisis("ORG-074", "Modalité de sortie"), "Retour au domicile", retour, "7"),
        (cisis("MED-142", "Synthèse médicale"), conclusion, chaine(conclusion), "9"),
        (
            cisis("MED-143", "Evènements indésirables survenus pendant l'hospitalisation"),
            "Aucun",
            chaine("Aucun"),
            "3",
        ),
        (
            cisis("MED-309", "Recherche de microorganismes multi-résistants ou émergents effectuée"),
            "Non",
            vrai(False),
            "8",
        ),
        (cisis("MED-145", "Transfusion de produits sanguins"), "Non", vrai(False), "10"),
        (cisis("MED-147", "Administration de dérivés du sang"), "Non", vrai(False), "2"),
    )
    tableau = Tableau(redaction, "sejour", "Élément du séjour", "Constat")
    entrees = []
    for code, phrase, valeur, modele in constats:
        _, ancre = tableau.ligne(code.libelle, phrase)
        entrees.append(observation(redaction, code, ancre, valeur, templates=(f"1.2.250.1.213.1.1.3.48.{modele}",)))
    return section(redaction, EVENEMENTS, [tableau.element], entrees, titre="Synthèse médicale du séjour")


def _suites(redaction: Redaction) -> etree._Element:
    tableau = Tableau(redaction, "suite", "À faire", "Pour le")
    poids, _ = tableau.ligne("Surveillance hebdomadaire du poids", jour_francais(redaction.il_y_a(-7)))
    acte, _ = tableau.ligne("Électrocardiogramme de contrôle", jour_francais(redaction.il_y_a(-45)))
    visite, _ = tableau.ligne("Consultation avec le médecin traitant", jour_francais(redaction.il_y_a(-15)))
    electro = Code("DEQP003", CCAM, "Électrocardiographie sur au moins 12 dérivations")
    entrees = [
        demande(redaction, cisis("ORG-064", "Demande d'examen ou de suivi"), poids, 7),
        intervention_prevue(redaction, electro, acte, 45),
        rencontre(redaction, visite, -15),
    ]
    return section(redaction, PLAN_DE_SOINS, [tableau.element], entrees, titre="Suites à donner")


TYPE = TypeDocument(
    id="lettre-liaison-sortie-es",
    modele=Modele(
        code=Code("11490-0", LOINC, "Lettre de liaison à la sortie d'un établissement de soins"),
        titre="Lettre de liaison à la sortie d'un établissement de soins",
        templates=(("1.2.250.1.213.1.1.1.29", "2022.01"),),
        acte=RETOUR_AU_DOMICILE.nature,
    ),
    redige=lettre_de_sortie,
    classe=COMPTE_RENDU,
    format=format_ans("urn:asip:ci-sis:ldl-ses:2017", "Lettre de liaison à la sortie d'un établissement de soins"),
)
