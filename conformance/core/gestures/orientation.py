"""Orientations by ViaTrajectoire."""

from __future__ import annotations

from .base import Gesture

GESTES: tuple[type[Gesture], ...] = ()
