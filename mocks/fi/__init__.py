"""A second, ordinary OpenID Connect provider: an establishment's own, such as any DUI must accept by the standard alone."""

from __future__ import annotations

from .app import FournisseurOrdinaire

__all__ = ["FournisseurOrdinaire"]
