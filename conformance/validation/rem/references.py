"""Official references of exigences, however they are typed: ``SC.MSS/CONF.04``, ``mss / conf.4``, ``SC.SSI/GEN.02 BIS``.

The grammar is ours, from the forms seen in public workbooks; what it does not know is kept as it was written.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

_FORM = re.compile(
    r"^(?:(?P<rem>[A-Z]{2,4})\.)?(?P<dom>[A-Z]+(?:/[A-Z0-9]+)*)\.(?P<num>\d{1,3})"
    r"(?:[ .]?(?P<bis>BIS))?(?:\.(?P<scn>\d{1,2}))?(?:\.(?P<pr>\d{1,2}))?$"
)
_SEPARATORS = str.maketrans({"\\": "/", "⁄": "/", "∕": "/", "․": ".", "。": ".", "·": ".", ",": ".", "_": ".", "-": "."})
CLOSE = 0.86


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference. ``cle`` is what two writings of it share; ``scenario`` and ``preuve`` are ``""`` when it has none."""

    brute: str
    cle: str
    scenario: str = ""
    preuve: str = ""

    @property
    def complete(self) -> str:
        """The key with its scenario and proof numbers."""
        return ".".join(part for part in (self.cle, self.scenario, self.preuve) if part)


def read_reference(text: str) -> Reference:
    """The reference that a cell writes. The prefix of a workbook (SC, CH, three letters) tells nothing and is left out."""
    written = unicodedata.normalize("NFKC", text).strip()
    plain = re.sub(r"\s*([./])\s*", r"\1", written.upper().translate(_SEPARATORS).strip(" .;:"))
    plain = re.sub(r"\s+(?=\d)", ".", plain)
    found = _FORM.match(plain)
    if found is None:
        return Reference(written, plain)
    prefix = found["rem"] or ""
    kept = "" if prefix in ("SC", "CH") or len(prefix) == 3 else prefix
    number = f"{int(found['num']):02d}" + (" BIS" if found["bis"] else "")
    key = ".".join(part for part in (kept, found["dom"], number) if part)
    return Reference(written, key, _two(found["scn"]), _two(found["pr"]))


def near(key: str, known: Collection[str]) -> tuple[str, ...]:
    """The known keys that this one may be a mistyping of, nearest first; a person must choose."""
    return tuple(difflib.get_close_matches(key, known, n=3, cutoff=CLOSE))


def _two(digits: str | None) -> str:
    return f"{int(digits):02d}" if digits else ""
