"""The paper form of any document: the PDF that it holds, else its narrative printed."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace

from lxml import etree

from ..comptes import Utilisateur
from .entete import Entete
from .pdf import HL7, blocs_du_recit, imprimer

_PDF = "h:component/h:nonXMLBody/h:text | .//h:section[h:templateId/@root='1.2.250.1.213.1.1.2.243']//h:observationMedia/h:value"
_AUTEUR = "h:author[1]/h:assignedAuthor"


def forme_papier(entete: Entete, racine: etree._Element) -> bytes:
    """The PDF/A-1b of a document that was just written."""
    tenus = racine.xpath(_PDF, namespaces=HL7)
    try:
        if tenus and tenus[0].text:
            return base64.b64decode(tenus[0].text, validate=True)
    except binascii.Error:
        """A defect spoiled what the document holds, not what the screen prints."""
    return imprimer(replace(entete, auteur=_auteur(racine)), blocs_du_recit(racine))


def _auteur(racine: etree._Element) -> Utilisateur:
    """Who signs the document, a person or a software: its writer may have been someone else's secretary."""
    profession, _, savoir_faire = _dit(racine, "h:code/@code").removeprefix("G15_").partition("/")
    return Utilisateur(
        compte="",
        id_nat=_dit(racine, "h:id/@extension"),
        nom=_dit(racine, "h:assignedPerson/h:name/h:family") or _dit(racine, "h:assignedAuthoringDevice/h:softwareName"),
        prenom=_dit(racine, "h:assignedPerson/h:name/h:given"),
        profession=profession if profession.isdigit() else _dit(racine, "h:code/@displayName"),
        savoir_faire=savoir_faire,
    )


def _dit(racine: etree._Element, chemin: str) -> str:
    return str(racine.xpath(f"normalize-space({_AUTEUR}/{chemin})", namespaces=HL7))
