"""What the content streams of a PDF draw: operators, colours, fonts shown, nesting. Read once, in bounded time.

Each stream is read from a page on: the forms that it calls, the appearances of its annotations, the patterns and Type 3
glyphs of its resources. ``cost`` counts the operators drawn, forms expanded: it tells a page that a renderer would never end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...core.errors import Inconclusive
from ...core.providers import provider
from .file import MEBIBYTE, PdfError, PdfFile, reading, said
from .scanner import Drawn, scan

MAX_CONTENT = 12 * MEBIBYTE
MAX_COST = 5_000_000
MAX_DEPTH = 24


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
