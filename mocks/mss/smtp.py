"""A submission session: transactions, each of which is one exchange. Imported lazily."""

from __future__ import annotations

import asyncio
from email.errors import HeaderParseError
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import syntax

from ...core.exchange import Body, Request
from ..runtime.mail import Channel
from .contenu import Contenu
from .livraison import livrer
from .messages import ENVOI, REFUS, SESSION, Destinataire, Envoi
from .smtp_parametres import separer
from .smtp_session import SessionSmtp

if TYPE_CHECKING:
    from .app import OperateurMss

_MALFORMED = (HeaderParseError, IndexError, ValueError, AttributeError, TypeError)
"""What the address parser of the standard library raises on some malformed paths."""


class Soumission(SessionSmtp):
    """One connection of a mail client to an operator."""

    def __init__(self, service: OperateurMss, channel: Channel) -> None:
        self._messages = 0
        self._de = ""
        self._options: list[tuple[str, str]] = []
        self._destinataires: list[Destinataire] = []
        self._dsn: tuple[tuple[str, str], ...] = ()
        super().__init__(service, channel)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Nothing of a transaction outlives the negotiation of TLS."""
        self._vider()
        super().connection_made(transport)

    @syntax("MAIL FROM: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_MAIL(self, arg: str | None) -> None:
        """Open a transaction; DSN parameters are kept aside, the others left to aiosmtpd."""
        if self._acceptee is None:
            await self.push("530 5.7.0 authentification requise")
            return
        reste, self._options = separer(arg, ("RET", "ENVID", "AUTH", "SIZE", "BODY", "SMTPUTF8"))
        if await self._empeche("smtp.mail"):
            return
        try:
            await super().smtp_MAIL(reste)
        except _MALFORMED:
            await self.push("501 5.1.7 adresse illisible")

    @syntax("RCPT TO: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_RCPT(self, arg: str | None) -> None:
        """Add a recipient."""
        reste, options = separer(arg, ("NOTIFY", "ORCPT"))
        obstacle = self._service.obstacle("smtp.rcpt")
        self._dsn = tuple(options)
        if obstacle is None:
            try:
                await super().smtp_RCPT(reste)
            except _MALFORMED:
                await self.push("501 5.1.3 adresse illisible")
            return
        self._pannes.append(obstacle[0])
        self._destinataires.append(Destinataire((reste or "").partition(":")[2].strip("<> "), self._dsn, obstacle[1].reponse))
        await self.push(obstacle[1].reponse)

    async def _call_handler_hook(self, command: str, *args: Any) -> Any:
        """MAIL and RCPT are decided here, the rest by the hooks of aiosmtpd."""
        assert self.envelope is not None
        if command == "MAIL":
            self._de = "" if args[0] == "<>" else str(args[0])
            refus = self._service.expediteur(self._de, self._acceptee)
            if refus:
                return refus
            self.envelope.mail_from = args[0]
            return "250 2.1.0 expediteur accepte"
        if command == "RCPT":
            reponse = self._service.destinataire(str(args[0]), len(self._destinataires))
            self._destinataires.append(Destinataire(str(args[0]), self._dsn, reponse))
            if reponse.startswith("2"):
                self.envelope.rcpt_tos.append(args[0])
            return reponse
        return await super()._call_handler_hook(command, *args)

    @syntax("RSET")
    async def smtp_RSET(self, arg: str) -> None:
        """Give up the transaction, recorded if it had begun."""
        await self._refusee()
        await super().smtp_RSET(arg)

    @syntax("QUIT")
    async def smtp_QUIT(self, arg: str) -> None:
        """Leave."""
        await self._refusee()
        await super().smtp_QUIT(arg)

    @syntax("DATA")
    async def smtp_DATA(self, arg: str) -> None:
        """Read the message into memory or a file, submit it to the service, answer as it says."""
        if arg or self._acceptee is None or self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("501 5.5.4 DATA sans parametre" if arg else "503 5.5.1 MAIL et RCPT d'abord")
            return
        brut = bytes(self._brut[: len(self._brut) - len(self._reader._buffer)])  # type: ignore[attr-defined]
        await self.push("354 terminez par <CRLF>.<CRLF>")
        obstacle = self._service.obstacle("smtp.contenu")
        self._contenu = True
        contenu = Contenu(Path(self.channel.site.spool), self._service.profil.taille_max)
        try:
            await contenu.lire(self._reader, coupe=obstacle is not None)
            if obstacle is not None:
                self._pannes.append(obstacle[0])
                assert self._transport is not None
                self._transport.abort()
            self._contenu = False
            self._brut = bytearray(self._reader._buffer)  # type: ignore[attr-defined]
            await self._soumettre(contenu, brut)
        finally:
            contenu.effacer()
        self._vider()
        self.envelope = self._create_envelope()

    async def _soumettre(self, contenu: Contenu, brut: bytes) -> None:
        request = self._request(ENVOI, contenu.corps(), brut, reponse=contenu.refus)
        self._messages += 1
        served = await self.channel.serve(request)
        contenu.effacer()
        if served is None:
            await self.push("451 4.3.0 erreur du simulateur")
            return
        assert self._transport is not None
        outcome = await livrer(served.reply, self.push, self._transport)
        self.channel.delivered(served, outcome)

    async def _refusee(self) -> None:
        """Record a transaction that ends before its message."""
        if not self._de and not self._destinataires:
            return
        request = self._request(REFUS, Body(), bytes(self._brut), reponse=bytes(self._dit[-2000:]).decode("utf-8", "replace"))
        self._brut.clear()
        self._vider()
        await self.channel.serve(request)

    async def _conclure(self) -> None:
        """Record what no exchange tells yet, then let the port go."""
        if self._acceptee is not None:
            await self._refusee()
        quitte = bytes(self._brut).strip().upper() in (b"", b"QUIT")
        if not (self.channel.exchanges or quitte or self.channel.silent):
            await self.channel.serve(
                self._request(SESSION, Body(), bytes(self._brut), reponse=bytes(self._dit).decode("utf-8", "replace"))
            )
        self.channel.ended(self)

    def _request(self, chemin: str, corps: Body, brut: bytes, *, reponse: str) -> Request:
        helo = getattr(self.session, "host_name", "") or ""
        envoi = Envoi(
            helo,
            self._acceptee,
            tuple(self._tentatives),
            self._de,
            tuple(self._options),
            tuple(self._destinataires),
            self._messages + 1,
        )
        request = envoi.request(chemin, corps, self.channel.connection(), brut, reponse=reponse)
        request.memo["authentifications"] = tuple(self._tentatives)
        request.memo["pannes"] = tuple(self._pannes)
        return request

    def _vider(self) -> None:
        self._de, self._dsn = "", ()
        self._options, self._destinataires = [], []
