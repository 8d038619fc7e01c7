"""The QR code of a prescription: read as the user says, else its values looked for; formats are ours, for the tests only."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.errors import InputError
from dui_conformance.core.people import Professionnel, Structure, Usager
from dui_conformance.core.providers import provide
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.document import Document
from dui_conformance.validation.ordonnance_qr import ExpectedPrescription, LectureQr, QrError, load_lecture_qr
from samples.papier import code_png, code_svg, pdf_a1

DAY = date(2026, 11, 22)
USAGER = Usager("u1", "DUPONT-ESSAI", ("ANNE", "MARIE"), "F", "1960-05-15", "88154")
MEDECIN = Professionnel("m1", "TESTEUR", "Paul", "899700000001", "10", "Médecin")
STRUCTURE = Structure("s1", "EHPAD Fictif", "PA", "990000010", "990000028", "SA17")
EXPECTED = ExpectedPrescription.of(USAGER, MEDECIN, STRUCTURE, identifiant="2026-ABC-0001", numero_am="991234567")
FIELDS = {
    "identifiant": "2026-ABC-0001",
    "numero_am": "991234567",
    "finess": "990000028",
    "rpps": "99700000001",
    "nom": "Dupont-Essai",
    "prenom": "Anne",
    "naissance": "15/05/1960",
}
ORDER = LectureQr("separateur", separateur="|", ordre=tuple(FIELDS))


def text(**changed: str) -> str:
    return "|".join({**FIELDS, **changed}.values())


def printed(content: str) -> Document:
    return Document(pdf_a1(("Ordonnance",), (code_svg(content, "QRCode"),)), "ordonnance.pdf")


def left(*subjects: Any, lecture: LectureQr | None = None) -> dict[str, Verdict]:
    profile = all_profiles()["ORDONNANCE-QR-LU" if lecture else "ORDONNANCE-QR"]
    applications = run_profile(profile, subjects, context=(lecture,) if lecture else (), day=DAY)
    for application in applications:
        finding = application.finding
        assert finding is None or all((finding.message, finding.expected, finding.received, finding.at, finding.hint))
    return {a.check.removeprefix("ordonnance.qr."): a.verdict for a in applications if a.verdict is not Verdict.CONFORME}


def test_a_right_code_is_conforme_when_read() -> None:
    assert left(printed(text()), EXPECTED, lecture=ORDER) == {}


def test_a_right_code_is_conforme_when_only_looked_into() -> None:
    assert left(printed(text()), EXPECTED) == {}


@pytest.mark.parametrize("day", ["15/05/1960", "1960-05-15", "19600515", "15051960"])
def test_usual_dates_are_read(day: str) -> None:
    assert left(printed(text(naissance=day)), EXPECTED, lecture=ORDER) == {}
    assert left(printed(text(naissance=day)), EXPECTED) == {}


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"identifiant": "2026-ABC-0002"}, "prescription"),
        ({"rpps": "99700000002"}, "prescripteur"),
        ({"finess": "990000036"}, "prescripteur"),
        ({"numero_am": "991234568"}, "prescripteur"),
        ({"nom": "AUTRE"}, "patient"),
        ({"prenom": "ZOE"}, "patient"),
        ({"naissance": "16/05/1960"}, "patient"),
        ({"naissance": "?"}, "patient"),
        ({"rpps": ""}, "fields"),
        ({"finess": "", "numero_am": ""}, "fields"),
    ],
)
def test_a_field_that_is_wrong_is_found(changed: dict[str, str], rule: str) -> None:
    assert left(printed(text(**changed)), EXPECTED, lecture=ORDER)[rule] is Verdict.NON_CONFORME


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"identifiant": "autre"}, "contient-identifiant"),
        ({"rpps": "99700000002"}, "contient-prescripteur"),
        ({"nom": "AUTRE"}, "contient-patient"),
        ({"prenom": "ZOE"}, "contient-patient"),
        ({"naissance": "16/05/1960"}, "contient-patient"),
    ],
)
def test_a_value_not_seen_is_only_a_warning(changed: dict[str, str], rule: str) -> None:
    assert left(printed(text(**changed)), EXPECTED) == {rule: Verdict.AVERTISSEMENT}


def test_no_code_is_one_finding() -> None:
    found = left(Document(pdf_a1(("Ordonnance",)), "a.pdf"), EXPECTED)
    assert found.pop("present") is Verdict.NON_CONFORME
    assert set(found.values()) == {Verdict.SANS_OBJET}


def test_a_datamatrix_is_not_a_qr_code() -> None:
    assert left(Document(code_png(text()), "a.png"), EXPECTED)["present"] is Verdict.NON_CONFORME


def test_a_picture_is_read() -> None:
    assert left(Document(code_png(text(), "QRCode", format="JPEG"), "a.jpg"), EXPECTED, lecture=ORDER) == {}


def test_a_code_of_another_form_is_found() -> None:
    assert left(printed("https://exemple.fr/x"), EXPECTED, lecture=ORDER)["fields"] is Verdict.NON_CONFORME


def test_an_unknown_identifier_is_not_concluded() -> None:
    unknown = replace(EXPECTED, identifiant="")
    assert left(printed(text()), unknown, lecture=ORDER) == {"prescription": Verdict.NON_CONCLUANT}
    assert left(printed(text()), unknown) == {"contient-identifiant": Verdict.NON_CONCLUANT}


def test_the_expected_values_come_from_the_prescription() -> None:
    data = (Path(__file__).parent.parent / "data" / "cda" / "document_niveau_1.xml").read_bytes()
    expected = provide(ExpectedPrescription, Document(data))
    assert (expected.nom, expected.prenom, expected.naissance, expected.rpps) == ("ESSAI", "ANNE", "1960-05-15", "99700000001")


@pytest.mark.parametrize(
    ("written", "content"),
    [
        ('format = "separateur"\nseparateur = "|"\nordre = ["identifiant", "", "rpps"]', "A|x|1"),
        ('format = "regex"\nmotif = "^(?P<identifiant>[^;]+);(?P<rpps>[0-9]+)$"', "A;1"),
        (
            'format = "json"\n[chemins]\nidentifiant = "id"\nrpps = "medecins.0.rpps"',
            json.dumps({"id": "A", "medecins": [{"rpps": 1}]}),
        ),
    ],
)
def test_each_format_is_read(tmp_path: Path, written: str, content: str) -> None:
    (tmp_path / "ordonnance_qr.toml").write_text(written, encoding="utf-8")
    lecture = load_lecture_qr(tmp_path / "ordonnance_qr.toml")
    assert dict(lecture.fields(content)) == {"identifiant": "A", "rpps": "1"}
    with pytest.raises(QrError):
        lecture.fields("{")
    with pytest.raises(QrError):
        lecture.fields("x" * 9000)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("format = ", "illisible"),
        ('format = "regexp"', "regex"),
        ('forma = "regex"', "format"),
        ('format = "regex"\nmotif = "("', "motif incorrect"),
        ('format = "regex"\nmotif = "abc"', "aucun champ"),
        ('format = "separateur"\nordre = ["nom"]', "separateur"),
        ('format = "json"\n[chemins]\nprenoms = "a"', "prenom"),
    ],
)
def test_a_mistake_in_the_file_is_explained(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / "ordonnance_qr.toml").write_text(written, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        load_lecture_qr(tmp_path / "ordonnance_qr.toml")
