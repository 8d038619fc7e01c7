"""Requests, replies and the exchanges made of them: immutable values, free of any network library."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from .errors import Inconclusive
from .providers import provide

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Body:
    """Bytes of a message: in memory when small, in a file (a blob) when over 1 MiB or already recorded."""

    data: bytes | None = b""
    path: Path | None = None

    def read(self) -> bytes:
        """All the bytes."""
        if self.data is not None:
            return self.data
        assert self.path is not None
        return self.path.read_bytes()

    def open(self) -> BinaryIO:
        """A binary stream over the bytes, for bodies too large to hold."""
        if self.data is not None:
            return io.BytesIO(self.data)
        assert self.path is not None
        return self.path.open("rb")

    @property
    def size(self) -> int:
        """Number of bytes."""
        if self.data is not None:
            return len(self.data)
        assert self.path is not None
        return self.path.stat().st_size


@dataclass(frozen=True, slots=True)
class Connection:
    """The TLS connection that carried an exchange, as the service saw it.

    ``established`` is False for a failed handshake; then ``error`` is OpenSSL's reason (``CERTIFICATE_VERIFY_FAILED``…),
    ``detail`` its verification message and ``alert`` the TLS alert that the client sent, when it sent one.
    ``exercised`` is False for an in-process exchange: no TLS took place and the evidence must say so.
    ``server_certificate`` names the certificate served (``bon``, ``expire``, ``mauvais-hote``…).
    ``application_bytes`` counts what the client sent after the handshake.
    """

    id: str = ""
    exercised: bool = True
    established: bool = True
    version: str = ""
    cipher: str = ""
    server_name: str = ""
    resumed: bool = False
    client_der: bytes | None = None
    client_chain_der: tuple[bytes, ...] = ()
    server_certificate: str = "bon"
    error: str = ""
    detail: str = ""
    alert: str = ""
    application_bytes: int = 0
    offered_ciphers: tuple[str, ...] = ()
    offered_versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as received. ``target`` keeps path and query as sent; header names keep their case."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: Body
    connection: Connection
    raw: Body | None = None
    memo: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The raw query string, without ``?``."""
        return self.target.partition("?")[2]

    def header(self, name: str, default: str = "") -> str:
        """First value of a header, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)


@dataclass(frozen=True, slots=True)
class Delivery:
    """How a reply leaves: data, executed by the runtime. ``delay`` in seconds; ``chunk``/``pause`` for slow bytes;
    ``truncate_at`` cuts the body; ``reset`` and ``hang`` end or hold the connection instead of answering."""

    delay: float = 0.0
    chunk: int = 0
    pause: float = 0.0
    truncate_at: int | None = None
    close: bool = False
    reset: bool = False
    hang: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """A correlation key, journaled only as an HMAC. ``espace``: ins, traits, ps, jeton, code, state, uid or session."""

    espace: str
    valeur: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answers. ``facts`` (JSON values) are what checks need beyond the exchange; ``keys`` and
    ``secrets`` are what the reply minted (tokens, codes): keys attribute later exchanges, secrets are masked."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: Body = Body()
    delivery: Delivery = Delivery()
    facts: Mapping[str, Any] = field(default_factory=dict)
    keys: tuple[Key, ...] = ()
    secrets: tuple[str, ...] = ()

    def header(self, name: str, default: str = "") -> str:
        """First value of a header, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), default)


@dataclass(frozen=True, slots=True)
class Description:
    """What a service reads in a request at reception: ``kind`` (``dmp.td2.1``), correlation keys, secrets to mask,
    a short French summary without personal value. ``kind`` is ``<service>.inconnu`` for a call that it does not serve."""

    kind: str
    keys: tuple[Key, ...] = ()
    secrets: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Times:
    """When an exchange was received: wall and logical clock, and monotonic nanoseconds."""

    wall: datetime
    logical: datetime
    mono: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its reply (``kind`` = ``tls.<service>`` and no request for a handshake alone).

    Parsed views are obtained with :meth:`view`: the type asked for is made once by its provider and kept.
    """

    id: str
    service: str
    kind: str
    request: Request | None
    reply: Reply | None
    connection: Connection
    times: Times
    keys: frozenset[str] = frozenset()
    facts: Mapping[str, Any] = field(default_factory=dict)
    scenario: str = ""
    attempt: int = 0
    attribution: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)

    def view(self, wanted: type[T]) -> T:
        """The parsed view of that type; raises ``Inconclusive`` when the exchange cannot give it."""
        found: T = provide(wanted, self)
        return found

    @property
    def http(self) -> Request:
        """The request; raises ``Inconclusive`` for a handshake alone."""
        if self.request is None:
            raise Inconclusive(f"l'échange {self.id} est une négociation TLS sans requête")
        return self.request
