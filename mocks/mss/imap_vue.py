"""A folder as one session sees it: numbers that move only when the session is told (RFC 3501 §7.4.1)."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator

from .imap_grammaire import ETOILE, Plage
from .state import BoiteOuverte, Dossier, Message


class Vue:
    """A folder selected by a session. ``lecture_seule`` after EXAMINE."""

    def __init__(self, ouverte: BoiteOuverte, dossier: Dossier, *, lecture_seule: bool) -> None:
        self.ouverte = ouverte
        self.dossier = dossier
        self.lecture_seule = lecture_seule
        self.messages: list[Message] = list(dossier.messages)
        self.uids: list[int] = [m.uid for m in self.messages]
        self._retraits = dossier.retraits
        self._version = dossier.version
        self.recents = {m.uid for m in self.messages if m.recent}
        if not lecture_seule:
            for message in self.messages:
                message.recent = False

    def choisir(self, plages: Iterable[Plage], *, par_uid: bool) -> list[int]:
        """The ranks (from 0) that a set designates, in order; numbers that designate nothing are ignored."""
        found: set[int] = set()
        total = len(self.messages)
        if not total:
            return []
        last = self.uids[-1] if par_uid else total
        for low, high in plages:
            low, high = sorted((last if low == ETOILE else low, last if high == ETOILE else high))
            if par_uid:
                found.update(range(bisect.bisect_left(self.uids, low), bisect.bisect_right(self.uids, high)))
            else:
                found.update(range(min(low, total + 1) - 1, min(high, total)))
        return sorted(found)

    def nouvelles(self, *, retraits: bool = True) -> Iterator[bytes]:
        """What the session must be told; ``retraits`` is False during FETCH, STORE and SEARCH, when numbers may not move."""
        dossier = self.dossier
        if retraits and dossier.retraits != self._retraits:
            yield from self._partis()
        if dossier.messages and (not self.uids or dossier.messages[-1].uid > self.uids[-1]):
            start = bisect.bisect_right(dossier.messages, self.uids[-1] if self.uids else 0, key=lambda m: m.uid)
            for message in dossier.messages[start:]:
                self.messages.append(message)
                self.uids.append(message.uid)
                if message.recent:
                    self.recents.add(message.uid)
                    message.recent = message.recent and self.lecture_seule
            yield b"* %d EXISTS\r\n* %d RECENT\r\n" % (len(self.messages), len(self.recents))
        if dossier.version != self._version:
            for rank, message in enumerate(self.messages):
                if message.version > self._version and not message.retire:
                    yield b"* %d FETCH (UID %d FLAGS (%s))\r\n" % (rank + 1, message.uid, drapeaux(message, self.recents))
            self._version = dossier.version

    def noter(self) -> None:
        """What changed so far is known: the session did it itself."""
        self._version = self.dossier.version

    def _partis(self) -> Iterator[bytes]:
        gone = [rank for rank, message in enumerate(self.messages) if message.retire]
        for count, rank in enumerate(gone):
            yield b"* %d EXPUNGE\r\n" % (rank + 1 - count)
        self.messages = [m for m in self.messages if not m.retire]
        self.uids = [m.uid for m in self.messages]
        self._retraits = self.dossier.retraits


def drapeaux(message: Message, recents: Iterable[int]) -> bytes:
    """The flags of a message as the session is told."""
    said = sorted(message.drapeaux)
    if message.uid in (recents if isinstance(recents, set) else set(recents)):
        said.append("\\Recent")
    return " ".join(said).encode("utf-8", "replace")
