"""How large a file may be: figures far above those of real traces, far below those of a trap."""

from __future__ import annotations

MAX_BYTES = 16 << 20
"""Bytes of the file."""
MAX_PART = 64 << 20
"""Bytes of one part of a workbook, once inflated."""
MAX_WHOLE = 192 << 20
"""Bytes of all the parts of a workbook, once inflated."""
MAX_PARTS = 2_000
"""Parts of a workbook."""
MAX_SHEETS = 50
MAX_ROWS = 100_000
MAX_COLUMNS = 500
MAX_CELL = 4_096
"""Characters kept of a cell."""
MAX_CELLS = 4_000_000
"""Cells of a workbook, all sheets together."""
MAX_TAGS = 5_000_000
"""Tags of all the parts of an XLSX workbook, opening and closing: a cell has four, and costs memory even when it is no cell."""
MAX_ATTRIBUTES = 3_000_000
"""Attributes of all these tags: a cell has two or three."""


class NotAWorkbook(ValueError):
    """A zip that is no spreadsheet, or a damaged one; the message is French."""


class TooLarge(ValueError):
    """A bound is passed; the message is French."""
