"""What is verified of the pieces that are attached to forms of several systems."""

from __future__ import annotations

from ..checks.dossier import certificate_names_the_product, certificate_names_the_version, piece_is_a_readable_pdf
from ..core.campaign import Campaign
from ..core.formulaire import Attestation


def verifier_le_certificat(c: Campaign, attestation: Attestation, pour: tuple[str, ...]) -> None:
    """Each piece of a certificate or habilitation opens; one of them names the software and the version (advice)."""
    for piece in attestation.a_controler:
        c.require(piece_is_a_readable_pdf, piece, pour=pour)
    if attestation.a_controler:
        c.advise(certificate_names_the_product, *attestation.a_controler, pour=pour)
        c.advise(certificate_names_the_version, *attestation.a_controler, pour=pour)
