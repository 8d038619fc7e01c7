"""What is read once of bytes and kept beside them: the value, or the error that the reading raised."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


def read_once(memo: dict[Any, Any], key: str, read: Callable[[], T], error: type[Exception]) -> T:
    """What ``read`` gives, called the first time only; an ``error`` that it raised is raised again each time."""
    if key not in memo:
        try:
            memo[key] = read()
        except error as raised:
            memo[key] = raised
    found = memo[key]
    if isinstance(found, error):
        raise found
    value: T = found
    return value
