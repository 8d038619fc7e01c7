"""ODS read as a stream: no formula is computed, no entity expanded, no link followed, nothing kept but texts.

A repeated empty cell or row is skipped, not made. Why no library does it: ``docs/decisions/classeurs-openpyxl.md``.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import IO

from lxml import etree

from .bounds import MAX_CELLS, MAX_COLUMNS, MAX_PART, MAX_ROWS, MAX_SHEETS, NotAWorkbook, TooLarge

Row = tuple[int, tuple[str, ...]]
CONTENT = "content.xml"
_TABLE, _TEXT = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}", "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_BLANKS = {f"{_TEXT}s": " ", f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}


class _Package:
    """The part that is read, bounded whatever the archive says of its size; and the count of cells read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self.cells = 0

    def elements(self, *tags: str) -> Iterator[etree._Element]:
        """The elements of these names, one at a time, each emptied after use."""
        with self._archive.open(CONTENT) as stream:
            events = etree.iterparse(
                _Bounded(stream),
                events=("end",),
                tag=tags,
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
            )
            for _, element in events:
                if element.getroottree().docinfo.doctype:
                    raise NotAWorkbook("déclaration DOCTYPE refusée dans le classeur")
                yield element
                element.clear(keep_tail=False)
                previous = element.getprevious()
                while previous is not None and (parent := element.getparent()) is not None:
                    parent.remove(previous)
                    previous = element.getprevious()

    def count(self, cells: int) -> None:
        self.cells += cells
        if self.cells > MAX_CELLS:
            raise TooLarge(f"classeur de plus de {MAX_CELLS} cellules")


class _Bounded:
    """A part that cannot inflate without end."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._read = stream, 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(65536 if size < 0 else size)
        self._read += len(data)
        if self._read > MAX_PART:
            raise TooLarge(f"{CONTENT} dépasse {MAX_PART >> 20} Mio une fois décompressé")
        return data


def ods_sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, Iterator[Row]]]:
    """Each table: its name, and its rows with their rank. Raises ``NotAWorkbook`` or ``TooLarge``, also while rows are read.

    Rows are emptied as they end, and gathered until their table does: its name is on it.
    """
    package = _Package(archive)
    rows: list[Row] = []
    rank, sheets = 1, 0
    for element in package.elements(f"{_TABLE}table-row", f"{_TABLE}table"):
        if element.tag == f"{_TABLE}table":
            yield element.get(f"{_TABLE}name", ""), iter(rows)
            rows, rank, sheets = [], 1, sheets + 1
            if sheets >= MAX_SHEETS:
                return
            continue
        cells, repeated = _ods_cells(element), _repeated(element, "rows")
        package.count(len(cells) or 1)
        if any(cells):
            if repeated + len(rows) > MAX_ROWS:
                raise TooLarge(f"plus de {MAX_ROWS} lignes")
            package.count(len(cells) * (repeated - 1))
            rows.extend((rank + extra, cells) for extra in range(repeated))
        rank += repeated


def _ods_cells(row: etree._Element) -> tuple[str, ...]:
    cells: list[str] = []
    for cell in row:
        if cell.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            continue
        value, repeated = _ods_value(cell), _repeated(cell, "columns")
        if len(cells) + (repeated if value else 0) > MAX_COLUMNS:
            raise TooLarge(f"plus de {MAX_COLUMNS} colonnes")
        cells.extend([value] * min(repeated, MAX_COLUMNS))
    while cells and not cells[-1]:
        cells.pop()
    return tuple(cells)


def _repeated(element: etree._Element, what: str) -> int:
    written = element.get(f"{_TABLE}number-{what}-repeated", "1")
    return max(1, int(written)) if written.isdigit() and len(written) < 10 else 1


def _ods_value(cell: etree._Element) -> str:
    kind = cell.get(f"{_OFFICE}value-type", "")
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", "")
    if kind in ("float", "percentage", "currency"):
        return cell.get(f"{_OFFICE}value", "")
    if kind == "boolean":
        return {"true": "VRAI", "false": "FAUX"}.get(cell.get(f"{_OFFICE}boolean-value", ""), "")
    return "\n".join("".join(_written(p)) if len(p) else p.text or "" for p in cell.iterchildren(f"{_TEXT}p"))


def _written(paragraph: etree._Element) -> Iterator[str]:
    """What a paragraph shows; the spaces and breaks that are elements there count too."""
    for event, node in etree.iterwalk(paragraph, events=("start", "end")):
        if event == "start":
            yield _BLANKS.get(str(node.tag), "") * _repeat(node.get(f"{_TEXT}c", "1")) or node.text or ""
        elif node is not paragraph:
            yield node.tail or ""


def _repeat(written: str) -> int:
    return min(max(1, int(written)), MAX_COLUMNS) if written.isdigit() and len(written) < 10 else 1
