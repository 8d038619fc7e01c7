"""PDFs written at test time: a sound PDF/A-1b (typst), its alterations (pikepdf), barcodes (zxing-cpp)."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from functools import cache

import pikepdf
import typst
import zxingcpp

LINES = (
    "Lettre de liaison de sortie",
    "Lettre de liaison à la sortie d'une structure sociale ou médico-sociale",
    "EHPAD Les Tilleuls",
    "Document du 20 novembre 2026, acte du 20/11/2026",
    "Auteur : Dr Paul TESTEUR",
    "Nom de naissance : ESSAI-DUPONT    Premier prénom : Anne",
    "Née le 15/05/1960    Sexe : F",
    "Matricule INS : 2 60 05 88 154 002 33 (NIR)",
)
TEMPLATE = """
#let c = json(bytes(sys.inputs.contenu))
#set document(title: c.titre, author: c.auteur, date: datetime(year: 2026, month: 11, day: 20))
#set page(paper: "a4", margin: 20mm)
#set text(lang: "fr")
#for ligne in c.lignes [#par(ligne)]
#link("https://example.org")[lien]
#for code in c.codes [#block(image(bytes(code), format: "svg", width: 22mm))]
"""


@cache
def pdf_a1(lines: tuple[str, ...] = LINES, codes: tuple[str, ...] = (), standard: str = "a-1b") -> bytes:
    """A PDF/A-1b of one page that says these lines and shows these SVG codes."""
    content = {"titre": lines[0] if lines else "Document", "auteur": "Paul TESTEUR", "lignes": lines, "codes": codes}
    made = typst.compile(
        TEMPLATE.encode(),
        format="pdf",
        sys_inputs={"contenu": json.dumps(content, ensure_ascii=False)},
        pdf_standards=standard,
        ignore_system_fonts=True,
        timestamp=1_795_168_000,
    )
    assert isinstance(made, bytes)
    return made


def scanned_pdf() -> bytes:
    """A page without text, as a scanner makes."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    return saved(pdf)


def altered(alter: Callable[[pikepdf.Pdf], None], data: bytes | None = None, **options: object) -> bytes:
    """A PDF changed through pikepdf."""
    pdf = pikepdf.open(io.BytesIO(pdf_a1() if data is None else data))
    alter(pdf)
    return saved(pdf, **options)


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    """The bytes of a PDF, objects in clear unless said otherwise."""
    out = io.BytesIO()
    pdf.save(out, **{"object_stream_mode": pikepdf.ObjectStreamMode.disable, "fix_metadata_version": False, **options})
    return out.getvalue()


def code_svg(payload: bytes | str, kind: str = "DataMatrix") -> str:
    """A datamatrix or QR code, as an SVG picture."""
    return _code(payload, kind).to_svg(scale=4).split("?>", 1)[-1].split('svg11.dtd">', 1)[-1].strip()


def code_png(payload: bytes | str, kind: str = "DataMatrix", *, format: str = "PNG", scale: int = 6) -> bytes:
    """The same as a picture file."""
    from PIL import Image

    image = _code(payload, kind).to_image(scale=scale)
    picture = (
        Image.fromarray(image) if hasattr(image, "__array_interface__") else Image.frombytes("L", image.shape[::-1], bytes(image))
    )
    framed = Image.new("L", (picture.width + 80, picture.height + 80), 255)
    framed.paste(picture, (40, 40))
    out = io.BytesIO()
    framed.save(out, format=format)
    return out.getvalue()


def _code(payload: bytes | str, kind: str) -> zxingcpp.Barcode:
    return zxingcpp.create_barcode(payload, getattr(zxingcpp.BarcodeFormat, kind))
