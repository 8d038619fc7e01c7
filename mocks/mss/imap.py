"""A session of IMAP4rev1: reads commands, authenticates, executes, and records itself at its end. Lives in the runtime's loop."""

from __future__ import annotations

import asyncio
import base64
import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ...core.exchange import Body, Request
from ..runtime.lines import LineTooLong
from ..runtime.mail import Channel
from .faults import Etape
from .imap_commandes import COMMANDES, Etat
from .imap_fetch import Lecteur
from .imap_grammaire import Chaine, Grand, SyntaxeImap, lire
from .imap_lecture import LectureImap
from .messages import SESSION
from .sasl import DEFI, MECANISMES, Authentification, decoder

if TYPE_CHECKING:
    from .app import OperateurMss
    from .imap_vue import Vue
    from .state import BoiteOuverte

AUTH_FAILURES = 5
_TAG = re.compile(rb"[!-~]{1,100}")


class SessionImap(LectureImap):
    """One connection of a mail client to an operator's boxes."""

    def __init__(self, service: OperateurMss, channel: Channel, *, immediat: bool) -> None:
        super().__init__(service, channel)
        self.reseau = service.reseau
        self.lecteur = Lecteur(service.reseau.magasin)
        self.ouverte: BoiteOuverte | None = None
        self.vue: Vue | None = None
        self.acceptee: Authentification | None = None
        self.tentatives: list[Authentification] = []
        self.loop = asyncio.get_running_loop()
        self._immediat = immediat
        self.sans_tls = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection begins."""
        super().connection_made(transport)
        assert self.transport is not None
        self.channel.opened(self, self.transport)
        self.service.retenir_imap(self)
        self._task = self.loop.create_task(self._mener())

    def retire(self) -> None:
        """Say goodbye and close."""
        self._au_revoir("service arrete")

    def congedier(self) -> None:
        """The same, from another thread."""
        self.loop.call_soon_threadsafe(self._au_revoir, "session fermee par l'operateur")

    @property
    def en_tls(self) -> bool:
        """True once TLS protects the connection."""
        return self.channel.recording.established

    def capacites(self) -> str:
        """What the session announces, now."""
        said = ["IMAP4rev1", "LITERAL+", "ID", "ENABLE"]
        if not self.en_tls:
            return " ".join([*said, *([] if self.sans_tls else ["STARTTLS"]), "LOGINDISABLED"])
        if self.etat is Etat.ACCUEIL:
            mecanismes = MECANISMES if self.channel.connection().client_der else MECANISMES[:1]
            said += [f"AUTH={m}" for m in mecanismes] + ["LOGINDISABLED"]
            return " ".join([*said, *(["SASL-IR"] if self.service.profil.sasl_ir else [])])
        return " ".join([*said, "IDLE", "UIDPLUS", "MOVE", "UNSELECT", "NAMESPACE", "CHILDREN", "SPECIAL-USE"])

    async def empeche(self, etape: Etape) -> str:
        """The refusal that an armed fault makes at this step, ``""`` without. Raises ``EOFError`` when it ends the session."""
        obstacle = self.service.obstacle(etape)
        if obstacle is None:
            return ""
        nom, effet = obstacle
        self.carnet.pannes.append(nom)
        if effet.suite == "coupe":
            self._couper()
        if effet.reponse.startswith("BYE"):
            await self.dire(f"* {effet.reponse}")
            self._couper()
        if etape == "imap.connexion":
            self.sans_tls = True
            return ""
        return f"NO {effet.reponse}"

    async def authentifier(self, mecanisme: str, initiale: bytes | None) -> str:
        """AUTHENTICATE: the completion to send."""
        if mecanisme not in MECANISMES:
            return "NO [CANNOT] mecanisme inconnu"
        reponse = await self._lire_trame(initiale)
        if reponse is None:
            return "BAD trame illisible ou abandonnee"
        channel = self.channel
        now = channel.site.clock.now()
        vue = await channel.apart(self.service.garde.examiner, mecanisme, reponse, channel.connection(), now)
        if vue is None:
            return "NO [UNAVAILABLE] verification impossible"
        refus = await self.empeche("imap.auth")
        if refus:
            vue = replace(vue, verdict="panne")
        self.tentatives.append(vue)
        if not vue.acceptee:
            refus = refus or "NO [AUTHENTICATIONFAILED] authentification refusee"
            if mecanisme == "XOAUTH2" and vue.verdict != "avant-tls" and "AUTHENTICATIONFAILED" in refus:
                await self._defier()
            if self.service.profil.ferme_apres_refus or len(self.tentatives) >= AUTH_FAILURES:
                self.fin = "refus"
            return refus
        self.acceptee, self.ouverte, self.etat = vue, self.reseau.boite(vue.boite), Etat.AUTHENTIFIE
        return f"OK [CAPABILITY {self.capacites()}] boite ouverte"

    async def emettre(self, fin: str) -> None:
        """Record what the session did since its last exchange."""
        if self.carnet.vide and not self.tentatives:
            return
        carnet, self.carnet = self.carnet, self.carnet.suite()
        boite = self.acceptee.boite if self.acceptee is not None else ""
        request = Request(
            "IMAP",
            f"{SESSION}?{urlencode({'boite': boite})}",
            (("AUTH", self.acceptee.mecanisme if self.acceptee is not None else ""),),
            Body(bytes(carnet.recu)),
            self.channel.connection(),
        )
        request.memo.update(
            authentifications=tuple(self.tentatives),
            reponse=bytes(carnet.dit).decode("utf-8", "replace"),
            faits=carnet.facts(fin),
            pannes=tuple(carnet.pannes),
            boites=(boite,) if boite else (),
        )
        await self.channel.serve(request)

    def expiree(self) -> bool:
        """True when the session must end with its token."""
        jeton = self.acceptee.jeton if self.acceptee is not None else None
        if jeton is None or not self.service.expire_avec_le_jeton:
            return False
        return self.channel.site.clock.now().isoformat() >= jeton.expire

    async def _mener(self) -> None:
        try:
            if self._immediat and not await self.secure():
                return
            await self.empeche("imap.connexion")
            await self.dire(f"* OK [CAPABILITY {self.capacites()}] operateur MSSante simule")
            while not self.fin:
                await self._commande()
        except (EOFError, ConnectionError):
            self.fin = self.fin or "client"
        except LineTooLong:
            self.fin = "ligne-trop-longue"
            self.write(b"* BYE ligne trop longue\r\n")
        except TimeoutError:
            self.fin = "inactivite"
            self.write(b"* BYE inactivite\r\n")
        finally:
            self._oublier_grands()
            self.loop.create_task(self._conclure())

    async def _conclure(self) -> None:
        self.quitter_dossier()
        if self.transport is not None:
            self.transport.close()
        if not self.channel.silent:
            await self.emettre(self.fin)
        self.service.oublier_imap(self)
        self.channel.ended(self)

    def quitter_dossier(self) -> None:
        """No folder is selected any more."""
        self.vue = None
        if self.etat is Etat.SELECTIONNE:
            self.etat = Etat.AUTHENTIFIE

    async def _commande(self) -> None:
        """Read one command, execute it, answer."""
        first = await self._ligne()
        tag, _, reste = first.partition(b" ")
        nom = reste.split(None, 1)[0].upper().rstrip() if reste.strip() else b""
        if not _TAG.fullmatch(tag) or not nom:
            await self._mauvaise("*", "commande illisible")
            return
        etiquette = tag.decode("ascii")
        try:
            parts = await self._parties(etiquette, nom, reste)
            if parts is None:
                return
            completion = await self._executer(parts)
        except SyntaxeImap as error:
            await self._mauvaise(etiquette, str(error))
            return
        finally:
            self._oublier_grands()
        if completion.startswith(("NO", "BAD")):
            self.carnet.noter(self.carnet.refus, {"commande": nom.decode("ascii", "replace")[:40], "reponse": completion})
        if completion.startswith("BAD"):
            await self._mauvaise(etiquette, completion[4:])
            return
        await self._nouvelles(nom)
        await self.dire(f"{etiquette} {completion}{' fait' if completion.endswith(('OK', ']')) else ''}")
        if completion.startswith("OK STARTTLS") and not await self.secure():
            self.fin = "tls"
            raise EOFError

    async def _executer(self, parts: list[bytes | Chaine | Grand]) -> str:
        jetons = lire(parts)
        if not jetons or not isinstance(jetons[0], str):
            raise SyntaxeImap("commande attendue")
        nom = jetons[0].upper()
        commande = COMMANDES.get(nom)
        if commande is None:
            return "BAD commande inconnue"
        self.carnet.noter(self.carnet.commandes, nom if nom != "UID" or len(jetons) < 2 else f"UID {jetons[1]}".upper()[:40])
        if self.expiree() and nom != "LOGOUT":
            self.fin = "jeton-expire"
            await self.dire("* BYE le jeton de la session a expire")
            raise EOFError
        refus = await self.empeche("imap.commande") if self.etat is not Etat.ACCUEIL else ""
        if refus:
            return refus
        if self.etat not in commande.etats:
            return "BAD commande hors de propos"
        return await commande.faire(self, jetons[1:])

    async def _nouvelles(self, nom: bytes) -> None:
        if self.vue is None:
            return
        with self.reseau.lock:
            news = list(self.vue.nouvelles(retraits=nom not in (b"FETCH", b"STORE", b"SEARCH")))
        if news:
            await self.send(news)

    async def _lire_trame(self, initiale: bytes | None) -> bytes | None:
        if initiale is None:
            await self.dire("+ ")
            initiale = (await self._ligne()).strip()
        return None if initiale == b"*" else decoder(initiale)

    async def _defier(self) -> None:
        """Tell why a token is refused; the client answers by an empty line."""
        await self.dire(b"+ " + base64.b64encode(DEFI))
        await self._ligne()

    def _au_revoir(self, pourquoi: str) -> None:
        self.fin = self.fin or "bye"
        self.carnet.dire(f"* BYE {pourquoi}\r\n".encode())
        self.write(f"* BYE {pourquoi}\r\n".encode())
        if self.transport is not None:
            self.transport.close()
