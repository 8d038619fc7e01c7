"""A session of IMAP."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ..runtime.mail import Channel

if TYPE_CHECKING:
    from .app import OperateurMss


class SessionImap(asyncio.Protocol):
    """One connection."""

    def __init__(self, service: OperateurMss, channel: Channel, *, immediat: bool) -> None:
        self.channel = channel

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Refuse for now."""
        assert isinstance(transport, asyncio.Transport)
        self.channel.opened(self, transport)
        transport.write(b"* BYE\r\n")
        transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """The end."""
        self.channel.ended(self)

    def retire(self) -> None:
        """Nothing to close."""
