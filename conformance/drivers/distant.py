"""What drivers of a DUI in another process share: gestures one at a time in a worker thread, and a clock that they shift."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from ..core.driver import Capabilities, FutureHandle
from ..core.errors import HarnessError
from ..core.gestures import Gesture, Resultat


class RemoteDriver(ABC):
    """``capabilities`` is what the DUI offers; ``shift``, how far its clock is from system time when the campaign begins."""

    nom: str

    def __init__(self, capabilities: Capabilities, shift: timedelta) -> None:
        self._capabilities = capabilities
        self._shift = shift
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"pilote-{self.nom}")
        if capabilities.horloge:
            self._clock(timedelta())

    def capabilities(self) -> Capabilities:
        """What the DUI offers."""
        return self._capabilities

    def start(self, gesture: Gesture) -> FutureHandle:
        """Play the gesture in the worker thread."""
        return FutureHandle(self._pool.submit(self._play, gesture))

    def advance_clock(self, delta: timedelta) -> None:
        """Move the DUI's clock; raises ``HarnessError`` when it fails to."""
        self._shift += delta
        self._clock(delta)

    def close(self) -> None:
        """Wait for the gesture under way, give the DUI its time back."""
        self._pool.shutdown(wait=True)
        if self._capabilities.horloge and self._shift:
            self._shift = timedelta()
            with contextlib.suppress(HarnessError):
                self._clock(timedelta())

    def _clock(self, delta: timedelta) -> None:
        """Say by how many ``secondes`` to move, and which shift from system time results (``decalage``)."""
        self._set_clock({"secondes": delta.total_seconds(), "decalage": self._shift.total_seconds()})

    @abstractmethod
    def _set_clock(self, row: dict[str, float]) -> None:
        """Hand this to the DUI; raises ``HarnessError``."""

    @abstractmethod
    def _play(self, gesture: Gesture) -> Resultat:
        """Ask the gesture, and wait for its end; what goes wrong is an end too."""
