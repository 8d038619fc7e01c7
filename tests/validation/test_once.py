"""What is read once: the value or the error, whichever came first."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.validation.once import read_once


def test_a_value_is_read_once() -> None:
    memo: dict[Any, Any] = {}
    values = iter("ab")
    assert [read_once(memo, "x", lambda: next(values), ValueError) for _ in range(3)] == ["a"] * 3


def test_an_error_is_raised_again_without_reading_again() -> None:
    memo: dict[Any, Any] = {}
    texts = iter(["non", "1"])
    for _ in range(2):
        with pytest.raises(ValueError, match="non"):
            read_once(memo, "x", lambda: int(next(texts)), ValueError)


def test_another_error_is_not_kept() -> None:
    memo: dict[Any, Any] = {}
    with pytest.raises(LookupError):
        read_once(memo, "x", lambda: {}["absent"], ValueError)
    assert memo == {}
