"""How large a file may be: figures far above those of real traces, far below those of a trap."""

from __future__ import annotations

MAX_BYTES = 16 << 20
"""Bytes of the file."""
MAX_PART = 64 << 20
"""Bytes of one part of a workbook, once inflated."""
MAX_PARTS = 2_000
"""Parts of a workbook."""
MAX_SHEETS = 50
MAX_ROWS = 100_000
MAX_COLUMNS = 500
MAX_CELL = 4_096
"""Characters kept of a cell."""
MAX_CELLS = 4_000_000
"""Cells of a workbook, all sheets together."""


class TooLarge(ValueError):
    """A bound is passed; the message is French."""
