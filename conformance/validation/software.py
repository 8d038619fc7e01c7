"""The software's identity as each flow states it (ContexteLPS of INSi, VIHF of the DMP): one name, one version."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.providers import provider
from .ins.request import InsRequest
from .ins.traits import folded
from .saml.vihf import Vihf


@dataclass(frozen=True, slots=True)
class SoftwareIdentity:
    """``flux`` names the flow (INSi, DMP), ``at`` the place. ``reference`` is the NIL where the flow carries it."""

    flux: str
    nom: str
    version: str
    at: str
    reference: str = ""


def plain_name(text: str) -> str:
    """A software name without the ``urn:lps:`` envelope that INSi wraps it in, folded for comparison."""
    inner = text.removeprefix("urn:lps:").partition(":")[0] if text.startswith("urn:lps:") else text
    return folded(inner).replace(" ", "")


def same_software(one: str, other: str) -> bool:
    """True for names that differ only by case, accents, spaces or the ``urn:lps:`` envelope."""
    return plain_name(one) == plain_name(other) != ""


@provider
def _software_of_insi(request: InsRequest) -> SoftwareIdentity:
    context = request.contexte_lps
    if context is None:
        return SoftwareIdentity("INSi", "", "", at="/soap:Envelope/soap:Header")
    namespace = "{urn:siram:lps:ctxlps}"
    texts = {name: (context.element.findtext(f"{namespace}LPS/{namespace}{name}") or "").strip() for name in ("Nom", "Version")}
    return SoftwareIdentity("INSi", texts["Nom"], texts["Version"], at=f"{context.at}/LPS")


@provider
def _software_of_dmp(vihf: Vihf) -> SoftwareIdentity:
    return SoftwareIdentity("DMP", vihf.value("LPS_Nom"), vihf.value("LPS_Version"), at=vihf.attribute_xpath("LPS_Nom"))
