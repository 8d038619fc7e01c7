"""Barcodes printed on a document: read from the first pages of a PDF, or from a picture. zxing-cpp is imported when used."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import Inconclusive
from ..core.providers import provider
from .document import Document
from .pdf.file import PdfFile, PrintedFile
from .pdf.rendering import opened_for_reading, picture

MAX_PAGES = 6
MAX_PICTURE_PIXELS = 60_000_000
MAX_FRAMES = 6
RESOLUTIONS = (200, 300)
"""Dots per inch tried in turn: the second when the first shows nothing."""

_MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*")
_GIANT = f"image de plus de {MAX_PICTURE_PIXELS // 1_000_000} millions de pixels : elle n'est pas lue"
_FORMATS = ("PNG", "JPEG", "TIFF")


@dataclass(frozen=True, slots=True)
class Barcode:
    """One symbol. ``kind`` is ``DataMatrix`` or ``QRCode``; ``content`` its bytes, separators kept."""

    kind: str
    content: bytes
    page: int

    @property
    def at(self) -> str:
        """Where it was read."""
        return f"page {self.page}, {'datamatrix' if self.kind == 'DataMatrix' else 'QR code'}"

    @property
    def text(self) -> str:
        """The content as text: UTF-8, else Latin 1."""
        try:
            return self.content.decode("utf-8")
        except UnicodeDecodeError:
            return self.content.decode("latin-1")


@dataclass(frozen=True, slots=True, eq=False)
class Barcodes:
    """The datamatrix and QR codes of a document, in reading order; ``pages`` is how many pages were looked at."""

    id: str
    found: tuple[Barcode, ...]
    pages: int
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    def of_kind(self, kind: str) -> tuple[Barcode, ...]:
        """Those of one kind."""
        return tuple(b for b in self.found if b.kind == kind)


@dataclass(frozen=True, slots=True, eq=False)
class ImageFile(PrintedFile):
    """A PNG, JPEG or TIFF picture of a document."""

    data: bytes
    name: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.name or "image"

    @property
    def kind(self) -> str:
        """The document kind that profiles name."""
        return "document.image"


def is_image(data: bytes) -> bool:
    """True when the bytes begin as a PNG, a JPEG or a TIFF does."""
    return data.startswith(_MAGIC)


@provider
def _image_of(document: Document) -> ImageFile:
    if not is_image(document.data):
        raise Inconclusive("le document n'est pas une image PNG, JPEG ou TIFF")
    return ImageFile(document.data, document.name)


@provider
def _image_shows_pages(image: ImageFile) -> PrintedFile:
    return image


@provider
def _codes_of(file: PrintedFile) -> Barcodes:
    if isinstance(file, PdfFile):
        return _codes_of_pdf(file)
    assert isinstance(file, ImageFile)
    return _codes_of_image(file)


def _codes_of_pdf(file: PdfFile) -> Barcodes:
    found: tuple[Barcode, ...] = ()
    with opened_for_reading(file) as document:
        pages = min(len(document), MAX_PAGES)
        for resolution in RESOLUTIONS:
            found = tuple(code for number in range(pages) for code in _page_codes(document, number, resolution))
            if found:
                break
    return Barcodes(file.id, found, pages)


def _page_codes(document: Any, number: int, resolution: int) -> list[Barcode]:
    page = document[number]
    bitmap = picture(page, resolution)
    rows = memoryview(bitmap.buffer).cast("B").cast("B", (bitmap.height, bitmap.stride))
    codes = _read(rows, number + 1)
    bitmap.close()
    page.close()
    return codes


def _codes_of_image(image: ImageFile) -> Barcodes:
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            return _codes_of_frames(image)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise Inconclusive(_GIANT) from error
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError, TypeError, ArithmeticError, LookupError) as error:
            raise Inconclusive(f"image illisible : {' '.join(str(error).split())[:120]}") from error


def _codes_of_frames(image: ImageFile) -> Barcodes:
    """The codes of the pages of a picture, in grey, none of them a giant."""
    from PIL import Image

    found: list[Barcode] = []
    with Image.open(io.BytesIO(image.data), formats=_FORMATS) as opened:
        pages = min(getattr(opened, "n_frames", 1), MAX_FRAMES)
        for rank in range(pages):
            opened.seek(rank)
            if opened.width * opened.height > MAX_PICTURE_PIXELS:
                raise Inconclusive(_GIANT)
            found += _read(opened.convert("L"), rank + 1)
    return Barcodes(image.id, tuple(found), pages)


def _read(pixels: Any, page: int) -> list[Barcode]:
    import zxingcpp

    codes = zxingcpp.read_barcodes(pixels, formats=zxingcpp.barcode_formats_from_str("DataMatrix|QRCode"))
    ordered = sorted(codes, key=lambda c: (c.position.top_left.y, c.position.top_left.x))
    return [
        Barcode("DataMatrix" if c.format == zxingcpp.BarcodeFormat.DataMatrix else "QRCode", bytes(c.bytes), page)
        for c in ordered
        if c.valid
    ]
