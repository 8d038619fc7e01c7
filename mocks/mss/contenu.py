"""Reading the content of a message after DATA: dots removed, in memory when small, in a file past 1 MiB, refused past the cap."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import IO, Any

from ...core.exchange import Body

IN_MEMORY = 1024 * 1024
CUT = 2048


class Contenu:
    """The content of one message. ``refus`` is the SMTP reply that its form or size calls for, ``""`` when acceptable."""

    def __init__(self, dossier: Path, taille_max: int) -> None:
        self._dossier = dossier
        self._max = taille_max
        self._petit = bytearray()
        self._fichier: IO[bytes] | None = None
        self.taille = 0
        self.refus = ""

    async def lire(self, reader: Any, *, coupe: bool = False) -> None:
        """Read to the final dot. Past the cap nothing more is kept. ``coupe`` stops early, as a broken connection does."""
        entiere = True
        while True:
            ligne, fin = await self._ligne(reader)
            if entiere and fin and ligne == b".\r\n":
                break
            if entiere and ligne.startswith(b"."):
                ligne = ligne[1:]
            entiere = fin
            self._garder(ligne)
            if coupe and self.taille >= CUT:
                self.refus = "451 4.4.2 connexion rompue"
                break
        if self._fichier is not None:
            self._fichier.close()

    def corps(self) -> Body:
        """The message."""
        return Body(bytes(self._petit)) if self._fichier is None else Body(None, Path(self._fichier.name))

    def effacer(self) -> None:
        """Remove the file, once recorded."""
        if self._fichier is not None:
            self._fichier.close()
            Path(self._fichier.name).unlink(missing_ok=True)

    async def _ligne(self, reader: Any) -> tuple[bytes, bool]:
        """A line, or a piece of one that is too long, and whether it is ended."""
        try:
            return await reader.readuntil(b"\r\n"), True
        except asyncio.LimitOverrunError as error:
            self.refus = self.refus or "500 5.6.0 ligne trop longue"
            return await reader.readexactly(error.consumed), False

    def _garder(self, ligne: bytes) -> None:
        self.taille += len(ligne)
        if self.taille > self._max:
            self.refus = "552 5.3.4 message trop volumineux"
            return
        if self._fichier is None and self.taille > IN_MEMORY:
            self._fichier = tempfile.NamedTemporaryFile(dir=self._dossier, prefix="message-", delete=False)  # noqa: SIM115 - lives on
            self._fichier.write(self._petit)
            self._petit.clear()
        if self._fichier is None:
            self._petit += ligne
        else:
            self._fichier.write(ligne)
