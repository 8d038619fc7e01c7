"""A finding in its document: the lines around the node, the node marked, and the line of the file in the margin."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree
from markupsafe import Markup, escape

from .typography import legible, number
from .xml_lines import XmlLines, xml_lines

BEFORE, AFTER = 5, 6
WIDEST = 400
_LONG = re.compile(r"[A-Za-z0-9+/=_%-]{160,}")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a document as HTML. ``exact``: the node itself is marked, else its nearest ancestor, the node being absent."""

    html: Markup
    line: int
    exact: bool


class DocumentView:
    """A document laid out once, from which excerpts are taken."""

    def __init__(self, root: etree._Element, *, mask: Callable[[str], str] = str) -> None:
        self._laid = xml_lines(root)
        self._mask = mask
        self._margin = margin(self._laid)

    def excerpt(self, at: str, note: str = "") -> Excerpt | None:
        """Around the node that an XPath designates; None when it is not of this document."""
        found = self._laid.find(at)
        if found is None:
            return None
        rank, exact = found
        return around(self._laid.lines, rank, exact=exact, note=note, margin=self._margin, mask=self._mask)


def around(
    lines: Sequence[str], rank: int, *, exact: bool, note: str, margin: Mapping[int, int], mask: Callable[[str], str] = str
) -> Excerpt:
    """The lines around one of them, which is marked."""
    first = max(0, rank - BEFORE)
    shown = [mask(line) for line in lines[first : rank + AFTER + 1]]
    numbers = [margin.get(first + i, 0) for i in range(len(shown))]
    return excerpt(shown, rank - first, exact=exact, note=note, margin=numbers)


def text_excerpt(data: bytes, line: int, note: str) -> Excerpt | None:
    """Around a line of a file that is not readable XML."""
    lines = [each.decode("utf-8", "replace")[:WIDEST] for each in data.splitlines()]
    if not 0 < line <= len(lines):
        return None
    return around(lines, line - 1, exact=True, note=note, margin=dict(enumerate(range(1, len(lines) + 1))))


def margin(laid: XmlLines) -> Mapping[int, int]:
    """The line of the file for each laid out line that opens an element."""
    return {rank: element.sourceline or 0 for element, rank in laid.places.items()}


def excerpt(lines: Sequence[str], at: int, *, exact: bool, note: str = "", margin: Sequence[int] = ()) -> Excerpt:
    """Lines with one marked; ``margin`` gives the line of the file of each, 0 when unknown."""
    common = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    width = max((len(str(n)) for n in margin), default=0)
    html = []
    for rank, line in enumerate(lines):
        text = _elided(legible(line[common:]))
        number_shown = str(margin[rank]).rjust(width) if rank < len(margin) and margin[rank] else " " * width
        gutter = Markup('<span class="marge">{}</span> ').format(number_shown)
        html.append(gutter + (_marked(text, note, exact=exact) if rank == at else escape(text)))
    return Excerpt(Markup("\n").join(html), margin[at] if at < len(margin) else 0, exact)


def _marked(text: str, note: str, *, exact: bool) -> Markup:
    indent = text[: len(text) - len(text.lstrip())]
    said = note if exact else f"{note} (absent : voici l'élément où il est attendu)"
    aside = Markup(' <span class="renvoi">◀ {}</span>').format(said.strip()) if said.strip() else Markup("")
    return Markup("{}<mark>{}</mark>").format(indent, text[len(indent) :]) + aside


def _elided(line: str) -> str:
    return _LONG.sub(lambda m: f"{m.group()[:40]}… ({number(len(m.group()))} caractères)", line)
