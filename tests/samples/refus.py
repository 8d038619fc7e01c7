"""How a check refuses: with a failure that tells a developer everything."""

from __future__ import annotations

import pytest
from dui_conformance.core.check import Check
from dui_conformance.core.errors import CheckFailed


def refused(check: Check, *arguments: object) -> CheckFailed:
    """The failure of a check on these arguments; all that it says is filled."""
    with pytest.raises(CheckFailed) as caught:
        check(*arguments)
    failure = caught.value
    assert all((failure.message, failure.expected, failure.received, failure.at, failure.hint)), vars(failure)
    return failure
