"""The catalogue of exigences."""

from __future__ import annotations

from .loader import Exigence, known_ids, load

__all__ = ["Exigence", "known_ids", "load"]
