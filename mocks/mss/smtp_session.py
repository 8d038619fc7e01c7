"""A connection of SMTP: aiosmtpd speaks; TLS, authentication and what is kept of the dialogue are here. Imported lazily."""

from __future__ import annotations

import asyncio
import base64
import collections
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, TLSSetupException, syntax

from ..runtime.mail import Channel
from .faults import Effet, Etape
from .sasl import DEFI, MECANISMES, Authentification, decoder

if TYPE_CHECKING:
    from .app import OperateurMss

LINE = 64 * 1024
COMMAND = 12_288
KEPT = 64 * 1024
IDLE_SECONDS = 300.0
AUTH_FAILURES = 5
GOODBYE_SECONDS = 1.0
_NOT_OURS = (TLSSetupException, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError)


class _Crochets:
    """The hooks of aiosmtpd; the session is their first argument."""

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        """Announce what this operator accepts."""
        return server.annoncer(hostname, responses)  # type: ignore[no-any-return]

    def handle_STARTTLS(self, server: Any, session: Any, envelope: Any) -> bool:
        """Refuse a revoked client certificate."""
        return not server.channel.refused


_CROCHETS = _Crochets()


class SessionSmtp(SMTP):
    """One connection of a mail client to an operator, transactions aside."""

    line_length_limit = LINE
    command_size_limit = COMMAND

    def __init__(self, service: OperateurMss, channel: Channel) -> None:
        self.channel = channel
        self._service = service
        self._transport: asyncio.Transport | None = None
        self._brut = bytearray()
        self._dit = bytearray()
        self._contenu = False
        self._acceptee: Authentification | None = None
        self._tentatives: list[Authentification] = []
        self._pannes: list[str] = []
        self._finie = False
        self._sans_tls = False
        profil = service.profil
        self.command_size_limits = collections.defaultdict(lambda: COMMAND)
        super().__init__(
            _CROCHETS,
            data_size_limit=profil.taille_max,
            enable_SMTPUTF8=True,
            hostname=f"smtp.{profil.domaines[0]}",
            ident="ESMTP operateur MSSante simule",
            tls_context=channel.context,
            require_starttls=False,
            timeout=IDLE_SECONDS,
            loop=asyncio.get_running_loop(),
        )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection begins, or begins again once TLS is established."""
        first = self._transport is None
        if first:
            assert isinstance(transport, asyncio.Transport)
            self._transport = transport
            self.channel.opened(self, transport)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        """Keep what comes, byte for byte, but for the content of messages, kept elsewhere."""
        if not self._contenu and len(self._brut) < KEPT:
            self._brut += data
        super().data_received(data)

    def connection_lost(self, error: Exception | None) -> None:
        """The connection is over: record it when it carried no message."""
        if self._finie:
            return
        self._finie = True
        super().connection_lost(error)
        asyncio.get_running_loop().create_task(self._conclure())

    def retire(self) -> None:
        """Say goodbye and close."""
        if self.transport is not None and not self._finie and not self.transport.is_closing():
            self._writer.write(b"421 4.3.2 arret du service\r\n")
            self.fermer()

    def fermer(self) -> None:
        """Close, without waiting long for the client's own goodbye."""
        if self.transport is not None and self._transport is not None:
            self.transport.close()
            self.loop.call_later(GOODBYE_SECONDS, self._transport.abort)

    async def push(self, status: Any) -> None:
        """Send a reply, and keep it."""
        text = status if isinstance(status, bytes) else status.encode("utf-8", "replace")
        if len(self._dit) < KEPT:
            self._dit += text + b"\r\n"
        if self.transport is None or self.transport.is_closing():
            # A step back to the loop: a session whose client has left is cancelled there.
            await asyncio.sleep(0)
            return
        await super().push(text)

    def annoncer(self, hostname: str, responses: Sequence[str]) -> list[str]:
        """The EHLO answer."""
        assert self.session is not None
        self.session.host_name = hostname
        kept = [r for r in responses if not r.startswith(("250-AUTH", "250 HELP"))]
        if self._service.obstacle("smtp.ehlo", count=False) is not None:
            kept = [r for r in kept if "STARTTLS" not in r]
            self._sans_tls = True
        if self._tls_protocol is not None:
            kept.append(f"250-AUTH {' '.join(self._mecanismes())}")
        return [*kept, "250-DSN", "250-ENHANCEDSTATUSCODES", "250 PIPELINING"]

    async def _handle_client(self) -> None:
        if await self._empeche("smtp.connexion"):
            return
        await super()._handle_client()

    @syntax("STARTTLS")
    async def smtp_STARTTLS(self, arg: str) -> None:
        """Negotiate TLS, recorded."""
        if self._tls_protocol is not None:
            await self.push("503 5.5.1 TLS deja etabli")
            return
        if arg or self._sans_tls:
            await self.push("501 5.5.4 STARTTLS sans parametre" if arg else "502 5.5.1 commande inconnue")
            return
        if await self._empeche("smtp.starttls"):
            return
        assert isinstance(self.transport, asyncio.WriteTransport)
        with self.channel.securing(self.transport):
            await super().smtp_STARTTLS(arg)
        if self.channel.refused:
            assert self.transport is not None
            self.transport.abort()

    @syntax("AUTH <mechanism>")
    async def smtp_AUTH(self, arg: str) -> None:
        """SASL: XOAUTH2 for people, EXTERNAL or PLAIN with a client certificate for applicative boxes."""
        if await self.check_helo_needed("EHLO"):
            return
        mecanisme, _, initiale = (arg or "").partition(" ")
        mecanisme = mecanisme.upper()
        if self._acceptee is not None:
            await self.push("503 5.5.1 deja authentifie")
            return
        if mecanisme not in MECANISMES:
            await self.push("504 5.5.4 mecanisme inconnu")
            return
        reponse = await self._reponse(initiale)
        if reponse is None:
            return
        channel = self.channel
        now = channel.site.clock.now()
        vue = await channel.apart(self._service.garde.examiner, mecanisme, reponse, channel.connection(), now)
        if vue is None:
            await self.push("454 4.7.0 verification impossible")
            return
        await self._repondre(mecanisme, vue)

    async def _repondre(self, mecanisme: str, vue: Authentification) -> None:
        """The answer to an attempt that was examined, armed faults included."""
        obstacle = self._service.obstacle("smtp.auth")
        if obstacle is not None:
            vue = replace(vue, verdict="panne")
        self._tentatives.append(vue)
        if vue.acceptee:
            self._acceptee = vue
            await self.push("235 2.7.0 authentification reussie")
            return
        if vue.verdict == "avant-tls":
            await self.push("538 5.7.11 TLS d'abord")
            return
        reponse_finale = "535 5.7.8 authentification refusee"
        if obstacle is not None:
            self._pannes.append(obstacle[0])
            reponse_finale = obstacle[1].reponse
        if mecanisme == "XOAUTH2" and reponse_finale.startswith("535"):
            await self._refuser_defi()
        await self.push(reponse_finale)
        if self._service.profil.ferme_apres_refus or len(self._tentatives) >= AUTH_FAILURES:
            self.fermer()

    async def _empeche(self, etape: Etape) -> bool:
        """Whether an armed fault strikes this step; its reply is then sent."""
        obstacle = self._service.obstacle(etape)
        if obstacle is None:
            return False
        return await self._subir(*obstacle)

    async def _subir(self, nom: str, effet: Effet) -> bool:
        """Do what a fault says; True when the command goes no further."""
        self._pannes.append(nom)
        if effet.reponse:
            await self.push(effet.reponse)
        if effet.suite in ("ferme", "coupe"):
            self.fermer()
        if effet.suite == "attend":
            await asyncio.Event().wait()
        return bool(effet.reponse or effet.suite)

    async def handle_exception(self, error: Exception) -> str:
        """An error of ours is reported; a broken negotiation or line is the client's."""
        if not isinstance(error, _NOT_OURS):
            self.channel.site.on_failure(error)
        return "451 4.3.0 erreur du simulateur"

    @abstractmethod
    async def _conclure(self) -> None:
        """Record what no exchange tells yet, then let the port go."""

    async def _reponse(self, initiale: str) -> bytes | None:
        """The frame of the client, from the command or after an empty challenge; None when there is none to judge."""
        texte = initiale.strip().encode("utf-8", "surrogateescape")
        if not texte:
            await self.push("334 ")
            texte = (await self._reader.readuntil(b"\n")).strip()
        if texte == b"*":
            await self.push("501 5.7.0 authentification abandonnee")
            return None
        decode = decoder(texte)
        if decode is None:
            self._tentatives.append(Authentification("", "trame-illisible", trame="illisible"))
            await self.push("501 5.5.2 base64 illisible")
        return decode

    async def _refuser_defi(self) -> None:
        """The challenge that tells why, to which a client answers by an empty line."""
        await self.push(b"334 " + base64.b64encode(DEFI))
        await self._reader.readuntil(b"\n")

    def _mecanismes(self) -> tuple[str, ...]:
        """What is announced: EXTERNAL and PLAIN to who has shown a certificate."""
        return MECANISMES if self.channel.connection().client_der else MECANISMES[:1]
