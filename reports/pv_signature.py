"""Signature fields of a PV that is no draft, and its PAdES signature by one of the parties (extra ``signature``)."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from dui_conformance.core.errors import InputError

from .sceau.horodatage import EXTRA

PARTIES = ("client", "fournisseur")
_BOXES = {"client": (60, 60, 280, 120), "fournisseur": (310, 60, 530, 120)}
"""Left, bottom, right, top on the last page, in points."""


def with_fields(pdf: bytes) -> bytes:
    """The same PDF with an empty signature field for each party. Raises ``InputError`` without the library."""
    library = _library()
    writer = library.writer(io.BytesIO(pdf))
    for party in PARTIES:
        library.fields.append_signature_field(writer, library.fields.SigFieldSpec(party, on_page=-1, box=_BOXES[party]))
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def signed(pdf: bytes, party: str, key: Path, certificate: Path, password: str = "") -> bytes:
    """The PDF signed in the field of a party (PAdES B-B); raises ``InputError``."""
    library = _library()
    signer = library.signers.SimpleSigner.load(
        str(key), str(certificate), key_passphrase=password.encode() or None, ca_chain_files=()
    )
    if signer is None:
        raise InputError(f"{key} ou {certificate} : clé ou certificat illisible ; deux fichiers PEM sont attendus.")
    metadata = library.signers.PdfSignatureMetadata(field_name=party, subfilter=library.fields.SigSeedSubFilter.PADES)
    try:
        made = library.signers.sign_pdf(library.writer(io.BytesIO(pdf)), metadata, signer=signer)
    except library.errors as error:
        raise InputError(f"ce document n'a pas pu être signé pour « {party} » : {error}") from None
    return bytes(made.getbuffer())


class _Library:
    """The parts of pyHanko that serve here."""

    def __init__(self) -> None:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.pdf_utils.misc import PdfError
        from pyhanko.sign import fields, signers
        from pyhanko.sign.general import SigningError

        self.writer: Any = IncrementalPdfFileWriter
        self.fields: Any = fields
        self.signers: Any = signers
        self.errors = (PdfError, SigningError)


def _library() -> _Library:
    try:
        return _Library()
    except ImportError:
        raise InputError(f"la signature d'un PDF demande une bibliothèque de plus : {EXTRA}.") from None
