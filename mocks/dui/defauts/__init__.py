"""The named defects of the reference DUI, one module per theme."""

from . import cda_entete, ins, oidc, soap, tls, vaccination, vihf, xds
from .registre import FAULTS

__all__ = ["FAULTS", "cda_entete", "ins", "oidc", "soap", "tls", "vaccination", "vihf", "xds"]
