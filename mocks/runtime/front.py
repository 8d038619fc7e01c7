"""The TCP side of a listener: accepts, makes TLS, hands over to HTTP, and replaces its certificate as a whole."""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl
from collections.abc import Callable, Collection
from dataclasses import dataclass

from aiohttp import web
from cryptography import x509
from dui_conformance.core.exchange import Connection

from .head import HeadScanner
from .http import HttpConnection, Site, respond
from .tls import Recording, recorded

HANDSHAKE_SECONDS = 15.0
CLOSING_SECONDS = 2.0
GOODBYE_SECONDS = 1.0
_DETAILS = {
    "ConnectionResetError": "le client a fermé la connexion pendant la négociation",
    "ConnectionAbortedError": "le client n'a pas achevé la négociation à temps",
}


@dataclass(frozen=True, slots=True)
class Generation:
    """One certificate served by a port, from its arming to its replacement."""

    certificate: str
    context: ssl.SSLContext


class Port:
    """One listening socket. Lives in the runtime's loop; ``report`` receives connections without any request."""

    def __init__(
        self, site: Site, listening: socket.socket, report: Callable[[Connection], None], revoked: Collection[int]
    ) -> None:
        self._site = site
        self._listening = listening
        self._report = report
        self._revoked = revoked
        self._server: asyncio.Server | None = None
        self._http = web.Server(respond)
        self._generation: Generation | None = None
        self._numbers = itertools.count(1)
        self._handshakes: dict[asyncio.Task[None], asyncio.Transport] = {}
        self._connections: set[HttpConnection] = set()
        self._empty = asyncio.Event()

    async def present(self, generation: Generation) -> None:
        """Serve this certificate, and nothing else: a new listener on the same socket, every older connection closed.

        A live context is never changed: a client that resumes its session would not see the new certificate.
        """
        await self._shut()
        self._generation = generation
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Accepted(self, generation), sock=self._listening.dup(), backlog=128)

    async def close(self) -> None:
        """Stop accepting and end every connection; returns when all have ended, or after two seconds."""
        await self._shut()
        self._listening.close()

    def accept(self, transport: asyncio.Transport, generation: Generation) -> None:
        """A TCP connection has come, its reading paused."""
        task = asyncio.get_running_loop().create_task(self._secure(transport, generation))
        self._handshakes[task] = transport
        task.add_done_callback(self._handshakes.pop)

    def ended(self, connection: HttpConnection) -> None:
        """A connection has ended; one without request is reported."""
        self._connections.discard(connection)
        if not connection.requests:
            self._report(connection.recording.connection())
        self._tell_when_empty()

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for transport in self._handshakes.values():
            transport.abort()
        for connection in tuple(self._connections):
            connection.retire()
        self._empty.clear()
        self._tell_when_empty()
        try:
            await asyncio.wait_for(self._empty.wait(), CLOSING_SECONDS)
        except TimeoutError:
            for connection in tuple(self._connections):
                connection.raw.abort()
        if self._handshakes:
            await asyncio.wait(tuple(self._handshakes), timeout=CLOSING_SECONDS)

    def _tell_when_empty(self) -> None:
        if not self._connections:
            self._empty.set()

    async def _secure(self, transport: asyncio.Transport, generation: Generation) -> None:
        recording = Recording(f"{self._site.listener}-{next(self._numbers)}", generation.certificate, flush=transport.write)
        scanner = HeadScanner()
        recording.inbound = scanner.feed
        gate = _Gate()
        try:
            with recorded(recording):
                secured = await asyncio.get_running_loop().start_tls(
                    transport,
                    gate,
                    generation.context,
                    server_side=True,
                    ssl_handshake_timeout=HANDSHAKE_SECONDS,
                    ssl_shutdown_timeout=GOODBYE_SECONDS,
                )
        except OSError as error:
            recording.failed(error, _DETAILS.get(type(error).__name__, ""))
            self._failed(recording)
            return
        if secured is None or not recording.established:
            recording.failed(ConnectionResetError(), _DETAILS["ConnectionResetError"])
            self._failed(recording)
            return
        if self._is_revoked(recording):
            recording.established = False
            recording.error, recording.detail = "CERTIFICATE_VERIFY_FAILED", "certificate revoked"
            secured.abort()
            self._failed(recording)
            return
        if generation is not self._generation:
            secured.abort()
            self._failed(recording)
            return
        connection = HttpConnection(self._http, self._site, recording, scanner, transport)
        self._connections.add(connection)
        gate.open(secured, connection)

    def _failed(self, recording: Recording) -> None:
        """Report a connection that never reached HTTP, unless not a byte came (a port probe)."""
        if recording.first_bytes:
            self._report(recording.connection())

    def _is_revoked(self, recording: Recording) -> bool:
        der = recording.session.get("client_der")
        return der is not None and x509.load_der_x509_certificate(der).serial_number in self._revoked


class _Accepted(asyncio.Protocol):
    """A raw TCP connection: not a byte is read before TLS takes over."""

    def __init__(self, port: Port, generation: Generation) -> None:
        self._port = port
        self._generation = generation

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        self._port.accept(transport, self._generation)


class _Gate(asyncio.Protocol):
    """Holds what the client sends between the end of the handshake and the arrival of the HTTP connection."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._lost: list[Exception | None] = []
        self._behind: HttpConnection | None = None

    def open(self, transport: asyncio.Transport, behind: HttpConnection) -> None:
        """Pass everything on, from now on directly."""
        self._behind = behind
        transport.set_protocol(behind)
        behind.connection_made(transport)
        for data in self._held:
            behind.data_received(data)
        self._held.clear()
        for reason in self._lost:
            behind.connection_lost(reason)

    def data_received(self, data: bytes) -> None:
        if self._behind is None:
            self._held.append(data)
        else:
            self._behind.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._behind is None:
            self._lost.append(exc)
        else:
            self._behind.connection_lost(exc)
