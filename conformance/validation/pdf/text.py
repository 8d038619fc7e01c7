"""The text of a PDF, folded so that a value is found whatever its case, accents, hyphenation or line breaks."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ...core.errors import Inconclusive
from ...core.providers import provider
from ..ins.traits import folded
from .file import PdfFile
from .rendering import opened_for_reading

MAX_TEXT_PAGES = 100
MAX_CHARACTERS = 2_000_000

_BROKEN_WORD = re.compile(r"(?<=\w)(?:[-\u00ad\u2010\u2011\u0002\ufffe]\s*[\r\n]+\s*|[\u00ad\u0002\ufffe]\s*)(?=\w)")
_MONTHS = (
    "JANVIER JANV JAN",
    "FEVRIER FEVR FEV",
    "MARS",
    "AVRIL AVR",
    "MAI",
    "JUIN",
    "JUILLET JUIL",
    "AOUT",
    "SEPTEMBRE SEPT SEP",
    "OCTOBRE OCT",
    "NOVEMBRE NOV",
    "DECEMBRE DEC",
)


@dataclass(frozen=True, slots=True, eq=False)
class PdfText:
    """The text of the pages read, as extracted and as folded (capitals, no accent, one space between words)."""

    id: str
    text: str
    pages: int
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def forms(self) -> tuple[str, ...]:
        """The folded text, hyphens at ends of lines joined, then kept as spaces."""
        if "formes" not in self.memo:
            joined = folded(_BROKEN_WORD.sub("", self.text))
            kept = folded(self.text)
            self.memo["formes"] = (joined,) if joined == kept else (joined, kept)
        found: tuple[str, ...] = self.memo["formes"]
        return found

    def says(self, value: str) -> bool:
        """True when the text holds the words of ``value``, in order and whole, spaces and hyphens being alike."""
        words = folded(value).split()
        if not words:
            return False
        pattern = re.compile(r"(?<![A-Z0-9])" + r" ?".join(map(re.escape, words)) + r"(?![A-Z0-9])")
        return any(pattern.search(form) for form in self.forms)

    def says_number(self, digits: str) -> bool:
        """True when the text holds these characters, grouped in any way (``2 60 05 88 154 002 33``)."""
        pattern = re.compile(r"(?<![0-9])" + r" ?".join(map(re.escape, digits)) + r"(?![0-9])")
        return any(pattern.search(form) for form in self.forms)

    def says_date(self, *days: date) -> bool:
        """True when the text holds one of these days, written in a usual French or ISO way."""
        return any(self._holds(pattern) for day in days for pattern in _writings(day))

    def says_date_text(self, iso: str) -> bool:
        """As :meth:`says_date`, from ``AAAA-MM-JJ``, also for a date that the calendar does not have (lunar)."""
        year, month, day = iso.split("-")
        return any(self._holds(p) for p in _numeric_writings(int(year), int(month), int(day))) or (
            1 <= int(month) <= 12 and self._holds(_worded(int(year), int(month), int(day)))
        )

    def after(self, label: str, length: int = 40) -> list[str]:
        """What follows each occurrence of a label."""
        pattern = re.compile(r"(?<![A-Z0-9])" + re.escape(folded(label)) + r"(?![A-Z0-9])")
        return [form[m.end() : m.end() + length].strip() for form in self.forms for m in pattern.finditer(form)]

    def excerpt(self, length: int = 160) -> str:
        """The beginning of the text, for a finding."""
        shown = " ".join(self.text.split())
        return shown if len(shown) <= length else shown[:length] + "…"

    def _holds(self, pattern: str) -> bool:
        return any(re.search(rf"(?<![0-9]){pattern}(?![0-9])", form) for form in self.forms)


def _writings(day: date) -> tuple[str, ...]:
    return (*_numeric_writings(day.year, day.month, day.day), _worded(day.year, day.month, day.day))


def _numeric_writings(year: int, month: int, day: int) -> tuple[str, ...]:
    return (
        f"0?{day} 0?{month} {year}" if day and month else f"{day:02d} {month:02d} {year}",
        f"{year} {month:02d} {day:02d}",
        f"{year}{month:02d}{day:02d}",
        f"{day:02d}{month:02d}{year}",
    )


def _worded(year: int, month: int, day: int) -> str:
    names = "|".join(_MONTHS[month - 1].split())
    return rf"{'(?:1 ?ER|0?1)' if day == 1 else f'0?{day}'} ?(?:{names}) ?{year}"


@provider
def text_of(file: PdfFile) -> PdfText:
    """The text of a PDF; raises ``Inconclusive`` for one that has none, :class:`PdfError` for one that cannot be read."""
    with opened_for_reading(file) as document:
        pieces, length = [], 0
        read = min(len(document), MAX_TEXT_PAGES)
        for number in range(read):
            page = document[number]
            sheet = page.get_textpage()
            piece = sheet.get_text_range(0, min(sheet.count_chars(), MAX_CHARACTERS - length)) if length < MAX_CHARACTERS else ""
            sheet.close()
            page.close()
            pieces.append(piece)
            length += len(piece)
    text = "\n".join(pieces)
    if sum(c.isalnum() for c in text[:100_000]) < 10:
        raise Inconclusive("le PDF n'a pas de texte (document numérisé ?) : son contenu n'est pas comparé")
    return PdfText(file.id, text, read)
