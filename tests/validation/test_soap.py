"""Reading SOAP requests: what is extracted, and clean errors on bad input."""

from __future__ import annotations

import pytest
from dui_conformance.core.clock import Clock
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.exchange import Body, Connection, Exchange, Request
from dui_conformance.validation.mtom import build_mtom
from dui_conformance.validation.soap import SoapError, SoapMessage, parse_soap

ENVELOPE = """<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"
 xmlns:a="http://www.w3.org/2005/08/addressing">
<s:Header><a:MessageID>urn:uuid:1</a:MessageID><a:To/><a:ReplyTo><a:Address> adr </a:Address></a:ReplyTo>
<a:Action s:mustUnderstand="true">urn:action</a:Action></s:Header>
<s:Body><!-- c --><op xmlns="urn:x"><d>{doc}</d></op></s:Body></s:Envelope>"""
INCLUDE = '<i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:doc%201"/>'
SOAP = "application/soap+xml; charset=UTF-8"


def request(data: bytes, kind: str = SOAP, method: str = "POST") -> Request:
    return Request(method, "/chemin?x=1", (("content-type", kind),), Body(data), Connection())


def test_plain_message_is_read() -> None:
    message = parse_soap(request(ENVELOPE.format(doc="w6k=").encode()))
    assert (message.version, message.action, message.message_id, message.to, message.reply_to) == (
        "1.2",
        "urn:action",
        "urn:uuid:1",
        "",
        "adr",
    )
    assert message.operation == "op"
    assert message.path == "/chemin"
    assert message.multipart is None
    assert message.payload is not None
    assert message.binary(message.payload[0]) == "é".encode()


def test_mtom_message_gives_its_attachments() -> None:
    kind, raw = build_mtom(ENVELOPE.format(doc=INCLUDE).encode(), [("doc 1", "text/xml", b"\x00\r\n")], boundary="b")
    message = parse_soap(request(raw, kind))
    assert message.payload is not None
    assert message.binary(message.payload[0]) == b"\x00\r\n"
    assert message.attachment("cid:absent") is None


def test_request_is_parsed_once() -> None:
    one = request(ENVELOPE.encode())
    assert parse_soap(one) is parse_soap(one)


def test_soap_1_1_is_read_and_told_apart() -> None:
    text = ENVELOPE.replace("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/")
    assert parse_soap(request(text.encode(), "text/xml")).version == "1.1"


BOMB = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'
XXE = b'<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l>&x;</l>'


@pytest.mark.parametrize(
    ("sent", "words", "status"),
    [
        (request(b"x", method="GET"), "POST", 405),
        (request(BOMB), "XML illisible", 400),
        (request(XXE), "XML illisible", 400),
        (request(b""), "XML illisible", 400),
        (request(b"{}"), "XML illisible", 400),
        (request(ENVELOPE.encode("utf-16")[2:]), "XML illisible", 400),
        (request("<é/>".encode("latin-1")), "XML illisible", 400),
        (request(ENVELOPE.encode(), "application/soap+xml; charset=ISO-8859-1"), "iso-8859-1", 415),
        (request(b"<Envelope/>"), "espace de noms", 500),
        (request(b"<html/>"), "enveloppe SOAP", 400),
        (request(b'<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"/>'), "sans élément Body", 400),
        (request(b"--x", "multipart/related; boundary=y"), "MTOM illisible", 400),
    ],
)
def test_bad_input_is_a_clean_error(sent: Request, words: str, status: int) -> None:
    for _ in range(2):
        with pytest.raises(SoapError, match=words) as caught:
            parse_soap(sent)
        assert caught.value.status == status


def test_exchange_gives_the_message_or_is_inconclusive() -> None:
    clock = Clock()

    def exchange(data: bytes) -> Exchange:
        return Exchange("e1", "dmp", "dmp.td0.2", request(data), None, Connection(), clock.times())

    assert exchange(ENVELOPE.encode()).view(SoapMessage).action == "urn:action"
    with pytest.raises(Inconclusive, match="XML illisible"):
        exchange(b"<").view(SoapMessage)
