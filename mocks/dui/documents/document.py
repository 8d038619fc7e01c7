"""A document as the DUI keeps it once validated: its bytes never change, whatever number of times they are sent."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lxml import etree

from . import (
    cr_biologie,
    dlu_ehpad,
    export_dui,
    fiche_retour_su,
    fiche_transfert_su,
    fludr,
    fludt,
    historique_vaccinations,
    lettre_liaison_entree_es,
    lettre_liaison_sortie_es,
    niveau_1,
    note_vaccination,
    prescription_produits,
    synthese_medicale,
    trod,
)
from .type_document import TypeDocument

_JAMAIS = datetime(1, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Document:
    """A validated document. ``octets`` is what is sent and what is signed; ``imprime`` makes its paper form; ``prescription``
    is the unique identifier of a prescription, ``""`` for another document. ``set_id`` names all its versions; ``remplace``
    is the reference of the one that this version replaces in the DMP; ``visibilite`` is who may not see it there."""

    reference: str
    type: TypeDocument
    octets: bytes
    imprime: Callable[[], bytes] = field(default=bytes, repr=False, compare=False)
    prescription: str = ""
    set_id: str = ""
    version: int = 1
    acte_le: datetime = _JAMAIS
    visibilite: str = ""
    remplace: str = ""

    @property
    def racine(self) -> etree._Element:
        """The header and body, read back from the bytes: metadata are taken from what is really sent."""
        return etree.fromstring(self.octets)


_STRUCTURES = (
    note_vaccination,
    historique_vaccinations,
    trod,
    synthese_medicale,
    fiche_transfert_su,
    fiche_retour_su,
    dlu_ehpad,
    fludt,
    fludr,
    lettre_liaison_entree_es,
    lettre_liaison_sortie_es,
    prescription_produits,
    cr_biologie,
    export_dui,
)

TYPES: dict[str, TypeDocument] = {sorte.id: sorte for sorte in (*(module.TYPE for module in _STRUCTURES), *niveau_1.TYPES)}
"""By wire name: each module writes one kind, which its ``TYPE`` declares."""


def serialiser(racine: etree._Element) -> bytes:
    """The document's file: UTF-8, with its XML declaration, one element a line for who reads it."""
    lisible = copy.deepcopy(racine)
    etree.indent(lisible, space=" ")
    return etree.tostring(lisible, encoding="UTF-8", xml_declaration=True)
