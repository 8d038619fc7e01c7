"""Assembles a campaign: PKI, services, runtime, recorder, driver, stage. One process, one service set, one journal."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from ..core.archive import Archive
from ..core.campaign import Campaign, Rules
from ..core.clock import Clock
from ..core.driver import Driver
from ..core.errors import InputError
from ..core.formulaire import Attest
from ..core.journal import Journal
from ..core.plateforme import private_folder, write_private
from ..core.real_data import guard
from ..core.recorder import LiveRecorder, number
from ..core.runner import Outcome, Scenario, run_scenario
from ..core.service import Service
from ..core.settings import Settings, settings_row
from ..core.stage import LiveStage
from .monde import FictionalWorld
from .pki import PROJECT, anchors, open_pki
from .references import loaded_references
from .services import CLIENT_KEYS, CLIENTS, client_secret, make_services, with_secrets

if TYPE_CHECKING:
    from ..mocks.pki.store import Pki
    from ..reports.masking import PassingMasker
    from .services_file import Addresses


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked of a house: where it writes, which settings, whether it goes on with an earlier campaign.

    ``faulty_certificates`` puts the faulty client certificates in ``services.json``, as some faults of the reference DUI need;
    ``attest`` gives the attestations written beforehand; ``rem`` replaces the REM of the project.
    """

    settings: Settings
    folder: Path
    project: Path
    pilote: str
    faults: tuple[str, ...] = ()
    resume: bool = False
    strict: bool = False
    services_stricts: bool = False
    selection: tuple[str, ...] = ()
    faulty_certificates: bool = False
    attest: Attest = lambda question: None
    rem: Path | None = None


class House:
    """Everything that a live campaign needs, opened and closed together (a context manager)."""

    def __init__(
        self,
        plan: Plan,
        make_driver: Callable[[str, Mapping[str, Any], Plan, Clock], Driver] | None,
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.plan = plan
        self._tell = tell
        self.clock = Clock()
        self.started = time.perf_counter()
        self._stack = ExitStack()
        self._make_driver = make_driver
        self.outcomes: list[Outcome] = []
        self.done: dict[str, str] = {}
        self._contexted = False
        self._created = False
        self._masker: PassingMasker | None = None

    def __enter__(self) -> House:
        try:
            self._open()
        except InputError:
            self._stack.close()
            if self._created:
                _forget(self.plan.folder)
            raise
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    @property
    def plays(self) -> bool:
        """True when a driver plays gestures here: ``serve`` has none."""
        return self._make_driver is not None

    def mask(self, text: str) -> str:
        """A text to show while the campaign runs, without the secrets minted or seen."""
        if self._masker is None:
            from ..reports.masking import PassingMasker

            own = [getattr(self.settings, nom).client_secret for nom in CLIENTS]
            self._masker = PassingMasker(lambda: (*self.recorder.secrets, *own))
        return self._masker.mask(text)

    def play(self, scenario: Scenario) -> Outcome:
        """Run one scenario and keep its outcome."""
        outcome = run_scenario(self.campaign, self.stage, scenario)
        self.outcomes.append(outcome)
        return outcome

    def _open(self) -> None:
        from ..validation.sidoba.cadre import path_of_exemple
        from .services_file import services_file

        plan, settings = self.plan, self.plan.settings
        project = private_folder(plan.project / PROJECT)
        attempts, first = self._resume_state() if plan.resume else ({}, 1)
        pki = open_pki(settings, plan.project)
        settings = with_secrets(settings, lambda nom, held: client_secret(held, project / f"{nom}-secret"))
        self.settings = settings
        self.services: dict[str, Service] = make_services(settings, project, strict=plan.services_stricts)
        if plan.resume:
            self.journal = Journal.resume(plan.folder, self.clock)
        else:
            self.journal = Journal.create(plan.folder, self.clock, self._opening())
            self._created = True
        self._stack.callback(self.journal.close)
        self.recorder = LiveRecorder(self.journal, self.clock, guard(_is_test_person(), settings.fictif.matricules), first=first)
        self.addresses = self._listen(pki)
        self._configure_services(pki)
        self.endpoints = services_file(
            settings,
            self.addresses,
            pki,
            [listener.nom for s in self.services.values() for listener in s.listeners],
            faulty=bool(plan.faults) or plan.faulty_certificates,
            client_keys=project / CLIENT_KEYS,
            frame=plan.project / settings.sidoba.fichier_cadre if settings.sidoba.fichier_cadre else path_of_exemple(),
        )
        write_private(plan.folder / "services.json", json.dumps(self.endpoints, indent=2, ensure_ascii=False).encode())
        judged_with = (anchors(pki, settings.pki.ac_clientes), *loaded_references(plan.project, settings))
        rules = self.rules = campaign_rules(judged_with, datetime.now(UTC).date(), self.services)
        if not self._contexted:
            self._context(rules)
        if self._make_driver is None:
            return
        self.driver = self._make_driver(plan.pilote, self.endpoints, plan, self.clock)
        self._stack.callback(self.driver.close)
        self.stage = LiveStage(
            journal=self.journal,
            recorder=self.recorder,
            clock=self.clock,
            driver=self.driver,
            services=self.services,
            presenter=self.runtime,
            world=FictionalWorld(),
            attempts=attempts,
            failures=self.runtime.failures,
            attest=self.plan.attest,
            tell=self._tell,
        )
        self.campaign = Campaign(settings, self.stage, rules)

    def _listen(self, pki: Pki) -> Addresses:
        """Open the ports of the services; gives their addresses."""
        from ..mocks.runtime.server import Runtime

        settings = self.settings
        self.runtime = Runtime(
            self.recorder,
            self.clock,
            pki,
            adresse=settings.services.adresse,
            noms=settings.services.noms,
            ports=self._ports(),
            ac_clientes=[Path(p) for p in settings.pki.ac_clientes],
        )
        self._stack.callback(self.runtime.stop)
        self.runtime.start(list(self.services.values()))
        return self.runtime

    def _opening(self) -> dict[str, Any]:
        from importlib.metadata import version

        produit = self.plan.settings.produit
        return {
            "outil": version("dui-conformance"),
            "produit": {"nom": produit.nom, "version": produit.version, "nil": produit.nil, "editeur": produit.editeur},
            "secteurs": list(self.plan.settings.secteurs),
            "pilote": self.plan.pilote,
            "strict": self.plan.strict,
            "selection": list(self.plan.selection),
            "defauts": list(self.plan.faults),
        }

    def _context(self, rules: Rules) -> None:
        from ..checks.registry import rule_sets
        from .rem_tenu import held_by_project

        rem = held_by_project(self.plan.project, self.settings, self.plan.rem)
        hidden = replace(with_secrets(self.settings, lambda nom, held: ""), pilote=replace(self.settings.pilote, jeton=""))
        self.journal.append(
            "contexte",
            reglages=self.journal.blob_json(settings_row(hidden)),
            jeux=[
                {"id": s.id, "version": s.version, "sha256": s.sha256, "valide_du": str(s.valid_from or "")} for s in rule_sets()
            ],
            ancres=[self.journal.blob(der) for der in rules.context[0].certificates],
            revocations=[self.journal.blob(der) for der in rules.context[0].crls],
            jour=str(rules.day),
            **({"rem": rem.as_event(self.journal.blob_json)} if rem is not None else {}),
        )

    def _resume_state(self) -> tuple[dict[str, int], int]:
        """Attempts already begun, done scenarios, next exchange number, clock offset: from the journal."""
        archive = Archive(self.plan.folder)
        attempts: dict[str, int] = {}
        for event in archive.events:
            if event.type == "scenario.debut":
                attempts[event.scenario] = event.attempt
                self.done.pop(event.scenario, None)
            elif event.type == "scenario.fin":
                self.done[event.scenario] = event.data["verdict"]
            elif event.type == "contexte":
                self._contexted = True
            elif event.type == "horloge" and event.data["suivie"]:
                self.clock.advance(timedelta(seconds=event.data["secondes"]))
        first = max((number(name) for name in archive.exchange_ids), default=0) + 1
        return attempts, first

    def note_interruptions(self) -> None:
        """Write that attempts without an end were interrupted; they are kept, and played again from their start."""
        archive = Archive(self.plan.folder)
        ended = {(e.scenario, e.attempt) for e in archive.of_type("scenario.fin", "scenario.interrompu")}
        for event in archive.of_type("scenario.debut"):
            if (event.scenario, event.attempt) not in ended:
                self.journal.append("scenario.interrompu", scenario=event.scenario, tentative=event.attempt)

    def _ports(self) -> dict[str, int]:
        ports = dict(self.plan.settings.services.ports)
        kept = self.plan.folder / "services.json"
        if self.plan.resume and kept.is_file():
            ports = {**json.loads(kept.read_text(encoding="utf-8")).get("ports", {}), **ports}
        return ports

    def _configure_services(self, pki: Pki) -> None:
        urls = {listener.nom: self.addresses.url(listener.nom) for s in self.services.values() for listener in s.listeners}
        for service in self.services.values():
            configure = getattr(service, "configure", None)
            if configure is not None:
                configure({listener.nom: urls[listener.nom] for listener in service.listeners})
            attach = getattr(service, "attach", None)
            if attach is not None:
                ours = pki.client("auth_cli")
                attach(self.recorder, self.clock, ac=pki.ac, certificate=ours.certificate, key=ours.key)


def campaign_rules(context: tuple[Any, ...], day: date, services: Mapping[str, Service]) -> Rules:
    """What a campaign judges with, that day; ``context``: trust anchors, references loaded by the user."""
    from ..checks.registry import all_checks, all_profiles, run_profile

    all_checks()
    profiles = all_profiles()
    provisional = frozenset(kind for s in services.values() for kind in getattr(s, "provisoire", ()))

    def profile(name: str) -> Any:
        if name not in profiles:
            raise InputError(f"profil inconnu : {name} (connus : {', '.join(sorted(profiles))})")
        return profiles[name]

    return Rules(
        profile=profile,
        run_profile=run_profile,
        context=context,
        day=day,
        provisional=provisional,
    )


def _forget(folder: Path) -> None:
    """Remove a campaign that could not even open, so that the same command works once the setting is corrected."""
    shutil.rmtree(folder / "blobs", ignore_errors=True)
    for name in ("journal.jsonl", "sel", "services.json", ".verrou"):
        (folder / name).unlink(missing_ok=True)
    with suppress(OSError):
        folder.rmdir()


def _is_test_person() -> Callable[[str], bool]:
    from ..fixtures.test_persons import is_test_person

    return is_test_person
