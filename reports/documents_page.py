"""The page of ``validate --format html``: written file by file, so that a batch never has to be held in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, TextIO

from dui_conformance.core.verdict import Verdict
from lxml import etree

from .document_view import DocumentView, Excerpt, text_excerpt
from .html import content_policy, environment, style_sheet
from .typography import size

DETAILED = 300
"""Files shown with their findings; the others are in the table only."""
MOST_FINDINGS = 60
OTHERS = 20
BOTH = "vu par les deux"
SPOOLED = 4_000_000
LARGEST_SHOWN = 4_000_000


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """A broken rule with its first place in context, and its other places."""

    row: Mapping[str, Any]
    excerpt: Excerpt | None
    others: tuple[Mapping[str, Any], ...] = ()

    def __getattr__(self, name: str) -> Any:
        return self.row[name]

    @property
    def verdict(self) -> Verdict:
        """Its verdict."""
        return Verdict(self.row["verdict"])


class DocumentsPage:
    """Collects files in temporary files, then writes the page."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._table, self._files = _spool(), _spool()
        self._parts: Any = _environment().get_template("documents.html").module
        self._sets: dict[str, Mapping[str, str]] = {}
        self._day = ""
        self._detailed = 0

    @property
    def has_room(self) -> bool:
        """True when the next file with findings will be shown in detail."""
        return self._detailed < DETAILED

    def add(self, row: Mapping[str, Any], roots: Mapping[str, etree._Element], data: bytes = b"") -> None:
        """A file, as its JSON line says it; ``roots`` are its XML trees by member name ("" for the file itself).

        ``data`` are its bytes, where it is XML that cannot be read.
        """
        rules = row["regles"]
        self._sets.update((s["id"], s) for s in rules.get("jeux", ()))
        self._day = rules.get("jour", self._day)
        findings = row["findings"]
        verdict = Verdict(row["verdict"])
        anchor = ""
        if (findings or _differs(row)) and self.has_room:
            self._detailed += 1
            anchor = f"fichier-{self._detailed}"
        about = {**row, "verdict": verdict, "anchor": anchor, "count": len(findings)}
        self._table.write(self._parts.ligne(about))
        if not anchor:
            return
        shown = list(_shown(findings, roots, data))
        about |= {
            "findings": shown[:MOST_FINDINGS],
            "cut": max(0, len(shown) - MOST_FINDINGS),
            "verifications": rules.get("verifications", 0),
            "officiel": row.get("officiel", ()),
        }
        self._files.write(self._parts.fichier(about))

    def close(
        self, counts: Sequence[tuple[Verdict, int]], broken: Sequence[tuple[str, int]], action: str, banner: str = ""
    ) -> None:
        """Write the page: summary, table, files with their findings, rules."""
        style = style_sheet()
        total = sum(n for _, n in counts)
        sets = [self._sets[name] for name in sorted(self._sets)]
        head = self._parts.tete(content_policy(style), style, self._day, counts, total, action, sets, broken, banner)
        self._stream.write(head)
        _copy(self._table, self._stream)
        self._stream.write("</tbody></table></section>\n<section><h2>Constats</h2>\n")
        _copy(self._files, self._stream)
        self._stream.write("</section>\n")
        self._stream.write(self._parts.jeux(sets))
        self._stream.write("</main></body></html>\n")
        self._stream.flush()


def _differs(row: Mapping[str, Any]) -> bool:
    """True when a pack sees something that we do not."""
    return any(d["seen"] != BOTH for official in row.get("officiel", ()) for d in official["differences"])


def _shown(findings: Sequence[Mapping[str, Any]], roots: Mapping[str, etree._Element], data: bytes) -> Iterable[ShownFinding]:
    views: dict[str, DocumentView] = {}
    ranked = sorted(findings, key=lambda f: (Verdict(f["verdict"]).rank, f["rule"], f["message"]))
    for _, same in groupby(ranked, key=lambda f: (f["verdict"], f["rule"], f["message"], f["membre"])):
        first, *others = same
        member = first["membre"]
        if member not in views and member in roots:
            views[member] = DocumentView(roots[member])
        view = views.get(member)
        excerpt = view.excerpt(first["at"], first["rule"]) if view is not None and first["at"] else None
        if data and not member:
            excerpt = text_excerpt(data, first["line"], first["rule"])
        yield ShownFinding(first, excerpt, tuple(others[:OTHERS]))


def _spool() -> Any:
    """Text kept in memory while small, then on disk; closed by :func:`_copy`."""
    return tempfile.SpooledTemporaryFile(SPOOLED, "w+", encoding="utf-8")


def _copy(source: Any, target: TextIO) -> None:
    source.seek(0)
    while text := source.read(1 << 16):
        target.write(text)
    source.close()


def _environment() -> Any:
    made = environment(str)
    made.filters["size"] = size
    return made
