"""Lines and counted bytes over one connection, in clear then in TLS: what a protocol spoken by commands stands on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from .mail import Channel

HIGH = 256 * 1024
HANDSHAKE_SECONDS = 15.0
GOODBYE_SECONDS = 1.0


class LineTooLong(Exception):
    """A line passes the limit; the connection cannot go on."""


class Lines(asyncio.Protocol):
    """Reading and writing with bounded buffers. Every read raises ``EOFError`` once the client has left."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._left = False
        self._reading = True
        self._news = asyncio.Event()
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection begins."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Keep what comes; a client that sends faster than it is read is made to wait."""
        self._buffer += data
        self._news.set()
        if len(self._buffer) > HIGH and self._reading and self.transport is not None:
            self._reading = False
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """The client has said all it had to."""
        self._left = True
        self._news.set()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is over."""
        self._left = True
        self._news.set()
        self._writable.set()

    def pause_writing(self) -> None:
        """The client reads slowly."""
        self._writable.clear()

    def resume_writing(self) -> None:
        """It has caught up."""
        self._writable.set()

    @property
    def left(self) -> bool:
        """True once the client has left, whatever is still to be read."""
        return self._left

    async def line(self, limit: int, within: float | None = None) -> bytes:
        """The next line, its end included. Raises ``LineTooLong``, or ``TimeoutError`` after ``within`` seconds."""
        searched = 0
        while True:
            end = self._buffer.find(b"\n", searched)
            if 0 <= end < limit:
                return self._take(end + 1)
            searched = len(self._buffer)
            if end >= 0 or searched > limit:
                raise LineTooLong
            await self._more(within)

    async def some(self, size: int, within: float | None = None) -> bytes:
        """Between one and ``size`` of the next bytes."""
        while not self._buffer:
            await self._more(within)
        return self._take(min(size, len(self._buffer)))

    def write(self, data: bytes) -> None:
        """Send later; see :meth:`drain`."""
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(data)

    async def send(self, pieces: Iterable[bytes]) -> None:
        """Send, waiting for a client that reads slowly. Raises ``EOFError`` when it has left."""
        for piece in pieces:
            self.write(piece)
            if not self._writable.is_set():
                await self._writable.wait()
            if self._left and (self.transport is None or self.transport.is_closing()):
                raise EOFError

    async def secure(self) -> bool:
        """Negotiate TLS, recorded; False when it fails. What was sent in clear ahead of it is dropped (RFC 3501 §6.2.1)."""
        assert self.transport is not None
        self._buffer.clear()
        try:
            with self.channel.securing(self.transport):
                secured = await asyncio.get_running_loop().start_tls(
                    self.transport,
                    self,
                    self.channel.context,
                    server_side=True,
                    ssl_handshake_timeout=HANDSHAKE_SECONDS,
                    ssl_shutdown_timeout=GOODBYE_SECONDS,
                )
        except OSError as error:
            self.channel.recording.failed(error)
            return False
        if secured is None or not self.channel.recording.established or self.channel.refused:
            if secured is not None:
                secured.abort()
            return False
        self.transport = secured
        return True

    def _take(self, size: int) -> bytes:
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        if not self._reading and len(self._buffer) < HIGH // 2 and self.transport is not None:
            self._reading = True
            self.transport.resume_reading()
        return taken

    async def _more(self, within: float | None) -> None:
        """Wait for more to come."""
        if self._left:
            raise EOFError
        self._news.clear()
        if within is None:
            await self._news.wait()
        else:
            await asyncio.wait_for(self._news.wait(), within)
