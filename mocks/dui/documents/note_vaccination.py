"""The note de vaccination (VAC-NOTE 2023.01): one vaccination, with its product, its lot, its rank and who gave it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from ..horloge import FUSEAU, local_compact
from .entete import LOINC, Code, Entete, Modele, hl7, organisation, professionnel
from .type_document import CERTIFICAT, TypeDocument, format_ans

XSI = "http://www.w3.org/2001/XMLSchema-instance"
CIS = "1.2.250.1.213.2.3.1"
ATC = "2.16.840.1.113883.6.73"
EDQM = "0.4.0.127.0.16.1.1.2.1"
SNOMED = "2.16.840.1.113883.6.96"

VACCIN = Code("69999999", CIS, "VACCIN GRIPPE FICTIF, suspension injectable en seringue préremplie")
CLASSE = Code("J07BB02", ATC, "Vaccin grippal, virus fragmenté ou antigènes de surface, inactivé")
VOIE = Code("20035000", EDQM, "Voie intramusculaire")
SITE = Code("91775009", SNOMED, "Région de l'épaule gauche")

MODELE = Modele(
    code=Code("87273-9", LOINC, "Note de vaccination"),
    titre="Note de vaccination",
    templates=(("1.3.6.1.4.1.19376.1.5.3.1.1.18.1.2", ""), ("1.2.250.1.213.1.1.1.46", "2023.01")),
)


@dataclass(frozen=True, slots=True)
class Vaccination:
    """What was done. The product is fictional; ``rang`` counts the doses from 1."""

    le: datetime
    produit: Code = VACCIN
    classe: Code = CLASSE
    lot: str = "LOT-FICTIF-0426"
    rang: int = 1
    voie: Code = VOIE
    site: Code = SITE


def note_de_vaccination(entete: Entete, vaccination: Vaccination) -> etree._Element:
    """The document. Each coded fact points to the words that the reader sees."""
    section = hl7(
        "section",
        {"classCode": "DOCSECT", "moodCode": "EVN"},
        hl7("templateId", {"root": "2.16.840.1.113883.10.20.1.6"}),
        hl7("templateId", {"root": "1.3.6.1.4.1.19376.1.5.3.1.3.23"}),
        hl7("id", {"root": entete.identifiant("section")}),
        hl7("code", Code("11369-6", LOINC, "Historique des vaccinations").attributs()),
        hl7("title", None, "Vaccination"),
        _texte(entete, vaccination),
        hl7("entry", {"typeCode": "DRIV"}, _administration(entete, vaccination)),
    )
    return entete.document(hl7("structuredBody", None, hl7("component", None, section)))


def _texte(entete: Entete, vaccination: Vaccination) -> etree._Element:
    jour = vaccination.le.astimezone(FUSEAU)
    lignes = {
        "produit": ("Vaccin", vaccination.produit.libelle),
        "lot": ("Lot", vaccination.lot),
        "date": ("Date", jour.strftime("%d/%m/%Y")),
        "rang": ("Rang de la dose", str(vaccination.rang)),
        "voie": ("Voie", vaccination.voie.libelle),
        "site": ("Site", vaccination.site.libelle),
        "auteur": ("Vaccinateur", f"{entete.auteur.prenom} {entete.auteur.nom}"),
    }
    rangs = [hl7("tr", None, hl7("th", None, nom), hl7("td", {"ID": ancre}, valeur)) for ancre, (nom, valeur) in lignes.items()]
    return hl7("text", None, hl7("table", {"ID": "vaccination"}, hl7("tbody", None, *rangs)))


def _administration(entete: Entete, vaccination: Vaccination) -> etree._Element:
    jour = vaccination.le.astimezone(FUSEAU).strftime("%Y%m%d")
    return hl7(
        "substanceAdministration",
        {"classCode": "SBADM", "moodCode": "EVN", "negationInd": "false"},
        hl7("templateId", {"root": "2.16.840.1.113883.10.20.1.24"}),
        hl7("templateId", {"root": "1.3.6.1.4.1.19376.1.5.3.1.4.12"}),
        hl7("id", {"root": entete.identifiant("vaccination")}),
        hl7("code", Code("IMMUNIZ", "2.16.840.1.113883.5.4", "Vaccination").attributs()),
        hl7("text", None, _renvoi("vaccination")),
        hl7("statusCode", {"code": "completed"}),
        hl7("effectiveTime", {"value": jour}),
        hl7("routeCode", vaccination.voie.attributs()),
        hl7("approachSiteCode", vaccination.site.attributs()),
        hl7("consumable", {"typeCode": "CSM"}, _produit(vaccination)),
        hl7("performer", {"typeCode": "PRF"}, _executant(entete)),
        _auteur(entete),
        hl7("entryRelationship", {"typeCode": "SUBJ"}, _rang(entete, vaccination)),
    )


def _produit(vaccination: Vaccination) -> etree._Element:
    code = hl7(
        "code",
        vaccination.produit.attributs(),
        hl7("originalText", None, _renvoi("produit")),
        hl7("translation", vaccination.classe.attributs()),
    )
    matiere = hl7(
        "manufacturedMaterial",
        {"classCode": "MMAT", "determinerCode": "KIND"},
        code,
        hl7("name", None, vaccination.produit.libelle),
        hl7("lotNumberText", None, vaccination.lot),
    )
    return hl7(
        "manufacturedProduct",
        {"classCode": "MANU"},
        hl7("templateId", {"root": "1.3.6.1.4.1.19376.1.5.3.1.4.7.2"}),
        hl7("templateId", {"root": "2.16.840.1.113883.10.20.1.53"}),
        matiere,
    )


def _executant(entete: Entete) -> etree._Element:
    return hl7("assignedEntity", None, *professionnel(entete.auteur), organisation(entete.structure))


def _auteur(entete: Entete) -> etree._Element:
    return hl7(
        "author",
        {"typeCode": "AUT", "contextControlCode": "OP"},
        hl7("time", {"value": local_compact(entete.ecrit_le)}),
        hl7("assignedAuthor", None, *professionnel(entete.auteur), organisation(entete.structure)),
    )


def _rang(entete: Entete, vaccination: Vaccination) -> etree._Element:
    valeur = hl7("value", {"value": str(vaccination.rang)})
    valeur.set(f"{{{XSI}}}type", "INT")
    return hl7(
        "observation",
        {"classCode": "OBS", "moodCode": "EVN"},
        hl7("templateId", {"root": "2.16.840.1.113883.10.20.1.46"}),
        hl7("templateId", {"root": "1.2.250.1.213.1.1.3.82"}),
        hl7("id", {"root": entete.identifiant("rang")}),
        hl7("code", Code("30973-2", LOINC, "Rang de la vaccination").attributs()),
        hl7("text", None, _renvoi("rang")),
        hl7("statusCode", {"code": "completed"}),
        valeur,
    )


def _renvoi(id: str) -> etree._Element:
    return hl7("reference", {"value": f"#{id}"})


TYPE = TypeDocument(
    id="note-vaccination",
    modele=MODELE,
    redige=lambda entete: note_de_vaccination(entete, Vaccination(le=entete.acte_le)),
    classe=CERTIFICAT,
    format=format_ans("urn:asip:ci-sis:vac-note:2021", "Note de vaccination"),
)
