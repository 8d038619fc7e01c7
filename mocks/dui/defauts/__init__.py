"""The named defects of the reference DUI, one module per theme."""

from .registre import FAULTS

__all__ = ["FAULTS"]
