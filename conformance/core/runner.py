"""Runs one scenario on a campaign and says its verdict. pytest, resume, ``rejuger`` and the kill table all call this."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .campaign import Campaign, Stop
from .check import Application
from .errors import DuiConformanceError, HarnessError, Inconclusive, InputError, NotTested
from .stage import LiveStage, RecordedStage
from .verdict import Verdict, roll_up


@dataclass(frozen=True, slots=True)
class Scenario:
    """A function of a Campaign. ``exigences`` are those that its applications cite, found in its code."""

    id: str
    title: str
    function: Callable[[Campaign], None]
    exigences: tuple[str, ...] = ()
    module: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The verdict of one attempt, with its reason and all that was applied."""

    scenario: str
    attempt: int
    verdict: Verdict
    reason: str
    applications: tuple[Application, ...]


def scenario_of(function: Callable[[Campaign], None], exigences: Sequence[str] = ()) -> Scenario:
    """A scenario from its function: id ``module.phrase``, title from its docstring."""
    module = function.__module__.rpartition(".")[2]
    name = function.__name__.removeprefix("test_")
    title = (inspect.getdoc(function) or name).split("\n\n")[0].replace("\n", " ")
    return Scenario(f"{module}.{name}", title, function, tuple(exigences), module)


def run_scenario(campaign: Campaign, stage: LiveStage | RecordedStage, scenario: Scenario) -> Outcome:
    """Play one attempt. Never raises for the DUI's sake; an ``InputError`` (real data) stops the campaign."""
    try:
        attempt = campaign.begin(scenario.id, scenario.exigences)
    except NotTested as error:
        return Outcome(scenario.id, 0, Verdict.NON_TESTE, str(error), ())
    stage.record("scenario.debut", titre=scenario.title)
    ended, reason, extra = _play(campaign, stage, scenario)
    try:
        stage.end(campaign.settings.delais.geste)
    except InputError:
        raise
    except DuiConformanceError as error:
        ended, reason = Verdict.ERREUR, str(error)
    verdict, why = _verdict(campaign.applications, ended, reason)
    stage.record("scenario.fin", verdict=verdict, raison=why, **extra)
    if isinstance(stage, LiveStage):
        stage.recorder.forget_views()
        stage.journal.scenario, stage.journal.attempt = "", 0
    return Outcome(scenario.id, attempt, verdict, why, tuple(campaign.applications))


def _play(campaign: Campaign, stage: LiveStage | RecordedStage, scenario: Scenario) -> tuple[Verdict | None, str, dict[str, str]]:
    try:
        scenario.function(campaign)
    except Stop:
        return None, "", {}
    except NotTested as error:
        return Verdict.NON_TESTE, str(error), {}
    except Inconclusive as error:
        return Verdict.NON_CONCLUANT, str(error), {}
    except InputError:
        raise
    except HarnessError as error:
        return Verdict.ERREUR, str(error), {}
    except Exception as error:  # noqa: BLE001 - the one place where an error of ours becomes a verdict
        return Verdict.ERREUR, f"{type(error).__name__} : {error}", {"trace": stage.blob(traceback.format_exc())}
    return None, "", {}


def _verdict(applications: Sequence[Application], ended: Verdict | None, reason: str) -> tuple[Verdict, str]:
    """The roll-up; a scenario in which nothing conforme rests on an observation is *non concluant*."""
    verdicts = [a.verdict for a in applications]
    if ended is not None:
        verdicts.append(ended)
    verdict = roll_up(verdicts)
    if verdict is Verdict.CONFORME and not any(a.verdict is Verdict.CONFORME and a.subjects for a in applications):
        return Verdict.NON_CONCLUANT, "aucun contrôle ne s'est exercé sur un échange"
    if not verdicts:
        return Verdict.NON_CONCLUANT, "aucun contrôle ne s'est exercé"
    if not reason and verdict is not Verdict.CONFORME:
        worst = next((a for a in applications if a.verdict is verdict), None)
        reason = (worst.finding.message if worst.finding else worst.reason) if worst else ""
    return verdict, reason
