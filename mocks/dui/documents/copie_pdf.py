"""The section by which a structured document carries its own paper form."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from .actes import piece_jointe
from .entete import LOINC, Code, Entete, hl7
from .pdf import blocs_du_recit, imprimer
from .recit import paragraphe
from .redaction import Redaction
from .sections import Rubrique, section

COPIE = Rubrique(Code("55108-5", LOINC, "Copie du document"), ("1.2.250.1.213.1.1.2.243",), "Copie du document")


def copie_du_document(
    redaction: Redaction, entete: Entete, sections: Sequence[etree._Element], *, ordonnance: bool = False
) -> etree._Element:
    """The PDF/A-1b of these sections, under their header, as one more section."""
    blocs = blocs_du_recit(hl7("structuredBody", None, *(hl7("component", None, rubrique) for rubrique in sections)))
    ancre = redaction.ancre("copie")
    piece = piece_jointe(redaction, COPIE.code, ancre, imprimer(entete, blocs, ordonnance=ordonnance), "application/pdf")
    return section(redaction, COPIE, [paragraphe("Document au format PDF, identique au document structuré.", ancre)], [piece])
