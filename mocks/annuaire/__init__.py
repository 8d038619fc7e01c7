"""Annuaire Santé: the read-only FHIR API v2, over a fictional directory."""

from __future__ import annotations

from .app import AnnuaireSante

__all__ = ["AnnuaireSante"]
