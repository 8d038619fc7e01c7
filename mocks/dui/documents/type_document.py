"""What the DUI knows of each kind of document that it can write: how to write it, and how the DMP files it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

from .entete import Code, Entete, Modele

_CLASSES = "1.2.250.1.213.1.1.4.1"
_FORMATS_IHE = "1.3.6.1.4.1.19376.1.2.3"
_FORMATS_ANS = "1.2.250.1.213.1.1.4.2.282"

COMPTE_RENDU = Code("10", _CLASSES, "Compte rendu")
SYNTHESE = Code("11", _CLASSES, "Synthèse")
PRESCRIPTION = Code("42", _CLASSES, "Prescription")
CERTIFICAT = Code("52", _CLASSES, "Certificat, déclaration")


def format_ihe(urn: str, libelle: str) -> Code:
    """A format code that IHE defines (PDF, text, IPS, pharmacy)."""
    return Code(urn, _FORMATS_IHE, libelle)


def format_ans(urn: str, libelle: str) -> Code:
    """A format code of the French nomenclature."""
    return Code(urn, _FORMATS_ANS, libelle)


@dataclass(frozen=True, slots=True)
class TypeDocument:
    """A kind that the DUI can write. ``id`` is its wire name, ``redige`` writes the whole document from its header.

    ``dmp`` is False for what the DUI never sends there: documents that it received, or whose type the DMP does not take.
    ``qualifiee`` is True for what is written of a qualified identity only.
    """

    id: str
    modele: Modele
    redige: Callable[[Entete], etree._Element]
    classe: Code
    format: Code
    dmp: bool = True
    qualifiee: bool = False
