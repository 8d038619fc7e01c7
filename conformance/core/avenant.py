"""After the end of a campaign: attestations given late, judged with what was recorded, as a new segment of its journal.

Exchanges stay as they are. The verdicts of a scenario whose form is answered at last are written again after an ``avenant``
event that names the seal it follows; the former ones stay in the journal and count no more (``Archive.standing``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from .archive import AVENANT, Archive
from .formulaire import ANSWERS, Attest, Attestation, Question, completed
from .gestures import Piece
from .journal import Journal
from .recorded import RecordedStage


class LateStage(RecordedStage):
    """Plays a scenario again on its journal; ``attest`` answers the forms that were left open, ``today``."""

    def __init__(self, archive: Archive, attest: Attest, today: date) -> None:
        super().__init__(archive)
        self._attest = attest
        self._today = today
        self._pieces: list[tuple[Piece, ...]] = []
        self.answered: list[tuple[Question, Attestation]] = []

    def attestation(self, rank: int, question: Question) -> Attestation | None:
        """What was attested in the campaign, else what is attested now."""
        given = super().attestation(rank, question)
        if given is None or given.verdict not in ANSWERS:
            late = self._attest(question)
            if late is not None:
                given = completed(late, question.formulaire, self._today)
                self.answered.append((question, given))
        form = question.formulaire
        row = {"rang": rank, "question": form.texte, "formulaire": form.as_row()}
        answer = self.blob(None if given is None else given.as_row())
        self.record("attestation", **row, reponse=answer, pieces=len(self._pieces))
        self._pieces.append(given.pieces if given is not None else ())
        return given

    def append_to(self, journal: Journal, scenario: str, attempt: int, sealed: str) -> None:
        """Write what was judged; ``sealed`` is the SHA-256 of the evidence sealed before, ``""`` for none."""
        place = {"scenario": scenario, "tentative": attempt}
        with journal.together():
            journal.append(AVENANT, **place, scelle=sealed)
            for kind, data in self.records:
                if kind != "scenario.debut":
                    journal.append(kind, **place, **self._stored(journal, data))

    def _stored(self, journal: Journal, data: Mapping[str, Any]) -> dict[str, Any]:
        """The same, its blobs and its files put in the journal."""
        kept = {name: self._kept(journal, value) for name, value in data.items()}
        if "pieces" in data:
            kept["pieces"] = {piece.nom: journal.blob(piece.data) for piece in self._pieces[data["pieces"]]}
        return kept

    def _kept(self, journal: Journal, value: Any) -> Any:
        return journal.blob_json(self._blobs[value]) if isinstance(value, str) and value in self._blobs else value
