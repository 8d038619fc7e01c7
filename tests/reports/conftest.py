"""One campaign written by hand, and its reports, for every test of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from dui_conformance.reports.build import build
from dui_conformance.reports.masking import Masker
from dui_conformance.reports.model import CampaignModel, load_campaign
from samples.report import write_campaign


@pytest.fixture(scope="session")
def campagne(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign folder with every verdict, and its reports."""
    folder = write_campaign(tmp_path_factory.mktemp("rapports") / "campagne")
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
