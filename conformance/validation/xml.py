"""The only XML parser of the house: hardened, deterministic, with its own size cap.

No entity is expanded, no DTD or URL is read, a document with a DOCTYPE is refused. Very long text nodes (base64
bodies) are accepted under the size cap; nesting is bounded by libxml2 (2,048 levels).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

MEBIBYTE = 1024 * 1024
MAX_SIZE = 120 * MEBIBYTE

PREFIXES: Mapping[str, str] = {
    "urn:hl7-org:v3": "",
    "urn:hl7-org:sdtc": "sdtc",
    "urn:oid:1.3.6.1.4.1.19376.1.3.2": "lab",
    "urn:ihe:pharm:medication": "pharm",
    "urn:ihe:pharm": "pharm",
    "http://www.w3.org/2001/XMLSchema-instance": "xsi",
    "http://www.w3.org/2003/05/soap-envelope": "soap",
    "http://schemas.xmlsoap.org/soap/envelope/": "soap11",
    "http://www.w3.org/2005/08/addressing": "wsa",
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd": "wsse",
    "urn:oasis:names:tc:SAML:2.0:assertion": "saml2",
    "http://www.w3.org/2000/09/xmldsig#": "ds",
    "urn:ihe:iti:xds-b:2007": "xds",
    "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0": "rim",
    "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0": "lcm",
    "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0": "rs",
    "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0": "query",
}
"""Prefixes that messages show, whatever the document uses; CDA elements are shown without prefix."""

_TRANSLATIONS = (
    ("Start tag expected", "le contenu n'est pas du XML (balise ouvrante attendue)"),
    ("Document is empty", "le document est vide"),
    ("Opening and ending tag mismatch", "balise ouvrante et balise fermante différentes"),
    ("Premature end of data", "le document est tronqué (balise non refermée)"),
    ("Extra content at the end", "du contenu suit l'élément racine"),
    ("Couldn't find end of Start Tag", "le document est tronqué dans une balise"),
    ("Namespace prefix", "un préfixe d'espace de noms n'est pas déclaré"),
    ("Input is not proper UTF-8", "les octets ne sont pas de l'UTF-8 valide : indiquer le bon encodage"),
    ("Invalid bytes in character encoding", "les octets ne correspondent pas à l'encodage annoncé"),
    ("conversion failed", "les octets ne correspondent pas à l'encodage annoncé"),
    ("encoding", "l'encodage annoncé n'est pas reconnu ou ne correspond pas aux octets"),
    ("Excessive depth", "imbrication trop profonde des éléments"),
    ("amplification", "expansion d'entités refusée"),
    ("Entity", "appel d'une entité non déclarée"),
    ("redefined", "attribut répété dans un même élément"),
    ("xmlParseCharRef", "référence de caractère interdite en XML"),
    ("PCDATA invalid Char value", "caractère interdit en XML 1.0"),
    ("invalid Char", "caractère interdit en XML 1.0"),
    ("internal subset", "déclaration DOCTYPE refusée"),
    ("attributes construct error", "attribut mal écrit (guillemet ou espace manquant, ou document tronqué)"),
    ("AttValue", "valeur d'attribut mal écrite (guillemets, ou « < » non échappé)"),
    ("Specification mandate", "attribut sans valeur"),
    ("Blank needed", "espace manquant"),
    ("invalid element name", "nom d'élément mal formé, ou « < » non échappé dans le texte"),
    ("EntityRef", "« & » non échappé, ou appel d'entité mal écrit"),
    ("EndTag", "balise fermante mal écrite, ou document tronqué"),
    ("Comment not terminated", "commentaire non refermé"),
    ("Double hyphen within comment", "« -- » à l'intérieur d'un commentaire"),
    ("CData section not finished", "section CDATA non refermée"),
    ("PI ", "instruction de traitement mal écrite"),
    ("XML declaration allowed only at the start", "la déclaration XML n'est pas au début du fichier"),
    ("XML or text declaration not at start", "la déclaration XML n'est pas au début du fichier"),
)


_UTF8 = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']utf-8["']""", re.IGNORECASE)


class XmlError(ValueError):
    """Bytes that are not an acceptable XML document. ``message`` is French; ``line`` is 0 when unknown."""

    def __init__(self, message: str, *, line: int = 0) -> None:
        super().__init__(f"{message} (ligne {line})" if line else message)
        self.message = message
        self.line = line


def parse(data: bytes, *, max_size: int = MAX_SIZE) -> etree._Element:
    """The root element of an XML document; raises :class:`XmlError` for anything that is not one, or is dangerous."""
    if len(data) > max_size:
        raise XmlError(f"document de {_size(len(data))}, plus grand que la limite de {_size(max_size)}")
    if not data.strip():
        raise XmlError("le document est vide")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=True, remove_blank_text=False
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise XmlError(_french(error), line=_line(error)) from error
    except ValueError as error:
        raise XmlError(f"encodage refusé : {error}") from error
    if _wrongly_announced(data):
        raise XmlError("XML mal formé : l'encodage annoncé (UTF-8) n'est pas celui des octets (UTF-16)", line=1)
    if root.getroottree().docinfo.doctype:
        raise XmlError("le document contient une déclaration DOCTYPE, refusée (entités externes)", line=1)
    return root


def _wrongly_announced(data: bytes) -> bool:
    """True for UTF-16 bytes that say UTF-8: libxml2 reads them whatever the declaration says."""
    two_bytes = data[:2] in (b"<\0", b"\0<", b"\xff\xfe", b"\xfe\xff")
    return two_bytes and _UTF8.search(data[:400].replace(b"\0", b"")) is not None


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return etree.QName(element).localname


def qualified_name(element: etree._Element) -> str:
    """The element's name with the prefix that messages use."""
    name = etree.QName(element)
    prefix = PREFIXES.get(name.namespace or "", element.prefix or "")
    return f"{prefix}:{name.localname}" if prefix else name.localname


def xpath_of(element: etree._Element) -> str:
    """A short XPath of an element: known prefixes, an index only among several siblings of the same name."""
    steps: list[str] = []
    current: etree._Element | None = element
    while current is not None:
        steps.append(qualified_name(current) + _index(current))
        current = current.getparent()
    return "/" + "/".join(reversed(steps))


def place_of(element: etree._Element) -> str:
    """XPath and line of an element, as findings show them."""
    line = element.sourceline
    return f"{xpath_of(element)} (ligne {line})" if line else xpath_of(element)


def _index(element: etree._Element) -> str:
    tag = str(element.tag)
    before = sum(1 for _ in element.itersiblings(tag, preceding=True))
    if before or next(element.itersiblings(tag), None) is not None:
        return f"[{before + 1}]"
    return ""


def _line(error: etree.XMLSyntaxError) -> int:
    return int(error.position[0]) if error.position and error.position[0] else 0


def _french(error: etree.XMLSyntaxError) -> str:
    text = error.msg or ""
    known = next((french for english, french in _TRANSLATIONS if english in text), "")
    return f"XML mal formé : {known or _unknown(text)}"


def _unknown(text: str) -> str:
    """A message of libxml2 that has no translation yet, without the place that the finding gives."""
    return f"erreur de syntaxe (« {text.partition(', line ')[0]} »)"


def _size(count: int) -> str:
    return f"{count / MEBIBYTE:.1f} Mio".replace(".", ",")
