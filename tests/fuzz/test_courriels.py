"""The judge of mails given anything: it judges or refuses, it never raises and never says that the harness failed.

Bounded in CI; ``-m long``: 100,000 inputs a parser, 10,000 spoilt mails.
"""

from __future__ import annotations

import io
import random
import time
import zipfile
from collections.abc import Callable

import pytest
from checks.mss.exemples import DAY, SIMPLE, right, variant
from dui_conformance.checks.courriel import check_archive, check_message
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.mail import RawMail
from dui_conformance.validation.mail.addresses import parse_addresses
from dui_conformance.validation.mail.headers import MailError, decode_words
from dui_conformance.validation.mail.parameters import parse
from dui_conformance.validation.mail.receipts import read_fields
from dui_conformance.validation.xdm import XdmError, XdmFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples.abime import spoilt

SECONDS, LONG, LONG_MAILS = 2.0, 100_000, 10_000
PIECES = (
    *(b"\r\n", b"\n", b"\r", b"\x00", b"\xff\xfe", b"--", b"=?utf-8?Q?", b"?=", b'"', b"(", b"<", b"@", b";", b"%PDF-", b"UEsD"),
    *(b"charset=", b"boundary=", b"base64", b"multipart/mixed", b"message/rfc822", b"Content-Type: ", b"X-MSS-INS: O\r\n"),
    *(b"PK\x01\x02", b"PK\x05\x06", b"../"),
)
FUZZ = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


def altered(data: bytes, draw: random.Random) -> bytes:
    """The bytes spoilt, half the time in their first ones only: what says how to read the rest."""
    head = 4000 if draw.random() < 0.5 else len(data)
    return spoilt(data[:head], draw, PIECES) + data[head:]


def mails(seconds: float, most: int) -> int:
    """Spoilt mails judged whole; gives how many."""
    sources = [SIMPLE, right(), variant("accuse-refus")[0], variant("deux-documents")[0], variant("reponse")[0]]
    assert all(check_message(source, day=DAY).pieces for source in sources)
    draw, count, end = random.Random(19), 0, time.monotonic() + seconds
    while count < most and time.monotonic() < end:
        data = altered(draw.choice(sources), draw)
        verdict = check_message(data, day=DAY)
        assert verdict.pieces
        assert all(a.verdict is not Verdict.ERREUR for a in verdict.applications), data
        count += 1
    return count


def archives(seconds: float, most: int) -> int:
    """Spoilt archives judged whole; gives how many."""
    draw, count, end = random.Random(7), 0, time.monotonic() + seconds
    source = RawMail(right()).mail.archives[0].content
    with zipfile.ZipFile(io.BytesIO(source)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    while count < most and time.monotonic() < end:
        if draw.random() < 0.5:
            data = altered(source, draw)
        else:
            name = draw.choice(list(files))
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
                for path, content in files.items():
                    archive.writestr(path, altered(content, draw) if path == name else content)
            data = buffer.getvalue()
        assert check_archive(data, day=DAY).pieces
        count += 1
    return count


def test_spoilt_mails_are_judged() -> None:
    assert mails(SECONDS, LONG_MAILS) > 20


def test_spoilt_archives_are_judged() -> None:
    assert archives(SECONDS, LONG_MAILS) > 20


@pytest.mark.long
def test_many_spoilt_mails_and_archives_are_judged() -> None:
    assert mails(3600, LONG_MAILS) == LONG_MAILS
    assert archives(3600, LONG_MAILS) == LONG_MAILS


def cut(data: bytes) -> None:
    """A whole tree, decoded; or a refusal."""
    try:
        mail = RawMail(data).mail
    except MailError:
        return
    assert mail.kind.startswith("mss.courriel")
    for part in mail.leaves:
        assert part.text is not None
        assert len(part.content) <= len(data)
    assert list(mail.faults("entete", "type", "frontiere", "encodage", "nom")) is not None


def opened(data: bytes) -> None:
    """An archive; or a refusal."""
    try:
        assert XdmFile(b"PK\x03\x04" + data).xdm
    except XdmError:
        return


def worded(data: bytes) -> None:
    text = data.decode("latin-1")
    assert isinstance(decode_words(text)[0], str)
    assert all(address.address is not None for address in parse_addresses(text))
    assert parse(text).value == parse(text).value
    assert read_fields(data) is not None


PARSERS = {"message": cut, "archive": opened, "textes": worded}


@pytest.mark.parametrize("name", PARSERS)
@FUZZ
@given(data=st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    PARSERS[name](data)


@pytest.mark.long
@pytest.mark.parametrize("name", PARSERS)
def test_a_hundred_thousand_inputs_are_read_or_refused(name: str) -> None:
    draw = random.Random(3)
    read: Callable[[bytes], None] = PARSERS[name]
    for _ in range(LONG):
        read(altered(SIMPLE, draw))
