"""The pytest session that plays a campaign: what the page asks again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dui_conformance.cli.drivers import driver_maker
from dui_conformance.cli.house import House, Plan
from dui_conformance.cli.scenarios import Selection, all_scenarios
from dui_conformance.cli.session import Open, play
from dui_conformance.core.runner import Outcome, Scenario
from dui_conformance.core.settings import Settings

FIRST, SECOND = "attestations_siao.foyers_reconnus", "attestations_siao.menage_mis_a_jour"


class Asking(Open):
    """Asks once for these scenarios again."""

    def __init__(self, *names: str) -> None:
        self._names = list(names)

    def to_replay(self) -> list[str]:
        names, self._names = self._names, []
        return names


def test_a_scenario_of_before_an_interruption_is_played_again(tmp_path: Path) -> None:
    known = all_scenarios()
    plan = Plan(Settings(), tmp_path / "campagne", tmp_path, "temoin")
    with House(plan, driver_maker(lambda: None)) as house:  # type: ignore[arg-type, return-value]
        house.play(known[FIRST])
    told: list[tuple[str, int]] = []

    def announce(scenario: Scenario, outcome: Outcome) -> None:
        told.append((scenario.id, outcome.attempt))

    with House(replace(plan, resume=True), driver_maker(lambda: None)) as house:  # type: ignore[arg-type, return-value]
        play(house, Selection((known[SECOND],), ()), announce, Asking(FIRST, "inconnu.scenario"))
    assert told == [(SECOND, 1), (FIRST, 2)]
