"""Defects of the header in documents of every type: what was done, who answers for it, for which care, where."""

from __future__ import annotations

from functools import partial

from lxml import etree

from ..alterations import Alteration
from .chemins import ACTE, AUTEUR
from .documents import DESTINATAIRE, EXECUTANT, PARTICIPANT, PRISE_EN_CHARGE, SIGNATAIRE, registre_de
from .registre import AVERTISSEMENT
from .retouches import attribuer, doubler, ecrire, fragment, inserer, retirer, trouver

entete = registre_de("documents-entete")
averti = partial(entete, effet=AVERTISSEMENT)

_LIEU = f"{PRISE_EN_CHARGE}/hl7:location/hl7:healthCareFacility"

entete(
    "transfert-deux-demandes-en-une",
    "fiche-transfert-su",
    "donne deux identifiants à la demande qu'elle satisfait",
    "entete.demande",
    doubler("hl7:inFulfillmentOf/hl7:order/hl7:id"),
)
entete(
    "retour-acte-sans-executant",
    "fiche-retour-su",
    "ne dit pas qui a fait l'acte principal",
    "entete.acte-principal",
    retirer(EXECUTANT),
)
entete(
    "liaison-sortie-es-acte-sans-systeme",
    "lettre-liaison-sortie-es",
    "code l'acte documenté sans dire dans quelle terminologie",
    "entete.acte-code",
    attribuer(f"{ACTE}/hl7:code", "codeSystem", None),
)
entete(
    "fludt-executant-secondaire",
    "fludt",
    "présente l'exécutant de l'acte comme un participant secondaire (SPRF)",
    "entete.executant-type",
    attribuer(EXECUTANT, "typeCode", "SPRF"),
)
entete(
    "fludr-profession-inventee",
    "fludr",
    "code la profession de l'exécutant par « IDE »",
    "entete.executant-profession",
    attribuer(f"{EXECUTANT}/hl7:assignedEntity/hl7:code", "code", "IDE"),
)
entete(
    "liaison-entree-cadre-invente",
    "lettre-liaison-entree",
    "code le cadre d'exercice de l'acte par « MEDICO-SOCIAL »",
    "entete.executant-cadre-jdv",
    attribuer(f"{EXECUTANT}//hl7:standardIndustryClassCode", "code", "MEDICO-SOCIAL"),
)


def _lien(type: str, identifiant: str) -> Alteration:
    """The document follows another; ``identifiant`` is the attribute of its identifier."""
    lien = (
        f'<hl7:relatedDocument typeCode="{type}"><hl7:parentDocument>'
        f"<hl7:id {identifiant}/></hl7:parentDocument></hl7:relatedDocument>"
    )

    def alterer(document: etree._Element) -> None:
        trouver(document, "hl7:componentOf")[0].addprevious(fragment(lien))

    return alterer


entete(
    "certificat-complement",
    "certificat-medical",
    "se présente comme le complément d'un autre document au lieu de le remplacer",
    "entete.remplacement-type",
    _lien("APND", 'root="2.25.1"'),
)
entete(
    "synthese-remplace-un-inconnu",
    "synthese-medicale",
    "remplace un document sans dire lequel",
    "entete.remplacement-cible",
    _lien("RPLC", 'nullFlavor="UNK"'),
)
entete(
    "transfert-consentement-en-cours",
    "fiche-transfert-su",
    "laisse en cours le consentement de l'usager",
    "entete.consentement",
    attribuer("hl7:authorization/hl7:consent/hl7:statusCode", "code", "active"),
)
entete(
    "export-sans-responsable",
    "export-dui",
    "n'a pas de responsable (legalAuthenticator)",
    "entete.responsable",
    retirer("hl7:legalAuthenticator"),
)
entete(
    "prescription-produits-signataire-invente",
    "prescription-produits",
    "code la profession du signataire par « MEDECIN »",
    "entete.responsable-profession",
    attribuer(f"{SIGNATAIRE}/hl7:code", "code", "MEDECIN"),
)
entete(
    "cr-biologie-valideur-local",
    "cr-biologie",
    "identifie le biologiste valideur dans un annuaire local",
    "entete.valideur-identifiant",
    attribuer("hl7:authenticator/hl7:assignedEntity/hl7:id", "root", "1.2.250.1.999.1.1"),
)
entete(
    "cr-biologie-valideur-invente",
    "cr-biologie",
    "code la profession du valideur par « BIOLOGISTE »",
    "entete.valideur-profession",
    attribuer("hl7:authenticator/hl7:assignedEntity/hl7:code", "code", "BIOLOGISTE"),
)
entete(
    "attestation-fonction-inventee",
    "attestation-identite",
    "code la fonction du préleveur par « PRELEVEUR »",
    "entete.participant-fonction",
    attribuer("hl7:participant/hl7:functionCode", "code", "PRELEVEUR"),
)
entete(
    "synthese-participant-sans-date",
    "synthese-medicale",
    "ne dit pas depuis quand le médecin traitant suit l'usager",
    "entete.participant-date",
    retirer("hl7:participant/hl7:time"),
)
entete(
    "dlu-ehpad-participant-employe",
    "dlu-ehpad",
    "présente un participant comme un employé (classCode EMP)",
    "entete.participant-entite",
    attribuer(f"({PARTICIPANT})[1]", "classCode", "EMP"),
)
entete(
    "fludt-conservateur-local",
    "fludt",
    "identifie le conservateur du document par un numéro local",
    "entete.conservateur-identifiant",
    attribuer("hl7:custodian//hl7:id", "root", "1.2.250.1.999.1.1"),
)
entete(
    "prescription-actes-sans-prise-en-charge",
    "prescription-actes",
    "ne dit pas dans quelle prise en charge l'acte a eu lieu",
    "entete.prise-en-charge",
    retirer("hl7:componentOf"),
)
entete(
    "transfert-intervenant-local",
    "fiche-transfert-su",
    "identifie le médecin consulté par un numéro local",
    "entete.intervenant-identifiant",
    attribuer(f"{PRISE_EN_CHARGE}/hl7:encounterParticipant/hl7:assignedEntity/hl7:id", "root", "1.2.250.1.999.1.1"),
)
entete(
    "cr-biologie-responsable-local",
    "cr-biologie",
    "identifie le médecin responsable de la prise en charge par un numéro local",
    "entete.medecin-responsable",
    attribuer(f"{PRISE_EN_CHARGE}/hl7:responsibleParty/hl7:assignedEntity/hl7:id", "root", "1.2.250.1.999.1.1"),
)
entete(
    "environnementale-lieu-invente",
    "synthese-environnementale",
    "code le type de structure du lieu par « FOYER »",
    "entete.lieu-type-jdv",
    attribuer(f"{_LIEU}/hl7:code", "code", "FOYER"),
)
entete(
    "liaison-sortie-sans-lieu",
    "lettre-liaison-sortie",
    "ne dit pas où l'usager a été pris en charge",
    "entete.lieu",
    retirer(f"{PRISE_EN_CHARGE}/hl7:location"),
)
entete(
    "transfert-deux-villes",
    "fiche-transfert-su",
    "écrit deux villes dans l'adresse de l'usager",
    "entete.adresse-parties",
    doubler("hl7:recordTarget/hl7:patientRole/hl7:addr/hl7:city"),
)
entete(
    "transfert-mobile-en-clair",
    "fiche-transfert-su",
    "n'écrit pas la coordonnée du destinataire, ni pourquoi elle manque",
    "entete.telecom",
    attribuer(f"{DESTINATAIRE}/hl7:telecom", "value", None),
)
entete(
    "consultation-absence-bavarde",
    "consultation",
    "dit l'adresse de l'auteur absente et en écrit une partie",
    "entete.null-seul",
    inserer(f"{AUTEUR}/hl7:addr", "<hl7:city>VALMONT-SUR-TEST</hl7:city>"),
)
entete(
    "fiche-soins-structure-sans-numero",
    "fiche-soins",
    "écrit la racine de l'identifiant national de la structure sans son numéro",
    "entete.identifiant-national",
    attribuer(f"{AUTEUR}/hl7:representedOrganization/hl7:id", "extension", None),
)
entete(
    "certificat-nom-en-vrac",
    "certificat-medical",
    "écrit le nom du médecin en vrac à côté de ses parties",
    "entete.nom-sans-texte",
    ecrire(f"{AUTEUR}/hl7:assignedPerson/hl7:name", "Dr TESTEUR "),
)
averti(
    "fiche-soins-autre-systeme-de-confidentialite",
    "fiche-soins",
    "code la confidentialité dans la nomenclature des types de documents",
    "coherence.confidentialite-systeme",
    attribuer("hl7:confidentialityCode", "codeSystem", "1.2.250.1.213.1.1.4.12"),
)
averti(
    "liaison-entree-es-lieu-autre-systeme",
    "lettre-liaison-entree-es",
    "code le type de structure du lieu dans la nomenclature des cadres d'exercice",
    "coherence.structure-systeme",
    attribuer(f"{_LIEU}/hl7:code", "codeSystem", "1.2.250.1.213.1.1.4.9"),
)
averti(
    "transfert-passage-autre-systeme",
    "fiche-transfert-su",
    "code le passage aux urgences dans une autre nomenclature que celle de HL7",
    "coherence.prise-en-charge-systeme",
    attribuer(f"{PRISE_EN_CHARGE}/hl7:code", "codeSystem", "2.16.840.1.113883.5.6"),
)
averti(
    "environnementale-profession-autre-systeme",
    "synthese-environnementale",
    "code la profession de l'exécutant dans la nomenclature des savoir-faire",
    "coherence.profession-systeme",
    attribuer(f"{EXECUTANT}/hl7:assignedEntity/hl7:code", "codeSystem", "1.2.250.1.71.4.2.5"),
)
averti(
    "fiche-soins-type-autre-systeme",
    "fiche-soins",
    "code le type du document dans la nomenclature des types locaux",
    "coherence.type-systeme",
    attribuer("hl7:code", "codeSystem", "1.2.250.1.213.1.1.4.12"),
)
