"""Which FHIR packages the user has: a context of the checks, light to make; the engine is loaded when a resource is judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .engine import Validator

_SHARED: dict[tuple[tuple[tuple[str, str], ...], str], Validator] = {}


@dataclass(frozen=True, slots=True)
class FhirPackages:
    """Packages by folder (or ``.tgz``) and hash; empty: our profiles and R4 alone.

    ``asked`` are the profiles that the command line demands; ``cache`` the standard folder of packages, or "".
    """

    given: tuple[tuple[str, str], ...] = ()
    asked: tuple[str, ...] = ()
    cache: str = ""

    @property
    def validator(self) -> Validator:
        """The engine over these packages, made once for all those that are the same."""
        key = (self.given, self.cache)
        if key not in _SHARED:
            from .packages import make_validator

            _SHARED[key] = make_validator(*key)
        return _SHARED[key]


def default_cache() -> str:
    """``~/.fhir/packages`` of the user, when there is one."""
    try:
        folder = Path.home() / ".fhir" / "packages"
    except RuntimeError:
        return ""
    return str(folder) if folder.is_dir() else ""
