"""One campaign written by hand, and its reports, for every test of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from dui_conformance.catalogue import load
from dui_conformance.reports.build import build
from dui_conformance.reports.masking import Masker
from dui_conformance.reports.model import CampaignModel, load_campaign
from dui_conformance.reports.rem.croisement import Choix, cross
from dui_conformance.reports.rem.enregistrement import RemCroise
from dui_conformance.validation.rem.classeur import read_rem
from samples.rem import SPOKEN, narrow
from samples.report import write_campaign


@pytest.fixture(scope="session")
def campagne(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign folder with every verdict, and its reports."""
    folder = write_campaign(tmp_path_factory.mktemp("rapports") / "campagne")
    build(folder)
    return folder


@pytest.fixture(scope="session")
def avec_rem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same campaign, its journal holding a REM with a match confirmed by a person, and its reports."""
    rem = read_rem("REM-DUI.xlsx", narrow(SPOKEN))
    choix = Choix().with_choice("DMP/DEP.07", "DMP-ALIM-17", yes=True)
    held = RemCroise.of(rem, choix, cross(rem, load(), ("DMP-ALIM-04", "DMP-ALIM-17", "PSC-01"), choix))
    folder = write_campaign(tmp_path_factory.mktemp("rapports") / "avec-rem", held)
    build(folder)
    return folder


@pytest.fixture(scope="session")
def model(campagne: Path) -> CampaignModel:
    return load_campaign(campagne)


@pytest.fixture(scope="session")
def masker(model: CampaignModel) -> Masker:
    return Masker.of(model.archive)


@pytest.fixture(scope="session")
def page(campagne: Path) -> str:
    return (campagne / "rapport.html").read_text(encoding="utf-8")
