"""CDA R2 documents: a view for the rules, and their structure (an XSD of ours)."""

from __future__ import annotations

from .schema import diagnose, validate
from .view import CdaDocument

__all__ = ["CdaDocument", "diagnose", "validate"]
