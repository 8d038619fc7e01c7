"""XLSX read by openpyxl, row after row: the values that the spreadsheet program had computed, as texts."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from .bounds import MAX_CELLS, MAX_SHEETS, NotAWorkbook, TooLarge

Row = tuple[int, tuple[str, ...]]
DAMAGED = (ParseError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What openpyxl raises for a workbook that is not as it must be."""


def xlsx_sheets(stream: IO[bytes]) -> Iterator[tuple[str, Iterator[Row]]]:
    """Each sheet: its name, and its rows with their rank. Raises ``NotAWorkbook`` or ``TooLarge``, also while rows are read."""
    from openpyxl import load_workbook

    count = 0

    def rows(sheet: Any) -> Iterator[Row]:
        nonlocal count
        sheet.reset_dimensions()
        for rank, values in enumerate(sheet.iter_rows(values_only=True), start=1):
            count += len(values) or 1
            if count > MAX_CELLS:
                raise TooLarge(f"classeur de plus de {MAX_CELLS} cellules")
            yield rank, tuple(_text(value) for value in values)

    warnings.filterwarnings("ignore", category=UserWarning, module=r"openpyxl\.")
    try:
        book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets[:MAX_SHEETS]:
            yield sheet.title, _guarded(rows(sheet))
        book.close()
    except TooLarge:
        raise
    except DAMAGED as error:
        raise _damaged(error) from error


def _guarded(rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except TooLarge:
        raise
    except DAMAGED as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> NotAWorkbook:
    line = str(error).partition("\n")[0]
    return NotAWorkbook(f"classeur XLSX endommagé ou incomplet ({line or type(error).__name__})")


def _text(value: object) -> str:
    """A value as it is compared: days and instants in ISO form, to the second; a whole number without its decimals."""
    match value:
        case None:
            return ""
        case bool():
            return "VRAI" if value else "FAUX"
        case float():
            return (str(int(value)) if value.is_integer() else repr(value)) if math.isfinite(value) else ""
        case datetime():
            moment = (value + timedelta(microseconds=500_000)).replace(microsecond=0)
            return moment.date().isoformat() if moment.time() == time() else moment.isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
        case _:
            return str(value)
