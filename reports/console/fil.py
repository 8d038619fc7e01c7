"""What the page shows, kept from the events of the journal: scenarios, exchanges, what is asked, what is awaited.

Everything in it can be made again from the journal: a page that reloads, or a harness that restarts, shows the same.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from itertools import islice, takewhile
from typing import Any

from dui_conformance.core.journal import Event
from dui_conformance.core.verdict import Verdict

from ..typography import clock, legible
from .lignes import COMING, PLAYING, Attente, Demande, Etat, LigneEchange, LigneScenario

KEPT = 20_000
"""Exchanges whose line is kept; older ones are in the report."""
SHOWN = 100
"""Lines given at once."""
MESSAGES = 10
BROKEN = (Verdict.NON_CONFORME, Verdict.ERREUR, Verdict.AVERTISSEMENT)


class Fil:
    """Fed by events, read by pages; ``version`` grows with each change. ``blob`` reads a JSON blob of the campaign."""

    def __init__(self, produit: str, blob: Callable[[str], Any], mask: Callable[[str], str] = str) -> None:
        self._etat = Etat(produit)
        self._echanges: OrderedDict[str, LigneEchange] = OrderedDict()
        self._received = 0
        self._changes: OrderedDict[str, int] = OrderedDict()
        self._turned: OrderedDict[str, int] = OrderedDict()
        self._blob = blob
        self._mask: Callable[[str], str] = lambda text: legible(mask(text))
        self._asked = time.time_ns() // 1_000_000
        """From the clock: a harness that restarts never takes a number that an open page already has."""
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

    def ask(self, dit: Mapping[str, Any]) -> None:
        """Show what the tester is asked, as the driver says it."""
        with self._changed:
            self._asked += 1
            masked = {name: self._masked(value) for name, value in dit.items()}
            self._etat.demande = Demande(self._asked, masked, time.monotonic())
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
            self._etat.messages = [*self._etat.messages[1 - MESSAGES :], self._mask(text.strip())]
            self._bump()

    def awaited(self, what: str, within: float = 0.0) -> None:
        """What the harness is looking for now, and for how many seconds at most."""
        with self._changed:
            self._etat.attente = Attente(self._mask(what), time.monotonic(), within)
            self._bump()

    def turn(self, **what: Any) -> None:
        """Set fields of the state: ``en_pause``, ``tenue``, ``rapport``, ``pv``, ``fermee``, ``mode``, ``services``."""
        with self._changed:
            self._etat = replace(self._etat, **what)
            self._bump()

    @property
    def demande(self) -> Demande | None:
        """What is asked now."""
        with self._changed:
            return self._etat.demande

    @property
    def finie(self) -> bool:
        """Whether the campaign has ended."""
        with self._changed:
            return self._etat.finie

    @property
    def fermee(self) -> bool:
        """Whether the tester has left, or the harness is done."""
        with self._changed:
            return self._etat.fermee

    @property
    def en_cours(self) -> str:
        """The scenario that plays, ``""``: none."""
        with self._changed:
            return next((line.id for line in self._etat.scenarios.values() if line.etat == PLAYING), "")

    def wait(self, since: int, timeout: float) -> bool:
        """Wait until something changed since that version; False when nothing did."""
        with self._changed:
            return self._changed.wait_for(lambda: self.version > since, timeout)

    def page(self, since: int = 0) -> dict[str, Any]:
        """What changed since that version (0: all, with the last lines only), as JSON values."""
        with self._changed:
            etat, now = self._etat, time.monotonic()
            lines = [asdict(self._echanges[name]) for name in self._recent(since) if name in self._echanges]
            turned = _since(self._turned, since) if since else etat.scenarios
            demande = etat.demande and {**etat.demande.dit, "numero": etat.demande.numero, "passe": now - etat.demande.depuis}
            attente = {"quoi": etat.attente.quoi, "passe": now - etat.attente.depuis, "delai": etat.attente.delai}
            shown = ("produit", "mode", "services", "tenue", "finie", "rapport", "fermee", "pv", "en_pause", "messages")
            return {
                "version": self.version,
                **{name: getattr(etat, name) for name in shown},
                "demande": demande,
                "attente": attente if etat.attente.quoi else None,
                "bilan": Counter(line.etat for line in etat.scenarios.values()),
                "scenarios": sorted((asdict(etat.scenarios[name]) for name in turned), key=lambda line: int(line["rang"])),
                "echanges": sorted(lines, key=lambda line: str(line["id"])),
                "nombre": self._received,
            }

    def listed(self, *, before: str = "", scenario: str = "", broken: bool = False) -> dict[str, Any]:
        """The last lines that are before that one (``""``: of all), of that scenario, with a finding; ``reste``: there are others
        before them."""
        with self._changed:
            fitting = (
                line
                for line in reversed(self._echanges.values())
                if (not before or line.id < before)
                and (not scenario or line.scenario == scenario)
                and (not broken or line.constat)
            )
            found = [asdict(line) for line in islice(fitting, SHOWN + 1)]
            return {"echanges": found[:SHOWN][::-1], "reste": len(found) > SHOWN}

    def _recent(self, since: int) -> Iterable[str]:
        names = _since(self._changes, since) if since else reversed(self._echanges)
        return list(islice(names, SHOWN))

    def _masked(self, value: Any) -> Any:
        """The value with its texts masked."""
        if isinstance(value, str):
            return self._mask(value)
        if isinstance(value, Mapping):
            return {name: self._masked(each) for name, each in value.items()}
        return [self._masked(each) for each in value] if isinstance(value, list | tuple) else value

    def _bump(self) -> None:
        self.version += 1
        self._changed.notify_all()

    def _touch(self, changes: OrderedDict[str, int], name: str) -> None:
        changes[name] = self.version + 1
        changes.move_to_end(name)
        while len(changes) > KEPT:
            changes.popitem(last=False)

    def _scenario(self, name: str, titre: str = "") -> LigneScenario:
        held = self._etat.scenarios
        line = held.setdefault(name, LigneScenario(name, titre or name, len(held)))
        self._touch(self._turned, name)
        return line

    def _on_plan(self, event: Event) -> None:
        for row in event.data["joues"]:
            self._scenario(row["id"], row["titre"])

    def _on_scenario_debut(self, event: Event) -> None:
        line = self._scenario(event.scenario, event.data["titre"])
        line.etat, line.raison, line.tentatives, line.echanges = PLAYING, "", event.attempt, 0

    def _on_scenario_fin(self, event: Event) -> None:
        line = self._scenario(event.scenario)
        line.etat, line.raison = event.data["verdict"], self._mask(event.data["raison"])
        self._etat.attente = Attente()

    def _on_scenario_interrompu(self, event: Event) -> None:
        if event.scenario in self._etat.scenarios:
            self._scenario(event.scenario).etat = COMING

    def _on_attente(self, event: Event) -> None:
        self._etat.attente = Attente()

    def _on_fenetre(self, event: Event) -> None:
        self._etat.attente = Attente()

    def _on_campagne_fin(self, event: Event) -> None:
        self._etat.finie = True

    def _on_requete(self, event: Event) -> None:
        self._line(event, "")

    def _on_tls(self, event: Event) -> None:
        self._line(event, "sans requête")

    def _line(self, event: Event, statut: str) -> None:
        data = event.data
        resume = self._mask(data.get("resume", ""))
        heure = clock(event.t["logique"])[:-4]
        line = LigneEchange(data["echange"], heure, data["service"], data["genre"], resume, event.scenario, statut)
        self._received += 1
        self._echanges[line.id] = line
        self._touch(self._changes, line.id)
        if event.scenario in self._etat.scenarios:
            self._scenario(event.scenario).echanges += 1
        while len(self._echanges) > KEPT:
            self._echanges.popitem(last=False)

    def _on_reponse(self, event: Event) -> None:
        if line := self._echanges.get(event.data["echange"]):
            line.statut = str(event.data["statut"])
            self._touch(self._changes, line.id)

    def _on_verdict(self, event: Event) -> None:
        verdict = Verdict(event.data["verdict"])
        for name in event.data["sujets"]:
            line = self._echanges.get(name)
            if line is None or (line.verdict and Verdict(line.verdict).rank <= verdict.rank):
                continue
            line.verdict = verdict.value
            if verdict in BROKEN:
                line.constat = self._mask(_message(self._blob(event.data["detail"])))
            self._touch(self._changes, name)


def _since(changes: OrderedDict[str, int], since: int) -> Iterable[str]:
    """The names changed after that version, last first."""
    return takewhile(lambda name: changes[name] > since, reversed(changes))


def _message(detail: Mapping[str, Any]) -> str:
    found = detail.get("constat") or {}
    return str(found.get("message") or detail.get("raison") or detail.get("regle") or "")


def as_json(row: Mapping[str, Any]) -> bytes:
    """What the page reads."""
    return json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
