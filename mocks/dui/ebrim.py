"""The pieces of ebRIM that metadata are made of: slots, names, classifications, identifiers, associations."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from .documents.entete import Code
from .xml import Espace

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
SCHEMAS_FICHE = {
    "author": "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d",
    "classCode": "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
    "confidentialityCode": "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f",
    "eventCodeList": "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
    "formatCode": "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
    "healthcareFacilityTypeCode": "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1",
    "practiceSettingCode": "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead",
    "typeCode": "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983",
    "patientId": "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427",
    "uniqueId": "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab",
}
SCHEMAS_LOT = {
    "author": "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d",
    "contentTypeCode": "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500",
    "patientId": "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446",
    "sourceId": "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832",
    "uniqueId": "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8",
}

rim = Espace(RIM)


@dataclass(frozen=True, slots=True)
class Auteur:
    """An author as metadata name him: XCN, XON, specialty, role (``""`` when the header says none)."""

    personne: str
    institution: str
    specialite: str
    role: str


def slot(nom: str, *valeurs: str) -> etree._Element:
    """A slot and its values."""
    liste = rim("ValueList", None, *(rim("Value", None, valeur) for valeur in valeurs))
    return rim("Slot", {"name": nom}, liste)


def localise(balise: str, texte: str) -> etree._Element:
    """A name or a description, in French."""
    chaine = rim("LocalizedString", {"charset": "UTF8", "value": texte})
    chaine.set("{http://www.w3.org/XML/1998/namespace}lang", "FR")
    return rim(balise, None, chaine)


def classement(objet: str, schema: str, code: Code) -> etree._Element:
    """A code of an object."""
    attributs = {"classificationScheme": schema, "classifiedObject": objet, "nodeRepresentation": code.code}
    nom = f"{objet}-{schema[9:17]}-{code.code.rpartition(':')[2].strip('/#').rpartition('/')[2]}"
    return rim("Classification", {"id": nom} | attributs, slot("codingScheme", code.systeme), localise("Name", code.libelle))


def classement_auteur(objet: str, schema: str, auteur: Auteur) -> etree._Element:
    """An author of an object."""
    attributs = {"classificationScheme": schema, "classifiedObject": objet, "nodeRepresentation": ""}
    slots = {
        "authorPerson": auteur.personne,
        "authorInstitution": auteur.institution,
        "authorSpecialty": auteur.specialite,
        "authorRole": auteur.role,
    }
    return rim("Classification", {"id": f"{objet}-auteur"} | attributs, *(slot(nom, v) for nom, v in slots.items() if v))


def identifiant(objet: str, schema: str, nom: str, valeur: str) -> etree._Element:
    """An identifier of an object."""
    attributs = {"identificationScheme": schema, "registryObject": objet, "value": valeur}
    return rim("ExternalIdentifier", {"id": f"{objet}-{nom.rpartition('.')[2]}"} | attributs, localise("Name", nom))


def association(id: str, type: str, source: str, cible: str) -> etree._Element:
    """An association between two objects of one submission."""
    attributs = {"id": id, "associationType": type, "sourceObject": source, "targetObject": cible}
    objet = {"objectType": "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association"}
    return rim("Association", attributs | objet, slot("SubmissionSetStatus", "Original") if "HasMember" in type else None)
