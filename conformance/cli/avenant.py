"""Judges late attestations with what a campaign recorded, and writes them in its journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..core.archive import Archive
from ..core.avenant import LateStage
from ..core.campaign import Campaign
from ..core.clock import Clock
from ..core.errors import InputError
from ..core.formulaire import ANSWERS, Attest, Attestation, Question
from ..core.journal import Journal
from ..core.runner import run_scenario
from .rejuger import Verdicts, judged, recorded, rules_of_campaign
from .scenarios import all_scenarios


@dataclass(frozen=True, slots=True)
class Avenant:
    """A scenario judged again: its forms answered late, what is ready to be written."""

    scenario: str
    attempt: int
    stage: LateStage

    @property
    def answered(self) -> list[tuple[Question, Attestation]]:
        """The forms and what was attested."""
        return self.stage.answered


def late(folder: Path, attest: Attest) -> list[Avenant]:
    """What these attestations add to a campaign; nothing is written.

    Raises ``InputError`` for a campaign that has not ended, or whose recorded verdicts this version does not find again.
    """
    archive = Archive(folder)
    if not any(e.type == "campagne.fin" for e in archive.events):
        raise InputError(
            f"{folder} : campagne inachevée ; « run --reprendre --sortie {folder} » la finit et lit les attestations."
        )
    day = str(next(iter(archive.of_type("contexte"))).data["jour"])
    settings, rules = rules_of_campaign(archive, folder, day)
    known = all_scenarios()
    found = []
    for name in (name for name in _with_open_forms(archive) if name in known):
        stage = LateStage(archive, attest, datetime.now(UTC).date())
        outcome = run_scenario(Campaign(settings, stage, rules), stage, known[name])
        if stage.answered:
            _refuse_other_changes(folder, name, recorded(archive, name), judged(outcome))
            found.append(Avenant(name, outcome.attempt, stage))
    return found


def write(folder: Path, avenants: list[Avenant], sealed: str) -> None:
    """Append them to the journal; ``sealed``: SHA-256 of the evidence sealed before, ``""`` for none."""
    journal = Journal.resume(folder, Clock())
    try:
        for each in avenants:
            each.stage.append_to(journal, each.scenario, each.attempt, sealed)
    finally:
        journal.close()


def _with_open_forms(archive: Archive) -> list[str]:
    """The scenarios that hold a form that nobody answered in full."""
    forms = (e for e in archive.standing if e.type == "attestation")
    answers = ((e.scenario, archive.blob_json(e.data["reponse"])) for e in forms)
    return list(dict.fromkeys(name for name, row in answers if row is None or row["verdict"] not in ANSWERS))


def _refuse_other_changes(folder: Path, scenario: str, before: Verdicts, after: Verdicts) -> None:
    """An attestation adds; what the harness had judged must be found again."""
    changed = [key[1] for key, verdict in before.items() if after.get(key) != verdict]
    if changed:
        named = ", ".join(dict.fromkeys(changed))
        raise InputError(
            f"{folder} : {scenario} n'est plus jugé comme alors ({named}) ; voir « rejuger », puis rejouer la campagne."
        )
