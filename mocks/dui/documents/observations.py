"""Observations: the simple one, vital signs, social history, advance directives, and comments on any entry."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from ..horloge import local_compact
from .dossier_medical import SNOMED
from .entete import LOINC, Code, hl7, organisation, professionnel
from .redaction import Redaction, a_l_heure, modeles, renvoi, termine, texte, type_

OBSERVATION = "1.3.6.1.4.1.19376.1.5.3.1.4.13"
FR_OBSERVATION = "1.2.250.1.213.1.1.3.48"
PROTHESE = ("1.2.250.1.213.1.1.3.12",)

EVN = {"classCode": "OBS", "moodCode": "EVN"}


def entree(acte: etree._Element, type: str = "") -> etree._Element:
    """An entry of a section."""
    return hl7("entry", {"typeCode": type} if type else None, acte)


def vrai(valeur: bool = True) -> etree._Element:
    """A boolean value."""
    return type_(hl7("value", {"value": "true" if valeur else "false"}), "BL")


def chaine(phrase: str) -> etree._Element:
    """A value in words."""
    return type_(hl7("value", None, phrase), "ST")


def quantite(nombre: str, unite: str) -> etree._Element:
    """A value with its UCUM unit."""
    return type_(hl7("value", {"value": nombre, "unit": unite}), "PQ")


def instant(compact: str) -> etree._Element:
    """A value that is a time."""
    return type_(hl7("value", {"value": compact}), "TS")


def code_et_texte(code: Code, ancre: str, type: str = "CD") -> etree._Element:
    """A coded value, with the words of the narrative that it codes."""
    return type_(hl7("value", code.attributs(), hl7("originalText", None, renvoi(ancre))), type)


def observation(
    redaction: Redaction,
    code: Code,
    ancre: str,
    valeur: etree._Element | None,
    *suite: etree._Element,
    le: etree._Element | None = None,
    templates: Sequence[str] = (),
) -> etree._Element:
    """A simple observation. ``suite`` follows the value, in the order of the schema; ``le`` dates it, else the act does."""
    return _observation(redaction, (OBSERVATION, FR_OBSERVATION, *templates), code, ancre, valeur, *suite, le=le)


def _observation(
    redaction: Redaction,
    templates: Sequence[str],
    code: Code,
    ancre: str,
    *suite: etree._Element | None,
    le: etree._Element | None = None,
) -> etree._Element:
    """What all observations are made of."""
    return hl7(
        "observation",
        EVN,
        *modeles(*templates),
        redaction.id(),
        hl7("code", code.attributs()),
        texte(ancre),
        termine(),
        le if le is not None else a_l_heure(redaction.entete.acte_le),
        *suite,
    )


def site(code: Code, ancre: str) -> etree._Element:
    """Where on the body."""
    return hl7("targetSiteCode", code.attributs(), hl7("originalText", None, renvoi(ancre)))


def commentaire(ancre: str) -> etree._Element:
    """A comment on the entry that holds it, as its relationship."""
    acte = hl7(
        "act",
        {"classCode": "ACT", "moodCode": "EVN"},
        *modeles("2.16.840.1.113883.10.20.1.40", "1.3.6.1.4.1.19376.1.5.3.1.4.2", "1.2.250.1.213.1.1.3.32"),
        hl7("code", Code("48767-8", LOINC, "Commentaire").attributs()),
        texte(ancre),
        termine(),
    )
    return hl7("entryRelationship", {"typeCode": "SUBJ", "inversionInd": "true"}, acte)


def auteur(redaction: Redaction) -> etree._Element:
    """Who wrote an entry: the author of the document."""
    entete = redaction.entete
    return hl7(
        "author",
        {"typeCode": "AUT", "contextControlCode": "OP"},
        hl7("time", {"value": local_compact(entete.ecrit_le)}),
        hl7("assignedAuthor", None, *professionnel(entete.auteur), organisation(entete.structure)),
    )


def signes_vitaux(redaction: Redaction, ancres: Sequence[str]) -> etree._Element:
    """The vital signs of the record, in one organizer; one anchor each."""
    mesures = (_signe(redaction, m.code, m.valeur, m.unite, a) for m, a in zip(redaction.medical.mesures, ancres, strict=True))
    return hl7(
        "organizer",
        {"classCode": "CLUSTER", "moodCode": "EVN"},
        *modeles(
            "2.16.840.1.113883.10.20.1.32",
            "2.16.840.1.113883.10.20.1.35",
            "1.3.6.1.4.1.19376.1.5.3.1.4.13.1",
            "1.2.250.1.213.1.1.3.49",
        ),
        redaction.id(),
        hl7("code", Code("85353-1", LOINC, "Signes vitaux").attributs()),
        termine(),
        a_l_heure(redaction.entete.acte_le),
        *(hl7("component", {"typeCode": "COMP"}, mesure) for mesure in mesures),
    )


def _signe(redaction: Redaction, code: Code, valeur: str, unite: str, ancre: str) -> etree._Element:
    return _observation(
        redaction,
        ("2.16.840.1.113883.10.20.1.31", OBSERVATION, "1.3.6.1.4.1.19376.1.5.3.1.4.13.2", "1.2.250.1.213.1.1.3.50"),
        code,
        ancre,
        quantite(valeur, unite),
    )


def mode_de_vie(redaction: Redaction, code: Code, ancre: str, valeur: etree._Element) -> etree._Element:
    """An element of social history."""
    return _observation(
        redaction,
        ("2.16.840.1.113883.10.20.1.33", OBSERVATION, "1.3.6.1.4.1.19376.1.5.3.1.4.13.4", "1.2.250.1.213.1.1.3.52"),
        code,
        ancre,
        valeur,
    )


def directive(redaction: Redaction, code: Code, ancre: str, *, voulu: bool, le: etree._Element) -> etree._Element:
    """An advance directive, with the reference of the paper that says it."""
    document = hl7("externalDocument", {"classCode": "DOC", "moodCode": "EVN"}, redaction.id(), texte(ancre))
    return _observation(
        redaction,
        ("2.16.840.1.113883.10.20.1.17", OBSERVATION, "1.3.6.1.4.1.19376.1.5.3.1.4.13.7", "1.2.250.1.213.1.1.3.54"),
        code,
        ancre,
        vrai(voulu),
        hl7("reference", {"typeCode": "REFR"}, *modeles("2.16.840.1.113883.10.20.1.36"), document),
        le=le,
    )


def fonction(redaction: Redaction, code: Code, ancre: str, valeur: etree._Element) -> etree._Element:
    """An observation of functional status."""
    return _observation(
        redaction,
        ("1.3.6.1.4.1.19376.1.5.3.1.1.12.3.6", OBSERVATION, "2.16.840.1.113883.10.20.1.31", "1.2.250.1.213.1.1.3.25"),
        code,
        ancre,
        valeur,
    )


def groupe_fonctionnel(redaction: Redaction, code: Code, membres: Sequence[etree._Element]) -> etree._Element:
    """A group of observations of functional status."""
    return hl7(
        "organizer",
        {"classCode": "CLUSTER", "moodCode": "EVN"},
        *modeles("2.16.840.1.113883.10.20.1.32", "1.3.6.1.4.1.19376.1.5.3.1.1.12.3.7", "1.2.250.1.213.1.1.3.95"),
        redaction.id(),
        hl7("code", code.attributs()),
        termine(),
        a_l_heure(redaction.entete.acte_le),
        *(hl7("component", {"typeCode": "COMP"}, membre) for membre in membres),
    )


def snomed(code: str, libelle: str) -> Code:
    """A SNOMED CT code."""
    return Code(code, SNOMED, libelle)
