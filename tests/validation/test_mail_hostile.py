"""Mails and archives made to harm: judged, or refused with one finding; memory and time bounded."""

from __future__ import annotations

import base64
import io
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable

import pytest
from checks.mss.exemples import SIMPLE, header, judged, right
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.mail import RawMail
from dui_conformance.validation.mail.addresses import parse_addresses
from dui_conformance.validation.mail.headers import MailError, decode_words
from dui_conformance.validation.mail.message import LARGEST
from dui_conformance.validation.mail.parameters import parse
from dui_conformance.validation.xdm import XdmError, read_archive

MEBIBYTE = 1024 * 1024
HEAD = header("Content-Type", None, header("Content-Transfer-Encoding", None)).partition(b"\r\n\r\n")[0]


def multipart(depth: int) -> bytes:
    inner = b"Content-Type: text/plain\r\n\r\nfond\r\n"
    for level in range(depth):
        mark = b"n%d" % level
        inner = (
            b"Content-Type: multipart/mixed; boundary=" + mark + b"\r\n\r\n--" + mark + b"\r\n" + inner + b"--" + mark + b"--\r\n"
        )
    return HEAD + b"\r\n" + inner


def parts(count: int) -> bytes:
    return HEAD + b"\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * count + b"--b--\r\n"


def chain(depth: int) -> bytes:
    inner = SIMPLE
    for _ in range(depth):
        inner = HEAD + b"\r\nContent-Type: message/rfc822\r\n\r\n" + inner
    return inner


REFUSED: dict[str, Callable[[], bytes]] = {
    "profondeur-1000": lambda: multipart(1000),
    "profondeur-20": lambda: multipart(20),
    "100000-parties": lambda: parts(100_000),
    "entetes-1-mo": lambda: b"Subject: " + b"a" * MEBIBYTE + b"\r\n" + SIMPLE,
    "20000-entetes": lambda: b"A: b\r\n" * 20_000 + SIMPLE,
    "100-mo": lambda: right() + b"\r\n" * (50 * MEBIBYTE),
    "zeros": lambda: bytes(1000),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_past_the_bounds_is_refused_with_one_finding_in_no_time(name: str) -> None:
    data = REFUSED[name]()
    before = time.process_time()
    verdict = judged(data)
    assert time.process_time() - before < 3
    assert verdict.verdict is Verdict.NON_CONFORME
    assert [a.check for a in verdict.findings] == ["mss.mime.readable"]


JUDGED: dict[str, Callable[[], bytes]] = {
    "profondeur-10": lambda: multipart(10),
    "400-parties": lambda: parts(400),
    "frontiere-vide": lambda: header("Content-Type", 'multipart/mixed; boundary=""', right()),
    "frontiere-longue": lambda: header("Content-Type", "multipart/mixed; boundary=" + "b" * 400, right()),
    "frontiere-tiret": lambda: header("Content-Type", "multipart/mixed; boundary=-", right()) + b"\r\n---\r\n" * 300,
    "chaine-de-messages": lambda: chain(2000),
    "quoted-printable": lambda: header("Content-Transfer-Encoding", "quoted-printable") + b"=\r\n" * 300_000 + b"=ZZ" * 1000,
    "base64-de-rien": lambda: header("Content-Transfer-Encoding", "base64") + b"\r\n=\r\n" * 300_000,
    "charset-punycode": lambda: header("Content-Type", "text/plain; charset=punycode") + b"a-" * 200_000,
    "charset-zlib": lambda: header("Content-Type", "text/plain; charset=zlib_codec"),
    "mots-encodes": lambda: header("Subject", "=?utf-8?Q?a?= " * 4000),
    "mots-ouverts": lambda: header("Subject", "=?" * 30_000),
    "parametres": lambda: header("Content-Type", "text/plain" + "; a*0*=b" * 20_000),
    "guillemets": lambda: header("Content-Type", 'text/plain; name="' + '\\"' * 30_000),
    "adresses": lambda: header("To", "<a@b.fr>," * 6_000),
    "parentheses": lambda: header("To", "(" * 60_000),
    "chevrons": lambda: header("To", "<" * 60_000),
    "nul": lambda: SIMPLE.replace(b"Question", b"\0" * 500),
    "pdf-faux": lambda: right().replace(b"JVBERi0", b"AAAAAAA"),
}


@pytest.mark.parametrize("name", JUDGED)
def test_what_is_odd_is_judged_in_no_time(name: str) -> None:
    data = JUDGED[name]()
    before = time.process_time()
    verdict = judged(data)
    assert time.process_time() - before < 5
    assert verdict.pieces
    assert verdict.verdict is not Verdict.ERREUR


def test_memory_follows_the_mail_and_no_more() -> None:
    data = right() + b"x" * 76 + (b"\r\n" + b"x" * 76) * 500_000
    assert len(data) < LARGEST
    tracemalloc.start()
    try:
        judged(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(data)


def test_a_huge_mail_is_not_even_cut() -> None:
    with pytest.raises(MailError, match="trop grand"):
        assert RawMail(right() + bytes(LARGEST)).mail


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def lying() -> bytes:
    """The announced size is not that of what is held."""
    data = zipped(A=bytes(MEBIBYTE))
    return data.replace(struct.pack("<L", MEBIBYTE), struct.pack("<L", 10))


def many() -> bytes:
    """A central directory of 200,000 entries that all lead to one file."""
    data = zipped(A=b"x")
    start = data.index(b"PK\x01\x02")
    entry = data[start : data.index(b"PK\x05\x06")]
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entry) * 200_000, start, 0)
    return data[:start] + entry * 200_000 + end


ARCHIVES: dict[str, tuple[Callable[[], bytes], str]] = {
    "bombe": (lambda: zipped(A=bytes(64 * MEBIBYTE)), "enfle"),
    "bombes": (lambda: zipped(**{f"F{n}": b"ab" * MEBIBYTE for n in range(40)}), "enfle"),
    "menteuse": (lying, "illisible|enfle"),
    "innombrable": (many, "Trop de fichiers"),
    "coupee": (lambda: zipped(A=b"abc" * 1000)[:60], "illisible"),
    "vide": (lambda: zipped(), "vide"),
    "crc": (lambda: zipped(A=b"abcdefgh" * 50).replace(b"PK\x03\x04", b"PK\x03\x05", 1), "illisible"),
    "chiffree": (lambda: _encrypted(), "chiffrée"),
}


def _encrypted() -> bytes:
    data = bytearray(zipped(A=b"x"))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_made_to_harm_is_not_opened(name: str) -> None:
    make, said = ARCHIVES[name]
    data = make()
    tracemalloc.start()
    try:
        with pytest.raises(XdmError, match=said):
            read_archive(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 * MEBIBYTE


def test_an_archive_in_an_archive_is_not_opened() -> None:
    inner = zipped(A=bytes(64 * MEBIBYTE))
    archive = read_archive(zipped(**{"IHE_XDM/SUBSET01/X.ZIP": inner}))
    assert archive.members[0].data == inner


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=?utf-8?Q?R=C3=A9sultat?=", "Résultat"),
        ("=?utf-8?B?UsOpc3VsdGF0?= =?utf-8?Q?_final?=", "Résultat final"),
        ("=?utf-8?Q?=C3?= =?utf-8?Q?=A9?=", "é"),
        ("=?iso-8859-1?Q?=E9?= et =?utf-8?Q?=C3=A0?=", "é et à"),
        ("=?klingon?Q?x?=", "=?klingon?Q?x?="),
        ("=?utf-8*fr?Q?oui?=", "oui"),
    ],
)
def test_encoded_words_are_decoded(text: str, expected: str) -> None:
    assert decode_words(text)[0] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@b.fr", ["a@b.fr"]),
        ('"Dr, Paul" <a@b.fr>, c@D.fr', ["a@b.fr", "c@d.fr"]),
        ("Groupe: a@b.fr, c@d.fr;", ["a@b.fr", "c@d.fr"]),
        ("(commentaire, avec virgule) a@b.fr", ["a@b.fr"]),
        ("", []),
    ],
)
def test_addresses_are_read(text: str, expected: list[str]) -> None:
    assert [a.address for a in parse_addresses(text)] == expected


def test_parameters_are_read_in_every_form() -> None:
    cut = "a/b; filename*0*=utf-8''R%C3%A9s; filename*1=ultat; filename*2*=.pdf"
    assert parse(cut).get("filename") == "Résultat.pdf"
    assert parse("a/b; filename*=utf-8''20260415_Certificat%2C.pdf").get("filename") == "20260415_Certificat,.pdf"
    assert parse('a/b; name="a\\"b;c"; X=1 (oui)').get("name") == 'a"b;c'
    assert parse("a/b (commentaire); x=1").get("x") == "1"


def test_line_ends_of_an_exported_mail_may_be_those_of_unix() -> None:
    exported = right().replace(b"\r\n", b"\n")
    assert judged(exported).verdict is Verdict.CONFORME
    assert judged(b"From paul Mon Nov  2 10:30:00 2026\n" + exported).verdict is Verdict.CONFORME


def test_eight_bits_and_mixed_charsets_are_read() -> None:
    mixed = header("Subject", "=?iso-8859-1?Q?R=E9sultat?= =?utf-8?Q?_=C3=A0_lire?=")
    assert RawMail(mixed).mail.subject == "Résultat à lire"
    body = base64.encodebytes("déjà".encode("utf-16-le"))
    utf16 = header("Content-Type", "text/plain; charset=utf-16le", header("Content-Transfer-Encoding", "base64"))
    assert RawMail(utf16.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body).mail.root.text == "déjà"
