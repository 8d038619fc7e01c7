"""The named defects of the reference DUI, one module per theme."""

from . import (
    base_medicaments,
    cda_entete,
    ins,
    ins_identites,
    oidc,
    oidc_session,
    reception,
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
    "base_medicaments",
    "cda_entete",
    "ins",
    "ins_identites",
    "oidc",
    "oidc_session",
    "reception",
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
