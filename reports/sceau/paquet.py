"""The zip of sealed evidence: one possible form for given contents, so that a byte moved anywhere can be told.

Any zip tool opens it. Entries follow each other without a gap, in the order in which they were added, at a fixed date; the
directory at the end is the only one that these entries can have. PKWARE's APPNOTE 6.3.9 gives the fields.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR64 = struct.Struct("<4sLQL")
_VERSION, _MADE_BY_UNIX, _UTF8, _DEFLATE = 20, 3 << 8, 0x800, 8
_TIME, _DATE = 0, (1 << 5) | 1
_OWNER_ONLY = 0o100600 << 16
_MANY = 0xFFFF
_CHUNK = 1 << 20
MAX_SIZE = (1 << 32) - 2
MAX_NAME = 255


class PackBroken(ValueError):
    """Bytes that no such zip can hold; ``at`` is their place, ``entry`` the one that they belong to."""

    def __init__(self, message: str, at: int, entry: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.entry = entry


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: where it begins, and what its header says of it. Sizes in bytes."""

    nom: str
    offset: int
    crc: int
    packed: int
    size: int

    @property
    def begin(self) -> int:
        """Where its packed content begins."""
        return self.offset + _LOCAL.size + len(self.nom.encode())

    @property
    def end(self) -> int:
        """Where what follows it begins."""
        return self.begin + self.packed

    def header(self) -> bytes:
        """Its local header."""
        name = self.nom.encode()
        fields = (b"PK\3\4", _VERSION, _UTF8, _DEFLATE, _TIME, _DATE, self.crc, self.packed, self.size, len(name), 0)
        return _LOCAL.pack(*fields) + name


class PackWriter:
    """Writes entries one after the other in a seekable stream; ``finish`` writes the directory."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.entries: list[Entry] = []

    def add(self, nom: str, source: BinaryIO) -> Entry:
        """Add a file; raises ``ValueError`` for a name or a size that the form has no room for."""
        offset = self._stream.tell()
        if not 0 < len(nom.encode()) <= MAX_NAME:
            raise ValueError(f"nom impossible dans une archive de preuves : {nom!r}")
        self._stream.seek(Entry(nom, offset, 0, 0, 0).begin)
        packer = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        crc = packed = size = 0
        while chunk := source.read(_CHUNK):
            crc, size = zlib.crc32(chunk, crc), size + len(chunk)
            packed += self._stream.write(packer.compress(chunk))
        packed += self._stream.write(packer.flush())
        if max(size, packed, offset) > MAX_SIZE:
            raise ValueError(f"{nom} : l'archive de preuves dépasserait 4 Go")
        entry = Entry(nom, offset, crc, packed, size)
        self._stream.seek(offset)
        self._stream.write(entry.header())
        self._stream.seek(entry.end)
        self.entries.append(entry)
        return entry

    def finish(self) -> None:
        """Write the directory."""
        self._stream.write(directory(self.entries))


def directory(entries: Sequence[Entry]) -> bytes:
    """The only directory that these entries can have."""
    start = entries[-1].end if entries else 0
    rows = b"".join(_row(entry) for entry in entries)
    end64 = b""
    if len(entries) >= _MANY:
        made_by = _MADE_BY_UNIX | 45
        fields = (b"PK\6\6", 44, made_by, 45, 0, 0, len(entries), len(entries), len(rows), start)
        end64 = _END64.pack(*fields) + _LOCATOR64.pack(b"PK\6\7", 0, start + len(rows), 1)
    count = min(len(entries), _MANY)
    return rows + end64 + _END.pack(b"PK\5\6", 0, 0, count, count, len(rows), start, 0)


def _row(entry: Entry) -> bytes:
    name = entry.nom.encode()
    shared = (_VERSION, _UTF8, _DEFLATE, _TIME, _DATE, entry.crc, entry.packed, entry.size, len(name))
    return _CENTRAL.pack(b"PK\1\2", _MADE_BY_UNIX | _VERSION, *shared, 0, 0, 0, 0, _OWNER_ONLY, entry.offset) + name


def entries_of(stream: BinaryIO) -> Iterator[Entry]:
    """The entries, in order, as their local headers tell; stops at the directory. Raises :class:`PackBroken`."""
    offset = 0
    while True:
        stream.seek(offset)
        head = stream.read(_LOCAL.size)
        if head[:4] == b"PK\1\2" or (offset and head[:4] == b"PK\5\6"):
            return
        if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
            raise PackBroken("aucun fichier ne commence ici", offset)
        *_, crc, packed, size, name_length, _extra = _LOCAL.unpack(head)
        try:
            nom = stream.read(name_length).decode()
        except UnicodeDecodeError:
            raise PackBroken("nom de fichier illisible", offset) from None
        entry = Entry(nom, offset, crc, packed, size)
        if entry.header() != head + nom.encode() or len(nom.encode()) != name_length:
            raise PackBroken("en-tête d'une autre forme que celle d'une archive de preuves", offset, nom)
        yield entry
        offset = entry.end


def content(stream: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """What an entry holds, chunk by chunk, never more than its header promises. Raises :class:`PackBroken`."""
    stream.seek(entry.begin)
    opener = zlib.decompressobj(-zlib.MAX_WBITS)
    left, crc, size = entry.packed, 0, 0
    while left:
        packed = stream.read(min(_CHUNK, left))
        if not packed:
            raise PackBroken("contenu tronqué", entry.offset, entry.nom)
        left -= len(packed)
        while packed:
            try:
                chunk = opener.decompress(packed, _CHUNK)
            except zlib.error:
                raise PackBroken("contenu illisible", entry.offset, entry.nom) from None
            size, crc, packed = size + len(chunk), zlib.crc32(chunk, crc), opener.unconsumed_tail
            if size > entry.size:
                raise PackBroken("contenu plus long qu'annoncé", entry.offset, entry.nom)
            yield chunk
    if (size, crc) != (entry.size, entry.crc) or not opener.eof or opener.unused_data:
        raise PackBroken("contenu altéré", entry.offset, entry.nom)
