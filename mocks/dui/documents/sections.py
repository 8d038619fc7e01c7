"""The sections: their templates and codes as data, and how a section is put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from .dossier_medical import CISIS
from .entete import LOINC, Code, hl7
from .observations import entree
from .redaction import Redaction, modeles

_PCC = "1.3.6.1.4.1.19376.1.5.3.1"
_CCD = "2.16.840.1.113883.10.20.1"
_FR = "1.2.250.1.213.1.1.2"


@dataclass(frozen=True, slots=True)
class Rubrique:
    """A kind of section: its code, the templates that it claims, its usual title."""

    code: Code
    templates: Sequence[str]
    titre: str


def _loinc(code: str, libelle: str) -> Code:
    return Code(code, LOINC, libelle)


VACCINATIONS = Rubrique(
    _loinc("11369-6", "Historique des vaccinations"), (f"{_CCD}.6", f"{_PCC}.3.23", f"{_FR}.147"), "Vaccinations"
)
MOTIF = Rubrique(_loinc("42349-1", "Raison de la recommandation"), (f"{_PCC}.3.1", f"{_FR}.127"), "Motif")
PROBLEMES = Rubrique(
    _loinc("11450-4", "Liste des problèmes actifs"), (f"{_CCD}.11", f"{_PCC}.3.6", f"{_FR}.132"), "Problèmes actifs"
)
DIAGNOSTIC_DE_SORTIE = Rubrique(_loinc("11535-2", "Diagnostic de sortie"), (f"{_PCC}.3.7", f"{_FR}.133"), "Diagnostic de sortie")
ANTECEDENTS = Rubrique(_loinc("11348-0", "Antécédents médicaux"), (f"{_PCC}.3.8", f"{_FR}.134"), "Antécédents")
ACTES = Rubrique(
    _loinc("47519-4", "Historique des actes"),
    (f"{_CCD}.12", f"{_PCC}.3.11", f"{_PCC}.3.12", f"{_FR}.136"),
    "Historique des actes",
)
ALLERGIES = Rubrique(
    _loinc("48765-2", "Allergies et hypersensibilités"),
    (f"{_CCD}.2", f"{_PCC}.3.13", f"{_FR}.137"),
    "Allergies et hypersensibilités",
)
TRAITEMENTS = Rubrique(
    _loinc("10160-0", "Historique de la prise médicamenteuse"), (f"{_CCD}.8", f"{_PCC}.3.19", f"{_FR}.143"), "Traitements"
)
TRAITEMENTS_A_L_ENTREE = Rubrique(
    _loinc("42346-7", "Traitements à l'admission"), (f"{_PCC}.3.20", f"{_FR}.144"), "Traitements à l'entrée"
)
TRAITEMENTS_ADMINISTRES = Rubrique(
    _loinc("18610-6", "Traitements administrés"), (f"{_PCC}.3.21", f"{_FR}.145"), "Traitements arrêtés"
)
TRAITEMENTS_A_LA_SORTIE = Rubrique(
    _loinc("10183-2", "Traitements à la sortie"), (f"{_PCC}.3.22", f"{_FR}.146"), "Traitements à la sortie"
)
SIGNES_VITAUX = Rubrique(
    _loinc("8716-3", "Signes vitaux"), (f"{_CCD}.16", f"{_PCC}.3.25", f"{_PCC}.1.5.3.2", f"{_FR}.75"), "Constantes"
)
RESULTATS = Rubrique(_loinc("30954-2", "Résultats d'examens"), (f"{_PCC}.3.27", f"{_FR}.150"), "Résultats d'examens")
RESULTATS_CODES = Rubrique(
    _loinc("30954-2", "Résultats d'examens"), (f"{_PCC}.3.27", f"{_PCC}.3.28", f"{_FR}.151"), "Examens et soins réalisés"
)
PLAN_DE_SOINS_SIMPLE = Rubrique(
    _loinc("18776-5", "Plan de soins"), (f"{_CCD}.10", f"{_PCC}.3.31", f"{_FR}.154"), "Suites à donner"
)
PLAN_DE_SOINS = Rubrique(_loinc("18776-5", "Plan de soins"), (f"{_CCD}.10", f"{_PCC}.3.36", f"{_FR}.158"), "Plan de soins")
DIRECTIVES = Rubrique(
    _loinc("42348-3", "Directives anticipées"),
    (f"{_CCD}.1", f"{_PCC}.3.34", f"{_PCC}.3.35", f"{_FR}.157"),
    "Directives anticipées",
)
EVENEMENTS = Rubrique(
    _loinc("42545-4", "Evènements observés"),
    (f"{_PCC}.1.21.2.9", "1.3.6.1.4.1.19376.1.7.3.1.1.13.7", f"{_FR}.163"),
    "Évènements observés",
)
ETAT_FONCTIONNEL = Rubrique(
    _loinc("46006-3", "Problèmes physiques fonctionnels et structurels"),
    (f"{_PCC}.1.12.2.5", f"{_FR}.115"),
    "Observations",
)
SOMMEIL_ET_ALIMENTATION = Rubrique(
    _loinc("47420-5", "Évaluation du statut fonctionnel"),
    ("1.3.6.1.4.1.19376.1.7.3.1.1.13.5",),
    "Sommeil et alimentation",
)
STATUT_FONCTIONNEL = Rubrique(
    _loinc("47420-5", "Évaluation du statut fonctionnel"),
    ("2.16.840.1.113883.10.22.3.8", f"{_FR}.246"),
    "Statut fonctionnel",
)
DISPOSITIFS = Rubrique(_loinc("46264-8", "Dispositifs médicaux"), (f"{_PCC}.1.5.3.5", f"{_FR}.1"), "Dispositifs médicaux")
MODE_DE_VIE = Rubrique(
    _loinc("29762-2", "Habitus, Mode de vie"),
    (f"{_CCD}.15", f"{_PCC}.3.16", f"{_PCC}.3.16.1", f"{_FR}.141"),
    "Mode de vie",
)
COMMENTAIRE = Rubrique(
    _loinc("55112-7", "Commentaire"),
    ("2.16.840.1.113883.10.12.201", "1.3.6.1.4.1.19376.1.4.1.2.16", f"{_FR}.73"),
    "Commentaires",
)
DOCUMENTS_JOINTS = Rubrique(_loinc("55107-7", "Documents ajoutés"), (f"{_FR}.37",), "Documents joints")
PROTHESES = Rubrique(_loinc("46264-8", "Dispositifs médicaux"), (f"{_FR}.53",), "Prothèses et objets personnels")
VIGILANCE = Rubrique(_loinc("44944-7", "Autres alertes"), (f"{_FR}.245",), "Points de vigilance")
PERSONNES_INFORMEES = Rubrique(
    Code("ORG-213", CISIS, "Personnes et structures informées"), (f"{_FR}.251",), "Personnes et structures informées"
)
DOCUMENTS_REMIS = Rubrique(_loinc("77599-9", "Documents remis au patient"), (f"{_FR}.253",), "Documents remis à l'usager")
STATUT_DU_DOCUMENT = Rubrique(_loinc("33557-0", "Etat d'achèvement"), (f"{_FR}.35", f"{_FR}.35.1"), "Statut du document")
DISPOSITIONS = Rubrique(_loinc("11302-7", "Devenir du patient"), (f"{_PCC}.1.13.2.10",), "Établissement de santé de préférence")
MICROBIOLOGIE = Rubrique(_loinc("18725-2", "Microbiologie"), ("1.3.6.1.4.1.19376.1.3.3.2.1", f"{_FR}.70"), "Résultat du test")


def section(
    redaction: Redaction,
    rubrique: Rubrique,
    recit: Sequence[etree._Element],
    entrees: Sequence[etree._Element] = (),
    *,
    titre: str = "",
    type_d_entree: str = "",
) -> etree._Element:
    """A section: what is read, then what machines read of it."""
    return hl7(
        "section",
        {"classCode": "DOCSECT", "moodCode": "EVN"},
        *modeles(*rubrique.templates),
        redaction.id(),
        hl7("code", rubrique.code.attributs()),
        hl7("title", None, titre or rubrique.titre),
        hl7("text", None, *recit),
        *(entree(acte, type_d_entree) for acte in entrees),
    )
