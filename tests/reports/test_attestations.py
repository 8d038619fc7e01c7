"""What is attested, from the file to the reports: the line of an exigence, the PV, the exit code."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from dui_conformance.cli.attestations import read_attestations
from dui_conformance.cli.drivers import driver_maker
from dui_conformance.cli.house import House, Plan
from dui_conformance.cli.run import conclude
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.cli.terminal import Console
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Basis, Verdict
from dui_conformance.reports.attestations import attestations
from dui_conformance.reports.model import CampaignModel, load_campaign
from dui_conformance.reports.pv_data import PvData
from dui_conformance.reports.pv_rules import controls, draft_reasons

SIAO = tuple(f"SIAO-0{n}" for n in range(1, 6))
ON = ("ON-02", "ON-06", "ON-07", "ON-08", "PSC-08")


def played(folder: Path, secteur: str, wanted: tuple[str, ...], answers: Mapping[str, str]) -> CampaignModel:
    """A campaign of the scenarios of these exigences; ``answers``: exigence → verdict attested, with its piece."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "piece.pdf").write_bytes(b"%PDF-1.7 essai")
    rows = (
        f'[[attestation]]\nexigence = "{name}"\nverdict = "{said}"\n'
        'par = "Mme Essai"\ndate = 2026-01-05\npieces = ["piece.pdf"]\n'
        for name, said in answers.items()
    )
    (folder / "attestations.toml").write_text("\n".join(rows), encoding="utf-8")
    given = read_attestations(folder / "attestations.toml")
    settings = Settings(secteurs=(secteur,))
    plan = Plan(settings, folder / "campagne", folder, "temoin", attest=given.of)
    chosen = [s for s in all_scenarios().values() if set(s.exigences) & set(wanted) and s.module.startswith("attestations_")]
    with House(plan, driver_maker(lambda: pytest.fail("rien n'est à demander"))) as house:
        rows_of_plan = [{"id": s.id, "titre": s.title, "exigences": list(s.exigences)} for s in chosen]
        house.journal.append("plan", joues=rows_of_plan, laisses=[])
        for scenario in chosen:
            house.play(scenario)
        house.journal.append("campagne.fin")
    return load_campaign(plan.folder)


@pytest.fixture(scope="module", params=[("AHI", SIAO), ("PA", ON)], ids=["AHI", "PA"])
def campaigns(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[CampaignModel, ...]:
    """The same campaign with nothing attested, with all attested but one, and with all attested."""
    secteur, wanted = request.param
    folder = tmp_path_factory.mktemp(secteur)
    every = dict.fromkeys(wanted, "conforme")
    all_but_one = {name: said for name, said in every.items() if name != wanted[-1]}
    return tuple(
        played(folder / name, secteur, wanted, answers)
        for name, answers in (("rien", {}), ("sauf-un", all_but_one), ("tout", every))
    )


def lines(model: CampaignModel) -> dict[str, Verdict]:
    return {e.id: e.verdict for e in model.exigences if e.id in (*SIAO, *ON) and e.verdict is not Verdict.SANS_OBJET}


def missing(model: CampaignModel) -> str:
    """What the rule of exigences says is to be attested."""
    [rule] = [c for c in controls(model, PvData()) if c.id == "PV-06"]
    assert "PV-06 à compléter" in draft_reasons(model, [rule])
    return rule.detail.partition(" ; à attester : ")[2]


def test_a_service_that_is_not_simulated_is_never_out_of_scope(campaigns: tuple[CampaignModel, ...]) -> None:
    nothing, _, everything = campaigns
    assert set(lines(nothing).values()) == {Verdict.NON_TESTE}
    assert all(e.raison.startswith("service non simulé : ") for e in nothing.exigences if e.id in lines(nothing))
    assert set(lines(everything).values()) == {Verdict.CONFORME}
    attested = [e for e in everything.exigences if e.id in lines(everything)]
    assert all(set(e.parties) == {Basis.ATTESTE} and "attestation" in e.raison for e in attested)


def test_the_pv_stays_a_draft_until_each_is_attested_and_says_which(campaigns: tuple[CampaignModel, ...]) -> None:
    nothing, all_but_one, everything = campaigns
    wanted = list(lines(nothing))
    assert missing(nothing).split(", ") == wanted
    assert missing(all_but_one) in wanted
    assert missing(everything) == ""


def test_the_report_says_who_attested_and_when(campaigns: tuple[CampaignModel, ...]) -> None:
    nothing, _, everything = campaigns
    assert {(a.par, a.date, a.manque) for a in attestations(everything)} == {("Mme Essai", "2026-01-05", "")}
    assert all(a.pieces and a.formulaire is not None for a in attestations(everything))
    assert {a.verdict for a in attestations(nothing)} == {Verdict.NON_TESTE}
    assert all(a.constat and a.formulaire is not None and a.formulaire.atteste for a in attestations(nothing))


def test_what_is_attested_non_conforme_refuses_the_pv_and_keeps_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = played(tmp_path, "AHI", ("SIAO-01", "SSI-04"), {"SIAO-01": "non conforme", "SSI-04": "conforme"})
    verdicts = {s.id: s.verdict for s in model.scenarios}
    assert verdicts["attestations_siao.foyers_reconnus"] is Verdict.NON_CONFORME
    [rule] = [c for c in controls(model, PvData()) if c.id == "PV-06"]
    assert rule.detail == "non conforme : SIAO-01"
    assert conclude(model.folder, Console()) == 0
    assert "Attesté non conforme" in capsys.readouterr().out
    page = (model.folder / "rapport.html").read_text(encoding="utf-8")
    assert "Mme Essai, le 05/01/2026" in page.replace("\u00a0", " ").replace("\u202f", " ")
