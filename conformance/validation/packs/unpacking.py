"""What a user gives as a pack (folder, zip, tgz), opened as untrusted input."""

from __future__ import annotations

import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ...core.errors import InputError

MEBIBYTE = 1024 * 1024
ARCHIVES = (".zip", ".tgz", ".tar.gz", ".tar")
BLOCK = 256 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these, an archive or a folder is refused."""

    files: int = 60_000
    total: int = 1024 * MEBIBYTE
    one: int = 300 * MEBIBYTE
    ratio: int = 300
    path: int = 400


def is_archive(path: Path) -> bool:
    """True by the name's end."""
    return path.name.lower().endswith(ARCHIVES)


def unpack(source: Path, destination: Path, limits: Limits) -> None:
    """Write the regular files of an archive under ``destination``; raises ``InputError`` for a hostile or broken one."""
    try:
        if zipfile.is_zipfile(source):
            _unzip(source, destination, limits)
        else:
            _untar(source, destination, limits)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{source.name} : archive illisible ({error}). Refaites l'archive, ou donnez le dossier.") from error


def copy_kept(source: Path, destination: Path, keeps: Callable[[str], bool], limits: Limits) -> int:
    """Copy the files that a kind keeps; a symbolic link among them is refused. Returns how many."""
    budget = _Budget(source.name, limits)
    for path in _walk(source):
        relative = path.relative_to(source).as_posix()
        if not keeps(relative):
            continue
        if path.is_symlink():
            raise InputError(f"{relative} : lien symbolique refusé. Remplacez-le par le fichier.")
        size = path.stat().st_size
        budget.open(relative, size)
        target = destination / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as stream:
            budget.copy(stream, target)
    return budget.files


@dataclass
class _Budget:
    name: str
    limits: Limits
    files: int = 0
    total: int = 0

    def open(self, member: str, announced: int) -> None:
        """Count one more file, before any of its bytes."""
        self.files += 1
        if self.files > self.limits.files:
            raise InputError(f"{self.name} : plus de {self.limits.files} fichiers. Ne donnez que le dossier du pack.")
        if announced > self.limits.one:
            raise InputError(f"{self.name} : {member} dépasse {self.limits.one // MEBIBYTE} Mio.")

    def copy(self, stream: IO[bytes], target: Path) -> None:
        """Write a member, counting what is really read."""
        written = 0
        with target.open("wb") as out:
            while block := stream.read(BLOCK):
                written += len(block)
                self.total += len(block)
                if written > self.limits.one or self.total > self.limits.total:
                    raise InputError(f"{self.name} : contenu de plus de {self.limits.total // MEBIBYTE} Mio, refusé.")
                out.write(block)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            yield from _walk(path)
        else:
            yield path


def safe_member(name: str, limits: Limits) -> str:
    """The relative path of a member, with ``/``; "" for a folder; raises ``InputError`` when it would leave the folder."""
    path = name.replace("\\", "/")
    steps = path.rstrip("/").split("/")
    if path.startswith("/") or ":" in path or ".." in steps or len(path) > limits.path:
        raise InputError(f"chemin « {name[:80]} » refusé dans l'archive (absolu, ou qui sort du dossier).")
    if any(ord(c) < 32 for c in path):
        raise InputError("nom de fichier avec un caractère de contrôle, refusé dans l'archive.")
    return "" if path.endswith("/") else "/".join(s for s in steps if s not in ("", "."))


def _unzip(source: Path, destination: Path, limits: Limits) -> None:
    budget = _Budget(source.name, limits)
    with zipfile.ZipFile(source) as archive:
        members = archive.infolist()
        if len(members) > limits.files:
            raise InputError(f"{source.name} : plus de {limits.files} fichiers. Ne donnez que le dossier du pack.")
        announced = sum(m.file_size for m in members)
        packed = max(source.stat().st_size, 1)
        if announced > limits.total or (announced > 50 * MEBIBYTE and announced / packed > limits.ratio):
            raise InputError(f"{source.name} : archive de {packed} octets qui en annonce {announced}, refusée.")
        for member in members:
            relative = safe_member(member.filename, limits)
            if stat.S_ISLNK(member.external_attr >> 16):
                raise InputError(f"{source.name} : lien symbolique « {member.filename} » refusé.")
            if member.flag_bits & 1:
                raise InputError(f"{source.name} : archive chiffrée. Déchiffrez-la d'abord.")
            if relative:
                budget.open(relative, member.file_size)
                with archive.open(member) as stream:
                    _write(stream, destination, relative, budget)


def _untar(source: Path, destination: Path, limits: Limits) -> None:
    budget = _Budget(source.name, limits)
    with tarfile.open(source, "r:*") as archive:
        for member in archive:
            if member.isdir():
                continue
            if not member.isreg():
                raise InputError(
                    f"{source.name} : « {member.name} » n'est pas un fichier ordinaire (lien ou périphérique), refusé."
                )
            relative = safe_member(member.name, limits)
            budget.open(relative, member.size)
            stream = archive.extractfile(member)
            assert stream is not None
            with stream:
                _write(stream, destination, relative, budget)


def _write(stream: IO[bytes], destination: Path, relative: str, budget: _Budget) -> None:
    target = destination / relative
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            return
        budget.copy(stream, target)
    except OSError as error:
        raise InputError(f"{budget.name} : « {relative} » ne peut pas être écrit ({error.strerror}).") from error
