"""Records what services see, attributes it to scenarios by keys, and wakes who waits. One per campaign."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from .archive import make_exchange
from .clock import Clock
from .errors import HarnessError, RealDataError
from .exchange import Connection, Exchange, Key, Reply, Request
from .journal import Event, Journal
from .service import Service

KEPT = 5_000
SECRETS = 500
KEPT_KEYS = 200_000
STRONG = ("ins", "traits", "uid", "jeton", "code", "state", "session")

Guard = Callable[[Request], None]


@dataclass(frozen=True, slots=True)
class Owner:
    """The attempt of a scenario to which a correlation key belongs, and the kind of that key."""

    scenario: str
    attempt: int
    espace: str

    @property
    def strong(self) -> bool:
        """True when the key names the attempt alone."""
        return self.espace in STRONG


class LiveRecorder:
    """Implements ``core.service.Recorder`` over a journal.

    At most ``KEPT`` exchanges and ``KEPT_KEYS`` keys stay at hand; older exchanges live in the journal only. ``guard``
    raises ``RealDataError`` before anything of a request is stored; the campaign then stops (``stopped``).
    """

    def __init__(self, journal: Journal, clock: Clock, guard: Guard, *, first: int = 1) -> None:
        self.journal = journal
        self._clock = clock
        self._guard = guard
        self._next = first
        self._condition = threading.Condition()
        self._asked: dict[str, Event] = {}
        self._exchanges: deque[tuple[int, Exchange]] = deque(maxlen=KEPT)
        self._owners: OrderedDict[str, Owner] = OrderedDict()
        self.stopped: RealDataError | None = None
        self.secrets: deque[str] = deque(maxlen=SECRETS)
        """The latest secrets minted or seen, to mask in what is shown while the campaign runs."""
        self.observers: list[Callable[[Exchange], None]] = []

    def claim(self, scenario: str, keys: Iterable[Key], attempt: int = 1) -> None:
        """From now on, exchanges that carry these keys belong to that attempt of the scenario."""
        with self._condition:
            for key in keys:
                self._own(key, scenario, attempt)

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
        scenario, attempt, attribution = self._attribute(keys)
        head = {
            "methode": request.method,
            "cible": request.target,
            "entetes": [list(h) for h in request.headers],
            "secrets": list(description.secrets),
        }
        self.secrets.extend(description.secrets)
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
        event = self._write("requete", scenario, attempt, data)
        with self._condition:
            self._asked[name] = event
            self._inherit(description.keys, event)
        return name

    def answered(self, exchange: str, reply: Reply) -> None:
        """Record a reply before its first byte is sent, and show the exchange to who waits."""
        with self._condition:
            asked = self._asked.pop(exchange)
        keys = [self.journal.hmac(k) for k in reply.keys]
        head = {
            "entetes": [list(h) for h in reply.headers],
            "faits": dict(reply.facts),
            "secrets": list(reply.secrets),
        }
        self.secrets.extend(reply.secrets)
        data: dict[str, Any] = {
            "echange": exchange,
            "statut": reply.status,
            "cles": keys,
            "tete": self.journal.blob_json(head),
            "corps": self.journal.blob(reply.body),
            "taille": reply.body.size,
        }
        event = self._write("reponse", asked.scenario, asked.attempt, data)
        with self._condition:
            self._inherit(reply.keys, asked)
        self._show(make_exchange(self.journal.folder, asked, event))

    def delivered(self, exchange: str, outcome: str) -> None:
        """Say how the reply left, when it was not simply sent."""
        if outcome == "envoye":
            return
        with self._condition:
            known = next((e for _, e in reversed(self._exchanges) if e.id == exchange), None)
        scenario, attempt = (known.scenario, known.attempt) if known is not None else ("", 0)
        self._write("livraison", scenario, attempt, {"echange": exchange, "issue": outcome})

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
        event = self._write("tls", self.journal.scenario, self.journal.attempt, data)
        self._show(make_exchange(self.journal.folder, None, None, event))

    def exchanges(self, after: int = 0) -> list[Exchange]:
        """Exchanges whose number is greater than ``after``, in order of reception."""
        with self._condition:
            kept = [(rank, e) for rank, e in self._exchanges if rank > after]
        return [e for _, e in sorted(kept, key=lambda pair: pair[0])]

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
            for _, exchange in self._exchanges:
                exchange.memo.clear()
                if exchange.request is not None:
                    exchange.request.memo.clear()

    def _name(self) -> str:
        with self._condition:
            name = f"E{self._next:06d}"
            self._next += 1
            return name

    def _own(self, key: Key, scenario: str, attempt: int) -> None:
        digest = self.journal.hmac(key)
        self._owners[digest] = Owner(scenario, attempt, key.espace)
        self._owners.move_to_end(digest)
        while len(self._owners) > KEPT_KEYS:
            self._owners.popitem(last=False)

    def _inherit(self, keys: Iterable[Key], event: Event) -> None:
        """What an exchange brings for the first time (token, code, uniqueId) belongs to its scenario.

        A key that another scenario holds stays there, and a professional belongs to who claimed him last: a call made in
        the background for a former scenario takes nothing from the one that plays.
        """
        if not event.scenario:
            return
        for key in keys:
            if key.espace in STRONG and self.journal.hmac(key) not in self._owners:
                self._own(key, event.scenario, event.attempt)

    def _attribute(self, keys: list[str]) -> tuple[str, int, str]:
        with self._condition:
            owners = [self._owners[k] for k in keys if k in self._owners]
            strong = [o for o in owners if o.strong]
        if owners:
            first = (strong or owners)[0]
            # Two keys of one kind that name two attempts (a call for a usager that also names a former one, by mistake)
            # belong to the attempt under way.
            playing = (self.journal.scenario, self.journal.attempt)
            rivals = (o for o in strong if o.espace == first.espace and (o.scenario, o.attempt) == playing)
            owner = next(rivals, first)
            return owner.scenario, owner.attempt, "cle"
        return self.journal.scenario, self.journal.attempt, "fenetre" if self.journal.scenario else ""

    def _connection(self, connection: Connection) -> dict[str, Any]:
        row = asdict(connection)
        row["client_der"] = self.journal.blob(connection.client_der) if connection.client_der else ""
        row["client_chain_der"] = [self.journal.blob(der) for der in connection.client_chain_der]
        return row

    def _write(self, kind: str, scenario: str, attempt: int, data: dict[str, Any]) -> Event:
        return self.journal.write(kind, scenario=scenario, tentative=attempt if scenario else 0, **data)

    def _show(self, exchange: Exchange) -> None:
        with self._condition:
            self._exchanges.append((number(exchange.id), exchange))
            self._condition.notify_all()
        for observer in self.observers:
            observer(exchange)

    def _stop(self, error: RealDataError) -> None:
        digest, error.matricule = self.journal.hmac(Key("ins", error.matricule)), ""
        with self._condition:
            self.stopped = error
            self._condition.notify_all()
        self.journal.append("arret", raison=str(error), empreinte=digest)


def number(name: str) -> int:
    """The number of an exchange id (``E000012`` → 12)."""
    if not name.startswith("E") or not name[1:].isdigit():
        raise HarnessError(f"identifiant d'échange invalide : {name}")
    return int(name[1:])
