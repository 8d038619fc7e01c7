"""The kill board: plays the scenarios that apply a check against the reference DUI with one named fault.

One board holds a whole service set and PKI; each fault gets its own DUI on it. A fault of a document is seen in the document
alone: the DUI writes it, the profile of its kind judges it. Written for the kill table's test, and as a
tool: ``python tests/faults/board.py [NAME…]`` prints what kills each fault, ``--ecrire`` rewrites ``entraine.toml``.
"""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from dui_conformance.checks.registry import all_checks
from dui_conformance.cli.drivers import driver_maker
from dui_conformance.cli.house import House, Plan
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.core.check import Application
from dui_conformance.core.runner import Outcome, Scenario
from dui_conformance.core.settings import Delais, Settings
from dui_conformance.core.verdict import Severity, Verdict
from dui_conformance.drivers.python import PythonDriver
from dui_conformance.mocks.dui.dui import Dui
from dui_conformance.mocks.dui.faults import FAULTS, Fault
from faults.ecrits import QUIET, judged_alone, paper_profile, said, standing, written

TABLE = Path(__file__).with_name("entraine.toml")
_NUMBERED = re.compile(r"\b[EG]\d+\b|\b[\w-]+-[0-9a-f]{8}\b")
_NOWHERE = re.compile(r"(?:réponse de )?\*(?: et suivants)?|psc|fi|insi|dmp|edc|proxy-editeur|")
QUICK = Settings(delais=Delais(geste=20.0, echange=3.0, alimentation=3.0, absence=0.3))


@dataclass(frozen=True, slots=True)
class Kill:
    """What a fault did: the scenario that shows it, the first application to leave *conforme*, the others that left it;
    ``ended`` is how the scenario ended."""

    fault: str
    scenario: str
    first: Application | None
    others: tuple[str, ...]
    ended: str = ""

    @property
    def place(self) -> tuple[str, str, str, str]:
        """System (that of the scenario), check, location and message: no two faults may share it.

        Numbers of exchanges, gestures and usagers are masked; a location that is nothing else is that of the scenario.
        """
        assert self.first is not None
        finding = self.first.finding
        at, message = (finding.at, finding.message) if finding else ("", self.first.reason)
        where = _NUMBERED.sub("*", at)
        system = self.scenario.partition("_")[0]
        return (system, self.first.check, self.scenario if _NOWHERE.fullmatch(where) else where, _NUMBERED.sub("*", message))

    @property
    def effet(self) -> str:
        """What the first application gave: its verdict, or ``information`` for what only informs."""
        assert self.first is not None
        informs = self.first.severity is Severity.INFORMATION and self.first.finding is not None
        return Severity.INFORMATION.value if informs else self.first.verdict.value

    def killed(self, fault: Fault) -> bool:
        """True when the intended check gave the fault's effect, before any other left *conforme*."""
        return self.first is not None and (self.first.check, self.effet) == (fault.check, fault.effet)


class Board:
    """A house whose DUI is replaced for each fault; a context manager. ``faults`` are those that will be played, None: all."""

    def __init__(self, faults: Iterable[Fault] | None = None) -> None:
        self._stack = ExitStack()
        self._cited = None if faults is None else {exigence for fault in faults for exigence in fault.exigences}

    def __enter__(self) -> Board:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="kill-")))
        plan = Plan(QUICK, folder / "campagne", folder, "temoin", faulty_certificates=True)
        self.house = self._stack.enter_context(House(plan, driver_maker(_no_terminal)))
        self.scenarios = all_scenarios()
        useful = [s for s in self.scenarios.values() if self._cited is None or self._cited & set(s.exigences)]
        self.baseline = {s.id: self.house.play(s) for s in useful}
        self._applying = _applying(self.baseline.values())
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def showing(self, check: str) -> list[Scenario]:
        """The scenarios that apply a check in the campaign of the correct DUI; a declarative rule is applied by its file."""
        group = all_checks()[check].group if check in all_checks() else None
        return [self.scenarios[name] for name in self._applying.get(group.id if group else check, ())]

    def kill(self, fault: Fault) -> Kill:
        """Judge its document, or play what ``run --defaut`` selects until one shows the fault as intended; else what the
        first of them gave."""
        if judged_alone(fault):
            return _document_kill(fault)
        seen: Kill | None = None
        candidates = self.showing(fault.check) or list(self.scenarios.values())
        for scenario in (s for s in candidates if set(s.exigences) & set(fault.exigences)):
            result = self.play_with(Dui(self.house.endpoints, faults=[fault.nom], now=self.house.clock.now), scenario)
            kill = _kill(fault, result)
            if kill.killed(fault):
                return kill
            if seen is None or seen.first is None:
                seen = kill
        return seen or Kill(fault.nom, "", None, ())

    def play_with(self, dui: object, scenario: Scenario) -> Outcome:
        """Play a scenario with another DUI."""
        driver = PythonDriver(dui, nom="temoin")
        former, self.house.stage._driver = self.house.stage._driver, driver
        try:
            return self.house.play(scenario)
        finally:
            self.house.stage._driver = former
            driver.close()


def committed() -> dict[str, list[str]]:
    """The committed table: fault → other checks that leave *conforme* in its scenario."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8")) if TABLE.is_file() else {}


def _kill(fault: Fault, outcome: Outcome) -> Kill:
    left = [a for a in outcome.applications if a.verdict not in QUIET or _meant(a, fault)]
    first = left[0] if left else None
    others = tuple(dict.fromkeys(a.check for a in left[1:] if first is not None and a.check != first.check))
    return Kill(fault.nom, outcome.scenario, first, others, f"{outcome.verdict.libelle} : {outcome.reason}")


def _meant(application: Application, fault: Fault) -> bool:
    """True for what only informs, or could not be judged, where the fault means it so."""
    if application.check != fault.check:
        return False
    if fault.effet == Severity.INFORMATION.value:
        return application.severity is Severity.INFORMATION and application.finding is not None
    return fault.effet == Verdict.NON_TESTE.value == application.verdict.value


def _document_kill(fault: Fault) -> Kill:
    paper = paper_profile(fault.check)
    usual = standing(fault.document, paper)
    left = [a for a in written(fault.document, (fault.nom,), paper) if said(a) and a.check not in usual]
    first = left[0] if left else None
    others = tuple(dict.fromkeys(a.check for a in left[1:] if first is not None and a.check != first.check))
    return Kill(fault.nom, fault.document, first, others)


def _applying(outcomes: Iterable[Outcome]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for outcome in outcomes:
        for application in outcome.applications:
            names = found.setdefault(application.check, [])
            if outcome.scenario not in names:
                names.append(outcome.scenario)
    return found


def _no_terminal() -> object:
    raise AssertionError("le tableau n'a pas de terminal")


def main(arguments: Sequence[str]) -> int:
    """Print one line a fault; gives the number of faults that are not killed as intended."""
    names = [a for a in arguments if not a.startswith("-")]
    chosen = [f for f in FAULTS.values() if not names or any(f.nom == n or f.nom.startswith(n) for n in names)]
    table = committed()
    places: dict[tuple[str, str, str, str], str] = {}
    bad = 0
    with Board(chosen) as board:
        red = [o for o in board.baseline.values() if o.verdict is not Verdict.CONFORME]
        for outcome in red:
            print(f"SANS DEFAUT  {outcome.scenario} {outcome.verdict} {outcome.reason}")
        for fault in chosen:
            kill = board.kill(fault)
            good = kill.killed(fault)
            twin = places.setdefault(kill.place, fault.nom) if kill.first is not None else fault.nom
            bad += not good or twin != fault.nom
            table[fault.nom] = list(kill.others)
            seen = f"{kill.first.check} {kill.first.verdict} « {kill.place[3][:90]} »" if kill.first else "rien"
            print(
                f"{'tué   ' if good else 'VIVANT'} {fault.nom}  attendu {fault.check} {fault.effet}  vu {seen} ({kill.scenario})"
                + (f"  +{list(kill.others)}" if kill.others else "")
                + (f"  MÊME PLACE QUE {twin}" if twin != fault.nom else "")
            )
    print(f"{len(chosen)} défauts, {bad} à revoir")
    if "--ecrire" in arguments:
        rows = (f'"{nom}" = {list(others)!r}'.replace("'", '"') for nom, others in sorted(table.items()) if nom in FAULTS)
        TABLE.write_text(
            "# Fault → other checks that leave « conforme » in the scenario that shows it. Written by tests/faults/board.py.\n"
            + "\n".join(rows)
            + "\n",
            encoding="utf-8",
        )
    return bad


def without_fault(python_checks: Iterable[str]) -> list[str]:
    """The checks that no fault names."""
    named = {f.check for f in FAULTS.values()}
    return sorted(set(python_checks) - named)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
