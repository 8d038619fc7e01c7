"""The seam between a simulated service and whatever carries its requests (sockets, respx, requests)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from .exchange import Connection, Description, Reply, Request
from .people import Usager


class ClientCertificate(StrEnum):
    """Whether a listener asks for a client certificate. ``OPTIONNEL`` lets a call without one reach the service."""

    AUCUN = "aucun"
    OPTIONNEL = "optionnel"
    EXIGE = "exige"


@dataclass(frozen=True, slots=True)
class Listener:
    """One port of a service: ``nom`` is unique in the product (``psc``, ``psc-portefeuille``, ``dmp``, ``insi``…).

    ``protocole``: ``https``; ``smtp`` or ``imap`` (TLS by STARTTLS), ``imaps`` (TLS at once), ``dns`` (UDP and TCP, no TLS).
    """

    nom: str
    client: ClientCertificate = ClientCertificate.AUCUN
    ciphers: str = ""
    tls13: bool = True
    protocole: str = "https"


@dataclass(frozen=True, slots=True)
class Panne:
    """A named misbehaviour of a service.

    ``before`` may answer instead of the service; ``after`` may change its reply; ``certificate`` names the faulty
    server certificate (or the downgraded TLS) that the listeners present while the fault is armed. A correct DUI survives
    them all.
    """

    nom: str
    description: str
    exigences: tuple[str, ...] = ()
    before: Callable[[Any, Request, datetime], Reply | None] | None = None
    after: Callable[[Any, Request, Reply], Reply] | None = None
    certificate: str = ""


class Service(Protocol):
    """A national service: state, and a plain function from request to reply. It never judges."""

    nom: str
    listeners: Sequence[Listener]
    pannes: Mapping[str, Panne]

    def describe(self, listener: str, request: Request) -> Description:
        """Kind and correlation keys of a request (``messages.py``). Never raises on bad input."""

    def handle(self, listener: str, request: Request, now: datetime) -> Reply:
        """Answer. Called under the service's lock, in a worker thread; a protocol error is a Reply, not an exception."""

    def admit(self, usager: Usager) -> None:
        """Make a fictional usager known to the service, in the state that ``usager.insi`` / ``usager.dmp`` say."""

    def command(self, nom: str, arguments: Mapping[str, Any]) -> None:
        """Execute a scenario's order (choose the persona, close a DMP…); raises ``HarnessError`` for an unknown one."""

    def arm(self, panne: str, *, times: int | None, target: str = "") -> None:
        """Arm a named fault for the next ``times`` requests (None: until disarmed) whose kind starts with ``target``."""

    def disarm(self, panne: str) -> None:
        """Disarm it."""


class Recorder(Protocol):
    """Where a runtime reports what it sees, in this order: ``received`` → handler → ``answered`` → send → ``delivered``."""

    def received(self, service: Service, listener: str, request: Request) -> str:
        """Record a request before it is handled; gives the exchange id. Raises ``RealDataError`` (nothing stored)."""

    def answered(self, exchange: str, reply: Reply) -> None:
        """Record a reply before its first byte is sent."""

    def delivered(self, exchange: str, outcome: str) -> None:
        """Say how the reply left: ``envoye``, ``client-parti``, ``reset``, ``tronque``, ``silence``…"""

    def handshake(self, service: str, listener: str, connection: Connection) -> None:
        """Record a TLS handshake that failed, or a connection that ended without any request."""
