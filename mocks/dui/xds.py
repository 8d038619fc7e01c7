"""XDS metadata of a deposit: a SubmissionSet and one DocumentEntry per document, read from the document's own header.

Reading them from the document, rather than from the record that wrote it, is what keeps both equal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from .documents.document import Document
from .documents.entete import OID_DUI, Code
from .horloge import utc_compact
from .xml import Espace

RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
HL7 = {"h": "urn:hl7-org:v3"}
OID_INS = frozenset({f"1.2.250.1.213.1.4.{nature}" for nature in (8, 9, 10, 11)})
RPPS = "1.2.250.1.71.4.2.1"
FINESS = "1.2.250.1.71.4.2.2"

_OBJET_DOCUMENT = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
_NOEUD_LOT = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
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
_HEBERGEMENT = Code("11", "1.2.250.1.213.2.2", "Hébergement complet ou internat")
_MASQUES = (
    Code("MASQUE_PS", "1.2.250.1.213.1.1.4.13", "Document masqué aux professionnels de santé"),
    Code("INVISIBLE_PATIENT", "1.2.250.1.213.1.1.4.13", "Document non visible par le patient"),
)
_BUT = Code("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12", "Source")

rim = Espace(RIM)


@dataclass(frozen=True, slots=True)
class Auteur:
    """An author as metadata name him: XCN, XON, specialty, role (``""`` when the header says none)."""

    personne: str
    institution: str
    specialite: str
    role: str


@dataclass(frozen=True, slots=True)
class Fiche:
    """What the metadata of one document say; times are UTC, ``yyyyMMddHHmmss``."""

    id: str
    mime: str
    langue: str
    titre: str
    cree_le: str
    debut: str
    fin: str
    patient: str
    patient_local: str
    traits: tuple[str, ...]
    auteur: Auteur
    responsable: str
    unique_id: str
    codes: Mapping[str, Code]
    confidentialite: tuple[Code, ...]
    evenements: tuple[Code, ...]
    demandes: tuple[str, ...] = ()


def fiche_de(document: Document, id: str) -> Fiche:
    """The metadata of a CDA document."""
    racine = document.racine
    acte = "h:documentationOf[1]/h:serviceEvent"
    patient = "h:recordTarget/h:patientRole"
    evenement = _code(racine, f"{acte}/h:code")
    return Fiche(
        id=id,
        mime="text/xml",
        langue=_texte(racine, "h:languageCode/@code"),
        titre=_texte(racine, "h:title"),
        cree_le=_utc(_texte(racine, "h:effectiveTime/@value")),
        debut=_utc(_texte(racine, f"{acte}/h:effectiveTime/h:low/@value")),
        fin=_utc(_texte(racine, f"{acte}/h:effectiveTime/h:high/@value")),
        patient=_cx_ins(racine.xpath(f"{patient}/h:id", namespaces=HL7)),
        patient_local=_cx_local(racine.xpath(f"{patient}/h:id", namespaces=HL7)),
        traits=_traits(racine),
        auteur=_auteur(racine),
        responsable=_xcn(racine, "h:legalAuthenticator/h:assignedEntity"),
        unique_id=_texte(racine, "h:id/@root"),
        codes={
            "classCode": document.type.classe,
            "typeCode": _code(racine, "h:code"),
            "formatCode": document.type.format,
            "healthcareFacilityTypeCode": _code(racine, "h:componentOf//h:healthCareFacility/h:code"),
            "practiceSettingCode": _code(racine, f"{acte}/h:performer//h:standardIndustryClassCode"),
        },
        confidentialite=(_code(racine, "h:confidentialityCode"),),
        evenements=(evenement,) if evenement.code else (),
        demandes=tuple(_cxi_demande(i) for i in racine.xpath("h:inFulfillmentOf/h:order/h:id", namespaces=HL7)),
    )


def fiche_de_signature(fiche: Fiche, id: str, unique_id: str, signe_le: datetime) -> Fiche:
    """The metadata of the signature of the submission set: same author and patient as the document, hidden from everyone."""
    return Fiche(
        id=id,
        mime="text/xml",
        langue="art",
        titre="Source",
        cree_le=utc_compact(signe_le),
        debut=fiche.debut,
        fin="",
        patient=fiche.patient,
        patient_local=fiche.patient,
        traits=fiche.traits,
        auteur=fiche.auteur,
        responsable=fiche.responsable,
        unique_id=unique_id,
        codes={
            "classCode": Code("urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1", "URN", "Digital Signature"),
            "typeCode": Code("E1762", "ASTM", "Full Document"),
            "formatCode": Code("http://www.w3.org/2000/09/xmldsig#", "URN", "Default Signature Style"),
            "healthcareFacilityTypeCode": fiche.codes["healthcareFacilityTypeCode"],
            "practiceSettingCode": fiche.codes["practiceSettingCode"],
        },
        confidentialite=(*fiche.confidentialite, *_MASQUES),
        evenements=(_BUT,),
    )


@dataclass(frozen=True, slots=True)
class Lot:
    """A submission set: a document and the signature of the whole."""

    unique_id: str
    soumis_le: datetime
    document: Fiche
    signature: Fiche

    def liste(self) -> etree._Element:
        """The RegistryObjectList of the deposit."""
        return rim(
            "RegistryObjectList",
            None,
            self._paquet(),
            _entree(self.document),
            _entree(self.signature),
            _association(
                "association-1", "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember", "SubmissionSet01", "Doc01"
            ),
            _association(
                "association-2", "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember", "SubmissionSet01", "Signature01"
            ),
            _association("association-3", "urn:ihe:iti:2007:AssociationType:signs", "Signature01", "SubmissionSet01"),
        )

    def _paquet(self) -> etree._Element:
        objet, fiche = "SubmissionSet01", self.document
        return rim(
            "RegistryPackage",
            {"id": objet, "objectType": "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:RegistryPackage"},
            _slot("submissionTime", utc_compact(self.soumis_le)),
            _nom("Name", fiche.titre),
            _classement_auteur(objet, SCHEMAS_LOT["author"], fiche.auteur),
            _classement(objet, SCHEMAS_LOT["contentTypeCode"], _HEBERGEMENT),
            rim("Classification", {"id": f"{objet}-noeud", "classifiedObject": objet, "classificationNode": _NOEUD_LOT}),
            _identifiant(objet, SCHEMAS_LOT["patientId"], "XDSSubmissionSet.patientId", fiche.patient),
            _identifiant(objet, SCHEMAS_LOT["sourceId"], "XDSSubmissionSet.sourceId", OID_DUI),
            _identifiant(objet, SCHEMAS_LOT["uniqueId"], "XDSSubmissionSet.uniqueId", self.unique_id),
        )


def _entree(fiche: Fiche) -> etree._Element:
    objet = fiche.id
    codes = (*fiche.codes.items(), *(("confidentialityCode", c) for c in fiche.confidentialite))
    evenements = (("eventCodeList", c) for c in fiche.evenements)
    return rim(
        "ExtrinsicObject",
        {"id": objet, "mimeType": fiche.mime, "objectType": _OBJET_DOCUMENT},
        _slot("creationTime", fiche.cree_le),
        _slot("languageCode", fiche.langue),
        _slot("legalAuthenticator", fiche.responsable),
        _slot("serviceStartTime", fiche.debut),
        _slot("serviceStopTime", fiche.fin) if fiche.fin else None,
        _slot("sourcePatientId", fiche.patient_local),
        _slot("sourcePatientInfo", *fiche.traits),
        _slot("urn:ihe:iti:xds:2013:referenceIdList", *fiche.demandes) if fiche.demandes else None,
        _nom("Name", fiche.titre),
        _classement_auteur(objet, SCHEMAS_FICHE["author"], fiche.auteur),
        *(_classement(objet, SCHEMAS_FICHE[nom], code) for nom, code in (*codes, *evenements)),
        _identifiant(objet, SCHEMAS_FICHE["patientId"], "XDSDocumentEntry.patientId", fiche.patient),
        _identifiant(objet, SCHEMAS_FICHE["uniqueId"], "XDSDocumentEntry.uniqueId", fiche.unique_id),
    )


def _slot(nom: str, *valeurs: str) -> etree._Element:
    liste = rim("ValueList", None, *(rim("Value", None, valeur) for valeur in valeurs))
    return rim("Slot", {"name": nom}, liste)


def _nom(balise: str, texte: str) -> etree._Element:
    localise = rim("LocalizedString", {"charset": "UTF8", "value": texte})
    localise.set("{http://www.w3.org/XML/1998/namespace}lang", "FR")
    return rim(balise, None, localise)


def _classement(objet: str, schema: str, code: Code) -> etree._Element:
    attributs = {"classificationScheme": schema, "classifiedObject": objet, "nodeRepresentation": code.code}
    nom = f"{objet}-{schema[9:17]}-{code.code.rpartition(':')[2].strip('/#').rpartition('/')[2]}"
    return rim("Classification", {"id": nom} | attributs, _slot("codingScheme", code.systeme), _nom("Name", code.libelle))


def _classement_auteur(objet: str, schema: str, auteur: Auteur) -> etree._Element:
    attributs = {"classificationScheme": schema, "classifiedObject": objet, "nodeRepresentation": ""}
    slots = {
        "authorPerson": auteur.personne,
        "authorInstitution": auteur.institution,
        "authorSpecialty": auteur.specialite,
        "authorRole": auteur.role,
    }
    return rim("Classification", {"id": f"{objet}-auteur"} | attributs, *(_slot(nom, v) for nom, v in slots.items() if v))


def _identifiant(objet: str, schema: str, nom: str, valeur: str) -> etree._Element:
    attributs = {"identificationScheme": schema, "registryObject": objet, "value": valeur}
    return rim("ExternalIdentifier", {"id": f"{objet}-{nom.rpartition('.')[2]}"} | attributs, _nom("Name", nom))


def _association(id: str, type: str, source: str, cible: str) -> etree._Element:
    attributs = {"id": id, "associationType": type, "sourceObject": source, "targetObject": cible}
    objet = {"objectType": "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association"}
    return rim("Association", attributs | objet, _slot("SubmissionSetStatus", "Original") if "HasMember" in type else None)


def _texte(racine: etree._Element, chemin: str) -> str:
    return str(racine.xpath(f"normalize-space({chemin})", namespaces=HL7))


def _code(racine: etree._Element, chemin: str) -> Code:
    return Code(*(_texte(racine, f"{chemin}/@{nom}") for nom in ("code", "codeSystem", "displayName")))


def _auteur(racine: etree._Element) -> Auteur:
    assigne = "h:author[1]/h:assignedAuthor"
    specialite = _code(racine, f"{assigne}/h:code")
    organisation = f"{assigne}/h:representedOrganization"
    finess = _texte(racine, f"{organisation}/h:id[@root='{FINESS}']/@extension")
    nom = _texte(racine, f"{organisation}/h:name")
    return Auteur(
        personne=_xcn(racine, assigne),
        institution=f"{nom}^^^^^&{FINESS}&ISO^IDNST^^^{finess}" if finess else "",
        specialite=f"{specialite.code}^{specialite.libelle}^{specialite.systeme}" if specialite.code else "",
        role=_texte(racine, "h:author[1]/h:functionCode/@displayName"),
    )


def _xcn(racine: etree._Element, chemin: str) -> str:
    numero = _texte(racine, f"{chemin}/h:id[@root='{RPPS}']/@extension")
    nom, prenom = (_texte(racine, f"{chemin}/h:assignedPerson/h:name/h:{partie}") for partie in ("family", "given"))
    return f"{numero}^{nom}^{prenom}^^^^^^&{RPPS}&ISO^D^^^IDNPS"


def _cx_ins(ids: list[etree._Element]) -> str:
    return next((f"{i.get('extension')}^^^&{i.get('root')}&ISO^NH" for i in ids if i.get("root") in OID_INS), "")


def _cx_local(ids: list[etree._Element]) -> str:
    return next((f"{i.get('extension')}^^^&{i.get('root')}&ISO^PI" for i in ids if i.get("root") not in OID_INS), "")


def _cxi_demande(id: etree._Element) -> str:
    """The identifier of a prescription or a request that the document answers."""
    numero, racine = id.get("extension"), id.get("root")
    autorite = f"&{racine}&ISO" if numero else ""
    return f"{numero or racine}^^^{autorite}^urn:ihe:iti:xds:2013:order"


def _traits(racine: etree._Element) -> tuple[str, ...]:
    patient = "h:recordTarget/h:patientRole/h:patient"
    nom = _texte(racine, f"{patient}/h:name/h:family[@qualifier='BR']")
    prenom = _texte(racine, f"{patient}/h:name/h:given[@qualifier='BR']")
    return (
        f"PID-5|{nom}^{prenom}^^^^^L",
        f"PID-7|{_texte(racine, f'{patient}/h:birthTime/@value')}",
        f"PID-8|{_texte(racine, f'{patient}/h:administrativeGenderCode/@code')}",
    )


def _utc(instant: str) -> str:
    """A CDA time in UTC; as it is when it cannot be converted, having no offset for instance."""
    try:
        return utc_compact(datetime.strptime(instant, "%Y%m%d%H%M%S%z"))
    except ValueError:
        return instant
