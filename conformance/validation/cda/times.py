"""HL7 timestamps (``TS``): what they say, at the precision they are written with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_TS = re.compile(r"(\d{4,14})(?:\.\d+)?(?:([+-])(\d{1,4}))?")


@dataclass(frozen=True, slots=True)
class Period:
    """The instants that a timestamp may mean: a day written AAAAMMJJ is a whole day. Naive times are read as UTC."""

    start: datetime
    end: datetime


@lru_cache(maxsize=4096)
def read(text: str) -> Period | None:
    """The period that a timestamp means; None when it is not a date of the calendar (month 13, 31 April, hour 25)."""
    match = _TS.fullmatch(text)
    if match is None or len(match[1]) % 2:
        return None
    digits = match[1]
    fields = [int(digits[:4])] + [int(digits[i : i + 2]) for i in range(4, len(digits), 2)]
    year, month, day, hour, minute, second = fields + [1, 1, 0, 0, 0][len(fields) - 1 :]
    try:
        start = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _offset(match[2], match[3])
    except (ValueError, OverflowError):
        return None
    return Period(start, start + _length(len(digits), start))


def _offset(sign: str | None, digits: str | None) -> timedelta:
    if not sign or not digits:
        return timedelta()
    padded = digits.zfill(2) if len(digits) <= 2 else digits.zfill(4)
    hours, minutes = int(padded[:2]), int(padded[2:] or 0)
    if hours > 14 or minutes > 59:
        raise ValueError("fuseau horaire impossible")
    offset = timedelta(hours=hours, minutes=minutes)
    return offset if sign == "+" else -offset


def _length(digits: int, start: datetime) -> timedelta:
    if digits == 4:
        return timedelta(days=366 if start.year % 4 == 0 else 365) - timedelta(microseconds=1)
    if digits == 6:
        return timedelta(days=31) - timedelta(microseconds=1)
    exact = {8: timedelta(days=1), 10: timedelta(hours=1), 12: timedelta(minutes=1), 14: timedelta(seconds=1)}
    return exact[digits] - timedelta(microseconds=1)


def has_unknown_part(text: str) -> bool:
    """True for a birth date whose month or day is unknown, as the INSi gives it (``19600000``, ``19600500``)."""
    return len(text) == 8 and text.isdigit() and ("00" in (text[4:6], text[6:8]))
