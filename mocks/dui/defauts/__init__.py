"""The named defects of the reference DUI, one module per theme."""

from . import (
    cda_entete,
    ins,
    ins_identites,
    oidc,
    oidc_session,
    soap,
    temps,
    tls,
    vaccination,
    vihf,
    vihf_signature,
    xds,
    xds_cda,
    xds_lot,
)
from .registre import FAULTS

__all__ = [
    "FAULTS",
    "cda_entete",
    "ins",
    "ins_identites",
    "oidc",
    "oidc_session",
    "soap",
    "temps",
    "tls",
    "vaccination",
    "vihf",
    "vihf_signature",
    "xds",
    "xds_cda",
    "xds_lot",
]
