"""What the survey of a PDF against PDF/A-1 gives: problems by rule, and how many things each rule looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.problem import Problem

MAX_PROBLEMS = 10


@dataclass(frozen=True, slots=True)
class Rule:
    """One requirement of ISO 19005-1: its clause, what is expected, how to get there."""

    clause: str
    expected: str
    hint: str


_EXPORT = "Exporter en PDF/A-1 (ISO 19005-1) depuis la bibliothèque qui produit le PDF, plutôt que de retoucher un PDF ordinaire."

RULES: Mapping[str, Rule] = {
    "pdf.a1.header": Rule("6.1.2", "« %PDF-1.n » dès le premier octet", "Ne rien écrire avant l'en-tête (BOM, saut de ligne)."),
    "pdf.a1.binary-comment": Rule(
        "6.1.2",
        "une seconde ligne « % » suivie d'au moins quatre octets supérieurs à 127",
        "Écrire le commentaire binaire juste après la ligne d'en-tête.",
    ),
    "pdf.a1.trailer-id": Rule(
        "6.1.3", "une entrée ID de deux chaînes dans le trailer", "Faire écrire l'identifiant du fichier (ID)."
    ),
    "pdf.a1.not-encrypted": Rule("6.1.3", "aucun chiffrement", "Retirer le mot de passe et les restrictions."),
    "pdf.a1.nothing-after-eof": Rule(
        "6.1.3", "rien après le dernier %%EOF, sinon une fin de ligne", "Couper le fichier après %%EOF ; ne rien y ajouter."
    ),
    "pdf.a1.plain-xref": Rule(
        "6.1.4 (PDF 1.4)",
        "une table xref en clair, sans flux d'objets ni flux xref",
        "Écrire le PDF en version 1.4, sans compression des objets (object streams).",
    ),
    "pdf.a1.no-lzw": Rule("6.1.10", "aucun filtre LZWDecode", "Compresser par FlateDecode."),
    "pdf.a1.known-filters": Rule(
        "6.1.10 (PDF 1.4)",
        "un filtre de PDF 1.4 (Flate, DCT, CCITTFax, JBIG2, RunLength, ASCII85, ASCIIHex)",
        "Ne pas employer JPEG 2000 (JPXDecode) ni Crypt, postérieurs à PDF 1.4.",
    ),
    "pdf.a1.no-external-streams": Rule(
        "6.1.7", "aucune clé F, FFilter ou FDecodeParms dans un flux", "Écrire les données dans le fichier."
    ),
    "pdf.a1.no-embedded-files": Rule("6.1.11", "aucun fichier joint (EF, EmbeddedFiles)", "Retirer les pièces jointes du PDF."),
    "pdf.a1.limits": Rule(
        "6.1.12",
        "chaîne < 65 536 octets, nom ≤ 127, tableau ≤ 8 191, dictionnaire ≤ 4 095, entier sur 32 bits, q imbriqués ≤ 28",
        _EXPORT,
    ),
    "pdf.a1.no-optional-content": Rule("6.1.13", "aucun calque (OCProperties)", "Aplatir les calques."),
    "pdf.a1.output-intent": Rule(
        "6.2.2",
        "un OutputIntent GTS_PDFA1 unique dont DestOutputProfile est un profil ICC (v2, prtr ou mntr, Gris, RVB ou CMJN)",
        "Joindre un profil ICC (sRGB par exemple) comme intention de sortie.",
    ),
    "pdf.a1.icc-profiles": Rule(
        "6.2.3.2",
        "un profil ICC v2 dont le nombre de composantes est celui de N",
        "Employer un profil ICC de version 2 et le N qui lui correspond (1, 3 ou 4).",
    ),
    "pdf.a1.device-colours": Rule(
        "6.2.3.3",
        "des couleurs calibrées, ou un OutputIntent du même espace (RVB ou CMJN ; un quelconque pour le gris)",
        "Ajouter l'OutputIntent qui convient, ou convertir les couleurs.",
    ),
    "pdf.a1.images": Rule("6.2.4", "ni Alternates, ni OPI, ni Interpolate true", _EXPORT),
    "pdf.a1.no-postscript": Rule("6.2.5 à 6.2.7", "ni XObject PostScript, ni XObject de référence, ni OPI", _EXPORT),
    "pdf.a1.graphics-state": Rule("6.2.8", "ni TR, ni TR2 autre que Default", _EXPORT),
    "pdf.a1.rendering-intents": Rule(
        "6.2.9", "RelativeColorimetric, AbsoluteColorimetric, Perceptual ou Saturation", "Employer un des quatre modes de rendu."
    ),
    "pdf.a1.operators": Rule("6.2.10", "les opérateurs de PDF 1.4 seulement", _EXPORT),
    "pdf.a1.font-dictionaries": Rule("6.3.2", "Type Font, un Subtype de PDF 1.4, BaseFont, et Widths du bon nombre", _EXPORT),
    "pdf.a1.composite-fonts": Rule(
        "6.3.3", "CIDToGIDMap pour un CIDFontType2, CMap Identity-H, Identity-V ou incorporée", _EXPORT
    ),
    "pdf.a1.fonts-embedded": Rule(
        "6.3.4",
        "le programme de chaque police qui écrit un texte visible (FontFile, FontFile2 ou FontFile3)",
        "Incorporer les polices, y compris Helvetica, Times et Courier.",
    ),
    "pdf.a1.font-subsets": Rule("6.3.5", "CharSet (Type 1) ou CIDSet (CIDFont) pour un sous-ensemble de police", _EXPORT),
    "pdf.a1.font-encodings": Rule(
        "6.3.7",
        "MacRomanEncoding ou WinAnsiEncoding pour une TrueType non symbolique, aucun Encoding pour une symbolique",
        _EXPORT,
    ),
    "pdf.a1.no-transparency": Rule(
        "6.4",
        "ni SMask, ni groupe Transparency, ni CA ou ca autre que 1, ni BM autre que Normal ou Compatible",
        "Aplatir la transparence (images PNG à canal alpha, ombres, filigranes).",
    ),
    "pdf.a1.annotation-types": Rule(
        "6.5.2", "un type d'annotation de PDF 1.4, hors FileAttachment, Sound et Movie", "Retirer l'annotation."
    ),
    "pdf.a1.annotation-flags": Rule(
        "6.5.3",
        "une clé F : Print à 1, Hidden, Invisible et NoView à 0 ; CA à 1 ; AP réduit à N",
        "Écrire F 4 dans chaque annotation, liens compris.",
    ),
    "pdf.a1.actions": Rule(
        "6.6.1",
        "GoTo, GoToR, Thread, URI, SubmitForm, ou Named (page suivante, précédente, première, dernière)",
        "Retirer JavaScript, Launch, Sound, Movie, ResetForm, ImportData, Hide.",
    ),
    "pdf.a1.no-additional-actions": Rule(
        "6.6.2", "aucune entrée AA, aucune action dans un champ de formulaire", "Retirer ces actions."
    ),
    "pdf.a1.xmp-present": Rule(
        "6.7.2", "un flux Metadata dans le catalogue, sans filtre", "Écrire le paquet XMP, non compressé."
    ),
    "pdf.a1.info-matches-xmp": Rule(
        "6.7.3", "pour chaque entrée de Info, la propriété XMP de même valeur", "Tirer Info et XMP des mêmes données."
    ),
    "pdf.a1.xmp-well-formed": Rule(
        "6.7.5 et 6.7.9", "un paquet XMP lisible, sans attribut bytes ni encoding", "Produire le XMP avec une bibliothèque XML."
    ),
    "pdf.a1.identification": Rule(
        "6.7.11", "pdfaid:part = 1 et pdfaid:conformance = A ou B", "Exporter en PDF/A-1a ou PDF/A-1b (et non -2 ou -3)."
    ),
    "pdf.a1.tagged": Rule(
        "6.8",
        "StructTreeRoot et MarkInfo/Marked true pour un fichier de niveau A",
        "Baliser le document, ou annoncer le niveau B.",
    ),
    "pdf.a1.forms": Rule("6.9", "NeedAppearances absent ou false", "Dessiner l'apparence des champs, ou aplatir le formulaire."),
}


@dataclass(frozen=True, slots=True)
class PdfA1Report:
    """The problems of a file, at most ten a rule. ``unread`` says what could not be looked at."""

    id: str
    problems: Mapping[str, tuple[Problem, ...]]
    examined: Mapping[str, int]
    unread: tuple[str, ...] = ()
    level: str = ""


@dataclass(slots=True)
class Survey:
    """Collects problems while a file is read. ``output`` is the colour space of the PDF/A output intent (``RGB``)."""

    problems: dict[str, list[Problem]] = field(default_factory=dict)
    examined: Counter[str] = field(default_factory=Counter)
    unread: list[str] = field(default_factory=list)
    output: str = ""
    level: str = ""
    calibrated: set[str] = field(default_factory=set)
    devices: dict[str, str] = field(default_factory=dict)
    fonts: dict[Any, tuple[str, Any]] = field(default_factory=dict)

    def look(self, rule: str, count: int = 1) -> None:
        """Note that a rule had something to look at."""
        self.examined[rule] += count

    def fault(self, rule: str, message: str, *, at: str, received: str) -> None:
        """Note a broken rule; past ten, the same rule is said enough."""
        self.examined[rule] += 1
        known = self.problems.setdefault(rule, [])
        if len(known) < MAX_PROBLEMS:
            row = RULES[rule]
            known.append(Problem(rule, message, at=at, expected=row.expected, received=received[:200] or "absent", hint=row.hint))

    def report(self, name: str) -> PdfA1Report:
        """What was found."""
        return PdfA1Report(
            name, {k: tuple(v) for k, v in self.problems.items()}, dict(self.examined), tuple(self.unread), self.level
        )
