"""The fonts that draw visible text: embedded, complete, encoded as PDF/A-1 wants."""

from __future__ import annotations

import re
from typing import Any

from .content import PdfContents
from .file import said
from .findings import Survey

SUBTYPES = frozenset(["/Type1", "/MMType1", "/TrueType", "/Type3", "/Type0", "/CIDFontType0", "/CIDFontType2"])
_SUBSET = re.compile(r"/[A-Z]{6}\+")
_PROGRAMS = ("/FontFile", "/FontFile2", "/FontFile3")
_SYMBOLIC = 4
_STANDARD = re.compile(r"/(?:[A-Z]{6}\+)?(?:Times|Helvetica|Courier|Symbol|ZapfDingbats)(?:-\w+)?")


def survey_fonts(contents: PdfContents, survey: Survey) -> None:
    """Look once at each font that some content stream shows."""
    import pikepdf

    seen: set[Any] = set()
    for place in contents.places:
        fonts = place.resources.get("/Font") if isinstance(place.resources, pikepdf.Dictionary) else None
        for name in sorted(place.drawn.shown):
            font = fonts.get(name) if isinstance(fonts, pikepdf.Dictionary) else None
            at = f"{place.at}, police {name[1:]}"
            if not isinstance(font, pikepdf.Dictionary):
                survey.fault("pdf.a1.font-dictionaries", "Police absente des ressources", at=at, received=name)
                continue
            key = font.objgen if font.is_indirect else (place.at, name)
            if key not in seen:
                seen.add(key)
                _font(font, at, survey)
    if not seen:
        for rule in ("fonts-embedded", "font-dictionaries", "composite-fonts", "font-subsets", "font-encodings"):
            survey.look(f"pdf.a1.{rule}")


def _font(font: Any, at: str, survey: Survey) -> None:
    for rule in ("fonts-embedded", "font-dictionaries", "composite-fonts", "font-subsets", "font-encodings"):
        survey.look(f"pdf.a1.{rule}")
    subtype = said(font.get("/Subtype", ""))
    called = f"{at} ({said(font.get('/BaseFont', 'sans nom')).lstrip('/')})"
    if font.get("/Type") != "/Font" or subtype not in SUBTYPES or (subtype != "/Type3" and "/BaseFont" not in font):
        survey.fault(
            "pdf.a1.font-dictionaries", "Dictionnaire de police incomplet", at=called, received=f"Subtype {subtype or 'absent'}"
        )
        return
    if subtype == "/Type0":
        _composite(font, called, survey)
        return
    if subtype == "/Type3":
        return
    _simple(font, subtype, called, survey)
    _embedded(font, called, survey)


def _simple(font: Any, subtype: str, at: str, survey: Survey) -> None:
    import pikepdf

    first, last, widths = font.get("/FirstChar"), font.get("/LastChar"), font.get("/Widths")
    standard = _STANDARD.fullmatch(said(font.get("/BaseFont"))) is not None
    complete = isinstance(first, int) and isinstance(last, int) and isinstance(widths, pikepdf.Array)
    if complete and len(widths) != last - first + 1:
        survey.fault(
            "pdf.a1.font-dictionaries", "Widths n'a pas le bon nombre de largeurs", at=at, received=f"{len(widths)} largeurs"
        )
    if not complete and not standard:
        survey.fault(
            "pdf.a1.font-dictionaries", "Largeurs de la police absentes", at=at, received="FirstChar, LastChar ou Widths absent"
        )
    if subtype != "/TrueType":
        return
    encoding = font.get("/Encoding")
    named = encoding.get("/BaseEncoding") if isinstance(encoding, pikepdf.Dictionary) else encoding
    descriptor = font.get("/FontDescriptor")
    flags = descriptor.get("/Flags", 0) if isinstance(descriptor, pikepdf.Dictionary) else 0
    symbolic = isinstance(flags, int) and bool(flags & _SYMBOLIC)
    if symbolic and encoding is not None:
        survey.fault("pdf.a1.font-encodings", "Une police TrueType symbolique a un Encoding", at=at, received=said(named)[:60])
    if not symbolic and named not in ("/MacRomanEncoding", "/WinAnsiEncoding"):
        survey.fault("pdf.a1.font-encodings", "Encodage d'une police TrueType", at=at, received=said(named)[:60])


def _composite(font: Any, at: str, survey: Survey) -> None:
    import pikepdf

    cmap = font.get("/Encoding")
    if not isinstance(cmap, pikepdf.Stream) and cmap not in ("/Identity-H", "/Identity-V"):
        survey.fault("pdf.a1.composite-fonts", "La CMap de la police n'est pas incorporée", at=at, received=said(cmap))
    descendants = font.get("/DescendantFonts")
    for each in list(descendants) if isinstance(descendants, pikepdf.Array) else []:
        if not isinstance(each, pikepdf.Dictionary):
            continue
        mapping = each.get("/CIDToGIDMap")
        if each.get("/Subtype") == "/CIDFontType2" and mapping != "/Identity" and not isinstance(mapping, pikepdf.Stream):
            survey.fault("pdf.a1.composite-fonts", "CIDToGIDMap absent", at=at, received=said(mapping))
        _embedded(each, at, survey)


def _embedded(font: Any, at: str, survey: Survey) -> None:
    import pikepdf

    descriptor = font.get("/FontDescriptor")
    programs = [
        k for k in _PROGRAMS if isinstance(descriptor, pikepdf.Dictionary) and isinstance(descriptor.get(k), pikepdf.Stream)
    ]
    if not programs:
        survey.fault("pdf.a1.fonts-embedded", "Police non incorporée", at=at, received="ni FontFile, ni FontFile2, ni FontFile3")
        return
    if not _SUBSET.match(said(font.get("/BaseFont", ""))):
        return
    subtype = said(font.get("/Subtype"))
    wanted = {"/Type1": "/CharSet", "/MMType1": "/CharSet", "/CIDFontType0": "/CIDSet", "/CIDFontType2": "/CIDSet"}.get(subtype)
    if wanted and wanted not in descriptor:
        survey.fault("pdf.a1.font-subsets", f"Sous-ensemble de police sans {wanted[1:]}", at=at, received=f"{wanted[1:]} absent")
