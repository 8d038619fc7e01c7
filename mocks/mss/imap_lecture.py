"""Reading the commands of IMAP: lines, literals, bounds; and saying things to the client. What is said and heard is kept."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ...core.exchange import Body
from ..runtime.lines import Lines
from ..runtime.mail import Channel
from .imap_carnet import Carnet
from .imap_commandes import Etat
from .imap_grammaire import Chaine, Grand
from .litteral import lire_litteral

if TYPE_CHECKING:
    from .app import OperateurMss

LINE = 64 * 1024
SMALL = 64 * 1024
UNKNOWN_SMALL = 8 * 1024
IDLE_SECONDS = 1800.0
BAD_LIMIT = 50
_LITERAL = re.compile(rb"\{([0-9]{1,12})(\+?)\}\r?\n\Z")


class LectureImap(Lines):
    """The part of a session that reads and writes."""

    def __init__(self, service: OperateurMss, channel: Channel) -> None:
        super().__init__(channel)
        self.service = service
        self.carnet = Carnet()
        self.etat = Etat.ACCUEIL
        self.fin = ""
        self._bad = 0
        self._grands: list[Body] = []

    async def dire(self, *lignes: str | bytes) -> None:
        """Send lines, and keep them."""
        data = b"".join((ligne.encode("utf-8", "replace") if isinstance(ligne, str) else ligne) + b"\r\n" for ligne in lignes)
        self.carnet.dire(data)
        await self.send([data])

    async def _parties(self, etiquette: str, nom: bytes, reste: bytes) -> list[bytes | Chaine | Grand] | None:
        """The command with its literals read; None when a literal is refused."""
        parts: list[bytes | Chaine | Grand] = []
        total = 0
        while (match := _LITERAL.search(reste)) is not None:
            size, direct = int(match.group(1)), bool(match.group(2))
            parts.append(reste[: match.start()])
            grand = nom == b"APPEND" and self.etat in (Etat.AUTHENTIFIE, Etat.SELECTIONNE)
            limit = self.service.profil.taille_max if grand else (UNKNOWN_SMALL if self.etat is Etat.ACCUEIL else SMALL)
            total += size if not grand else 0
            if size > limit or total > SMALL or len(parts) > 200:
                await self._mauvaise(etiquette, "[TOOBIG] litteral trop long")
                if direct:
                    self._couper()
                return None
            if not direct:
                await self.dire("+ suite attendue")
            body = await lire_litteral(self.some, size, Path(self.channel.site.spool) if grand else None)
            self._grands.append(body)
            parts.append(Grand(body) if grand else Chaine(body.read()))
            if not grand:
                self.carnet.entendre(body.read())
            reste = await self._ligne()
        parts.append(reste.rstrip(b"\r\n"))
        return parts

    async def _ligne(self) -> bytes:
        line = await self.line(LINE, IDLE_SECONDS)
        self.carnet.entendre(line)
        return line

    async def _mauvaise(self, etiquette: str, pourquoi: str) -> None:
        self._bad += 1
        plain = unicodedata.normalize("NFKD", pourquoi).encode("ascii", "ignore").decode()
        await self.dire(f"{etiquette} BAD {plain}")
        if self._bad >= BAD_LIMIT:
            self.fin = "trop-d-erreurs"
            await self.dire("* BYE trop d'erreurs")
            raise EOFError

    def _oublier_grands(self) -> None:
        for grand in self._grands:
            if grand.path is not None:
                grand.path.unlink(missing_ok=True)
        self._grands.clear()

    def _couper(self) -> NoReturn:
        self.fin = self.fin or "panne"
        if self.transport is not None:
            self.transport.close()
        raise EOFError
