"""Scenarios inside an editor's own pytest run: one campaign for the session, reports at its end."""

from __future__ import annotations

import inspect
import itertools
import re
import traceback
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from ..core.campaign import Campaign
from ..core.check import Check, make_check
from ..core.errors import CheckFailed, DuiConformanceError, NotTested
from ..core.problem import Evidence
from ..core.runner import Outcome, Scenario, scenario_of
from ..core.settings import load_settings
from .attestations import project_attestations
from .drivers import driver_maker
from .house import House, Plan
from .judge import Judge
from .run import default_folder
from .scenarios import Selection, all_scenarios
from .session import ScenarioPlugin
from .terminal import Console

_ODD = re.compile(r"[^\w.-]+")


class EditorPlugin(ScenarioPlugin):
    """Plays every function that asks for our campaign ``c``; pytest does the rest as usual."""

    def __init__(self, config: Path, folder: Path | None) -> None:
        self._config = config
        self._folder = (folder or default_folder(Path.cwd())).resolve()
        self._known: dict[str, Scenario] = {}
        self._written: dict[str, Path] = {}
        self._open = ExitStack()
        self._collects = False
        self._raised: BaseException | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Open the services, unless tests are only listed."""
        self._collects = session.config.option.collectonly
        if self._collects:
            return
        try:
            settings = load_settings(self._config)
            project = self._config.resolve().parent
            attest = project_attestations(project, settings).of
            plan = Plan(settings, self._folder, project, settings.pilote.nom, attest=attest)
            house = self._open.enter_context(House(plan, driver_maker(Console)))
        except DuiConformanceError as error:
            raise pytest.UsageError(f"--dui : {error}") from None
        self._open.callback(house.journal.append, "campagne.fin")
        self._open.enter_context(Judge(house, wanted=lambda exchange: not exchange.scenario))
        super().__init__(house, Selection((), ()), _silent, report=(self._folder / "rapport.html").as_uri())

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Nothing is deselected."""

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Write the plan: what is left once pytest has applied its selection."""
        if self._collects:
            return
        for item in session.items:
            if isinstance(item, pytest.Function) and self._asks_for_the_campaign(item):
                self._known[item.nodeid] = self._scenario_of(item)
        rows = [{"id": s.id, "titre": s.title, "exigences": list(s.exigences)} for s in self._known.values()]
        self._house.journal.append("plan", joues=rows, laisses=[])

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Play the scenario; what the user's own code raised is what pytest shows."""
        self._raised = None
        try:
            return super().pytest_pyfunc_call(pyfuncitem)
        except pytest.fail.Exception:
            if self._raised is None:
                raise
            raise self._raised from None

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Close the campaign and write its reports."""
        from ..reports.build import build

        if self._collects:
            return
        self._open.close()
        self._written = build(self._folder)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the report is."""
        if "rapport.html" in self._written:
            terminalreporter.write_line(f"Rapport dui-conformance : {self._written['rapport.html']}")

    def _scenario(self, item: pytest.Function) -> Scenario | None:
        return self._known.get(item.nodeid)

    def _named(self, nodeid: str) -> str:
        return self._known[nodeid].id

    def _asks_for_the_campaign(self, item: pytest.Function) -> bool:
        """True when the ``c`` of that function is ours, and not a fixture of the user that bears the same name."""
        wanted = "c" in inspect.signature(item.function).parameters
        found = item._fixtureinfo.name2fixturedefs.get("c", ()) if wanted else ()
        return bool(found) and found[-1].func.__module__ == ScenarioPlugin.__module__

    def _scenario_of(self, item: pytest.Function) -> Scenario:
        """One of ours when it is imported as it is; else the function called as pytest would, with its other fixtures.

        Each test has an id of its own: two tests of one name are not two attempts of one scenario.
        """
        made = scenario_of(item.function)
        arguments = [name for name in item._fixtureinfo.argnames if name != "c"]
        ours = all_scenarios().get(made.id)
        if ours is not None and ours.function is item.function and ours not in self._known.values():
            return ours
        where = item.nodeid.partition("::")[2].split("::")
        name = "-".join((*where[:-1], where[-1].removeprefix("test_")))
        taken = {s.id for s in self._known.values()} | set(all_scenarios())
        base = f"{made.module}.{_ODD.sub('-', name).strip('-')}"
        numbered = (f"{base}-{rank}" for rank in itertools.count(2))
        own = next(each for each in itertools.chain((base,), numbered) if each not in taken)

        def play(campaign: Campaign) -> None:
            try:
                item.obj(c=campaign, **{name: item.funcargs[name] for name in arguments})
            except (AssertionError, pytest.fail.Exception) as error:
                self._raised = error
                campaign.require(_assertion(error))
            except pytest.skip.Exception as error:
                raise NotTested(f"passé par le test : {error}") from None

        return replace(made, id=own, function=play)


def _assertion(error: BaseException) -> Check:
    """What the user's own ``assert`` says, as a broken rule: it names values, which the line of the journal does not hold."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    finding = CheckFailed(
        "Une assertion du test n'est pas tenue",
        expected="l'assertion tient",
        received=str(error),
        at=f"{Path(last.filename).name}, ligne {last.lineno}",
        hint="Lire le test, et sa trace dans la sortie de pytest.",
    )

    def broken() -> Evidence:
        """Les assertions que le test fait lui-même tiennent."""
        raise finding

    return make_check(broken, id="suite.assertion", covers=(), source="la suite de tests de l'éditeur", confidence="vu")


def _silent(scenario: Scenario, outcome: Outcome) -> None:
    """pytest shows the outcome itself."""
