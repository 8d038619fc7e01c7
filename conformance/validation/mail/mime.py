"""The MIME tree of a mail, cut without copying (RFC 2045, 2046): parts with their positions, decoded on demand."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from .headers import CHARSETS, LARGEST_BLOCK, Header, MailError, cut_headers
from .parameters import Parameterised, parse

DEEPEST = 12
MOST_PARTS = 500
LONGEST_BOUNDARY = 70
LONGEST_LINE = 998
IDENTITY = ("7bit", "8bit", "binary", "")

_BLANK = re.compile(rb"\r?\n\r?\n")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/=\r\n]")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in the form of a mail. ``sort`` says which rule it breaks: ``entete``, ``type``, ``frontiere``,
    ``encodage``, ``charset``, ``nom``."""

    sort: str
    message: str
    at: str


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One part. ``path`` numbers it as IMAP does (``1.2``), ``""`` for the whole mail. ``start`` and ``end`` bound its body."""

    path: str
    headers: tuple[Header, ...]
    whole: bytes = field(repr=False)
    start: int
    end: int
    parts: tuple[Part, ...]
    faults: tuple[Fault, ...]
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def at(self) -> str:
        """Where it is: its number, its type, its file name."""
        if not self.path:
            return "message"
        named = f", « {self.filename} »" if self.filename else ""
        return f"partie {self.path} ({self.type}{named})"

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.filename or f"partie {self.path}"

    def all(self, name: str) -> tuple[Header, ...]:
        """The fields of a name, whatever its case."""
        wanted = name.lower()
        return tuple(h for h in self.headers if h.name.lower() == wanted)

    def header(self, name: str) -> Header | None:
        """The first field of a name."""
        return next(iter(self.all(name)), None)

    def value(self, name: str) -> str:
        """The decoded value of the first field of a name, or ``""``."""
        found = self.header(name)
        return "" if found is None else found.value

    def unfolded(self, name: str) -> str:
        """The value of the first field of a name on one line, encoded words as written, or ``""``."""
        found = self.header(name)
        return "" if found is None else found.unfolded

    def _parsed(self, name: str) -> Parameterised:
        if name not in self.memo:
            self.memo[name] = parse(self.unfolded(name))
        found: Parameterised = self.memo[name]
        return found

    @property
    def content_type(self) -> Parameterised:
        """``Content-Type``, parameters included."""
        return self._parsed("Content-Type")

    @property
    def disposition(self) -> Parameterised:
        """``Content-Disposition``, parameters included."""
        return self._parsed("Content-Disposition")

    @property
    def type(self) -> str:
        """The media type, ``text/plain`` by default."""
        return self.content_type.value or "text/plain"

    @property
    def filename(self) -> str:
        """The file name: of the disposition, else of the type."""
        return self.disposition.get("filename") or self.content_type.get("name")

    @property
    def encoding(self) -> str:
        """``Content-Transfer-Encoding`` in lower case, ``7bit`` by default."""
        return self.unfolded("Content-Transfer-Encoding").strip().lower() or "7bit"

    @property
    def raw(self) -> bytes:
        """The body as written."""
        return self.whole[self.start : self.end]

    @property
    def content(self) -> bytes:
        """The body decoded; what cannot be is given as written (see :meth:`body_faults`)."""
        if "content" not in self.memo:
            self.memo["content"] = self._decoded()
        found: bytes = self.memo["content"]
        return found

    def _decoded(self) -> bytes:
        if self.encoding == "base64":
            try:
                return binascii.a2b_base64(_NOT_BASE64.sub(b"", self.raw))
            except binascii.Error:
                return self.raw
        return binascii.a2b_qp(self.raw) if self.encoding == "quoted-printable" else self.raw

    @property
    def text(self) -> str:
        """The decoded text of a ``text/*`` part; what its charset does not explain is replaced."""
        charset = self.content_type.get("charset", "us-ascii").lower()
        return self.content.decode(
            charset if charset in CHARSETS and charset not in ("ascii", "us-ascii") else "utf-8", "replace"
        )

    def walk(self) -> Iterator[Part]:
        """This part, then all that it holds, in order."""
        yield self
        for part in self.parts:
            yield from part.walk()

    def leaves(self) -> Iterator[Part]:
        """The parts that hold no part."""
        return (part for part in self.walk() if not part.parts)


def read_part(whole: bytes, start: int = 0) -> Part:
    """The tree of a message; raises :class:`MailError` past the bounds."""
    return _part(whole, start, len(whole), "", [0], 1)


def _part(whole: bytes, start: int, end: int, path: str, count: list[int], line: int) -> Part:
    count[0] += 1
    depth = path.count(".") + bool(path)
    where = f"partie {path}" if path else "message"
    if depth > DEEPEST:
        raise _bomb("Parties MIME trop emboîtées", f"{DEEPEST} niveaux au plus", f"au moins {depth}", where)
    if count[0] > MOST_PARTS:
        raise _bomb("Trop de parties MIME", f"{MOST_PARTS} au plus", "davantage", where)
    headers, body, wrong = _headers(whole, start, end, line)
    made = Part(path, headers, whole, body, end, (), ())
    faults = [Fault("entete", message, f"{where}, en-têtes (ligne {number})") for message, number in wrong]
    faults += [Fault("nom", f"{header} : {f}", where) for header in _PARAMETERISED for f in made._parsed(header).faults]
    if not made.type.startswith("multipart/"):
        return Part(path, headers, whole, body, end, (), tuple(faults), made.memo)
    pieces = _cut(made, whole, body, end, faults)
    line += whole.count(b"\n", start, body)
    parts = []
    for rank, (first, last) in enumerate(pieces, 1):
        number = line + whole.count(b"\n", body, first)
        parts.append(_part(whole, first, last, f"{path}.{rank}" if path else str(rank), count, number))
    return Part(path, headers, whole, body, end, tuple(parts), tuple(faults), made.memo)


_PARAMETERISED = ("Content-Type", "Content-Disposition")


def _headers(whole: bytes, start: int, end: int, line: int) -> tuple[tuple[Header, ...], int, list[tuple[str, int]]]:
    """The fields, where the body begins, and what is wrong."""
    wrong: list[tuple[str, int]] = []
    for blank in (b"\r\n", b"\n"):
        if whole.startswith(blank, start, end):
            return (), start + len(blank), wrong
    match = _BLANK.search(whole, start, min(end, start + LARGEST_BLOCK + 4))
    stop = match.start() if match else end
    headers = cut_headers(whole[start:stop], line, wrong)
    if match is None and stop > start:
        wrong.append(("aucune ligne vide après les en-têtes", line))
    return headers, match.end() if match else end, wrong


def _cut(part: Part, whole: bytes, start: int, end: int, faults: list[Fault]) -> list[tuple[int, int]]:
    """The bounds of the parts of a multipart."""
    boundary = part.content_type.get("boundary").encode("utf-8", "replace")
    if not boundary or len(boundary) > LONGEST_BOUNDARY:
        sort = f"frontière de {len(boundary)} caractères" if boundary else "paramètre boundary absent"
        faults.append(Fault("frontiere", sort, part.at))
        return []
    bounds: list[tuple[int, int]] = []
    opened, closed, mark, position = -1, False, b"--" + boundary, start
    while (found := whole.find(mark, position, end)) >= 0:
        position = found + len(mark)
        stop = whole.find(b"\n", position, end)
        stop = end if stop < 0 else stop
        if (found > start and whole[found - 1 : found] != b"\n") or stop - position > 200:
            continue
        tail = whole[position:stop].strip()
        if tail not in (b"", b"--"):
            continue
        if opened >= 0:
            bounds.append((opened, max(opened, _without_line_end(whole, found))))
        if len(bounds) > MOST_PARTS:
            raise _bomb("Trop de parties MIME", f"{MOST_PARTS} au plus", "davantage", part.at)
        opened = position = min(stop + 1, end)
        if tail:
            opened, closed = -1, True
            break
    if opened >= 0:
        bounds.append((opened, end))
    if not closed:
        message = "frontière de fin absente" if bounds else "aucune partie : la frontière annoncée ne se trouve pas"
        faults.append(Fault("frontiere", message, part.at))
    return bounds


def _without_line_end(whole: bytes, position: int) -> int:
    """Where the content ends before a boundary: the line end that precedes it is not content."""
    if whole[position - 2 : position] == b"\r\n":
        return position - 2
    return position - 1


def _bomb(message: str, expected: str, received: str, at: str) -> MailError:
    return MailError(f"{message} : le message n'est pas lu", expected=expected, received=received, at=at)


def body_faults(part: Part) -> Iterator[Fault]:
    """What is wrong in how the body of a leaf is encoded."""
    encoding, raw = part.encoding, part.raw
    if encoding == "base64":
        yield from _base64_faults(part, raw)
    elif encoding not in (*IDENTITY, "quoted-printable"):
        yield Fault("encodage", f"Content-Transfer-Encoding inconnu : {encoding[:40]}", part.at)
    if encoding in ("7bit", "quoted-printable") and not raw.isascii():
        yield Fault("encodage", f"octets au-delà de 127 dans une partie annoncée {encoding}", part.at)
    if encoding != "binary" and _longest_line(raw) > LONGEST_LINE:
        yield Fault("encodage", f"ligne de plus de {LONGEST_LINE} caractères", part.at)


def _base64_faults(part: Part, raw: bytes) -> Iterator[Fault]:
    stray = _NOT_BASE64.search(raw)
    if stray is not None and raw[stray.start() : stray.start() + 1] not in (b" ", b"\t"):
        yield Fault("encodage", f"caractère étranger au base64 : {stray[0]!r}", part.at)
    try:
        binascii.a2b_base64(_NOT_BASE64.sub(b"", raw).replace(b"\r", b"").replace(b"\n", b""), strict_mode=True)
    except binascii.Error as error:
        yield Fault("encodage", f"base64 incorrect : {error}", part.at)


def _longest_line(raw: bytes) -> int:
    longest, position = 0, 0
    while position < len(raw):
        stop = raw.find(b"\n", position)
        stop = len(raw) if stop < 0 else stop
        longest = max(longest, stop - position)
        if longest > LONGEST_LINE + 1:
            return longest
        position = stop + 1
    return longest - 1 if raw.endswith(b"\r\n") or b"\r\n" in raw[:4096] else longest
