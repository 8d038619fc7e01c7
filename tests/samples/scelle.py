"""A small sealed campaign, and the same damaged in a thousand ways."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

from dui_conformance.reports.sceau.cle import local_sealer
from dui_conformance.reports.sceau.paquet import Entry, PackWriter, entries_of
from dui_conformance.reports.sceau.scelle import seal
from samples.report import write_campaign

Damage = Callable[[random.Random, bytes, list[Entry], bytes], bytes]


def played(folder: Path) -> Path:
    """A campaign of every sort of verdict, ended; gives its folder."""
    return write_campaign(folder / "campagne")


def sealed(folder: Path, *, partageable: bool = False) -> Path:
    """The evidence of such a campaign."""
    return seal(played(folder), local_sealer(folder / "cle.pem"), partageable=partageable).path


def entries(path: Path) -> list[Entry]:
    """The entries of an archive."""
    with path.open("rb") as stream:
        return list(entries_of(stream))


def one_byte(rng: random.Random, data: bytes, held: list[Entry], other: bytes) -> bytes:
    """Another value for one byte, anywhere."""
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ rng.randrange(1, 256)]) + data[at + 1 :]


def cut(rng: random.Random, data: bytes, held: list[Entry], other: bytes) -> bytes:
    """The end missing."""
    return data[: rng.randrange(200, len(data))]


def longer(rng: random.Random, data: bytes, held: list[Entry], other: bytes) -> bytes:
    """Bytes added at the end."""
    return data + rng.randbytes(rng.randrange(1, 64))


def removed(rng: random.Random, data: bytes, held: list[Entry], other: bytes) -> bytes:
    """A whole file taken out."""
    return _without(data, held, rng.randrange(1, len(held)))


def moved(rng: random.Random, data: bytes, held: list[Entry], other: bytes) -> bytes:
    """Two files swapped."""
    first, second = sorted(rng.sample(range(1, len(held)), 2))
    a, b = held[first], held[second]
    return data[: a.offset] + data[b.offset : b.end] + data[a.end : b.offset] + data[a.offset : a.end] + data[b.end :]


def transplanted(rng: random.Random, data: bytes, held: list[Entry], other: bytes) -> bytes:
    """A file replaced by that of another campaign, its own header kept right."""
    entry = rng.choice(held[1:])
    return data[: entry.offset] + other + data[entry.end :]


DAMAGES: tuple[Damage, ...] = (one_byte, one_byte, one_byte, cut, longer, removed, moved, transplanted)


def _without(data: bytes, held: list[Entry], rank: int) -> bytes:
    return data[: held[rank].offset] + data[held[rank].end :]


def rebuilt(source: Path, target: Path, change: Callable[[dict[str, bytes]], dict[str, bytes]]) -> Path:
    """The same archive with other contents, every header and the directory made right again: only the signature can tell."""
    with zipfile.ZipFile(source) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    with target.open("w+b") as stream:
        writer = PackWriter(stream)
        for name, content in change(contents).items():
            writer.add(name, io.BytesIO(content))
        writer.finish()
    return target
