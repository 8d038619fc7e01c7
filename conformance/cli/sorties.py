"""How verdicts on files are written: text for people, JSON lines for machines."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, Protocol, TextIO

from ..core.verdict import Verdict
from .constats import FileFinding, FileVerdict
from .terminal import WIDTH, clean

SHOWN_PLACES = 5
LONG = 200
BOTH = "vu par les deux"


class Tally:
    """What was seen, counted: the rest is not kept."""

    def __init__(self) -> None:
        self.verdicts: Counter[Verdict] = Counter()
        self.broken: Counter[str] = Counter()

    def count(self, verdict: FileVerdict) -> None:
        """Count a file, and once each rule that it breaks."""
        self.verdicts[verdict.verdict] += 1
        self.broken.update({f.rule for f in verdict.findings if f.verdict == Verdict.NON_CONFORME})

    def count_row(self, row: Mapping[str, Any]) -> None:
        """The same for a line already written."""
        self.verdicts[Verdict(row["verdict"])] += 1
        self.broken.update({f["rule"] for f in row["findings"] if f["verdict"] == Verdict.NON_CONFORME})

    @property
    def files(self) -> int:
        """How many files were judged."""
        return self.verdicts.total()

    def summary(self) -> str:
        """``3 fichiers : 2 conformes, 1 non conforme``."""
        parts = [v.counted(self.verdicts[v]) for v in Verdict if self.verdicts[v]]
        return f"{self.files} fichier{'s' if self.files > 1 else ''} : {', '.join(parts) or 'aucun'}"

    def next_action(self) -> str:
        """What to do now, in one sentence."""
        if self.verdicts[Verdict.NON_CONFORME]:
            rule, times = self.broken.most_common(1)[0]
            return f"À faire : corriger d'abord {rule} ({times} fichier{'s' if times > 1 else ''}), puis relancer."
        if self.verdicts[Verdict.NON_CONCLUANT]:
            return "À faire : donner ce qui manque pour conclure (voir les constats « non concluant »)."
        if self.verdicts[Verdict.AVERTISSEMENT]:
            return "Rien de bloquant : relire les avertissements."
        return "Rien à corriger." if self.files else "Aucun fichier à juger : les dossiers donnés sont vides."


class Writer(Protocol):
    """Writes verdicts one by one, then what ends the output."""

    def write(self, verdict: FileVerdict) -> None:
        """One file."""

    def close(self) -> None:
        """The end of the output; the stream stays open."""


class Lines:
    """JSON lines."""

    def __init__(self, stream: TextIO, tally: Tally, total: int) -> None:
        self._stream = stream

    def write(self, verdict: FileVerdict) -> None:
        """One line."""
        self._stream.write(json.dumps(verdict.as_dict(), ensure_ascii=False, separators=(",", ":")) + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Flush: there is no trailer."""
        self._stream.flush()


class Text:
    """For the terminal: verdict word first, a few lines a finding, counts and the next action at the end."""

    def __init__(self, stream: TextIO, tally: Tally, total: int) -> None:
        self._stream, self._tally = stream, tally

    def write(self, verdict: FileVerdict) -> None:
        """One file and its findings, worst first."""
        held = verdict.regles.get("verifications", 0)
        about = f"{verdict.kind}, profil {verdict.profil}, {held} vérifications tenues" if verdict.profil else verdict.kind
        self._say(f"{verdict.verdict.libelle:<{WIDTH}}  {verdict.file}  ({about})")
        for official in verdict.officiel:
            self._official(official)
        ranked = sorted(verdict.findings, key=lambda f: (Verdict(f.verdict).rank, f.rule, f.message))
        for _, same in groupby(ranked, key=lambda f: (f.verdict, f.rule, f.message)):
            self._finding(list(same))
        self._stream.flush()

    def _official(self, official: Mapping[str, Any]) -> None:
        self._say(f"  à côté : {official['explication']}")
        for row in [d for d in official["differences"] if d["seen"] != BOTH][:SHOWN_PLACES]:
            said = ", ".join(row["ours"]) or " ; ".join(row["theirs"])
            self._say(f"    {row['seen']} : {_short(row['element'])} : {_short(said)} ({_short(row['explanation'])})")

    def _finding(self, places: Sequence[FileFinding]) -> None:
        first = places[0]
        word = "information" if first.verdict == Verdict.CONFORME else Verdict(first.verdict).libelle
        self._say(f"  {word} [{first.rule}] {first.message}")
        if first.verdict == Verdict.NON_TESTE:
            return
        where = first.at + (f", ligne {first.line}" if first.line else "")
        member = f"{first.membre} : " if first.membre else ""
        for label, value in (
            ("attendu", first.expected),
            ("reçu", first.received),
            ("où", member + where if first.at else ""),
            ("conseil", first.hint),
            ("source", f"{first.source} ({first.confiance})" if first.source else ""),
        ):
            if value:
                self._say(f"    {label:<8}{_short(value)}")
        if len(places) > 1:
            lines = ", ".join(str(p.line) for p in places[1 : SHOWN_PLACES + 1])
            more = "…" if len(places) > SHOWN_PLACES + 1 else ""
            self._say(f"    aussi   {len(places) - 1} autre{'s' if len(places) > 2 else ''} : ligne {lines}{more}")

    def close(self) -> None:
        """Counts and the next action."""
        self._say("")
        self._say(self._tally.summary())
        self._say(self._tally.next_action())
        self._stream.flush()

    def _say(self, text: str) -> None:
        self._stream.write(clean(text) + "\n")


def _short(value: str) -> str:
    flat = " ".join(value.split())
    return flat if len(flat) <= LONG else flat[: LONG - 1] + "…"


def writer_of(form: str, stream: TextIO, tally: Tally, total: int) -> Writer:
    """The writer of a format, for ``total`` files."""
    if form == "html":
        from .sortie_page import Page

        return Page(stream, tally, total)
    if form == "operationoutcome":
        from .sortie_fhir import OperationOutcomes

        return OperationOutcomes(stream, tally, total)
    if form == "csv":
        from .sortie_csv import Table

        return Table(stream, tally, total)
    return Lines(stream, tally, total) if form == "jsonl" else Text(stream, tally, total)
