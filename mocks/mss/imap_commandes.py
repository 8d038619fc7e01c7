"""The commands of IMAP that concern the session and the folders, and the table of all of them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from .imap_grammaire import Jeton, SyntaxeImap, atome, liste, texte
from .imap_vue import Vue
from .state import DOSSIERS, INBOX, BoiteOuverte, Dossier

if TYPE_CHECKING:
    from .imap import SessionImap

FOLDERS = 1_000
NAME = 500
PERMANENTS = "\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*"


class Etat(Enum):
    """Where a session stands."""

    ACCUEIL = "accueil"
    AUTHENTIFIE = "authentifie"
    SELECTIONNE = "selectionne"


@dataclass(frozen=True, slots=True)
class Commande:
    """A command: when it may be given, and what it does (it returns the completion, tag aside)."""

    faire: Callable[[SessionImap, list[Jeton]], Awaitable[str]]
    etats: tuple[Etat, ...]


async def capability(s: SessionImap, args: list[Jeton]) -> str:
    """CAPABILITY."""
    await s.dire(f"* CAPABILITY {s.capacites()}")
    return "OK"


async def noop(s: SessionImap, args: list[Jeton]) -> str:
    """NOOP and CHECK."""
    return "OK"


async def logout(s: SessionImap, args: list[Jeton]) -> str:
    """LOGOUT."""
    s.fin = "logout"
    await s.dire("* BYE au revoir")
    return "OK"


async def identite(s: SessionImap, args: list[Jeton]) -> str:
    """ID: the client says who it is."""
    await s.dire('* ID ("name" "operateur MSSante simule")')
    return "OK"


async def enable(s: SessionImap, args: list[Jeton]) -> str:
    """ENABLE: nothing to enable."""
    await s.dire("* ENABLED")
    return "OK"


async def starttls(s: SessionImap, args: list[Jeton]) -> str:
    """STARTTLS; the session negotiates once the answer is sent."""
    if s.en_tls or s.sans_tls:
        return "BAD STARTTLS hors de propos"
    return "OK STARTTLS negociez"


async def login(s: SessionImap, args: list[Jeton]) -> str:
    """LOGIN is never allowed."""
    return "NO [PRIVACYREQUIRED] LOGIN interdit, AUTHENTICATE XOAUTH2 attendu"


async def authenticate(s: SessionImap, args: list[Jeton]) -> str:
    """AUTHENTICATE, with or without initial response."""
    if not 1 <= len(args) <= 2:
        raise SyntaxeImap("AUTHENTICATE mécanisme [réponse]")
    return await s.authentifier(atome(args[0]), texte(args[1]) if len(args) == 2 else None)


async def select(s: SessionImap, args: list[Jeton], *, lecture_seule: bool = False) -> str:
    """SELECT and EXAMINE."""
    s.quitter_dossier()
    refus = await s.empeche("imap.select")
    if refus:
        return refus
    dossier = dossier_de(s, args[0] if len(args) == 1 else "")
    if dossier is None:
        return "NO [NONEXISTENT] dossier inconnu"
    with s.reseau.lock:
        vue = Vue(boite_de(s), dossier, lecture_seule=lecture_seule)
    s.vue, s.etat = vue, Etat.SELECTIONNE
    s.carnet.noter(s.carnet.dossiers, dossier.nom)
    unseen = next((rank for rank, m in enumerate(vue.messages, 1) if "\\Seen" not in m.drapeaux), 0)
    await s.dire(
        f"* {len(vue.messages)} EXISTS",
        f"* {len(vue.recents)} RECENT",
        "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $MDNSent)",
        f"* OK [PERMANENTFLAGS ({'' if lecture_seule else PERMANENTS})]",
        f"* OK [UIDVALIDITY {dossier.uidvalidity}]",
        f"* OK [UIDNEXT {dossier.uidnext}]",
        *([f"* OK [UNSEEN {unseen}]"] if unseen else []),
    )
    return "OK [READ-ONLY] ouvert" if lecture_seule else "OK [READ-WRITE] ouvert"


async def examine(s: SessionImap, args: list[Jeton]) -> str:
    """EXAMINE."""
    return await select(s, args, lecture_seule=True)


async def lister(s: SessionImap, args: list[Jeton]) -> str:
    """LIST."""
    return await _lister(s, args, "LIST")


async def lsub(s: SessionImap, args: list[Jeton]) -> str:
    """LSUB."""
    return await _lister(s, args, "LSUB")


async def status(s: SessionImap, args: list[Jeton]) -> str:
    """STATUS."""
    if len(args) != 2:
        raise SyntaxeImap("STATUS dossier (éléments)")
    dossier = dossier_de(s, args[0])
    if dossier is None:
        return "NO [NONEXISTENT] dossier inconnu"
    with s.reseau.lock:
        values = {
            "MESSAGES": len(dossier.messages),
            "RECENT": sum(1 for m in dossier.messages if m.recent),
            "UIDNEXT": dossier.uidnext,
            "UIDVALIDITY": dossier.uidvalidity,
            "UNSEEN": sum(1 for m in dossier.messages if "\\Seen" not in m.drapeaux),
        }
    asked = [atome(each) for each in liste(args[1])]
    if any(each not in values for each in asked):
        raise SyntaxeImap("élément de STATUS inconnu")
    await s.dire(f"* STATUS {nom_cite(dossier.nom)} ({' '.join(f'{each} {values[each]}' for each in asked)})")
    return "OK"


async def create(s: SessionImap, args: list[Jeton]) -> str:
    """CREATE."""
    nom = _nom(args, 0).rstrip("/")
    ouverte = boite_de(s)
    if not nom or nom.upper() == INBOX or nom in ouverte.dossiers:
        return "NO [ALREADYEXISTS] ce dossier existe"
    if len(ouverte.dossiers) >= FOLDERS or len(nom) > NAME or any(ord(c) < 32 for c in nom):
        return "NO [LIMIT] dossier refuse"
    s.reseau.creer(ouverte, nom)
    return "OK"


async def delete(s: SessionImap, args: list[Jeton]) -> str:
    """DELETE."""
    dossier = dossier_de(s, args[0] if args else "")
    if dossier is None:
        return "NO [NONEXISTENT] dossier inconnu"
    if dossier.nom in DOSSIERS:
        return "NO [CANNOT] ce dossier ne se supprime pas"
    with s.reseau.lock:
        dossier.retirer(list(dossier.messages))
        boite_de(s).dossiers.pop(dossier.nom, None)
    return "OK"


async def rename(s: SessionImap, args: list[Jeton]) -> str:
    """RENAME."""
    dossier, nom = dossier_de(s, args[0] if args else ""), _nom(args, 1).rstrip("/")
    ouverte = boite_de(s)
    if dossier is None:
        return "NO [NONEXISTENT] dossier inconnu"
    if dossier.nom == INBOX or not nom or nom.upper() == INBOX or nom in ouverte.dossiers or len(nom) > NAME:
        return "NO [CANNOT] nom refuse"
    with s.reseau.lock:
        ouverte.dossiers[nom] = ouverte.dossiers.pop(dossier.nom)
        dossier.nom = nom
    return "OK"


async def subscribe(s: SessionImap, args: list[Jeton]) -> str:
    """SUBSCRIBE."""
    if len(boite_de(s).abonnements) < FOLDERS:
        boite_de(s).abonnements.add(_nom(args, 0)[:NAME])
    return "OK"


async def unsubscribe(s: SessionImap, args: list[Jeton]) -> str:
    """UNSUBSCRIBE."""
    boite_de(s).abonnements.discard(_nom(args, 0))
    return "OK"


async def namespace(s: SessionImap, args: list[Jeton]) -> str:
    """NAMESPACE."""
    await s.dire('* NAMESPACE (("" "/")) NIL NIL')
    return "OK"


def boite_de(s: SessionImap) -> BoiteOuverte:
    """The box of an authenticated session."""
    assert s.ouverte is not None
    return s.ouverte


def dossier_de(s: SessionImap, jeton: Jeton) -> Dossier | None:
    """The folder that a command names; INBOX in any case."""
    nom = texte(jeton).decode("utf-8", "replace")
    return boite_de(s).dossiers.get(INBOX if nom.upper() == INBOX else nom)


def nom_cite(nom: str) -> str:
    """A folder name, quoted."""
    escaped = nom.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _nom(args: list[Jeton], rang: int) -> str:
    if len(args) <= rang:
        raise SyntaxeImap("nom de dossier attendu")
    return texte(args[rang]).decode("utf-8", "replace")


async def _lister(s: SessionImap, args: list[Jeton], verbe: str) -> str:
    if args and isinstance(args[0], list):
        args = args[1:]
    if len(args) < 2:
        raise SyntaxeImap(f"{verbe} référence motif")
    motif = _nom(args, 0) + _nom(args, 1)
    if not _nom(args, 1):
        await s.dire(f'* {verbe} (\\Noselect) "/" ""')
        return "OK"
    ouverte = boite_de(s)
    pattern = _motif(motif[:NAME])
    rows = []
    for nom, dossier in list(ouverte.dossiers.items()):
        if (verbe == "LSUB" and nom not in ouverte.abonnements) or not pattern.fullmatch(nom):
            continue
        children = any(other.startswith(nom + "/") for other in ouverte.dossiers)
        flags = " ".join(f for f in ("\\HasChildren" if children else "\\HasNoChildren", dossier.usage) if f)
        rows.append(f'* {verbe} ({flags}) "/" {nom_cite(nom)}')
    await s.dire(*rows)
    return "OK"


def _motif(motif: str) -> re.Pattern[str]:
    """``*`` is anything, ``%`` anything within a level; runs of wildcards count for one."""
    pieces = [".*" if "*" in p else "[^/]*" if p.startswith("%") else re.escape(p) for p in re.split(r"([*%]+)", motif)]
    return re.compile("".join(pieces), re.IGNORECASE if motif.upper() == INBOX else 0)


def _table() -> dict[str, Commande]:
    from . import imap_depot as d
    from . import imap_messages as m

    tous = (Etat.ACCUEIL, Etat.AUTHENTIFIE, Etat.SELECTIONNE)
    ouverts = (Etat.AUTHENTIFIE, Etat.SELECTIONNE)
    avant, choisis = (Etat.ACCUEIL,), (Etat.SELECTIONNE,)
    rows = (
        (tous, {"CAPABILITY": capability, "NOOP": noop, "LOGOUT": logout, "ID": identite}),
        (avant, {"STARTTLS": starttls, "LOGIN": login, "AUTHENTICATE": authenticate}),
        (ouverts, {"SELECT": select, "EXAMINE": examine, "LIST": lister, "LSUB": lsub, "STATUS": status, "CREATE": create}),
        (ouverts, {"DELETE": delete, "RENAME": rename, "SUBSCRIBE": subscribe, "UNSUBSCRIBE": unsubscribe}),
        (ouverts, {"NAMESPACE": namespace, "ENABLE": enable, "APPEND": d.append, "IDLE": d.idle}),
        (choisis, {"CHECK": noop, "CLOSE": m.close, "UNSELECT": m.unselect, "EXPUNGE": m.expunge, "SEARCH": m.search}),
        (choisis, {"FETCH": m.fetch, "STORE": m.store, "COPY": m.copy, "MOVE": m.move, "UID": m.uid}),
    )
    return {nom: Commande(faire, etats) for etats, commandes in rows for nom, faire in commandes.items()}


COMMANDES = _table()
