"""The DUI's clock: a source of time, plus the jumps by which a campaign moves it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

FUSEAU = timezone(timedelta(hours=1))
"""The zone of the dates that documents show. Not UTC, so that every conversion to UTC is a real one."""


def temps_systeme() -> datetime:
    """The system's time, in UTC."""
    return datetime.now(UTC)


class Horloge:
    """``maintenant()`` is the later of the source's time and of the time that the jumps lead to, always UTC.

    So a source that a campaign moves itself is not moved twice. Those who wait on the clock are told of each jump.
    """

    def __init__(self, source: Callable[[], datetime] = temps_systeme) -> None:
        self._source = source
        self._depart = source().astimezone(UTC)
        self._ecoule = time.monotonic
        self._zero = self._ecoule()
        self._sauts = timedelta()
        self._abonnes: list[Callable[[], None]] = []

    def maintenant(self) -> datetime:
        """Logical time, in UTC."""
        attendu = self._depart + timedelta(seconds=self._ecoule() - self._zero) + self._sauts
        return max(self._source().astimezone(UTC), attendu)

    def avancer(self, duree: timedelta) -> None:
        """Move the clock forward and tell those who wait on it."""
        self._sauts += duree
        for abonne in self._abonnes:
            abonne()

    def abonner(self, rappel: Callable[[], None]) -> None:
        """Call ``rappel`` after each jump."""
        self._abonnes.append(rappel)


def utc_compact(instant: datetime) -> str:
    """``yyyyMMddHHmmss`` in UTC: the format of XDS metadata."""
    return instant.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def local_compact(instant: datetime) -> str:
    """``yyyyMMddHHmmss+0100``: the format of CDA times, to the second and with an offset."""
    return instant.astimezone(FUSEAU).strftime("%Y%m%d%H%M%S%z")


def utc_iso(instant: datetime) -> str:
    """``2026-04-01T08:00:00.000Z``: the format of SAML and of the INSi contexts."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
