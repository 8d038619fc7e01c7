"""Verdicts for spreadsheets."""

from __future__ import annotations

import csv
from typing import TextIO

from ..reports.coverage import safe_cell
from .constats import FileFinding, FileVerdict
from .sorties import Tally

COLUMNS = (
    "fichier",
    "genre",
    "profil",
    "verdict",
    "regle",
    "verdict_regle",
    "message",
    "attendu",
    "recu",
    "membre",
    "ou",
    "ligne",
    "conseil",
    "source",
    "confiance",
    "exigences",
)


class Table:
    """CSV for spreadsheets: a row a finding, one row for a file without any; no cell can be taken for a formula."""

    def __init__(self, stream: TextIO, tally: Tally, total: int) -> None:
        self._stream = stream
        self._rows = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        self._rows.writerow(COLUMNS)

    def write(self, verdict: FileVerdict) -> None:
        """The rows of a file."""
        about = (verdict.file, verdict.kind, verdict.profil, verdict.verdict.value)
        for finding in verdict.findings or (None,):
            self._rows.writerow([safe_cell(cell) for cell in (*about, *_cells(finding))])
        self._stream.flush()

    def close(self) -> None:
        """Flush: there is no trailer."""
        self._stream.flush()


def _cells(finding: FileFinding | None) -> tuple[str, ...]:
    if finding is None:
        return ("",) * (len(COLUMNS) - 4)
    return (
        finding.rule,
        finding.verdict,
        finding.message,
        finding.expected,
        finding.received,
        finding.membre,
        finding.at,
        str(finding.line or ""),
        finding.hint,
        finding.source,
        finding.confiance,
        " ".join(finding.exigences),
    )
