"""How a reply leaves on a mail connection: the same data (``Delivery``) as for HTTP, in the words of these protocols."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

from ...core.exchange import Reply


async def livrer(reply: Reply, envoyer: Callable[[bytes], Awaitable[None]], transport: asyncio.Transport) -> str:
    """Send the reply (its body without the final line end) as told; gives the outcome to record."""
    delivery = reply.delivery
    if delivery.delay:
        await asyncio.sleep(delivery.delay)
    if delivery.hang:
        await asyncio.Event().wait()
    if delivery.reset:
        rompre(transport)
        return "reset"
    if delivery.close:
        transport.abort()
        return "ferme"
    line = reply.body.read().removesuffix(b"\r\n")
    if delivery.truncate_at is not None:
        transport.abort()
        return "tronque"
    await envoyer(line)
    if line.startswith(b"421"):
        transport.close()
    return "envoye"


def rompre(transport: asyncio.Transport) -> None:
    """End the connection by a TCP RST."""
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
