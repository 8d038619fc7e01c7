"""Large and hostile mail at the simulated operators: refused or recorded, memory bounded, the service alive."""

from __future__ import annotations

import resource
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from dui_conformance.core.exchange import Body
from dui_conformance.mocks.mss.imap_structure import analyser, structure
from dui_conformance.mocks.mss.messages import message_keys
from dui_conformance.mocks.pki import Pki
from samples.mss import CAMILLE, PAUL, Play, b64, mail, playing, xoauth2

PIECE = (b"x" * 998 + b"\r\n") * 64
MIB = 1024 * 1024


@pytest.fixture
def play(pki: Pki) -> Iterator[Play]:
    with playing(pki, keep_bodies=False) as found:
        yield found
        assert found.runtime.failures == []


def at(operateur: str, adresse: str) -> str:
    return adresse if operateur == "mss" else adresse.replace("@pro.", "@pro-b.")


@contextmanager
def submission(play: Play, operateur: str = "mss") -> Iterator[ssl.SSLSocket]:
    """An authenticated connection in the midst of DATA."""
    frame = b64(xoauth2(at(operateur, CAMILLE), play.jeton()))
    with socket.create_connection(("localhost", play.runtime.port(f"{operateur}-smtp")), timeout=60) as clear:
        reply(clear)
        clear.sendall(b"STARTTLS\r\n")
        reply(clear)
        with play.context().wrap_socket(clear, server_hostname="localhost") as sock:
            said = ("EHLO x", f"AUTH XOAUTH2 {frame}", f"MAIL FROM:<{at(operateur, CAMILLE)}>", f"RCPT TO:<{PAUL}>", "DATA")
            for line in said:
                sock.sendall(line.encode() + b"\r\n")
                assert reply(sock)[:1] in b"23"
            yield sock


def reply(sock: socket.socket) -> bytes:
    """One whole reply."""
    found = b""
    while not found.endswith(b"\r\n") or found.splitlines()[-1][3:4] == b"-":
        data = sock.recv(65536)
        if not data:
            break
        found += data
    return found.splitlines()[-1] if found else b""


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def pour(sock: ssl.SSLSocket, size: int) -> bytes:
    """A message of that size, and the reply to it."""
    sock.sendall(b"Subject: gros\r\nMessage-ID: <gros@x>\r\n\r\n")
    for _ in range(size // len(PIECE)):
        sock.sendall(PIECE)
    sock.sendall(b".\r\n")
    return reply(sock)


class TestTaille:
    def test_message_past_the_limit_is_refused_and_not_kept(self, play: Play) -> None:
        with submission(play) as sock:
            assert pour(sock, 30 * MIB).startswith(b"552")
            sock.sendall(b"NOOP\r\n")
            assert reply(sock).startswith(b"250")

    def test_message_of_forty_megabytes_stays_out_of_memory(self, play: Play) -> None:
        with submission(play, "mss-b") as warm:
            assert pour(warm, 2 * MIB).startswith(b"250")
        before = peak()
        with submission(play, "mss-b") as sock:
            assert pour(sock, 40 * MIB).startswith(b"250")
        assert peak() - before < 16 * MIB
        assert not list(Path(play.runtime._spool.name).iterdir())

    @pytest.mark.long
    def test_message_of_a_hundred_megabytes(self, play: Play) -> None:
        with submission(play, "mss-b") as sock:
            assert pour(sock, 99 * MIB).startswith(b"250")
        with submission(play, "mss-b") as sock:
            assert pour(sock, 120 * MIB).startswith(b"552")

    def test_silent_end_within_the_message_delivers_nothing(self, play: Play) -> None:
        with submission(play) as sock:
            sock.sendall(b"Subject: inachev")
        play.connecte().quit()
        chez = play.mss.reseau.boite(PAUL)
        assert chez is not None
        assert chez.reception.messages == []


class TestForme:
    @pytest.mark.parametrize(
        "content",
        [
            b"Subject: nul \x00\r\n\r\n\x00\xff\xfe\r\n",
            b"Subject: sauts seuls\n\ncorps\n.\nsuite\r\n",
            b"Subject: =?inconnu?q?=ZZ?=\r\nFrom: a\r\n\tb: c\r\n\r\n..\r\n",
            b"\r\n",
            b"",
            b"Content-Type: multipart/mixed; boundary=x\r\n\r\n"
            + b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" * 500
            + b"",
        ],
        ids=["nul", "bare-lf", "charset", "empty", "nothing", "nested"],
    )
    def test_odd_content_is_accepted_and_kept_as_it_is(self, play: Play, content: bytes) -> None:
        with submission(play) as sock:
            sock.sendall(content + b".\r\n")
            assert reply(sock).startswith(b"250")
        reader = play.imap(PAUL, "medecin-multi")
        reader.select()
        assert reader.fetch("1", "(BODYSTRUCTURE ENVELOPE)")[0] == "OK"
        assert reader.fetch("1", "(BODY.PEEK[])")[1][0][1].endswith(content.replace(b"\r\n..", b"\r\n."))
        reader.logout()

    def test_line_too_long_is_refused(self, play: Play) -> None:
        with submission(play) as sock:
            sock.sendall(b"Subject: x\r\n\r\n" + b"y" * 200_000 + b"\r\n.\r\n")
            assert reply(sock).startswith(b"500 5.6.0")
            sock.sendall(b"NOOP\r\n")
            assert reply(sock).startswith(b"250")

    def test_end_of_message_is_not_smuggled_by_bare_line_feeds(self, play: Play) -> None:
        smuggled = b"Subject: x\r\n\r\ncorps\n.\nMAIL FROM:<x@y>\nRCPT TO:<z@t>\nDATA\nfaux\r\n.\r\n"
        with submission(play) as sock:
            sock.sendall(smuggled)
            assert reply(sock).startswith(b"250")
        play.seen("mss.smtp.envoi")
        assert len([s for s in play.recorder.seen if s.kind == "mss.smtp.envoi"]) == 1

    def test_commands_may_be_pipelined(self, play: Play) -> None:
        with submission(play) as sock:
            sock.sendall(b"Subject: x\r\n\r\ncorps\r\n.\r\nRSET\r\nNOOP\r\nQUIT\r\n")
            found = b""
            while data := sock.recv(4096):
                found += data
        assert [line[:3] for line in found.splitlines()] == [b"250", b"250", b"250", b"221"]

    @pytest.mark.parametrize("injected", ["a@b.mssante.fr>\r\nRCPT TO:<c@d.fr", "a\r\nDATA", "\u202e@x", "a" * 3000 + "@x.fr"])
    def test_envelope_injection_is_refused(self, play: Play, injected: str) -> None:
        client = play.connecte()
        client.mail(CAMILLE)
        client.putcmd(f"RCPT TO:<{injected.encode('ascii', 'replace').decode()}>".replace("\r\n", " "))
        assert client.getreply()[0] >= 500
        client.quit()


class TestCouts:
    """The cost of reading a hostile message grows with its size, not with its shape."""

    @pytest.mark.parametrize(
        "data",
        [
            b"\r\n" * 500_000,
            b"\n\n" * 500_000 + b"UEsDB" + b"A" * 100_000,
            b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\n" * 200_000,
            b"Message-ID: " * 80_000,
            b"x" * 1_000_000,
            b"a:" + b" \r\n" * 300_000,
            b"UEsDB" * 200_000,
            b"PID-5|" * 100_000,
        ],
        ids=["lines", "zip", "parts", "ids", "flat", "folded", "archive", "pid"],
    )
    def test_time_is_linear(self, data: bytes) -> None:
        started = time.process_time()
        message_keys(Body(data))
        structure(data, analyser(data), etendue=True)
        assert time.process_time() - started < 3

    def test_nesting_is_bounded(self) -> None:
        data = b"Content-Type: message/rfc822\r\n\r\n" * 5000
        tree, depth = analyser(data), 0
        while tree.enfants:
            tree, depth = tree.enfants[0], depth + 1
        assert depth <= 20

    def test_memory_of_a_box_does_not_follow_its_messages(self, play: Play) -> None:
        reseau = play.mss.reseau
        chez = reseau.boite(PAUL)
        assert chez is not None
        before = peak()
        letter = mail().as_bytes() + b"x" * 100_000
        for _ in range(1000):
            reseau.deposer(chez, chez.reception, [letter], play.clock.now())
        assert peak() - before < 16 * MIB
        assert chez.octets > 100 * 1000 * 1000
