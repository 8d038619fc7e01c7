"""Plays the selected scenarios under pytest, isolated from whatever lies in the user's folder."""

from __future__ import annotations

import contextlib
import importlib
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import pytest

from .. import scenarios
from ..core.errors import HarnessError, InputError
from ..core.runner import Outcome, Scenario
from ..core.verdict import Verdict
from .house import House
from .scenarios import Selection, all_scenarios

INI = Path(__file__).with_name("pytest.ini")
FOLDER = Path(scenarios.__file__).parent
PACKAGE = scenarios.__name__


class Gate(Protocol):
    """What may hold a campaign between two scenarios, or have one played again."""

    def before(self, scenario: str) -> None:
        """Return when that scenario may be played."""

    def to_replay(self) -> list[str]:
        """The scenarios to play again now."""

    def last(self) -> list[str]:
        """Return when the campaign may be concluded (none), or with scenarios to play again before."""


class Open:
    """Holds nothing."""

    def before(self, scenario: str) -> None:
        """At once."""

    def to_replay(self) -> list[str]:
        """None."""
        return []

    def last(self) -> list[str]:
        """At once."""
        return []


class ScenarioPlugin:
    """Makes each collected scenario function a run on the campaign, and its verdict pytest's outcome."""

    def __init__(
        self,
        house: House,
        selection: Selection,
        announce: Callable[[Scenario, Outcome], None],
        *,
        report: str = "rapport.html",
        gate: Gate | None = None,
    ) -> None:
        self._house = house
        self._gate: Gate = gate or Open()
        self._report = report
        self._played = {s.id: s for s in selection.played}
        self._announce = announce
        self.ran = 0
        self._left = 0
        self.input_error: InputError | None = None
        self.harness_error: BaseException | None = None

    @pytest.fixture
    def c(self) -> Any:
        """The campaign."""
        return self._house.campaign

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep what is selected, in the order of the files."""
        kept = [i for i in items if isinstance(i, pytest.Function) and self._scenario(i) is not None]
        config.hook.pytest_deselected(items=[i for i in items if i not in kept])
        items[:] = kept
        self._left = len(kept)

    def pytest_pyfunc_call(self, pyfuncitem: pytest.Function) -> bool | None:
        """Play the scenario."""
        scenario = self._scenario(pyfuncitem)
        if scenario is None:
            return None
        try:
            self._gate.before(scenario.id)
            outcome = self._replayed(self._gate.to_replay(), scenario, self._play(scenario))
            self._left -= 1
            while not self._left and (again := self._gate.last()):
                outcome = self._replayed(again, scenario, outcome)
        except InputError as error:
            self.input_error = error
            pytest.exit(str(error), returncode=2)
        self.ran += 1
        text = f"{outcome.verdict.libelle} : {outcome.reason}"
        pyfuncitem.user_properties.append(("verdict", outcome.verdict.value))
        if outcome.verdict in (Verdict.CONFORME, Verdict.AVERTISSEMENT):
            return True
        if outcome.verdict in (Verdict.NON_TESTE, Verdict.SANS_OBJET, Verdict.A_EXAMINER):
            pytest.skip(text)
        pytest.fail(text, pytrace=False)

    def _replayed(self, names: list[str], scenario: Scenario, outcome: Outcome) -> Outcome:
        """Play these again; gives the last outcome of that scenario."""
        for name in names:
            again = self._played.get(name) or self._before(name)
            if again is scenario:
                outcome = self._play(again)
            elif again is not None:
                self._play(again)
        return outcome

    def _before(self, name: str) -> Scenario | None:
        """A scenario that this campaign played before it was resumed."""
        return all_scenarios().get(name) if name in self._house.done else None

    def _play(self, scenario: Scenario) -> Outcome:
        outcome = self._house.play(scenario)
        self._announce(scenario, outcome)
        return outcome

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_report_title(self, report: Any) -> None:
        """Title of pytest.html."""
        report.title = "Campagne dui-conformance (vue pytest)"

    @pytest.hookimpl(optionalhook=True)
    def pytest_html_results_table_row(self, report: Any, cells: list[str]) -> None:
        """Each row links to the scenario's anchor in rapport.html."""
        verdict = dict(getattr(report, "user_properties", ())).get("verdict")
        if verdict is not None:
            name = self._named(report.nodeid)
            cells[1] = f'<td class="col-testId"><a href="{self._report}#scenario-{name}">{name}</a> — {verdict}</td>'

    def _scenario(self, item: pytest.Function) -> Scenario | None:
        return self._played.get(scenario_id(item.nodeid))

    def _named(self, nodeid: str) -> str:
        return scenario_id(nodeid)


class ScenarioModule(pytest.Module):
    """A module of scenarios as this process imported it: pytest would import it again under another name."""

    def _getobj(self) -> ModuleType:
        return importlib.import_module(f"{PACKAGE}.{self.path.stem}")


class OwnModules:
    """Collects :class:`ScenarioModule` in the folder of scenarios."""

    def pytest_pycollect_makemodule(self, module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
        """Ours for a file of that folder."""
        if module_path.parent != FOLDER:
            return None
        module: pytest.Module = ScenarioModule.from_parent(parent, path=module_path)
        return module


def scenario_id(nodeid: str) -> str:
    """The scenario of a pytest node (``…/dmp_report.py::test_x`` → ``dmp_report.x``)."""
    path, _, name = nodeid.partition("::")
    return f"{Path(path).stem}.{name.removeprefix('test_')}"


def page_of_run(folder: Path) -> Path:
    """``pytest.html``, or ``pytest-2.html``… when a campaign is resumed: no run erases the page of another."""
    page, n = folder / "pytest.html", 1
    while page.exists():
        n += 1
        page = folder / f"pytest-{n}.html"
    return page


def play(
    house: House, selection: Selection, announce: Callable[[Scenario, Outcome], None], gate: Gate | None = None
) -> ScenarioPlugin:
    """Run pytest on the package's scenarios only: own configuration and root, no conftest, no third-party plugin."""
    plugin = ScenarioPlugin(house, selection, announce, gate=gate)
    arguments = [
        *dict.fromkeys(str(FOLDER / f"{s.module}.py") for s in selection.played),
        "-c",
        str(INI),
        f"--rootdir={FOLDER}",
        "--noconftest",
        "--assert=plain",
        "-p",
        "no:cacheprovider",
        "-p",
        "pytest_metadata.plugin",
        "-p",
        "pytest_html.plugin",
        "-s",
        f"--html={page_of_run(house.plan.folder)}",
        "--self-contained-html",
    ]
    written = io.StringIO()
    with _clean_environment(), contextlib.redirect_stdout(written):
        code = pytest.main(arguments, plugins=[plugin, OwnModules()])
    if plugin.input_error is not None:
        raise plugin.input_error
    if code in (pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR) or (selection.played and not plugin.ran):
        raise HarnessError(f"aucun scénario n'a pu être joué :\n{written.getvalue()[-2000:]}")
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    return plugin


@contextlib.contextmanager
def _clean_environment() -> Iterator[None]:
    kept = {name: value for name, value in os.environ.items() if name.startswith("PYTEST_")}
    for name in kept:
        del os.environ[name]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update(kept)
