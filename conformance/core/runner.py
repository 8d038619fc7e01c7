"""Runs one scenario on a campaign and says its verdict. pytest, resume, ``rejuger`` and the kill table all call this."""

from __future__ import annotations

import inspect
import re
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .campaign import Campaign, Stop
from .check import Application
from .errors import DuiConformanceError, HarnessError, InputError, NotTested, Unfinished
from .formulaire import ANSWERS
from .recorded import RecordedStage
from .stage import LiveStage
from .verdict import Basis, Verdict, roll_up

_GESTURE = re.compile(r"G[0-9]+")


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
    ending = _play(campaign, stage, scenario)
    try:
        stage.end(campaign.settings.delais.geste)
    except InputError:
        raise
    except DuiConformanceError as error:
        ending = Ending(Verdict.ERREUR, str(error))
    verdict, why = _verdict(campaign.applications, campaign.attested, ending)
    trace = {"trace": ending.trace} if ending.trace else {}
    stage.record("scenario.fin", verdict=verdict, raison=why, **trace)
    if isinstance(stage, LiveStage):
        stage.recorder.forget_views()
        stage.journal.scenario, stage.journal.attempt = "", 0
    told = f"{why} — « {ending.said} »" if ending.said and why == ending.reason else why
    return Outcome(scenario.id, attempt, verdict, told, tuple(campaign.applications))


@dataclass(frozen=True, slots=True)
class Ending:
    """How the function of a scenario ended. ``reason`` goes to the journal's line, so it holds no personal value; ``said``
    is only told to the tester; ``trace`` is the blob of an error of ours."""

    verdict: Verdict | None = None
    reason: str = ""
    said: str = ""
    trace: str = ""


def _play(campaign: Campaign, stage: LiveStage | RecordedStage, scenario: Scenario) -> Ending:
    try:
        scenario.function(campaign)
    except Stop:
        return Ending()
    except Unfinished as error:
        verdict = Verdict.NON_TESTE if isinstance(error, NotTested) else Verdict.NON_CONCLUANT
        return Ending(verdict, str(error), error.said)
    except InputError:
        raise
    except HarnessError as error:
        return Ending(Verdict.ERREUR, str(error))
    except Exception as error:  # noqa: BLE001 - the one place where an error of ours becomes a verdict
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} dans {last.name}, ligne {last.lineno}"
        return Ending(Verdict.ERREUR, where, str(error), stage.blob(traceback.format_exc()))
    return Ending()


def _verdict(applications: Sequence[Application], attested: Sequence[Application], ending: Ending) -> tuple[Verdict, str]:
    """The roll-up. Nothing is *conforme* that does not rest on an exchange or a document seen by the harness: neither what
    the DUI only declares nor a gesture that it says done. What only a person can see rests on what they attest."""
    verdicts = [a.verdict for a in applications]
    if ending.verdict is not None:
        verdicts.append(ending.verdict)
    if not verdicts and attested:
        return _attested(attested)
    if not verdicts:
        return Verdict.NON_CONCLUANT, "aucun contrôle ne s'est exercé"
    verdict = roll_up(verdicts)
    if verdict is Verdict.CONFORME and not any(_rests_on_something(a) for a in applications):
        return Verdict.NON_CONCLUANT, "aucun contrôle ne s'est exercé sur un échange"
    if ending.reason or verdict is Verdict.CONFORME:
        return verdict, ending.reason
    worst = next((a for a in applications if a.verdict is verdict), None)
    return verdict, (worst.finding.message if worst.finding else worst.reason) if worst else ""


def _attested(attested: Sequence[Application]) -> tuple[Verdict, str]:
    """The verdict of a scenario that only a person can judge, and that it rests on what they attested. Their note may name
    people: it is no reason."""
    verdict = roll_up(a.verdict for a in attested)
    if verdict in ANSWERS:
        return verdict, f"repose sur une attestation ({verdict.libelle})"
    return verdict, next(a.reason for a in attested if a.verdict is verdict)


def _rests_on_something(application: Application) -> bool:
    """True for a rule that held on something else than gestures and declarations."""
    held = application.verdict is Verdict.CONFORME and application.evidence is not None
    return held and application.basis is not Basis.ATTESTE and not all(map(_GESTURE.fullmatch, application.subjects))
