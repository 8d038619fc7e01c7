"""The badge: the colour of what a campaign concludes, the same thing in words, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from dui_conformance.cli.main import cli
from dui_conformance.core.clock import Clock
from dui_conformance.core.journal import Journal
from dui_conformance.core.verdict import Verdict
from dui_conformance.reports.badge import COLOURS, GREEN, GREY, LABEL, RED, write
from dui_conformance.reports.masking import Masker
from dui_conformance.reports.model import CampaignModel, load_campaign
from lxml import etree
from samples.report import OPENING, SCRIPT

V = Verdict
SVG = "{http://www.w3.org/2000/svg}"


def campaign(folder: Path, *verdicts: Verdict, ended: bool = True) -> CampaignModel:
    """A campaign whose scenarios have these verdicts."""
    journal = Journal.create(folder, Clock(), OPENING)
    rows = [{"id": f"m.s{n}", "titre": "Titre", "exigences": []} for n in range(len(verdicts))]
    journal.append("plan", joues=rows, laisses=[])
    for row, verdict in zip(rows, verdicts, strict=True):
        journal.append("scenario.debut", scenario=row["id"], tentative=1, titre="Titre")
        journal.append("scenario.fin", scenario=row["id"], tentative=1, verdict=verdict, raison="")
    if ended:
        journal.append("campagne.fin")
    journal.close()
    return load_campaign(folder)


def read(svg: bytes) -> tuple[str, str, str]:
    """Its colour, its message, its title."""
    root = etree.fromstring(svg)
    label, message = (str(each.text) for each in root.iter(f"{SVG}text"))
    assert label == LABEL
    return list(root.iter(f"{SVG}rect"))[1].get("fill", ""), message, str(root.findtext(f"{SVG}title"))


@pytest.mark.parametrize(
    ("verdicts", "deciding", "message"),
    [
        ([V.CONFORME], V.CONFORME, "1 conforme"),
        ([V.CONFORME] * 3 + [V.NON_TESTE] * 2, V.CONFORME, "3 conformes, 2 non testés"),
        ([V.CONFORME, V.AVERTISSEMENT], V.AVERTISSEMENT, "1 avertissement, 1 conforme"),
        ([V.CONFORME, V.A_EXAMINER, V.A_EXAMINER], V.A_EXAMINER, "2 à examiner, 1 conforme"),
        ([V.NON_CONCLUANT, V.NON_CONCLUANT], V.NON_CONCLUANT, "2 non concluants"),
        ([V.NON_CONFORME, V.NON_CONFORME, V.NON_CONCLUANT, V.CONFORME], V.NON_CONFORME, "2 non conformes, 1 conforme"),
        ([V.ERREUR, V.ERREUR, V.NON_CONFORME], V.ERREUR, "2 erreurs du harnais"),
        ([V.NON_TESTE], V.NON_TESTE, "1 non testé"),
        ([], V.NON_TESTE, "aucun scénario joué"),
    ],
)
def test_the_worst_decides_and_the_words_say_it(tmp_path: Path, verdicts: list[Verdict], deciding: Verdict, message: str) -> None:
    colour, said, title = read(write(campaign(tmp_path, *verdicts), Masker()))
    assert (colour, said) == (COLOURS[deciding], message)
    assert f" : {message}. Services simulés, sans valeur officielle." in title


def test_an_interrupted_campaign_is_not_green(tmp_path: Path) -> None:
    colour, message, _ = read(write(campaign(tmp_path, V.CONFORME, ended=False), Masker()))
    assert (colour, message) == (RED, "campagne interrompue")


def test_what_no_scenario_awaited_counts_too(model: CampaignModel, masker: Masker) -> None:
    conform = sum(s.verdict is V.NON_CONFORME for s in model.scenarios)
    stray = sum(j.verdict is V.NON_CONFORME for j in model.strays)
    assert stray
    worst = sum(s.verdict is V.ERREUR for s in model.scenarios)
    _, message, _ = read(write(model, masker))
    assert message.startswith(f"{worst} erreur" if worst else f"{conform + stray} non conformes")


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2)."""
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", sorted({*COLOURS.values(), "#3a4252"}))
def test_white_text_is_read_on_every_colour(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 4.5


def test_colours_tell_verdicts_apart() -> None:
    assert set(COLOURS) == set(Verdict)
    assert COLOURS[V.CONFORME] == GREEN
    assert [v for v in Verdict if COLOURS[v] == GREEN] == [V.CONFORME]
    assert COLOURS[V.NON_TESTE] == GREY


def test_it_is_one_image_that_a_reader_hears(tmp_path: Path) -> None:
    svg = write(campaign(tmp_path, V.CONFORME), Masker())
    root = etree.fromstring(svg)
    assert root.get("role") == "img"
    title = root.find(f"{SVG}title")
    assert title is not None
    assert root.get("aria-labelledby") == title.get("id")
    assert SCRIPT in str(title.text)
    assert b"<script" not in svg
    assert b"href" not in svg
    assert int(root.get("width", "0")) > 150


def test_the_command_writes_it(campagne: Path, tmp_path: Path) -> None:
    ended = CliRunner().invoke(cli, ["rapport", str(campagne), "--format", "badge", "--sortie", str(tmp_path / "badges")])
    assert ended.exit_code == 0, ended.output
    assert ended.output.splitlines()[0] == str(tmp_path / "badges" / "badge.svg")
    read((tmp_path / "badges" / "badge.svg").read_bytes())
