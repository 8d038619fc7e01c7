"""The files of a zip that a person or a DUI gives, read within bounds."""

from __future__ import annotations

import io
import zipfile
import zlib

from ..core.errors import Inconclusive
from ..core.gestures import Piece


class ZipUnreadable(ValueError):
    """It does not open, or one of its files cannot be read."""


def files_of(piece: Piece, *, members: int, size: int) -> list[tuple[str, bytes]]:
    """Its files, in order. Raises :class:`ZipUnreadable`, or ``Inconclusive`` beyond that many files or bytes in all."""
    try:
        with zipfile.ZipFile(io.BytesIO(piece.data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            if len(infos) > members or sum(info.file_size for info in infos) > size:
                raise Inconclusive(f"{piece.id} : archive trop grande pour être relue ici ({len(infos)} fichiers)")
            return [(info.filename, archive.read(info)) for info in infos]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise ZipUnreadable(str(error)) from error
