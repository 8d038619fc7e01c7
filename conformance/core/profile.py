"""Profile: which rules apply to a kind of document or exchange, with severity, exigences and validity. Data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from .verdict import Severity


@dataclass(frozen=True, slots=True)
class Applied:
    """Some rules of a profile: id globs (``cda.entete.*``), their severity, the exigences cited (empty: the rules' own).

    ``given`` is a rule applied earlier in the profile: where it does not hold, these have nothing to judge (*sans objet*).
    """

    rules: tuple[str, ...]
    severity: Severity = Severity.ERREUR
    exigences: tuple[str, ...] = ()
    given: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """``when`` lists what it judges: exchange kinds (``dmp.td2.1``) or document kinds (``document.cda.87273-9``,
    ``document.cda`` for any). A kind matches itself and what continues it after a dot; the longest match wins."""

    id: str
    title: str
    when: tuple[str, ...]
    applied: tuple[Applied, ...]
    valid_from: date | None = None
    valid_to: date | None = None

    def valid_on(self, day: date) -> bool:
        """True when the profile is in force that day (both bounds included)."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


def best_for(kind: str, profiles: Sequence[Profile], day: date) -> Profile | None:
    """The profile in force for a kind, by longest match."""
    found: tuple[int, Profile] | None = None
    for profile in profiles:
        if not profile.valid_on(day):
            continue
        for when in profile.when:
            if (kind == when or kind.startswith(when + ".")) and (found is None or len(when) > found[0]):
                found = (len(when), profile)
    return found[1] if found else None
