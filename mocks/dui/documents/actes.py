"""Acts: procedures, encounters, what is asked for, transfers, devices, attached documents."""

from __future__ import annotations

from base64 import b64encode

from lxml import etree

from .dossier_medical import CISIS
from .entete import LOINC, Code, hl7, organisation, professionnel
from .observations import EVN, commentaire, observation
from .redaction import Redaction, a_l_heure, depuis, le_jour, modeles, renvoi, termine, texte, type_

_ACTE = "2.16.840.1.113883.5.4"
AMBULATOIRE = Code("AMB", _ACTE, "Ambulatoire (hors établissement)")
_PRIORITE = "2.16.840.1.113883.5.7"


def intervention(redaction: Redaction, code: Code, ancre: str, jours: int, *liens: etree._Element) -> etree._Element:
    """A procedure that was done."""
    return hl7(
        "procedure",
        {"classCode": "PROC", "moodCode": "EVN"},
        *modeles("1.3.6.1.4.1.19376.1.5.3.1.4.19", "2.16.840.1.113883.10.20.1.29", "1.2.250.1.213.1.1.3.62"),
        redaction.id(),
        hl7("code", code.attributs(), hl7("originalText", None, renvoi(ancre))),
        texte(ancre),
        termine(),
        le_jour(redaction.il_y_a(jours)),
        *liens,
    )


def intervention_prevue(redaction: Redaction, code: Code, ancre: str, dans: int) -> etree._Element:
    """A procedure that is planned."""
    return hl7(
        "procedure",
        {"classCode": "PROC", "moodCode": "INT"},
        *modeles("2.16.840.1.113883.10.20.1.25", "1.3.6.1.4.1.19376.1.5.3.1.4.19", "1.2.250.1.213.1.1.3.62"),
        redaction.id(),
        hl7("code", code.attributs(), hl7("originalText", None, renvoi(ancre))),
        texte(ancre),
        hl7("statusCode", {"code": "active"}),
        le_jour(redaction.il_y_a(-dans)),
        hl7("priorityCode", Code("R", _PRIORITE, "Normale").attributs()),
    )


def demande(redaction: Redaction, code: Code, ancre: str, dans: int) -> etree._Element:
    """An examination or a follow-up that is asked for."""
    return hl7(
        "observation",
        {"classCode": "OBS", "moodCode": "INT"},
        *modeles("2.16.840.1.113883.10.20.1.25", "1.3.6.1.4.1.19376.1.5.3.1.1.20.3.1", "1.2.250.1.213.1.1.3.27"),
        redaction.id(),
        hl7("code", code.attributs()),
        texte(ancre),
        hl7("statusCode", {"code": "active"}),
        le_jour(redaction.il_y_a(-dans)),
    )


def rencontre(redaction: Redaction, ancre: str, jours: int) -> etree._Element:
    """A consultation, past when ``jours`` is positive, asked for when negative."""
    passee = jours >= 0
    auteur = redaction.entete.auteur
    executant = hl7("assignedEntity", None, *professionnel(auteur), organisation(redaction.entete.structure))
    return hl7(
        "encounter",
        {"classCode": "ENC", "moodCode": "EVN" if passee else "ARQ"},
        *modeles(
            "2.16.840.1.113883.10.20.1.21" if passee else "2.16.840.1.113883.10.20.1.25",
            "1.3.6.1.4.1.19376.1.5.3.1.4.14",
            "1.2.250.1.213.1.1.3.58",
        ),
        redaction.id(),
        hl7("code", AMBULATOIRE.attributs()),
        texte(ancre),
        le_jour(redaction.il_y_a(jours)),
        hl7("performer", {"typeCode": "PRF"}, executant),
    )


def transfert(redaction: Redaction, ancre: str, lieu: Code) -> etree._Element:
    """The transfer of the usager, and where to."""
    destination = hl7(
        "participant",
        {"typeCode": "DST"},
        hl7("participantRole", {"classCode": "SDLOC"}, hl7("code", lieu.attributs())),
    )
    return hl7(
        "act",
        {"classCode": "ACT", "moodCode": "EVN"},
        *modeles("1.3.6.1.4.1.19376.1.5.3.1.1.25.1.4.1", "1.2.250.1.213.1.1.3.28"),
        redaction.id(),
        hl7("code", Code("80413-8", LOINC, "Transfert du patient").attributs()),
        texte(ancre),
        termine(),
        depuis(redaction.il_y_a(1), redaction.entete.acte_le),
        destination,
    )


def dispositif(redaction: Redaction, code: Code, ancres: tuple[str, str], jours: int) -> etree._Element:
    """A medical device that the usager carries; anchors: its name, a comment."""
    nom, precision = ancres
    appareil = hl7(
        "playingDevice",
        {"classCode": "DEV", "determinerCode": "INSTANCE"},
        hl7("code", code.attributs(), hl7("originalText", None, renvoi(nom))),
    )
    role = hl7("participantRole", {"classCode": "MANU"}, hl7("id", {"nullFlavor": "UNK"}), appareil)
    return hl7(
        "supply",
        {"classCode": "SPLY", "moodCode": "EVN"},
        *modeles("2.16.840.1.113883.10.20.1.34", "1.2.250.1.213.1.1.3.20"),
        redaction.id(),
        texte(nom),
        type_(depuis(redaction.il_y_a(jours)), "IVL_TS"),
        hl7("participant", {"typeCode": "DEV"}, role),
        commentaire(precision),
    )


def piece_jointe(redaction: Redaction, nature: Code, ancre: str, contenu: bytes, mime: str) -> etree._Element:
    """A file carried inside the document, and what it is."""
    valeur = type_(hl7("value", {"mediaType": mime, "representation": "B64"}, b64encode(contenu).decode()), "ED")
    media = hl7("observationMedia", EVN | {"ID": redaction.ancre("fichier")}, redaction.id(), valeur)
    sorte = observation(
        redaction,
        Code("69764-9", LOINC, "Type de document"),
        ancre,
        type_(hl7("value", nature.attributs()), "CD"),
        templates=("1.2.250.1.213.1.1.3.48.18",),
    )
    return hl7(
        "organizer",
        {"classCode": "CLUSTER", "moodCode": "EVN"},
        *modeles("1.2.250.1.213.1.1.3.18"),
        redaction.id(),
        hl7("code", Code("55107-7", LOINC, "Document attaché").attributs()),
        termine(),
        a_l_heure(redaction.entete.acte_le),
        hl7("component", {"typeCode": "COMP"}, sorte),
        hl7("component", {"typeCode": "COMP"}, media),
    )


def resultat(redaction: Redaction, code: Code, ancres: tuple[str, str], valeur: etree._Element) -> etree._Element:
    """A biological result of a rapid test; anchors: the examination, a comment."""
    examen, precision = ancres
    return hl7(
        "observation",
        EVN,
        *modeles("1.3.6.1.4.1.19376.1.3.1.6", "1.2.250.1.213.1.1.3.80"),
        redaction.id(),
        hl7("code", code.attributs(), hl7("originalText", None, renvoi(examen))),
        termine(),
        a_l_heure(redaction.entete.acte_le),
        valeur,
        commentaire(precision),
    )


def cisis(code: str, libelle: str) -> Code:
    """A code of the CI-SIS terminology."""
    return Code(code, CISIS, libelle)
