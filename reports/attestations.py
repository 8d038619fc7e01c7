"""What people said and gave: the attestations of a campaign and their files, and the files that gestures gave back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dui_conformance.core.archive import Archive
from dui_conformance.core.formulaire import Formulaire
from dui_conformance.core.journal import blob_path
from dui_conformance.core.verdict import Verdict

from .model import CampaignModel
from .typography import size


@dataclass(frozen=True, slots=True)
class Jointe:
    """A file that was given: its name, and where it is in the campaign's folder."""

    nom: str
    href: str
    sha256: str
    taille: str


@dataclass(frozen=True, slots=True)
class Attestation:
    """A form put to people; ``verdict`` stays open until it is answered in full (``manque``: what lacks). ``formulaire`` is None
    in the campaigns of before forms; ``anchor`` is its place in rapport.html."""

    anchor: str
    scenario: str
    question: str
    verdict: Verdict
    note: str
    exigences: tuple[str, ...]
    pieces: tuple[Jointe, ...]
    formulaire: Formulaire | None = None
    par: str = ""
    date: str = ""
    manque: str = ""

    @property
    def constat(self) -> str:
        """What was to be looked at."""
        return self.formulaire.constat if self.formulaire is not None else self.question


def attestations(model: CampaignModel) -> tuple[Attestation, ...]:
    """The attestations of the attempts that count, in order."""
    return tuple(row for scenario in model.scenarios for row in _of(model, scenario.id, scenario.evenements))


def _of(model: CampaignModel, scenario: str, events: Any) -> list[Attestation]:
    found = []
    for rank, event in enumerate(events):
        if event.type != "attestation":
            continue
        answer = model.archive.blob_json(event.data["reponse"]) or {}
        judged = next((e for e in events[rank + 1 :] if e.type == "verdict" and e.data["controle"] == "attestation"), None)
        row = event.data.get("formulaire")
        form = Formulaire.from_row(row) if row is not None else None
        unanswered = form.sans_reponse if form is not None else Verdict.A_EXAMINER
        found.append(
            Attestation(
                anchor=f"attestation-{event.seq}",
                scenario=scenario,
                question=event.data["question"],
                verdict=Verdict(answer.get("verdict", unanswered)),
                note=str(answer.get("note", "")),
                exigences=tuple(judged.data["exigences"]) if judged is not None else (),
                pieces=given(model.archive, event.data.get("pieces", {})),
                formulaire=form,
                par=str(answer.get("par", "")),
                date=str(answer.get("date", "")),
                manque=str(answer.get("manque", "")),
            )
        )
    return found


def given(archive: Archive, pieces: Mapping[str, str]) -> tuple[Jointe, ...]:
    """The files of an event, from its ``pieces`` (name to blob), without those that a share-safe copy took out."""
    made = []
    for nom, blob in pieces.items():
        path = blob_path(archive.folder, blob)
        if path.is_file():
            data = path.read_bytes()
            made.append(Jointe(nom, f"blobs/{blob}", hashlib.sha256(data).hexdigest(), size(len(data))))
    return tuple(made)
