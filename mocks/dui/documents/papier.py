"""The paper form of any document: the PDF that it holds, else its narrative printed."""

from __future__ import annotations

import base64
import binascii

from lxml import etree

from .entete import Entete
from .pdf import HL7, blocs_du_recit, imprimer

_PDF = "h:component/h:nonXMLBody/h:text | .//h:section[h:templateId/@root='1.2.250.1.213.1.1.2.243']//h:observationMedia/h:value"


def forme_papier(entete: Entete, racine: etree._Element) -> bytes:
    """The PDF/A-1b of a document that was just written."""
    tenus = racine.xpath(_PDF, namespaces=HL7)
    try:
        if tenus and tenus[0].text:
            return base64.b64decode(tenus[0].text, validate=True)
    except binascii.Error:
        """A defect spoiled what the document holds, not what the screen prints."""
    return imprimer(entete, blocs_du_recit(racine))
