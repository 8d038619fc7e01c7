"""The error tree.

::

    DuiConformanceError
    ├── CheckFailed      the DUI is wrong: carries what a Finding says
    ├── Unfinished       a scenario ends before its checks could speak
    │   ├── Inconclusive too little was observed to judge
    │   └── NotTested    the scenario could not be played (a gesture is missing, a service is not simulated)
    ├── InputError       the user's file or option is wrong: which one, why, what to do
    └── HarnessError     we, or the environment, are wrong
"""

from __future__ import annotations


class DuiConformanceError(Exception):
    """Root of every error raised on purpose by this product."""


class CheckFailed(DuiConformanceError):
    """A rule is broken by what was observed. Texts are French and shown to testers."""

    def __init__(self, message: str, *, expected: str = "", received: str = "", at: str = "", hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.received = received
        self.at = at
        self.hint = hint


class Unfinished(DuiConformanceError):
    """A scenario ends before its checks could speak. ``said`` is what the DUI showed: told to the tester, and never
    written in a line of the journal, because it may name a person."""

    def __init__(self, reason: str, said: str = "") -> None:
        super().__init__(reason)
        self.said = said


class Inconclusive(Unfinished):
    """Not enough was observed; the verdict is *non concluant*."""


class NotTested(Unfinished):
    """The scenario, or part of it, was not played; ``str(error)`` is the *raison*."""


class HarnessError(DuiConformanceError):
    """The harness or its environment failed; the verdict is *erreur du harnais*."""


class InputError(DuiConformanceError):
    """A file, an option or a value given by the user cannot be used (exit code 2)."""


class RealDataError(InputError):
    """A matricule that looks like a real person's was received: the campaign stops before it is stored.

    ``matricule`` serves once, to keep its keyed hash; its keeper forgets it at once.
    """

    def __init__(self, message: str, matricule: str = "") -> None:
        super().__init__(message)
        self.matricule = matricule
