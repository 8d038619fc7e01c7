"""Readers: what a file holds, told from its bytes and never from its name.

A reader is a function ``(bytes, name) -> pieces``, or None when the file is not of its sort. The first that answers reads
the file; one that recognises its sort but cannot read it gives a piece with the reason. To add a sort of file: write its
reader and put it in ``READERS``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.problem import Finding

FORMAT = "fichier.format"
TAILLE = "fichier.taille"
LECTURE = "fichier.lecture"
ACCEPTES = "un document CDA (XML), une assertion SAML (VIHF) ou un message SOAP, un PDF, une image PNG ou JPEG"


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing to judge: its kind (profiles are chosen by it) and the subjects of the checks; or why it cannot be judged.

    ``member`` is its name inside the file, for one that holds several.
    """

    kind: str
    subjects: tuple[Any, ...] = ()
    refused: Finding | None = None
    member: str = ""


Reader = Callable[[bytes, str], "Sequence[Piece] | None"]


def read(data: bytes, name: str) -> Sequence[Piece]:
    """What the file holds; one refused piece when nobody recognises it."""
    for reader in READERS:
        pieces = reader(data, name)
        if pieces is not None:
            return pieces
    return [Piece("inconnu", refused=unrecognised(_nature(data)))]


def unrecognised(received: str, at: str = "/") -> Finding:
    """The finding of a file that nobody reads."""
    return Finding(
        check=FORMAT,
        message="Format non reconnu",
        expected=ACCEPTES,
        received=received,
        at=at,
        hint="Donner le fichier tel qu'il est déposé, envoyé ou imprimé, sans le convertir ni l'envelopper.",
        source="choix du banc : formats lus par validate",
    )


def _nature(data: bytes) -> str:
    if not data.strip():
        return "un fichier vide"
    start = data[:8]
    known = ((b"\x1f\x8b", "gzip"), (b"7z\xbc\xaf", "7-Zip"), (b"Rar!", "RAR"), (b"\x7fELF", "exécutable"), (b"{\\rtf", "RTF"))
    sort = next((label for magic, label in known if start.startswith(magic)), "")
    shown = data[:24].decode("latin-1").encode("unicode_escape").decode("ascii")
    return f"{len(data)} octets commençant par « {shown} »" + (f" ({sort})" if sort else "")


_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def looks_like_xml(data: bytes) -> bool:
    """True when the first character that counts is ``<``, in UTF-8, UTF-16 or an ASCII superset."""
    head = data[:512]
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return head[len(bom) :].decode(encoding, "replace").lstrip().startswith("<")
    return head.replace(b"\0", b"").lstrip().startswith(b"<")


def _xml(data: bytes, name: str) -> Sequence[Piece] | None:
    if not looks_like_xml(data):
        return None
    from ..validation.document import Document
    from ..validation.xml import XmlError, local_name, place_of

    document = Document(data=data, name=name)
    try:
        root = document.root
    except XmlError:
        return [Piece("xml", (document,))]
    local = local_name(root)
    if local == "ClinicalDocument":
        return [Piece(_cda_kind(document), (document,))]
    return [Piece("xml", refused=unrecognised(f"un document XML de racine {root.tag}", place_of(root)))]


def _cda_kind(document: Any) -> str:
    from ..core.errors import Inconclusive
    from ..core.providers import provide
    from ..validation.cda.view import CdaDocument

    try:
        kind: str = provide(CdaDocument, document).kind
    except Inconclusive:  # another namespace: the rule of the structure says so
        return "document.cda"
    return kind


READERS: tuple[Reader, ...] = (_xml,)
