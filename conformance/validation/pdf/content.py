"""What the content streams of a PDF draw: operators, colours, fonts shown, nesting. Read once, in bounded time.

Each stream is read from a page on: the forms that it calls, the appearances of its annotations, the patterns and Type 3
glyphs of its resources. ``cost`` counts the operators drawn, forms expanded: it tells a page that a renderer would never end.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from ...core.errors import Inconclusive
from ...core.providers import provider
from .file import MEBIBYTE, PdfError, PdfFile, reading, said

MAX_CONTENT = 12 * MEBIBYTE
MAX_COST = 5_000_000
MAX_DEPTH = 24
MAX_SAVED = 1000

OPERATORS = frozenset(
    b"b B b* B* BDC BI BMC BT BX c cm CS cs d d0 d1 Do DP EI EMC ET EX f F f* G g gs h i ID j J K k l m M MP n q Q re RG rg ri "
    b"s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \"".split()
)
_DEVICE_BY_OPERATOR = {
    b"rg": "DeviceRGB",
    b"RG": "DeviceRGB",
    b"k": "DeviceCMYK",
    b"K": "DeviceCMYK",
    b"g": "DeviceGray",
    b"G": "DeviceGray",
}
_DEVICE_BY_NAME = {
    b"/DeviceRGB": "DeviceRGB",
    b"/RGB": "DeviceRGB",
    b"/DeviceCMYK": "DeviceCMYK",
    b"/CMYK": "DeviceCMYK",
    b"/DeviceGray": "DeviceGray",
    b"/G": "DeviceGray",
}
_CONSTANTS = frozenset({b"true", b"false", b"null"})
_PLAIN = OPERATORS - {*_DEVICE_BY_OPERATOR, *b"Tj TJ ' \" q Q Tr ID Tf cs CS Do ri".split()}
_NESTED, _NAME, _WORD = 1, 2, 3
_SHOWING = frozenset({b"Tj", b"TJ", b"'", b'"'})
_BLANK, _DELIMITED = rb"[\x00\t\n\f\r ]", rb"(?=[\x00\t\n\f\r ()<>\[\]{}/%]|$)"
_TOKEN = re.compile(
    rb"(?:[+-]*+[0-9.]++(?:-[0-9]*+)?" + _DELIMITED + _BLANK + rb"*+)++"
    rb"|%[^\r\n]*+|\((?:[^()\\]|\\.)*+\)|(\()|<<|>>|[\[\]{})]|<[0-9A-Fa-f\s]*+>|(/[^\x00\t\n\f\r ()<>\[\]{}/%]*+)"
    rb"|([^\x00\t\n\f\r ()<>\[\]{}/%]++)",
    re.DOTALL,
)
"""Runs of numbers, comments, strings and brackets are passed over; kept: the start of a nested string, a name, a word."""
_PARENTHESES = re.compile(rb"\\.|[()]", re.DOTALL)
_END_OF_IMAGE = re.compile(rb"[\x00\t\n\f\r ]EI(?=[\x00\t\n\f\r ]|$)")


@dataclass(slots=True)
class Drawn:
    """What one content stream holds. ``shown`` are the font names of its resources that draw visible text."""

    operators: int = 0
    unknown: set[str] = field(default_factory=set)
    devices: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    calls: dict[str, int] = field(default_factory=dict)
    intents: set[str] = field(default_factory=set)
    depth: int = 0
    inline_filters: set[str] = field(default_factory=set)


def scan(data: bytes) -> Drawn:
    """Read one content stream."""
    return _Scanner(data).run()


class _Scanner:
    """Reads the tokens of one stream: names pile up until their operator."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.drawn = Drawn()
        self.names: list[bytes] = []
        self.font, self.invisible, self.depth = "", False, 0
        self.saved: list[tuple[str, bool]] = []

    def run(self) -> Drawn:
        search = _TOKEN.search
        while (match := search(self.data, self.position)) is not None:
            self.position = match.end()
            kept = match.lastindex
            if kept == _WORD:
                self._word(match[_WORD])
            elif kept == _NAME:
                self.names.append(match[_NAME])
            elif kept == _NESTED:
                self.position = _end_of_string(self.data, match.start())
        return self.drawn

    def _word(self, word: bytes) -> None:
        if word in _CONSTANTS:
            return
        self.drawn.operators += 1
        if word not in _PLAIN:
            self._operator(word)
        if self.names:
            self.names.clear()

    def _operator(self, word: bytes) -> None:
        if word not in OPERATORS:
            self.drawn.unknown.add(word[:20].decode("latin-1"))
        elif word in _DEVICE_BY_OPERATOR:
            self.drawn.devices.add(_DEVICE_BY_OPERATOR[word])
        elif word in _SHOWING:
            if self.font and not self.invisible:
                self.drawn.shown.add(self.font)
        elif word in {b"q", b"Q"}:
            self._nest(word)
        elif word == b"Tr":
            self.invisible = self.data[max(0, self.position - 12) : self.position - 2].split()[-1:] == [b"3"]
        elif word == b"ID":
            _inline_image(self.names, self.drawn)
            self.position = _end_of_image(self.data, self.position)
        elif self.names:
            self._named(word, self.names[-1])

    def _nest(self, word: bytes) -> None:
        if word == b"q":
            self.depth += 1
            self.drawn.depth = max(self.drawn.depth, self.depth)
            if len(self.saved) < MAX_SAVED:
                self.saved.append((self.font, self.invisible))
            return
        self.depth = max(0, self.depth - 1)
        if self.saved:
            self.font, self.invisible = self.saved.pop()

    def _named(self, word: bytes, name: bytes) -> None:
        if word == b"Tf":
            self.font = name.decode("latin-1")
        elif word in {b"cs", b"CS"}:
            self.drawn.devices.update(filter(None, [_DEVICE_BY_NAME.get(name)]))
        elif word == b"Do":
            called = name.decode("latin-1")
            self.drawn.calls[called] = self.drawn.calls.get(called, 0) + 1
        elif word == b"ri":
            self.drawn.intents.add(name.decode("latin-1"))


def _end_of_string(data: bytes, start: int) -> int:
    level = 0
    for match in _PARENTHESES.finditer(data, start):
        if match[0] == b"(":
            level += 1
        elif match[0] == b")":
            level -= 1
            if level == 0:
                return match.end()
    return len(data)


def _inline_image(names: list[bytes], drawn: Drawn) -> None:
    keys = dict(pairwise(names))
    for key in (b"/F", b"/Filter"):
        if key in keys:
            drawn.inline_filters.update(o.decode("latin-1") for o in names if o in {b"/LZW", b"/LZWDecode"})
    device = _DEVICE_BY_NAME.get(keys.get(b"/CS", keys.get(b"/ColorSpace", b"")))
    if device:
        drawn.devices.add(device)


def _end_of_image(data: bytes, start: int) -> int:
    for match in _END_OF_IMAGE.finditer(data, start):
        following = data[match.end() : match.end() + 12]
        if all(c in b"\t\n\r\f\x00" or 32 <= c < 127 for c in following):
            return match.end()
    return len(data)


@dataclass(frozen=True, slots=True)
class Place:
    """A content stream, where it is used (``page 1``, ``page 1, formulaire /Fm0``), and its resources."""

    at: str
    drawn: Drawn
    resources: Any


@dataclass(frozen=True, slots=True)
class PdfContents:
    """All the content streams reached from the pages."""

    places: tuple[Place, ...]
    cost: int
    unread: tuple[str, ...] = ()


class _Reader:
    """Reads the streams of a file, each once."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.unread: list[str] = []
        self.left = MAX_CONTENT
        self.costs: dict[Any, int] = {}

    def page(self, page: Any, at: str) -> int:
        resources = page.get("/Resources")
        data = b"\n".join(self._bytes(s, at) for s in _streams(page.get("/Contents")))
        cost = self._draw(data, resources, at, 0)
        for annotation in _items(page.get("/Annots")):
            for stream in _appearances(annotation):
                cost += self.form(stream, resources, f"{at}, apparence d'annotation", 1)
        return cost

    def form(self, stream: Any, inherited: Any, at: str, depth: int) -> int:
        key = stream.objgen
        if key in self.costs:
            return self.costs[key]
        self.costs[key] = MAX_COST + 1 if depth > MAX_DEPTH else 1
        if depth <= MAX_DEPTH:
            own = stream.get("/Resources", inherited)
            self.costs[key] = self._draw(self._bytes(stream, at), own, at, depth)
        return self.costs[key]

    def _draw(self, data: bytes, resources: Any, at: str, depth: int) -> int:
        drawn = scan(data)
        self.places.append(Place(at, drawn, resources))
        cost = drawn.operators
        forms = _dictionary(resources, "/XObject")
        for name, count in drawn.calls.items():
            called = forms.get(name)
            if _is_stream(called) and called.get("/Subtype") == "/Form":
                cost += count * self.form(called, resources, f"{at.split(',')[0]}, formulaire {name}", depth + 1)
        for name, pattern in _entries(_dictionary(resources, "/Pattern")):
            if _is_stream(pattern):
                cost += self.form(pattern, resources, f"{at.split(',')[0]}, motif {name}", depth + 1)
        for name, font in _entries(_dictionary(resources, "/Font")):
            if name in drawn.shown and font.get("/Subtype") == "/Type3":
                for _, glyph in _entries(font.get("/CharProcs")):
                    if _is_stream(glyph):
                        cost += self.form(
                            glyph, font.get("/Resources", resources), f"{at.split(',')[0]}, police {name}", depth + 1
                        )
        return min(cost, MAX_COST + 1)

    def _bytes(self, stream: Any, at: str) -> bytes:
        if "/LZWDecode" in filters_of(stream):
            self.unread.append(f"{at} : flux LZW")
            return b""
        try:
            with reading():
                data = bytes(stream.read_bytes())
        except PdfError:
            self.unread.append(f"{at} : flux indéchiffrable ou trop grand")
            return b""
        if len(data) > self.left:
            self.unread.append(f"{at} : plus de {MAX_CONTENT // MEBIBYTE} Mo de contenu")
            return b""
        self.left -= len(data)
        return data


@provider
def _contents_of(file: PdfFile) -> PdfContents:
    try:
        return contents_of(file)
    except PdfError as error:
        raise Inconclusive(f"le PDF n'est pas lisible : {error.message}") from error


def contents_of(file: PdfFile) -> PdfContents:
    """What the pages draw, read once; raises ``PdfError``."""
    if "contenu" not in file.memo:
        reader = _Reader()
        with reading():
            cost = sum(reader.page(page.obj, f"page {number}") for number, page in enumerate(file.opened.pages, 1))
        file.memo["contenu"] = PdfContents(tuple(reader.places), cost, tuple(dict.fromkeys(reader.unread))[:10])
    found: PdfContents = file.memo["contenu"]
    return found


def filters_of(stream: Any) -> tuple[str, ...]:
    """The names of the filters of a stream (``/FlateDecode``)."""
    return tuple(said(f) for f in _items(stream.get("/Filter"), single=True))


def _streams(contents: Any) -> list[Any]:
    return [s for s in _items(contents, single=True) if _is_stream(s)]


def _items(value: Any, *, single: bool = False) -> list[Any]:
    import pikepdf

    if isinstance(value, pikepdf.Array):
        return list(value)
    return [value] if single and value is not None else []


def _is_stream(value: Any) -> bool:
    import pikepdf

    return isinstance(value, pikepdf.Stream)


def _dictionary(holder: Any, key: str) -> Any:
    import pikepdf

    if not isinstance(holder, pikepdf.Dictionary | pikepdf.Stream):
        return {}
    found = holder.get(key)
    return found if isinstance(found, pikepdf.Dictionary) else {}


def _entries(value: Any) -> Iterator[tuple[str, Any]]:
    """The entries of a dictionary whose values are dictionaries or streams."""
    import pikepdf

    if value is None or not hasattr(value, "items"):
        return
    for name, each in value.items():
        if isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
            yield name, each


def _appearances(annotation: Any) -> Iterator[Any]:
    normal = _dictionary_or_none(annotation, "/AP")
    if normal is None:
        return
    for _, state in _entries(normal):
        if _is_stream(state):
            yield state
            continue
        for _, each in _entries(state):
            if _is_stream(each):
                yield each


def _dictionary_or_none(holder: Any, key: str) -> Any:
    found = _dictionary(holder, key)
    return found if len(found) else None
