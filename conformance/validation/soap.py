"""SOAP messages as received: envelope, WS-Addressing headers, MTOM attachments. Facts: SOAP 1.2 part 1, WS-Addressing 1.0."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ..core.errors import Inconclusive
from ..core.exchange import Exchange, Request
from ..core.providers import provider
from .mtom import XOP, ContentType, MtomError, Multipart, cid_of, parse_content_type, split
from .xml import XmlError, parse

SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
WSA = "http://www.w3.org/2005/08/addressing"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
ANONYMOUS = WSA + "/anonymous"
MAX_SIZE = 64 * 1024 * 1024
_VERSIONS = {SOAP12: "1.2", SOAP11: "1.1"}
_UTF8 = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
_MEMO = "soap"


class SoapError(ValueError):
    """The request is not a readable SOAP message. ``code`` is the SOAP 1.2 fault code, ``status`` the HTTP status that fits."""

    def __init__(self, message: str, *, code: str = "Sender", status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status


@dataclass(frozen=True, slots=True, eq=False)
class SoapMessage:
    """A parsed SOAP request. WS-Addressing values are ``""`` when absent; ``header`` is empty when the message has none.

    ``attachments`` maps Content-IDs (without ``<>``) to bytes; ``multipart`` is None for a plain SOAP body.
    ``operation`` is the local name of the first element of the body.
    """

    root: etree._Element
    header: etree._Element
    body: etree._Element
    version: str
    action: str = ""
    message_id: str = ""
    to: str = ""
    reply_to: str = ""
    relates_to: str = ""
    content_type: ContentType = field(default_factory=lambda: ContentType(""))
    attachments: Mapping[str, bytes] = field(default_factory=dict)
    multipart: Multipart | None = None
    path: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def payload(self) -> etree._Element | None:
        """First element of the body."""
        return next(_elements(self.body), None)

    @property
    def operation(self) -> str:
        """Local name of the first element of the body, or ``""``."""
        payload = self.payload
        return "" if payload is None else etree.QName(payload).localname

    def headers(self, namespace: str, name: str) -> list[etree._Element]:
        """The header blocks of that name."""
        return self.header.findall(f"{{{namespace}}}{name}")

    def assertions(self) -> list[etree._Element]:
        """The SAML assertions directly in ``wsse:Security``."""
        return self.header.findall(f"{{{WSSE}}}Security/{{{SAML}}}Assertion")

    def attachment(self, href: str) -> bytes | None:
        """The part that a ``cid:`` reference designates, or None."""
        return self.attachments.get(cid_of(href))

    def binary(self, element: etree._Element) -> bytes | None:
        """The bytes that an element holds, by ``xop:Include`` or as base64 text; None when either is broken."""
        include = element.find(f"{{{XOP}}}Include")
        if include is not None:
            return self.attachment(include.get("href", ""))
        try:
            return base64.b64decode("".join((element.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            return None


def parse_soap(request: Request) -> SoapMessage:
    """The SOAP message of a request, made once per request. Raises ``SoapError`` (French) when there is none."""
    # ``dataclasses.replace`` shares ``memo`` between requests: what is kept must say of which one it is.
    body, headers, known = request.memo.get(_MEMO, (None, None, None))
    if body is not request.body or headers is not request.headers:
        try:
            known = _parse(request)
        except SoapError as error:
            known = error
        request.memo[_MEMO] = (request.body, request.headers, known)
    if isinstance(known, SoapError):
        raise known
    assert isinstance(known, SoapMessage)
    return known


def _parse(request: Request) -> SoapMessage:
    if request.method != "POST":
        raise SoapError(f"méthode HTTP {request.method} : un appel SOAP est un POST", status=405)
    if request.body.size > MAX_SIZE:
        raise SoapError(f"corps de {request.body.size} octets : plus que les {MAX_SIZE} acceptés", status=413)
    kind = parse_content_type(request.header("Content-Type"))
    coding = request.header("Content-Encoding").strip().lower()
    if coding not in ("", "identity"):
        raise SoapError(f"corps compressé (Content-Encoding : {coding}) : un appel s'envoie tel quel", status=415)
    data = request.body.read()
    multipart = None
    if kind.media.startswith("multipart/"):
        try:
            multipart = split(data, kind)
        except MtomError as error:
            raise SoapError(f"message MTOM illisible : {error}") from error
    charset = (multipart.root.content_type if multipart else kind).get("charset").lower()
    if charset not in _UTF8:
        raise SoapError(f"jeu de caractères « {charset} » : UTF-8 attendu", status=415)
    return _message(request, kind, multipart, bytes(multipart.root.content) if multipart else data)


def _message(request: Request, kind: ContentType, multipart: Multipart | None, xml: bytes) -> SoapMessage:
    try:
        root = parse(xml, max_size=MAX_SIZE)
    except XmlError as error:
        raise SoapError(f"XML illisible : {error}") from error
    encoding = (root.getroottree().docinfo.encoding or "").lower()
    if encoding not in _UTF8:
        raise SoapError(f"enveloppe en « {encoding} » (déclaration XML) : UTF-8 attendu", status=415)
    name = etree.QName(root)
    namespace = str(name.namespace or "")
    if name.localname != "Envelope":
        raise SoapError(f"la racine est « {name.localname} » : une enveloppe SOAP était attendue")
    if namespace not in _VERSIONS:
        raise SoapError(f"espace de noms d'enveloppe inconnu : « {namespace} »", code="VersionMismatch", status=500)
    body = root.find(f"{{{namespace}}}Body")
    if body is None:
        raise SoapError("enveloppe SOAP sans élément Body")
    header = root.find(f"{{{namespace}}}Header")
    if header is None:
        header = etree.Element(f"{{{namespace}}}Header")
    return SoapMessage(
        root=root,
        header=header,
        body=body,
        version=_VERSIONS[namespace],
        action=_text(header, "Action"),
        message_id=_text(header, "MessageID"),
        to=_text(header, "To"),
        reply_to=_text(header, f"ReplyTo/{{{WSA}}}Address"),
        relates_to=_text(header, "RelatesTo"),
        content_type=kind,
        attachments=multipart.attachments if multipart else {},
        multipart=multipart,
        path=request.path,
    )


def _text(header: etree._Element, name: str) -> str:
    return (header.findtext(f"{{{WSA}}}{name}") or "").strip()


def _elements(parent: etree._Element) -> Iterator[etree._Element]:
    return (child for child in parent if isinstance(child.tag, str))


@provider
def _message_of(exchange: Exchange) -> SoapMessage:
    try:
        return parse_soap(exchange.http)
    except SoapError as error:
        raise Inconclusive(error.message) from error
