"""What a simulated provider remembers: sessions, demands, codes, tokens. Bounded, and judged by logical time only.

Nothing of it outlives the process (the signing keys do): after a restart every token is unknown and users log in again, which is
what a campaign that is taken up again does anyway, each of its scenarios being played from its start.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from ...fixtures.personas import subject_name_id
from ...fixtures.professionals import professional_of
from ...validation.oauth import Params, fingerprint

CODE = timedelta(seconds=60)
PUSHED = timedelta(seconds=90)
CIBA = timedelta(seconds=120)
INTERVAL = 5
KEPT = 5_000

TokenKind = Literal["acces", "rafraichissement", "identite"]
TokenState = Literal["valide", "expire", "revoque", "autre-sorte", "inconnu", "absent"]
Decision = Literal["approuve", "refuse", "jamais", "page"]
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long things live. The values of Pro Santé Connect are the default."""

    access: timedelta = timedelta(minutes=2)
    refresh: timedelta = timedelta(minutes=30)
    session: timedelta = timedelta(hours=4)
    idle: timedelta = timedelta(minutes=30)


@dataclass(slots=True)
class Options:
    """What scenarios order: the persona who logs in (``""``: the page asks), the ``acr`` returned, the userinfo format, and
    what becomes of a CIBA request (``ciba_after``: polls answered "pending" before the decision)."""

    persona: str = ""
    acr: str = "eidas1"
    userinfo: Literal["json", "jwt", "jwe"] = "json"
    ciba: Decision = "approuve"
    ciba_after: int = 0
    ciba_interval: int = INTERVAL


@dataclass(frozen=True, slots=True)
class Demand:
    """What an authorization request asked, kept for the return and for the token call."""

    redirect_uri: str
    state: str = ""
    nonce: str = ""
    scope: str = ""
    challenge: str = ""
    challenge_method: str = "plain"
    response_mode: str = "query"
    hint: str = ""


@dataclass(slots=True)
class Session:
    """A session of a professional at the provider. ``id_nat`` is the national identifier stated in tokens; ``person_key``
    is by what the core knows the professional; ``mode`` how he proved who he is (``CARD`` or ``MOBILE``)."""

    id: str
    persona: str
    person_key: str
    id_nat: str
    sub: str
    acr: str
    mode: str
    started: datetime
    seen: datetime
    limits: Lifetimes
    ended: bool = False
    nonce: str = ""
    scope: str = ""

    def alive(self, now: datetime) -> bool:
        """True while neither ended, nor too old, nor idle for too long."""
        return not self.ended and now - self.started < self.limits.session and now - self.seen < self.limits.idle


@dataclass(slots=True)
class Code:
    """A one-time authorization code, and the tokens that it gave (RFC 6749 §4.1.2: a replay revokes them)."""

    session: Session
    demand: Demand
    issued: datetime
    used: bool = False
    gave: list[Issued] = field(default_factory=list)


@dataclass(slots=True)
class Issued:
    """A token given: access, refresh or id. ``bound`` is the thumbprint of the certificate that must come with it."""

    kind: TokenKind
    session: Session
    expires: datetime
    claims: Mapping[str, Any] = field(default_factory=dict)
    bound: str = ""
    revoked: bool = False

    def state(self, now: datetime) -> TokenState:
        """Its state at a logical time; a token dies with its session."""
        if self.revoked or self.session.ended:
            return "revoque"
        return "valide" if now < self.expires else "expire"


@dataclass(slots=True)
class CibaDemand:
    """A request to log someone in on another device. ``decision`` is what was chosen on the page, if it was."""

    persona: str
    scope: str
    channel: str
    message: str
    issued: datetime
    interval: float
    polls: int = 0
    polled: datetime | None = None
    used: bool = False
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Returned:
    """The last return to the client, as it was made: a fault changes its parameters."""

    demand: Demand
    parameters: Mapping[str, str]


@dataclass(slots=True)
class Store:
    """Everything remembered, each collection bounded to the ``KEPT`` newest entries."""

    seed: int
    limits: Lifetimes = Lifetimes()
    options: Options = field(default_factory=Options)
    codes: OrderedDict[str, Code] = field(default_factory=OrderedDict)
    tokens: OrderedDict[str, Issued] = field(default_factory=OrderedDict)
    sessions: OrderedDict[str, Session] = field(default_factory=OrderedDict)
    pending: OrderedDict[str, Demand] = field(default_factory=OrderedDict)
    pushed: OrderedDict[str, tuple[datetime, Params]] = field(default_factory=OrderedDict)
    ciba: OrderedDict[str, CibaDemand] = field(default_factory=OrderedDict)
    assertions: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    returned: Returned | None = None
    counter: int = 0

    def opaque(self, now: datetime, use: str) -> str:
        """An identifier that the same seed and the same calls at the same instants give again."""
        self.counter += 1
        return hashlib.sha256(f"{self.seed}|{self.counter}|{now.isoformat()}|{use}".encode()).hexdigest()

    def open_session(self, persona: str, now: datetime, *, mode: str = "") -> Session:
        """A new session of a persona (national identifier or persona id); ``KeyError`` for an unknown one."""
        person = professional_of(persona)
        national = subject_name_id(person)
        realm = uuid.uuid5(uuid.NAMESPACE_URL, "simulateur-pro-sante-connect")
        session = Session(
            id=str(uuid.UUID(self.opaque(now, "session")[:32])),
            persona=person.id,
            person_key=person.id_nat or person.id,
            id_nat=national,
            sub=f"f:{realm}:{national}",
            acr=self.options.acr,
            mode=mode or ("MOBILE" if self.options.acr == "eidas1" else "CARD"),
            started=now,
            seen=now,
            limits=self.limits,
        )
        return remember(self.sessions, session.id, session)

    def issue_code(self, session: Session, demand: Demand, now: datetime) -> str:
        """A code for this session and this demand."""
        value = f"{session.id}.{self.opaque(now, 'code')[:40]}"
        remember(self.codes, fingerprint(value), Code(session, demand, now))
        return value

    def keep_token(self, token: str, issued: Issued) -> None:
        """Remember a token by its fingerprint."""
        remember(self.tokens, fingerprint(token), issued)

    def token(self, value: str) -> Issued | None:
        """A token given earlier, None when unknown."""
        return self.tokens.get(fingerprint(value))

    def token_state(self, value: str, now: datetime, *kinds: TokenKind) -> TokenState:
        """The state of a token as presented where tokens of these kinds are expected."""
        if not value:
            return "absent"
        found = self.token(value)
        if found is None:
            return "inconnu"
        return found.state(now) if found.kind in kinds else "autre-sorte"


def remember(collection: OrderedDict[str, V], key: str, value: V) -> V:
    """Add to a bounded collection; the oldest entry leaves when it is full."""
    collection[key] = value
    while len(collection) > KEPT:
        collection.popitem(last=False)
    return value
