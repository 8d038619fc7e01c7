"""Reads the operators of one content stream of a PDF, in bounded time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

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
