"""The commands of IMAP on messages: FETCH, STORE, SEARCH, COPY, EXPUNGE, APPEND, IDLE, and their UID forms."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .imap_carnet import message_id
from .imap_grammaire import FLAGS_MAX, Element, Jeton, SyntaxeImap, atome, drapeaux_de, elements, ensemble, texte
from .imap_recherche import chercher
from .imap_vue import Vue, drapeaux
from .state import Dossier, Message

if TYPE_CHECKING:
    from .imap import SessionImap

BATCH = 64 * 1024


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
    said = drapeaux_de(args[2] if len(args) == 3 else list(args[2:]))
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
