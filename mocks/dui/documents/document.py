"""A document as the DUI keeps it once validated: its bytes never change, whatever number of times they are sent."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from . import niveau_1, note_vaccination
from .type_document import TypeDocument


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


TYPES = {sorte.id: sorte for sorte in (note_vaccination.TYPE, *niveau_1.TYPES)}
"""By wire name: each module writes one kind, which its ``TYPE`` declares."""


def serialiser(racine: etree._Element) -> bytes:
    """The document's file: UTF-8, with its XML declaration."""
    return etree.tostring(racine, encoding="UTF-8", xml_declaration=True)
