"""A document as the DUI keeps it once validated: its bytes never change, whatever number of times they are sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from . import note_vaccination
from .entete import Code, Entete, Modele


@dataclass(frozen=True, slots=True)
class TypeDocument:
    """A kind that the DUI can write: how, and how the DMP files it."""

    modele: Modele
    redige: Callable[[Entete], etree._Element]
    classe: Code
    format: Code


@dataclass(frozen=True, slots=True)
class Document:
    """A validated document. ``octets`` is what is sent and what is signed."""

    reference: str
    type: TypeDocument
    octets: bytes

    @property
    def racine(self) -> etree._Element:
        """The header and body, read back from the bytes: metadata are taken from what is really sent."""
        return etree.fromstring(self.octets)


TYPES = {
    "note-vaccination": TypeDocument(
        modele=note_vaccination.MODELE,
        redige=lambda entete: note_vaccination.note_de_vaccination(entete, note_vaccination.Vaccination(le=entete.acte_le)),
        classe=Code("52", "1.2.250.1.213.1.1.4.1", "Certificat, déclaration"),
        format=Code("urn:asip:ci-sis:vac-note:2021", "1.2.250.1.213.1.1.4.2.282", "Note de vaccination"),
    ),
}


def serialiser(racine: etree._Element) -> bytes:
    """The document's file: UTF-8, with its XML declaration."""
    return etree.tostring(racine, encoding="UTF-8", xml_declaration=True)
