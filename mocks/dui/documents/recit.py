"""The narrative of a section: tables and paragraphs, each cell with the anchor that an entry points to."""

from __future__ import annotations

from lxml import etree

from .entete import hl7
from .redaction import Redaction


class Tableau:
    """A table of the narrative. ``ligne`` returns the anchors of the cells, in their order."""

    def __init__(self, redaction: Redaction, prefixe: str, *colonnes: str) -> None:
        self._redaction = redaction
        self._prefixe = prefixe
        self._colonnes = colonnes
        self._lignes: list[etree._Element] = []

    def ligne(self, *cellules: str) -> tuple[str, ...]:
        """One more row; an empty cell shows a dash."""
        ancres = tuple(self._redaction.ancre(self._prefixe) for _ in cellules)
        self._lignes.append(
            hl7("tr", None, *(hl7("td", {"ID": a}, c or "—") for a, c in zip(ancres, cellules, strict=True))),
        )
        return ancres

    @property
    def element(self) -> etree._Element:
        """The table, heading included."""
        titres = hl7("tr", None, *(hl7("th", None, colonne) for colonne in self._colonnes))
        return hl7("table", {"border": "1"}, hl7("thead", None, titres), hl7("tbody", None, *self._lignes))


def paragraphe(phrase: str, ancre: str = "") -> etree._Element:
    """A sentence of the narrative, with its anchor when an entry points to it."""
    contenu = hl7("content", {"ID": ancre}, phrase) if ancre else phrase
    return hl7("paragraph", None, contenu)
