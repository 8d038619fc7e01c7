"""Logical time: system time plus an offset that scenarios move. One clock per campaign."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from .exchange import Times


class Clock:
    """Thread-safe. ``now()`` is the logical time, always UTC."""

    def __init__(self, offset: timedelta = timedelta()) -> None:
        self._offset = offset
        self._lock = threading.Lock()

    @property
    def offset(self) -> timedelta:
        """Logical minus system time."""
        return self._offset

    def advance(self, delta: timedelta) -> None:
        """Move the logical time forward."""
        with self._lock:
            self._offset += delta

    def now(self) -> datetime:
        """Logical time."""
        return datetime.now(UTC) + self._offset

    def times(self) -> Times:
        """Wall, logical and monotonic readings of one instant."""
        wall = datetime.now(UTC)
        return Times(wall=wall, logical=wall + self._offset, mono=time.monotonic_ns())
