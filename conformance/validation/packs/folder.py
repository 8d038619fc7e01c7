"""The files of a pack, found whatever the case of the name that a schema gives: the kits are written on Windows."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from posixpath import dirname, join


class OutsideError(ValueError):
    """An address that leaves the pack. French message."""


@dataclass(frozen=True)
class PackFolder:
    """A folder and the files under it, by relative path with ``/``."""

    root: Path

    @cached_property
    def files(self) -> Mapping[str, str]:
        """Real relative path of each file, by its folded one."""
        found: dict[str, str] = {}
        for path in sorted(self.root.rglob("*")):
            if path.is_file():
                relative = path.relative_to(self.root).as_posix()
                found.setdefault(folded(relative), relative)
        return found

    def find(self, base: str, href: str) -> str:
        """The file that ``href`` names from the file ``base``, or ""; raises :class:`OutsideError` when it leaves the pack."""
        return self.files.get(folded(resolved(base, href)), "")

    def read(self, relative: str) -> bytes:
        """The bytes of one of its files."""
        return (self.root / relative).read_bytes()


def folded(path: str) -> str:
    """What two spellings of one name have in common: case and accents composed alike."""
    return unicodedata.normalize("NFC", path).lower()


def resolved(base: str, href: str) -> str:
    """A relative path inside the pack; raises :class:`OutsideError` for any other address."""
    address = href.strip().replace("\\", "/")
    if ":" in address or address.startswith("/") or "%2e" in address.lower():
        raise OutsideError(f"l'adresse « {href} » sort du pack")
    steps: list[str] = []
    for step in join(dirname(base), address).split("/"):
        if step == "..":
            if not steps:
                raise OutsideError(f"l'adresse « {href} » sort du pack")
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)
