"""Medicines and vaccines: the product, the treatment that is followed, the vaccination that was given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from .dossier_medical import Produit, Traitement
from .entete import LOINC, Code, hl7, organisation, professionnel
from .observations import EVN, auteur, commentaire
from .problemes import reaction
from .redaction import Redaction, jour_compact, le_jour, modeles, renvoi, termine, texte, type_

_ACTE = "2.16.840.1.113883.5.4"


def produit(contenu: Produit, ancre: str, lot: str = "") -> etree._Element:
    """A product: CIS code, CIP and ATC as translations."""
    code = hl7(
        "code",
        contenu.specialite.attributs(),
        hl7("originalText", None, renvoi(ancre)),
        hl7("translation", contenu.presentation.attributs()),
        hl7("translation", contenu.classe.attributs()),
    )
    matiere = hl7(
        "manufacturedMaterial",
        {"classCode": "MMAT", "determinerCode": "KIND"},
        code,
        hl7("name", None, contenu.specialite.libelle),
        hl7("lotNumberText", None, lot) if lot else None,
    )
    templates = modeles("2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2", "1.2.250.1.213.1.1.3.43")
    return hl7("manufacturedProduct", {"classCode": "MANU"}, *templates, matiere)


def traitement(
    redaction: Redaction,
    suivi: Traitement,
    ancres: tuple[str, str],
    *liens: etree._Element,
    jusqu_au: datetime | None = None,
) -> etree._Element:
    """A treatment with its dosage; anchors: the product, the dosage."""
    nom, posologie = ancres
    dose = {"value": str(suivi.dose), "unit": suivi.unite}
    par_jour = suivi.dose * 24 // suivi.periode
    periode = type_(hl7("effectiveTime", None, *_bornes(redaction.il_y_a(suivi.depuis), jusqu_au)), "IVL_TS")
    frequence = hl7("period", {"value": str(suivi.periode), "unit": "h"})
    return hl7(
        "substanceAdministration",
        {"classCode": "SBADM", "moodCode": "EVN"},
        *modeles(
            "2.16.840.1.113883.10.20.1.24",
            "1.3.6.1.4.1.19376.1.5.3.1.4.7",
            "1.3.6.1.4.1.19376.1.5.3.1.4.7.1",
            "1.2.250.1.213.1.1.3.42",
        ),
        redaction.id(),
        hl7("code", Code("DRUG", _ACTE, "Médicament").attributs()),
        texte(nom),
        termine(),
        periode,
        type_(hl7("effectiveTime", {"operator": "A"}, frequence), "PIVL_TS"),
        hl7("routeCode", suivi.voie.attributs(), hl7("originalText", None, renvoi(posologie))),
        hl7("doseQuantity", None, hl7("low", dose), hl7("high", dose)),
        hl7("rateQuantity", {"nullFlavor": "NA"}),
        hl7(
            "maxDoseQuantity",
            None,
            hl7("numerator", {"value": str(par_jour), "unit": suivi.unite}),
            hl7("denominator", {"value": "1", "unit": "d"}),
        ),
        hl7("consumable", None, produit(suivi.produit, nom)),
        *liens,
    )


def motif(redaction: Redaction, code: Code, ancre: str) -> etree._Element:
    """Why: the problem that a treatment or an act answers."""
    acte = hl7(
        "act",
        {"classCode": "ACT", "moodCode": "EVN"},
        *modeles("1.3.6.1.4.1.19376.1.5.3.1.4.4.1", "1.2.250.1.213.1.1.3.36"),
        redaction.id(),
        hl7("code", code.attributs(), hl7("originalText", None, renvoi(ancre))),
    )
    return hl7("entryRelationship", {"typeCode": "RSON"}, acte)


@dataclass(frozen=True, slots=True)
class Vaccin:
    """A vaccination that was given, so many days ago."""

    produit: Produit
    lot: str
    rang: int
    depuis: int
    voie: Code
    site: Code
    nature: str = "INITIMMUNIZ"


_NATURES = {"INITIMMUNIZ": "1ère série vaccinante", "BOOSTER": "Rappel", "IMMUNIZ": "Vaccination sans autre précision"}


@dataclass(frozen=True, slots=True)
class AncresVaccin:
    """Where the narrative says each fact of a vaccination."""

    nom: str
    rang: str
    voie: str
    site: str
    reaction: str
    gravite: str
    commentaire: str


def vaccination(redaction: Redaction, vaccin: Vaccin, ancres: AncresVaccin, suite: Code | None) -> etree._Element:
    """A vaccination, with the reaction that followed if there was one."""
    entete, le = redaction.entete, redaction.il_y_a(vaccin.depuis)
    vaccinateur = (*professionnel(entete.auteur), organisation(entete.structure))
    site = hl7("approachSiteCode", vaccin.site.attributs(), hl7("originalText", None, renvoi(ancres.site)))
    cause = {"typeCode": "CAUS", "inversionInd": "false"}
    effet = hl7("entryRelationship", cause, reaction(redaction, suite, (ancres.reaction, ancres.gravite), le)) if suite else None
    return hl7(
        "substanceAdministration",
        {"classCode": "SBADM", "moodCode": "EVN", "negationInd": "false"},
        *modeles("2.16.840.1.113883.10.20.1.24", "1.3.6.1.4.1.19376.1.5.3.1.4.12", "1.2.250.1.213.1.1.3.45"),
        redaction.id(),
        hl7("code", Code(vaccin.nature, _ACTE, _NATURES[vaccin.nature]).attributs()),
        texte(ancres.nom),
        termine(),
        le_jour(le),
        hl7("routeCode", vaccin.voie.attributs(), hl7("originalText", None, renvoi(ancres.voie))),
        site,
        hl7("consumable", {"typeCode": "CSM"}, produit(vaccin.produit, ancres.nom, vaccin.lot)),
        hl7("performer", {"typeCode": "PRF"}, hl7("assignedEntity", None, *vaccinateur)),
        auteur(redaction),
        hl7("entryRelationship", {"typeCode": "SUBJ"}, _rang(redaction, vaccin.rang, ancres.rang)),
        effet,
        commentaire(ancres.commentaire),
    )


def _rang(redaction: Redaction, rang: int, ancre: str) -> etree._Element:
    return hl7(
        "observation",
        EVN,
        *modeles("2.16.840.1.113883.10.20.1.46", "1.2.250.1.213.1.1.3.82"),
        redaction.id(),
        hl7("code", Code("30973-2", LOINC, "Rang de la vaccination").attributs()),
        texte(ancre),
        termine(),
        type_(hl7("value", {"value": str(rang)}), "INT"),
    )


def _bornes(debut: datetime, fin: datetime | None) -> tuple[etree._Element, etree._Element]:
    low = hl7("low", {"value": jour_compact(debut)})
    high = hl7("high", {"value": jour_compact(fin)} if fin else {"nullFlavor": "UNK"})
    return low, high
