"""The sheets of a file that a DUI gives, as rows of texts, whatever its format. Bounded: such a file may be hostile."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ...core.errors import Inconclusive
from . import workbooks
from .bounds import MAX_BYTES, MAX_CELL, MAX_COLUMNS, MAX_ROWS, NotAWorkbook, TooLarge

ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet. ``rows`` pairs the rank of each row in the file (from 1) with its cells; empty rows are left out."""

    nom: str
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    @property
    def text(self) -> str:
        """All the cells, a line a row: what must not hold a secret."""
        return "\n".join("\t".join(cells) for _, cells in self.rows)


def read_sheets(nom: str, data: bytes) -> tuple[Sheet, ...]:
    """The sheets of a file; raises ``Inconclusive`` (French) when it is none, is damaged or is too large."""
    if len(data) > MAX_BYTES:
        raise Inconclusive(f"{nom} : fichier de plus de {MAX_BYTES >> 20} Mio, à réduire à la période du test")
    try:
        if data.startswith(ZIP):
            return tuple(Sheet(title, _bounded(rows)) for title, rows in workbooks.read_workbook(data))
        return (Sheet("", _bounded(_text_rows(nom, data))),)
    except TooLarge as error:
        raise Inconclusive(f"{nom} : {error}") from error
    except (NotAWorkbook, zipfile.BadZipFile, csv.Error) as error:
        raise Inconclusive(f"{nom} : fichier illisible : {error}") from error


def _bounded(rows: Iterable[tuple[int, tuple[str, ...]]]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    kept = []
    for rank, cells in rows:
        if len(cells) > MAX_COLUMNS:
            raise TooLarge(f"plus de {MAX_COLUMNS} colonnes (ligne {rank})")
        if any(cells):
            kept.append((rank, tuple(cell[:MAX_CELL].strip() for cell in cells)))
        if len(kept) > MAX_ROWS:
            raise TooLarge(f"plus de {MAX_ROWS} lignes, à réduire à la période du test")
    return tuple(kept)


def _text_rows(nom: str, data: bytes) -> Iterator[tuple[int, tuple[str, ...]]]:
    if data.startswith(_OLD_EXCEL):
        raise Inconclusive(f"{nom} : ancien format Excel (.xls) ; enregistrer le fichier en .xlsx, .ods ou .csv")
    text = _decoded(data)
    yield from _json_lines(text) if text.lstrip().startswith("{") else _csv_rows(text)


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _json_lines(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The titles (every name met, in order), then a row a line; a line that is no object is left out."""
    objects: list[tuple[int, dict[str, object]]] = []
    for rank, line in enumerate(text.splitlines(), 1):
        try:
            value = json.loads(line) if line.strip() else None
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            objects.append((rank, {str(name): held for name, held in value.items()}))
    titles = tuple(dict.fromkeys(name for _, held in objects for name in held))
    if titles:
        yield 0, titles
    for rank, held in objects:
        yield rank, tuple("" if held.get(name) is None else str(held.get(name, "")) for name in titles)


def _csv_rows(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Delimited text; the delimiter is the one most used in the first lines. Without any, there is no table."""
    head = "\n".join(text.splitlines()[:20])
    delimiter = max(";,\t|", key=head.count)
    if not head.count(delimiter):
        return
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    for cells in reader:
        yield reader.line_num, tuple(cells)
