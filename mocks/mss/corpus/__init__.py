"""Mails that another software sends to the DUI under test: correct ones, and named variants with one thing wrong in each.

A mail is made of its parts (documents, addresses, moment) alone: the same parts give the same bytes, save for the identifiers
drawn from ``graine``. It writes; it judges nothing.
"""

from __future__ import annotations

from .courriel import Correspondance, Joint
from .variantes import VARIANTES, Variante, courriels

__all__ = ["VARIANTES", "Correspondance", "Joint", "Variante", "courriels"]
