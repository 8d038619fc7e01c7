"""The liaison file of a nursing home for emergencies (DLU-EHPAD-DLU 2022.01)."""

from __future__ import annotations

from lxml import etree

from .actes import cisis
from .correspondants import REFERENT
from .entete import LOINC, Code, Entete, Modele
from .historique_vaccinations import section_vaccinations
from .observations import observation, snomed, vrai
from .recit import Tableau, paragraphe
from .redaction import Redaction
from .rubriques_medicales import (
    actes,
    allergies,
    antecedents,
    commentaires,
    directives,
    documents_joints,
    problemes,
    traitements,
)
from .sections import DISPOSITIONS, EVENEMENTS, RESULTATS_CODES, section
from .type_document import SYNTHESE, TypeDocument, format_ans

_ETAT = (
    (snomed("288575003", "capable de communiquer"), True),
    (snomed("62476001", "désorienté(e)"), False),
    (snomed("397540003", "malvoyance"), False),
    (snomed("161898004", "chutes"), True),
    (snomed("285304000", "à risque d'escarre"), True),
)
_PIECES = (
    cisis("DLU_006", "Attestation de la carte vitale"),
    cisis("DLU_009", "Grille AGGIR (la plus récente)"),
    cisis("DLU_011", "Photocopies des ordonnances en cours"),
)


def dossier_de_liaison(entete: Entete) -> etree._Element:
    """The document."""
    redaction = Redaction(entete)
    preference = paragraphe("Centre hospitalier fictif de Valmont, service de médecine polyvalente.")
    return redaction.corps(
        [
            section(redaction, DISPOSITIONS, [preference]),
            problemes(redaction),
            antecedents(redaction),
            allergies(redaction),
            traitements(redaction),
            section_vaccinations(redaction),
            directives(redaction),
            _etat(redaction),
            actes(redaction, RESULTATS_CODES),
            documents_joints(redaction, _PIECES),
            commentaires(redaction, "L'établissement peut reprendre l'usager à toute heure, après appel."),
        ]
    )


def _etat(redaction: Redaction) -> etree._Element:
    tableau = Tableau(redaction, "etat", "Observation", "Présente")
    entrees = []
    for code, present in _ETAT:
        _, reponse = tableau.ligne(code.libelle.capitalize(), "Oui" if present else "Non")
        entrees.append(observation(redaction, code, reponse, vrai(present)))
    return section(redaction, EVENEMENTS, [tableau.element], entrees, titre="État habituel de l'usager")


TYPE = TypeDocument(
    id="dlu-ehpad",
    modele=Modele(
        code=Code("74207-2", LOINC, "Document de liaison d'urgence"),
        titre="Dossier de liaison d'urgence de l'EHPAD",
        templates=(("1.2.250.1.213.1.1.1.22", "2022.01"),),
        acte=Code("34117-2", LOINC, "Historique et clinique"),
        participants=(REFERENT,),
    ),
    redige=dossier_de_liaison,
    classe=SYNTHESE,
    format=format_ans("urn:asip:ci-sis:dlu:2015", "Dossier de liaison d'urgence"),
)
