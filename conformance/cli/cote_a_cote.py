"""Our verdict and that of the packs (the official kit) on the same documents, side by side. Neither changes the other."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..core.problem import Finding
from ..core.verdict import Verdict
from ..validation.packs.official import differences, explained, official_verdicts
from ..validation.packs.store import Pack
from ..validation.packs.verdict import OfficialVerdict
from .constats import FileVerdict


def beside(verdicts: Iterable[FileVerdict], pack: Pack, workers: int) -> Generator[FileVerdict]:
    """The same verdicts in the same order, each document with what the pack says of it; read as they are needed."""
    pending: deque[FileVerdict] = deque()

    def documents() -> Iterator[Path]:
        for verdict in verdicts:
            pending.append(verdict)
            if _is_document(verdict):
                yield Path(verdict.file)

    for official in official_verdicts(documents(), pack, workers=workers):
        while not _is_document(pending[0]):
            yield pending.popleft()
        yield _with(pending.popleft(), official)
    yield from pending


def _is_document(verdict: FileVerdict) -> bool:
    """True for a CDA document given as a file; what an archive holds is judged by us alone."""
    return verdict.kind.startswith("document.cda") and not any(f.membre for f in verdict.findings) and " + " not in verdict.kind


def _with(verdict: FileVerdict, official: OfficialVerdict) -> FileVerdict:
    ours = [Finding(check=f.rule, message=f.message, at=f.at, source=f.source) for f in verdict.findings]
    row: dict[str, Any] = {
        **official.as_dict(),
        "explication": explained(verdict.verdict is not Verdict.NON_CONFORME, official),
        "differences": [asdict(each) for each in differences(ours, official)],
    }
    return replace(verdict, officiel=(*verdict.officiel, row))
