"""Where messages lie: one growing temporary file, so that memory does not follow the size of the boxes."""

from __future__ import annotations

import tempfile
import threading
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Morceau:
    """Bytes of the store."""

    debut: int
    taille: int


class Magasin:
    """Append-only, thread-safe; its file is made at the first message and disappears with the store."""

    def __init__(self) -> None:
        self._opened: IO[bytes] | None = None
        self._lock = threading.Lock()
        self._end = 0

    def ranger(self, pieces: Iterable[bytes]) -> Morceau:
        """Keep these bytes, given piece by piece."""
        with self._lock:
            file = self._file()
            file.seek(self._end)
            start = self._end
            for piece in pieces:
                file.write(piece)
                self._end += len(piece)
            return Morceau(start, self._end - start)

    def lire(self, morceau: Morceau, debut: int = 0, taille: int | None = None) -> bytes:
        """Bytes kept, from ``debut`` on."""
        length = morceau.taille - debut if taille is None else min(taille, morceau.taille - debut)
        if length <= 0:
            return b""
        with self._lock:
            file = self._file()
            file.seek(morceau.debut + debut)
            return file.read(length)

    def par_pieces(self, morceau: Morceau, debut: int = 0, taille: int | None = None) -> Iterator[bytes]:
        """The same in pieces of bounded size."""
        left = morceau.taille - debut if taille is None else min(taille, morceau.taille - debut)
        while left > 0:
            piece = self.lire(morceau, debut, min(PIECE, left))
            if not piece:
                return
            debut, left = debut + len(piece), left - len(piece)
            yield piece

    def _file(self) -> IO[bytes]:
        if self._opened is None:
            self._opened = tempfile.TemporaryFile(prefix="dui-conformance-mss-")  # noqa: SIM115 - lives as long as the store
            weakref.finalize(self, self._opened.close)
        return self._opened
