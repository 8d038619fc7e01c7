"""``rejuger``: the scenarios again, against a recorded journal; which verdicts change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ..core.archive import Archive
from ..core.campaign import Campaign
from ..core.errors import InputError
from ..core.runner import Outcome, run_scenario
from ..core.settings import Settings, settings_from_row
from ..core.stage import RecordedStage
from ..validation.saml.chain import TrustAnchors
from .house import campaign_rules, make_services
from .references import loaded_references
from .scenarios import all_scenarios

Verdicts = dict[tuple[str, str, tuple[str, ...], int], str]


def rejudge(folder: Path, rules_of: str = "") -> dict[str, Outcome]:
    """Play every scenario of the campaign again on its journal, with the rules of that day (today by default)."""
    day = _day(rules_of)
    archive = Archive(folder)
    context = next(iter(archive.of_type("contexte")), None)
    if context is None:
        raise InputError(f"{folder} : la campagne s'est arrêtée avant d'avoir commencé.")
    settings = settings_from_row(archive.blob_json(context.data["reglages"]))
    trusted = TrustAnchors(
        tuple(archive.blob(name) for name in context.data["ancres"]),
        tuple(archive.blob(name) for name in context.data["revocations"]),
    )
    rules = campaign_rules((trusted, *loaded_references(Path.cwd(), settings)), day, make_services(_with_secret(settings), None))
    known = all_scenarios()
    outcomes: dict[str, Outcome] = {}
    for name in dict.fromkeys(e.scenario for e in archive.of_type("scenario.debut")):
        if name in known:
            stage = RecordedStage(archive)
            outcomes[name] = run_scenario(Campaign(settings, stage, rules), stage, known[name])
    return outcomes


def changes(folder: Path, outcomes: dict[str, Outcome]) -> list[dict[str, Any]]:
    """The verdicts that differ from those recorded, scenario by scenario and check by check."""
    archive = Archive(folder)
    rows: list[dict[str, Any]] = []
    for name, outcome in outcomes.items():
        before, after = _recorded(archive, name), _judged(outcome)
        for key in dict.fromkeys((*before, *after)):
            old, new = before.get(key, "absent"), after.get(key, "absent")
            if old != new:
                rows.append({"scenario": name, "controle": key[1], "sujets": list(key[2]), "avant": old, "apres": new})
        ended = [e for e in archive.of_type("scenario.fin") if e.scenario == name]
        if ended and ended[-1].data["verdict"] != outcome.verdict:
            rows.append(
                {
                    "scenario": name,
                    "controle": "",
                    "sujets": [],
                    "avant": ended[-1].data["verdict"],
                    "apres": outcome.verdict.value,
                }
            )
    return rows


def _recorded(archive: Archive, scenario: str) -> Verdicts:
    events = [e for e in archive.of_type("verdict") if e.scenario == scenario]
    last = max((e.attempt for e in archive.of_type("scenario.debut") if e.scenario == scenario), default=0)
    found: Verdicts = {}
    for event in events:
        if event.attempt == last and event.data["controle"] != "attestation":
            _put(found, event.data["profil"], event.data["controle"], tuple(event.data["sujets"]), event.data["verdict"])
    return found


def _judged(outcome: Outcome) -> Verdicts:
    found: Verdicts = {}
    for application in outcome.applications:
        _put(found, application.profile, application.check, application.subjects, application.verdict.value)
    return found


def _put(found: Verdicts, profile: str, check: str, subjects: tuple[str, ...], verdict: str) -> None:
    n = 0
    while (profile, check, subjects, n) in found:
        n += 1
    found[profile, check, subjects, n] = verdict


def _day(text: str) -> date:
    if not text:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(f"--regles-du {text} : une date AAAA-MM-JJ est attendue.") from None


def _with_secret(settings: Settings) -> Settings:
    from dataclasses import replace

    return replace(settings, psc=replace(settings.psc, client_secret=settings.psc.client_secret or "absent"))
