"""A PDF file: its bytes, opened once with pikepdf under limits that hostile files cannot pass.

The limits are ours, said in the message when one is reached: they are far above what a document of a record needs.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ...core.errors import Inconclusive
from ...core.providers import provider
from ..cda.view import HL7, CdaDocument, hl7
from ..document import Document
from ..once import read_once

if TYPE_CHECKING:
    import pikepdf
    from lxml import etree

MEBIBYTE = 1024 * 1024
MAX_SIZE = 60 * MEBIBYTE
MAX_PAGES = 1000
MAX_DECODED_STREAM = 24 * MEBIBYTE
MAX_ARRAY = 200_000
PDF_COPY = "1.2.250.1.213.1.1.2.243"
"""Section « Copie du document » of a structured CDA."""

_HEAD = 1024
_SOURCE_NAME = re.compile(r"(?:stream )?<(?:_io\.BytesIO|unnamed)[^>]*>")
_MEDIA_TYPE = "application/pdf"


class PdfError(ValueError):
    """A PDF that cannot be read, or that passes a limit of the harness. ``kind``: taille, protege, illisible, pages, limite."""

    def __init__(self, message: str, *, kind: str, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind
        self.detail = detail or message


class PrintedFile:
    """A file that shows pages: a PDF or a picture."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False)
class PdfFile(PrintedFile):
    """Bytes that begin as a PDF does, within their first kilobyte."""

    data: bytes
    name: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.name or "fichier PDF"

    @property
    def kind(self) -> str:
        """The document kind that profiles name."""
        return "document.pdf"

    @property
    def opened(self) -> pikepdf.Pdf:
        """The file as pikepdf sees it; raises :class:`PdfError`, always the same for the same file."""
        return read_once(self.memo, "ouvert", lambda: _open(self.data), PdfError)

    @property
    def repairs(self) -> tuple[str, ...]:
        """What had to be repaired to open the file, in the words of qpdf; empty for a sound file."""
        return tuple(_SOURCE_NAME.sub("fichier", str(w)) for w in self.opened.get_warnings())


def is_pdf(data: bytes) -> bool:
    """True when the bytes begin as a PDF does."""
    return b"%PDF-" in data[:_HEAD]


def _open(data: bytes) -> pikepdf.Pdf:
    if len(data) > MAX_SIZE:
        raise PdfError(
            f"fichier de {len(data) // MEBIBYTE} Mo, plus grand que la limite de {MAX_SIZE // MEBIBYTE} Mo", kind="taille"
        )
    import pikepdf

    _bound_qpdf()
    with reading("fichier PDF illisible ou tronqué"):
        try:
            pdf = pikepdf.open(io.BytesIO(data))
        except pikepdf.PasswordError as error:
            raise PdfError("fichier protégé par un mot de passe", kind="protege") from error
        count = _declared_pages(pdf)
        if count <= MAX_PAGES:
            count = len(pdf.pages)
    if count > MAX_PAGES:
        raise PdfError(f"{count} pages, plus que la limite de {MAX_PAGES}", kind="pages")
    if count == 0:
        raise PdfError("fichier PDF sans aucune page", kind="illisible")
    return pdf


def _declared_pages(pdf: pikepdf.Pdf) -> int:
    pages = pdf.trailer["/Root"]["/Pages"]
    count = pages.get("/Count", 0)
    return int(count) if isinstance(count, int) else 0


@contextmanager
def reading(what: str = "objet du PDF mal formé") -> Iterator[None]:
    """Turns all that pikepdf raises on a malformed object into a :class:`PdfError`."""
    import pikepdf

    try:
        yield
    except PdfError:
        raise
    except (
        pikepdf.PdfError,
        pikepdf.DataDecodingError,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        RuntimeError,
    ) as error:
        raise PdfError(what, kind="illisible", detail=_short(error)) from error


def said(value: Any) -> str:
    """A name or a string of a PDF as text: names need not be UTF-8."""
    try:
        return str(value)
    except UnicodeDecodeError:
        return bytes(value.unparse()).decode("latin-1")


def _bound_qpdf() -> None:
    """The limits of qpdf are those of the process: the same values each time."""
    from pikepdf import settings

    settings.set_qpdf_limits(
        doc_max_warnings=500,
        parser_max_nesting=200,
        parser_max_container_size=MAX_ARRAY,
        max_stream_filters=4,
        flate_max_memory=MAX_DECODED_STREAM,
        png_max_memory=MAX_DECODED_STREAM,
        tiff_max_memory=MAX_DECODED_STREAM,
        run_length_max_memory=MAX_DECODED_STREAM,
        dct_max_memory=MAX_DECODED_STREAM,
    )


def _short(error: BaseException) -> str:
    text = " ".join(_SOURCE_NAME.sub("fichier", str(error)).split())
    return text[:200] or type(error).__name__


@provider
def _pdf_of_document(document: Document) -> PdfFile:
    if not is_pdf(document.data):
        raise Inconclusive("le document n'est pas un PDF")
    return PdfFile(document.data, document.name)


@provider
def _pdf_inside(document: CdaDocument) -> PdfFile:
    """The encapsulated PDF of a level 1 document, else that of the section « Copie du document »."""
    element = _encapsulated(document.root)
    if element is None:
        raise Inconclusive("le document ne contient pas de copie PDF")
    data = _decoded(element)
    if not is_pdf(data):
        raise Inconclusive("le fichier encapsulé n'est pas un PDF")
    return PdfFile(data, f"PDF de {document.id}" if document.id else "PDF encapsulé")


@provider
def _pdf_shows_pages(file: PdfFile) -> PrintedFile:
    return file


def has_pdf(document: CdaDocument) -> bool:
    """True when the document announces a PDF: encapsulated (level 1), or the copy of a structured document."""
    return _encapsulated(document.root) is not None


def _encapsulated(root: etree._Element) -> etree._Element | None:
    body = root.find(hl7("component/nonXMLBody/text"))
    if body is not None:
        return body if body.get("mediaType") == _MEDIA_TYPE else None
    for section in root.iterfind(hl7("component/structuredBody/component/section")):
        if any(t.get("root") == PDF_COPY for t in section.iterfind(hl7("templateId"))):
            for value in section.iter(f"{{{HL7}}}value", f"{{{HL7}}}text"):
                if value.get("mediaType") == _MEDIA_TYPE:
                    return value
    return None


def _decoded(element: etree._Element) -> bytes:
    written = element.text or ""
    if len(written) > 2 * MAX_SIZE:
        raise Inconclusive("le PDF encapsulé dépasse la taille que le banc sait lire")
    try:
        return base64.b64decode("".join(written.split()), validate=True)
    except (ValueError, binascii.Error) as error:
        raise Inconclusive("le PDF encapsulé n'est pas du base64 lisible") from error
