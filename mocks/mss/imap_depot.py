"""APPEND and IDLE: what comes into a box while a session looks at it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ...core.exchange import Request
from .imap_grammaire import Chaine, Grand, Jeton, SyntaxeImap, drapeaux_de
from .messages import DEPOT, lisible
from .state import Message

if TYPE_CHECKING:
    from .imap import SessionImap

IDLE_TURN = 1.0
_DATE = "%d-%b-%Y %H:%M:%S %z"


async def append(s: SessionImap, args: list[Jeton]) -> str:
    """APPEND: the message is an exchange of its own, recorded before it is kept."""
    from .imap_commandes import boite_de, dossier_de

    if len(args) < 2 or not isinstance(args[-1], Grand):
        raise SyntaxeImap("APPEND dossier [drapeaux] [date] {taille}")
    dossier, body = dossier_de(s, args[0]), args[-1].corps
    options = args[1:-1]
    flags = drapeaux_de(options[0]) if options and isinstance(options[0], list) else set()
    date = next((_date(each.octets) for each in options if isinstance(each, Chaine)), s.channel.site.clock.now())
    if dossier is None:
        return "NO [TRYCREATE] dossier inconnu"
    if body.size == 0:
        return "NO message vide"
    refus = await s.empeche("imap.append")
    if refus:
        return refus
    ouverte = boite_de(s)
    if not ouverte.a_place(body.size):
        return "NO [OVERQUOTA] boite pleine"
    line = {"boite": ouverte.boite.adresse, "dossier": dossier.nom, "drapeaux": " ".join(sorted(flags))}
    request = Request("IMAP", f"{DEPOT}?{urlencode(line)}", (("APPEND", dossier.nom),), body, s.channel.connection())
    kept: list[Message] = []

    def ranger() -> None:
        with body.open() as stream:
            pieces = iter(lambda: stream.read(262_144), b"")
            kept.append(s.reseau.deposer(ouverte, dossier, pieces, date, flags))

    lisible(request)
    request.memo.update(authentifications=tuple(s.tentatives), boites=(ouverte.boite.adresse,), ranger=ranger, faits=line)
    served = await s.channel.serve(request)
    s.carnet.depots += 1
    if served is None or served.reply.status != 200 or not kept:
        said = served.reply.body.read().decode("utf-8", "replace").strip() if served is not None else ""
        return said if said.startswith("NO") else "NO [UNAVAILABLE] depot impossible"
    return f"OK [APPENDUID {dossier.uidvalidity} {kept[0].uid}] depose"


async def idle(s: SessionImap, args: list[Jeton]) -> str:
    """IDLE (RFC 2177): tell what arrives until DONE. What was done so far is recorded, as the session may stay long."""
    s.carnet.idle += 1
    await s.emettre("idle")
    await s.dire("+ en attente")
    news, loop = asyncio.Event(), s.loop
    dossier = s.vue.dossier if s.vue is not None else None

    def wake() -> None:
        loop.call_soon_threadsafe(news.set)

    if dossier is not None:
        dossier.guetteurs.add(wake)
    reading = loop.create_task(s.line(1000))
    try:
        while not reading.done():
            await asyncio.wait({reading}, timeout=0)
            refus = await s.empeche("imap.idle")
            if refus or s.expiree():
                s.fin = "jeton-expire"
                await s.dire("* BYE le jeton de la session a expire")
                raise EOFError
            if s.vue is not None:
                with s.reseau.lock:
                    said = list(s.vue.nouvelles())
                await s.send(said)
            news.clear()
            waking = loop.create_task(news.wait())
            await asyncio.wait({reading, waking}, timeout=IDLE_TURN, return_when=asyncio.FIRST_COMPLETED)
            waking.cancel()
        said_by_client = await reading
    finally:
        reading.cancel()
        if dossier is not None:
            dossier.guetteurs.discard(wake)
    s.carnet.entendre(said_by_client)
    return "OK" if said_by_client.strip().upper() == b"DONE" else "BAD DONE attendu"


def _date(octets: bytes) -> datetime:
    try:
        return datetime.strptime(octets.decode("ascii", "replace").strip(), _DATE).astimezone(UTC)
    except ValueError as error:
        raise SyntaxeImap(f"date illisible ({error})"[:80]) from None
