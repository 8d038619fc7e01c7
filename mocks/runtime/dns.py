"""A listener of DNS: the same port in UDP and in TCP, each query a recorded exchange. No TLS takes place."""

from __future__ import annotations

import asyncio
import itertools
import socket
import struct
from typing import TYPE_CHECKING, Any, cast

from dui_conformance.core.errors import InputError
from dui_conformance.core.exchange import Body, Connection, Delivery, Reply, Request

from .dispatch import serve_one

if TYPE_CHECKING:
    from .front import Generation
    from .http import Site

LARGEST = 4096
PATIENCE = 10.0


class DnsPort:
    """One port of DNS. A query is a request of method ``DNS`` whose body is the message; the reply's body is sent back."""

    def __init__(self, site: Site, listening: socket.socket) -> None:
        self._site = site
        self._listening = listening
        self._numbers = itertools.count(1)
        self._server: asyncio.Server | None = None
        self._datagrams: asyncio.DatagramTransport | None = None
        self._under_way: set[asyncio.Task[None]] = set()

    async def present(self, generation: Generation) -> None:
        """Open at the first call; certificates mean nothing here."""
        if self._server is not None:
            return
        loop = asyncio.get_running_loop()
        address = self._listening.getsockname()
        try:
            self._datagrams, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self), local_addr=address[:2])
        except OSError as error:
            raise InputError(f"[services] {self._site.listener} : le port UDP {address[1]} est déjà pris ({error})") from error
        self._server = await asyncio.start_server(self._conversation, sock=self._listening.dup())

    async def close(self) -> None:
        """Stop answering."""
        if self._datagrams is not None:
            self._datagrams.close()
        if self._server is not None:
            self._server.close()
        for task in tuple(self._under_way):
            task.cancel()
        self._listening.close()

    def ended(self, connection: Any) -> None:
        """DNS keeps no connection."""

    def query(self, data: bytes, address: Any, transport: asyncio.DatagramTransport) -> None:
        """A datagram has come; its answer leaves when recorded."""

        async def answer() -> None:
            reply = await self._serve(data, "udp")
            if not (reply.delivery.hang or reply.delivery.close or reply.delivery.reset):
                transport.sendto(reply.body.read(), address)

        task = asyncio.get_running_loop().create_task(answer())
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _conversation(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                (length,) = struct.unpack("!H", await asyncio.wait_for(reader.readexactly(2), PATIENCE))
                data = await asyncio.wait_for(reader.readexactly(length), PATIENCE)
                reply = await self._serve(data, "tcp")
                if reply.delivery.hang or reply.delivery.close or reply.delivery.reset:
                    return
                message = reply.body.read()
                writer.write(struct.pack("!H", len(message)) + message)
                await writer.drain()
        except (asyncio.IncompleteReadError, TimeoutError, ConnectionError):
            return
        finally:
            writer.close()

    async def _serve(self, data: bytes, transport: str) -> Reply:
        site = self._site
        connection = Connection(id=f"{site.listener}-{next(self._numbers)}", exercised=False)
        request = Request("DNS", f"/{transport}", (), Body(data[:LARGEST]), connection)
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(site.executor, serve_one, site.service, site.listener, request, site.recorder, site.clock)
        await asyncio.wait((future,))
        error = future.exception()
        if error is not None:
            site.on_failure(error)
            return Reply(delivery=Delivery(close=True))
        return future.result().reply


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, port: DnsPort) -> None:
        self._port = port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self._port.query(data, addr, self._transport)
