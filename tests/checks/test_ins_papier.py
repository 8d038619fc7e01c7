"""INS on paper: datamatrix written at test time in PDFs and pictures, traits in the text, hostile pictures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from dui_conformance.checks import ins_papier
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.check import Application, apply
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.people import Usager
from dui_conformance.core.providers import provide
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.codes_barres import Barcodes, ImageFile
from dui_conformance.validation.document import Document
from dui_conformance.validation.ins.datamatrix import HEADER, InsDatamatrix, read_datamatrix
from dui_conformance.validation.pdf import PdfText
from samples.papier import LINES, code_png, code_svg, pdf_a1, scanned_pdf
from samples.refus import refused

DAY = date(2026, 11, 22)
GS = "\x1d"
USAGER = Usager(
    id="u1",
    nom_naissance="ESSAI-DUPONT",
    prenoms=("ANNE", "MARIE"),
    sexe="F",
    date_naissance="1960-05-15",
    lieu_naissance="88154",
    matricule="2600588154002",
    cle="33",
    oid="1.2.250.1.213.1.4.8",
)
BLOCKS = {
    "S1": "260058815400233",
    "S2": "1.2.250.1.213.1.4.8" + GS,
    "S3": "ANNE MARIE" + GS,
    "S4": "ESSAI-DUPONT" + GS,
    "S5": "F",
    "S6": "15-05-1960",
    "S7": "88154",
}
PRINTED = (*LINES, "INS à scanner")


def payload(header: str = HEADER, order: Sequence[str] = tuple(BLOCKS), **changed: str) -> bytes:
    blocks = {**BLOCKS, **changed}
    text = header + "".join(name + blocks[name] for name in order if blocks[name])
    return text.removesuffix(GS).encode()


def paper(lines: tuple[str, ...] = PRINTED, content: bytes | None = None) -> Document:
    return Document(pdf_a1(lines, (code_svg(payload() if content is None else content),)), "ordonnance.pdf")


def judged(*subjects: Any, profile: str = "INS-PAPIER") -> list[Application]:
    return run_profile(all_profiles()[profile], subjects, day=DAY)


def left(applications: list[Application]) -> dict[str, Verdict]:
    return {a.check.removeprefix("ins.papier."): a.verdict for a in applications if a.verdict is not Verdict.CONFORME}


def test_a_right_document_is_conforme() -> None:
    assert left(judged(paper(), USAGER)) == {}


def test_the_order_of_the_subjects_does_not_matter() -> None:
    assert left(judged(USAGER, paper())) == {}


@pytest.mark.parametrize(
    ("line", "printed", "rule"),
    [
        (5, "Nom de naissance : ESSAIS    Premier prénom : Anne", "nom"),
        (5, "Nom de naissance : ESSAI-DUPONT    Premier prénom : Annette", "prenom"),
        (6, "Née le 16/05/1960    Sexe : F", "date"),
        (6, "Née le 15/05/1960    Sexe : M", "sexe"),
        (6, "Née le 15/05/1960", "sexe"),
        (7, "Matricule INS : 2 60 05 88 154 003 33 (NIR)", "matricule"),
        (7, "Matricule INS : 2 60 05 88 154 002 33 (NIA)", "nature"),
        (7, "Matricule INS : 2 60 05 88 154 002 33", "nature"),
    ],
)
def test_a_trait_printed_wrong_is_found(line: int, printed: str, rule: str) -> None:
    lines = (*PRINTED[:line], printed, *PRINTED[line + 1 :])
    assert left(judged(paper(lines), USAGER))[rule] is Verdict.NON_CONFORME


@pytest.mark.parametrize(
    "printed",
    [
        "Née le 15 mai 1960, de sexe féminin. Sexe de naissance : F",
        "Naissance : 1960-05-15 ; sexe : Féminin",
        "Née le 15.05.1960 — femme",
    ],
)
def test_usual_writings_are_read(printed: str) -> None:
    assert left(judged(paper((*PRINTED[:6], printed, *PRINTED[7:])), USAGER)) == {}


def test_the_mention_and_the_text_that_disagree_are_warned_about() -> None:
    other = replace(USAGER, nom_naissance="AUTRE")
    found = left(judged(paper(PRINTED[:-1], payload(S4="AUTRE" + GS)), other))
    assert found["mention"] is Verdict.AVERTISSEMENT
    assert found["text-says-the-datamatrix"] is Verdict.AVERTISSEMENT


def test_a_document_without_datamatrix_has_one_finding_about_it() -> None:
    found = left(judged(Document(pdf_a1(PRINTED), "a.pdf"), USAGER))
    assert found.pop("datamatrix-present") is Verdict.NON_CONFORME
    assert set(found.values()) == {Verdict.SANS_OBJET}


def test_a_scanned_document_is_read_by_its_datamatrix_only() -> None:
    found = left(judged(Document(scanned_pdf(), "a.pdf"), USAGER))
    assert found["nom"] is Verdict.NON_CONCLUANT
    assert found["datamatrix-present"] is Verdict.NON_CONFORME


def test_an_identity_without_ins_is_not_compared() -> None:
    application = apply(ins_papier.matricule_is_printed, [paper(), replace(USAGER, matricule="", cle="", oid="")])
    assert application.verdict is Verdict.NON_CONCLUANT


@pytest.mark.parametrize(
    ("block", "value"),
    [
        ("S1", "260058815400333"),
        ("S2", "1.2.250.1.213.1.4.9" + GS),
        ("S3", "ANNE" + GS),
        ("S4", "ESSAI" + GS),
        ("S5", "M"),
        ("S6", "16-05-1960"),
        ("S7", "88155"),
    ],
)
def test_a_datamatrix_of_someone_else_is_found(block: str, value: str) -> None:
    content = payload(**{block: value})
    assert left(judged(paper(content=content), USAGER))["datamatrix-identity"] is Verdict.NON_CONFORME


@pytest.mark.parametrize(
    "order",
    [
        ("S1", "S2", "S3", "S5", "S6", "S7", "S4"),
        ("S7", "S6", "S5", "S4", "S3", "S2", "S1"),
        ("S1", "S2", "S3", "S4", "S5", "S6"),
    ],
)
def test_blocks_come_in_any_order(order: Sequence[str]) -> None:
    read = read_datamatrix(payload(order=order))
    assert read.faults == ()
    assert read.value("S4") == "ESSAI-DUPONT"
    assert read.date == "1960-05-15"


def test_a_full_block_has_no_separator() -> None:
    long = "A" * 100
    read = read_datamatrix(payload(S2="1.2.250.1.213.1.4.10", S4=long))
    assert read.faults == ()
    assert (read.value("S2"), read.value("S4")) == ("1.2.250.1.213.1.4.10", long)


@pytest.mark.parametrize(
    "content",
    [
        payload(header="IS02" + "0" * 22),
        payload(header="IS01"),
        payload(S1="26005881540023"),
        payload(S2="1.2.250.1.213.1.4.7" + GS),
        payload(S3="ANNE,MARIE" + GS),
        payload(S3="Anne" + GS),
        payload(S4="ESSAI-DUPONT"),
        payload(S3="ANNE MARIE"),
        payload(S5="1"),
        payload(S6="1960-05-15"),
        payload(S7="8815X"),
        payload(S1=BLOCKS["S1"] + GS),
        payload(S2="1.2.250.1.213.1.4.10" + GS),
        payload(order=("S1", "S2", "S3", "S4", "S5")),
        payload(order=("S1", "S1", "S2", "S3", "S4", "S5", "S6")),
        payload() + b"S912",
        payload()[:60],
        b"IS01",
        b"IS",
    ],
)
def test_a_badly_written_datamatrix_is_found(content: bytes) -> None:
    refused(ins_papier.datamatrix_is_well_written, read_datamatrix(content))


def test_a_forgotten_separator_is_named_and_the_rest_read() -> None:
    read = read_datamatrix(payload(S3="ANNE MARIE"))
    assert [f.message for f in read.faults] == ["Séparateur absent après S3"]
    assert read.value("S4") == "ESSAI-DUPONT"


def test_any_bytes_are_read() -> None:
    for content in (bytes(range(256)), b"IS01" + b"\xff" * 4000, HEADER.encode() + b"S3" * 2000, HEADER.encode() + b"S" * 9):
        assert read_datamatrix(content).faults


def test_a_wrong_key_is_a_warning() -> None:
    found = left(judged(paper(content=payload(S1="260058815400234")), replace(USAGER, cle="34")))
    assert found["datamatrix-key"] is Verdict.AVERTISSEMENT


@pytest.mark.parametrize("format", ["PNG", "JPEG", "TIFF"])
def test_a_picture_is_read(format: str) -> None:
    image = Document(code_png(payload(), format=format), "photo")
    assert left(judged(image, profile="INS-DATAMATRIX")) == {}
    assert provide(InsDatamatrix, image).value("S1") == BLOCKS["S1"]


def test_a_picture_without_datamatrix_is_non_conforme() -> None:
    assert (
        left(judged(Document(code_png("bonjour", "QRCode"), "p.png"), profile="INS-DATAMATRIX"))["datamatrix-present"]
        is Verdict.NON_CONFORME
    )


def test_a_giant_picture_is_not_read() -> None:
    from PIL import Image

    out = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, format="PNG")
    with pytest.raises(Inconclusive, match="millions de pixels"):
        provide(Barcodes, ImageFile(out.getvalue()))


@pytest.mark.parametrize("cut", [9, 60, 300])
def test_a_cut_picture_is_not_read(cut: int) -> None:
    with pytest.raises(Inconclusive, match="illisible"):
        provide(Barcodes, ImageFile(code_png(payload())[:cut]))


def test_a_scan_has_no_text() -> None:
    with pytest.raises(Inconclusive, match="pas de texte"):
        provide(PdfText, Document(scanned_pdf()))
