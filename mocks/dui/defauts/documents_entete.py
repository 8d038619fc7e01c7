"""Defects of the header in documents of every type: how they are announced, who wrote them, for whom."""

from __future__ import annotations

from functools import partial

from lxml import etree

from .chemins import AUTEUR
from .documents import DESTINATAIRE, EXECUTANT, SIGNATAIRE, registre_de
from .registre import AVERTISSEMENT
from .retouches import attribuer, doubler, ecrire, retirer, trouver

entete = registre_de("documents-entete")
averti = partial(entete, effet=AVERTISSEMENT)


entete(
    "trod-en-intention",
    "trod",
    "présente le test comme une intention (moodCode INT) et non comme un fait",
    "structure.schema",
    attribuer(".", "moodCode", "INT"),
    exigences=("CDA-01",),
)
entete(
    "synthese-autre-standard",
    "synthese-medicale",
    "se réclame d'un autre standard que CDA dans typeId",
    "structure.schema",
    attribuer("hl7:typeId", "root", "2.16.840.1.113883.1.4"),
    exigences=("CDA-01",),
)
averti(
    "consultation-autre-version-de-cda",
    "consultation",
    "se réclame d'une autre version de CDA, ce qui éteint les contrôles officiels de l'en-tête",
    "coherence.standard-extension",
    attribuer("hl7:typeId", "extension", "POCD_HD000020"),
)
entete(
    "synthese-sans-modele-france",
    "synthese-medicale",
    "ne déclare pas le modèle français de HL7",
    "entete.modele-hl7-france",
    retirer("hl7:templateId[@root='2.16.840.1.113883.2.8.2.1']"),
)
entete(
    "transfert-sans-modele",
    "fiche-transfert-su",
    "ne déclare aucun modèle de document en dehors de la structuration minimale",
    "entete.modele-du-document",
    retirer("hl7:templateId[@root='1.2.250.1.213.1.1.1.61']"),
)
entete(
    "fiche-soins-modele-en-double",
    "fiche-soins",
    "déclare deux fois le modèle des documents non structurés",
    "entete.niveau-1-modeles",
    doubler("hl7:templateId[@root='1.3.6.1.4.1.19376.1.2.20']"),
)


def _identifiant_inconnu(document: etree._Element) -> None:
    identifiant = trouver(document, "hl7:id")[0]
    identifiant.attrib.clear()
    identifiant.set("nullFlavor", "UNK")


entete(
    "consultation-sans-identifiant",
    "consultation",
    "enregistre le document sans identifiant",
    "entete.identifiant",
    _identifiant_inconnu,
)
entete(
    "prescription-autres-type-sans-libelle",
    "prescription-autres",
    "n'écrit pas le libellé du type de document",
    "entete.type-libelle",
    attribuer("hl7:code", "displayName", None),
)
entete(
    "prescription-actes-type-inconnu",
    "prescription-actes",
    "emploie un type de document que le jeu de valeurs ne connaît pas",
    "entete.type-jdv",
    attribuer("hl7:code", "code", "57832-0"),
)


def _confidentialite_tue(document: etree._Element) -> None:
    code = trouver(document, "hl7:confidentialityCode")[0]
    code.attrib.clear()
    code.set("nullFlavor", "NASK")


entete(
    "fludr-confidentialite-tue",
    "fludr",
    "ne dit pas la confidentialité du document (nullFlavor)",
    "entete.confidentialite",
    _confidentialite_tue,
)
entete(
    "historique-langue-mal-ecrite",
    "historique-vaccinations",
    "écrit la langue du document « FR-fr »",
    "entete.langue-forme",
    attribuer("hl7:languageCode", "code", "FR-fr"),
)
averti(
    "attestation-en-anglais",
    "attestation-identite",
    "se dit écrite en anglais",
    "coherence.langue",
    attribuer("hl7:languageCode", "code", "en-US"),
)
entete(
    "liaison-sortie-sans-lot-de-versions",
    "lettre-liaison-sortie",
    "n'écrit pas l'identifiant commun aux versions du document (setId)",
    "entete.lot-de-versions",
    retirer("hl7:setId"),
)
entete(
    "liaison-entree-es-sans-version",
    "lettre-liaison-entree-es",
    "n'écrit pas le numéro de version du document",
    "entete.version",
    retirer("hl7:versionNumber"),
)
entete(
    "cr-biologie-version-decimale",
    "cr-biologie",
    "écrit un numéro de version négatif",
    "entete.version-forme",
    attribuer("hl7:versionNumber", "value", "-1"),
)
entete(
    "transfert-fonction-inventee",
    "fiche-transfert-su",
    "code la fonction de l'auteur par « REFERENT »",
    "entete.auteur-fonction",
    attribuer("hl7:author/hl7:functionCode", "code", "REFERENT"),
)
entete(
    "synthese-auteur-sans-numero",
    "synthese-medicale",
    "écrit la racine de l'identifiant de l'auteur sans son numéro",
    "entete.auteur-identifiant-forme",
    attribuer(f"{AUTEUR}/hl7:id", "extension", None),
)
entete(
    "liaison-sortie-es-auteur-anonyme",
    "lettre-liaison-sortie-es",
    "n'écrit pas le nom de la personne auteur",
    "entete.auteur-personne",
    retirer(f"{AUTEUR}/hl7:assignedPerson/hl7:name"),
)
entete(
    "export-logiciel-sans-nom",
    "export-dui",
    "n'écrit pas le nom du logiciel auteur de l'export",
    "entete.auteur-dispositif",
    retirer(f"{AUTEUR}/hl7:assignedAuthoringDevice/hl7:softwareName"),
)
entete(
    "transfert-cadre-invente",
    "fiche-transfert-su",
    "code le cadre d'exercice de l'auteur par « EHPAD »",
    "entete.auteur-cadre",
    attribuer(f"{AUTEUR}//hl7:standardIndustryClassCode", "code", "EHPAD"),
)
entete(
    "retour-deux-noms-de-famille",
    "fiche-retour-su",
    "écrit deux noms de famille pour l'exécutant de l'acte",
    "entete.personne-nom",
    doubler(f"{EXECUTANT}//hl7:family"),
)
entete(
    "dlu-ehpad-civilite-en-clair",
    "dlu-ehpad",
    "écrit la civilité du responsable en toutes lettres",
    "entete.personne-civilite",
    ecrire(f"{SIGNATAIRE}//hl7:prefix", "Madame"),
)
entete(
    "cr-biologie-titre-en-clair",
    "cr-biologie",
    "écrit le titre du biologiste en toutes lettres",
    "entete.personne-titre",
    ecrire(f"{SIGNATAIRE}//hl7:suffix", "Docteur"),
)
entete(
    "transfert-fille-en-clair",
    "fiche-transfert-su",
    "code le lien de parenté de l'informateur par « FILLE »",
    "entete.informateur-proche-lien",
    attribuer("hl7:informant/hl7:relatedEntity/hl7:code", "code", "FILLE"),
)
entete(
    "transfert-proche-anonyme",
    "fiche-transfert-su",
    "ne nomme pas le proche qui a informé l'équipe",
    "entete.informateur-proche-nom",
    retirer("hl7:informant/hl7:relatedEntity/hl7:relatedPerson"),
)
entete(
    "transfert-destinataire-sans-numero",
    "fiche-transfert-su",
    "écrit la racine de l'identifiant du destinataire sans son numéro",
    "entete.destinataire-identifiant",
    attribuer(f"{DESTINATAIRE}/hl7:id", "extension", None),
)
