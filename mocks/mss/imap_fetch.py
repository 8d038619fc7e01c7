"""What FETCH answers for one message, in pieces of bounded size."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator

from .imap_grammaire import Element, SyntaxeImap
from .imap_structure import HEAD, Partie, analyser, enveloppe, structure, trouver
from .imap_vue import Vue, drapeaux
from .magasin import Magasin, Morceau
from .state import Message

KEPT = 256
_SECTION = re.compile(
    r"((?:[0-9]{1,4}\.){0,20}[0-9]{1,4}|)\.?(HEADER|TEXT|MIME|HEADER\.FIELDS(?:\.NOT)? *\(([^)]*)\)|)", re.IGNORECASE
)
_MOIS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Lecteur:
    """Reads messages of the store for FETCH; keeps the trees of the last messages looked at."""

    def __init__(self, magasin: Magasin) -> None:
        self._magasin = magasin
        self._trees: OrderedDict[Morceau, Partie] = OrderedDict()

    def repondre(self, vue: Vue, rang: int, elements: list[Element], *, avec_uid: bool) -> Iterator[bytes]:
        """The untagged FETCH answer for one message."""
        message = vue.messages[rang]
        wanted = list(elements)
        if avec_uid and all(e.nom != "UID" for e in wanted):
            wanted.insert(0, Element("UID"))
        yield b"* %d FETCH (" % (rang + 1)
        for index, element in enumerate(wanted):
            if index:
                yield b" "
            yield from self._element(vue, message, element)
        yield b")\r\n"

    def entete(self, message: Message) -> bytes:
        """The header of a message, its final empty line included."""
        start = self._magasin.lire(message.morceau, 0, HEAD)
        match = re.search(rb"\r?\n\r?\n", start)
        return start[: match.end()] if match is not None else start

    def _element(self, vue: Vue, message: Message, element: Element) -> Iterator[bytes]:
        if element.section is not None:
            yield from self._section(message, element)
            return
        match element.nom:
            case "UID":
                yield b"UID %d" % message.uid
            case "FLAGS":
                yield b"FLAGS (%s)" % drapeaux(message, vue.recents)
            case "INTERNALDATE":
                d = message.recu
                yield f'INTERNALDATE "{d.day:2d}-{_MOIS[d.month - 1]}-{d:%Y %H:%M:%S} +0000"'.encode()
            case "RFC822.SIZE":
                yield b"RFC822.SIZE %d" % message.morceau.taille
            case "ENVELOPE":
                yield b"ENVELOPE " + enveloppe(self.entete(message))
            case nom:
                data, tree = self._tree(message)
                yield nom.encode() + b" " + structure(data, tree, etendue=nom == "BODYSTRUCTURE")

    def _section(self, message: Message, element: Element) -> Iterator[bytes]:
        section = element.section or ""
        matched = _SECTION.fullmatch(section)
        if matched is None:
            raise SyntaxeImap("section inconnue")
        label = element.nom if element.nom != "BODY" else f"BODY[{section.upper()}]"
        if element.debut is not None:
            label += f"<{element.debut}>"
        yield label.encode() + b" "
        chemin = [int(n) for n in matched[1].split(".") if n]
        quoi = matched[2].upper()
        if not chemin and not quoi:
            yield from self._etendue(message, 0, message.morceau.taille, element)
            return
        if not chemin and quoi.startswith("HEADER"):
            yield _litteral(_choisis(self.entete(message), quoi, matched[3]), element)
            return
        data, tree = self._tree(message)
        partie = trouver(tree, chemin)
        bornes = _bornes(partie, quoi, racine=not chemin) if partie is not None else None
        if bornes is None:
            yield b"NIL" if chemin else b'""'
        elif quoi.startswith("HEADER.FIELDS"):
            yield _litteral(_choisis(data[bornes[0] : bornes[1]], quoi, matched[3]), element)
        else:
            yield from self._etendue(message, *bornes, element)

    def _etendue(self, message: Message, debut: int, fin: int, element: Element) -> Iterator[bytes]:
        """A literal of the bytes of a message, or of the part asked of them."""
        start, size = _partiel(element, fin - debut)
        yield b"{%d}\r\n" % size
        yield from self._magasin.par_pieces(message.morceau, debut + start, size)

    def _tree(self, message: Message) -> tuple[bytes, Partie]:
        data = self._magasin.lire(message.morceau)
        tree = self._trees.get(message.morceau)
        if tree is None:
            tree = self._trees[message.morceau] = analyser(data)
            while len(self._trees) > KEPT:
                self._trees.popitem(last=False)
        return data, tree


def _bornes(partie: Partie, quoi: str, *, racine: bool) -> tuple[int, int] | None:
    """Where a section lies in the message."""
    if quoi == "MIME":
        return partie.debut, partie.corps
    if quoi == "":
        return partie.corps, partie.fin
    if not racine:
        if not partie.enveloppee:
            return None
        partie = partie.enfants[0]
    return (partie.corps, partie.fin) if quoi == "TEXT" else (partie.debut, partie.corps)


def _choisis(head: bytes, quoi: str, noms: str | None) -> bytes:
    """A header, or the fields of it that are asked (or all but them)."""
    if quoi == "HEADER":
        return head
    wanted = {n.strip('"').lower().encode() for n in (noms or "").split()}
    but = ".NOT" in quoi.partition("(")[0]
    kept = []
    for match in re.finditer(rb"^([!-9;-~]+)[ \t]*:(?:[^\r\n]|\r?\n[ \t]|\r(?!\n))*(?:\r?\n|\Z)", head, re.MULTILINE):
        if (match.group(1).lower() in wanted) is not but:
            kept.append(match.group().rstrip(b"\r\n") + b"\r\n")
    return b"".join(kept) + b"\r\n"


def _litteral(data: bytes, element: Element) -> bytes:
    start, size = _partiel(element, len(data))
    return b"{%d}\r\n%s" % (size, data[start : start + size])


def _partiel(element: Element, total: int) -> tuple[int, int]:
    start = min(element.debut or 0, total)
    return start, total - start if element.taille is None else min(element.taille, total - start)
