"""The evaluations that a nursing service at home exports: AGGIR for disability, and the situation that sets its funding."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from .dossier_medical import CIM10, CISIS
from .entete import RPPS, Code, hl7
from .observations import EVN, OBSERVATION, vrai
from .recit import Tableau
from .redaction import Redaction, jour_compact, modeles, termine, texte, type_

CIF = "2.16.840.1.113883.6.254"
STATUTS = "1.2.250.1.213.3.3.250"
AGGIR_PH = Code("MED-1292", CISIS, "Evaluation AGGIR PH SSIAD")
SITUATION = Code("MED-1290", CISIS, "Evaluation de la situation SSIAD")
GIR = Code("MED-342", CISIS, "GIR-4")
_CRITERES = (
    Code("MED-1307", CISIS, "fait spontanément"),
    Code("MED-1308", CISIS, "fait totalement"),
    Code("MED-1309", CISIS, "fait correctement"),
    Code("MED-1310", CISIS, "fait habituellement"),
)
_AUCUN, _MODERE = Code("qf0", CIF, "aucun facilitateur"), Code("qf2", CIF, "facilitateur modéré")
_ITEMS = (
    (Code("b160", CIF, "Fonctions de la pensée"), True),
    (Code("b114", CIF, "Fonctions d'orientation"), True),
    (Code("d510", CIF, "Se laver"), False),
    (Code("d540", CIF, "S'habiller"), False),
    (Code("d550", CIF, "Manger"), True),
    (Code("d530", CIF, "Aller aux toilettes"), True),
    (Code("d410", CIF, "Changer la position corporelle de base"), True),
    (Code("d4600", CIF, "Se déplacer dans la maison"), True),
    (Code("d4602", CIF, "Se déplacer en dehors de la maison et d'autres bâtiments"), False),
    (Code("d3608", CIF, "Utiliser d'autres appareils et techniques de communication précisés"), True),
)
"""What is evaluated, and whether the usager does it alone."""
_MOTIFS = (
    (Code("R32", CIM10, "Incontinence urinaire, sans précision"), False),
    (Code("R15", CIM10, "Incontinence des matières fécales"), False),
    (Code("E66.9", CIM10, "Obésité, sans précision"), False),
    (Code("F06.7", CIM10, "Trouble cognitif léger"), True),
    (Code("F69", CIM10, "Trouble de la personnalité et du comportement chez l'adulte, sans précision"), False),
    (Code("MED-1294", CISIS, "Soins IDE pour escarres et autres plaies chroniques"), True),
    (Code("MED-1295", CISIS, "Prise en charge IDE du diabète insulinotraité"), False),
    (Code("GEN-365", CISIS, "Aucun de ces motifs"), False),
)
"""What the service takes in charge, and whether it is so here."""


class Evaluations:
    """The two evaluations of a usager, their tables and their entries."""

    def __init__(self, redaction: Redaction, usager: str) -> None:
        self._redaction, self._usager = redaction, usager
        types = Tableau(redaction, "eval", "Évaluation", "Résultat", "Statut")
        items = Tableau(redaction, "item", "Champ évalué", *(critere.libelle.capitalize() for critere in _CRITERES))
        motifs = Tableau(redaction, "motif", "Situation", "Oui ou non")
        aggir, _, fini = types.ligne("AGGIR pour les personnes handicapées", GIR.libelle, "Terminé")
        situation, _, fini_aussi = types.ligne("Situation au regard des soins du service", "Deux motifs", "Terminé")
        notes = [self._item(item, seul, items) for item, seul in _ITEMS]
        oui = [
            self._champ(motif, motifs.ligne(motif.libelle, "Oui" if present else "Non")[0], vrai(present))
            for motif, present in _MOTIFS
        ]
        aggir_dit = type_(hl7("value", GIR.attributs()), "CD")
        sans_objet = type_(hl7("value", {"nullFlavor": "NA"}), "CD")
        self.recit = (types.element, items.element, motifs.element)
        self.entrees = (
            self._groupe(AGGIR_PH, "1", aggir, aggir_dit, [*notes, self.statut("TERMINE", "Terminé", fini)]),
            self._groupe(SITUATION, "2", situation, sans_objet, [*oui, self.statut("TERMINE", "Terminé", fini_aussi)]),
        )

    def statut(self, code: str, libelle: str, ancre: str) -> etree._Element:
        """Where an evaluation or an event stands."""
        observation = hl7(
            "observation",
            EVN,
            *modeles(OBSERVATION, "1.2.250.1.213.1.1.3.48", "1.2.250.1.213.1.1.3.217"),
            self._redaction.id(),
            hl7("code", Code("106199-3", "2.16.840.1.113883.6.1", "Statut").attributs()),
            texte(ancre),
            termine(),
            self._le_jour(),
            type_(hl7("value", Code(code, STATUTS, libelle).attributs()), "CD"),
        )
        return hl7("entryRelationship", {"typeCode": "COMP", "inversionInd": "false"}, observation)

    def _groupe(
        self, sorte: Code, numero: str, ancre: str, valeur: etree._Element, suite: Sequence[etree._Element]
    ) -> etree._Element:
        auteur = hl7("id", {"root": RPPS, "extension": self._redaction.entete.auteur.id_nat})
        evaluation = hl7(
            "observation",
            EVN,
            *modeles("2.16.840.1.113883.10.20.1.31", OBSERVATION, "1.3.6.1.4.1.19376.1.5.3.1.1.12.3.6", "1.2.250.1.213.1.1.3.25"),
            hl7("id", {"root": self._redaction.entete.identifiant("usager"), "extension": f"{self._usager}-EVAL-{numero}"}),
            hl7("code", sorte.attributs()),
            texte(ancre),
            termine(),
            self._le_jour(),
            valeur,
            hl7("performer", None, hl7("assignedEntity", {"classCode": "ASSIGNED"}, auteur)),
            *suite,
        )
        return hl7(
            "organizer",
            {"classCode": "CLUSTER", "moodCode": "EVN"},
            *modeles("2.16.840.1.113883.10.20.1.32", "1.3.6.1.4.1.19376.1.5.3.1.1.12.3.7", "1.2.250.1.213.1.1.3.95"),
            self._redaction.id(),
            hl7("code", sorte.attributs()),
            termine(),
            self._le_jour(),
            hl7("component", {"typeCode": "COMP"}, evaluation),
        )

    def _item(self, item: Code, seul: bool, tableau: Tableau) -> etree._Element:
        """One item of AGGIR: what it comes to, and its four criteria."""
        nom, *criteres = tableau.ligne(item.libelle, *(["Oui"] * 4 if seul else ["Oui", "Non", "Oui", "Oui"]))
        valeur = type_(hl7("value", (_AUCUN if seul else _MODERE).attributs()), "CD")
        detail = [
            self._critere(code, ancre, oui=seul or code.code != "MED-1308")
            for code, ancre in zip(_CRITERES, criteres, strict=True)
        ]
        return self._champ(item, nom, valeur, detail)

    def _critere(self, code: Code, ancre: str, *, oui: bool) -> etree._Element:
        observation = hl7(
            "observation",
            EVN,
            *modeles("1.2.250.1.213.1.1.3.220"),
            self._redaction.id(),
            hl7("code", code.attributs()),
            texte(ancre),
            termine(),
            hl7("effectiveTime", {"nullFlavor": "NA"}),
            vrai(oui),
        )
        return hl7("entryRelationship", {"typeCode": "COMP", "inversionInd": "false"}, observation)

    def _champ(self, code: Code, ancre: str, valeur: etree._Element, suite: Sequence[etree._Element] = ()) -> etree._Element:
        observation = hl7(
            "observation",
            EVN,
            *modeles("2.16.840.1.113883.10.20.1.31", OBSERVATION, "1.2.250.1.213.1.1.3.214"),
            self._redaction.id(),
            hl7("code", code.attributs()),
            texte(ancre),
            termine(),
            hl7("effectiveTime", {"nullFlavor": "NA"}),
            valeur,
            *suite,
        )
        return hl7("entryRelationship", {"typeCode": "COMP", "inversionInd": "false"}, observation)

    def _le_jour(self) -> etree._Element:
        return hl7("effectiveTime", {"value": jour_compact(self._redaction.entete.acte_le)})
