"""The return form from the emergency department (DLU-FR-SU 2025.01)."""

from __future__ import annotations

from lxml import etree

from .actes import cisis, demande, intervention_prevue, rencontre, transfert
from .dossier_medical import CCAM, SNOMED
from .entete import LOINC, Code, Entete, Modele
from .fiche_transfert_su import personnes_informees
from .observations import observation, snomed, vrai
from .recit import Tableau
from .redaction import Redaction, jour_francais
from .rubriques_medicales import commentaires, diagnostic_de_sortie, protheses
from .sections import DOCUMENTS_REMIS, EVENEMENTS, PLAN_DE_SOINS_SIMPLE, section
from .type_document import SYNTHESE, TypeDocument, format_ans

_EHPAD = Code("500", "1.2.250.1.213.1.6.1.8", "Etablissement d'hébergement pour personnes âgées dépendantes")
_PREVENUS = (
    (cisis("ORG-222", "Structure d'origine"), "Structure d'origine", True),
    (Code("PCP", "2.16.840.1.113883.5.88", "Médecin traitant"), "Médecin traitant", True),
    (cisis("ORG-223", "Entourage du patient"), "Entourage", True),
)


def fiche_de_retour(entete: Entete) -> etree._Element:
    """The document."""
    redaction = Redaction(entete)
    return redaction.corps(
        [
            personnes_informees(redaction, _PREVENUS),
            _evenements(redaction),
            diagnostic_de_sortie(redaction),
            suites(redaction),
            protheses(redaction),
            _documents_remis(redaction),
            commentaires(redaction, "Retour en ambulance, usager calme et non douloureux."),
        ]
    )


def _evenements(redaction: Redaction) -> etree._Element:
    tableau = Tableau(redaction, "evenement", "Évènement", "Constat")
    _, retour = tableau.ligne("Retour dans la structure d'origine", "Oui")
    _, trajet = tableau.ligne("Transfert", "Du service des urgences vers l'établissement d'hébergement")
    entrees = [
        observation(redaction, snomed("160849004", "retour au domicile"), retour, vrai()),
        transfert(redaction, trajet, _EHPAD),
    ]
    return section(redaction, EVENEMENTS, [tableau.element], entrees, titre="Retour du service des urgences")


def suites(redaction: Redaction) -> etree._Element:
    """What is to be done next."""
    tableau = Tableau(redaction, "suite", "À faire", "Pour le")
    demandes = (
        (cisis("ORG-064", "Demande d'examen ou de suivi"), "Contrôle clinique par le médecin traitant", 7, demande),
        (Code("DEQP003", CCAM, "Électrocardiographie sur au moins 12 dérivations"), "", 14, intervention_prevue),
    )
    entrees = []
    for code, phrase, dans, ecrire in demandes:
        quoi, _ = tableau.ligne(phrase or code.libelle, jour_francais(redaction.il_y_a(-dans)))
        entrees.append(ecrire(redaction, code, quoi, dans))
    quoi, _ = tableau.ligne("Consultation de suivi", jour_francais(redaction.il_y_a(-30)))
    entrees.append(rencontre(redaction, quoi, -30))
    return section(redaction, PLAN_DE_SOINS_SIMPLE, [tableau.element], entrees)


def _documents_remis(redaction: Redaction) -> etree._Element:
    tableau = Tableau(redaction, "remis", "Document", "Remis")
    entrees = []
    for code, nom in ((cisis("DLU_020", "Ordonnance de sortie"), "Ordonnance de sortie"),):
        _, remis = tableau.ligne(nom, "Oui")
        entrees.append(observation(redaction, code, remis, vrai()))
    return section(redaction, DOCUMENTS_REMIS, [tableau.element], entrees)


TYPE = TypeDocument(
    id="fiche-retour-su",
    modele=Modele(
        code=Code("60280-5", LOINC, "Fiche de retour du service des urgences"),
        titre="Fiche de retour du service des urgences",
        templates=(("1.2.250.1.213.1.1.1.62", "2025.01"),),
        acte=Code("107724000", SNOMED, "transfert du patient"),
    ),
    redige=fiche_de_retour,
    classe=SYNTHESE,
    format=format_ans("urn:asip:ci-sis:fludr:2017", "Fiche de liaison d'urgence - retour du SU"),
)
