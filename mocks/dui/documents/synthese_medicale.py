"""The medical summary (IPS-FR 2024.01): problems, treatments, allergies, acts, devices, and how the usager lives."""

from __future__ import annotations

from lxml import etree

from .actes import cisis, demande, intervention_prevue, rencontre
from .correspondants import INFORME
from .dossier_medical import CCAM
from .entete import LOINC, Code, Entete, Modele, hl7
from .historique_vaccinations import section_vaccinations
from .niveau_1 import prescripteur
from .observations import chaine, fonction, groupe_fonctionnel, mode_de_vie, quantite, snomed, vrai
from .recit import Tableau
from .redaction import Redaction, jour_francais, type_
from .rubriques_medicales import (
    actes,
    allergies,
    antecedents,
    constantes,
    directives,
    dispositifs,
    documents_joints,
    problemes,
    traitements,
    vigilance,
)
from .sections import MODE_DE_VIE, PLAN_DE_SOINS, STATUT_FONCTIONNEL, section
from .type_document import SYNTHESE, TypeDocument, format_ihe


def synthese_medicale(entete: Entete) -> etree._Element:
    """The document."""
    redaction = Redaction(prescripteur(entete))
    return redaction.corps(
        [
            problemes(redaction),
            antecedents(redaction),
            actes(redaction),
            allergies(redaction),
            traitements(redaction),
            dispositifs(redaction),
            vigilance(redaction, "Risque de chute : chaussures fermées et accompagnement à la marche."),
            _statut_fonctionnel(redaction),
            constantes(redaction),
            _mode_de_vie(redaction),
            section_vaccinations(redaction),
            _plan_de_soins(redaction),
            directives(redaction),
            documents_joints(redaction, [cisis("DLU_009", "Grille AGGIR (la plus récente)")]),
        ]
    )


_GROUPES = (
    (
        Code("54511-1", LOINC, "État psychique"),
        ((snomed("288575003", "capable de communiquer"), True), (snomed("62476001", "désorienté(e)"), False)),
    ),
    (
        Code("32452-5", LOINC, "Déplacement"),
        ((snomed("161898004", "chutes"), True), (snomed("50239007", "errance"), False)),
    ),
    (cisis("GEN-092.04.24", "Autre risque"), ((snomed("285304000", "à risque d'escarre"), True),)),
)


def _statut_fonctionnel(redaction: Redaction) -> etree._Element:
    tableau = Tableau(redaction, "fonction", "Domaine", "Observation", "Présent")
    entrees = []
    for groupe, codes in _GROUPES:
        membres = []
        for code, present in codes:
            _, _, reponse = tableau.ligne(groupe.libelle, code.libelle.capitalize(), "Oui" if present else "Non")
            membres.append(fonction(redaction, code, reponse, vrai(present)))
        entrees.append(groupe_fonctionnel(redaction, groupe, membres))
    return section(redaction, STATUT_FONCTIONNEL, [tableau.element], entrees)


def _mode_de_vie(redaction: Redaction) -> etree._Element:
    tableau = Tableau(redaction, "vie", "Élément", "Constat")
    jamais = type_(hl7("value", Code("LA18978-9", LOINC, "N'a jamais fumé").attributs()), "CD")
    elements = (
        (Code("72166-2", LOINC, "Statut tabagique"), "N'a jamais fumé", jamais),
        (Code("74013-4", LOINC, "Consommation d'alcool"), "Aucun verre par jour", quantite("0", "{drink}/d")),
        (Code("81663-7", LOINC, "Régime"), "Régime pauvre en sel", chaine("Régime pauvre en sel")),
        (Code("73985-4", LOINC, "Exercice physique"), "Marche accompagnée", chaine("Marche accompagnée")),
    )
    entrees = []
    for code, phrase, valeur in elements:
        _, ancre = tableau.ligne(code.libelle, phrase)
        entrees.append(mode_de_vie(redaction, code, ancre, valeur))
    return section(redaction, MODE_DE_VIE, [tableau.element], entrees)


def _plan_de_soins(redaction: Redaction) -> etree._Element:
    tableau = Tableau(redaction, "plan", "Prévu", "Pour le")
    examen, _ = tableau.ligne("Créatininémie de contrôle", jour_francais(redaction.il_y_a(-30)))
    acte, _ = tableau.ligne("Électrocardiogramme", jour_francais(redaction.il_y_a(-60)))
    visite, _ = tableau.ligne("Consultation du médecin traitant", jour_francais(redaction.il_y_a(-90)))
    creatinine = Code("14682-9", LOINC, "Créatinine [Moles/Volume] Sérum/Plasma ; Numérique")
    electro = Code("DEQP003", CCAM, "Électrocardiographie sur au moins 12 dérivations")
    entrees = [
        demande(redaction, creatinine, examen, 30),
        intervention_prevue(redaction, electro, acte, 60),
        rencontre(redaction, visite, -90),
    ]
    return section(redaction, PLAN_DE_SOINS, [tableau.element], entrees)


TYPE = TypeDocument(
    id="synthese-medicale",
    modele=Modele(
        code=Code("74207-2", LOINC, "Document de liaison d'urgence"),
        titre="Synthèse médicale",
        templates=(("2.16.840.1.113883.10.22.1.1", ""), ("1.2.250.1.213.1.1.1.51", "2024.01")),
        participants=(INFORME,),
    ),
    redige=synthese_medicale,
    classe=SYNTHESE,
    format=format_ihe("urn:ihe:pcc:ips:2020", "Synthèse médicale (IPS)"),
)
