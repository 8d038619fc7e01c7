"""``rejuger``: the scenarios again, against a recorded journal; which verdicts change."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from ..core.archive import Archive
from ..core.campaign import Campaign, Rules
from ..core.errors import InputError
from ..core.recorded import RecordedStage
from ..core.runner import Outcome, run_scenario
from ..core.settings import Settings, settings_from_row
from ..validation.saml.chain import TrustAnchors
from .house import campaign_rules
from .references import loaded_references
from .scenarios import all_scenarios
from .services import make_services

Verdicts = dict[tuple[str, str, tuple[str, ...], int], str]


def rejudge(folder: Path, rules_of: str = "") -> dict[str, Outcome]:
    """Play every scenario of the campaign again on its journal, with the rules of that day (today by default)."""
    archive = Archive(folder)
    settings, rules = rules_of_campaign(archive, folder, rules_of)
    known = all_scenarios()
    outcomes: dict[str, Outcome] = {}
    for name in dict.fromkeys(e.scenario for e in archive.of_type("scenario.debut")):
        if name in known:
            stage = RecordedStage(archive)
            outcomes[name] = run_scenario(Campaign(settings, stage, rules), stage, known[name])
    return outcomes


def rules_of_campaign(archive: Archive, folder: Path, rules_of: str = "") -> tuple[Settings, Rules]:
    """The settings of a campaign, and what judges it with the rules of that day (today by default)."""
    day = _day(rules_of)
    context = next(iter(archive.of_type("contexte")), None)
    if context is None:
        raise InputError(f"{folder} : la campagne s'est arrêtée avant d'avoir commencé.")
    settings = settings_from_row(archive.blob_json(context.data["reglages"]))
    trusted = TrustAnchors(
        tuple(archive.blob(name) for name in context.data["ancres"]),
        tuple(archive.blob(name) for name in context.data["revocations"]),
    )
    references = loaded_references(Path.cwd(), settings)
    return settings, campaign_rules((trusted, *references), day, make_services(_with_secret(settings), None))


def changes(folder: Path, outcomes: dict[str, Outcome]) -> list[dict[str, Any]]:
    """The verdicts that differ from those recorded, scenario by scenario and check by check."""
    archive = Archive(folder)
    rows: list[dict[str, Any]] = []
    for name, outcome in outcomes.items():
        before, after = recorded(archive, name), judged(outcome)
        for key in dict.fromkeys((*before, *after)):
            old, new = before.get(key, "absent"), after.get(key, "absent")
            if old != new:
                rows.append({"scenario": name, "controle": key[1], "sujets": list(key[2]), "avant": old, "apres": new})
        ended = [e for e in archive.standing if e.type == "scenario.fin" and e.scenario == name]
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


def recorded(archive: Archive, scenario: str) -> Verdicts:
    """What the journal says of the last attempt of a scenario, attestations apart."""
    events = [e for e in archive.standing if e.type == "verdict" and e.scenario == scenario]
    last = max((e.attempt for e in archive.of_type("scenario.debut") if e.scenario == scenario), default=0)
    found: Verdicts = {}
    for event in events:
        if event.attempt == last and event.data["controle"] != "attestation":
            _put(found, event.data["profil"], event.data["controle"], tuple(event.data["sujets"]), event.data["verdict"])
    return found


def judged(outcome: Outcome) -> Verdicts:
    """The same, of a scenario just played."""
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
