"""Whatever is said to the mail operators: their parsers answer or raise what they document, their sessions survive.

Bounded in CI; ``-m long``: 100,000 inputs a parser, 10,000 dialogues. Dialogues go over TLS to running services.
"""

from __future__ import annotations

import random
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from dui_conformance.core.exchange import Body, Connection, Request
from dui_conformance.mocks.mss.autoconfig import Adresse, resoudre
from dui_conformance.mocks.mss.imap_fetch import Lecteur
from dui_conformance.mocks.mss.imap_grammaire import Chaine, SyntaxeImap, elements, ensemble, lire
from dui_conformance.mocks.mss.imap_recherche import chercher
from dui_conformance.mocks.mss.imap_structure import analyser, enveloppe, structure
from dui_conformance.mocks.mss.imap_vue import Vue
from dui_conformance.mocks.mss.messages import message_keys
from dui_conformance.mocks.mss.smtp_parametres import separer
from dui_conformance.mocks.mss.state import Reseau
from dui_conformance.mocks.pki import Pki
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples.abime import spoilt
from samples.mss import CAMILLE, PAUL, Play, b64, mail, playing, xoauth2

SECONDS, LONG = 2.0, 100_000
DIALOGUES, LONG_DIALOGUES = 60, 10_000
NOW = datetime(2026, 4, 1, tzinfo=UTC)
PIECES = (
    b"\r\n",
    b"\n",
    b"\x00",
    b"\xff\xfe",
    b"(",
    b")",
    b'"',
    b"{5}",
    b"{999999999+}",
    b"[",
    b"]",
    b"<",
    b">",
    b"*",
    b":",
    b",",
    b"%",
    b"BODY[",
    b"HEADER.FIELDS (",
    b"OR ",
    b"NOT ",
    b"UID ",
    b"1:*",
    b"9" * 30,
    b"=?utf-8?q?=C3?=",
    b"--",
    b"boundary=",
    b"\\Seen",
    b"UEsDB",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"a@b",
    b"user=",
    b"\x01",
    b".\r\n",
    b"NOTIFY=",
    b"SIZE=",
    b" ",
)
MESSAGE = (
    b"From: =?utf-8?q?=C3=A9?= <a@b.fr>\r\nTo: b@c.fr, <d@e.fr>\r\nSubject: Essai\r\nMessage-ID: <x@y>\r\n"
    b'Date: Wed, 1 Apr 2026 08:00:00 +0000\r\nContent-Type: multipart/mixed; boundary="b1"\r\n\r\n'
    b"--b1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nBonjour\r\n--b1\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Subject: dedans\r\n\r\ncorps\r\n--b1\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"UEsDBBQAAAAIAA==\r\n--b1--\r\n"
)


def grammar(data: bytes) -> None:
    """The tokens of a command, then what they may be."""
    try:
        tokens = lire([data, Chaine(b"x"), data[:20]])
    except SyntaxeImap:
        return
    for token in tokens[:20]:
        for reading in (elements, ensemble):
            try:
                reading(token)
            except SyntaxeImap:
                continue


def tree(data: bytes) -> None:
    """Structure and envelope."""
    root = analyser(data)
    assert structure(data, root, etendue=True).startswith(b"(")
    assert enveloppe(data[: root.corps]).startswith(b"(")


def searched(data: bytes) -> None:
    """A search among two messages, one of them altered."""
    reseau = Reseau()
    chez = reseau.boite(CAMILLE)
    assert chez is not None
    for each in (MESSAGE, data):
        reseau.deposer(chez, chez.reception, [each], NOW)
    vue = Vue(chez, chez.reception, lecture_seule=False)
    try:
        assert set(chercher(vue, lire([data[:200].replace(b"\r", b"").replace(b"\n", b"")]), reseau.magasin)) <= {0, 1}
        wanted = elements((lire([data[:60]]) or ["FLAGS"])[0])
        list(Lecteur(reseau.magasin).repondre(vue, 1, wanted, avec_uid=True))
    except SyntaxeImap:
        return


def names(data: bytes) -> None:
    """The name server."""
    request = Request("DNS", "/udp", (), Body(data), Connection(exercised=False))
    answer = resoudre(
        request, ("pro.formation.mssante.fr",), {"smtp": Adresse("localhost", 25), "imap": Adresse("localhost", 143)}
    )
    assert answer.body.size >= 10


def parameters(data: bytes) -> None:
    """MAIL FROM and RCPT TO."""
    separer(data.decode("utf-8", "replace"), ("NOTIFY", "ORCPT"))


def keys(data: bytes) -> None:
    """Correlation keys."""
    message_keys(Body(data))


QUERY = b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x0b_submission\x04_tcp\x03pro\x00\x00\x21\x00\x01"
TARGETS: dict[str, tuple[Callable[[bytes], None], bytes]] = {
    "grammaire": (grammar, b'A (B "c d" {3}) BODY.PEEK[HEADER.FIELDS (TO FROM)]<0.10> 1:4,9:*'),
    "structure": (tree, MESSAGE),
    "recherche": (searched, b'OR SUBJECT "x" (NOT FROM a SINCE 1-Jan-2026) UID 1:* LARGER 10 BODY x'),
    "noms": (names, QUERY),
    "parametres": (parameters, b"TO:<a@b.fr> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;a@b"),
    "cles": (keys, MESSAGE),
}


def play_against(name: str, count: int, seconds: float | None) -> None:
    target, start = TARGETS[name]
    seed = random.randrange(1 << 30)
    draw, until = random.Random(seed), time.monotonic() + (seconds or float("inf"))
    for number in range(count):
        data = spoilt(start if number % 3 else spoilt(start, draw, PIECES), draw, PIECES)
        try:
            target(data)
        except Exception as error:
            raise AssertionError(f"graine {seed}, entrée {number} : {data!r}") from error
        if time.monotonic() > until:
            return


@pytest.mark.parametrize("name", TARGETS)
def test_parser_survives(name: str) -> None:
    play_against(name, LONG, SECONDS)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", TARGETS)
def test_parser_survives_long(name: str) -> None:
    play_against(name, LONG, None)


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    made = Pki.create(tmp_path_factory.mktemp("messagerie") / "pki")
    with playing(made, keep_bodies=False) as found:
        yield found
        assert found.runtime.failures == []


SMTP_WORDS = st.sampled_from(
    [
        b"EHLO x\r\n",
        b"HELO\r\n",
        b"NOOP\r\n",
        b"RSET\r\n",
        b"DATA\r\n",
        b"QUIT\r\n",
        b"STARTTLS\r\n",
        b"VRFY <a@b>\r\n",
        b"HELP\r\n",
        b"MAIL FROM:<" + CAMILLE.encode() + b">\r\n",
        b"MAIL FROM:<>\r\n",
        b"MAIL FROM:<a@b\r\n",
        b'MAIL FROM:<"a b"@c> SIZE=1\r\n',
        b"RCPT TO:<" + PAUL.encode() + b"> NOTIFY=NEVER\r\n",
        b"RCPT TO:<@a,@b:c@d>\r\n",
        b"RCPT TO:" + b"<" * 50 + b"\r\n",
        b"Subject: x\r\n\r\ncorps\r\n.\r\n",
        b"..\r\n",
        b"x\n.\n",
        b"\x00\x00\r\n",
        b"AUTH XOAUTH2\r\n",
        b"*\r\n",
        b"=\r\n",
        b"a" * 3000,
        b"AUTH PLAIN =\r\n",
        b"BDAT 10 LAST\r\n",
    ]
)
IMAP_WORDS = st.sampled_from(
    [
        b"a SELECT INBOX\r\n",
        b"a EXAMINE Sent\r\n",
        b'a LIST "" *\r\n',
        b"a UID FETCH 1:* (FLAGS BODY[])\r\n",
        b"a FETCH * FULL\r\n",
        b"a STORE 1 +FLAGS (\\Seen)\r\n",
        b"a SEARCH OR\r\n",
        b"a SEARCH SUBJECT {2+}\r\nxx\r\n",
        b"a APPEND INBOX {5+}\r\nabcde\r\n",
        b"a APPEND INBOX (\\Seen) {10}\r\n",
        b"a IDLE\r\n",
        b"DONE\r\n",
        b"a LOGOUT\r\n",
        b'a CREATE "\\""\r\n',
        b"a CLOSE\r\n",
        b"a EXPUNGE\r\n",
        b"a COPY 1 Trash\r\n",
        b"a MOVE 1:* Trash\r\n",
        b"a UID EXPUNGE\r\n",
        b"a STATUS INBOX (X)\r\n",
        b"a AUTHENTICATE PLAIN\r\n",
        b"\xff\xff\r\n",
        b"a RENAME INBOX x\r\n",
        b"a FETCH 1 BODY[1.2.3.4.MIME]<0.0>\r\n",
        b"((((((\r\n",
        b"a " + b"x" * 3000,
    ]
)
LINES = {"smtp": st.one_of(SMTP_WORDS, st.binary(max_size=60)), "imap": st.one_of(IMAP_WORDS, st.binary(max_size=60))}


def converse(play: Play, protocol: str, said: list[bytes], *, known: bool) -> bytes:
    """Say all this, over TLS, authenticated or not; what came back until the end."""
    frame = b64(xoauth2(CAMILLE, play.jeton())).encode()
    opening = {
        "smtp": (b"STARTTLS\r\n", b"EHLO x\r\nAUTH XOAUTH2 %s\r\n"),
        "imap": (b"a STARTTLS\r\n", b"a AUTHENTICATE XOAUTH2 %s\r\n"),
    }
    with socket.create_connection(("localhost", play.runtime.port(f"mss-{protocol}")), timeout=10) as clear:
        clear.recv(4096)
        clear.sendall(opening[protocol][0])
        clear.recv(4096)
        with play.context().wrap_socket(clear, server_hostname="localhost") as sock:
            found = bytearray()
            try:
                sock.sendall((opening[protocol][1] % frame if known else b"") + b"".join(said))
                sock.settimeout(0.02)
                while data := sock.recv(65536):
                    found += data
            except (TimeoutError, OSError):
                return bytes(found)
            return bytes(found)


def alive(play: Play) -> None:
    """Both services still serve a correct client."""
    assert play.runtime.failures == []
    client = play.connecte()
    client.send_message(mail())
    client.quit()
    reader = play.imap()
    assert reader.select()[0] == "OK"
    reader.logout()


@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_sessions_survive_any_dialogue(play: Play, protocol: str) -> None:
    @settings(max_examples=DIALOGUES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(LINES[protocol], max_size=12), st.booleans())
    def dialogue(said: list[bytes], known: bool) -> None:
        converse(play, protocol, said, known=known)
        assert play.runtime.failures == []

    dialogue()
    alive(play)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_sessions_survive_any_dialogue_long(play: Play, protocol: str) -> None:
    @settings(max_examples=LONG_DIALOGUES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(st.lists(LINES[protocol], max_size=20), st.booleans())
    def dialogue(said: list[bytes], known: bool) -> None:
        converse(play, protocol, said, known=known)
        assert play.runtime.failures == []

    dialogue()
    alive(play)


@pytest.mark.parametrize("data", [b"\x16\x03\x01\x00\x05hello", b"\x00" * 1000, b"GET / HTTP/1.1\r\n\r\n"])
@pytest.mark.parametrize("protocol", ["smtp", "imap"])
def test_garbage_in_place_of_tls_is_told(play: Play, protocol: str, data: bytes) -> None:
    starttls = b"STARTTLS\r\n" if protocol == "smtp" else b"a STARTTLS\r\n"
    with socket.create_connection(("localhost", play.runtime.port(f"mss-{protocol}")), timeout=10) as clear:
        clear.recv(4096)
        clear.sendall(starttls)
        clear.recv(4096)
        clear.sendall(data)
        clear.settimeout(5)
        try:
            while clear.recv(4096):
                continue
        except (ssl.SSLError, ConnectionError):
            pass
    alive(play)
