"""A simulated Pro Santé Connect: issuer and wallet hosts, personas, real signatures, injectable time."""

from __future__ import annotations

from .app import ProSanteConnect

__all__ = ["ProSanteConnect"]
