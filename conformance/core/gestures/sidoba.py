"""Data sent to SIDOBA."""

from __future__ import annotations

from .base import Gesture

GESTES: tuple[type[Gesture], ...] = ()
