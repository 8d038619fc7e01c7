"""The prescription of health products (eP-MED-DM 2024.01): each drug with its dosage, and the ordonnance in PDF."""

from __future__ import annotations

from datetime import timedelta

from lxml import etree

from ..horloge import local_compact
from .copie_pdf import copie_du_document
from .dossier_medical import Traitement
from .entete import LOINC, Code, Entete, Modele, hl7
from .medicaments import produit
from .niveau_1 import prescripteur
from .observations import observation, vrai
from .recit import Tableau
from .redaction import Redaction, depuis, jour_francais, modeles, renvoi, termine, texte, type_
from .sections import Rubrique, section
from .type_document import PRESCRIPTION, TypeDocument, format_ihe

CISIS = "1.2.250.1.213.1.1.4.322"
DUREE = 28
"""Days of treatment."""
VALIDITE = timedelta(days=90)
MEDICAMENTS = Rubrique(
    Code("57828-6", LOINC, "Prescriptions"),
    ("1.3.6.1.4.1.19376.1.9.1.2.1", "1.2.250.1.213.1.1.2.171"),
    "Prescription de médicaments",
)
_MENTIONS = (
    (Code("MED-574", CISIS, "En rapport avec une ALD"), "1.2.250.1.213.1.1.3.48.13"),
    (
        Code("GEN-180", CISIS, "En rapport avec un accident du travail ou une maladie professionnelle"),
        "1.2.250.1.213.1.1.3.48.14",
    ),
    (Code("GEN-295", CISIS, "En rapport avec la prévention"), "1.2.250.1.213.1.1.3.48.34"),
    (Code("GEN-181", CISIS, "Non remboursable"), "1.2.250.1.213.1.1.3.48.15"),
)
_SUBSTITUTION = Code("G", "2.16.840.1.113883.5.1070", "Substitution autorisée par un produit générique")


def prescription(entete: Entete) -> etree._Element:
    """The document, signed by a doctor."""
    entete = prescripteur(entete)
    redaction = Redaction(entete)
    tableau = Tableau(
        redaction, "med", "Médicament", "Posologie", "Durée", "Substitution", "ALD", "AT/MP", "Prévention", "Non remboursable"
    )
    fin = jour_francais(entete.ecrit_le + timedelta(days=DUREE))
    lignes = []
    for suivi in redaction.medical.traitements:
        prise = f"{suivi.dose} {suivi.unite_texte} toutes les {suivi.periode} heures, {suivi.voie.libelle.lower()}"
        duree = f"du {jour_francais(entete.ecrit_le)} au {fin}"
        nom = suivi.produit.specialite.libelle
        lignes.append((suivi, tableau.ligne(nom, prise, duree, "Autorisée", "Non", "Non", "Non", "Non")))
    medicaments = section(redaction, MEDICAMENTS, [tableau.element], [_prescrit(redaction, *ligne) for ligne in lignes])
    document = redaction.corps([medicaments, copie_du_document(redaction, entete, [medicaments], ordonnance=True)])
    _validite(document, entete)
    return document


def _validite(document: etree._Element, entete: Entete) -> None:
    """The number of the prescription, and from when to when it can be dispensed."""
    acte = document.find("h:documentationOf/h:serviceEvent", {"h": hl7.uri})
    assert acte is not None
    periode = hl7(
        "effectiveTime",
        None,
        hl7("low", {"value": local_compact(entete.ecrit_le)}),
        hl7("high", {"value": local_compact(entete.ecrit_le + VALIDITE)}),
    )
    (ancienne,) = acte.iterchildren(hl7.nom("effectiveTime"))
    acte.replace(ancienne, periode)
    acte.insert(0, hl7("id", {"root": entete.identifiant("prescription")}))


def _prescrit(redaction: Redaction, suivi: Traitement, ancres: tuple[str, ...]) -> etree._Element:
    nom, posologie, _, substitution, *mentions = ancres
    debut = redaction.entete.ecrit_le
    dose = {"value": str(suivi.dose), "unit": suivi.unite}
    frequence = hl7("period", {"value": str(suivi.periode), "unit": "h"})
    return hl7(
        "substanceAdministration",
        {"classCode": "SBADM", "moodCode": "INT"},
        *modeles(
            "2.16.840.1.113883.10.20.1.24",
            "1.3.6.1.4.1.19376.1.5.3.1.4.7",
            "1.3.6.1.4.1.19376.1.9.1.3.2",
            "1.2.250.1.213.1.1.3.83",
            "1.3.6.1.4.1.19376.1.9.1.3.6",
            "1.3.6.1.4.1.19376.1.5.3.1.4.7.1",
        ),
        redaction.id(),
        hl7("code", Code("DRUG", "2.16.840.1.113883.5.4", "Médicament").attributs()),
        texte(nom),
        termine(),
        type_(depuis(debut, debut + timedelta(days=DUREE)), "IVL_TS"),
        type_(hl7("effectiveTime", {"operator": "A"}, frequence), "PIVL_TS"),
        hl7("repeatNumber", {"value": "0"}),
        hl7("routeCode", suivi.voie.attributs(), hl7("originalText", None, renvoi(posologie))),
        hl7("doseQuantity", None, hl7("low", dose), hl7("high", dose)),
        hl7("rateQuantity", {"nullFlavor": "NA"}),
        hl7("consumable", None, produit(suivi.produit, nom)),
        _substitution(substitution),
        *(_mention(redaction, code, modele, a) for (code, modele), a in zip(_MENTIONS, mentions, strict=True)),
    )


def _substitution(ancre: str) -> etree._Element:
    acte = hl7(
        "act",
        {"classCode": "ACT", "moodCode": "DEF"},
        *modeles("1.3.6.1.4.1.19376.1.9.1.3.9.1", "1.2.250.1.213.1.1.3.87"),
        hl7("code", _SUBSTITUTION.attributs(), hl7("originalText", None, renvoi(ancre))),
        termine(),
    )
    return hl7("entryRelationship", {"typeCode": "COMP"}, acte)


def _mention(redaction: Redaction, code: Code, modele: str, ancre: str) -> etree._Element:
    return hl7("entryRelationship", {"typeCode": "COMP"}, observation(redaction, code, ancre, vrai(False), templates=(modele,)))


TYPE = TypeDocument(
    id="prescription-produits",
    modele=Modele(
        code=Code("57833-6", LOINC, "Prescription de produits de santé"),
        titre="Prescription de produits de santé",
        templates=(
            ("1.3.6.1.4.1.19376.1.9.1.1.1", ""),
            ("1.3.6.1.4.1.19376.1.5.3.1.1.1", ""),
            ("1.2.250.1.213.1.1.1.39", "2024.01"),
        ),
    ),
    redige=prescription,
    classe=PRESCRIPTION,
    format=format_ihe("urn:ihe:pharm:pre:2010", "Prescription de produits de santé"),
)
