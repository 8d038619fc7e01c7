"""Opens a PDF with pdfium, for its text and its pages as pictures, once it is sure that this ends and stays small.

pdfium bounds neither what a stream inflates to nor how often forms call forms: both are measured first.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...core.errors import Inconclusive
from .content import MAX_COST, contents_of, filters_of
from .file import MEBIBYTE, PdfError, PdfFile, reading

MAX_DECODED_TOTAL = 256 * MEBIBYTE
MAX_INFLATED = 128 * MEBIBYTE
MAX_IMAGE_PIXELS = 120_000_000
MAX_PIXELS = 12_000_000
_FLATE_RATIO = 1032


@contextmanager
def opened_for_reading(file: PdfFile) -> Iterator[Any]:
    """A pypdfium2 document, closed at the end; raises ``Inconclusive`` when the file cannot be read in bounded time."""
    reason = _obstacle(file)
    if reason:
        raise Inconclusive(reason)
    import pypdfium2  # type: ignore[import-untyped]

    try:
        document = pypdfium2.PdfDocument(file.data)
    except pypdfium2.PdfiumError as error:
        raise Inconclusive(f"pdfium ne lit pas ce PDF : {error}") from error
    try:
        yield document
    except pypdfium2.PdfiumError as error:
        raise Inconclusive(f"pdfium ne lit pas une page de ce PDF : {error}") from error
    finally:
        document.close()


def picture(page: Any, dots_per_inch: int) -> Any:
    """A page as a grey bitmap (two dimensions, one byte a pixel), smaller when the page is a giant."""
    width, height = page.get_size()
    scale = dots_per_inch / 72
    pixels = max(1.0, width * scale) * max(1.0, height * scale)
    if pixels > MAX_PIXELS:
        scale *= (MAX_PIXELS / pixels) ** 0.5
    if width * scale < 1 or height * scale < 1 or max(width, height) * scale > 60_000:
        raise Inconclusive(f"page de dimensions impossibles à imprimer ({width:.0f} × {height:.0f} points)")
    return page.render(scale=scale, grayscale=True)


def _obstacle(file: PdfFile) -> str:
    """Why the file is not handed to pdfium, or ``""``; measured once."""
    if "obstacle" not in file.memo:
        try:
            with reading():
                file.memo["obstacle"] = _measured(file)
        except PdfError as error:
            file.memo["obstacle"] = f"le PDF n'est pas lisible : {error.message}"
    found: str = file.memo["obstacle"]
    return found


def _measured(file: PdfFile) -> str:
    import pikepdf

    left = MAX_DECODED_TOTAL
    for each in file.opened.objects:
        if not isinstance(each, pikepdf.Stream):
            continue
        if each.get("/Subtype") == "/Image" and _pixels(each) > MAX_IMAGE_PIXELS:
            return f"image de plus de {MAX_IMAGE_PIXELS // 1_000_000} millions de pixels : le PDF n'est ni lu ni imprimé"
        left -= _inflated(each, min(left, MAX_INFLATED))
        if left <= 0:
            return "flux compressés démesurés (bombe de décompression ?) : le PDF n'est ni lu ni imprimé"
    if contents_of(file).cost > MAX_COST:
        return "contenu démesuré (formulaires imbriqués ?) : le PDF n'est ni lu ni imprimé"
    return ""


def _pixels(image: Any) -> int:
    sides = [image.get(key) for key in ("/Width", "/Height")]
    return int(sides[0]) * int(sides[1]) if all(isinstance(s, int) for s in sides) else 0


def _inflated(stream: Any, limit: int) -> int:
    """How many bytes a stream gives, at most; ``MAX_DECODED_TOTAL`` when it passes ``limit`` or cannot be bounded."""
    filters = filters_of(stream)
    length = stream.get("/Length")
    raw = length if isinstance(length, int) else len(stream.read_raw_bytes())
    compressing = [f for f in filters if f in {"/FlateDecode", "/Fl", "/LZWDecode", "/LZW", "/RunLengthDecode", "/RL"}]
    if not compressing:
        return raw
    if raw * _FLATE_RATIO ** len(compressing) * (3 if "LZW" in "".join(compressing) else 1) < MEBIBYTE:
        return raw * 4
    if filters != ("/FlateDecode",):
        return MAX_DECODED_TOTAL if len(compressing) > 1 or "LZW" in filters[-1] else raw * 64
    return _flate_size(bytes(stream.read_raw_bytes()), limit)


def _flate_size(data: bytes, limit: int) -> int:
    inflater = zlib.decompressobj()
    total, pending = 0, data
    try:
        while pending and not inflater.eof:
            total += len(inflater.decompress(pending, MEBIBYTE))
            if total > limit:
                return MAX_DECODED_TOTAL
            pending = inflater.unconsumed_tail
    except zlib.error:
        return total
    return total
