"""The draft PV: its text, its rules, its data file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pikepdf
import pypdfium2
import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.core.verdict import Verdict
from dui_conformance.reports.masking import Masker
from dui_conformance.reports.model import CampaignModel
from dui_conformance.reports.pv import render_pv
from dui_conformance.reports.pv_data import AutrePilote, PvData, load_pv_data
from dui_conformance.reports.pv_rules import Etat, controls, tranche_for

FULL = """
[document]
numero = "PV-1 *gras* #panic()"

[client]
raison_sociale = "Association fictive 日本 ✖"
finess_ej = "990000010"
representant = "Camille Essai"

[[esms]]
finess_eg = "990000028"
nom = "EHPAD fictif"
secteur = "PA"
mise_en_service = 2001-09-01

[solution]
profils = ["PA"]

[commande]
regime = "V2"
date_bdc = 2026-04-01
fenetre_debut = 2026-03-04
fenetre_fin = 2026-12-31
total_ht = 3333.33
reste_a_charge = "0"

[dates]
installation = 2026-05-01
formation = 2026-06-01
mom = 2026-07-01
signature = 2026-08-01

[[prestation]]
poste = "formation"
etat = "réalisé"
piece = "feuille d'émargement"

[indicateurs]
dmp_valeur = 12
mss_professionnel = 3
cas = 1
verification_possible = true

[pilote]
rang = 1
avis = "favorable"
"""


@pytest.fixture
def full(tmp_path: Path) -> Path:
    path = tmp_path / "pv.toml"
    path.write_text(FULL, encoding="utf-8")
    return path


@contextmanager
def opened(data: bytes | Path) -> Iterator[pypdfium2.PdfDocument]:
    pdf = pypdfium2.PdfDocument(data)
    try:
        yield pdf
    finally:
        pdf.close()


def pages(data: bytes | Path) -> list[str]:
    with opened(data) as pdf:
        return [" ".join(page.get_textpage().get_text_bounded().replace("\u200b", "").split()) for page in pdf]


def state(model: CampaignModel, data: PvData, rule: str) -> Etat:
    return next(c.etat for c in controls(model, data) if c.id == rule)


def test_each_applicable_exigence_has_its_line(campagne: Path, model: CampaignModel) -> None:
    text = " ".join(pages(campagne / "pv.pdf"))
    applicable = [e.id for e in model.exigences if e.verdict is not Verdict.SANS_OBJET]
    assert len(applicable) > 100
    assert [name for name in applicable if not re.search(rf"\b{re.escape(name)}\b", text)] == []


def test_watermark_and_warning_are_on_every_page(campagne: Path) -> None:
    for text in pages(campagne / "pv.pdf"):
        assert "brouillon – non signable" in text
        assert "ne vaut pas vérification en production" in text
        assert "le modèle de l'ASP fait foi" in text


def test_no_page_is_blank(campagne: Path) -> None:
    with opened(campagne / "pv.pdf") as pdf:
        for page in pdf:
            bitmap = page.render(scale=1, grayscale=True)
            body = bytes(bitmap.buffer)[60 * bitmap.stride : -60 * bitmap.stride]
            assert sum(value < 110 for value in body) > 500, "lettres foncées hors en-tête et pied, donc hors filigrane"


def test_file_declares_pdf_a_3b_and_carries_its_data(campagne: Path) -> None:
    data = (campagne / "pv.pdf").read_bytes()
    assert b"<pdfaid:part>3</pdfaid:part>" in data
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in data
    with pikepdf.open(campagne / "pv.pdf") as pdf:
        held = json.loads(pdf.attachments["pv.json"].get_file().read_bytes())
    assert held["conformite"]
    assert held["brouillon"]


def test_same_journal_and_data_give_the_same_bytes(model: CampaignModel, masker: Masker, full: Path) -> None:
    assert render_pv(model, masker, "va", full) == render_pv(model, masker, "va", full)


def test_without_data_fields_are_to_fill_in_and_signatures_empty(campagne: Path) -> None:
    text = " ".join(pages(campagne / "pv.pdf"))
    assert "FINESS EJ à compléter" in text
    assert "formation à compléter à compléter" in text
    signatures = text[text.index("Pour le client") :]
    assert re.match(r"Pour le client Nom : Qualité : Lieu : Date : Signature :", signatures)


def test_untested_is_never_printed_as_conforme(campagne: Path, model: CampaignModel) -> None:
    text = " ".join(pages(campagne / "pv.pdf"))
    table = text[text.index("Conformité, exigence par exigence") :]
    ids = [e.id for e in model.exigences if e.verdict is not Verdict.SANS_OBJET]
    starts = {name: re.search(rf"\b{re.escape(name)}\b", table).start() for name in ids}  # type: ignore[union-attr]
    ordered = sorted(starts, key=starts.__getitem__)
    for name, after in zip(ordered, [*ordered[1:], ""], strict=True):
        line = table[starts[name] : starts[after] if after else None]
        verdict = next(e.verdict for e in model.exigences if e.id == name)
        assert verdict.libelle in line
        if verdict is Verdict.NON_TESTE:
            assert not re.search(r"\bconforme\b", line), line


def test_what_was_seen_on_a_service_is_marked_simulateur(campagne: Path) -> None:
    text = " ".join(pages(campagne / "pv.pdf"))
    line = text[re.search(r"\bDMP-ALIM-04 SC", text).start() :]  # type: ignore[union-attr]
    assert "simulateur" in line[:120]


def test_data_is_printed_and_never_interpreted(model: CampaignModel, masker: Masker, full: Path) -> None:
    text = " ".join(pages(render_pv(model, masker, "pilote", full)))
    assert "PV-1 *gras* #panic()" in text
    assert "Association fictive" in text
    assert "990000028 EHPAD fictif" in text
    assert "01/09/2001" in text
    assert "3333,33" in text
    assert "feuille d'émargement" in text


def test_va_says_what_it_is(campagne: Path, tmp_path: Path, model: CampaignModel, masker: Masker) -> None:
    assert "Vérification d'aptitude (VA)" in pages(render_pv(model, masker, "va"))[0]
    with pytest.raises(InputError, match="pilote ou va"):
        render_pv(model, masker, "autre")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[client]\nfiness = 'x'", r"clé « client.finess » inconnue\. Vouliez-vous dire « finess_ej » \?"),
        ("[clients]\nfiness_ej = 'x'", r"clé « clients » inconnue\. Vouliez-vous dire « client » \?"),
        ("client = 'x'", r"une table \[client\] est attendue"),
        ("[indicateurs]\ncas = '1'", "un nombre entier est attendu"),
        ("[dates]\nmom = 'hier'", "une date AAAA-MM-JJ est attendu"),
        ("[commande]\ntotal_ht = 'beaucoup'", "un montant comme 3333.33"),
        ("esms = 'x'", "une liste est attendue"),
        ("[[esms]]\nfiness_eg = 12", "clé « esms.finess_eg » : un texte"),
        ("[client", "syntaxe TOML invalide"),
    ],
)
def test_wrong_data_file_is_refused_with_its_key(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "pv.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        load_pv_data(path)


def test_missing_data_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="introuvable"):
        load_pv_data(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("count", "v2", "v1_v2"),
    [
        (1, "3333.33", "3500.00"),
        (2, "4000.00", "4200.00"),
        (4, "8000.00", "8400.00"),
        (5, "8600.00", "9029.15"),
        (10, "17200.00", "18058.30"),
        (11, "16270.87", "17086.63"),
        (19, "28104.23", "29513.27"),
        (20, "25450.00", "26716.60"),
        (99, "125977.50", "132247.17"),
        (100, "109417.00", "114833.00"),
    ],
)
def test_price_list(count: int, v2: str, v1_v2: str) -> None:
    prices = tranche_for(count).prix
    assert (count * prices["V2"], count * prices["V1+V2"]) == (Decimal(v2), Decimal(v1_v2))


def test_controls_of_a_filled_pv(model: CampaignModel, full: Path) -> None:
    data = load_pv_data(full)
    found = {c.id: c.etat for c in controls(model, data)}
    assert list(found) == [f"PV-{n:02d}" for n in range(1, 12)]
    assert found["PV-01"] is Etat.A_COMPLETER, "le rattachement n'est pas vérifiable sans base FINESS"
    assert found["PV-06"] is Etat.REFUSE
    assert found["PV-08"] is Etat.A_COMPLETER
    assert found["PV-10"] is Etat.REFUSE, "les FINESS de cet exemple sont fictifs"
    assert {found[f"PV-{n:02d}"] for n in (2, 3, 4, 5, 7, 9, 11)} == {Etat.OK}


def test_nothing_is_held_without_data(model: CampaignModel) -> None:
    found = {c.id: c.etat for c in controls(model, PvData())}
    assert [name for name, etat in found.items() if etat is Etat.OK] == ["PV-11"]


def test_controls_refuse_what_contradicts_them(model: CampaignModel, full: Path) -> None:
    data = load_pv_data(full)
    product = model.opening["produit"]["nom"]
    wrong = {
        "PV-01": replace(data, client=replace(data.client, finess_ej="12345")),
        "PV-02": replace(data, solution=replace(data.solution, profils=("PHO",))),
        "PV-03": replace(data, indicateurs=replace(data.indicateurs, dmp_valeur=0)),
        "PV-04": replace(data, indicateurs=replace(data.indicateurs, motif_cas_2="messagerie non installée")),
        "PV-07": replace(data, dates=replace(data.dates, mom=date(2026, 4, 2))),
        "PV-08": replace(data, pilote=replace(data.pilote, autres=(AutrePilote("990000036", product, "9.0", "favorable"),))),
        "PV-09": replace(data, commande=replace(data.commande, total_ht=Decimal("3333.34"))),
    }
    assert {name: state(model, changed, name) for name, changed in wrong.items()} == dict.fromkeys(wrong, Etat.REFUSE)


def test_case_2_needs_its_reserve(model: CampaignModel, full: Path) -> None:
    data = load_pv_data(full)
    held = replace(data.indicateurs, cas=2, motif_cas_2="messagerie non installée", engagement_cas_2="corrections ultérieures")
    second = replace(data, indicateurs=held)
    assert state(model, second, "PV-04") is Etat.OK
    assert state(model, second, "PV-05") is Etat.A_COMPLETER


def test_each_line_leads_to_its_proof(campagne: Path, model: CampaignModel) -> None:
    with pikepdf.open(campagne / "pv.pdf") as pdf:
        links = {str(a.A.URI) for page in pdf.pages for a in page.get("/Annots", ()) if "/A" in a and "/URI" in a.A}
    applicable = [e.id for e in model.exigences if e.verdict is not Verdict.SANS_OBJET]
    assert {f"rapport.html#exigence-{name}" for name in applicable} == links
