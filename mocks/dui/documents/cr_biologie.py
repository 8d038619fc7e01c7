"""The laboratory report (CR-BIO 2024.01) as a laboratory writes it: its biologist is the author, the DUI only receives it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from lxml import etree

from ....fixtures.structures import structures
from ..comptes import Utilisateur
from ..configuration import StructureLocale
from ..horloge import local_compact
from .copie_pdf import copie_du_document
from .entete import FINESS, LOINC, Code, Entete, Modele, hl7, professionnel
from .observations import EVN, quantite
from .recit import Tableau
from .redaction import Redaction, a_l_heure, modeles, renvoi, termine, type_
from .sections import Rubrique, section
from .type_document import COMPTE_RENDU, TypeDocument, format_ihe

BIOCHIMIE = Code("18719-5", LOINC, "Biochimie")
CHAPITRE = Rubrique(BIOCHIMIE, ("1.3.6.1.4.1.19376.1.3.3.2.1", "1.2.250.1.213.1.1.2.70"), "Biochimie")
BIOLOGISTE = Utilisateur(
    compte="",
    id_nat="899700000031",
    nom="TESTEUR-BIOLOGIE",
    prenom="Rose",
    civilite="DR",
    profession="10",
    savoir_faire="SM03",
    secteur="SA25",
)
_AMBULATOIRE = Code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire")
_LABORATOIRE = Code("SA25", "1.2.250.1.71.4.2.4", "Laboratoire de biologie médicale")
_INTERPRETATION = "2.16.840.1.113883.5.83"
NORMAL, HAUT = Code("N", _INTERPRETATION, "Normal"), Code("H", _INTERPRETATION, "Anormalement haut")
_ADRESSE = (("houseNumber", "3"), ("streetName", "Rue des Exemples"), ("postalCode", "99130"), ("city", "VALMONT-SUR-TEST"))


@dataclass(frozen=True, slots=True)
class Resultat:
    """One measure, its unit and its usual bounds."""

    code: Code
    nom: str
    valeur: str
    unite: str
    bornes: tuple[str, str]
    interpretation: Code = NORMAL


RESULTATS = (
    Resultat(Code("2951-2", LOINC, "Sodium [Moles/Volume] Sérum/Plasma ; Numérique"), "Sodium", "139", "mmol/L", ("136", "145")),
    Resultat(
        Code("2823-3", LOINC, "Potassium [Moles/Volume] Sérum/Plasma ; Numérique"), "Potassium", "4.1", "mmol/L", ("3.5", "5.1")
    ),
    Resultat(
        Code("1988-5", LOINC, "C Réactive protéine [Masse/Volume] Sérum/Plasma ; Numérique"),
        "CRP",
        "12",
        "mg/L",
        ("0", "5"),
        HAUT,
    ),
)


def compte_rendu(entete: Entete) -> etree._Element:
    """The report of the laboratory about this usager."""
    entete = du_laboratoire(entete)
    redaction = Redaction(entete)
    tableau = Tableau(redaction, "bio", "Examen", "Résultat", "Valeurs usuelles")
    mesures = []
    for resultat in RESULTATS:
        bas, haut = resultat.bornes
        nom, _, _ = tableau.ligne(resultat.nom, f"{resultat.valeur} {resultat.unite}", f"{bas} à {haut} {resultat.unite}")
        mesures.append(_mesure(redaction, resultat, nom))
    acte = hl7(
        "act",
        {"classCode": "ACT", "moodCode": "EVN"},
        hl7("code", BIOCHIMIE.attributs()),
        termine(),
        *(hl7("entryRelationship", {"typeCode": "COMP"}, mesure) for mesure in mesures),
    )
    chapitre = section(redaction, CHAPITRE, [tableau.element], [acte], type_d_entree="DRIV")
    (entree,) = chapitre.iterchildren(hl7.nom("entry"))
    for rang, modele in enumerate(modeles("1.3.6.1.4.1.19376.1.3.1", "1.2.250.1.213.1.1.3.21")):
        entree.insert(rang, modele)
    document = redaction.corps([chapitre, copie_du_document(redaction, entete, [chapitre])])
    _entete_de_biologie(document, entete)
    return document


def du_laboratoire(entete: Entete) -> Entete:
    """The same header, the laboratory and its biologist in place of the DUI's."""
    labo = structures()["laboratoire"]
    structure = StructureLocale(labo.finess_ej, labo.finess_eg, labo.nom, labo.secteur_activite)
    return replace(entete, auteur=BIOLOGISTE, structure=structure, sejour_depuis=entete.acte_le - timedelta(hours=6))


def _mesure(redaction: Redaction, resultat: Resultat, ancre: str) -> etree._Element:
    bas, haut = resultat.bornes
    valeur = hl7("value", None, hl7("low", _avec(bas, resultat.unite)), hl7("high", _avec(haut, resultat.unite)))
    bornes = hl7(
        "observationRange",
        {"classCode": "OBS", "moodCode": "EVN.CRT"},
        type_(valeur, "IVL_PQ"),
        hl7("interpretationCode", NORMAL.attributs()),
    )
    return hl7(
        "observation",
        EVN,
        *modeles("1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.80"),
        redaction.id(),
        hl7("code", resultat.code.attributs(), hl7("originalText", None, renvoi(ancre))),
        termine(),
        a_l_heure(redaction.entete.acte_le),
        quantite(resultat.valeur, resultat.unite),
        hl7("interpretationCode", resultat.interpretation.attributs()),
        hl7("referenceRange", {"typeCode": "REFV"}, bornes),
    )


def _avec(valeur: str, unite: str) -> dict[str, str]:
    return {"value": valeur, "unit": unite}


def _entete_de_biologie(document: etree._Element, entete: Entete) -> None:
    """What a laboratory adds to the common header: who validated, who executed and when, who answers for it."""
    ou = {"h": hl7.uri}
    for chemin in ("h:recordTarget/h:patientRole/h:addr", "h:recordTarget/h:patientRole/h:telecom"):
        for inconnu in document.iterfind(chemin, ou):
            inconnu.set("nullFlavor", "UNK")
    (responsable,) = document.iterfind("h:legalAuthenticator", ou)
    responsable.addnext(_valideur(entete))
    (executant,) = document.iterfind("h:documentationOf/h:serviceEvent/h:performer", ou)
    executant.insert(0, modeles("1.3.6.1.4.1.19376.1.3.3.1.7")[0])
    executant.insert(1, hl7("time", None, hl7("high", {"value": local_compact(entete.acte_le)})))
    (structure,) = executant.iterfind("h:assignedEntity/h:representedOrganization", ou)
    structure.getparent().replace(structure, _laboratoire(entete, _AMBULATOIRE))  # type: ignore[union-attr]
    (lieu,) = document.iterfind("h:componentOf/h:encompassingEncounter/h:location", ou)
    lieu.addprevious(hl7("responsibleParty", None, _biologiste(entete, None)))
    for code in lieu.iterfind("h:healthCareFacility/h:code", ou):
        code.attrib.update(_LABORATOIRE.attributs())


def _valideur(entete: Entete) -> etree._Element:
    return hl7(
        "authenticator",
        None,
        *modeles("1.3.6.1.4.1.19376.1.3.3.1.5"),
        hl7("time", {"value": local_compact(entete.ecrit_le)}),
        hl7("signatureCode", {"code": "S"}),
        _biologiste(entete, _AMBULATOIRE),
    )


def _biologiste(entete: Entete, cadre: Code | None) -> etree._Element:
    return hl7("assignedEntity", None, *professionnel(entete.auteur), _laboratoire(entete, cadre))


def _laboratoire(entete: Entete, cadre: Code | None) -> etree._Element:
    return hl7(
        "representedOrganization",
        None,
        hl7("id", {"root": FINESS, "extension": entete.structure.struct_id_nat}),
        hl7("name", None, entete.structure.nom),
        hl7("telecom", {"value": "tel:+33199000011", "use": "WP"}),
        hl7("addr", {"use": "WP"}, *(hl7(partie, None, valeur) for partie, valeur in _ADRESSE)),
        hl7("standardIndustryClassCode", cadre.attributs()) if cadre else None,
    )


TYPE = TypeDocument(
    id="cr-biologie",
    modele=Modele(
        code=Code("11502-2", LOINC, "CR d'examens biologiques"),
        titre="Compte rendu d'examens biologiques",
        templates=(("1.3.6.1.4.1.19376.1.3.3", ""), ("1.2.250.1.213.1.1.1.55", "2024.01")),
        acte=BIOCHIMIE,
        cadre=_AMBULATOIRE,
    ),
    redige=compte_rendu,
    classe=COMPTE_RENDU,
    format=format_ihe("urn:ihe:lab:xd-lab:2008", "Compte rendu d'examens biologiques"),
    dmp=False,
)
