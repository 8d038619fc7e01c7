"""Malformed calls to INSi, in process: each is answered, by a fault when it cannot be read; nothing breaks, nothing is slow.

Bounded in CI; ``-m long``: 100,000 inputs. Three families: bytes of whole messages edited at random, XML trees with nodes moved,
doubled, renamed or emptied, and values replaced by hostile texts.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest
from dui_conformance.core.exchange import Body, Reply
from dui_conformance.mocks.insi.app import Insi
from dui_conformance.validation.ins.response import read_response
from dui_conformance.validation.xml import parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from samples import insi
from samples.abime import regrafted, spoilt

EXAMPLES, LONG = 150, 100_000
PATIENCE = 5.0
"""Seconds that one answer may take: far more than it needs, far less than a hang."""
HOSTILE = (
    *("", " ", "'", "--", "&amp;", "<x/>", "\ufffd", "\u202e", "٣", "-1", "NaN", "9" * 5000, "é" * 1000, "A" * 100_000),
    *("0000-00-00", "1960-13-45", "99999", "2A999", "LOT00000001", "uuid:", "urn:uuid:" + "0" * 500, "../../etc/passwd", "\n\n"),
)
TOKENS = (
    *(b"<", b">", b"&", b'"', b"'", b"\x00", b"\xff", b"\xc3", b"]]>", b"<!DOCTYPE x>", b"<!--", b"--", b"\r\n", b"{", b"}"),
    *(b"\xef\xbb\xbf", b"xmlns=''", b"9" * 60, b"<x:", b"</s:Body>", b"</s:Header>", b"RECVITALE", b"IndividuVerifie"),
)


@cache
def messages() -> tuple[bytes, ...]:
    """A right message of each operation and of each mode."""
    return tuple(
        text.encode()
        for text in (
            insi.envelope(insi.traits(Prenom="ANNE+LISE")),
            insi.envelope(insi.card(), action=insi.CARD),
            insi.envelope(insi.verification(), action=insi.VERIFY),
            insi.envelope(insi.lot(("a", "96"), ("b", "00")), action=insi.LOT),
            insi.envelope(insi.lot_result("LOT00000001"), action=insi.LOT_RESULT),
            insi.envelope(insi.traits(), security=insi.assertion("CPS", signed=True), emetteur=insi.PS),
            insi.envelope(insi.traits(), security=insi.assertion("PSC"), emetteur=insi.PS),
        )
    )


@cache
def service(*, strict: bool = False) -> Insi:
    """One INSi for all inputs: what one leaves behind may not break the next."""
    return insi.service(strict=strict)


def sent(data: bytes, kind: str | None = None, *, strict: bool = False) -> Reply:
    """The answer to these bytes: in time, an HTTP answer that our own reader understands."""
    request = insi.request(b"")
    headers = request.headers if kind is None else (("Content-Type", kind),)
    one = replace(request, headers=headers, body=Body(data), memo={})
    began = time.monotonic()
    assert service(strict=strict).describe("insi", one).kind.startswith("insi.")
    reply = service(strict=strict).handle("insi", one, insi.NOW)
    assert time.monotonic() - began < PATIENCE
    assert reply.status in (200, 400, 404, 405, 413, 415, 500)
    answer = read_response(reply.status, reply.body.read())
    if reply.status == 200:
        assert answer.cr or answer.verification or answer.lot
        return reply
    root = parse(reply.body.read())
    assert etree.QName(root).localname == "Envelope"
    assert root.find(".//{*}Fault") is not None
    assert answer.reason
    return reply


PRINTABLE = tuple("".join(c for c in text if c.isprintable() or c == "\n") for text in HOSTILE)
FAMILIES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "octets": lambda data, draw: spoilt(data, draw, TOKENS),
    "arbres": lambda data, draw: regrafted(data, draw, PRINTABLE),
}


def fuzzed(family: str, number: int) -> None:
    """One input, told by its number."""
    draw = random.Random(f"{family}/{number}")
    data = FAMILIES[family](draw.choice(messages()), draw)
    sent(data, strict=number % 3 == 0)


@pytest.mark.parametrize("family", FAMILIES)
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(number=st.integers(0, 10**9))
def test_malformed_call_is_answered(family: str, number: int) -> None:
    fuzzed(family, number)


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    data=st.binary(max_size=300),
    kind=st.sampled_from(["application/soap+xml", "text/xml", "", "multipart/related", 'a/b; c="', "é"]),
)
def test_any_bytes_under_any_type_are_answered(data: bytes, kind: str) -> None:
    sent(data, kind)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("family", FAMILIES)
def test_fifty_thousand_inputs_of_each_family(family: str) -> None:
    for number in range(LONG // len(FAMILIES)):
        fuzzed(family, number)
