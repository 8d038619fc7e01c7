"""How a reply leaves: :class:`Delivery` is data, this executes it on the connection.

Order of precedence: ``hang`` (nothing is sent, the connection is held until someone closes it), ``reset`` (TCP RST),
``close`` (nothing is sent, clean end), then the reply itself, whole or cut by ``truncate_at``, at once or in pieces.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Iterator
from typing import Protocol

from aiohttp import web
from dui_conformance.core.exchange import Body, Reply

PIECE = 64 * 1024
_FRAMING = ("content-length", "transfer-encoding")


class Line(Protocol):
    """The connection that a reply leaves by. ``closing`` is set when it must end or has ended."""

    closing: asyncio.Event
    raw: asyncio.Transport

    def end(self) -> None:
        """Close TLS then TCP, what is written first being sent."""


async def deliver(message: web.BaseRequest, reply: Reply, line: Line, *, keep: bool = True) -> tuple[web.StreamResponse, str]:
    """Send the reply as its delivery says. Gives the response for aiohttp, already sent, and the outcome to record.

    The end of the line interrupts every wait. The connection does not outlive the reply when ``keep`` is False.
    """
    delivery = reply.delivery
    response = _response(reply)
    if delivery.delay:
        await _wait(line.closing, delivery.delay)
    if delivery.hang:
        await line.closing.wait()
    if delivery.reset:
        _reset(line)
    if delivery.hang or delivery.reset or delivery.close:
        response.force_close()
        line.end()
        return response, "silence" if delivery.hang else ("reset" if delivery.reset else "ferme")
    if not keep or line.closing.is_set() or delivery.truncate_at is not None:
        response.force_close()
    try:
        whole = await _send(message, response, reply, line.closing)
    except ConnectionError:
        return response, "client-parti"
    if whole:
        return response, "envoye"
    line.end()
    return response, "tronque"


async def _send(message: web.BaseRequest, response: web.StreamResponse, reply: Reply, closing: asyncio.Event) -> bool:
    """Send head and body; False when the body was cut short on purpose."""
    delivery = reply.delivery
    await response.prepare(message)
    size = reply.body.size
    end = size if delivery.truncate_at is None else min(delivery.truncate_at, size)
    for piece in _pieces(reply.body, end, delivery.chunk or PIECE):
        await response.write(piece)
        if delivery.pause:
            await _wait(closing, delivery.pause)
    if end < size:
        return False
    await response.write_eof()
    return True


def _response(reply: Reply) -> web.StreamResponse:
    response = web.StreamResponse(status=reply.status)
    for name, value in reply.headers:
        if name.lower() not in _FRAMING:
            response.headers.add(name, value)
    response.headers.setdefault("Server", "dui-conformance")
    response.content_length = reply.body.size
    return response


def _pieces(body: Body, end: int, step: int) -> Iterator[bytes]:
    with body.open() as stream:
        left = end
        while left > 0:
            piece = stream.read(min(step, left))
            if not piece:
                return
            left -= len(piece)
            yield piece


async def _wait(closing: asyncio.Event, seconds: float) -> None:
    """Wait that long, or until the connection ends."""
    waiting = asyncio.ensure_future(closing.wait())
    await asyncio.wait((waiting,), timeout=seconds)
    waiting.cancel()


def _reset(line: Line) -> None:
    """End the connection by a TCP RST: a zero linger makes the close abrupt."""
    sock = line.raw.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.raw.abort()
