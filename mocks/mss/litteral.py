"""Reading counted bytes: in memory when small, in a file past 1 MiB."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from ...core.exchange import Body

IN_MEMORY = 1024 * 1024
PIECE = 256 * 1024


async def lire_litteral(some: Callable[[int], Awaitable[bytes]], taille: int, dossier: Path | None) -> Body:
    """That many bytes; ``dossier`` is where a large one is spooled, its owner deletes the file."""
    if dossier is None or taille <= IN_MEMORY:
        found = bytearray()
        while len(found) < taille:
            found += await some(taille - len(found))
        return Body(bytes(found))
    with tempfile.NamedTemporaryFile(dir=dossier, prefix="litteral-", delete=False) as file:
        left = taille
        try:
            while left > 0:
                piece = await some(min(PIECE, left))
                left -= len(piece)
                file.write(piece)
        except EOFError:
            Path(file.name).unlink(missing_ok=True)
            raise
    return Body(None, Path(file.name))
