"""A zip that anyone may have made: its members in memory, or the reason why it is not opened."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...core.problem import Problem

MOST_MEMBERS = 1_000
MEBIBYTE = 1024 * 1024
LARGEST_TOTAL = 64 * MEBIBYTE
HIGHEST_RATIO = 200
_RATIO_FROM = MEBIBYTE
_ENCRYPTED = 0x1
_CENTRAL = b"PK\x01\x02"
READABLE, SAFE = "mss.xdm.readable", "mss.xdm.safe-paths"
_DRIVE = re.compile(r"[A-Za-z]:")


class XdmError(ValueError):
    """An archive that is not opened: why, in French."""

    def __init__(self, message: str, *, expected: str, received: str) -> None:
        super().__init__(message)
        self.message, self.expected, self.received = message, expected, received


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive. ``path`` is as written, save that ``\\`` is read as ``/``."""

    path: str
    data: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """Its last component."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The rest."""
        return self.path.rpartition("/")[0]


@dataclass(frozen=True, slots=True)
class Archive:
    """The files, in the order of the archive, its folders, and the names that would do harm to who extracts them."""

    members: tuple[Member, ...]
    folders: tuple[str, ...]
    unsafe: tuple[Problem, ...]

    def member(self, path: str) -> Member | None:
        """The file of this path, whatever its case."""
        wanted = path.upper()
        return next((m for m in self.members if m.path.upper() == wanted), None)


def read_archive(data: bytes) -> Archive:
    """The archive; raises :class:`XdmError` for one that is not whole, or past the bounds."""
    announced = data.count(_CENTRAL)
    if announced > 4 * MOST_MEMBERS:
        raise XdmError("Trop de fichiers dans l'archive", expected=f"{MOST_MEMBERS} au plus", received=f"environ {announced}")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
            _bounded(infos)
            files = [info for info in infos if not info.is_dir()]
            members = _members(archive, files)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        EOFError,
        ValueError,
        OSError,
        RuntimeError,
        OverflowError,
    ) as error:
        if isinstance(error, XdmError):
            raise
        raise XdmError("Archive zip illisible", expected="une archive zip entière", received=_said(error)) from error
    folders = tuple(_path(info).rstrip("/") for info in infos if info.is_dir())
    return Archive(members, folders, tuple(_unsafe(infos)))


def _bounded(infos: Sequence[zipfile.ZipInfo]) -> None:
    total = sum(info.file_size for info in infos)
    if not infos:
        raise XdmError("Archive vide", expected="l'arborescence IHE_XDM", received="aucun fichier")
    if len(infos) > MOST_MEMBERS:
        raise XdmError("Trop de fichiers dans l'archive", expected=f"{MOST_MEMBERS} au plus", received=str(len(infos)))
    locked = next((info for info in infos if info.flag_bits & _ENCRYPTED), None)
    if locked is not None:
        raise XdmError("Archive chiffrée", expected="des fichiers lisibles sans mot de passe", received=_path(locked)[:120])
    bomb = next((i for i in infos if i.file_size > _RATIO_FROM and i.file_size > HIGHEST_RATIO * max(i.compress_size, 1)), None)
    if bomb is not None or total > LARGEST_TOTAL:
        received = f"{total / MEBIBYTE:.0f} Mio annoncés"
        if bomb is not None:
            received = f"{_path(bomb)[:120]} : {bomb.file_size} octets pour {bomb.compress_size} compressés"
        raise XdmError(
            "Archive qui enfle à la décompression",
            expected=f"{LARGEST_TOTAL // MEBIBYTE} Mio au plus, et au plus {HIGHEST_RATIO} fois la taille compressée",
            received=received,
        )


def _members(archive: zipfile.ZipFile, infos: Sequence[zipfile.ZipInfo]) -> tuple[Member, ...]:
    room, found = LARGEST_TOTAL, []
    for info in infos:
        with archive.open(info) as stream:
            data = stream.read(min(room, info.file_size) + 1)
        room -= len(data)
        if room < 0 or len(data) > info.file_size:
            raise XdmError(
                "Archive qui enfle à la décompression", expected=f"{info.file_size} octets annoncés", received="davantage"
            )
        found.append(Member(_path(info), data))
    return tuple(found)


def _path(info: zipfile.ZipInfo) -> str:
    return info.orig_filename.replace("\\", "/")


def _unsafe(infos: Sequence[zipfile.ZipInfo]) -> list[Problem]:
    seen: dict[str, str] = {}
    found: list[Problem] = []
    for info in infos:
        path = _path(info)
        reason = _danger(info, path)
        if not reason and (other := seen.setdefault(path.upper(), path)) is not path:
            reason = "un fichier du même nom existe déjà" + ("" if other == path else " (casse différente)")
        if reason:
            hint = "N'écrire que des chemins relatifs sous IHE_XDM, chacun une fois."
            shown = path[:120].encode("unicode_escape").decode("ascii")
            found.append(Problem(SAFE, f"Chemin dangereux dans l'archive : {reason}", shown, "un chemin relatif", shown, hint))
    return found


def _danger(info: zipfile.ZipInfo, path: str) -> str:
    if stat.S_ISLNK(info.external_attr >> 16):
        return "lien symbolique"
    if path.startswith("/") or _DRIVE.match(path):
        return "chemin absolu"
    if ".." in path.split("/"):
        return "il remonte au-dessus du dossier d'extraction"
    return "caractère de contrôle" if any(ord(c) < 32 for c in path) else ""


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:160] or type(error).__name__
