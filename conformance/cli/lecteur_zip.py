"""The members of a zip archive, read in memory under limits: nothing is extracted, no archive inside an archive is opened."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from ..core.problem import Finding
from .lecteurs import ARCHIVE, READERS, Piece, read

MOST_MEMBERS = 1_000
MEBIBYTE = 1024 * 1024
LARGEST_TOTAL = 32 * MEBIBYTE
_SOURCE = "choix du banc : archives bornées"
_ENCRYPTED = 0x1


def members(data: bytes) -> Sequence[Piece]:
    """The documents of the archive in its order; one refused piece for an archive that is not safe or not readable."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            refused = _refusal(infos)
            if refused is not None:
                return [Piece("archive", refused=refused)]
            return list(_pieces(archive, infos))
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
        return [Piece("archive", refused=_finding("Archive zip illisible", "une archive zip entière", str(error)))]


def _refusal(infos: Sequence[zipfile.ZipInfo]) -> Finding | None:
    total = sum(info.file_size for info in infos)
    if not infos:
        return _finding("Archive vide", "au moins un document", "aucun fichier")
    if len(infos) > MOST_MEMBERS:
        return _finding("Trop de fichiers dans l'archive", f"{MOST_MEMBERS} au plus", str(len(infos)))
    if total > LARGEST_TOTAL:
        return _finding(
            "Archive trop grande une fois décompressée",
            f"{LARGEST_TOTAL // MEBIBYTE} Mio au plus",
            f"{total / MEBIBYTE:.0f} Mio annoncés",
        )
    return next((found for info in infos if (found := _unsafe(info)) is not None), None)


def _unsafe(info: zipfile.ZipInfo) -> Finding | None:
    path = PurePosixPath(info.filename.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        return _finding("Nom de fichier dangereux dans l'archive", "un chemin relatif, sans « .. »", info.filename)
    if info.flag_bits & _ENCRYPTED:
        return _finding("Archive chiffrée", "des fichiers lisibles sans mot de passe", info.filename)
    return None


def _pieces(archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo]) -> Iterator[Piece]:
    inner = tuple(reader for reader in READERS if reader.__name__ != "_zip")
    room = LARGEST_TOTAL
    for info in infos:
        with archive.open(info) as stream:
            data = stream.read(room + 1)
        room -= len(data)
        if room < 0:
            yield Piece(
                "archive", refused=_finding("Archive trop grande", f"{LARGEST_TOTAL // MEBIBYTE} Mio au plus", "davantage")
            )
            return
        if data.startswith(b"PK\x03\x04"):
            found = _finding("Archive dans une archive", "des documents, sans autre archive", info.filename)
            yield Piece("archive", refused=found, member=info.filename)
            continue
        for piece in read(data, info.filename, inner):
            yield replace(piece, member=info.filename)


def _finding(message: str, expected: str, received: str) -> Finding:
    hint = "Refaire l'archive avec les seuls documents à juger, ou les donner un par un."
    return Finding(check=ARCHIVE, message=message, expected=expected, received=received, at="/", hint=hint, source=_SOURCE)
