"""Mail: MSSanté, its directory, its dashboards."""

from __future__ import annotations

from .base import Gesture

GESTES: tuple[type[Gesture], ...] = ()
