"""What the page shows, kept from the events of the journal: scenarios, exchanges, what is asked, what is awaited.

Everything in it can be made again from the journal: a page that reloads, or a harness that restarts, shows the same.
"""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from dui_conformance.core.journal import Event
from dui_conformance.core.verdict import Verdict

KEPT = 20_000
"""Exchanges whose line is kept; older ones are in the report."""
SHOWN = 200
"""Lines given at once."""
BROKEN = (Verdict.NON_CONFORME, Verdict.ERREUR, Verdict.AVERTISSEMENT)


@dataclass(slots=True)
class LigneEchange:
    """One exchange: when, which service and kind, how it was answered, the worst verdict and what it says."""

    id: str
    heure: str
    service: str
    genre: str
    scenario: str
    statut: str = ""
    verdict: str = ""
    constat: str = ""


@dataclass(slots=True)
class LigneScenario:
    """One scenario of the plan; ``etat``: à venir, en cours, or its verdict."""

    id: str
    titre: str
    etat: str = "à venir"
    raison: str = ""
    tentatives: int = 0


@dataclass(slots=True)
class Demande:
    """What the tester is asked, numbered so that a late answer to a former one is refused."""

    numero: int
    sorte: str
    consigne: str
    geste: str
    observe: tuple[str, ...]
    rend: tuple[str, ...]
    depuis: float
    delai: float


@dataclass(slots=True)
class Etat:
    """All that a page needs but the exchanges."""

    produit: str
    finie: bool = False
    rapport: bool = False
    scenarios: OrderedDict[str, LigneScenario] = field(default_factory=OrderedDict)
    demande: Demande | None = None
    attendu: str = ""
    en_pause: bool = False
    messages: list[str] = field(default_factory=list)


class Fil:
    """Fed by events, read by pages; ``version`` grows with each change. ``blob`` reads a JSON blob of the campaign."""

    def __init__(self, produit: str, blob: Callable[[str], Any], mask: Callable[[str], str] = str) -> None:
        self._etat = Etat(produit)
        self._echanges: OrderedDict[str, LigneEchange] = OrderedDict()
        self._changes: OrderedDict[str, int] = OrderedDict()
        self._blob = blob
        self._mask = mask
        self._asked = 0
        self._changed = threading.Condition()
        self.version = 0

    def feed(self, event: Event) -> None:
        """Take an event of the journal; what it says nothing of the page is let go."""
        handler = getattr(self, f"_on_{event.type.replace('.', '_')}", None)
        if handler is None:
            return
        with self._changed:
            handler(event)
            self._bump()

    def replay(self, events: Iterable[Event]) -> None:
        """Take what was written before."""
        for event in events:
            self.feed(event)

    def ask(self, sorte: str, consigne: str, geste: str, observe: tuple[str, ...], rend: tuple[str, ...], delai: float) -> None:
        """Show what the tester is asked."""
        with self._changed:
            self._asked += 1
            self._etat.demande = Demande(self._asked, sorte, self._mask(consigne), geste, observe, rend, time.time(), delai)
            self._bump()

    def answered(self, numero: int) -> bool:
        """Take the demand away; False when it is no longer the one asked."""
        with self._changed:
            if self._etat.demande is None or self._etat.demande.numero != numero:
                return False
            self._etat.demande = None
            self._bump()
            return True

    def say(self, text: str) -> None:
        """A message of the harness."""
        with self._changed:
            self._etat.messages = [*self._etat.messages[-9:], self._mask(text.strip())]
            self._bump()

    def awaited(self, what: str) -> None:
        """What the harness is looking for now."""
        with self._changed:
            self._etat.attendu = self._mask(what)
            self._bump()

    def reported(self) -> None:
        """The reports are written."""
        with self._changed:
            self._etat.rapport = True
            self._bump()

    def paused(self, state: bool) -> None:
        """Whether the next scenario waits."""
        with self._changed:
            self._etat.en_pause = state
            self._bump()

    @property
    def demande(self) -> Demande | None:
        """What is asked now."""
        with self._changed:
            return self._etat.demande

    @property
    def en_cours(self) -> str:
        """The scenario that plays, ``""``: none."""
        with self._changed:
            return next((line.id for line in self._etat.scenarios.values() if line.etat == "en cours"), "")

    def wait(self, since: int, timeout: float) -> bool:
        """Wait until something changed since that version; False when nothing did."""
        with self._changed:
            return self._changed.wait_for(lambda: self.version > since, timeout)

    def page(self, since: int = 0) -> dict[str, Any]:
        """What changed since that version (0: all, with the last lines only), as JSON values."""
        with self._changed:
            etat = self._etat
            recent = [name for name, at in reversed(self._changes.items()) if at > since] if since else list(self._echanges)[::-1]
            names = recent[:SHOWN]
            lines = [asdict(self._echanges[name]) for name in names if name in self._echanges]
            demande = None if etat.demande is None else {**asdict(etat.demande), "passe": time.time() - etat.demande.depuis}
            return {
                "version": self.version,
                "produit": etat.produit,
                "finie": etat.finie,
                "rapport": etat.rapport,
                "en_pause": etat.en_pause,
                "demande": demande,
                "attendu": etat.attendu,
                "messages": etat.messages,
                "scenarios": [asdict(line) for line in etat.scenarios.values()],
                "echanges": sorted(lines, key=lambda line: line["id"]),
                "nombre": len(self._echanges),
            }

    def older(self, before: str) -> list[dict[str, Any]]:
        """The lines just before that one."""
        with self._changed:
            names = list(self._echanges)
            end = names.index(before) if before in self._echanges else len(names)
            return [asdict(self._echanges[name]) for name in names[max(0, end - SHOWN) : end]]

    def _bump(self) -> None:
        self.version += 1
        self._changed.notify_all()

    def _touch(self, name: str) -> None:
        self._changes[name] = self.version + 1
        self._changes.move_to_end(name)
        while len(self._changes) > KEPT:
            self._changes.popitem(last=False)

    def _on_plan(self, event: Event) -> None:
        for row in event.data["joues"]:
            self._etat.scenarios.setdefault(row["id"], LigneScenario(row["id"], row["titre"]))

    def _on_scenario_debut(self, event: Event) -> None:
        line = self._etat.scenarios.setdefault(event.scenario, LigneScenario(event.scenario, event.data["titre"]))
        line.etat, line.raison, line.tentatives = "en cours", "", event.attempt

    def _on_scenario_fin(self, event: Event) -> None:
        line = self._etat.scenarios.setdefault(event.scenario, LigneScenario(event.scenario, event.scenario))
        line.etat, line.raison = event.data["verdict"], self._mask(event.data["raison"])
        self._etat.attendu = ""

    def _on_scenario_interrompu(self, event: Event) -> None:
        if event.scenario in self._etat.scenarios:
            self._etat.scenarios[event.scenario].etat = "à venir"

    def _on_campagne_fin(self, event: Event) -> None:
        self._etat.finie = True

    def _on_requete(self, event: Event) -> None:
        self._line(event, "")

    def _on_tls(self, event: Event) -> None:
        self._line(event, "connexion sans requête")

    def _line(self, event: Event, statut: str) -> None:
        data = event.data
        line = LigneEchange(data["echange"], event.t["logique"], data["service"], data["genre"], event.scenario, statut)
        self._echanges[line.id] = line
        self._touch(line.id)
        while len(self._echanges) > KEPT:
            self._echanges.popitem(last=False)

    def _on_reponse(self, event: Event) -> None:
        if line := self._echanges.get(event.data["echange"]):
            line.statut = str(event.data["statut"])
            self._touch(line.id)

    def _on_verdict(self, event: Event) -> None:
        verdict = Verdict(event.data["verdict"])
        for name in event.data["sujets"]:
            line = self._echanges.get(name)
            if line is None or (line.verdict and Verdict(line.verdict).rank <= verdict.rank):
                continue
            line.verdict = verdict.value
            if verdict in BROKEN:
                line.constat = self._mask(_message(self._blob(event.data["detail"])))
            self._touch(name)


def _message(detail: Mapping[str, Any]) -> str:
    found = detail.get("constat") or {}
    return str(found.get("message") or detail.get("raison") or detail.get("regle") or "")


def as_json(row: Mapping[str, Any]) -> bytes:
    """What the page reads."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
