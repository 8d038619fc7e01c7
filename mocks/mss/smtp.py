"""A submission session: aiosmtpd speaks, this class decides and records. One exchange per transaction. Imported lazily."""

from __future__ import annotations

import asyncio
import collections
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import SMTP, syntax

from ...core.exchange import Body, Request
from ..runtime.mail import Channel
from .contenu import Contenu
from .livraison import livrer
from .messages import ENVOI, REFUS, SESSION, Destinataire, Envoi
from .sasl import DEFI, MECANISMES, Authentification, decoder
from .smtp_parametres import separer

if TYPE_CHECKING:
    from .app import OperateurMss

LINE = 64 * 1024
COMMAND = 12_288
KEPT = 64 * 1024
IDLE_SECONDS = 300.0
AUTH_FAILURES = 5


class _Crochets:
    """The hooks of aiosmtpd; the session is their first argument."""

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]) -> list[str]:
        """Announce what this operator accepts."""
        return server.annoncer(hostname, responses)  # type: ignore[no-any-return]

    def handle_STARTTLS(self, server: Any, session: Any, envelope: Any) -> bool:
        """Refuse a revoked client certificate."""
        return not server.channel.refused

    async def handle_exception(self, error: Exception) -> str:
        """A broken TLS negotiation, or an error of ours, that the runtime reports."""
        return "451 4.3.0 erreur du simulateur"


_CROCHETS = _Crochets()


class Soumission(SMTP):
    """One connection of a mail client to an operator."""

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
        self._messages = 0
        self._de = ""
        self._options: list[tuple[str, str]] = []
        self._destinataires: list[Destinataire] = []
        self._dsn: tuple[tuple[str, str], ...] = ()
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
        self._vider()
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
        if self.transport is not None and not self._finie:
            self._writer.write(b"421 4.3.2 arret du service\r\n")
            self.transport.close()

    async def push(self, status: Any) -> None:
        """Send a reply, and keep it."""
        text = status if isinstance(status, bytes) else status.encode("utf-8", "replace")
        if len(self._dit) < KEPT:
            self._dit += text + b"\r\n"
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
        if arg or self._sans_tls or await self._empeche("smtp.starttls"):
            if arg or self._sans_tls:
                await self.push("501 5.5.4 STARTTLS sans parametre" if arg else "502 5.5.1 commande inconnue")
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
        if await self._empeche("smtp.auth", self._refuser_defi if mecanisme == "XOAUTH2" else None):
            self._tentatives.append(Authentification(mecanisme, "panne"))
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
        self._tentatives.append(vue)
        if vue.acceptee:
            self._acceptee = vue
            await self.push("235 2.7.0 authentification reussie")
            return
        if vue.verdict == "avant-tls":
            await self.push("538 5.7.11 TLS d'abord")
            return
        if mecanisme == "XOAUTH2":
            await self._refuser_defi()
        await self.push("535 5.7.8 authentification refusee")
        if self._service.profil.ferme_apres_refus or len(self._tentatives) >= AUTH_FAILURES:
            assert self.transport is not None
            self.transport.close()

    @syntax("MAIL FROM: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_MAIL(self, arg: str | None) -> None:
        """Open a transaction; DSN parameters are kept aside, the others left to aiosmtpd."""
        if self._acceptee is None:
            await self.push("530 5.7.0 authentification requise")
            return
        reste, self._options = separer(arg, ("RET", "ENVID", "AUTH", "SIZE", "BODY", "SMTPUTF8"))
        if await self._empeche("smtp.mail"):
            return
        assert self.envelope is not None
        await super().smtp_MAIL(reste)

    @syntax("RCPT TO: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_RCPT(self, arg: str | None) -> None:
        """Add a recipient."""
        reste, options = separer(arg, ("NOTIFY", "ORCPT"))
        obstacle = self._service.obstacle("smtp.rcpt")
        self._dsn = tuple(options)
        if obstacle is None:
            await super().smtp_RCPT(reste)
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
        if not (self._messages or self.channel.exchanges) and not quitte:
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

    async def _empeche(self, etape: Any, avant: Any = None) -> bool:
        """Whether an armed fault strikes this step; its reply is then sent."""
        obstacle = self._service.obstacle(etape)
        if obstacle is None:
            return False
        nom, effet = obstacle
        self._pannes.append(nom)
        if avant is not None and effet.reponse.startswith("535"):
            await avant()
        if effet.reponse:
            await self.push(effet.reponse)
        if effet.suite in ("ferme", "coupe"):
            assert self.transport is not None
            self.transport.close()
        if effet.suite == "attend":
            await asyncio.Event().wait()
        return bool(effet.reponse or effet.suite)

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
        import base64

        await self.push(b"334 " + base64.b64encode(DEFI))
        await self._reader.readuntil(b"\n")

    def _mecanismes(self) -> tuple[str, ...]:
        """What is announced: EXTERNAL and PLAIN to who has shown a certificate."""
        return MECANISMES if self.channel.connection().client_der else MECANISMES[:1]

    def _vider(self) -> None:
        self._de, self._dsn = "", ()
        self._options, self._destinataires = [], []
