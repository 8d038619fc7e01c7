"""Where a scenario plays: live, with a driver and services, or again, from a recorded journal.

Each operation of a scenario (gesture, wait, fault, clock…) has a rank within its attempt. Live, the stage executes it
and writes one event with that rank; again, it reads the event of the same rank. That is why ``rejuger`` needs no DUI.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from .archive import Archive
from .clock import Clock
from .driver import Driver, Handle
from .errors import HarnessError, Inconclusive, NotTested
from .exchange import Exchange
from .formulaire import Attest, Attestation, Question, completed
from .gestures import Etat, Gesture, Piece, Resultat
from .gestures.identite import CreerUsager
from .journal import Journal
from .matcher import Matcher, professional_keys, usager_keys
from .people import Professionnel, Usager
from .rebours import count_down
from .recorder import LiveRecorder
from .service import Service

GLANCE = 0.1
"""Seconds between two looks at a gesture under way, while an exchange is awaited."""
CREATION = 60.0
CREATION_BY_HAND = 900.0
"""Seconds given to a DUI, or to a tester, to create a usager."""

P = ParamSpec("P")
R = TypeVar("R")


class World(Protocol):
    """Where fictional people come from."""

    def usager(self, profil: str, graine: str) -> Usager:
        """A usager of that profile; the same seed gives the same person."""

    def professionnel(self, nom: str) -> Professionnel:
        """A professional by id."""

    def document(self, type: str, usager: Usager, variante: str, graine: str) -> bytes:
        """A document received about this usager, as another software would have written it."""


class Presenter(Protocol):
    """What can change the certificate that a service presents."""

    def present(self, listener: str, certificate: str) -> None:
        """Replace a listener's certificate by a named one (``bon`` restores it)."""


class Stage(Protocol):
    """The operations that a campaign needs; ``rank`` identifies one within the attempt."""

    def begin(self, scenario: str) -> int:
        """Start an attempt; gives its number."""

    def usager(self, rank: int, profil: str, graine: str) -> Usager:
        """A usager known to the DUI and to the services."""

    def professionnel(self, rank: int, nom: str) -> Professionnel:
        """A professional, chosen at the next Pro Santé Connect login."""

    def document(self, rank: int, nom: str, type: str, usager: Usager, variante: str, graine: str) -> Piece:
        """A document received about this usager, to be handed to the DUI."""

    def start(self, rank: int, name: str, gesture: Gesture) -> None:
        """Begin a gesture; raises ``NotTested`` when the driver does not offer it."""

    def result(self, rank: int, name: str, within: float) -> tuple[Resultat | None, datetime]:
        """The end of a gesture and its logical time; None when it did not end in time."""

    def wait(
        self, rank: int, service: str, matcher: Matcher, within: float, consumed: set[str], *, pending: str = "", grace: float = 0
    ) -> Exchange | None:
        """The first exchange of this scenario that matches and was not consumed.

        With ``pending``, a gesture under way: no longer than ``grace`` seconds after its end.
        """

    def seen(self, rank: int, service: str, matcher: Matcher, *, least: int = 0, within: float = 0) -> list[Exchange]:
        """All the matching exchanges of this scenario so far, once there are ``least`` of them or ``within`` seconds passed."""

    def order(self, rank: int, service: str, nom: str, arguments: Mapping[str, Any]) -> None:
        """An order to a service."""

    def fault(self, rank: int, service: str, panne: str, times: int | None, target: str, armed: bool) -> None:
        """Arm or disarm a service fault."""

    def advance(self, rank: int, delta: timedelta) -> None:
        """Move the logical clock; raises ``NotTested`` when the DUI cannot follow."""

    def attestation(self, rank: int, question: Question) -> Attestation | None:
        """What a person attested, if anything."""

    def record(self, type: str, **data: Any) -> None:
        """Write an event (verdicts)."""

    def together(self) -> AbstractContextManager[None]:
        """What is recorded meanwhile is forced to the disk at once: the hundred verdicts of a profile."""

    def blob(self, value: Any) -> str:
        """Store a JSON value, give its blob id."""


def _replayed(operation: Callable[Concatenate[LiveStage, int, P], R]) -> Callable[Concatenate[LiveStage, int, P], R]:
    """An operation whose failure is an event of its rank, so that the recorded stage fails alike."""

    @functools.wraps(operation)
    def run(stage: LiveStage, rank: int, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return operation(stage, rank, *args, **kwargs)
        except (NotTested, Inconclusive, HarnessError) as error:
            stage.fail(rank, error)
            raise

    return run


class LiveStage:
    """Plays for real: a driver, services, a recorder, a journal."""

    def __init__(
        self,
        *,
        journal: Journal,
        recorder: LiveRecorder,
        clock: Clock,
        driver: Driver,
        services: Mapping[str, Service],
        presenter: Presenter | None,
        world: World,
        attempts: Mapping[str, int] | None = None,
        attest: Attest = lambda question: None,
        failures: Sequence[BaseException] = (),
        tell: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.journal = journal
        self.recorder = recorder
        self._clock = clock
        self._driver = driver
        self._services = services
        self._presenter = presenter
        self._world = world
        self._attempts = dict(attempts or {})
        self._attest = attest
        self.looking: Callable[[str, float], None] = lambda what, within: None
        self._failures = failures
        self._tell = tell
        self._handles: dict[str, Handle] = {}
        self._mark = 0
        self._failed = 0
        if self._attempts:
            self._claim_former_usagers()

    def begin(self, scenario: str) -> int:
        attempt = self._attempts.get(scenario, 0) + 1
        self._attempts[scenario] = attempt
        self.journal.scenario, self.journal.attempt = scenario, attempt
        self._mark = self.recorder.last
        self._handles.clear()
        return attempt

    @_replayed
    def usager(self, rank: int, profil: str, graine: str) -> Usager:
        usager = self._world.usager(profil, graine)
        self.recorder.claim(self.journal.scenario, usager_keys(usager), self.journal.attempt)
        for service in self._services.values():
            service.admit(usager)
        self.journal.append("usager", rang=rank, id=usager.id, profil=profil, fiche=self.blob(usager.as_dict()))
        if not usager.connu_du_dui:
            return usager
        gesture = CreerUsager.de(usager)
        offered = self._driver.capabilities()
        by_hand = offered.attend_personne and self.journal.attempt > 1
        if gesture.nom in offered.gestes or by_hand:
            self._created(usager, self._driver.start(gesture), CREATION_BY_HAND if by_hand else CREATION)
        return usager

    def _created(self, usager: Usager, handle: Handle, within: float) -> None:
        try:
            result = handle.result(within)
        except TimeoutError:
            raise Inconclusive(f"l'usager {usager.id} n'était pas créé dans le DUI au bout de {within:g} s") from None
        if result.etat in (Etat.IMPOSSIBLE, Etat.PASSE):
            raise NotTested(f"geste {result.etat} : creer_usager ({usager.id})", said=result.message)
        if result.etat is not Etat.FAIT:
            raise Inconclusive(f"le DUI n'a pas créé l'usager {usager.id} (geste {result.etat})", said=result.message)

    @_replayed
    def professionnel(self, rank: int, nom: str) -> Professionnel:
        person = self._world.professionnel(nom)
        self.recorder.claim(self.journal.scenario, professional_keys(person), self.journal.attempt)
        psc = self._services.get("psc")
        if psc is not None:
            psc.command("persona", {"id": person.id_nat or person.id})
        self.journal.append("professionnel", rang=rank, id=person.id, fiche=self.blob(person.as_dict()))
        return person

    @_replayed
    def document(self, rank: int, nom: str, type: str, usager: Usager, variante: str, graine: str) -> Piece:
        piece = Piece(nom, self._world.document(type, usager, variante, graine))
        folder = self.journal.folder / "pieces"
        folder.mkdir(exist_ok=True)
        (folder / nom).write_bytes(piece.data)
        self.journal.append("document", rang=rank, nom=nom, blob=self.journal.blob(piece.data))
        return piece

    @_replayed
    def start(self, rank: int, name: str, gesture: Gesture) -> None:
        offered = self._driver.capabilities().gestes
        if gesture.nom not in offered:
            self.journal.append("geste.absent", rang=rank, geste=name, nom=gesture.nom)
            raise NotTested(f"geste non offert par le pilote : {gesture.nom}")
        self.journal.append("geste", rang=rank, geste=name, nom=gesture.nom, arguments=self.blob(gesture.arguments()))
        self._handles[name] = self._driver.start(gesture)

    def result(self, rank: int, name: str, within: float) -> tuple[Resultat | None, datetime]:
        result: Resultat | None
        try:
            result = self._handles[name].result(within)
        except TimeoutError:
            result = None
        if self.recorder.stopped is not None:
            raise self.recorder.stopped
        ended = self._clock.now()
        row = None if result is None else replace(result, pieces=()).as_wire()
        pieces = {piece.nom: self.journal.blob(piece.data) for piece in (result.pieces if result else ())}
        self.journal.append(
            "geste.fin",
            rang=rank,
            geste=name,
            etat=result.etat if result else "",
            fin=ended.isoformat(),
            blob=self.blob(row),
            **({"pieces": pieces} if pieces else {}),
        )
        return result, ended

    def wait(
        self, rank: int, service: str, matcher: Matcher, within: float, consumed: set[str], *, pending: str = "", grace: float = 0
    ) -> Exchange | None:
        found: list[Exchange] = []

        def look() -> bool:
            found[:] = [e for e in self._matching(service, matcher) if e.id not in consumed][:1]
            return bool(found)

        what = f"{matcher.label} ({service})"
        self.looking(what, within)
        deadline = time.monotonic() + within
        under_way = self._handles.get(pending)
        while under_way is not None and not under_way.done() and time.monotonic() < deadline:
            if self.recorder.wait(look, GLANCE):
                break
        if under_way is not None:
            deadline = min(deadline, time.monotonic() + grace)
            self.looking(what, deadline - time.monotonic())
        count_down(deadline, functools.partial(self.recorder.wait, look), self._tell, matcher.label)
        exchange = found[0] if found else None
        self.journal.append("attente", rang=rank, attendu=matcher.label, service=service, echange=exchange.id if exchange else "")
        return exchange

    def seen(self, rank: int, service: str, matcher: Matcher, *, least: int = 0, within: float = 0) -> list[Exchange]:
        self.recorder.wait(lambda: len(self._matching(service, matcher)) >= least, within)
        found = list(self._matching(service, matcher))
        self.journal.append("releve", rang=rank, attendu=matcher.label, service=service, echanges=[e.id for e in found])
        return found

    @_replayed
    def order(self, rank: int, service: str, nom: str, arguments: Mapping[str, Any]) -> None:
        self._service(service).command(nom, arguments)
        self.journal.append("ordre", rang=rank, service=service, nom=nom, arguments=self.blob(dict(arguments)))

    @_replayed
    def fault(self, rank: int, service: str, panne: str, times: int | None, target: str, armed: bool) -> None:
        held = self._service(service)
        known = held.pannes.get(panne)
        if known is None:
            raise HarnessError(f"panne inconnue de {service} : {panne}")
        if known.certificate and self._presenter is None:
            raise NotTested("TLS non exercé dans ce mode")
        self.journal.append("panne", rang=rank, service=service, nom=panne, fois=times, cible=target, armee=armed)
        if armed:
            held.arm(panne, times=times, target=target)
        else:
            held.disarm(panne)
        if known.certificate and self._presenter is not None:
            for listener in held.listeners:
                self._presenter.present(listener.nom, known.certificate if armed else "bon")

    @_replayed
    def advance(self, rank: int, delta: timedelta) -> None:
        follows = self._driver.capabilities().horloge
        self.journal.append("horloge", rang=rank, secondes=delta.total_seconds(), suivie=follows)
        if not follows:
            raise NotTested("horloge : le pilote ne sait pas avancer celle du DUI")
        self._clock.advance(delta)
        self._driver.advance_clock(delta)

    def attestation(self, rank: int, question: Question) -> Attestation | None:
        """What was answered beforehand, else by who drives the DUI."""
        form = question.formulaire
        asked: Attest | None = getattr(self._driver, "attest", None)
        today = self._clock.now().date()
        answer = self._attest(question)
        if answer is None and asked is not None and (said := asked(question)) is not None:
            answer = replace(said, date=said.date or today.isoformat())
        given = None if answer is None else completed(answer, form, today)
        self.journal.append(
            "attestation",
            rang=rank,
            question=form.texte,
            formulaire=form.as_row(),
            reponse=self.blob(None if given is None else given.as_row()),
            pieces={piece.nom: self.journal.blob(piece.data) for piece in (given.pieces if given else ())},
        )
        return given

    def record(self, type: str, **data: Any) -> None:
        self.journal.append(type, **data)

    def together(self) -> AbstractContextManager[None]:
        return self.journal.together()

    def blob(self, value: Any) -> str:
        return self.journal.blob_json(value)

    def end(self, within: float) -> None:
        """Wait for the gestures still under way, so that none spills over the next scenario; raises when a service failed."""
        deadline = time.monotonic() + within
        for handle in self._handles.values():
            if not handle.done():
                try:
                    handle.result(max(0.0, deadline - time.monotonic()))
                except TimeoutError:
                    self.journal.append("note", texte="un geste n'était pas terminé à la fin du scénario")
        if self.recorder.stopped is not None:
            raise self.recorder.stopped
        new = list(self._failures)[self._failed :]
        self._failed = len(self._failures)
        if new:
            error = HarnessError(f"un service simulé a échoué ({type(new[0]).__name__})")
            self.fail(0, error, str(new[0]))
            raise error

    def fail(self, rank: int, error: NotTested | Inconclusive | HarnessError, said: str = "") -> None:
        """Write that the operation of this rank (0: the end of the scenario) failed, and how."""
        row = {"raison": str(error), "dit": said or getattr(error, "said", "")}
        self.journal.append("echec", rang=rank, sorte=type(error).__name__, detail=self.blob(row))

    def _claim_former_usagers(self) -> None:
        """A resumed campaign: what the DUI still sends for the people of former attempts belongs to those attempts."""
        archive = Archive(self.journal.folder)
        for event in archive.of_type("usager"):
            usager = Usager.from_dict(archive.blob_json(event.data["fiche"]))
            self.recorder.claim(event.scenario, usager_keys(usager), event.attempt)

    def _matching(self, service: str, matcher: Matcher) -> list[Exchange]:
        wanted = {self.journal.hmac(k) for k in matcher.keys}
        return [
            e
            for e in self.recorder.exchanges(after=self._mark)
            if e.service == service
            and (e.scenario, e.attempt) == (self.journal.scenario, self.journal.attempt)
            and (not wanted or wanted & e.keys)
            and matcher.test(e)
        ]

    def _service(self, nom: str) -> Service:
        service = self._services.get(nom)
        if service is None:
            raise NotTested(f"service non simulé : {nom}")
        return service
