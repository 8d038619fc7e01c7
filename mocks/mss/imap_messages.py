"""The commands of IMAP on messages: FETCH, STORE, SEARCH, COPY, EXPUNGE, APPEND, IDLE, and their UID forms."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ...core.exchange import Request
from .imap_carnet import message_id
from .imap_grammaire import Chaine, Element, Grand, Jeton, SyntaxeImap, atome, elements, ensemble, liste, texte
from .imap_recherche import chercher
from .imap_vue import Vue, drapeaux
from .messages import DEPOT
from .state import Dossier, Message

if TYPE_CHECKING:
    from .imap import SessionImap

IDLE_TURN = 1.0
BATCH = 64 * 1024
_SYSTEM = {f.lower(): f for f in ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")}
_KEYWORD = re.compile(r"[^\s(){%*\"\\\]\x00-\x1f\x7f]{1,100}")
_DATE = "%d-%b-%Y %H:%M:%S %z"
FLAGS_MAX = 50


async def fetch(s: SessionImap, args: list[Jeton], *, par_uid: bool = False) -> str:
    """FETCH."""
    if len(args) != 2:
        raise SyntaxeImap("FETCH ensemble éléments")
    vue, wanted = _vue(s), elements(args[1])
    ranks = vue.choisir(ensemble(args[0]), par_uid=par_uid)
    refus = await s.empeche("imap.fetch")
    if refus:
        return refus
    reads = [e for e in wanted if e.lecture]
    whole = any(e.section is not None and not e.section.upper().startswith(("HEADER", "MIME")) for e in wanted)
    waiting = bytearray()
    for rank in ranks:
        message = vue.messages[rank]
        if message.retire:
            continue
        shown = list(wanted)
        if reads and not vue.lecture_seule and "\\Seen" not in message.drapeaux:
            with s.reseau.lock:
                vue.dossier.marquer(message, message.drapeaux | {"\\Seen"})
            shown += [Element("FLAGS")] if all(e.nom != "FLAGS" for e in wanted) else []
        if whole:
            _lu(s, vue, message)
            if s.service.obstacle("imap.contenu", count=False) is not None:
                await s.send([b"* %d FETCH (BODY[] {%d}\r\n" % (rank + 1, message.morceau.taille), b"Received: from"])
                await s.empeche("imap.contenu")
        for piece in s.lecteur.repondre(vue, rank, shown, avec_uid=par_uid):
            waiting += piece
            if len(waiting) >= BATCH:
                await s.send([bytes(waiting)])
                waiting.clear()
                await asyncio.sleep(0)
    await s.send([bytes(waiting)])
    if reads:
        vue.noter()
    return "OK"


async def store(s: SessionImap, args: list[Jeton], *, par_uid: bool = False) -> str:
    """STORE."""
    if len(args) < 3:
        raise SyntaxeImap("STORE ensemble action drapeaux")
    vue, action = _vue(s), atome(args[1])
    silent = action.endswith(".SILENT")
    action = action.removesuffix(".SILENT")
    if action not in ("FLAGS", "+FLAGS", "-FLAGS"):
        raise SyntaxeImap("action de STORE inconnue")
    if vue.lecture_seule:
        return "NO [READ-ONLY] dossier ouvert en lecture"
    said = _drapeaux(args[2] if len(args) == 3 else list(args[2:]))
    answers = []
    with s.reseau.lock:
        for rank in vue.choisir(ensemble(args[0]), par_uid=par_uid):
            message = vue.messages[rank]
            before = message.drapeaux
            after = {"FLAGS": said, "+FLAGS": before | said, "-FLAGS": before - said}[action]
            if len(after) > FLAGS_MAX:
                return "NO [LIMIT] trop de drapeaux"
            vue.dossier.marquer(message, set(after))
            changes = {"ajoutes": sorted(after - before), "retires": sorted(before - after)}
            s.carnet.noter(s.carnet.drapeaux, {"dossier": vue.dossier.nom, "uid": message.uid, **changes})
            shown = b"UID %d " % message.uid if par_uid else b""
            answers.append(b"* %d FETCH (%sFLAGS (%s))\r\n" % (rank + 1, shown, drapeaux(message, vue.recents)))
        vue.noter()
    if not silent:
        await s.send(answers)
    return "OK"


async def search(s: SessionImap, args: list[Jeton], *, par_uid: bool = False) -> str:
    """SEARCH."""
    if args and isinstance(args[0], str) and args[0].upper() == "CHARSET":
        if len(args) < 3 or texte(args[1]).upper() not in (b"UTF-8", b"US-ASCII"):
            return "NO [BADCHARSET (UTF-8 US-ASCII)] jeu de caracteres inconnu"
        args = args[2:]
    vue = _vue(s)
    found = await asyncio.get_running_loop().run_in_executor(s.channel.site.executor, chercher, vue, args, s.reseau.magasin)
    numbers = [vue.uids[rank] if par_uid else rank + 1 for rank in found]
    await s.send([b"* SEARCH" + b"".join(b" %d" % n for n in numbers) + b"\r\n"])
    return "OK"


async def copy(s: SessionImap, args: list[Jeton], *, par_uid: bool = False) -> str:
    """COPY."""
    return (await _copier(s, args, par_uid=par_uid))[0]


async def move(s: SessionImap, args: list[Jeton], *, par_uid: bool = False) -> str:
    """MOVE (RFC 6851)."""
    vue = _vue(s)
    if vue.lecture_seule:
        return "NO [READ-ONLY] dossier ouvert en lecture"
    completion, moved = await _copier(s, args, par_uid=par_uid)
    if completion.startswith("OK"):
        await s.dire(f"* {completion} fait")
        await _retirer(s, vue, moved)
        return "OK"
    return completion


async def expunge(s: SessionImap, args: list[Jeton], *, par_uid: bool = False) -> str:
    """EXPUNGE, and UID EXPUNGE (RFC 4315)."""
    vue = _vue(s)
    if vue.lecture_seule:
        return "NO [READ-ONLY] dossier ouvert en lecture"
    ranks: Sequence[int] = range(len(vue.messages))
    if par_uid:
        ranks = vue.choisir(ensemble(args[0] if args else ""), par_uid=True)
    await _retirer(s, vue, [vue.messages[r] for r in ranks if "\\Deleted" in vue.messages[r].drapeaux])
    return "OK"


async def close(s: SessionImap, args: list[Jeton]) -> str:
    """CLOSE: expunge in silence."""
    vue = _vue(s)
    if not vue.lecture_seule:
        _supprimer(s, vue, [m for m in vue.messages if "\\Deleted" in m.drapeaux])
    s.quitter_dossier()
    return "OK"


async def unselect(s: SessionImap, args: list[Jeton]) -> str:
    """UNSELECT (RFC 3691)."""
    s.quitter_dossier()
    return "OK"


async def uid(s: SessionImap, args: list[Jeton]) -> str:
    """UID FETCH, STORE, SEARCH, COPY, MOVE, EXPUNGE."""
    if not args:
        raise SyntaxeImap("UID commande")
    forms = {"FETCH": fetch, "STORE": store, "SEARCH": search, "COPY": copy, "MOVE": move, "EXPUNGE": expunge}
    faire = forms.get(atome(args[0]))
    if faire is None:
        raise SyntaxeImap("forme UID inconnue")
    return await faire(s, args[1:], par_uid=True)


async def append(s: SessionImap, args: list[Jeton]) -> str:
    """APPEND: the message is an exchange of its own, recorded before it is kept."""
    from .imap_commandes import boite_de, dossier_de

    if len(args) < 2 or not isinstance(args[-1], Grand):
        raise SyntaxeImap("APPEND dossier [drapeaux] [date] {taille}")
    dossier, body = dossier_de(s, args[0]), args[-1].corps
    options = args[1:-1]
    flags = _drapeaux(options[0]) if options and isinstance(options[0], list) else set()
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


def _vue(s: SessionImap) -> Vue:
    assert s.vue is not None
    return s.vue


def _lu(s: SessionImap, vue: Vue, message: Message) -> None:
    fact = {"dossier": vue.dossier.nom, "uid": message.uid, "message_id": message_id(s.lecteur.entete(message))}
    if fact not in s.carnet.lus[-3:]:
        s.carnet.noter(s.carnet.lus, fact)


async def _copier(s: SessionImap, args: list[Jeton], *, par_uid: bool) -> tuple[str, list[Message]]:
    from .imap_commandes import boite_de, dossier_de

    if len(args) != 2:
        raise SyntaxeImap("COPY ensemble dossier")
    vue, cible = _vue(s), dossier_de(s, args[1])
    chosen = [vue.messages[r] for r in vue.choisir(ensemble(args[0]), par_uid=par_uid)]
    chosen = [m for m in chosen if not m.retire]
    if cible is None:
        return "NO [TRYCREATE] dossier inconnu", []
    if not boite_de(s).a_place(sum(m.morceau.taille for m in chosen)):
        return "NO [OVERQUOTA] boite pleine", []
    made = []
    with s.reseau.lock:
        for message in chosen:
            made.append(cible.ajouter(message.morceau, message.recu, message.drapeaux).uid)
            boite_de(s).octets += message.morceau.taille
            row = {"de": vue.dossier.nom, "vers": cible.nom, "uid": message.uid}
            s.carnet.noter(s.carnet.copies, {**row, "message_id": message_id(s.lecteur.entete(message))})
    if not chosen:
        return "OK", []
    before, after = ",".join(str(m.uid) for m in chosen), ",".join(str(u) for u in made)
    return f"OK [COPYUID {cible.uidvalidity} {before} {after}]", chosen


async def _retirer(s: SessionImap, vue: Vue, gone: list[Message]) -> None:
    _supprimer(s, vue, gone)
    with s.reseau.lock:
        said = list(vue.nouvelles())
    await s.send(said)


def _supprimer(s: SessionImap, vue: Vue, gone: list[Message]) -> None:
    dossier: Dossier = vue.dossier
    with s.reseau.lock:
        leaving = [m for m in gone if not m.retire]
        for message in leaving:
            row = {"dossier": dossier.nom, "uid": message.uid, "message_id": message_id(s.lecteur.entete(message))}
            s.carnet.noter(s.carnet.supprimes, row)
            vue.ouverte.octets -= message.morceau.taille
        dossier.retirer(leaving)


def _drapeaux(jeton: Jeton) -> set[str]:
    found = set()
    for each in liste(jeton):
        nom = texte(each).decode("utf-8", "replace")
        if nom.lower() == "\\recent":
            continue
        if nom.lower() not in _SYSTEM and not _KEYWORD.fullmatch(nom):
            raise SyntaxeImap("drapeau inconnu")
        found.add(_SYSTEM.get(nom.lower(), nom))
    if len(found) > FLAGS_MAX:
        raise SyntaxeImap("trop de drapeaux")
    return found


def _date(octets: bytes) -> datetime:
    try:
        return datetime.strptime(octets.decode("ascii", "replace").strip(), _DATE).astimezone(UTC)
    except ValueError as error:
        raise SyntaxeImap(f"date illisible ({error})"[:80]) from None
