"""The PDF of a document says what its CDA says: one green, one red a rule."""

from __future__ import annotations

import base64
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.providers import provide
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.cda import CdaDocument
from dui_conformance.validation.document import Document
from dui_conformance.validation.pdf import PdfFile, has_pdf
from samples.papier import LINES, pdf_a1, scanned_pdf

DATA = Path(__file__).parent.parent / "data" / "cda"
AUTHOR = (
    "<assignedPerson><name><prefix>DR</prefix><given>Paul</given><family>TESTEUR</family></name></assignedPerson>"
    "<representedOrganization><name>EHPAD Les Tilleuls</name></representedOrganization></assignedAuthor>"
)
LEVEL_1 = (
    (DATA / "document_niveau_1.xml")
    .read_text(encoding="utf-8")
    .replace("</assignedAuthor>", AUTHOR)
    .replace('qualifier="BR">ESSAI<', 'qualifier="BR">ESSAI-DUPONT<')
)
DAY = date(2026, 11, 22)


def document(pdf: bytes, text: str = LEVEL_1) -> Document:
    return Document(re.sub('(B64">)[^<]*', rf"\g<1>{base64.b64encode(pdf).decode()}", text).encode(), "lettre.xml")


def left(*subjects: Any) -> dict[str, Verdict]:
    applications = run_profile(all_profiles()["CDA-PDF"], subjects, day=DAY)
    for application in applications:
        finding = application.finding
        assert finding is None or all((finding.message, finding.expected, finding.received, finding.at, finding.hint))
    return {a.check: a.verdict for a in applications if a.verdict is not Verdict.CONFORME}


def test_a_right_document_is_conforme() -> None:
    assert left(document(pdf_a1())) == {}


def test_a_pdf_beside_its_document_is_conforme() -> None:
    structured = Document(LEVEL_1.replace("application/pdf", "text/plain").encode(), "lettre.xml")
    assert left(structured, PdfFile(pdf_a1())) == {}


@pytest.mark.parametrize(
    ("line", "printed", "rule"),
    [
        (0, "Lettre", "cda.pdf.title"),
        (1, "Lettre de liaison", "cda.pdf.type"),
        (2, "EHPAD Les Acacias", "cda.pdf.organisation"),
        (3, "Document du 21 novembre 2026", "cda.pdf.document-date"),
        (3, "Document du 21 novembre 2026", "cda.pdf.act-date"),
        (4, "Auteur : Dr Paul AUTRE", "cda.pdf.author"),
        (4, "Auteur : Dr Jean TESTEUR", "cda.pdf.author"),
        (5, "Nom de naissance : AUTRE    Premier prénom : Anne", "cda.pdf.usager-name"),
        (5, "Nom de naissance : ESSAI-DUPONT    Premier prénom : Zoé", "cda.pdf.usager-name"),
        (6, "Née le 15/06/1960    Sexe : F", "cda.pdf.usager-birth-date"),
        (6, "Né le 15/05/1960    Sexe : M", "cda.pdf.usager-sex"),
        (7, "Matricule INS : 2 60 05 88 154 009 33 (NIR)", "cda.pdf.usager-matricule"),
    ],
)
def test_what_the_pdf_says_otherwise_is_found(line: int, printed: str, rule: str) -> None:
    found = left(document(pdf_a1((*LINES[:line], printed, *LINES[line + 1 :]))))
    assert found[rule] in (Verdict.NON_CONFORME, Verdict.AVERTISSEMENT)


@pytest.mark.parametrize(
    "lines",
    [
        (LINES[0].upper(), *LINES[1:]),
        (LINES[0].replace(" de ", "  de  "), *LINES[1:]),
        (*LINES[:3], "Le 20 NOV. 2026", *LINES[4:]),
        (*LINES[:5], "Nom de naissance : Essai - Dupont, prénom : ANNE", *LINES[6:]),
    ],
)
def test_case_spaces_and_dates_are_read_alike(lines: tuple[str, ...]) -> None:
    assert left(document(pdf_a1(lines))) == {}


def test_a_scanned_pdf_is_not_compared() -> None:
    found = left(document(scanned_pdf()))
    assert {found[r] for r in found if r.startswith("cda.pdf")} == {Verdict.NON_CONCLUANT}


def test_a_broken_pdf_has_one_finding() -> None:
    found = left(document(pdf_a1()[:9000]))
    assert found.pop("pdf.readable") is Verdict.NON_CONFORME
    assert set(found.values()) == {Verdict.SANS_OBJET}


def test_a_document_without_pdf_is_not_concluded() -> None:
    note = Document((DATA / "note_vaccination.xml").read_bytes())
    assert not has_pdf(provide(CdaDocument, note))
    assert left(note)["pdf.readable"] is Verdict.NON_CONCLUANT


def test_the_copy_of_a_structured_document_is_found() -> None:
    copy = (
        "<component><structuredBody><component><section>"
        '<templateId root="1.2.250.1.213.1.1.2.243"/><title>Copie du document</title>'
        "<text>Vaccination grippe saisonnière réalisée</text><entry><organizer><component><observationMedia>"
        f'<value mediaType="application/pdf" representation="B64">{base64.b64encode(pdf_a1()).decode()}</value>'
        "</observationMedia></component></organizer></entry></section></component></structuredBody></component>"
    )
    structured = Document(re.sub("<component><nonXMLBody>.*</nonXMLBody></component>", copy, LEVEL_1, flags=re.DOTALL).encode())
    assert has_pdf(provide(CdaDocument, structured))
    assert left(structured) == {"cda.pdf.narrative": Verdict.AVERTISSEMENT}


def test_a_narrative_that_the_pdf_repeats_is_conforme() -> None:
    pdf = pdf_a1((*LINES, "Vaccination grippe saisonnière réalisée"))
    text = "<section><text>Vaccination grippe saisonnière réalisée</text></section>"
    body = f"<structuredBody><component>{text}</component></structuredBody>"
    structured = Document(re.sub("<nonXMLBody>.*</nonXMLBody>", body, LEVEL_1, flags=re.DOTALL).encode())
    assert left(structured, PdfFile(pdf)) == {}


def test_base64_that_is_not_is_left_to_its_rule() -> None:
    wrong = Document(re.sub('(B64">)[^<]*', r"\g<1>@@@@", LEVEL_1).encode())
    assert left(wrong)["pdf.readable"] is Verdict.NON_CONCLUANT
