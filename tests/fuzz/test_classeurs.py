"""Workbooks spoilt at random, their archive or a part of it: they are read, or said to be illegible, and in bounded time."""

from __future__ import annotations

import io
import random
import time
import zipfile
from functools import cache

import pytest
from dui_conformance.core.errors import Inconclusive
from dui_conformance.validation.correspondances.sheets import read_sheets
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from samples.abime import spoilt
from samples.rem import narrow, wide

SECONDS, LONG, SLOWEST = 5.0, 100_000, 20.0
TOKENS = (
    b"<", b">", b"&", b'"', b"\x00", b"\xff", b"</row>", b"<row>", b'<c r="ZZZZ9">', b'r="-1"', b'r="99999999999"', b't="s"',
    b"<v>1e400</v>", b"<!DOCTYPE x>", b"xmlns=", b"9" * 20, b"PK\x05\x06",
    b'table:number-rows-repeated="1048576"', b'table:number-columns-repeated="16384"',
)  # fmt: skip


@cache
def seeds() -> tuple[bytes, ...]:
    """Right workbooks of both formats."""
    book = OpenDocumentSpreadsheet()
    table = Table(name="Traces")
    for text in ("date", "2026-04-01"):
        line, cell = TableRow(), TableCell(valuetype="string")
        cell.addElement(P(text=text))
        line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    stream = io.BytesIO()
    book.write(stream)
    return stream.getvalue(), narrow(), wide()


def altered(data: bytes, draw: random.Random) -> bytes:
    """The workbook with its archive spoilt, or one of its parts spoilt or left out."""
    if draw.random() < 0.2:
        return spoilt(data, draw, TOKENS)
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as good, zipfile.ZipFile(stream, "w") as archive:
        chosen = draw.choice(good.namelist())
        for name in good.namelist():
            held = good.read(name)
            if name != chosen:
                archive.writestr(name, held)
            elif draw.random() > 0.05:
                archive.writestr(name, spoilt(held, draw, TOKENS))
    return stream.getvalue()


def shaken(seed: int, *, count: int, seconds: float) -> int:
    """How many inputs were read or refused; the failing one is given by its seed."""
    end = time.monotonic() + seconds
    for done in range(count):
        draw = random.Random(f"{seed}-{done}")
        data = altered(draw.choice(seeds()), draw)
        began = time.monotonic()
        try:
            told = f"f.xlsx : {len(read_sheets('f.xlsx', data))}"
        except Inconclusive as error:
            told = str(error)
        except (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError) as error:
            pytest.fail(f"graine {seed}-{done} : {type(error).__name__} {error}")
        assert told.startswith("f.xlsx : "), f"graine {seed}-{done}"
        assert time.monotonic() - began < SLOWEST, f"graine {seed}-{done}"
        if time.monotonic() > end:
            return done + 1
    return count


def test_a_spoilt_workbook_is_read_or_refused() -> None:
    assert shaken(2026, count=LONG, seconds=SECONDS) > 20


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_hundred_thousand_spoilt_workbooks_are_read_or_refused() -> None:
    assert shaken(20261122, count=LONG, seconds=7000) == LONG
