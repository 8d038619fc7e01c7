"""Good documents written otherwise: ``CHANGES`` of the tree and ``WRITINGS`` of the bytes, by name."""

from . import ecritures, entete, entrees, formes
from .outils import CHANGES, WRITINGS

__all__ = ["CHANGES", "WRITINGS", "ecritures", "entete", "entrees", "formes"]
