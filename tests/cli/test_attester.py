"""Attestations given after the end: judged with what was recorded, written after the seal, and nothing else changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from dui_conformance.cli.avenant import late, write
from dui_conformance.cli.drivers import driver_maker
from dui_conformance.cli.house import House, Plan
from dui_conformance.cli.main import cli
from dui_conformance.cli.rejuger import changes, rejudge
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.core.errors import InputError
from dui_conformance.core.formulaire import Attestation, Question
from dui_conformance.core.gestures import Piece
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict
from dui_conformance.reports.attestations import attestations
from dui_conformance.reports.model import CampaignModel, load_campaign
from dui_conformance.reports.sceau.scelle import sha256_of
from dui_conformance.reports.sceau.verification import verify

MIXED, ALONE = "dmp_constats.envoi_en_tache_de_fond", "attestations_siao.foyers_reconnus"


def answer(question: Question, verdict: Verdict = Verdict.CONFORME) -> Attestation:
    named = f"ecran{(question.formulaire.formats or ('.png',))[0]}"
    return Attestation(verdict, "vu à l'écran", "Camille Exemple", "2026-11-02", (Piece(named, b"octets"),))


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("projet")
    with House(Plan(Settings(), project / "campagne", project, "temoin"), driver_maker(lambda: None)) as house:  # type: ignore[arg-type, return-value]
        known = all_scenarios()
        rows = [{"id": n, "titre": known[n].title, "exigences": list(known[n].exigences)} for n in (MIXED, ALONE)]
        house.journal.append("plan", joues=rows, laisses=[])
        for name in (MIXED, ALONE):
            house.play(known[name])
        house.journal.append("campagne.fin")
    return project / "campagne"


@pytest.fixture
def campaign(sealed: Path, tmp_path: Path) -> Path:
    """A copy of it: the journal is small, its blobs are linked."""
    folder = tmp_path / "campagne"
    (folder / "blobs").mkdir(parents=True)
    for name in ("journal.jsonl", "sel"):
        (folder / name).write_bytes((sealed / name).read_bytes())
    for blob in (sealed / "blobs").iterdir():
        os.link(blob, folder / "blobs" / blob.name)
    return folder


def verdicts(model: CampaignModel) -> dict[str, Verdict]:
    return {s.id: s.verdict for s in model.scenarios}


def test_a_late_attestation_replaces_what_was_open(campaign: Path) -> None:
    before = load_campaign(campaign)
    assert verdicts(before) == {MIXED: Verdict.CONFORME, ALONE: Verdict.NON_TESTE}
    avenants = late(campaign, answer)
    assert {a.scenario for a in avenants} == {MIXED, ALONE}
    write(campaign, avenants, "ab" * 32)
    after = load_campaign(campaign)
    assert verdicts(after) == {MIXED: Verdict.CONFORME, ALONE: Verdict.CONFORME}
    assert {(a.verdict, a.par) for a in attestations(after)} == {(Verdict.CONFORME, "Camille Exemple")}
    assert {piece.nom for a in attestations(after) for piece in a.pieces} == {"ecran.png"}
    former, latter = ({s.id: len(s.controles) for s in model.scenarios} for model in (before, after))
    assert former == latter
    assert [e.data["scelle"] for e in after.archive.of_type("avenant")] == ["ab" * 32] * 2


def test_what_a_person_refuses_is_said(campaign: Path) -> None:
    write(campaign, late(campaign, lambda question: answer(question, Verdict.NON_CONFORME)), "")
    model = load_campaign(campaign)
    assert verdicts(model) == {MIXED: Verdict.CONFORME, ALONE: Verdict.NON_CONFORME}
    assert {e.id: e.verdict for e in model.exigences}["DMP-ALIM-07"] is Verdict.NON_CONFORME


def test_judging_again_finds_the_addition(campaign: Path) -> None:
    write(campaign, late(campaign, answer), "")
    assert changes(campaign, rejudge(campaign)) == []


def test_an_addition_cut_before_its_end_counts_for_nothing(campaign: Path) -> None:
    before = verdicts(load_campaign(campaign))
    write(campaign, late(campaign, answer), "")
    path = campaign / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    begun = [i for i, line in enumerate(lines) if b'"type":"avenant"' in line]
    path.write_bytes(b"".join(lines[: begun[0] + 2]))
    assert verdicts(load_campaign(campaign)) == before
    write(campaign, late(campaign, answer), "")
    assert verdicts(load_campaign(campaign)) == {MIXED: Verdict.CONFORME, ALONE: Verdict.CONFORME}


def test_nothing_is_asked_twice(campaign: Path) -> None:
    write(campaign, late(campaign, answer), "")
    assert late(campaign, answer) == []


def test_an_incomplete_attestation_says_what_it_lacks(campaign: Path) -> None:
    avenants = late(campaign, lambda question: Attestation(Verdict.CONFORME, "vu", "", "2026-11-02"))
    write(campaign, avenants, "")
    model = load_campaign(campaign)
    assert {a.manque for a in attestations(model)} == {"l'attestation ne dit pas qui atteste"}
    assert verdicts(model)[ALONE] is Verdict.A_EXAMINER


def test_a_campaign_under_way_is_refused(campaign: Path) -> None:
    path = campaign / "journal.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    with pytest.raises(InputError, match="inachevée"):
        late(campaign, answer)


ANSWER = """[[attestation]]
exigence = "SIAO-01"
verdict = "conforme"
par = "Camille Exemple"
date = 2026-11-02
pieces = ["ecran.png"]
"""


def test_the_command_seals_after_the_former_seal(campaign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(campaign.parent)
    (campaign.parent / "attestations.toml").write_text(ANSWER, encoding="utf-8")
    (campaign.parent / "ecran.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    run = CliRunner().invoke
    assert run(cli, ["sceller", "campagne"]).exit_code == 0
    former = sha256_of(campaign / "preuves.zip")
    said = run(cli, ["attester", "campagne"])
    assert said.exit_code == 0, said.output
    assert "SIAO-01 : conforme, attesté par Camille Exemple" in said.output
    found = verify(campaign / "preuves.zip")
    assert found.intact, found.problems
    assert found.manifest["precedent"] == former
    assert [e.data["scelle"] for e in load_campaign(campaign).archive.of_type("avenant")] == [former]
    assert "Camille Exemple" in (campaign / "rapport.html").read_text(encoding="utf-8")
    again = run(cli, ["attester", "campagne"])
    assert again.exit_code == 0
    assert "Rien à ajouter" in again.output
