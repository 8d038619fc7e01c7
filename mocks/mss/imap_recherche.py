"""SEARCH (RFC 3501 §6.4.4): a tree of tests on messages, made once, applied to each. Runs in a worker thread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from email.header import decode_header, make_header
from email.utils import parsedate_to_datetime

from .imap_grammaire import Chaine, Grand, Jeton, SyntaxeImap, atome, ensemble, est_ensemble, texte
from .imap_structure import HEAD, champs
from .imap_vue import Vue
from .magasin import Magasin
from .state import Message

WHOLE = 40_000_000
"""Bytes of a message that BODY and TEXT look at."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(r"([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})")
_FLAGS = {"ANSWERED": "\\Answered", "DELETED": "\\Deleted", "DRAFT": "\\Draft", "FLAGGED": "\\Flagged", "SEEN": "\\Seen"}
_FIELDS = ("BCC", "CC", "FROM", "SUBJECT", "TO")
Test = Callable[["Candidat"], bool]


@dataclass(slots=True)
class Candidat:
    """A message under examination; its header is read once, when a test needs it."""

    rang: int
    message: Message
    recent: bool
    magasin: Magasin
    _entete: bytes | None = None

    @property
    def entete(self) -> bytes:
        """The bytes of its header."""
        if self._entete is None:
            start = self.magasin.lire(self.message.morceau, 0, 8192)
            if b"\r\n\r\n" not in start and b"\n\n" not in start and self.message.morceau.taille > len(start):
                start = self.magasin.lire(self.message.morceau, 0, HEAD)
            self._entete = re.split(rb"\r?\n\r?\n", start, maxsplit=1)[0] + b"\r\n"
        return self._entete

    def champ(self, nom: bytes) -> Iterator[str]:
        """The decoded values of a field, in lower case."""
        for found, valeur in champs(self.entete):
            if found == nom:
                yield _decode(valeur)


def chercher(vue: Vue, jetons: list[Jeton], magasin: Magasin) -> list[int]:
    """The ranks (from 0) of the messages that match. Raises ``SyntaxeImap``."""
    test = _tous(_Tests(jetons, vue))
    found = []
    for rank, message in enumerate(vue.messages):
        if not message.retire and test(Candidat(rank, message, message.uid in vue.recents, magasin)):
            found.append(rank)
    return found


class _Tests:
    """Reads the keys one by one."""

    def __init__(self, jetons: list[Jeton], vue: Vue) -> None:
        self._jetons = list(jetons)
        self._at = 0
        self._vue = vue

    def __bool__(self) -> bool:
        return self._at < len(self._jetons)

    def jeton(self) -> Jeton:
        if not self:
            raise SyntaxeImap("critère de recherche incomplet")
        self._at += 1
        return self._jetons[self._at - 1]

    def test(self, depth: int = 0) -> Test:
        if depth > 50:
            raise SyntaxeImap("recherche trop imbriquée")
        first = self.jeton()
        if isinstance(first, list):
            inner = _Tests(first, self._vue)
            return _tous(inner, depth + 1)
        if isinstance(first, Chaine | Grand):
            raise SyntaxeImap("critère de recherche attendu")
        if est_ensemble(first):
            ranks = set(self._vue.choisir(ensemble(first), par_uid=False))
            return lambda c: c.rang in ranks
        return self._nomme(first.upper(), depth)

    def _nomme(self, nom: str, depth: int) -> Test:
        if nom in _FLAGS or nom.removeprefix("UN") in _FLAGS:
            flag, wanted = _FLAGS[nom.removeprefix("UN")], not nom.startswith("UN")
            return lambda c: (flag in c.message.drapeaux) is wanted
        if nom in _FIELDS:
            return _contient(nom.lower().encode(), _aiguille(self.jeton()))
        match nom:
            case "ALL":
                return lambda c: True
            case "NEW":
                return lambda c: c.recent and "\\Seen" not in c.message.drapeaux
            case "OLD":
                return lambda c: not c.recent
            case "RECENT":
                return lambda c: c.recent
            case "KEYWORD" | "UNKEYWORD":
                flag, wanted = texte(self.jeton()).decode("utf-8", "replace"), nom == "KEYWORD"
                return lambda c: (flag in c.message.drapeaux) is wanted
            case "NOT":
                negated = self.test(depth + 1)
                return lambda c: not negated(c)
            case "OR":
                left, right = self.test(depth + 1), self.test(depth + 1)
                return lambda c: left(c) or right(c)
            case "UID":
                ranks = set(self._vue.choisir(ensemble(self.jeton()), par_uid=True))
                return lambda c: c.rang in ranks
            case "LARGER":
                low = _nombre(self.jeton())
                return lambda c: c.message.morceau.taille > low
            case "SMALLER":
                high = _nombre(self.jeton())
                return lambda c: c.message.morceau.taille < high
            case "HEADER":
                field = texte(self.jeton()).lower()
                return _contient(field, _aiguille(self.jeton()))
            case "BODY" | "TEXT":
                return _partout(_aiguille(self.jeton()), head=nom == "TEXT")
        return self._date(nom)

    def _date(self, nom: str) -> Test:
        sent, base = nom.startswith("SENT"), nom.removeprefix("SENT")
        if base not in ("BEFORE", "ON", "SINCE"):
            raise SyntaxeImap(f"critère de recherche inconnu : {nom[:40]}")
        day = _jour(self.jeton())
        compare: dict[str, Callable[[date], bool]] = {
            "BEFORE": lambda d: d < day,
            "ON": lambda d: d == day,
            "SINCE": lambda d: d >= day,
        }
        wanted = compare[base]
        if not sent:
            return lambda c: wanted(c.message.recu.date())
        return lambda c: (found := _envoye(c)) is not None and wanted(found.date())


def _tous(tests: _Tests, depth: int = 0) -> Test:
    made = []
    while tests:
        made.append(tests.test(depth))
    if not made:
        raise SyntaxeImap("critère de recherche absent")
    return lambda c: all(test(c) for test in made)


def _contient(nom: bytes, aiguille: str) -> Test:
    return lambda c: any(aiguille in valeur for valeur in c.champ(nom))


def _partout(aiguille: str, *, head: bool) -> Test:
    needle = aiguille.encode("utf-8").lower()

    def test(c: Candidat) -> bool:
        start = 0 if head else len(c.entete)
        return needle in c.magasin.lire(c.message.morceau, start, WHOLE).lower()

    return test


def _aiguille(jeton: Jeton) -> str:
    return texte(jeton).decode("utf-8", "replace").lower()


def _nombre(jeton: Jeton) -> int:
    word = atome(jeton)
    if not word.isdigit() or len(word) > 12:
        raise SyntaxeImap("nombre attendu")
    return int(word)


def _jour(jeton: Jeton) -> date:
    matched = _DATE.fullmatch(texte(jeton).decode("ascii", "replace"))
    if matched is None or matched[2].lower() not in _MONTHS:
        raise SyntaxeImap("date attendue (jj-Mmm-aaaa)")
    try:
        return date(int(matched[3]), _MONTHS.index(matched[2].lower()) + 1, int(matched[1]))
    except ValueError as error:
        raise SyntaxeImap(f"date impossible ({error})") from None


def _envoye(c: Candidat) -> datetime | None:
    for value in (v for n, v in champs(c.entete) if n == b"date"):
        try:
            return parsedate_to_datetime(value.decode("ascii", "replace"))
        except (ValueError, TypeError):
            return None
    return None


def _decode(value: bytes) -> str:
    text = value.decode("utf-8", "replace")
    if "=?" not in text:
        return text.lower()
    try:
        return str(make_header(decode_header(text[:8192]))).lower()
    except (ValueError, LookupError):
        return text.lower()
