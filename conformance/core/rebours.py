"""What a person is told during a long wait: how long remains, now and then."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

LONG = 10.0
"""Seconds from which a wait is told."""


def duration(delta: timedelta) -> str:
    """A duration in French words: ``4 h 5 min``, ``10 min 1 s``."""
    seconds = round(delta.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds % 3600 // 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"


def moments(seconds: float) -> tuple[float, ...]:
    """The remaining seconds at which to speak, in order: at once, each minute, then at 30 and 10; none for a short wait."""
    if seconds <= LONG:
        return ()
    minutes = [60.0 * minute for minute in range(int(seconds // 60), 0, -1)]
    return (seconds, *(each for each in (*minutes, 30.0, 10.0) if each < seconds - LONG / 2))


def count_down(until: float, look: Callable[[float], bool], tell: Callable[[str], None], awaited: str) -> None:
    """Look until ``until`` (monotonic seconds), telling what is awaited and how long remains; ``look(seconds)`` waits so
    long at most, and is True once there is no need to wait."""
    told = moments(until - time.monotonic())
    if told and look(0.0):
        return
    for moment in told:
        pause = until - time.monotonic() - moment
        if pause > 0 and look(pause):
            return
        tell(f"  … attente : {awaited} ; encore {duration(timedelta(seconds=moment))} au plus")
    look(max(0.0, until - time.monotonic()))
