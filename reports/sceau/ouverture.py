"""Opens sealed evidence: a campaign folder again, for as long as it is read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dui_conformance.core.errors import InputError

from .paquet import content, entries_of
from .scelle import JOURNAL, PREUVES
from .verification import NotEvidence, Verification, verify

_PIECE = "blobs/"


@contextmanager
def opened(path: Path) -> Iterator[tuple[Path, Verification]]:
    """The campaign folder that an archive holds, in a temporary place, and what its verification said.

    Raises ``InputError`` for what is no archive, was altered, or is a copy to share, which holds no evidence to read.
    """
    try:
        found = verify(path)
    except NotEvidence as error:
        raise InputError(f"{path} : {error}.") from None
    if not found.intact:
        raise InputError(f"{path} : archive altérée, rien n'en est repris ({found.problems[0]}). Voir « verifier ».")
    if found.manifest["partageable"]:
        raise InputError(f"{path} : copie partageable, sans pièces ; demandez à l'éditeur {PREUVES}.")
    with tempfile.TemporaryDirectory(prefix="dui-preuves-") as place:
        folder = Path(place)
        (folder / "blobs").mkdir()
        with path.open("rb") as stream:
            for entry in entries_of(stream):
                if (target := _target(folder, entry.nom)) is not None:
                    with target.open("wb") as written:
                        for chunk in content(stream, entry):
                            written.write(chunk)
        yield folder, found


def _target(folder: Path, name: str) -> Path | None:
    """Where an entry goes: only what a campaign is made of, under names of ours."""
    if name in (JOURNAL, "sel"):
        return folder / name
    piece = name.removeprefix(_PIECE)
    known = name.startswith(_PIECE) and len(piece) == 64 and set(piece) <= set("0123456789abcdef")
    return folder / "blobs" / piece if known else None
