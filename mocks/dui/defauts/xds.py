"""Defects of the XDS document entry: identity, times, codes, people."""

from __future__ import annotations

from functools import partial

from lxml import etree

from ..alterations import Alteration, Couture
from . import registre
from .chemins import FICHE, PATIENTS, SIGNATURE, ajouter, classement, code, code_de, identifiant, slot, systeme, valeur
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, doubler, ecrire, retirer, trouver

defaut = partial(registre.defaut, theme="xds")

_XDS = ("DMP-ALIM-18",)


def _fiche(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    defaut(f"xds-{nom}", description, (Couture.XDS, alteration), check=f"xds.entry.{check}", exigences=_XDS, effet=effet)


_fiche("classe-inconnue", "classe le document sous un code inconnu", "class-code", code(FICHE, "classCode", "98"))
_fiche(
    "type-mal-classe",
    "donne le type LOINC sous un autre système",
    "type-code",
    systeme(FICHE, "typeCode", "1.2.250.1.213.1.1.4.99"),
)
_fiche(
    "type-hors-liste",
    "donne un code LOINC qui n'est pas un type de document",
    "type-code-known",
    code(FICHE, "typeCode", "30973-2"),
    effet=AVERTISSEMENT,
)
_fiche(
    "type-non-accepte",
    "dépose sous un type que le DMP n'accepte pas",
    "type-code-accepted",
    code_de(FICHE, "typeCode", "EXPORT_DUI", "1.2.250.1.213.1.1.4.12"),
    effet=AVERTISSEMENT,
)
_fiche("format-sans-urn", "écrit le format sans son URN", "format-code", code(FICHE, "formatCode", "vac-note"))
_fiche(
    "format-inconnu",
    "annonce un format de son invention",
    "format-code-known",
    code(FICHE, "formatCode", "urn:mon-dui:note:1"),
    effet=AVERTISSEMENT,
)
_fiche("confidentialite-absente", "omet la confidentialité", "confidentiality", retirer(classement(FICHE, "confidentialityCode")))


def _masque_et_invisible(soumission: etree._Element) -> None:
    """Both visibility codes, copied from the signature's entry."""
    modele = trouver(soumission, classement(FICHE, "confidentialityCode"))[0]
    masques = trouver(soumission, f"{classement(SIGNATURE, 'confidentialityCode')}[@nodeRepresentation!='N']")
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
    code(FICHE, "healthcareFacilityTypeCode", "SA99"),
)
_fiche(
    "cadre-inconnu", "code le cadre d'exercice hors de sa liste", "practice-setting", code(FICHE, "practiceSettingCode", "EHPAD")
)
_fiche("acte-sans-systeme", "code l'acte sans son système", "event-codes", systeme(FICHE, "eventCodeList", ""))
_fiche(
    "objet-volatil",
    "déclare un document à la demande",
    "object-type",
    attribuer(FICHE, "objectType", "urn:uuid:34268e47-fdf5-41a6-ba33-82133c465248"),
)
_fiche("mime-pdf", "annonce un PDF", "mime-type", attribuer(FICHE, "mimeType", "application/pdf"))
_fiche(
    "creation-a-la-minute",
    "tronque la date de création à la minute",
    "creation-time",
    ecrire(valeur(FICHE, "creationTime"), lambda t: t[:12]),
)
_fiche("sans-debut-d-acte", "omet le début de l'acte", "service-times", retirer(slot(FICHE, "serviceStartTime")))
_fiche("langue-courte", "écrit la langue « fr »", "language", ecrire(valeur(FICHE, "languageCode"), "fr"))
_fiche("sans-titre", "omet le titre", "title", retirer(f"{FICHE}/rim:Name"))
_fiche(
    "unique-id-avec-extension",
    "ajoute une extension à l'identifiant unique",
    "unique-id",
    attribuer(identifiant(FICHE, "uniqueId"), "value", lambda valeur: f"{valeur}^1"),
)
_fiche(
    "patient-sans-type",
    "désigne le patient de la fiche sans le type de son identifiant",
    "patient-id",
    attribuer(identifiant(FICHE, "patientId"), "value", lambda valeur: valeur.removesuffix("^NH")),
)
_fiche(
    "patient-avec-date",
    "fait suivre l'identifiant du patient d'une date, comme d'anciens exemples",
    "no-patient-suffix",
    attribuer(identifiant(FICHE, "patientId"), "value", lambda valeur: f"{valeur}^^20260401"),
    effet=AVERTISSEMENT,
)
_fiche(
    "ipp-sans-autorite",
    "donne l'IPP sans l'autorité qui l'attribue",
    "source-patient-id",
    ecrire(valeur(FICHE, "sourcePatientId"), lambda valeur: valeur.partition("^")[0]),
)
_fiche(
    "auteur-sans-autorite",
    "donne l'auteur sans l'autorité de son identifiant",
    "author-person",
    ecrire(valeur(classement(FICHE, "author"), "authorPerson"), lambda valeur: "^".join(valeur.split("^")[:3])),
)
_fiche(
    "institution-sans-identifiant",
    "donne la structure de l'auteur par son nom seul",
    "author-institution",
    ecrire(valeur(classement(FICHE, "author"), "authorInstitution"), lambda valeur: valeur.partition("^")[0]),
)
_fiche(
    "specialite-sans-libelle",
    "donne la spécialité par son code seul",
    "author-specialty",
    ecrire(valeur(classement(FICHE, "author"), "authorSpecialty"), lambda valeur: valeur.partition("^")[0]),
)
_fiche(
    "specialite-inconnue",
    "code la profession de l'auteur hors de JDV_J01",
    "author-specialty-known",
    ecrire(valeur(classement(FICHE, "author"), "authorSpecialty"), lambda valeur: f"INF{valeur[valeur.index('^') :]}"),
    effet=AVERTISSEMENT,
)
_fiche("sans-responsable", "omet le responsable du document", "legal-authenticator", retirer(slot(FICHE, "legalAuthenticator")))
_fiche(
    "traits-sans-sexe",
    "omet le sexe parmi les traits du patient",
    "source-patient-info",
    retirer(f"{slot(FICHE, 'sourcePatientInfo')}//rim:Value[starts-with(., 'PID-8')]"),
)
_fiche(
    "reference-mal-formee",
    "cite une référence sans son type",
    "reference-ids",
    ajouter(FICHE, "urn:ihe:iti:xds:2013:referenceIdList", "ORDRE-1"),
)


def _ins_de_cle_fausse(oid: str) -> Alteration:
    """A wrong key, under this OID, everywhere in the deposit."""
    return attribuer(PATIENTS, "value", lambda valeur: f"{valeur[:13]}00^^^&{oid}&ISO^NH")


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


def _bornes_inversees(soumission: etree._Element) -> None:
    debut, fin = (trouver(soumission, valeur(FICHE, nom))[0] for nom in ("serviceStartTime", "serviceStopTime"))
    debut.text, fin.text = fin.text, debut.text


_fiche("bornes-inversees", "échange le début et la fin de l'acte", "service-times", _bornes_inversees)
_fiche("classe-en-double", "donne deux fois la classe du document", "class-code", doubler(classement(FICHE, "classCode")))
