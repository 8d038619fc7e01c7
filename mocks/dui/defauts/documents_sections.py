"""Defects of sections in structured documents: missing, repeated, without their model, their code or their content."""

from __future__ import annotations

from .documents import code, element, registre_de, section
from .retouches import attribuer, doubler, ecrire, inserer, retirer

rubrique = registre_de("documents-sections")

_TRAITEMENTS = "1.2.250.1.213.1.1.2.143"
_ALLERGIES = "1.2.250.1.213.1.1.2.137"
_CONSTANTES = "1.2.250.1.213.1.1.2.75"
_PROTHESES = "1.2.250.1.213.1.1.2.53"


def _composant(modele: str) -> str:
    """The component that holds a section."""
    return f"{section(modele)}/parent::hl7:component"


def _sans_modele(de: str, modele: str) -> str:
    """The declaration of one model by a section of another."""
    return f"{section(de)}/hl7:templateId[@root='{modele}']"


rubrique(
    "synthese-sans-allergies",
    "synthese-medicale",
    "n'a pas de rubrique des allergies",
    "synthese-medicale.allergies",
    retirer(_composant(_ALLERGIES)),
)
rubrique(
    "synthese-sans-traitements",
    "synthese-medicale",
    "n'a pas de rubrique des traitements",
    "synthese-medicale.traitements",
    retirer(_composant(_TRAITEMENTS)),
)
rubrique(
    "synthese-sans-dispositifs",
    "synthese-medicale",
    "n'a pas de rubrique des dispositifs médicaux",
    "synthese-medicale.dispositifs",
    retirer(_composant("1.2.250.1.213.1.1.2.1")),
)
rubrique(
    "transfert-sans-motif",
    "fiche-transfert-su",
    "ne dit pas le motif du transfert",
    "fiche-transfert-su.motif",
    retirer(_composant("1.2.250.1.213.1.1.2.127")),
)
rubrique(
    "transfert-sans-constantes",
    "fiche-transfert-su",
    "n'a pas de rubrique des constantes",
    "fiche-transfert-su.constantes",
    retirer(_composant(_CONSTANTES)),
)
rubrique(
    "transfert-deux-vigilances",
    "fiche-transfert-su",
    "écrit deux fois la rubrique des points de vigilance",
    "fiche-transfert-su.vigilance",
    doubler(_composant("1.2.250.1.213.1.1.2.245")),
)
rubrique(
    "transfert-samu-oublie",
    "fiche-transfert-su",
    "ne dit pas si le centre 15 a été prévenu",
    "fiche-transfert-su.informe-samu",
    retirer(f"{code('ORG-214')}/parent::hl7:entry"),
)
rubrique(
    "retour-sans-diagnostic",
    "fiche-retour-su",
    "n'a pas de rubrique du diagnostic de sortie",
    "fiche-retour-su.diagnostic",
    retirer(_composant("1.2.250.1.213.1.1.2.133")),
)
rubrique(
    "retour-sans-documents-remis",
    "fiche-retour-su",
    "ne dit pas quels documents ont été remis à l'usager",
    "fiche-retour-su.documents-remis",
    retirer(_composant("1.2.250.1.213.1.1.2.253")),
)
rubrique(
    "retour-sans-transfert",
    "fiche-retour-su",
    "ne dit pas d'où à où l'usager est passé",
    "fiche-retour-su.transfert",
    retirer(f"{element('1.2.250.1.213.1.1.3.28')}/parent::hl7:entry"),
)
rubrique(
    "dlu-ehpad-sans-directives",
    "dlu-ehpad",
    "n'a pas de rubrique des directives anticipées",
    "dlu-ehpad.directives",
    retirer(_composant("1.2.250.1.213.1.1.2.157")),
)
rubrique(
    "dlu-ehpad-sans-devenir",
    "dlu-ehpad",
    "n'a pas de rubrique de l'établissement de santé de préférence",
    "dlu-ehpad.devenir",
    retirer(_composant("1.3.6.1.4.1.19376.1.5.3.1.1.13.2.10")),
)
rubrique(
    "dlu-ehpad-sans-documents",
    "dlu-ehpad",
    "n'a pas de rubrique des documents joints",
    "dlu-ehpad.documents",
    retirer(_composant("1.2.250.1.213.1.1.2.37")),
)
rubrique(
    "fludt-sans-protheses",
    "fludt",
    "n'a pas de rubrique des prothèses et objets personnels",
    "fludt.protheses",
    retirer(_composant(_PROTHESES)),
)
rubrique(
    "fludr-sans-traitements",
    "fludr",
    "n'a pas de rubrique des traitements à la sortie",
    "fludr.traitements",
    retirer(_composant("1.2.250.1.213.1.1.2.146")),
)
rubrique(
    "liaison-entree-es-sans-allergies",
    "lettre-liaison-entree-es",
    "laisse les allergies hors de la lettre de liaison",
    "lettre-liaison-entree-es.allergies",
    retirer(_composant(_ALLERGIES)),
)
rubrique(
    "liaison-sortie-es-sans-synthese",
    "lettre-liaison-sortie-es",
    "n'a pas de synthèse médicale du séjour",
    "lettre-liaison-sortie-es.synthese",
    retirer(_composant("1.2.250.1.213.1.1.2.163")),
)
rubrique(
    "liaison-sortie-es-sans-statut",
    "lettre-liaison-sortie-es",
    "ne dit pas si la lettre est définitive",
    "lettre-liaison-sortie-es.statut",
    retirer(_composant("1.2.250.1.213.1.1.2.35.1")),
)
rubrique(
    "prescription-produits-sans-copie",
    "prescription-produits",
    "n'accompagne pas la prescription structurée de son PDF",
    "prescription-produits.copie",
    retirer(_composant("1.2.250.1.213.1.1.2.243")),
)
rubrique(
    "prescription-produits-sans-produit",
    "prescription-produits",
    "n'a pas de rubrique des produits prescrits",
    "prescription-produits.produits",
    retirer(_composant("1.2.250.1.213.1.1.2.171")),
)
rubrique(
    "cr-biologie-sans-resultats",
    "cr-biologie",
    "n'a pas de rubrique des résultats",
    "cr-biologie.resultats",
    retirer(_composant("1.3.6.1.4.1.19376.1.3.3.2.1")),
)
rubrique(
    "cr-biologie-sans-copie",
    "cr-biologie",
    "n'accompagne pas les résultats structurés de leur PDF",
    "cr-biologie.copie",
    retirer(_composant("1.2.250.1.213.1.1.2.243")),
)
rubrique(
    "historique-sans-modele-de-rubrique",
    "historique-vaccinations",
    "ne déclare pas le modèle de la rubrique des vaccinations",
    "historique-vaccinations.section",
    retirer(_sans_modele("1.2.250.1.213.1.1.2.147", "1.3.6.1.4.1.19376.1.5.3.1.3.23")),
)
rubrique(
    "export-deux-rubriques-de-sejours",
    "export-dui",
    "présente la rubrique des événements comme une seconde rubrique des séjours",
    "export-dui.sejours",
    inserer(section("1.2.250.1.213.1.1.2.248"), '<hl7:templateId root="1.2.250.1.213.1.1.2.249"/>', rang=0),
)
rubrique(
    "export-sejours-mal-codes",
    "export-dui",
    "code la rubrique des séjours comme celle des événements",
    "export-dui.sejours-code",
    attribuer(f"{section('1.2.250.1.213.1.1.2.249')}/hl7:code", "code", "89793-4"),
)
rubrique(
    "trod-section-sans-modele",
    "trod",
    "ne déclare pas le modèle des rubriques de biologie",
    "trod.sections",
    retirer(_sans_modele("1.2.250.1.213.1.1.2.70", "1.3.6.1.4.1.19376.1.3.3.2.1")),
)
rubrique(
    "trod-deux-entrees",
    "trod",
    "écrit deux entrées dans la rubrique du test",
    "section.biologie-contenu",
    doubler(f"{section('1.3.6.1.4.1.19376.1.3.3.2.1')}/hl7:entry"),
)
rubrique(
    "synthese-allergies-sans-entree",
    "synthese-medicale",
    "dit les allergies dans le récit sans les coder",
    "section.allergies-entree",
    retirer(f"{section(_ALLERGIES)}/hl7:entry"),
)
rubrique(
    "synthese-traitements-mal-codes",
    "synthese-medicale",
    "code la rubrique des traitements comme celle des prescriptions",
    "section.traitements-code",
    attribuer(f"{section(_TRAITEMENTS)}/hl7:code", "code", "57828-6"),
)
rubrique(
    "synthese-antecedents-mal-codes",
    "synthese-medicale",
    "code la rubrique des antécédents comme celle des problèmes actifs",
    "section.antecedents-code",
    attribuer(f"{section('1.3.6.1.4.1.19376.1.5.3.1.3.8')}/hl7:code", "code", "11450-4"),
)
rubrique(
    "synthese-chirurgie-sans-identifiant",
    "synthese-medicale",
    "n'identifie pas la rubrique des actes",
    "section.chirurgie-codee-identifiant",
    retirer(f"{section('1.3.6.1.4.1.19376.1.5.3.1.3.12')}/hl7:id"),
)
rubrique(
    "fludt-constantes-sans-modele",
    "fludt",
    "ne déclare pas le modèle HL7 de la rubrique des constantes",
    "section.constantes-modele",
    retirer(_sans_modele(_CONSTANTES, "2.16.840.1.113883.10.20.1.16")),
)
rubrique(
    "transfert-constantes-en-texte",
    "fiche-transfert-su",
    "dit les constantes dans le récit sans les coder",
    "section.constantes-codees-entree",
    retirer(f"{section(_CONSTANTES)}/hl7:entry"),
)
rubrique(
    "liaison-sortie-es-sortie-mal-codee",
    "lettre-liaison-sortie-es",
    "code la rubrique des traitements à la sortie comme celle de l'entrée",
    "section.traitements-sortie-code",
    attribuer(f"{section('1.3.6.1.4.1.19376.1.5.3.1.3.22')}/hl7:code", "code", "42346-7"),
)
rubrique(
    "liaison-entree-es-motif-mal-code",
    "lettre-liaison-entree-es",
    "code la rubrique du motif par un code local",
    "section.motif-code",
    attribuer(f"{section('1.3.6.1.4.1.19376.1.5.3.1.3.1')}/hl7:code", "code", "MOTIF"),
)
rubrique(
    "fludr-protheses-sans-identifiant",
    "fludr",
    "n'identifie pas la rubrique des prothèses",
    "section.protheses-identifiant",
    retirer(f"{section(_PROTHESES)}/hl7:id"),
)
rubrique(
    "prescription-produits-copie-mal-intitulee",
    "prescription-produits",
    "intitule la copie de la prescription « Annexe »",
    "section.copie-titre",
    ecrire(f"{section('1.2.250.1.213.1.1.2.243')}/hl7:title", "Annexe"),
)
rubrique(
    "retour-plan-sans-modele",
    "fiche-retour-su",
    "ne déclare pas le modèle HL7 de la rubrique des suites à donner",
    "section.plan-de-soins-modele",
    retirer(_sans_modele("1.2.250.1.213.1.1.2.154", "2.16.840.1.113883.10.20.1.10")),
)

rubrique(
    "dlu-ehpad-documents-sans-texte",
    "dlu-ehpad",
    "joint des documents sans rien en dire au lecteur",
    "section.documents-joints-texte",
    retirer(f"{section('1.2.250.1.213.1.1.2.37')}/hl7:text"),
)
