"""Diffie-Hellman parameters for the DHE suites of a listener: the group ffdhe2048 of RFC 7919, computed from its definition."""

from __future__ import annotations

import base64
from pathlib import Path

_GUARD = 64


def ffdhe2048() -> int:
    """The prime: 2^2048 - 2^1984 + (floor(2^1918 · e) + 560316) · 2^64 - 1 (RFC 7919, appendix A.1). The generator is 2."""
    return 2**2048 - 2**1984 + (_floor_of_e(1918) + 560316) * 2**64 - 1


def dh_parameters(folder: Path) -> Path:
    """The group as a PEM file of this folder (PKCS#3: a sequence of two integers), written when absent."""
    path = folder / "dh.pem"
    if not path.exists():
        integers = _der(0x02, b"\x00" + ffdhe2048().to_bytes(256, "big")) + _der(0x02, b"\x02")
        text = base64.encodebytes(_der(0x30, integers)).decode("ascii")
        path.write_text(f"-----BEGIN DH PARAMETERS-----\n{text}-----END DH PARAMETERS-----\n", "ascii")
    return path


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def _floor_of_e(bits: int) -> int:
    """floor(2^bits · e), from the series of inverse factorials."""
    term = total = 1 << (bits + _GUARD)
    rank = 1
    while term:
        term //= rank
        total += term
        rank += 1
    return total >> _GUARD
