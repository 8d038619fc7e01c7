"""Defects of CDA documents that do not depend on their type: structure, header, coherence."""

from __future__ import annotations

from functools import partial

from lxml import etree

from ..alterations import Alteration, Couture
from . import registre
from .chemins import ACTE, AUTEUR, PATIENT, RESPONSABLE, SEJOUR, USAGER, VACCINATION
from .registre import AVERTISSEMENT, NON_CONFORME
from .retouches import attribuer, doubler, echanger, ecrire, inserer, retirer, trouver

defaut = partial(registre.defaut, theme="cda-entete", document="note-vaccination")

_DOCUMENT = ("VAC-01",)
_INS = f"{USAGER}/hl7:id[starts-with(@root, '1.2.250.1.213.1.4.')]"


def _cda(nom: str, description: str, check: str, alteration: Alteration, *, effet: str = NON_CONFORME) -> None:
    defaut(nom, description, (Couture.CDA, alteration), check=f"cda.{check}", exigences=_DOCUMENT, effet=effet)


def _doctype(octets: bytes) -> bytes:
    return octets.replace(b"?>", b"?>\n<!DOCTYPE ClinicalDocument>", 1)


defaut(
    "cda-doctype",
    "écrit une déclaration DOCTYPE en tête du document",
    (Couture.DOCUMENT, _doctype),
    check="cda.structure.readable",
    exigences=_DOCUMENT,
)
_cda(
    "cda-elements-en-desordre",
    "écrit le conservateur du document avant son auteur",
    "structure.schema",
    echanger("hl7:author", "hl7:custodian"),
)
_cda(
    "cda-element-invente",
    "ajoute à l'usager un élément que CDA ne connaît pas",
    "structure.schema",
    inserer(PATIENT, "<hl7:nationalite>FR</hl7:nationalite>"),
)


def _trente_fevrier(instant: str) -> str:
    return f"{instant[:4]}0230{instant[8:]}"


_cda(
    "cda-date-impossible",
    "date le début du séjour d'un 30 février",
    "entete.dates-of-the-calendar",
    attribuer(f"{SEJOUR}/hl7:effectiveTime/hl7:low", "value", _trente_fevrier),
)


def _cle_de_production_fausse(document: etree._Element) -> None:
    identifiant = trouver(document, _INS)[0]
    identifiant.set("root", "1.2.250.1.213.1.4.8")
    identifiant.set("extension", f"{identifiant.get('extension', '')[:13]}00")


_cda(
    "cda-cle-ins-production",
    "écrit dans le document une INS de production dont la clé est fausse",
    "entete.ins-key",
    _cle_de_production_fausse,
)
_cda(
    "cda-cle-ins-test",
    "écrit dans le document une INS de test dont la clé est fausse",
    "coherence.test-ins-key",
    attribuer(_INS, "extension", lambda matricule: f"{matricule[:13]}00"),
    effet=AVERTISSEMENT,
)
_cda(
    "cda-sejour-fini-avant-de-commencer",
    "date la fin du séjour avant son début",
    "coherence.periods-in-order",
    inserer(f"{SEJOUR}/hl7:effectiveTime", '<hl7:high value="20200101"/>'),
    effet=AVERTISSEMENT,
)
_cda(
    "cda-ipp-en-double",
    "écrit deux fois l'IPP de l'usager",
    "coherence.identifiers-distinct",
    doubler(f"{USAGER}/hl7:id[last()]"),
    effet=AVERTISSEMENT,
)
_cda(
    "cda-renvoi-dans-le-vide",
    "renvoie depuis une donnée codée à un texte qui n'existe pas",
    "coherence.references-resolve",
    attribuer(f"{VACCINATION}/hl7:text/hl7:reference", "value", "#vaccination-1"),
    effet=AVERTISSEMENT,
)


_cda(
    "cda-sans-perimetre",
    "ne déclare pas le périmètre français (realmCode)",
    "entete.perimetre",
    retirer("hl7:realmCode"),
)
_cda(
    "cda-sans-structuration-minimale",
    "ne déclare pas suivre le volet Structuration minimale",
    "entete.modele-structuration-minimale",
    retirer("hl7:templateId[@root='1.2.250.1.213.1.1.1.1']"),
)
_cda("cda-titre-vide", "écrit un document au titre vide", "entete.titre", ecrire("hl7:title", ""))
_cda(
    "cda-confidentialite-inconnue",
    "code la confidentialité du document par « NORMAL »",
    "entete.confidentialite-jdv",
    attribuer("hl7:confidentialityCode", "code", "NORMAL"),
)
_cda(
    "cda-sans-premier-prenom",
    "n'écrit pas le premier prénom de naissance de l'usager",
    "entete.ins-premier-prenom",
    retirer(f"{PATIENT}/hl7:name/hl7:given[@qualifier='BR']"),
)
_cda(
    "cda-sans-lieu-de-naissance",
    "n'écrit pas le code du lieu de naissance de l'usager",
    "entete.ins-lieu",
    retirer(f"{PATIENT}/hl7:birthplace"),
)
_cda(
    "cda-sexe-inconnu",
    "code le sexe de l'usager par un chiffre",
    "entete.usager-sexe",
    attribuer(f"{PATIENT}/hl7:administrativeGenderCode", "code", "2"),
)
_cda(
    "cda-profession-inconnue",
    "code la profession de l'auteur par « INF »",
    "entete.auteur-profession-jdv",
    attribuer(f"{AUTEUR}/hl7:code", "code", "INF"),
)
_cda(
    "cda-sans-cadre-d-exercice",
    "n'écrit pas le cadre d'exercice de l'exécutant",
    "entete.executant-cadre",
    retirer(f"{ACTE}//hl7:standardIndustryClassCode"),
)
_cda(
    "cda-telephone-sans-forme",
    "écrit un numéro de téléphone sans « tel: »",
    "entete.telecom-forme",
    lambda document: _telephoner(document),
)


def _telephoner(document: etree._Element) -> None:
    telephone = trouver(document, f"{RESPONSABLE}//hl7:telecom")[0]
    telephone.attrib.clear()
    telephone.set("value", "0100000000")


_cda(
    "cda-finess-sans-prefixe",
    "oublie le préfixe de l'identifiant national de la structure",
    "coherence.structure-identifiant",
    attribuer("hl7:custodian//hl7:id", "extension", lambda numero: numero[1:]),
    effet=AVERTISSEMENT,
)
