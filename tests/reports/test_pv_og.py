"""The path of an OG: FINESS base, certificate, points to go through, questions, signature."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.reports.model import CampaignModel
from dui_conformance.reports.pv_certificat import load_certificate
from dui_conformance.reports.pv_data import PvData, load_pv_data
from dui_conformance.reports.pv_finess import load_finess
from dui_conformance.reports.pv_og import EtatOg, Pieces, points, walk
from dui_conformance.reports.pv_questions import Interview, toml_of
from dui_conformance.reports.pv_rules import Etat, controls, draft_reasons
from dui_conformance.reports.pv_signature import signed, with_fields
from samples.og import EG, EJ, PV, certificate, finess

TODAY = date(2026, 11, 22)


@pytest.fixture
def data(tmp_path: Path) -> PvData:
    path = tmp_path / "pv.toml"
    path.write_text(PV, encoding="utf-8")
    return load_pv_data(path)


@pytest.mark.parametrize("public", [True, False])
def test_an_establishment_is_found_in_either_layout(tmp_path: Path, *, public: bool) -> None:
    base = load_finess(finess(tmp_path, public=public))
    assert base.par_eg[EG].ej == EJ
    assert base.par_eg[EG].categorie == "500"
    assert base.refusal(EJ, [EG]) == ""


def test_what_the_base_denies_is_said(tmp_path: Path) -> None:
    base = load_finess(finess(tmp_path, ej="000000034"))
    assert "rattaché à l'EJ 000000034" in base.refusal(EJ, [EG])
    assert "absent de finess.csv" in base.refusal(EJ, ["000000042"])
    excluded = replace(base, par_eg={EG: replace(base.par_eg[EG], ej=EJ, categorie="247")})
    assert "exclue du programme" in excluded.refusal(EJ, [EG])


def test_a_file_without_establishment_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a;b\n1;2\n", encoding="utf-8")
    with pytest.raises(InputError, match="aucun établissement"):
        load_finess(path)


def test_pv_01_holds_with_the_base_only(model: CampaignModel, data: PvData, tmp_path: Path) -> None:
    def state(base: object) -> Etat:
        return next(c.etat for c in controls(model, data, base) if c.id == "PV-01")  # type: ignore[arg-type]

    assert state(None) is Etat.A_COMPLETER
    assert state(load_finess(finess(tmp_path))) is Etat.OK
    assert state(load_finess(finess(tmp_path, ej="000000034"))) is Etat.REFUSE


@pytest.mark.parametrize(
    ("number", "more", "held", "words"),
    [
        (EJ, {}, True, f"EJ {EJ}"),
        (EG, {}, False, "certificat d'un établissement"),
        ("000000034", {}, False, "autre structure"),
        ("", {}, False, "aucun FINESS"),
        (EJ, {"issuer": "AUTRE"}, False, "n'est pas l'IGC-Santé"),
        (EJ, {"days": -1}, False, "expiré"),
        (EJ, {"days": 10}, False, "avant la fin de la prestation"),
    ],
)
def test_og_05_reads_the_certificate(tmp_path: Path, number: str, more: dict[str, object], *, held: bool, words: str) -> None:
    path, _ = certificate(tmp_path, number, **more)  # type: ignore[arg-type]
    found = load_certificate(path)
    until = date.today().replace(year=date.today().year + 1) if "days" in more else TODAY
    assert found.said(EJ, (EG,), until, date.today())[0] is held
    assert words in found.said(EJ, (EG,), until, date.today())[1]


def test_what_is_no_certificate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.pem"
    path.write_text("bonjour")
    with pytest.raises(InputError, match="certificat illisible"):
        load_certificate(path)


def test_each_point_is_read_declared_or_left_to_do(data: PvData, tmp_path: Path) -> None:
    pieces = Pieces(load_certificate(certificate(tmp_path)[0]), load_finess(finess(tmp_path)))
    found = {step.point.id: step for step in walk(data, pieces, ("PA",), TODAY)}
    assert list(found) == [f"OG-{n:02d}" for n in range(1, 18)]
    assert {name for name, step in found.items() if step.etat is EtatOg.FAIT} == {
        *("OG-01", "OG-02", "OG-05", "OG-07", "OG-12", "OG-13")
    }
    assert found["OG-08"].etat is EtatOg.RESERVE
    assert found["OG-10"].etat is EtatOg.SANS_OBJET
    assert found["OG-14"].etat is EtatOg.A_FAIRE


def test_a_point_of_another_sector_comes_with_it(data: PvData) -> None:
    found = {step.point.id: step for step in walk(data, Pieces(), ("PHO",), TODAY)}
    assert found["OG-10"].etat is EtatOg.A_FAIRE
    assert found["OG-05"].etat is EtatOg.A_FAIRE


def test_points_are_those_of_the_programme() -> None:
    assert [point.id for point in points()] == [f"OG-{n:02d}" for n in range(1, 18)]


def test_a_document_is_a_draft_for_each_rule_that_is_not_met(model: CampaignModel, data: PvData) -> None:
    reasons = draft_reasons(model, controls(model, data))
    assert "PV-01 à compléter" in reasons
    assert "PV-06 refusée" in reasons
    assert not any(reason.startswith("PV-10") for reason in reasons)


class Answers:
    """Answers by the words of the question; nothing for the others."""

    def __init__(self, **answers: list[str]) -> None:
        self.left: dict[str, Iterator[str]] = {words.replace("_", " "): iter(given) for words, given in answers.items()}
        self.said: list[str] = []

    def ask(self, question: str) -> str:
        for words, given in self.left.items():
            if question.startswith(words):
                return next(given, "")
        return ""


def test_the_questions_write_a_file_that_is_read_back(tmp_path: Path) -> None:
    answers = Answers(
        **{
            "raison sociale": ["Association « d'essai »"],
            "FINESS EJ": [EJ],
            "ajouter un établissement": ["oui", "non"],
            "FINESS EG": [EG],
            "date du bon de commande": ["hier", "2026-04-01"],
            "total ht": ["3333,33"],
            "MSSanté": ["deux", "2"],
            "OG-02": ["peut-être", "fait"],
            "profils": ["PA, PHO"],
        }
    )
    made = toml_of(Interview(answers.ask, answers.said.append).all())
    path = tmp_path / "pv.toml"
    path.write_text(made, encoding="utf-8")
    data = load_pv_data(path)
    assert data.client.raison_sociale == "Association « d'essai »"
    assert [row.finess_eg for row in data.esms] == [EG]
    assert data.commande.date_bdc == date(2026, 4, 1)
    assert str(data.commande.total_ht) == "3333.33"
    assert data.indicateurs.cas == 2
    assert data.solution.profils == ("PA", "PHO")
    assert [(each.id, each.etat) for each in data.og] == [("OG-02", "fait")]
    assert any("AAAA-MM-JJ" in line for line in answers.said)
    assert any("nombre entier" in line for line in answers.said)
    assert any("répondez" in line for line in answers.said)


def blank() -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    stream = io.BytesIO()
    pdf.save(stream)
    return stream.getvalue()


def test_each_party_has_its_field_and_signs_in_it(tmp_path: Path) -> None:
    pytest.importorskip("pyhanko", reason="extra « signature » absent")
    path, key = certificate(tmp_path)
    once = signed(with_fields(blank()), "fournisseur", key, path)
    twice = signed(once, "client", key, path)
    assert len(re.findall(rb"/ETSI\.CAdES\.detached", twice)) == 2
    assert twice.startswith(once)
    with pytest.raises(InputError, match="n'a pas pu être signé"):
        signed(twice, "client", key, path)


def test_an_unreadable_key_is_said(tmp_path: Path) -> None:
    pytest.importorskip("pyhanko", reason="extra « signature » absent")
    path, _ = certificate(tmp_path)
    with pytest.raises(InputError, match="illisible"):
        signed(with_fields(blank()), "client", path, path)
