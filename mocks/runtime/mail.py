"""The TCP side of a listener of mail: sessions that begin in clear or in TLS, recorded alike, closed when it is replaced."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

from cryptography import x509
from dui_conformance.core.exchange import Connection, Request

from .dispatch import Served, serve_one
from .tls import Recording, recorded

if TYPE_CHECKING:
    from .front import Generation
    from .http import Site

T = TypeVar("T")
CLOSING_SECONDS = 2.0
LEFT = "le client a fermé la connexion pendant la négociation"


class Dialogue(Protocol):
    """One connection of a mail client, as the port sees it: an asyncio protocol that can be asked to end."""

    def retire(self) -> None:
        """Say goodbye and close."""


class MailService(Protocol):
    """A service that speaks with mail clients."""

    def dialogue(self, channel: Channel) -> asyncio.Protocol:
        """A new session of this service on a connection just accepted."""


class Channel:
    """What a session needs of the runtime: its TLS context and recording, and the way from a request to a recorded reply.

    Lives in the runtime's loop.
    """

    def __init__(self, port: MailPort, site: Site, generation: Generation, number: int) -> None:
        self._port = port
        self.site = site
        self.listener = site.listener
        self.context = generation.context
        self.recording = Recording(f"{site.listener}-{number}", generation.certificate)
        self.started = False
        self.exchanges = 0

    def securing(self, transport: asyncio.WriteTransport) -> recorded:
        """A block within which TLS is negotiated: its outcome and its plaintext go to this channel's recording."""
        self.started = True
        self.recording.flush = transport.write
        return recorded(self.recording)

    @property
    def refused(self) -> bool:
        """True when the client's certificate is revoked, which OpenSSL was not asked to look at."""
        der = self.recording.session.get("client_der")
        if der is None or x509.load_der_x509_certificate(der).serial_number not in self._port.revoked:
            return False
        self.recording.established = False
        self.recording.error, self.recording.detail = "CERTIFICATE_VERIFY_FAILED", "certificate revoked"
        return True

    def connection(self) -> Connection:
        """The connection as it is known now; before TLS it is not established."""
        return self.recording.connection()

    async def serve(self, request: Request) -> Served | None:
        """Record a request, have it answered, record the reply; None when that failed (real data probable, error of ours)."""
        self.exchanges += 1
        site = self.site
        return await self.apart(serve_one, site.service, site.listener, request, site.recorder, site.clock)

    async def apart(self, work: Callable[..., T], *arguments: Any) -> T | None:
        """Run a function in a worker thread; None when it failed, which is reported: an error of ours, or of the campaign."""
        future = asyncio.get_running_loop().run_in_executor(self.site.executor, work, *arguments)
        await asyncio.wait((future,))
        error = future.exception()
        if error is not None:
            self.site.on_failure(error)
            return None
        return future.result()

    @property
    def silent(self) -> bool:
        """True when TLS was asked for and the client said nothing within it: there is a handshake to tell, and no more."""
        return self.started and not self.recording.application_bytes

    def delivered(self, served: Served, outcome: str) -> None:
        """Say how a reply left."""
        self.site.executor.submit(self.site.recorder.delivered, served.exchange, outcome)

    def opened(self, dialogue: Dialogue, transport: asyncio.Transport) -> None:
        """The session begins on this TCP connection.

        asyncio sends small replies at once only on sockets that say their protocol number, which those of a listener made by
        ``socket.create_server`` do not.
        """
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._port.opened(dialogue, transport)

    def ended(self, dialogue: Dialogue) -> None:
        """The session is over, everything of it recorded. A TLS that led to nothing is reported."""
        if self.started and not self.recording.established:
            self.recording.failed(ConnectionResetError(), LEFT)
        if self.started and not self.exchanges:
            self._port.report(self.recording.connection())
        self._port.ended(dialogue)


class MailPort:
    """One listening socket of SMTP or IMAP. Lives in the runtime's loop, as :class:`Port` does for HTTP."""

    def __init__(
        self, site: Site, listening: socket.socket, report: Callable[[Connection], None], revoked: Collection[int]
    ) -> None:
        self._site = site
        self._listening = listening
        self.report = report
        self.revoked = revoked
        self._server: asyncio.Server | None = None
        self._numbers = itertools.count(1)
        self._sessions: dict[Dialogue, asyncio.Transport] = {}
        self._empty = asyncio.Event()

    async def present(self, generation: Generation) -> None:
        """Serve this certificate from now on; every older session is ended."""
        await self._shut()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self._accept(generation), sock=self._listening.dup(), backlog=128)

    async def close(self) -> None:
        """Stop accepting and end every session; returns when all have ended, or after two seconds."""
        await self._shut()
        self._listening.close()

    def opened(self, dialogue: Dialogue, transport: asyncio.Transport) -> None:
        """A session has its connection."""
        self._sessions[dialogue] = transport

    def ended(self, dialogue: Any) -> None:
        """A session is over."""
        self._sessions.pop(dialogue, None)
        if not self._sessions:
            self._empty.set()

    def _accept(self, generation: Generation) -> asyncio.Protocol:
        service = cast(MailService, self._site.service)
        return service.dialogue(Channel(self, self._site, generation, next(self._numbers)))

    async def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for dialogue in tuple(self._sessions):
            dialogue.retire()
        self._empty.clear()
        if not self._sessions:
            return
        try:
            await asyncio.wait_for(self._empty.wait(), CLOSING_SECONDS)
        except TimeoutError:
            for transport in tuple(self._sessions.values()):
                transport.abort()
