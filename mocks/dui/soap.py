"""SOAP 1.2 with WS-Addressing: building an envelope, reading an answer, telling a refusal from an outage."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from lxml import etree

ENV = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
ANONYME = f"{WSA}/anonymous"
_ANALYSEUR = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class ReponseIllisible(ValueError):
    """The answer is not the one of this request: it must be taken as lost, for what was asked may have been done."""


class FauteSoap(Exception):
    """A SOAP fault: codes without their prefixes, and the reason given to people."""

    def __init__(self, code: str, sous_code: str, motif: str, detail: str = "") -> None:
        super().__init__(f"{motif} ({' '.join(c for c in (code, sous_code, detail) if c)})")
        self.code = code
        self.sous_code = sous_code
        self.motif = motif
        self.detail = detail


def enveloppe(
    action: str, corps: etree._Element, *, entetes: Sequence[etree._Element] = (), assertions: Sequence[etree._Element] = ()
) -> etree._Element:
    """An envelope for the DMP: addressing headers, the assertions in ``wsse:Security``, the body."""
    racine = etree.Element(_env("Envelope"), nsmap={"soap": ENV, "wsa": WSA})
    entete = etree.SubElement(racine, _env("Header"))
    etree.SubElement(entete, _wsa("MessageID")).text = f"urn:uuid:{uuid.uuid4()}"
    etree.SubElement(entete, _wsa("To"))
    reponse = etree.SubElement(entete, _wsa("ReplyTo"), {_env("mustUnderstand"): "true"})
    etree.SubElement(reponse, _wsa("Address")).text = ANONYME
    etree.SubElement(entete, _wsa("Action"), {_env("mustUnderstand"): "true"}).text = action
    for element in entetes:
        entete.append(element)
    if assertions:
        entete.append(securite(assertions))
    etree.SubElement(racine, _env("Body")).append(corps)
    return racine


def securite(assertions: Sequence[etree._Element]) -> etree._Element:
    """``wsse:Security`` around signed assertions, with nothing else in it."""
    element = etree.Element(f"{{{WSSE}}}Security", nsmap={"wsse": WSSE})
    element.extend(assertions)
    return element


def octets(racine: etree._Element) -> bytes:
    """The envelope on the wire: UTF-8, on one line, so that no blank is added inside what is signed."""
    return etree.tostring(racine, encoding="UTF-8", xml_declaration=True)


def message_id(racine: etree._Element) -> str:
    """The ``wsa:MessageID`` of an envelope, without surrounding blanks."""
    return (racine.findtext(f"{_env('Header')}/{_wsa('MessageID')}") or "").strip()


def lire(contenu: bytes, *, en_reponse_a: str = "") -> etree._Element:
    """The first element of the body of an answer.

    Raises ``FauteSoap`` for a fault, ``ReponseIllisible`` for anything that is not a SOAP answer to ``en_reponse_a``.
    """
    try:
        racine = etree.fromstring(contenu, _ANALYSEUR)
    except etree.XMLSyntaxError as erreur:
        raise ReponseIllisible(f"réponse qui n'est pas du XML : {erreur}") from None
    corps = racine.find(_env("Body"))
    if corps is None or not len(corps):
        raise ReponseIllisible("réponse sans corps SOAP 1.2")
    if corps[0].tag == _env("Fault"):
        raise _faute(corps[0])
    relie = (racine.findtext(f"{_env('Header')}/{_wsa('RelatesTo')}") or "").strip()
    if en_reponse_a and relie and relie != en_reponse_a:
        raise ReponseIllisible(f"réponse à un autre message ({relie})")
    return corps[0]


def _faute(faute: etree._Element) -> FauteSoap:
    detail = faute.find(_env("Detail"))
    premier = detail[0] if detail is not None and len(detail) else None
    return FauteSoap(
        code=_local(faute.findtext(f"{_env('Code')}/{_env('Value')}")),
        sous_code=_local(faute.findtext(f"{_env('Code')}/{_env('Subcode')}/{_env('Value')}")),
        motif=(faute.findtext(f"{_env('Reason')}/{_env('Text')}") or "erreur sans motif").strip(),
        detail="" if premier is None else str(premier.get("code", "")),
    )


def _local(qname: str | None) -> str:
    return (qname or "").strip().rpartition(":")[2]


def _env(nom: str) -> str:
    return f"{{{ENV}}}{nom}"


def _wsa(nom: str) -> str:
    return f"{{{WSA}}}{nom}"
