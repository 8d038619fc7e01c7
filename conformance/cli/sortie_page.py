"""Verdicts as one HTML page, each finding in its context."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TextIO

from ..reports.documents_page import LARGEST_SHOWN, DocumentsPage
from ..validation.document import Document
from ..validation.xml import XmlError
from .constats import FileVerdict
from .jugement import load
from .lecteurs import read
from .sorties import Tally


class Page:
    """Reads again the files that have findings, for their excerpts."""

    def __init__(self, stream: TextIO, tally: Tally, total: int) -> None:
        self._tally, self._total = tally, total
        self._page = DocumentsPage(stream)

    def write(self, verdict: FileVerdict) -> None:
        """One file."""
        data, roots = _content(verdict) if verdict.findings and self._page.has_room else (b"", {})
        self._page.add(verdict.as_dict(), roots, data if verdict.kind == "xml" and not roots else b"")

    def close(self) -> None:
        """The page, summary first."""
        tally = self._tally
        counts = [(v, n) for v, n in sorted(tally.verdicts.items(), key=lambda item: item[0].rank)]
        left = self._total - tally.files
        banner = f"Interrompu : {left} fichiers n'ont pas été jugés." if left else ""
        self._page.close(counts, tally.broken.most_common(10), tally.next_action(), banner)


def _content(verdict: FileVerdict) -> tuple[bytes, dict[str, Any]]:
    """The bytes of the file, and the XML trees that it holds by member name; nothing for a large one."""
    if verdict.taille > LARGEST_SHOWN:
        return b"", {}
    data = load(Path(verdict.file), verdict.file)
    if isinstance(data, FileVerdict):
        return b"", {}
    pieces = read(data, verdict.file)
    return data, {piece.member: root for piece in pieces for root in _root_of(piece.subjects)}


def _root_of(subjects: tuple[Any, ...]) -> list[Any]:
    for subject in subjects:
        if isinstance(subject, Document):
            try:
                return [subject.root]
            except XmlError:
                return []
        element = getattr(subject, "element", None)
        if element is not None:
            return [element.getroottree().getroot()]
    return []
