"""XLSX and ODS read as a stream: no formula is computed, no entity expanded, no link followed, nothing kept but texts.

Of a formula, the value that the spreadsheet program had computed is read. A repeated empty cell or row of ODS is skipped, not
made. Dates are given in ISO form: those of XLSX are numbers that only their style tells.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import IO

from lxml import etree

from .bounds import MAX_CELLS, MAX_COLUMNS, MAX_PART, MAX_PARTS, MAX_ROWS, MAX_SHEETS, TooLarge

Row = tuple[int, tuple[str, ...]]
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_TABLE, _TEXT = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}", "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_BUILTIN_DATES = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]+")
_LAST_DAY = 2_958_466
"""Serial number after 9999-12-31."""


class NotAWorkbook(ValueError):
    """A zip that is no spreadsheet, or a damaged one; the message is French."""


def read_workbook(data: bytes) -> Iterator[tuple[str, Iterator[Row]]]:
    """Each sheet: its name, and its rows with their rank. Raises ``NotAWorkbook`` or ``TooLarge``, also while rows are read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if len(names) > MAX_PARTS:
                raise TooLarge(f"classeur de plus de {MAX_PARTS} parties")
            package = _Package(archive)
            if "xl/workbook.xml" in names:
                yield from _xlsx(package)
            elif "content.xml" in names:
                yield from _ods(package)
            else:
                raise NotAWorkbook("archive zip qui n'est ni un classeur XLSX, ni un classeur ODS")
    except (zlib.error, NotImplementedError, RuntimeError, EOFError, KeyError, OSError) as error:
        raise NotAWorkbook(f"archive endommagée ou chiffrée ({error})") from error
    except etree.XMLSyntaxError as error:
        raise NotAWorkbook(f"XML du classeur mal formé ({error.msg})") from error


class _Package:
    """The parts of a workbook, each bounded whatever the archive says of its size; and the count of cells read."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names = frozenset(archive.namelist())
        self.cells = 0

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def elements(self, name: str, *tags: str) -> Iterator[etree._Element]:
        """The elements of these names, one at a time, each emptied after use."""
        with self._archive.open(name) as stream:
            events = etree.iterparse(
                _Bounded(stream, name),
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

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self._stream, self._name, self._read = stream, name, 0

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(65536 if size < 0 else size)
        self._read += len(data)
        if self._read > MAX_PART:
            raise TooLarge(f"{self._name} dépasse {MAX_PART >> 20} Mio une fois décompressé")
        return data


def _xlsx(package: _Package) -> Iterator[tuple[str, Iterator[Row]]]:
    targets = {}
    if "xl/_rels/workbook.xml.rels" in package:
        for link in package.elements("xl/_rels/workbook.xml.rels", f"{_REL}Relationship"):
            targets[link.get("Id", "")] = _part(link.get("Target", ""))
    shared = _shared_strings(package)
    dated = _date_styles(package)
    base_1904 = any(p.get("date1904") in ("1", "true") for p in package.elements("xl/workbook.xml", f"{_MAIN}workbookPr"))
    sheets = [
        (s.get("name", ""), targets.get(s.get(_LINK, ""), "")) for s in package.elements("xl/workbook.xml", f"{_MAIN}sheet")
    ]
    for title, part in sheets[:MAX_SHEETS]:
        if part in package:
            yield title, _xlsx_rows(package, part, shared, dated, 1462 if base_1904 else 0)


def _part(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _shared_strings(package: _Package) -> Sequence[str]:
    if "xl/sharedStrings.xml" not in package:
        return ()
    found = []
    for item in package.elements("xl/sharedStrings.xml", f"{_MAIN}si"):
        found.append("".join(t.text or "" for t in item.iter(f"{_MAIN}t") if not _phonetic(t)))
        package.count(1)
    return found


def _phonetic(text: etree._Element) -> bool:
    parent = text.getparent()
    return parent is not None and parent.tag == f"{_MAIN}rPh"


def _date_styles(package: _Package) -> frozenset[str]:
    """The ranks of the cell styles that show a number as a date."""
    if "xl/styles.xml" not in package:
        return frozenset()
    custom: dict[str, str] = {}
    dated: list[bool] = []
    for element in package.elements("xl/styles.xml", f"{_MAIN}numFmt", f"{_MAIN}cellXfs"):
        if element.tag == f"{_MAIN}numFmt":
            custom[element.get("numFmtId", "")] = element.get("formatCode", "")
            continue
        dated = [_shows_a_date(xf.get("numFmtId", "0"), custom) for xf in element.iter(f"{_MAIN}xf")]
    return frozenset(str(rank) for rank, is_date in enumerate(dated) if is_date)


def _shows_a_date(number: str, custom: Mapping[str, str]) -> bool:
    if number in custom:
        return re.search("[dyhsj]|mm", _QUOTED.sub("", custom[number]), re.IGNORECASE) is not None
    return number.isdigit() and int(number) in _BUILTIN_DATES


def _xlsx_rows(package: _Package, part: str, shared: Sequence[str], dated: frozenset[str], offset: int) -> Iterator[Row]:
    rank = 0
    for row in package.elements(part, f"{_MAIN}row"):
        written = row.get("r", "")
        rank = int(written) if written.isdigit() and len(written) < 8 else rank + 1
        cells: dict[int, str] = {}
        for column, cell in enumerate(row.iterchildren(f"{_MAIN}c")):
            place = _column(cell.get("r", ""), column)
            if place >= MAX_COLUMNS:
                raise TooLarge(f"plus de {MAX_COLUMNS} colonnes (ligne {rank})")
            cells[place] = _xlsx_value(cell, shared, dated, offset)
        package.count(len(cells) or 1)
        yield rank, tuple(cells.get(place, "") for place in range(max(cells, default=-1) + 1))


def _column(reference: str, default: int) -> int:
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        return default
    number = 0
    for letter in match[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _xlsx_value(cell: etree._Element, shared: Sequence[str], dated: frozenset[str], offset: int) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{_MAIN}t"))
    value = cell.findtext(f"{_MAIN}v") or ""
    if kind == "s":
        return shared[int(value)] if value.isdigit() and int(value) < len(shared) else ""
    if kind == "b":
        return {"1": "VRAI", "0": "FAUX"}.get(value, value)
    if kind == "n" and cell.get("s", "") in dated:
        return _serial_date(value, offset)
    if kind == "n" and re.fullmatch(r"-?[0-9]+\.0+", value):
        return value.partition(".")[0]
    return value


def _serial_date(value: str, offset: int) -> str:
    """The day and time that a serial number means, to the second; the number itself when it means none."""
    try:
        serial = float(value) + offset
    except ValueError:
        return value
    if not 0 <= serial < _LAST_DAY:
        return value
    moment = datetime(1899, 12, 30) + timedelta(seconds=round(serial * 86400))
    return moment.date().isoformat() if serial == int(serial) else moment.isoformat()


def _ods(package: _Package) -> Iterator[tuple[str, Iterator[Row]]]:
    """The tables. Rows are emptied as they end, and gathered until their table does: its name is on it."""
    rows: list[Row] = []
    rank, sheets = 1, 0
    for element in package.elements("content.xml", f"{_TABLE}table-row", f"{_TABLE}table"):
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
    return "\n".join("".join(str(t) for t in p.itertext()) for p in cell.iterchildren(f"{_TEXT}p"))
