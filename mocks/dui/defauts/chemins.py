"""Where things are in a CDA document and in the metadata of a deposit: XPath expressions for :mod:`.retouches`."""

from __future__ import annotations

from lxml import etree

from ..alterations import Alteration
from ..ebrim import SCHEMAS_FICHE, SCHEMAS_LOT
from .retouches import attribuer, ecrire, inserer

USAGER = "hl7:recordTarget/hl7:patientRole"
PATIENT = f"{USAGER}/hl7:patient"
AUTEUR = "hl7:author/hl7:assignedAuthor"
RESPONSABLE = "hl7:legalAuthenticator"
ACTE = "hl7:documentationOf/hl7:serviceEvent"
SEJOUR = "hl7:componentOf/hl7:encompassingEncounter"
SECTION = ".//hl7:section"
VACCINATION = ".//hl7:substanceAdministration"
PRODUIT = f"{VACCINATION}/hl7:consumable/hl7:manufacturedProduct/hl7:manufacturedMaterial"
RANG = f"{VACCINATION}/hl7:entryRelationship/hl7:observation"

LISTE = "//rim:RegistryObjectList"
LOT = "//rim:RegistryPackage"
FICHE = "//rim:ExtrinsicObject[@id='Doc01']"
SIGNATURE = "//rim:ExtrinsicObject[@id='Signature01']"
MEMBRE = "//rim:Association[contains(@associationType, 'HasMember')]"
PATIENTS = "//rim:ExternalIdentifier[contains(rim:Name/rim:LocalizedString/@value, 'patientId')]"


def classement(objet: str, nom: str) -> str:
    """The classifications of an object for an attribute: ``typeCode``, ``author``…"""
    return f"{objet}/rim:Classification[@classificationScheme='{_schema(objet, nom)}']"


def identifiant(objet: str, nom: str) -> str:
    """An external identifier of an object: ``patientId``, ``uniqueId``…"""
    return f"{objet}/rim:ExternalIdentifier[@identificationScheme='{_schema(objet, nom)}']"


def slot(objet: str, nom: str) -> str:
    """A slot of an object."""
    return f"{objet}/rim:Slot[@name='{nom}']"


def valeur(objet: str, nom: str) -> str:
    """The values of a slot of an object."""
    return f"{slot(objet, nom)}/rim:ValueList/rim:Value"


def libelle(objet: str) -> str:
    """The title of an object, or the label of a code."""
    return f"{objet}/rim:Name/rim:LocalizedString"


def code(objet: str, nom: str, valeur: str) -> Alteration:
    """Replace a code, under the same system."""
    return attribuer(classement(objet, nom), "nodeRepresentation", valeur)


def systeme(objet: str, nom: str, oid: str) -> Alteration:
    """Replace the system of a code."""
    return ecrire(valeur(classement(objet, nom), "codingScheme"), oid)


def code_de(objet: str, nom: str, valeur: str, oid: str) -> Alteration:
    """Replace a code by one of another system."""

    def alterer(soumission: etree._Element) -> None:
        code(objet, nom, valeur)(soumission)
        systeme(objet, nom, oid)(soumission)

    return alterer


def ajouter(objet: str, nom: str, contenu: str) -> Alteration:
    """Add a slot to an object; ``contenu`` is XML text."""
    return inserer(
        objet, f'<rim:Slot name="{nom}"><rim:ValueList><rim:Value>{contenu}</rim:Value></rim:ValueList></rim:Slot>', rang=0
    )


def _schema(objet: str, nom: str) -> str:
    return (SCHEMAS_LOT if objet == LOT else SCHEMAS_FICHE)[nom]
