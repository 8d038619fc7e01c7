"""Problems and allergies: the concern that follows them, the fact itself, its severity and its status."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from .dossier_medical import SNOMED, Allergie, Probleme
from .entete import LOINC, Code, hl7
from .observations import EVN, FR_OBSERVATION, OBSERVATION, auteur, code_et_texte, commentaire
from .redaction import Redaction, depuis, le_jour, modeles, renvoi, termine, texte, type_

_STATUT = "2.16.840.1.113883.4.642.1.1074"
_STATUT_ALLERGIE = "2.16.840.1.113883.4.642.4.1373"
_CERTITUDE = "2.16.840.1.113883.4.642.1.1075"

DIAGNOSTIC = Code("282291009", SNOMED, "interprétation diagnostique")
SYMPTOME = Code("418799008", SNOMED, "symptôme rapporté par le patient ou le répondant")
ACTIF = Code("active", _STATUT, "Actif")
RESOLU = Code("resolved", _STATUT, "Résolu")
_MODERE = Code("6736007", SNOMED, "modéré")


def suivi_de_probleme(
    redaction: Redaction, probleme: Probleme, ancres: tuple[str, str, str, str], *, resolu: bool
) -> etree._Element:
    """A problem and the concern that follows it; anchors: its name, status, severity, comment."""
    debut = redaction.il_y_a(probleme.depuis)
    fin = redaction.il_y_a(probleme.depuis - 60) if resolu else None
    nom, statut, degre, precision = ancres
    fait = _probleme(
        redaction,
        probleme.code,
        DIAGNOSTIC,
        nom,
        debut,
        _lien("SUBJ", "true", gravite(degre, _MODERE)),
        _lien("REFR", "false", _statut_clinique(statut, RESOLU if resolu else ACTIF)),
        *_statut_du_patient(statut, probleme, resolu=resolu),
        _lien("SUBJ", "true", _certitude(redaction, degre, debut)),
        commentaire(precision),
    )
    return hl7(
        "act",
        {"classCode": "ACT", "moodCode": "EVN"},
        *modeles(
            "2.16.840.1.113883.10.20.1.27",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5.1",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5.2",
            "1.2.250.1.213.1.1.3.39",
        ),
        redaction.id(),
        hl7("code", {"nullFlavor": "NA"}),
        hl7("statusCode", {"code": "completed" if resolu else "active"}),
        depuis(debut, fin),
        auteur(redaction),
        _lien("SUBJ", "false", fait),
    )


def reaction(redaction: Redaction, code: Code, ancres: tuple[str, str], debut: datetime) -> etree._Element:
    """A symptom that something caused; anchors: its name, its severity."""
    nom, degre = ancres
    fait = _probleme(redaction, code, SYMPTOME, nom, debut, _lien("SUBJ", "true", gravite(degre, _MODERE)))
    fait.insert(1, hl7("templateId", {"root": "2.16.840.1.113883.10.20.1.54"}))
    return fait


def suivi_d_allergie(redaction: Redaction, allergie: Allergie, ancres: tuple[str, str, str, str, str]) -> etree._Element:
    """An allergy and the concern that follows it; anchors: nature, agent, reaction, severity, status."""
    debut = redaction.il_y_a(allergie.depuis)
    return hl7(
        "act",
        {"classCode": "ACT", "moodCode": "EVN"},
        *modeles(
            "2.16.840.1.113883.10.20.1.27",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5.1",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5.3",
            "1.2.250.1.213.1.1.3.40",
        ),
        redaction.id(),
        hl7("code", {"nullFlavor": "NA"}),
        hl7("statusCode", {"code": "active"}),
        depuis(debut),
        _lien("SUBJ", "false", _allergie(redaction, allergie, ancres, debut)),
    )


def gravite(ancre: str, degre: Code) -> etree._Element:
    """How severe."""
    return hl7(
        "observation",
        EVN,
        *modeles("2.16.840.1.113883.10.20.1.55", "1.3.6.1.4.1.19376.1.5.3.1.4.1", "1.2.250.1.213.1.1.3.29"),
        hl7("code", Code("SEV", "2.16.840.1.113883.5.4", "Sévérité").attributs()),
        texte(ancre),
        termine(),
        type_(hl7("value", degre.attributs()), "CD"),
    )


def _probleme(
    redaction: Redaction, code: Code, nature: Code, ancre: str, debut: datetime, *liens: etree._Element
) -> etree._Element:
    return hl7(
        "observation",
        EVN | {"negationInd": "false"},
        *modeles("2.16.840.1.113883.10.20.1.28", "1.3.6.1.4.1.19376.1.5.3.1.4.5", "1.2.250.1.213.1.1.3.37"),
        redaction.id(),
        hl7("code", nature.attributs()),
        texte(ancre),
        termine(),
        depuis(debut),
        code_et_texte(code, ancre),
        *liens,
    )


def _allergie(
    redaction: Redaction, allergie: Allergie, ancres: tuple[str, str, str, str, str], debut: datetime
) -> etree._Element:
    nature, agent, manifestation, degre, statut = ancres
    substance = hl7(
        "playingEntity",
        {"classCode": "MMAT"},
        hl7("code", allergie.agent.attributs(), hl7("originalText", None, renvoi(agent))),
        hl7("name", None, allergie.agent.libelle),
    )
    return hl7(
        "observation",
        EVN | {"negationInd": "false"},
        *modeles(
            "2.16.840.1.113883.10.20.1.18",
            "2.16.840.1.113883.10.20.1.28",
            "1.3.6.1.4.1.19376.1.5.3.1.4.5",
            "1.3.6.1.4.1.19376.1.5.3.1.4.6",
            "1.2.250.1.213.1.1.3.41",
        ),
        redaction.id(),
        hl7("code", allergie.nature.attributs()),
        texte(nature),
        termine(),
        depuis(debut),
        type_(hl7("value", None, hl7("originalText", None, renvoi(nature))), "CD"),
        hl7("participant", {"typeCode": "CSM"}, hl7("participantRole", {"classCode": "MANU"}, substance)),
        _lien("REFR", "false", _statut_clinique(statut, Code("active", _STATUT_ALLERGIE, "Actif"))),
        _lien("MFST", "false", reaction(redaction, allergie.reaction, (manifestation, degre), debut)),
    )


def _statut_clinique(ancre: str, statut: Code) -> etree._Element:
    return hl7(
        "observation",
        EVN,
        *modeles(
            "2.16.840.1.113883.10.20.1.50",
            "2.16.840.1.113883.10.20.1.57",
            "1.3.6.1.4.1.19376.1.5.3.1.4.1.1",
            "1.2.250.1.213.1.1.3.30",
        ),
        hl7("code", Code("33999-4", LOINC, "Status").attributs()),
        texte(ancre),
        termine(),
        type_(hl7("value", statut.attributs()), "CE"),
    )


def _statut_du_patient(ancre: str, probleme: Probleme, *, resolu: bool) -> list[etree._Element]:
    """How the usager is with it; an acute problem says nothing of that."""
    if not resolu and not probleme.chronique:
        return []
    etat = Code("102499006", SNOMED, "en forme") if resolu else Code("27624003", SNOMED, "maladie chronique")
    constat = hl7(
        "observation",
        EVN,
        *modeles("2.16.840.1.113883.10.20.1.51", "1.3.6.1.4.1.19376.1.5.3.1.4.1.2", "1.2.250.1.213.1.1.3.31"),
        hl7("code", Code("11323-3", LOINC, "Statut clinique du patient").attributs()),
        texte(ancre),
        termine(),
        type_(hl7("value", etat.attributs()), "CE"),
    )
    return [_lien("REFR", "false", constat)]


def _certitude(redaction: Redaction, ancre: str, debut: datetime) -> etree._Element:
    return hl7(
        "observation",
        EVN,
        *modeles(OBSERVATION, FR_OBSERVATION, "1.2.250.1.213.1.1.3.171"),
        redaction.id(),
        hl7("code", Code("66455-7", LOINC, "Certitude").attributs()),
        texte(ancre),
        termine(),
        le_jour(debut),
        type_(hl7("value", Code("confirmed", _CERTITUDE, "Confirmé").attributs()), "CD"),
    )


def _lien(type: str, inversion: str, fait: etree._Element) -> etree._Element:
    return hl7("entryRelationship", {"typeCode": type, "inversionInd": inversion}, fait)
