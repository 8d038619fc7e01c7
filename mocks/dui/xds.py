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
from .ebrim import (
    SCHEMAS_FICHE,
    SCHEMAS_LOT,
    Auteur,
    association,
    classement,
    classement_auteur,
    identifiant,
    localise,
    rim,
    slot,
)
from .horloge import utc_compact

RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
HL7 = {"h": "urn:hl7-org:v3"}
OID_INS = frozenset({f"1.2.250.1.213.1.4.{nature}" for nature in (8, 9, 10, 11)})
RPPS = "1.2.250.1.71.4.2.1"
FINESS = "1.2.250.1.71.4.2.2"

_OBJET_DOCUMENT = "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
_NOEUD_LOT = "urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"
_HEBERGEMENT = Code("11", "1.2.250.1.213.2.2", "Hébergement complet ou internat")
_MASQUES = (
    Code("MASQUE_PS", "1.2.250.1.213.1.1.4.13", "Document masqué aux professionnels de santé"),
    Code("INVISIBLE_PATIENT", "1.2.250.1.213.1.1.4.13", "Document non visible par le patient"),
)
VISIBILITES = {
    "masque-ps": _MASQUES[0],
    "invisible-patient": _MASQUES[1],
    "invisible-representants": Code(
        "INVISIBLE_REPRESENTANTS_LEGAUX", "1.2.250.1.213.1.1.4.13", "Document non visible par les représentants légaux"
    ),
}
"""What the user may choose for a document, and the confidentiality that says it."""
_BUT = Code("1.2.840.10065.1.12.1.14", "1.2.840.10065.1.12", "Source")


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
        confidentialite=(
            _code(racine, "h:confidentialityCode"),
            *((VISIBILITES[document.visibilite],) if document.visibilite else ()),
        ),
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
        confidentialite=(fiche.confidentialite[0], *_MASQUES),
        evenements=(_BUT,),
    )


@dataclass(frozen=True, slots=True)
class Lot:
    """A submission set: a document and the signature of the whole. ``remplace``: the entryUUID of what the document replaces."""

    unique_id: str
    soumis_le: datetime
    document: Fiche
    signature: Fiche
    remplace: str = ""

    def liste(self) -> etree._Element:
        """The RegistryObjectList of the deposit."""
        return rim(
            "RegistryObjectList",
            None,
            paquet(self.unique_id, self.soumis_le, self.document),
            entree(self.document),
            entree(self.signature),
            association("association-1", "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember", "SubmissionSet01", "Doc01"),
            association(
                "association-2", "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember", "SubmissionSet01", "Signature01"
            ),
            association("association-3", "urn:ihe:iti:2007:AssociationType:signs", "Signature01", "SubmissionSet01"),
            association("association-4", RPLC, "Doc01", self.remplace) if self.remplace else None,
        )


def paquet(unique_id: str, soumis_le: datetime, fiche: Fiche) -> etree._Element:
    """The RegistryPackage of a submission set, which says what its main document says."""
    objet = "SubmissionSet01"
    return rim(
        "RegistryPackage",
        {"id": objet, "objectType": "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:RegistryPackage"},
        slot("submissionTime", utc_compact(soumis_le)),
        localise("Name", fiche.titre),
        classement_auteur(objet, SCHEMAS_LOT["author"], fiche.auteur),
        classement(objet, SCHEMAS_LOT["contentTypeCode"], _HEBERGEMENT),
        rim("Classification", {"id": f"{objet}-noeud", "classifiedObject": objet, "classificationNode": _NOEUD_LOT}),
        identifiant(objet, SCHEMAS_LOT["patientId"], "XDSSubmissionSet.patientId", fiche.patient),
        identifiant(objet, SCHEMAS_LOT["sourceId"], "XDSSubmissionSet.sourceId", OID_DUI),
        identifiant(objet, SCHEMAS_LOT["uniqueId"], "XDSSubmissionSet.uniqueId", unique_id),
    )


def entree(fiche: Fiche) -> etree._Element:
    """The ExtrinsicObject of a document."""
    objet = fiche.id
    codes = (*fiche.codes.items(), *(("confidentialityCode", c) for c in fiche.confidentialite))
    evenements = (("eventCodeList", c) for c in fiche.evenements)
    return rim(
        "ExtrinsicObject",
        {"id": objet, "mimeType": fiche.mime, "objectType": _OBJET_DOCUMENT},
        slot("creationTime", fiche.cree_le),
        slot("languageCode", fiche.langue),
        slot("legalAuthenticator", fiche.responsable),
        slot("serviceStartTime", fiche.debut),
        slot("serviceStopTime", fiche.fin) if fiche.fin else None,
        slot("sourcePatientId", fiche.patient_local),
        slot("sourcePatientInfo", *fiche.traits),
        slot("urn:ihe:iti:xds:2013:referenceIdList", *fiche.demandes) if fiche.demandes else None,
        localise("Name", fiche.titre),
        classement_auteur(objet, SCHEMAS_FICHE["author"], fiche.auteur),
        *(classement(objet, SCHEMAS_FICHE[nom], code) for nom, code in (*codes, *evenements)),
        identifiant(objet, SCHEMAS_FICHE["patientId"], "XDSDocumentEntry.patientId", fiche.patient),
        identifiant(objet, SCHEMAS_FICHE["uniqueId"], "XDSDocumentEntry.uniqueId", fiche.unique_id),
    )


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
