"""Defects of the XDS metadata, of their agreement with the document, and of the signature of the submission set."""

from __future__ import annotations

import base64
import copy
import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from lxml import etree

from ..alterations import Alteration, Couture
from ..mtom import Paquet
from ..signature import Signataire
from . import registre
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, ecrire, inserer, retirer, trouver
from .vihf import auto_signe

defaut = partial(registre.defaut, theme="xds")

_XDS = ("DMP-ALIM-18",)
_DOC = "//rim:ExtrinsicObject[@id='Doc01']"
_SIGNATURE = "//rim:ExtrinsicObject[@id='Signature01']"
_LOT = "//rim:RegistryPackage"
_CODES = {
    "author": "93606bcf",
    "classCode": "41a5887f",
    "confidentialityCode": "f4f85eac",
    "eventCodeList": "2c6b8cb7",
    "formatCode": "a09d5840",
    "healthcareFacilityTypeCode": "f33fb8ac",
    "practiceSettingCode": "cccf5598",
    "typeCode": "f0306f51",
    "contentTypeCode": "aa543740",
    "lot.author": "a7058bb9",
}
_AUTRE_INS = "207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"


def _classement(objet: str, nom: str) -> str:
    return f"{objet}/rim:Classification[starts-with(@classificationScheme, 'urn:uuid:{_CODES[nom]}')]"


def _slot(objet: str, nom: str) -> str:
    return f"{objet}/rim:Slot[@name='{nom}']"


def _valeur(objet: str, nom: str, rang: str = "") -> str:
    return f"({_slot(objet, nom)}/rim:ValueList/rim:Value){rang}"


def _identifiant(objet: str, nom: str) -> str:
    return f"{objet}/rim:ExternalIdentifier[rim:Name/rim:LocalizedString/@value='{nom}']"


def _libelle(chemin: str) -> str:
    return f"{chemin}/rim:Name/rim:LocalizedString"


def _xds(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    defaut(nom, description, (Couture.XDS, alteration), check=check, exigences=_XDS, effet=effet)


def _fiche(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    _xds(f"xds-{nom}", description, f"xds.entry.{check}", alteration, effet=effet)


def _lot(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    _xds(f"lot-{nom}", description, f"xds.submission.{check}", alteration, effet=effet)


def _egal(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    _xds(f"egalite-{nom}", description, f"xds.cda.{check}", alteration, effet=effet)


def _code(objet: str, nom: str, valeur: str) -> Alteration:
    return attribuer(_classement(objet, nom), "nodeRepresentation", valeur)


def _systeme(objet: str, nom: str, valeur: str) -> Alteration:
    return ecrire(f"{_classement(objet, nom)}/rim:Slot[@name='codingScheme']/rim:ValueList/rim:Value", valeur)


def _code_de(objet: str, nom: str, valeur: str, systeme: str) -> Alteration:
    """A code of another system."""

    def alterer(soumission: etree._Element) -> None:
        _code(objet, nom, valeur)(soumission)
        _systeme(objet, nom, systeme)(soumission)

    return alterer


def _decale(heures: int) -> Callable[[str], str]:
    """Move a time of the metadata."""

    def decaler(instant: str) -> str:
        return (datetime.strptime(instant, "%Y%m%d%H%M%S") + timedelta(hours=heures)).strftime("%Y%m%d%H%M%S")

    return decaler


_fiche("classe-inconnue", "classe le document sous un code inconnu", "class-code", _code(_DOC, "classCode", "98"))
_fiche(
    "type-mal-classe",
    "donne le type LOINC sous un autre système",
    "type-code",
    _systeme(_DOC, "typeCode", "1.2.250.1.213.1.1.4.99"),
)
_fiche(
    "type-hors-liste",
    "donne un code LOINC qui n'est pas un type de document",
    "type-code-known",
    _code(_DOC, "typeCode", "30973-2"),
    effet=AVERTISSEMENT,
)
_fiche(
    "type-non-accepte",
    "dépose sous un type que le DMP n'accepte pas",
    "type-code-accepted",
    _code_de(_DOC, "typeCode", "EXPORT_DUI", "1.2.250.1.213.1.1.4.12"),
    effet=AVERTISSEMENT,
)
_fiche("format-sans-urn", "écrit le format sans son URN", "format-code", _code(_DOC, "formatCode", "vac-note"))
_fiche(
    "format-inconnu",
    "annonce un format de son invention",
    "format-code-known",
    _code(_DOC, "formatCode", "urn:mon-dui:note:1"),
    effet=AVERTISSEMENT,
)
_fiche("confidentialite-absente", "omet la confidentialité", "confidentiality", retirer(_classement(_DOC, "confidentialityCode")))


def _masque_et_invisible(soumission: etree._Element) -> None:
    """Both visibility codes, copied from the signature's entry."""
    modele = trouver(soumission, _classement(_DOC, "confidentialityCode"))[0]
    masques = trouver(soumission, f"{_classement(_SIGNATURE, 'confidentialityCode')}[@nodeRepresentation!='N']")
    for rang, masque in enumerate(masques):
        copie = etree.fromstring(etree.tostring(masque))
        copie.set("id", f"visibilite-{rang}")
        copie.set("classifiedObject", "Doc01")
        modele.addnext(copie)


_fiche(
    "masque-et-invisible",
    "masque aux professionnels et cache au patient à la fois",
    "visibility-not-cumulated",
    _masque_et_invisible,
)
_fiche(
    "secteur-inconnu",
    "code le lieu hors de la liste des secteurs",
    "facility-type",
    _code(_DOC, "healthcareFacilityTypeCode", "SA99"),
)
_fiche(
    "cadre-inconnu", "code le cadre d'exercice hors de sa liste", "practice-setting", _code(_DOC, "practiceSettingCode", "EHPAD")
)
_fiche("acte-sans-systeme", "code l'acte sans son système", "event-codes", _systeme(_DOC, "eventCodeList", ""))
_fiche(
    "objet-volatil",
    "déclare un document à la demande",
    "object-type",
    attribuer(_DOC, "objectType", "urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248"),
)
_fiche("mime-pdf", "annonce un PDF", "mime-type", attribuer(_DOC, "mimeType", "application/pdf"))
_fiche(
    "creation-a-la-minute",
    "tronque la date de création à la minute",
    "creation-time",
    ecrire(_valeur(_DOC, "creationTime"), lambda t: t[:12]),
)
_fiche("sans-debut-d-acte", "omet le début de l'acte", "service-times", retirer(_slot(_DOC, "serviceStartTime")))
_fiche("langue-courte", "écrit la langue « fr »", "language", ecrire(_valeur(_DOC, "languageCode"), "fr"))
_fiche("sans-titre", "omet le titre", "title", retirer(f"{_DOC}/rim:Name"))
_fiche(
    "unique-id-avec-extension",
    "ajoute une extension à l'identifiant unique",
    "unique-id",
    attribuer(_identifiant(_DOC, "XDSDocumentEntry.uniqueId"), "value", lambda valeur: f"{valeur}^1"),
)
_fiche(
    "patient-sans-type",
    "désigne le patient sans le type de son identifiant",
    "patient-id",
    attribuer(_identifiant(_DOC, "XDSDocumentEntry.patientId"), "value", lambda valeur: valeur.removesuffix("^NH")),
)
_fiche(
    "ipp-sans-autorite",
    "donne l'IPP sans l'autorité qui l'attribue",
    "source-patient-id",
    ecrire(_valeur(_DOC, "sourcePatientId"), lambda valeur: valeur.partition("^")[0]),
)
_fiche(
    "auteur-sans-autorite",
    "donne l'auteur sans l'autorité de son identifiant",
    "author-person",
    ecrire(_valeur(_classement(_DOC, "author"), "authorPerson"), lambda valeur: "^".join(valeur.split("^")[:3])),
)
_fiche(
    "institution-sans-identifiant",
    "donne la structure de l'auteur par son nom seul",
    "author-institution",
    ecrire(_valeur(_classement(_DOC, "author"), "authorInstitution"), lambda valeur: valeur.partition("^")[0]),
)
_fiche(
    "specialite-sans-libelle",
    "donne la spécialité par son code seul",
    "author-specialty",
    ecrire(_valeur(_classement(_DOC, "author"), "authorSpecialty"), lambda valeur: valeur.partition("^")[0]),
)
_fiche(
    "specialite-inconnue",
    "code la profession de l'auteur hors de JDV_J01",
    "author-specialty-known",
    ecrire(_valeur(_classement(_DOC, "author"), "authorSpecialty"), lambda valeur: f"INF{valeur[valeur.index('^') :]}"),
    effet=AVERTISSEMENT,
)
_fiche("sans-responsable", "omet le responsable du document", "legal-authenticator", retirer(_slot(_DOC, "legalAuthenticator")))
_fiche(
    "traits-sans-sexe",
    "omet le sexe parmi les traits du patient",
    "source-patient-info",
    retirer(f"{_slot(_DOC, 'sourcePatientInfo')}//rim:Value[starts-with(., 'PID-8')]"),
)
_fiche(
    "reference-mal-formee",
    "cite une référence sans son type",
    "reference-ids",
    inserer(
        _DOC,
        '<rim:Slot name="urn:ihe:iti:xds:2013:referenceIdList"><rim:ValueList>'
        "<rim:Value>ORDRE-1</rim:Value></rim:ValueList></rim:Slot>",
        rang=0,
    ),
)


_PATIENTS = "//rim:ExternalIdentifier[contains(rim:Name/rim:LocalizedString/@value, 'patientId')]"


def _ins_de_cle_fausse(oid: str) -> Alteration:
    """A wrong key, under this OID, everywhere in the deposit."""
    return attribuer(_PATIENTS, "value", lambda valeur: f"{valeur[:13]}00^^^&{oid}&ISO^NH")


_fiche(
    "cle-ins-production",
    "dépose sous une INS de production dont la clé est fausse",
    "patient-key",
    _ins_de_cle_fausse("1.2.250.1.213.1.4.8"),
)
_fiche(
    "cle-ins-test",
    "dépose sous une INS de test dont la clé est fausse",
    "patient-test-key",
    _ins_de_cle_fausse("1.2.250.1.213.1.4.10"),
    effet=AVERTISSEMENT,
)

_lot(
    "sans-classement",
    "ne classe pas le lot comme un lot de soumission",
    "single-set",
    retirer(f"{_LOT}/rim:Classification[@classificationNode]"),
)
_lot(
    "avec-classeur",
    "range le dépôt dans un classeur",
    "no-folder",
    inserer(
        "//rim:RegistryObjectList",
        '<rim:RegistryPackage id="Classeur01"><rim:Classification id="c1" classifiedObject="Classeur01" '
        'classificationNode="urn:uuid:d9d542f3-6cc4-48b6-8870-ea235fbc94c2"/></rim:RegistryPackage>',
    ),
)
_lot(
    "date-locale",
    "date la soumission avec un décalage horaire",
    "submission-time",
    ecrire(_valeur(_LOT, "submissionTime"), lambda t: f"{t}+0100"),
)
_lot("sans-auteur", "omet l'auteur du lot", "author", retirer(_classement(_LOT, "lot.author")))
_lot("activite-inconnue", "code le type d'activité hors de JDV_J59", "content-type", _code(_LOT, "contentTypeCode", "99"))
_lot(
    "patient-local",
    "désigne le patient du lot par son IPP",
    "patient-id",
    attribuer(_identifiant(_LOT, "XDSSubmissionSet.patientId"), "value", "IPP-1^^^&1.2.250.1.999.1.1.8121.1&ISO^PI"),
)
_lot(
    "source-nom",
    "désigne l'émetteur par son nom",
    "source-id",
    attribuer(_identifiant(_LOT, "XDSSubmissionSet.sourceId"), "value", "MON-DUI"),
)
_lot(
    "unique-id-uuid",
    "identifie le lot par un UUID",
    "unique-id",
    attribuer(_identifiant(_LOT, "XDSSubmissionSet.uniqueId"), "value", "urn:uuid:6f1c1d0e-3c55-4c7a-9d27-00000000000c"),
)


def _meme_identifiant(soumission: etree._Element) -> None:
    unique = trouver(soumission, _identifiant(_DOC, "XDSDocumentEntry.uniqueId"))[0].get("value", "")
    attribuer(_identifiant(_LOT, "XDSSubmissionSet.uniqueId"), "value", unique)(soumission)


_lot("identifiant-du-document", "donne au lot l'identifiant de son document", "unique-ids-distinct", _meme_identifiant)
_MEMBRE = "//rim:Association[contains(@associationType, 'HasMember')]"
_lot(
    "signature-hors-du-lot",
    "ne rattache pas la signature au lot",
    "has-member",
    retirer(f"{_MEMBRE}[@targetObject='Signature01']"),
)
_lot(
    "statut-du-membre",
    "omet le statut des rattachements au lot",
    "member-status",
    retirer(f"{_MEMBRE}[@targetObject='Doc01']/rim:Slot"),
)
_lot(
    "deux-patients",
    "dépose le document et sa signature pour deux patients",
    "same-patient",
    attribuer(_identifiant(_SIGNATURE, "XDSDocumentEntry.patientId"), "value", _AUTRE_INS),
)
_lot(
    "classement-d-un-autre",
    "classe un autre objet que celui qui contient le classement",
    "references-parents",
    attribuer(_classement(_DOC, "classCode"), "classifiedObject", "Signature01"),
    effet=AVERTISSEMENT,
)
_egal(
    "type",
    "libelle le type autrement que le document",
    "type-code",
    attribuer(_libelle(_classement(_DOC, "typeCode")), "value", "Vaccination"),
)
_egal("classe", "range le document dans une autre classe que celle de son type", "class-code", _code(_DOC, "classCode", "10"))
_egal(
    "format",
    "annonce le format d'un document de niveau 1 pour un document structuré",
    "format-code",
    _code_de(_DOC, "formatCode", "urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3"),
)
_egal("titre", "titre la fiche autrement que le document", "title", attribuer(_libelle(_DOC), "value", "Vaccin"))
_egal(
    "creation",
    "recopie l'heure locale du document comme si elle était UTC",
    "creation-time",
    ecrire(_valeur(_DOC, "creationTime"), _decale(1)),
)
_egal(
    "confidentialite",
    "annonce une autre confidentialité que le document",
    "confidentiality",
    _code(_DOC, "confidentialityCode", "R"),
)
defaut(
    "egalite-langue",
    "annonce une autre langue que le document",
    (Couture.CDA, attribuer("hl7:languageCode", "code", "fr-BE")),
    (Couture.XDS, ecrire(_valeur(_DOC, "languageCode"), "fr-FR")),
    check="xds.cda.language",
    exigences=_XDS,
)
_egal(
    "acte",
    "date le début de l'acte une heure plus tôt",
    "service-times",
    ecrire(_valeur(_DOC, "serviceStartTime"), _decale(-1)),
)
_egal("acte-documente", "omet l'acte documenté", "event-codes", retirer(_classement(_DOC, "eventCodeList")))
_egal(
    "cadre",
    "annonce un autre cadre d'exercice que le document",
    "practice-setting",
    _code(_DOC, "practiceSettingCode", "AMBULATOIRE"),
)
_egal("secteur", "annonce un autre secteur que le document", "facility-type", _code(_DOC, "healthcareFacilityTypeCode", "SA07"))
_egal(
    "remplacement",
    "déclare remplacer un document sans que le document le dise",
    "replacement",
    inserer(
        "//rim:RegistryObjectList",
        '<rim:Association id="association-4" associationType="urn:ihe:iti:2007:AssociationType:RPLC" sourceObject="Doc01" '
        'targetObject="urn:uuid:6f1c1d0e-3c55-4c7a-9d27-00000000000d"/>',
    ),
)
_egal(
    "references",
    "cite une prescription que le document ne cite pas",
    "reference-ids",
    inserer(
        _DOC,
        '<rim:Slot name="urn:ihe:iti:xds:2013:referenceIdList"><rim:ValueList>'
        "<rim:Value>ORDRE-1^^^&amp;1.2.250.1.999.1.1&amp;ISO^urn:ihe:iti:xds:2013:order</rim:Value></rim:ValueList></rim:Slot>",
        rang=0,
    ),
)
_egal(
    "patient",
    "dépose le document d'un usager sous l'identifiant d'un autre",
    "patient-id",
    attribuer(_PATIENTS, "value", _AUTRE_INS),
)
_egal(
    "ipp",
    "donne un autre identifiant local que le document",
    "source-patient-id",
    ecrire(_valeur(_DOC, "sourcePatientId"), lambda valeur: f"X{valeur}"),
)
_egal(
    "traits",
    "donne un autre prénom que le document",
    "source-patient-info",
    ecrire(
        f"{_slot(_DOC, 'sourcePatientInfo')}//rim:Value[starts-with(., 'PID-5')]",
        lambda valeur: f"{valeur.partition('^')[0]}^AUTRE^^^^^L",
    ),
)
_egal(
    "auteur",
    "nomme un autre auteur que le document",
    "author-person",
    ecrire(_valeur(_classement(_DOC, "author"), "authorPerson"), lambda valeur: valeur.replace("8997000000", "8997000009", 1)),
)
_egal(
    "institution",
    "nomme autrement la structure de l'auteur",
    "author-institution",
    ecrire(_valeur(_classement(_DOC, "author"), "authorInstitution"), lambda valeur: f"AUTRE NOM{valeur[valeur.index('^') :]}"),
)
_egal(
    "role-de-l-auteur",
    "ajoute un rôle que le document ne donne pas à l'auteur",
    "author-role",
    inserer(
        _classement(_DOC, "author"),
        '<rim:Slot name="authorRole"><rim:ValueList><rim:Value>Vaccinateur</rim:Value></rim:ValueList></rim:Slot>',
    ),
)
_egal(
    "specialite",
    "donne une autre spécialité que le document",
    "author-specialty",
    ecrire(_valeur(_classement(_DOC, "author"), "authorSpecialty"), "G15_10/SM26^Médecin^1.2.250.1.213.1.1.4.5"),
)
_egal(
    "responsable",
    "nomme un autre responsable que le document",
    "legal-authenticator",
    ecrire(_valeur(_DOC, "legalAuthenticator"), lambda valeur: valeur.replace("8997000000", "8997000009", 1)),
)
_egal(
    "condensat",
    "annonce un condensat qui n'est pas celui du document",
    "hash-and-size",
    inserer(
        _DOC,
        f'<rim:Slot name="hash"><rim:ValueList><rim:Value>{"0" * 40}</rim:Value></rim:ValueList></rim:Slot>',
        rang=0,
    ),
    effet=AVERTISSEMENT,
)


def _signature(nom: str, description: str, check: str, *alterations: tuple[Couture, Alteration]) -> None:
    controle = f"xds.signature.{check}"
    defaut(f"signature-{nom}", description, *alterations, check=controle, exigences=_XDS, effet=AVERTISSEMENT)


def _sans_piece(paquet: Paquet) -> None:
    paquet.parties.pop()


_signature(
    "absente",
    "dépose un lot sans signature",
    "present",
    (Couture.XDS, retirer(f"{_SIGNATURE} | //rim:Association[@targetObject='Signature01' or @sourceObject='Signature01']")),
    (Couture.TD21, retirer("//xds:Document[@id='Signature01']")),
    (Couture.MTOM, _sans_piece),
)
_signature(
    "mal-typee",
    "type la fiche de la signature comme un document",
    "entry",
    (Couture.XDS, _code(_SIGNATURE, "typeCode", "87273-9")),
)


def _valeur_fausse(signature: etree._Element) -> None:
    ecrire("//ds:SignatureValue", base64.b64encode(hashlib.sha256(b"autre").digest() * 8).decode())(signature)


_signature("fausse", "joint une signature qui ne se vérifie pas", "verifies", (Couture.LOT, _valeur_fausse))


class _Resigne:
    """Changes the signature of the set, then signs it again so that it still verifies."""

    def __init__(self, retouche: Alteration) -> None:
        self._retouche = retouche

    def retenir(self, signataire: Signataire) -> None:
        """Remember the key for what follows."""
        self._cle = signataire.cle

    def changer(self, signature: etree._Element) -> None:
        """Change, then compute the digest of the manifest and the signature again."""
        self._retouche(signature)
        manifeste = hashlib.sha256(_canonise(trouver(signature, "//ds:Manifest")[0])).digest()
        ecrire("//ds:Reference[@URI='#IHEManifest']/ds:DigestValue", base64.b64encode(manifeste).decode())(signature)
        valeur = self._cle.sign(_canonise(trouver(signature, "ds:SignedInfo")[0]), padding.PKCS1v15(), hashes.SHA256())
        ecrire("//ds:SignatureValue", base64.b64encode(valeur).decode())(signature)


def _canonise(element: etree._Element) -> bytes:
    return etree.tostring(copy.deepcopy(element), method="c14n", exclusive=False, with_comments=True)


def _resignee(nom: str, description: str, check: str, retouche: Alteration) -> None:
    resigne = _Resigne(retouche)
    _signature(nom, description, check, (Couture.VIHF_SIGNATAIRE, resigne.retenir), (Couture.LOT, resigne.changer))


_resignee(
    "condensat-faux",
    "signe un manifeste dont le condensat n'est pas celui du document",
    "manifest",
    ecrire("(//ds:Manifest/ds:Reference)[2]/ds:DigestValue", base64.b64encode(bytes(32)).decode()),
)
_resignee(
    "sans-le-lot", "ne cite pas le lot dans le manifeste de la signature", "manifest", retirer("(//ds:Manifest/ds:Reference)[1]")
)
_resignee("sans-but", "ne déclare pas le but de la signature", "purpose", retirer("//ds:SignatureProperty"))


_signature(
    "d-un-autre-certificat",
    "signe le VIHF et le lot avec deux certificats différents",
    "same-signer",
    (Couture.VIHF_SIGNATAIRE, auto_signe),
)


def _voisin(unique_id: str) -> str:
    return f"{unique_id[:-1]}{(int(unique_id[-1]) + 1) % 10}"


_FICHE_VOISINE = _Resigne(attribuer("(//ds:Manifest/ds:Reference)[2]", "URI", _voisin))
defaut(
    "egalite-unique-id",
    "donne à la fiche, et au manifeste, un autre identifiant que celui du document",
    (Couture.VIHF_SIGNATAIRE, _FICHE_VOISINE.retenir),
    (Couture.LOT, _FICHE_VOISINE.changer),
    (Couture.XDS, attribuer(_identifiant(_DOC, "XDSDocumentEntry.uniqueId"), "value", _voisin)),
    check="xds.cda.unique-id",
    exigences=_XDS,
)

_VIHF = "saml:AttributeStatement/saml:Attribute[@Name='{}']/saml:AttributeValue"
defaut(
    "egalite-vihf-d-un-autre-patient",
    "signe pour un autre patient que celui du lot",
    (Couture.VIHF, ecrire(_VIHF.format("urn:oasis:names:tc:xacml:2.0:resource:resource-id"), _AUTRE_INS)),
    check="xds.cda.same-patient-everywhere",
    exigences=_XDS,
    effet=AVERTISSEMENT,
)
defaut(
    "egalite-structure-etrangere",
    "attribue le document à une structure qui n'est pas celle du VIHF",
    (Couture.CDA, attribuer("hl7:author/hl7:assignedAuthor/hl7:representedOrganization/hl7:id", "extension", "1990000101")),
    check="xds.cda.vihf-structure-is-author",
    exigences=_XDS,
)


def _directe_par_un_autre(assertion: etree._Element) -> None:
    ecrire(_VIHF.format("Authentification_mode"), "DIRECTE")(assertion)
    ecrire("saml:Subject/saml:NameID", "899700000099")(assertion)


defaut(
    "egalite-utilisateur-etranger",
    "envoie en mode DIRECTE un document dont l'utilisateur n'est pas l'auteur",
    (Couture.VIHF, _directe_par_un_autre),
    check="xds.cda.vihf-user-is-author",
    exigences=_XDS,
)
