"""A small service, a recorder in memory and a runtime around them, for the tests of the runtime."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests
from dui_conformance.core.clock import Clock
from dui_conformance.core.errors import RealDataError
from dui_conformance.core.exchange import Body, Connection, Description, Exchange, Reply, Request, Times
from dui_conformance.core.service import ClientCertificate, Listener, Service
from dui_conformance.mocks.pki import Credential, Pki
from dui_conformance.mocks.runtime import Runtime
from dui_conformance.mocks.service import BaseService

DMP_SUITES = "ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256"


class Echo(BaseService):
    """Answers with the size of what it got, or as ``answers`` says for a path."""

    nom = "echo"
    listeners = (
        Listener("echo"),
        Listener("echo-optionnel", ClientCertificate.OPTIONNEL),
        Listener("echo-exige", ClientCertificate.EXIGE, ciphers=DMP_SUITES, tls13=False),
        Listener("echo-dhe", ciphers="DHE-RSA-AES256-GCM-SHA384", tls13=False),
    )

    def __init__(self) -> None:
        super().__init__()
        self.answers: dict[str, Callable[[Request], Reply]] = {}

    def describe(self, listener: str, request: Request) -> Description:
        return Description("echo.appel" if request.path.startswith("/") else "echo.inconnu")

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        own = self.answers.get(request.path)
        if own is not None:
            return own(request)
        return Reply(200, (("Content-Type", "text/plain"),), Body(f"recu {request.body.size}".encode()))


@dataclass
class Seen:
    """One exchange as the recorder saw it."""

    listener: str
    kind: str
    request: Request | None
    connection: Connection
    reply: Reply | None = None
    outcome: str = ""
    order: list[str] = field(default_factory=list)

    def exchange(self) -> Exchange:
        times = Clock().times()
        return Exchange("x", "echo", self.kind, self.request, self.reply, self.connection, Times(times.wall, times.logical, 0))


class MemoryRecorder:
    """Keeps exchanges in memory (large bodies are read at reception, as a real recorder makes a blob of them)."""

    def __init__(self, *, keep_bodies: bool = True) -> None:
        self.seen: list[Seen] = []
        self.real_data = False
        self._keep = keep_bodies
        self._changed = threading.Condition()

    def received(self, service: Service, listener: str, request: Request) -> str:
        if self.real_data:
            raise RealDataError("matricule réel probable")
        if self._keep and request.body.path is not None:
            request.memo["corps"] = request.body.read()
        return self._note(
            Seen(listener, service.describe(listener, request).kind, request, request.connection, order=["received"])
        )

    def answered(self, exchange: str, reply: Reply) -> None:
        with self._changed:
            seen = self.seen[int(exchange)]
            seen.reply = reply
            seen.order.append("answered")
            self._changed.notify_all()

    def delivered(self, exchange: str, outcome: str) -> None:
        with self._changed:
            seen = self.seen[int(exchange)]
            seen.outcome = outcome
            seen.order.append("delivered")
            if not self._keep:
                seen.request = seen.reply = None
            self._changed.notify_all()

    def handshake(self, service: str, listener: str, connection: Connection) -> None:
        self._note(Seen(listener, f"tls.{service}", None, connection))

    def _note(self, seen: Seen) -> str:
        with self._changed:
            self.seen.append(seen)
            self._changed.notify_all()
            return str(len(self.seen) - 1)

    def wait(self, test: Callable[[Seen], Any], within: float = 10.0) -> Seen:
        """The first exchange that passes the test, waited for."""
        with self._changed:
            assert self._changed.wait_for(lambda: any(test(s) for s in self.seen), within), [
                (s.kind, s.outcome) for s in self.seen
            ]
            return next(s for s in self.seen if test(s))

    def delivery(self) -> Seen:
        """The only exchange, once delivered."""
        return self.wait(lambda s: s.outcome)

    def refusal(self) -> Seen:
        """The only connection without request."""
        return self.wait(lambda s: s.request is None and s.kind.startswith("tls."))


@dataclass
class Play:
    """A running runtime and what surrounds it."""

    runtime: Runtime
    service: Echo
    recorder: MemoryRecorder
    pki: Pki

    def url(self, listener: str = "echo", path: str = "/") -> str:
        return self.runtime.url(listener) + path

    def session(self, credential: Credential | None = None) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.verify = str(self.pki.ac)
        if credential is not None:
            session.cert = (str(credential.certificate), str(credential.key))
        return session

    def context(self, credential: Credential | None = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.pki.ac))
        context.verify_flags |= ssl.VERIFY_X509_STRICT
        if credential is not None:
            context.load_cert_chain(credential.certificate, credential.key)
        return context

    @contextmanager
    def socket(self, listener: str = "echo", context: ssl.SSLContext | None = None) -> Iterator[ssl.SSLSocket]:
        """A TLS client socket, to send exact bytes."""
        chosen = context or self.context()
        with (
            socket.create_connection(("127.0.0.1", self.runtime.port(listener)), timeout=10) as raw,
            chosen.wrap_socket(raw, server_hostname="localhost") as secured,
        ):
            yield secured


@contextmanager
def playing(pki: Pki, *, keep_bodies: bool = True, **options: Any) -> Iterator[Play]:
    recorder, service = MemoryRecorder(keep_bodies=keep_bodies), Echo()
    runtime = Runtime(recorder, Clock(), pki, **options)
    runtime.start([service])
    try:
        yield Play(runtime, service, recorder, pki)
    finally:
        runtime.stop()


def read_all(sock: ssl.SSLSocket) -> bytes:
    """Bytes until the server closes."""
    found = b""
    while True:
        try:
            data = sock.recv(65536)
        except (ssl.SSLError, ConnectionError):
            return found
        if not data:
            return found
        found += data
