"""Whatever bytes a PDF, a picture or a datamatrix is made of, rules give verdicts and views answer or say why not."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pikepdf
import pytest
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.providers import provide
from dui_conformance.validation.codes_barres import Barcodes, ImageFile
from dui_conformance.validation.ins.datamatrix import HEADER, read_datamatrix
from dui_conformance.validation.pdf import PdfFile, PdfText
from faults.graine import SEED
from samples.papier import altered, code_png, pdf_a1

DAY = date(2026, 11, 22)
SECONDS = 5.0
WORDS = (
    b"/Kids",
    b"/Count",
    b"/Length",
    b"/Filter",
    b"null",
    b"[]",
    b"<<>>",
    b"99999999999",
    b"-1",
    b"1 0 R",
    b"/N",
    b"(x)",
    b"\xff",
)
DATAMATRIX = f"{HEADER}S1260058815400233S21.2.250.1.213.1.4.10S3ANNE\x1dS4ESSAI\x1dS5FS615-05-1960".encode()


def judge_pdf(data: bytes) -> None:
    file = PdfFile(data)
    run_profile(all_profiles()["PDF-A1"], [file], day=DAY)
    for view in (PdfText, Barcodes):
        with suppress(Inconclusive):
            provide(view, file)


def judge_image(data: bytes) -> None:
    with suppress(Inconclusive):
        provide(Barcodes, ImageFile(data))


def judge_datamatrix(data: bytes) -> None:
    read = read_datamatrix(data)
    assert all(f.message and f.expected and f.received and f.hint for f in read.faults)


def clear() -> bytes:
    """The sound file with its streams in clear, so that edits reach what they say."""
    return altered(lambda pdf: None, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.generalized)


TARGETS: list[tuple[Callable[[bytes], None], Callable[[], bytes]]] = [
    (judge_pdf, pdf_a1),
    (judge_pdf, clear),
    (judge_image, lambda: code_png(DATAMATRIX)),
    (judge_image, lambda: code_png(DATAMATRIX, format="TIFF")),
    (judge_image, lambda: code_png(DATAMATRIX, format="JPEG")),
    (judge_datamatrix, lambda: DATAMATRIX),
]


def edited(data: bytes, draw: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 5, 20))):
        at = draw.randrange(len(changed) + 1)
        match draw.randrange(4):
            case 0:
                changed[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                del changed[at : at + draw.randint(1, 30)]
            case 2:
                word = draw.choice(WORDS)
                changed[at : at + len(word)] = word
            case _:
                near = changed.find(b"/", at)
                if near >= 0:
                    changed[near : near + 6] = draw.choice(WORDS)
    return bytes(changed)


@pytest.mark.parametrize(("judge", "make"), TARGETS, ids=["typst", "clair", "png", "tiff", "jpeg", "datamatrix"])
def test_any_bytes_are_judged(judge: Callable[[bytes], None], make: Callable[[], bytes]) -> None:
    draw = random.Random(SEED)
    data, stop, rank = make(), time.monotonic() + SECONDS, 0
    while time.monotonic() < stop:
        rank += 1
        given = edited(data, draw)
        started = time.monotonic()
        try:
            judge(given)
        except Exception as error:
            raise AssertionError(f"graine {SEED}, entrée {rank}") from error
        assert time.monotonic() - started < 10, f"graine {SEED}, entrée {rank}"
