"""Defects of the agreement between metadata and what they describe: each side is right, they do not say the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from lxml import etree

from ..alterations import Alteration, Couture
from . import registre
from .chemins import FICHE, LISTE, PATIENTS, ajouter, classement, code, code_de, identifiant, libelle, slot, valeur
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, ecrire, fragment, inserer, retirer, trouver

defaut = partial(registre.defaut, theme="xds")

_XDS = ("DMP-ALIM-18",)
_AUTRE_INS = "207058575627097^^^&1.2.250.1.213.1.4.10&ISO^NH"


def _egal(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    defaut(f"egalite-{nom}", description, (Couture.XDS, alteration), check=f"xds.cda.{check}", exigences=_XDS, effet=effet)


def _decale(heures: int) -> Callable[[str], str]:
    """Move a time of the metadata."""

    def decaler(instant: str) -> str:
        return (datetime.strptime(instant, "%Y%m%d%H%M%S") + timedelta(hours=heures)).strftime("%Y%m%d%H%M%S")

    return decaler


def _prenom_abrege(xcn: str) -> str:
    parties = xcn.split("^")
    return "^".join([*parties[:2], f"{parties[2][:1]}.", *parties[3:]])


def _remplace(document: etree._Element) -> None:
    """The document says that it replaces another."""
    parent = '<hl7:parentDocument><hl7:id root="2.25.1"/></hl7:parentDocument>'
    lien = fragment(f'<hl7:relatedDocument typeCode="RPLC">{parent}</hl7:relatedDocument>')
    trouver(document, "hl7:componentOf")[0].addprevious(lien)


_egal(
    "type",
    "libelle le type autrement que le document",
    "type-code",
    attribuer(libelle(classement(FICHE, "typeCode")), "value", "Vaccination"),
)
_egal("classe", "range le document dans une autre classe que celle de son type", "class-code", code(FICHE, "classCode", "10"))
_egal(
    "format",
    "annonce le format d'un document de niveau 1 pour un document structuré",
    "format-code",
    code_de(FICHE, "formatCode", "urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3"),
)
_egal("titre", "titre la fiche autrement que le document", "title", attribuer(libelle(FICHE), "value", "Vaccin"))
_egal(
    "creation",
    "recopie l'heure locale du document comme si elle était UTC",
    "creation-time",
    ecrire(valeur(FICHE, "creationTime"), _decale(1)),
)
_egal(
    "confidentialite",
    "annonce une autre confidentialité que le document",
    "confidentiality",
    code(FICHE, "confidentialityCode", "R"),
)
defaut(
    "egalite-langue",
    "annonce une autre langue que le document",
    (Couture.CDA, attribuer("hl7:languageCode", "code", "fr-BE")),
    (Couture.XDS, ecrire(valeur(FICHE, "languageCode"), "fr-FR")),
    check="xds.cda.language",
    exigences=_XDS,
)
_egal(
    "acte",
    "date le début de l'acte une heure plus tôt",
    "service-times",
    ecrire(valeur(FICHE, "serviceStartTime"), _decale(-1)),
)
_egal("acte-documente", "omet l'acte documenté", "event-codes", retirer(classement(FICHE, "eventCodeList")))
_egal(
    "cadre",
    "annonce un autre cadre d'exercice que le document",
    "practice-setting",
    code(FICHE, "practiceSettingCode", "AMBULATOIRE"),
)
_egal("secteur", "annonce un autre secteur que le document", "facility-type", code(FICHE, "healthcareFacilityTypeCode", "SA07"))
_egal(
    "remplacement",
    "déclare remplacer un document sans que le document le dise",
    "replacement",
    inserer(
        LISTE,
        '<rim:Association id="association-4" associationType="urn:ihe:iti:2007:AssociationType:RPLC" sourceObject="Doc01" '
        'targetObject="urn:uuid:6f1c1d0e-3c55-4c7a-9d27-00000000000d"/>',
    ),
)
_egal(
    "references",
    "cite une prescription que le document ne cite pas",
    "reference-ids",
    ajouter(FICHE, "urn:ihe:iti:xds:2013:referenceIdList", "ORDRE-1^^^&amp;1.2.250.1.999.1.1&amp;ISO^urn:ihe:iti:xds:2013:order"),
)
_egal(
    "patient",
    "dépose le document d'un usager sous l'identifiant d'un autre",
    "patient-id",
    attribuer(PATIENTS, "value", _AUTRE_INS),
)
_egal(
    "ipp",
    "donne un autre identifiant local que le document",
    "source-patient-id",
    ecrire(valeur(FICHE, "sourcePatientId"), lambda valeur: f"X{valeur}"),
)
_egal(
    "traits",
    "donne un autre prénom que le document",
    "source-patient-info",
    ecrire(
        f"{slot(FICHE, 'sourcePatientInfo')}//rim:Value[starts-with(., 'PID-5')]",
        lambda valeur: f"{valeur.partition('^')[0]}^AUTRE^^^^^L",
    ),
)
_egal(
    "auteur",
    "nomme un autre auteur que le document",
    "author-person",
    ecrire(valeur(classement(FICHE, "author"), "authorPerson"), lambda valeur: valeur.replace("8997000000", "8997000009", 1)),
)
_egal(
    "institution",
    "nomme autrement la structure de l'auteur",
    "author-institution",
    ecrire(valeur(classement(FICHE, "author"), "authorInstitution"), lambda valeur: f"AUTRE NOM{valeur[valeur.index('^') :]}"),
)
_egal(
    "role-de-l-auteur",
    "ajoute un rôle que le document ne donne pas à l'auteur",
    "author-role",
    ajouter(classement(FICHE, "author"), "authorRole", "Vaccinateur"),
)
_egal(
    "specialite",
    "donne une autre spécialité que le document",
    "author-specialty",
    ecrire(valeur(classement(FICHE, "author"), "authorSpecialty"), "G15_10/SM26^Médecin^1.2.250.1.213.1.1.4.5"),
)
_egal(
    "responsable",
    "nomme un autre responsable que le document",
    "legal-authenticator",
    ecrire(valeur(FICHE, "legalAuthenticator"), lambda valeur: valeur.replace("8997000000", "8997000009", 1)),
)
_egal(
    "condensat",
    "annonce un condensat qui n'est pas celui du document",
    "hash-and-size",
    ajouter(FICHE, "hash", "0" * 40),
    effet=AVERTISSEMENT,
)
_egal("fin-d-acte", "omet la fin de l'acte que dit le document", "service-times", retirer(slot(FICHE, "serviceStopTime")))
_egal(
    "naissance",
    "donne une autre date de naissance que le document",
    "source-patient-info",
    ecrire(f"{slot(FICHE, 'sourcePatientInfo')}//rim:Value[starts-with(., 'PID-7')]", "PID-7|19000101"),
)
_egal(
    "prenom-de-l-auteur",
    "abrège le prénom de l'auteur",
    "author-person",
    ecrire(valeur(classement(FICHE, "author"), "authorPerson"), _prenom_abrege),
)
_egal(
    "prenom-du-responsable",
    "abrège le prénom du responsable",
    "legal-authenticator",
    ecrire(valeur(FICHE, "legalAuthenticator"), _prenom_abrege),
)
_egal(
    "taille",
    "annonce une taille qui n'est pas celle du document",
    "hash-and-size",
    ajouter(FICHE, "size", "4"),
    effet=AVERTISSEMENT,
)


def _voisin(unique_id: str) -> str:
    return f"{unique_id[:-1]}{(int(unique_id[-1]) + 1) % 10}"


defaut(
    "egalite-unique-id",
    "donne à la fiche, et au manifeste, un autre identifiant que celui du document",
    (Couture.LOT_PIECES, lambda pieces: [replace(piece, unique_id=_voisin(piece.unique_id)) for piece in pieces]),
    (Couture.XDS, attribuer(identifiant(FICHE, "uniqueId"), "value", _voisin)),
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
defaut(
    "egalite-extension",
    "donne à l'identifiant du document une extension, que les métadonnées ne peuvent pas dire",
    (Couture.CDA, attribuer("hl7:id", "extension", "1")),
    check="xds.cda.unique-id",
    exigences=_XDS,
)
defaut(
    "egalite-remplacement-sans-association",
    "dit dans le document qu'il en remplace un autre, sans l'association qui le fait",
    (Couture.CDA, _remplace),
    check="xds.cda.replacement",
    exigences=_XDS,
)
