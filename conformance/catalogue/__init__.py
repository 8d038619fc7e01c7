"""The catalogue of exigences."""

from __future__ import annotations

from .loader import Exigence, Officiel, TypeDocument, applicable, known_ids, load, reasons

__all__ = ["Exigence", "Officiel", "TypeDocument", "applicable", "known_ids", "load", "reasons"]
