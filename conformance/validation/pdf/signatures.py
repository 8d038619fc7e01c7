"""The electronic signatures of a PDF: who claims to sign, when, and whether what was signed is still what is there."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from ...core.errors import Inconclusive
from .file import PdfFile, reading

EXTRA = "pip install 'dui-conformance[signature]'"
_MAX_FIELDS = 200
_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")


@dataclass(frozen=True, slots=True)
class SignatureField:
    """A field that is signed. ``jour`` is the day it claims, ``""`` for none; ``nom`` is what it calls itself."""

    nom: str
    jour: str

    @property
    def day(self) -> date | None:
        """The day claimed, when it is one."""
        try:
            return date.fromisoformat(self.jour)
        except ValueError:
            return None


def signed_fields(file: PdfFile) -> tuple[SignatureField, ...]:
    """The signed fields of a form, in their order; raises :class:`PdfError`."""
    pdf = file.opened
    with reading("champs de signature mal formés"):
        form = pdf.Root.get("/AcroForm")
        found = _signed(form.get("/Fields", ())) if form is not None else ()
        return tuple(SignatureField(str(f.get("/T", "")), _day(f["/V"].get("/M"))) for f in found)


def _signed(fields: Any, depth: int = 0) -> Iterator[Any]:
    for field in list(fields)[:_MAX_FIELDS]:
        value = field.get("/V")
        if field.get("/FT") == "/Sig" and value is not None and "/Contents" in value and "/ByteRange" in value:
            yield field
        if depth < 4:
            yield from _signed(field.get("/Kids", ()), depth + 1)


def _day(value: Any) -> str:
    found = _DATE.match(str(value)) if value is not None else None
    if found is None:
        return ""
    year, month, day = found.groups()
    return f"{year}-{month or '01'}-{day or '01'}"


def alterations(file: PdfFile) -> tuple[int, list[str]]:
    """How many signatures were verified, and in French what is wrong with each that is not intact.

    Raises ``Inconclusive`` without pyHanko, or when it cannot read the file.
    """
    try:
        from pyhanko.pdf_utils.misc import PdfError as UnreadableByPyhanko
        from pyhanko.pdf_utils.reader import PdfFileReader
        from pyhanko.sign.general import SigningError, UnacceptableSignerError
        from pyhanko.sign.validation.errors import SignatureValidationError
    except ImportError:
        raise Inconclusive(f"vérifier une signature de PDF demande une bibliothèque de plus : {EXTRA}") from None
    broken = (UnreadableByPyhanko, SigningError, UnacceptableSignerError, SignatureValidationError, ValueError, LookupError)
    try:
        found = PdfFileReader(io.BytesIO(file.data), strict=False).embedded_signatures
    except broken as error:
        raise Inconclusive(f"signatures illisibles ({error})") from error
    wrong = []
    for rank, signature in enumerate(found):
        name = signature.field_name or f"n° {rank + 1}"
        try:
            said = _state(signature, last=rank == len(found) - 1)
        except broken as error:
            said = f"signature illisible ({error})"
        if said:
            wrong.append(f"{name} : {said}")
    return len(found), wrong


def _state(signature: Any, *, last: bool) -> str:
    """What is wrong with a signature, ``""`` for an intact one. Who signed is not judged: no authority is trusted here."""
    from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    digest = signature.compute_digest()
    intact, valid = validate_sig_integrity(signature.signer_info, signature.signer_cert, "data", digest)
    if not intact:
        return "le document a changé depuis la signature"
    if not valid:
        return "la signature n'est pas celle du certificat qu'elle porte"
    if not last or signature.evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE:
        return ""
    logging.getLogger("pyhanko.sign.diff_analysis").setLevel(logging.CRITICAL)
    signature.compute_integrity_info()
    added = signature.diff_result
    if not isinstance(added, DiffResult) or added.modification_level.value > ModificationLevel.LTA_UPDATES.value:
        return "le document a été complété après la signature"
    return ""
