"""A scenario played again, from a recorded journal: each operation gives what the event of its rank says (see ``stage``)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from .archive import Archive
from .errors import HarnessError, Inconclusive, NotTested
from .exchange import Exchange
from .formulaire import Attestation, Question
from .gestures import Gesture, Piece, Resultat
from .journal import Event
from .matcher import Matcher
from .people import Professionnel, Usager

POSTERIEUR = "scénario postérieur au journal"
REPLAYED: dict[str, type[NotTested] | type[Inconclusive] | type[HarnessError]] = {
    error.__name__: error for error in (NotTested, Inconclusive, HarnessError)
}


class RecordedStage:
    """Plays again from the last attempt of each scenario in an archive."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._by_rank: dict[int, list[Event]] = {}
        self.records: list[tuple[str, dict[str, Any]]] = []
        self._blobs: dict[str, Any] = {}
        self._exchanges: dict[str, Exchange] = {}

    def begin(self, scenario: str) -> int:
        events = [e for e in self._archive.standing if e.scenario == scenario]
        starts = [e.attempt for e in events if e.type == "scenario.debut"]
        if not starts:
            raise NotTested(POSTERIEUR)
        attempt = max(starts)
        self._by_rank = {}
        self._exchanges = {}
        for event in events:
            if event.attempt == attempt and "rang" in event.data:
                self._by_rank.setdefault(event.data["rang"], []).append(event)
        return attempt

    def usager(self, rank: int, profil: str, graine: str) -> Usager:
        return Usager.from_dict(self._archive.blob_json(self._at(rank, "usager").data["fiche"]))

    def professionnel(self, rank: int, nom: str) -> Professionnel:
        return Professionnel.from_dict(self._archive.blob_json(self._at(rank, "professionnel").data["fiche"]))

    def document(self, rank: int, nom: str, type: str, usager: Usager, variante: str, graine: str) -> Piece:
        data = self._at(rank, "document").data
        return Piece(data["nom"], self._archive.blob(data["blob"]))

    def start(self, rank: int, name: str, gesture: Gesture) -> None:
        event = self._at(rank, "geste", "geste.absent")
        if event.data["nom"] != gesture.nom:
            raise NotTested(POSTERIEUR)
        if event.type == "geste.absent":
            raise NotTested(f"geste non offert par le pilote : {gesture.nom}")

    def result(self, rank: int, name: str, within: float) -> tuple[Resultat | None, datetime]:
        data = self._at(rank, "geste.fin").data
        row = self._archive.blob_json(data["blob"])
        pieces = tuple(Piece(nom, self._archive.blob(blob)) for nom, blob in data.get("pieces", {}).items())
        result = None if row is None else replace(Resultat.from_wire(row), pieces=pieces)
        return result, datetime.fromisoformat(data["fin"])

    def wait(
        self, rank: int, service: str, matcher: Matcher, within: float, consumed: set[str], *, pending: str = "", grace: float = 0
    ) -> Exchange | None:
        event = self._at(rank, "attente")
        if event.data["attendu"] != matcher.label:
            raise NotTested(POSTERIEUR)
        return self._exchange(event.data["echange"]) if event.data["echange"] else None

    def seen(self, rank: int, service: str, matcher: Matcher, *, least: int = 0, within: float = 0) -> list[Exchange]:
        return [self._exchange(name) for name in self._at(rank, "releve").data["echanges"]]

    def order(self, rank: int, service: str, nom: str, arguments: Mapping[str, Any]) -> None:
        self._at(rank, "ordre")

    def fault(self, rank: int, service: str, panne: str, times: int | None, target: str, armed: bool) -> None:
        self._at(rank, "panne")

    def advance(self, rank: int, delta: timedelta) -> None:
        if not self._at(rank, "horloge").data["suivie"]:
            raise NotTested("horloge : le pilote ne sait pas avancer celle du DUI")

    def attestation(self, rank: int, question: Question) -> Attestation | None:
        self._fail_alike(rank)
        event = next((e for e in self._by_rank.get(rank, ()) if e.type == "attestation"), None)
        if event is None:
            return None
        data = event.data
        pieces = (Piece(nom, self._archive.blob(blob)) for nom, blob in data.get("pieces", {}).items())
        return Attestation.from_row(self._archive.blob_json(data["reponse"]), pieces)

    def record(self, type: str, **data: Any) -> None:
        self.records.append((type, data))

    def together(self) -> AbstractContextManager[None]:
        return nullcontext()

    def blob(self, value: Any) -> str:
        name = f"rejoue-{len(self._blobs)}"
        self._blobs[name] = value
        return name

    def end(self, within: float) -> None:
        """Nothing is under way; fails as the live scenario did."""
        self._fail_alike(0)

    def _fail_alike(self, rank: int) -> None:
        for event in self._by_rank.get(rank, ()):
            if event.type != "echec":
                continue
            row = self._archive.blob_json(event.data["detail"])
            kind = REPLAYED.get(event.data["sorte"], HarnessError)
            raise kind(row["raison"]) if kind is HarnessError else kind(row["raison"], row["dit"])

    def _at(self, rank: int, *types: str) -> Event:
        self._fail_alike(rank)
        for event in self._by_rank.get(rank, ()):
            if event.type in types:
                return event
        raise NotTested(POSTERIEUR)

    def _exchange(self, name: str) -> Exchange:
        if name not in self._exchanges:
            self._exchanges[name] = self._archive.exchange(name)
        return self._exchanges[name]
