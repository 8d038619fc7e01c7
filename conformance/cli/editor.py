"""Scenarios inside an editor's own pytest run: one campaign for the session, reports at its end."""

from __future__ import annotations

import inspect
from contextlib import ExitStack
from pathlib import Path

import pytest

from ..core.errors import DuiConformanceError
from ..core.runner import Outcome, Scenario, scenario_of
from ..core.settings import load_settings
from .drivers import driver_maker
from .house import House, Plan
from .judge import Judge
from .run import default_folder
from .scenarios import Selection, all_scenarios
from .session import ScenarioPlugin
from .terminal import Console


class EditorPlugin(ScenarioPlugin):
    """Plays every function whose only argument is ``c``; pytest does the rest as usual."""

    def __init__(self, config: Path, folder: Path | None) -> None:
        self._config = config
        self._folder = (folder or default_folder(Path.cwd())).resolve()
        self._known: dict[str, Scenario] = {}
        self._written: dict[str, Path] = {}
        self._open = ExitStack()

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Open the services."""
        try:
            settings = load_settings(self._config)
            plan = Plan(settings, self._folder, self._config.resolve().parent, settings.pilote.nom)
            house = self._open.enter_context(House(plan, driver_maker(Console)))
        except DuiConformanceError as error:
            raise pytest.UsageError(f"--dui : {error}") from None
        self._open.callback(house.journal.append, "campagne.fin")
        self._open.enter_context(Judge(house, wanted=lambda exchange: not exchange.scenario))
        super().__init__(house, Selection((), ()), _silent, report=(self._folder / "rapport.html").as_uri())

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Nothing is deselected; the plan is written."""
        ours = all_scenarios()
        for item in items:
            if isinstance(item, pytest.Function) and list(inspect.signature(item.function).parameters) == ["c"]:
                scenario = scenario_of(item.function)
                self._known[item.nodeid] = ours.get(scenario.id, scenario)
        rows = [{"id": s.id, "titre": s.title, "exigences": list(s.exigences)} for s in self._known.values()]
        self._house.journal.append("plan", joues=rows, laisses=[])

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Close the campaign and write its reports."""
        from ..reports.build import build

        self._open.close()
        self._written = build(self._folder)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the report is."""
        if "rapport.html" in self._written:
            terminalreporter.write_line(f"Rapport dui-conformance : {self._written['rapport.html']}")

    def _scenario(self, item: pytest.Function) -> Scenario | None:
        return self._known.get(item.nodeid)


def _silent(scenario: Scenario, outcome: Outcome) -> None:
    """pytest shows the outcome itself."""
