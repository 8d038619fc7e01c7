"""Mail: messages accepted a second with session reuse, and judged; a box of 10,000 messages. ``python benchmarks/messagerie.py``

The mail is one of the corpus (a CDA in its XDM archive and its PDF), its PDF cut to
30 kB for what is sent. Servers run in a process of their own; one
client connection pipelines transactions. ``nu``: aiosmtpd alone over the same TLS, which forgets what it gets; ``sans journal``:
the operator, with a recorder that keeps nothing; ``journal``: the operator and the evidence of a campaign. Aims: 250 messages a
second accepted, 60 a second and per core fully judged.
"""

from __future__ import annotations

import base64
import multiprocessing
import os
import platform
import resource
import socket
import ssl
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from dui_conformance.checks.courriel import check_message
from dui_conformance.cli.courriels_recus import received_mails
from dui_conformance.core.clock import Clock
from dui_conformance.core.exchange import Request
from dui_conformance.core.journal import Journal
from dui_conformance.core.real_data import guard
from dui_conformance.core.recorder import LiveRecorder
from dui_conformance.core.service import Service
from dui_conformance.core.settings import Settings, StructureDeTest
from dui_conformance.fixtures.boites import boite_de_structure
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.test_persons import is_test_person
from dui_conformance.mocks.mss.app import OperateurMss
from dui_conformance.mocks.mss.profils import SUITES
from dui_conformance.mocks.mss.state import Reseau
from dui_conformance.mocks.pki import Pki
from dui_conformance.mocks.runtime import Runtime

MESSAGES = 2_000
SIZE = 30_000
DE, VERS = boite_de_structure("ehpad", "APP").adresse, boite_de_structure("ehpad").adresse


class Forgetful:
    """A recorder that keeps nothing."""

    def received(self, service: Service, listener: str, request: Request) -> str:
        """Describe the request, as a campaign does, and forget it."""
        service.describe(listener, request)
        return "E000001"

    def answered(self, exchange: str, reply: Any) -> None:
        """Nothing."""

    def delivered(self, exchange: str, outcome: str) -> None:
        """Nothing."""

    def handshake(self, service: str, listener: str, connection: Any) -> None:
        """Nothing."""


def serve_operator(project: Path, journaled: bool, ready: Any, stop: Any, spent: Any) -> None:
    """Child process: the first operator, its CPU once asked."""
    clock = Clock()
    recorder: Any = Forgetful()
    if journaled:
        journal = Journal.create(project / f"campagne-{os.getpid()}", clock, {"produit": {}})
        recorder = LiveRecorder(journal, clock, guard(is_test_person))
    service = OperateurMss("mss", Reseau(), psc=None, structure=f"1{StructureDeTest().finess_ej}")
    runtime = Runtime(recorder, clock, Pki.load(project / "pki"))
    runtime.start([service])
    ready.put(runtime.port("mss-smtp"))
    stop.get()
    before = time.process_time()
    stop.get()
    spent.put((time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))
    runtime.stop()


def serve_bare(project: Path, journaled: bool, ready: Any, stop: Any, spent: Any) -> None:
    """Child process: aiosmtpd alone."""
    import asyncio

    from aiosmtpd.smtp import SMTP

    class Handler:
        """Accepts and forgets."""

        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - name of the library
            return "250 OK"

        async def auth_EXTERNAL(self, server: Any, args: list[str]) -> bool:  # noqa: N802 - name of the library
            return True

    async def main() -> None:
        credential = Pki.load(project / "pki").server()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(credential.certificate, credential.key)
        context.set_ciphers(SUITES)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Handler(), tls_context=context, loop=loop), "127.0.0.1", 0)
        ready.put(server.sockets[0].getsockname()[1])
        await loop.run_in_executor(None, stop.get)
        before = time.process_time()
        await loop.run_in_executor(None, stop.get)
        spent.put((time.process_time() - before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))
        server.close()

    asyncio.run(main())


def connected(project: Path, port: int) -> ssl.SSLSocket:
    """An authenticated connection: an applicative box."""
    pki = Pki.load(project / "pki")
    context = ssl.create_default_context(cafile=str(pki.ac))
    mine = pki.client("auth_cli")
    context.load_cert_chain(mine.certificate, mine.key)
    clear = socket.create_connection(("localhost", port))
    clear.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    reply(clear)
    for line in (b"EHLO banc", b"STARTTLS"):
        clear.sendall(line + b"\r\n")
        reply(clear)
    sock = context.wrap_socket(clear, server_hostname="localhost")
    for line in (b"EHLO banc", b"AUTH EXTERNAL " + base64.b64encode(DE.encode())):
        sock.sendall(line + b"\r\n")
        assert reply(sock)[:1] == b"2"
    return sock


def reply(sock: socket.socket) -> bytes:
    """One whole reply."""
    found = b""
    while not found.endswith(b"\r\n") or found.splitlines()[-1][3:4] == b"-":
        found += sock.recv(65536)
    return found


def sent(project: Path, port: int, mail: bytes) -> float:
    """Seconds to have ``MESSAGES`` mails accepted, one transaction after the other."""
    envelope = f"MAIL FROM:<{DE}>\r\nRCPT TO:<{VERS}>\r\nDATA\r\n".encode()
    sock = connected(project, port)
    head, _, rest = mail.partition(b"\r\n")
    started = time.perf_counter()
    for rank in range(MESSAGES):
        sock.sendall(envelope)
        lines = b""
        while b"\r\n354" not in lines and not lines.startswith(b"354"):
            lines += sock.recv(65536)
        sock.sendall(b"Message-ID: <%d@banc>\r\n" % rank + head + b"\r\n" + rest + b"\r\n.\r\n")
        assert reply(sock)[:3] == b"250"
    spent = time.perf_counter() - started
    sock.close()
    return spent


def measured(kind: Any, project: Path, mail: bytes, *, journaled: bool = False) -> tuple[float, float, int]:
    """Messages a second, CPU seconds of the server for one message, its peak memory (MiB)."""
    context = multiprocessing.get_context("spawn")
    ready, stop, spent = context.Queue(), context.Queue(), context.Queue()
    child = context.Process(target=kind, args=(project, journaled, ready, stop, spent))
    child.start()
    port = ready.get()
    stop.put(None)
    seconds = sent(project, port, mail)
    stop.put(None)
    cpu, memory = spent.get()
    child.join(30)
    return MESSAGES / seconds, cpu / MESSAGES, memory


def xdm_mail() -> bytes:
    """A valid mail of the corpus."""
    person = usager("qualifie", "banc")
    (mail, *_) = received_mails(
        "valide",
        person,
        de=DE,
        libelle="EHPAD_FICTIF",
        a=VERS,
        le=datetime(2026, 11, 2, 9, 30, tzinfo=UTC),
        graine="1",
        original=b"",
    )
    return mail


def of_size(mail: bytes, size: int) -> bytes:
    """The same with its last part (the PDF) cut so that it has this size."""
    frontier = mail.rstrip().rpartition(b"\r\n")[2]
    return mail[: size - len(frontier) - 4] + b"\r\n" + frontier + b"\r\n"


def judged(mail: bytes) -> Iterator[tuple[str, float]]:
    """Seconds of CPU to judge this mail: all of it, then without the rules of the documents inside."""
    day, context = date(2026, 11, 22), (Settings(),)
    verdict = check_message(mail, context=context, day=day)
    for name, judge in ((f"{len(verdict.applications)} applications", lambda: check_message(mail, context=context, day=day)),):
        judge()
        spent = []
        for _ in range(30):
            started = time.process_time()
            judge()
            spent.append(time.process_time() - started)
        yield name, statistics.median(spent)


def boxes(project: Path) -> Iterator[tuple[str, float]]:
    """Opening, searching and reading a box of 10,000 messages."""
    import imaplib

    service = OperateurMss("mss", Reseau(), psc=None, structure=f"1{StructureDeTest().finess_ej}")
    pki = Pki.load(project / "pki")
    runtime = Runtime(Forgetful(), Clock(), pki)
    runtime.start([service])
    try:
        service.command("remplir", {"boite": DE, "nombre": 10_000})
        context = ssl.create_default_context(cafile=str(pki.ac))
        context.load_cert_chain(pki.client("auth_cli").certificate, pki.client("auth_cli").key)
        client = imaplib.IMAP4("localhost", runtime.port("mss-imap"))
        client.starttls(context)
        client.authenticate("EXTERNAL", lambda _: DE.encode())
        steps: dict[str, Any] = {
            "SELECT": client.select,
            "SEARCH SUBJECT": lambda: client.search(None, "SUBJECT", "9999"),
            "SEARCH BODY": lambda: client.search(None, "BODY", "9999"),
            "UID FETCH 1:* (FLAGS)": lambda: client.uid("FETCH", "1:*", "(UID FLAGS RFC822.SIZE)"),
            "UID FETCH 1:* (HEADER)": lambda: client.uid("FETCH", "1:*", "(BODY.PEEK[HEADER])"),
        }
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            yield name, time.perf_counter() - started
        client.logout()
    finally:
        runtime.stop()


def main() -> None:
    """Measure and print."""
    print(f"{datetime.now(UTC):%d/%m/%Y} {platform.machine()} {os.cpu_count()} cœurs, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder)
        Pki.create(project / "pki")
        Pki.load(project / "pki").client("auth_cli")
        mail = xdm_mail()
        small = of_size(mail, SIZE)
        print(f"courriel de {len(small) / 1000:.0f} ko envoyé, de {len(mail) / 1000:.0f} ko jugé")
        bare, bare_cpu, _ = measured(serve_bare, project, small)
        print(f"nu            : {bare:6.0f} messages/s, {bare_cpu * 1000:.2f} ms de processeur par message")
        for name, journaled in (("sans journal", False), ("journal", True)):
            rate, cpu, memory = measured(serve_operator, project, small, journaled=journaled)
            ratio = f"{rate / bare:.0%} du serveur nu, {cpu / bare_cpu:.1f} fois son processeur"
            print(f"{name:<14}: {rate:6.0f} messages/s, {cpu * 1000:.2f} ms de processeur par message, {memory} Mio ; {ratio}")
        for name, seconds in judged(mail):
            print(f"jugement, {name} : {seconds * 1000:.1f} ms, soit {1 / seconds:.0f} messages/s par cœur")
        for name, seconds in boxes(project):
            print(f"boîte de 10 000 messages, {name} : {seconds * 1000:.0f} ms")


if __name__ == "__main__":
    main()
