"""Files that people attach: which kinds are taken, how large, and how the content of each kind begins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath

MAX_PIECE = 20 << 20
KINDS: Mapping[str, tuple[bytes, ...]] = {
    ".pdf": (b"%PDF-",),
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".zip": (b"PK\x03\x04", b"PK\x05\x06"),
    ".xlsx": (b"PK\x03\x04",),
    ".ods": (b"PK\x03\x04",),
    ".csv": (),
    ".txt": (),
    ".json": (),
    ".xml": (),
    ".eml": (),
}
"""A text may not hold a null byte."""


def kind_refusal(nom: str) -> str:
    """Why a file of that name is not taken, in French; ``""`` when it may be."""
    if PurePath(nom).suffix.lower() in KINDS:
        return ""
    return f"{nom} : ce type de fichier n'est pas accepté ({', '.join(sorted(KINDS))})."


def refusal(nom: str, data: bytes) -> str:
    """Why a file is not taken, in French: kind, size, or a content that is not what its name says; ``""`` for a good one."""
    if wrong := kind_refusal(nom):
        return wrong
    kind = PurePath(nom).suffix.lower()
    if not 0 < len(data) <= MAX_PIECE:
        return f"{nom} : un fichier non vide de {MAX_PIECE >> 20} Mio au plus est attendu."
    begins = KINDS[kind]
    if (begins and not data.startswith(begins)) or (not begins and b"\0" in data):
        return f"{nom} : le contenu n'est pas celui d'un fichier {kind}."
    return ""
