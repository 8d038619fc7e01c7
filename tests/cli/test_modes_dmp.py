"""The reference DUI feeds the DMP in each mode that it may declare, and every scenario of the feed holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from dui_conformance.cli.drivers import driver_maker
from dui_conformance.cli.house import House, Plan
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.core.verdict import Verdict
from faults.board import QUICK

FEED = (
    "dmp_alimentation.",
    "dmp_choix.document_de_l_historique",
    "dmp_remplacement.document_modifie_remplace_l_ancien",
    "dmp_report.",
    "dmp_utilisateurs.",
)


@pytest.fixture(scope="module", params=["DIRECTE", "INDIRECTE"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("mode")
    settings = replace(QUICK, dmp=replace(QUICK.dmp, mode=request.param))
    with House(Plan(settings, folder / "campagne", folder, "temoin"), driver_maker(object)) as opened:
        yield opened


def test_the_feed_holds_in_this_mode(house: House) -> None:
    played = [house.play(s) for s in all_scenarios().values() if s.id.startswith(FEED)]
    red = {
        o.scenario: [(a.check, a.finding) for a in o.applications if a.verdict is not Verdict.CONFORME]
        for o in played
        if o.verdict not in (Verdict.CONFORME, Verdict.NON_TESTE)
    }
    assert red == {}
    assert len([o for o in played if o.verdict is Verdict.CONFORME]) >= 15
