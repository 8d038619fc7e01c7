"""The terminal: what the command line prints, and what a tester types. ANSI sequences received are stripped."""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from ..core.verdict import Verdict

if TYPE_CHECKING:
    from ..core.runner import Outcome, Scenario
    from ..drivers.manuel import Demande

_CONTROL = re.compile(
    r"(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c|$)"  # strings: titles, clipboard…
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # colours, moves
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
WIDTH = max(len(v.libelle) for v in Verdict)


def clean(text: str) -> str:
    """The text without control sequences: what was received may not command the tester's terminal."""
    return _CONTROL.sub("", text)


class Console:
    """Writes lines to one stream, and gives the lines typed on another to the manual driver."""

    def __init__(self, out: TextIO | None = None, source: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._in = source or sys.stdin
        self._lock = threading.Lock()
        self.mask: Callable[[str], str] = str

    def say(self, text: str) -> None:
        """Print a text."""
        with self._lock:
            self._out.write(clean(self.mask(text)) + "\n")
            self._out.flush()

    def ask(self, demande: Demande) -> None:
        """Print what is asked of the tester."""
        self.say(demande.texte)

    def listen(self, heard: Callable[[str | None], None]) -> None:
        """Read the input in a background thread, for the life of the process."""

        def read() -> None:
            for line in self._in:
                heard(line)
            heard(None)

        threading.Thread(target=read, name="saisie", daemon=True).start()

    def scenario(self, scenario: Scenario, outcome: Outcome) -> None:
        """One line per scenario, verdict first; the finding of what broke under it."""
        self.say(f"{outcome.verdict.libelle:<{WIDTH}}  {scenario.id}  {scenario.title}")
        if outcome.verdict is Verdict.CONFORME:
            return
        shown = [a for a in outcome.applications if a.finding is not None and a.verdict is not Verdict.CONFORME]
        for application in shown[:3]:
            finding = application.finding
            assert finding is not None
            self.say(f"    {application.verdict.libelle} [{application.check}] {finding.message}")
            for label, value in (
                ("attendu", finding.expected),
                ("reçu", finding.received),
                ("où", finding.at),
                ("piste", finding.hint),
            ):
                if value:
                    self.say(f"      {label:<8}{_short(value)}")
        if len(shown) > 3:
            self.say(f"    … et {len(shown) - 3} autres constats dans le rapport")
        if not shown and outcome.reason:
            self.say(f"    {outcome.reason}")


def _short(value: str, limit: int = 200) -> str:
    flat = " ".join(value.split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"
