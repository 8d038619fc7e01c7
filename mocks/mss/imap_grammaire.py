"""The grammar of IMAP commands (RFC 3501 §9): atoms, strings, lists, sets of numbers, items of FETCH. Bounded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ...core.exchange import Body

DEPTH = 20
TOKENS = 5_000
RANGES = 5_000
FLAGS_MAX = 50
_ATOM = re.compile(rb"[^\s(){\"\x00-\x1f\x7f\[]+")
_SPACES = re.compile(rb"[ \t]+")
_QUOTED = re.compile(rb'"((?:[^"\\\r\n]|\\["\\])*)"')
_BRACKET = re.compile(rb"\[(?:[^\]\"\r\n]|\"[^\"\r\n]*\")*\](?:<[0-9]+(?:\.[0-9]+)?>)?")
_RANGE = re.compile(r"([0-9]{1,10}|\*)(?::([0-9]{1,10}|\*))?")
_SYSTEM = {f.lower(): f for f in ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")}
_KEYWORD = re.compile(r"[^\s(){%*\"\\\]\x00-\x1f\x7f]{1,100}")
_ITEM = re.compile(r"(BODY|BODY\.PEEK)\[([^\]]*)\](?:<([0-9]+)(?:\.([0-9]+))?>)?", re.IGNORECASE)


class SyntaxeImap(ValueError):
    """The command does not follow the grammar; ``str`` says why."""


@dataclass(frozen=True, slots=True)
class Chaine:
    """A quoted string or a small literal."""

    octets: bytes


@dataclass(frozen=True, slots=True)
class Grand:
    """A literal kept apart: the message of an APPEND."""

    corps: Body


Jeton: TypeAlias = "str | Chaine | Grand | list[Jeton]"
Plage = tuple[int, int]
ETOILE = 1 << 40
"""What ``*`` stands for in a set: more than any number."""


def lire(parts: Sequence[bytes | Chaine | Grand]) -> list[Jeton]:
    """The tokens of a command whose literals have been read. Raises ``SyntaxeImap``."""
    return _Lecteur(parts).lire()


class _Lecteur:
    def __init__(self, parts: Sequence[bytes | Chaine | Grand]) -> None:
        self._parts = parts
        self._open: list[list[Jeton]] = [[]]
        self._count = 0

    def lire(self) -> list[Jeton]:
        for part in self._parts:
            if isinstance(part, bytes):
                self._texte(part)
            else:
                self._ajouter(part)
        if len(self._open) != 1:
            raise SyntaxeImap("parenthèse non fermée")
        return self._open[0]

    def _ajouter(self, jeton: Jeton) -> None:
        self._count += 1
        if self._count > TOKENS:
            raise SyntaxeImap("commande trop longue")
        self._open[-1].append(jeton)

    def _texte(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            char = data[at : at + 1]
            spaces = _SPACES.match(data, at)
            if spaces is not None:
                at = spaces.end()
            elif char == b"(":
                if len(self._open) > DEPTH:
                    raise SyntaxeImap("trop de parenthèses")
                opened: list[Jeton] = []
                self._ajouter(opened)
                self._open.append(opened)
                at += 1
            elif char == b")":
                if len(self._open) == 1:
                    raise SyntaxeImap("parenthèse fermée de trop")
                self._open.pop()
                at += 1
            elif char == b'"':
                quoted = _QUOTED.match(data, at)
                if quoted is None:
                    raise SyntaxeImap("guillemet non fermé")
                self._ajouter(Chaine(re.sub(rb"\\(.)", rb"\1", quoted.group(1))))
                at = quoted.end()
            else:
                at = self._atome(data, at)

    def _atome(self, data: bytes, at: int) -> int:
        start = at
        while at < len(data):
            matched = _ATOM.match(data, at) or _BRACKET.match(data, at)
            if matched is None:
                break
            at = matched.end()
        if at == start:
            raise SyntaxeImap("caractère interdit")
        self._ajouter(data[start:at].decode("utf-8", "replace"))
        return at


def texte(jeton: Jeton) -> bytes:
    """The bytes of a string or atom. Raises ``SyntaxeImap`` for a list."""
    if isinstance(jeton, Chaine):
        return jeton.octets
    if isinstance(jeton, str):
        return jeton.encode("utf-8")
    raise SyntaxeImap("texte attendu")


def atome(jeton: Jeton) -> str:
    """An atom, in capitals."""
    if not isinstance(jeton, str):
        raise SyntaxeImap("mot attendu")
    return jeton.upper()


def liste(jeton: Jeton) -> list[Jeton]:
    """A list, or the list of one token."""
    return jeton if isinstance(jeton, list) else [jeton]


def ensemble(jeton: Jeton) -> list[Plage]:
    """A set of numbers: ranges, ends included, ``*`` as ``ETOILE``."""
    if not isinstance(jeton, str):
        raise SyntaxeImap("ensemble de numéros attendu")
    found = []
    pieces = jeton.split(",")
    if len(pieces) > RANGES:
        raise SyntaxeImap("ensemble trop long")
    for piece in pieces:
        matched = _RANGE.fullmatch(piece)
        if matched is None:
            raise SyntaxeImap("ensemble de numéros attendu")
        ends = [ETOILE if end == "*" else int(end) for end in matched.groups() if end is not None]
        if 0 in ends:
            raise SyntaxeImap("les numéros commencent à 1")
        found.append((min(ends), max(ends)))
    return found


def est_ensemble(mot: str) -> bool:
    """True when a word is a set of numbers."""
    return bool(mot) and all(_RANGE.fullmatch(piece) for piece in mot.split(","))


@dataclass(frozen=True, slots=True)
class Element:
    """An item of FETCH. ``section`` is what stands between brackets, None for an item without; ``debut``/``taille`` the part
    asked, ``taille`` None for all; ``lecture`` marks the message as seen."""

    nom: str
    section: str | None = None
    debut: int | None = None
    taille: int | None = None
    lecture: bool = False


_MACROS = {
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
_SIMPLES = ("FLAGS", "UID", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE")
_ANCIENS = {"RFC822": ("", True), "RFC822.HEADER": ("HEADER", False), "RFC822.TEXT": ("TEXT", True)}


def elements(jeton: Jeton) -> list[Element]:
    """The items that a FETCH asks. Raises ``SyntaxeImap``."""
    words = liste(jeton)
    if not isinstance(jeton, list) and isinstance(jeton, str) and jeton.upper() in _MACROS:
        return [Element(nom) for nom in _MACROS[jeton.upper()]]
    return [_element(word) for word in words]


def _element(word: Jeton) -> Element:
    if not isinstance(word, str):
        raise SyntaxeImap("élément de FETCH attendu")
    nom = word.upper()
    if nom in _SIMPLES:
        return Element(nom)
    if nom in _ANCIENS:
        section, lecture = _ANCIENS[nom]
        return Element(nom, section, lecture=lecture)
    matched = _ITEM.fullmatch(word)
    if matched is None:
        raise SyntaxeImap(f"élément de FETCH inconnu : {nom[:40]}")
    start = int(matched[3]) if matched[3] is not None else None
    size = int(matched[4]) if matched[4] is not None else None
    return Element("BODY", matched[2].strip(), start, size, matched[1].upper() == "BODY")


def cite(octets: bytes | None) -> bytes:
    """An nstring: NIL, quoted, or a literal when it holds what quotes cannot."""
    if octets is None:
        return b"NIL"
    if len(octets) > 500 or re.search(rb"[\x00\r\n\"\\\x80-\xff]", octets):
        clean = octets.replace(b"\0", b"")
        return b"{%d}\r\n%s" % (len(clean), clean)
    return b'"%s"' % octets


def drapeaux_de(jeton: Jeton) -> set[str]:
    """The flags that a command names, system flags in their usual case. Raises ``SyntaxeImap``."""
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
