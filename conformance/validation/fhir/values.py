"""Values as FHIRPath compares them: three-valued equality and order of numbers, texts, dates of any precision, quantities."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from .items import Item

_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?(Z|[+-]\d\d:\d\d)?)?)?)?T?")
_TIME = re.compile(r"T?(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d+))?)?)?")
TEMPORAL = frozenset({"date", "dateTime", "instant", "time"})


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with a unit."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Temporal:
    """A date, a date with time, or a time of day, as written."""

    text: str


def raw(value: Any) -> Any:
    """The value behind an item: a primitive, a quantity, a date, or the item itself when it is complex."""
    if not isinstance(value, Item):
        return value
    if value.type.primitive:
        return Temporal(value.value) if value.type.code in TEMPORAL and isinstance(value.value, str) else value.value
    if value.type.is_a("Quantity") and isinstance(value.value, dict):
        number = value.value.get("value")
        if isinstance(number, int | Decimal):
            return Quantity(Decimal(number), str(value.value.get("code") or value.value.get("unit") or "1"))
    return value


def equal(left: Any, right: Any) -> bool | None:
    """``=`` of two single values; None when precisions differ."""
    one, two = raw(left), raw(right)
    if isinstance(one, Temporal) or isinstance(two, Temporal):
        return _same_time(_text(one), _text(two))
    if isinstance(one, bool) or isinstance(two, bool):
        return isinstance(one, bool) and isinstance(two, bool) and one == two
    if isinstance(one, Item) and isinstance(two, Item):
        return bool(one.value == two.value)
    if isinstance(one, Item) or isinstance(two, Item) or one is None or two is None:
        return False
    return bool(one == two)


def less(left: Any, right: Any) -> bool | None:
    """``<`` of two single values; None when they cannot be ordered."""
    one, two = raw(left), raw(right)
    if isinstance(one, Temporal) or isinstance(two, Temporal):
        return _earlier(_text(one), _text(two))
    if isinstance(one, Quantity) and isinstance(two, Quantity):
        return one.value < two.value if one.unit == two.unit else None
    if isinstance(one, Quantity) and isinstance(two, int | Decimal):
        return one.value < two
    if isinstance(one, bool) or isinstance(two, bool):
        return None
    if isinstance(one, int | Decimal) and isinstance(two, int | Decimal):
        return one < two
    return one < two if isinstance(one, str) and isinstance(two, str) else None


def _text(value: Any) -> str:
    return value.text if isinstance(value, Temporal) else value if isinstance(value, str) else ""


def _parts(text: str) -> list[int | None] | None:
    """Year to microsecond, in UTC when there is a zone; None where the precision ends."""
    match = _DATE.fullmatch(text)
    if match is None:
        match = _TIME.fullmatch(text)
        if match is None:
            return None
        hour, minute, second, fraction = match.groups()
        return [0, 0, 0, *_numbers(hour, minute, second), _micro(fraction, second)]
    *date, fraction, zone = match.groups()
    numbers = _numbers(*date)
    if zone and numbers[4] is not None and numbers[0] not in (0, 1, 9999):
        try:
            moment = datetime(*[n or 0 for n in numbers[:5]], min(numbers[5] or 0, 59), tzinfo=_zone(zone))  # type: ignore[misc, arg-type]
        except ValueError:
            return None
        utc = moment.astimezone(UTC)
        moved = [utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second]
        numbers = [m if n is not None else None for m, n in zip(moved, numbers, strict=True)]
    return [*numbers, _micro(fraction, date[5])]


def _numbers(*texts: str | None) -> list[int | None]:
    return [None if t is None else int(t) for t in texts]


def _micro(fraction: str | None, second: str | None) -> int | None:
    return None if second is None else int((fraction or "").ljust(9, "0")[:9])


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6])))


def _compared(left: str, right: str) -> int | None:
    one, two = _parts(left), _parts(right)
    if one is None or two is None:
        return None
    for a, b in zip(one, two, strict=True):
        if a is None and b is None:
            return 0
        if a is None or b is None:
            return None
        if a != b:
            return -1 if a < b else 1
    return 0


def _same_time(left: str, right: str) -> bool | None:
    if left == right:
        return True
    compared = _compared(left, right)
    return None if compared is None else compared == 0


def _earlier(left: str, right: str) -> bool | None:
    compared = _compared(left, right)
    return None if compared is None else compared < 0


def same_collections(left: list[Any], right: list[Any]) -> bool | None:
    """``=`` of two collections: None when one is empty."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    answers = [equal(a, b) for a, b in zip(left, right, strict=True)]
    if False in answers:
        return False
    return None if None in answers else True


def member(value: Any, values: list[Any]) -> bool:
    """True when a value is among others."""
    return any(equal(value, other) for other in values)


def distinct(values: list[Any]) -> list[Any]:
    """The values, each once, in the order met."""
    found: list[Any] = []
    seen: set[Any] = set()
    for value in values:
        held = raw(value)
        if isinstance(held, str | int | Decimal):
            key = (type(held) is bool, held)
            if key in seen:
                continue
            seen.add(key)
        elif member(value, found):
            continue
        found.append(value)
    return found
