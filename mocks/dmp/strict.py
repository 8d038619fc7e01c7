"""What the strict DMP refuses: a VIHF whose signature does not verify."""

from __future__ import annotations

from ...validation.saml.signature import verify
from ...validation.saml.vihf import read_vihf
from ...validation.soap import SoapMessage


def vihf_error(message: SoapMessage) -> str:
    """Why the VIHF of a message would be refused, in French; ``""`` when its signature verifies."""
    assertions = message.assertions()
    if len(assertions) != 1:
        return f"{len(assertions)} assertion SAML dans wsse:Security, une seule est attendue"
    return verify(read_vihf(assertions[0])).error
