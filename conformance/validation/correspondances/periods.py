"""Months as titles of columns or cells write them, and instants as traces do."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from .models import plain

_MONTHS = ("jan", "fev", "mar", "avr", "mai", "juin", "juil", "aou", "sep", "oct", "nov", "dec")
_NUMBERS = (
    re.compile(r"(?P<y>20[0-9]{2})[-/.](?P<m>0?[1-9]|1[0-2])(?:[-/.]01)?(?:T00:00:00)?"),
    re.compile(r"(?:01/)?(?P<m>0?[1-9]|1[0-2])[-/.](?P<y>20[0-9]{2})"),
)
_WORDS = re.compile(r"(?P<m>[a-z]{3,9})_(?P<y>(?:20)?[0-9]{2})")
_LOCAL = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y à %H:%M:%S", "%d/%m/%Y à %H:%M", "%d/%m/%Y", "%Y/%m/%d %H:%M:%S")


def month_of(text: str) -> str:
    """``AAAA-MM`` for « janvier 2026 », « janv. 26 », 2026-01, 01/2026 or the first day of a month; ``""`` for another text."""
    if len(text) > 30:
        return ""
    for form in _NUMBERS:
        match = form.fullmatch(text.strip())
        if match is not None:
            return f"{match['y']}-{int(match['m']):02d}"
    match = _WORDS.fullmatch(plain(text))
    if match is None:
        return ""
    rank = next((i for i, name in enumerate(_MONTHS, 1) if match["m"].startswith(name)), 0)
    return f"{int(match['y']) % 100 + 2000}-{rank:02d}" if rank else ""


def instant_of(text: str, zone: str = "UTC") -> float | None:
    """Seconds since the epoch of a date and time, in ``zone`` when it has no offset; None when it is none."""
    value = _iso(text.strip())
    for form in _LOCAL if value is None else ():
        value = value or _read(text.strip(), form)
    if value is None:
        return None
    return (value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo(zone))).timestamp()


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _read(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC).replace(tzinfo=None)
    except ValueError:
        return None
