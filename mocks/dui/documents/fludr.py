"""The older return form from the emergency department to a nursing home (DLU-EHPAD-FLUDR 2022.01)."""

from __future__ import annotations

from lxml import etree

from .actes import cisis
from .entete import LOINC, Code, Entete, Modele
from .observations import chaine, observation
from .recit import Tableau
from .redaction import Redaction
from .rubriques_medicales import diagnostic_de_sortie, documents_joints, protheses, traitements
from .sections import EVENEMENTS, TRAITEMENTS_A_LA_SORTIE, section
from .type_document import SYNTHESE, TypeDocument, format_ans


def fiche_de_retour_2022(entete: Entete) -> etree._Element:
    """The document."""
    redaction = Redaction(entete)
    return redaction.corps(
        [
            _passage(redaction),
            diagnostic_de_sortie(redaction),
            traitements(redaction, TRAITEMENTS_A_LA_SORTIE),
            protheses(redaction),
            documents_joints(
                redaction,
                [cisis("DLU_020", "Ordonnance de sortie"), cisis("DLU_021", "Copie du dossier des urgences")],
            ),
        ]
    )


def _passage(redaction: Redaction) -> etree._Element:
    tableau = Tableau(redaction, "passage", "Évènement", "Constat")
    recit = "Surveillance de six heures aux urgences, sans complication"
    _, constat = tableau.ligne("Déroulement du passage", recit)
    code = Code("15515-0", LOINC, "Déroulement du passage")
    return section(redaction, EVENEMENTS, [tableau.element], [observation(redaction, code, constat, chaine(recit))])


TYPE = TypeDocument(
    id="fludr",
    modele=Modele(
        code=Code("74207-2", LOINC, "Document de liaison d'urgence"),
        titre="Fiche de liaison d'urgence, retour du service des urgences",
        templates=(("1.2.250.1.213.1.1.1.24", "2022.01"),),
        acte=Code("28651-8", LOINC, "Note de transfert infirmier"),
    ),
    redige=fiche_de_retour_2022,
    classe=SYNTHESE,
    format=format_ans("urn:asip:ci-sis:fludr:2017", "Fiche de liaison d'urgence - retour du SU"),
)
