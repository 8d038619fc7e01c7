"""The named defects of the reference DUI, one module per theme."""

from . import ins, oidc, soap, tls, vihf
from .registre import FAULTS

__all__ = ["FAULTS", "ins", "oidc", "soap", "tls", "vihf"]
