"""The rapid diagnostic test (BIO-TROD 2024.01): the device that was used, and what it said."""

from __future__ import annotations

from datetime import timedelta

from lxml import etree

from ..horloge import local_compact
from .actes import resultat
from .entete import LOINC, Code, Entete, Modele, hl7
from .observations import code_et_texte, snomed
from .recit import Tableau, paragraphe
from .redaction import Redaction, heure_francaise, modeles, renvoi, termine
from .sections import MICROBIOLOGIE, section
from .type_document import CERTIFICAT, TypeDocument, format_ihe

_LOT = "(01)03699999000019(17)271231(10)TROD-F-07"
_EXAMEN = Code("78012-2", LOINC, "Streptococcus pyogenes Ag [Présence/Seuil] Gorge ; Qualitatif ; Immunoassay.rapide")
_NEGATIF = snomed("260385009", "négatif")


def test_rapide(entete: Entete) -> etree._Element:
    """The document."""
    redaction = Redaction(entete)
    tableau = Tableau(redaction, "trod", "Examen", "Résultat", "Dispositif", "Commentaire")
    examen, valeur, dispositif, remarque = tableau.ligne(
        "Recherche d'antigène de streptocoque A, prélèvement de gorge",
        "Négatif",
        "Test rapide fictif d'angine, lot TROD-F-07, à utiliser avant le 31/12/2027",
        "Un résultat négatif n'écarte pas une angine virale.",
    )
    quand = paragraphe(f"Test réalisé le {heure_francaise(entete.acte_le)}.")
    fait = resultat(redaction, _EXAMEN, (examen, remarque), code_et_texte(_NEGATIF, valeur))
    acte = hl7(
        "act",
        {"classCode": "ACT", "moodCode": "EVN"},
        hl7("code", Code("92894-5", LOINC, "Sérologie bactérienne").attributs()),
        termine(),
        hl7(
            "effectiveTime",
            None,
            hl7("low", {"value": local_compact(entete.acte_le - timedelta(minutes=15))}),
            hl7("high", {"value": local_compact(entete.acte_le)}),
        ),
        _appareil(dispositif),
        hl7("entryRelationship", {"typeCode": "COMP"}, fait),
    )
    rubrique = section(redaction, MICROBIOLOGIE, [quand, tableau.element], [acte], type_d_entree="DRIV")
    for entree in rubrique.iterchildren(hl7.nom("entry")):
        for rang, modele in enumerate(modeles("1.3.6.1.4.1.19376.1.3.1", "1.2.250.1.213.1.1.3.21")):
            entree.insert(rang, modele)
    return redaction.corps([rubrique])


def _appareil(ancre: str) -> etree._Element:
    code = hl7("code", None, hl7("originalText", None, renvoi(ancre)))
    role = hl7(
        "participantRole",
        {"classCode": "MANU"},
        hl7("id", {"root": "2.51.1.1", "extension": _LOT}),
        hl7("playingDevice", {"classCode": "DEV", "determinerCode": "INSTANCE"}, code),
    )
    return hl7("participant", {"typeCode": "DEV"}, role)


TYPE = TypeDocument(
    id="trod",
    modele=Modele(
        code=Code("96173-0", LOINC, "Test rapide d'orientation diagnostique"),
        titre="Test rapide d'orientation diagnostique : TROD Angine",
        templates=(("1.3.6.1.4.1.19376.1.5.3.1.1.1", ""), ("1.2.250.1.213.1.1.1.59", "2024.01")),
        acte=Code("J02.0", "2.16.840.1.113883.6.3", "Pharyngite à streptocoques"),
        cadre=Code("DEPISTAGE", "1.2.250.1.213.1.1.4.9", "Dépistage"),
    ),
    redige=test_rapide,
    classe=CERTIFICAT,
    format=format_ihe("urn:ihe:iti:xds-sd:text:2008", "Document à corps non structuré en texte"),
)
