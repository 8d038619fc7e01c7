"""XLSX and ODS workbooks as rows of texts. An archive is looked at whole before any library opens it: it may be hostile."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator

from lxml import etree

from .bounds import MAX_ATTRIBUTES, MAX_PART, MAX_PARTS, MAX_TAGS, MAX_WHOLE, NotAWorkbook, TooLarge
from .ods import CONTENT, Row, ods_sheets
from .xlsx import xlsx_sheets

BOOK = "xl/workbook.xml"
_DOCTYPES = tuple(word.encode(form) for word in ("<!DOCTYPE", "<!ENTITY") for form in ("ascii", "utf-16-le", "utf-16-be"))
_CHUNK = 1 << 18
_BEFORE = b"\xef\xbb\xbf\xff\xfe\0 \t\r\n"
"""What may stand before the first tag of a part; a picture begins otherwise."""


def read_workbook(data: bytes) -> Iterator[tuple[str, Iterator[Row]]]:
    """Each sheet: its name, and its rows with their rank. Raises ``NotAWorkbook`` or ``TooLarge``, also while rows are read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if len(names) > MAX_PARTS:
                raise TooLarge(f"classeur de plus de {MAX_PARTS} parties")
            if BOOK in names:
                look(archive)
                yield from xlsx_sheets(io.BytesIO(data))
            elif CONTENT in names:
                yield from ods_sheets(archive)
            else:
                raise NotAWorkbook("archive zip qui n'est ni un classeur XLSX, ni un classeur ODS")
    except (NotAWorkbook, TooLarge):
        raise
    except (zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError, KeyError, OSError, ValueError) as error:
        raise NotAWorkbook(f"archive endommagée ou chiffrée ({error})") from error
    except etree.XMLSyntaxError as error:
        raise NotAWorkbook(f"XML du classeur mal formé ({error.msg})") from error


def look(archive: zipfile.ZipFile) -> None:
    """Inflate every part, keeping nothing: none may expand too far, hold too many tags or a tag without end, which a parser
    reads again and again, or declare a document type."""
    whole = tags = attributes = 0
    for part in archive.infolist():
        size, kept, parsed = 0, b"", True
        with archive.open(part) as stream:
            while chunk := stream.read(_CHUNK):
                parsed = parsed and (size > 0 or chunk.lstrip(_BEFORE)[:1] in (b"<", b""))
                size, whole = size + len(chunk), whole + len(chunk)
                if size > MAX_PART:
                    raise TooLarge(f"{part.filename} dépasse {MAX_PART >> 20} Mio une fois décompressé")
                if whole > MAX_WHOLE:
                    raise TooLarge(f"classeur de plus de {MAX_WHOLE >> 20} Mio une fois décompressé")
                if not parsed:
                    continue
                tags, attributes = tags + chunk.count(b"<"), attributes + chunk.count(b"=")
                endless = len(chunk) == _CHUNK and b">" not in chunk
                if tags > MAX_TAGS or attributes > MAX_ATTRIBUTES or endless:
                    raise TooLarge("classeur de trop de balises, ou de balises démesurées : à réduire à la période du test")
                if any(word in kept + chunk for word in _DOCTYPES):
                    raise NotAWorkbook("déclaration DOCTYPE refusée dans le classeur")
                kept = chunk[-20:]
