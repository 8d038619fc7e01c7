"""What checks need beside the file: the references that the user has loaded, read once per process."""

from __future__ import annotations

from functools import cache
from typing import Any

from ..validation.cog import CogReference


@cache
def references(project: str) -> tuple[Any, ...]:
    """The context of the checks for a project folder; a reference that is not there is said to be absent."""
    return (CogReference(),)


@cache
def references_mark(project: str) -> str:
    """What changes when a reference is loaded or replaced."""
    return ""
