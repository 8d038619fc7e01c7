"""Records what services see, attributes it to scenarios by keys, and wakes who waits. One per campaign."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from .archive import make_exchange
from .clock import Clock
from .errors import HarnessError, RealDataError
from .exchange import Connection, Exchange, Key, Reply, Request
from .journal import Event, Journal
from .service import Service

KEPT = 5_000
STRONG = ("ins", "traits", "uid", "jeton", "code", "state", "session")

Guard = Callable[[Request], None]


class LiveRecorder:
    """Implements ``core.service.Recorder`` over a journal.

    At most ``KEPT`` exchanges stay at hand; older ones live in the journal only. ``guard`` raises ``RealDataError``
    before anything of a request is stored; the campaign then stops (``stopped``).
    """

    def __init__(self, journal: Journal, clock: Clock, guard: Guard, *, first: int = 1) -> None:
        self.journal = journal
        self._clock = clock
        self._guard = guard
        self._next = first
        self._condition = threading.Condition()
        self._asked: dict[str, Event] = {}
        self._exchanges: deque[Exchange] = deque(maxlen=KEPT)
        self._owners: dict[str, str] = {}
        self._strong: set[str] = set()
        self.stopped: RealDataError | None = None
        self.observers: list[Callable[[Exchange], None]] = []

    def claim(self, scenario: str, keys: Iterable[Key]) -> None:
        """From now on, exchanges that carry these keys belong to the scenario."""
        with self._condition:
            for key in keys:
                self._own(key, scenario)

    def received(self, service: Service, listener: str, request: Request) -> str:
        """Record a request before it is handled; gives the exchange id."""
        if self.stopped is not None:
            raise self.stopped
        try:
            self._guard(request)
        except RealDataError as error:
            self._stop(error)
            raise
        description = service.describe(listener, request)
        keys = [self.journal.hmac(k) for k in description.keys]
        scenario, attribution = self._attribute(keys)
        head = {
            "methode": request.method,
            "cible": request.target,
            "entetes": [list(h) for h in request.headers],
            "secrets": list(description.secrets),
        }
        name = self._name()
        data: dict[str, Any] = {
            "echange": name,
            "service": service.nom,
            "port": listener,
            "genre": description.kind,
            "cles": keys,
            "resume": description.summary,
            "attribution": attribution,
            "tete": self.journal.blob_json(head),
            "corps": self.journal.blob(request.body),
            "taille": request.body.size,
            "brut": self.journal.blob(request.raw) if request.raw is not None else "",
            "connexion": self._connection(request.connection),
        }
        event = self._write("requete", scenario, data)
        with self._condition:
            self._asked[name] = event
            for key in description.keys:
                if key.espace in STRONG and scenario:
                    self._own(key, scenario)
        return name

    def answered(self, exchange: str, reply: Reply) -> None:
        """Record a reply before its first byte is sent, and show the exchange to who waits."""
        asked = self._asked.pop(exchange)
        keys = [self.journal.hmac(k) for k in reply.keys]
        head = {
            "entetes": [list(h) for h in reply.headers],
            "faits": dict(reply.facts),
            "secrets": list(reply.secrets),
        }
        data: dict[str, Any] = {
            "echange": exchange,
            "statut": reply.status,
            "cles": keys,
            "tete": self.journal.blob_json(head),
            "corps": self.journal.blob(reply.body),
            "taille": reply.body.size,
        }
        event = self._write("reponse", asked.scenario, data)
        with self._condition:
            if asked.scenario:
                for key in reply.keys:
                    self._own(key, asked.scenario)
        self._show(make_exchange(self.journal.folder, asked, event))

    def delivered(self, exchange: str, outcome: str) -> None:
        """Say how the reply left, when it was not simply sent."""
        if outcome != "envoye":
            self.journal.append("livraison", echange=exchange, issue=outcome)

    def handshake(self, service: str, listener: str, connection: Connection) -> None:
        """Record a TLS handshake that failed, or a connection that ended without any request."""
        name = self._name()
        data: dict[str, Any] = {
            "echange": name,
            "service": service,
            "port": listener,
            "genre": f"tls.{service}",
            "connexion": self._connection(connection),
            "attribution": "fenetre" if self.journal.scenario else "",
        }
        event = self._write("tls", self.journal.scenario, data)
        self._show(make_exchange(self.journal.folder, None, None, event))

    def exchanges(self, after: int = 0) -> list[Exchange]:
        """Exchanges whose number is greater than ``after``, in order of reception."""
        with self._condition:
            return sorted((e for e in self._exchanges if number(e.id) > after), key=lambda e: number(e.id))

    def wait(self, ready: Callable[[], bool], timeout: float) -> bool:
        """Block until ``ready()`` is true (re-evaluated at each new exchange or :meth:`wake`) or the time is out."""
        with self._condition:
            found = self._condition.wait_for(lambda: self.stopped is not None or ready(), timeout)
        if self.stopped is not None:
            raise self.stopped
        return found

    def wake(self) -> None:
        """Have waiters look again (a gesture ended)."""
        with self._condition:
            self._condition.notify_all()

    @property
    def last(self) -> int:
        """Number of the last exchange begun."""
        return self._next - 1

    def forget_views(self) -> None:
        """Drop the parsed views of kept exchanges: memory stays bounded from one scenario to the next."""
        with self._condition:
            for exchange in self._exchanges:
                exchange.memo.clear()
                if exchange.request is not None:
                    exchange.request.memo.clear()

    def _name(self) -> str:
        with self._condition:
            name = f"E{self._next:06d}"
            self._next += 1
            return name

    def _own(self, key: Key, scenario: str) -> None:
        digest = self.journal.hmac(key)
        self._owners[digest] = scenario
        if key.espace in STRONG:
            self._strong.add(digest)

    def _attribute(self, keys: list[str]) -> tuple[str, str]:
        with self._condition:
            owned = [k for k in keys if k in self._owners]
            strong = [k for k in owned if k in self._strong]
            if strong or owned:
                return self._owners[(strong or owned)[0]], "cle"
            if self.journal.scenario:
                return self.journal.scenario, "fenetre"
            return "", ""

    def _connection(self, connection: Connection) -> dict[str, Any]:
        row = asdict(connection)
        row["client_der"] = self.journal.blob(connection.client_der) if connection.client_der else ""
        row["client_chain_der"] = [self.journal.blob(der) for der in connection.client_chain_der]
        return row

    def _write(self, kind: str, scenario: str, data: dict[str, Any]) -> Event:
        return self.journal.write(kind, scenario=scenario, **data)

    def _show(self, exchange: Exchange) -> None:
        with self._condition:
            self._exchanges.append(exchange)
            self._condition.notify_all()
        for observer in self.observers:
            observer(exchange)

    def _stop(self, error: RealDataError) -> None:
        with self._condition:
            self.stopped = error
            self._condition.notify_all()
        self.journal.append("arret", raison=str(error))


def number(name: str) -> int:
    """The number of an exchange id (``E000012`` → 12)."""
    if not name.startswith("E") or not name[1:].isdigit():
        raise HarnessError(f"identifiant d'échange invalide : {name}")
    return int(name[1:])
