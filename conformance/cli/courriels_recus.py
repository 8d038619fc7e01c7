"""Mails handed to a DUI as received from elsewhere, and the documents that they carry, by the reference DUI's generator."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from lxml import etree

from ..core.errors import HarnessError
from ..core.people import Usager
from ..fixtures.people import usager as fictional
from ..fixtures.professionals import professionals
from .documents_recus import AUTHOR

if TYPE_CHECKING:
    from ..mocks.mss.corpus import Joint

_HL7 = "{urn:hl7-org:v3}"
TYPE, SECOND = "note-vaccination", "trod"


def received_mails(
    variante: str, usager: Usager, *, de: str, libelle: str, a: str, le: datetime, graine: str, original: bytes = b""
) -> list[bytes]:
    """The mails of a variant of the corpus about this usager, sent by ``de`` to ``a`` at ``le``, in the order of their arrival.

    ``original`` is the message of the DUI that a receipt or an answer is about.
    """
    from ..mocks.mss.corpus import VARIANTES, Correspondance, courriels
    from ..mocks.mss.corpus.variantes import Documents

    if variante not in VARIANTES:
        raise HarnessError(f"variante de courriel inconnue : {variante}")
    first, version = _versions(TYPE, usager, graine)
    other = fictional("qualifie", f"{graine}/autre")
    documents = Documents(
        first, version, _versions(SECOND, usager, graine)[0], _versions(TYPE, other, f"{graine}/autre")[0], original
    )
    answered = _message_id(original) if original else ""
    return courriels(variante, replace(Correspondance(de, libelle, a, le, graine), en_reponse_a=answered), documents)


def _message_id(original: bytes) -> str:
    from email import message_from_bytes

    return str(message_from_bytes(original).get("Message-ID", "")).strip()


def _versions(type: str, usager: Usager, graine: str) -> tuple[Joint, Joint]:
    """A document with its paper form, and its next version."""
    from ..mocks.dui.documents.document import serialiser
    from ..mocks.dui.exemples import document, structure_de
    from ..mocks.mss.corpus import Joint

    number = int.from_bytes(hashlib.sha256(f"{usager.id}/{graine}/{type}".encode()).digest()[:4], "big")
    made = document(type, usager.as_dict(), professionals()[AUTHOR], structure_de(None), graine=number)
    pdf = made.imprime()
    return Joint(made.octets, pdf), Joint(serialiser(_next(made.racine, number)), pdf)


def _next(root: etree._Element, number: int) -> etree._Element:
    """The second version of a document: its own identifier, and the first named as replaced."""
    identifier, version = root.find(f"{_HL7}id"), root.find(f"{_HL7}versionNumber")
    assert identifier is not None
    assert version is not None
    related = etree.SubElement(root, f"{_HL7}relatedDocument", {"typeCode": "RPLC"})
    parent = etree.SubElement(related, f"{_HL7}parentDocument")
    etree.SubElement(parent, f"{_HL7}id", dict(identifier.attrib))
    root.findall(f"{_HL7}documentationOf")[-1].addnext(related)
    identifier.set("root", f"2.25.{number}{number}")
    version.set("value", "2")
    return root
