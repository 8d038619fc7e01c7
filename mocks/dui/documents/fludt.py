"""The older transfer form of a nursing home to the emergency department (DLU-EHPAD-FLUDT 2022.01)."""

from __future__ import annotations

from datetime import timedelta

from lxml import etree

from ..horloge import local_compact
from .actes import cisis, intervention, rencontre
from .entete import LOINC, Code, Entete, Modele
from .observations import chaine, instant, observation, vrai
from .recit import Tableau
from .redaction import Redaction, heure_francaise, jour_francais
from .rubriques_medicales import constantes, motif_de, protheses, traitements
from .sections import EVENEMENTS, RESULTATS_CODES, SOMMEIL_ET_ALIMENTATION, section
from .type_document import SYNTHESE, TypeDocument, format_ans


def fiche_de_transfert_2022(entete: Entete) -> etree._Element:
    """The document."""
    redaction = Redaction(entete)
    return redaction.corps(
        [
            motif_de(redaction, "Douleurs abdominales persistantes depuis hier.", "Motif du transfert"),
            _circonstances(redaction),
            constantes(redaction),
            _soins_realises(redaction),
            traitements(redaction),
            _dernier_repas(redaction),
            protheses(redaction),
        ]
    )


def _circonstances(redaction: Redaction) -> etree._Element:
    tableau = Tableau(redaction, "circonstance", "Évènement", "Constat")
    recit = "Douleurs apparues la veille au soir, sans vomissement"
    _, constat = tableau.ligne("Circonstances du transfert", recit)
    code = Code("57277-6", LOINC, "Circonstances")
    return section(redaction, EVENEMENTS, [tableau.element], [observation(redaction, code, constat, chaine(recit))])


def _soins_realises(redaction: Redaction) -> etree._Element:
    tableau = Tableau(redaction, "soin", "Examen ou soin", "Réalisé", "Date")
    jour = jour_francais(redaction.entete.acte_le)
    soin, _, _ = tableau.ligne("Mise sous surveillance rapprochée", "Oui", jour)
    _, electro, _ = tableau.ligne("Électrocardiogramme joint", "Oui", jour)
    visite, _, _ = tableau.ligne("Consultation du médecin coordonnateur", "Oui", jour_francais(redaction.il_y_a(1)))
    entrees = [
        intervention(redaction, cisis("DLU_002", "Soin réalisé avant le transfert"), soin, 0),
        observation(redaction, cisis("DLU_003", "Examen réalisé avant le transfert"), electro, vrai()),
        rencontre(redaction, visite, 1),
    ]
    return section(redaction, RESULTATS_CODES, [tableau.element], entrees)


def _dernier_repas(redaction: Redaction) -> etree._Element:
    repas = redaction.entete.acte_le - timedelta(hours=3)
    tableau = Tableau(redaction, "repas", "Observation", "Date et heure")
    _, ancre = tableau.ligne("Dernier repas", heure_francaise(repas))
    code = cisis("GEN-244", "Date et heure du dernier repas")
    entree = observation(redaction, code, ancre, instant(local_compact(repas)))
    return section(redaction, SOMMEIL_ET_ALIMENTATION, [tableau.element], [entree])


TYPE = TypeDocument(
    id="fludt",
    modele=Modele(
        code=Code("74207-2", LOINC, "Document de liaison d'urgence"),
        titre="Fiche de liaison d'urgence, transfert vers le service des urgences",
        templates=(("1.2.250.1.213.1.1.1.23", "2022.01"),),
        acte=Code("28651-8", LOINC, "Note de transfert infirmier"),
    ),
    redige=fiche_de_transfert_2022,
    classe=SYNTHESE,
    format=format_ans("urn:asip:ci-sis:fludt:2017", "Fiche de liaison d'urgence - transfert vers le SU"),
)
