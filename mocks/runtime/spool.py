"""Reading a request body: in memory when small, in a file past 1 MiB, refused past the cap."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dui_conformance.core.exchange import Body

IN_MEMORY = 1024 * 1024
MAX_BODY = 100_000_000
STALLED = 60.0


@dataclass(frozen=True, slots=True)
class Received:
    """A body, and why its reading stopped early: ``""``, ``trop-grand``, ``interrompu`` or ``trop-lent``."""

    body: Body
    stopped: str = ""


async def read_body(next_bytes: Callable[[], Awaitable[bytes]], folder: Path, *, cap: int = MAX_BODY) -> Received:
    """Read until an empty chunk. The file of a large body lies in ``folder``; its owner deletes it once recorded.

    ``next_bytes`` may raise ``ConnectionError`` when the client leaves; what was read so far is given.
    """
    small = bytearray()
    spool: Any = None
    size, stopped = 0, ""
    try:
        while True:
            try:
                chunk = await asyncio.wait_for(next_bytes(), STALLED)
            except ConnectionError:
                stopped = "interrompu"
                break
            except TimeoutError:
                stopped = "trop-lent"
                break
            if not chunk:
                break
            size += len(chunk)
            if size > cap:
                stopped = "trop-grand"
                break
            if spool is None and size > IN_MEMORY:
                spool = tempfile.NamedTemporaryFile(dir=folder, prefix="corps-", delete=False)  # noqa: SIM115 - lives on
                spool.write(small)
                small.clear()
            if spool is None:
                small += chunk
            else:
                spool.write(chunk)
    finally:
        if spool is not None:
            spool.close()
    if spool is None:
        return Received(Body(bytes(small)), stopped)
    return Received(Body(None, Path(spool.name)), stopped)
