"""What the simulated provider remembers: its client, sessions, codes and tokens. Bounded, and judged by logical time only."""

from __future__ import annotations

import hashlib
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from ...core.settings import Psc
from ...fixtures.personas import subject_name_id
from ...fixtures.professionals import professional_of
from ...validation.oauth import fingerprint

ACCESS = timedelta(minutes=2)
REFRESH = timedelta(minutes=30)
CODE = timedelta(seconds=60)
SESSION_MAX = timedelta(hours=4)
SESSION_IDLE = timedelta(minutes=30)
KEPT = 5_000

TokenKind = Literal["acces", "rafraichissement", "identite"]
TokenState = Literal["valide", "expire", "revoque", "autre-sorte", "inconnu", "absent"]
V = TypeVar("V")


@dataclass(slots=True)
class Options:
    """What scenarios order: the persona who logs in (``""``: the page asks), the ``acr`` returned, the userinfo format."""

    persona: str = ""
    acr: str = "eidas1"
    userinfo: Literal["json", "jwt"] = "json"


@dataclass(frozen=True, slots=True)
class Demand:
    """What an authorization request asked, kept for the token call."""

    redirect_uri: str
    state: str
    nonce: str
    scope: str
    challenge: str
    challenge_method: str


@dataclass(slots=True)
class Session:
    """A session of a professional at the provider. ``id_nat`` is the national identifier stated in tokens; ``person_key``
    is by what the core knows the professional."""

    id: str
    persona: str
    person_key: str
    id_nat: str
    sub: str
    acr: str
    started: datetime
    seen: datetime
    ended: bool = False
    nonce: str = ""
    scope: str = ""

    def alive(self, now: datetime) -> bool:
        """True while neither ended, nor older than 4 h, nor idle for 30 minutes."""
        return not self.ended and now - self.started < SESSION_MAX and now - self.seen < SESSION_IDLE


@dataclass(slots=True)
class Code:
    """A one-time authorization code."""

    session: Session
    demand: Demand
    issued: datetime
    used: bool = False


@dataclass(slots=True)
class Issued:
    """A token given: access, refresh or id."""

    kind: TokenKind
    session: Session
    expires: datetime
    revoked: bool = False

    def state(self, now: datetime) -> TokenState:
        """Its state at a logical time; a token dies with its session."""
        if self.revoked or self.session.ended:
            return "revoque"
        return "valide" if now < self.expires else "expire"


@dataclass(slots=True)
class Store:
    """Everything remembered, each collection bounded to the ``KEPT`` newest entries."""

    seed: int
    options: Options = field(default_factory=Options)
    codes: OrderedDict[str, Code] = field(default_factory=OrderedDict)
    tokens: OrderedDict[str, Issued] = field(default_factory=OrderedDict)
    sessions: OrderedDict[str, Session] = field(default_factory=OrderedDict)
    pending: OrderedDict[str, Demand] = field(default_factory=OrderedDict)
    counter: int = 0

    def opaque(self, now: datetime, use: str) -> str:
        """An identifier that the same seed and the same calls at the same instants give again."""
        self.counter += 1
        return hashlib.sha256(f"{self.seed}|{self.counter}|{now.isoformat()}|{use}".encode()).hexdigest()

    def open_session(self, persona: str, now: datetime) -> Session:
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
            started=now,
            seen=now,
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


@dataclass(frozen=True, slots=True)
class Client:
    """The one registered client."""

    id: str
    secret: str = field(repr=False)
    redirect_uris: tuple[str, ...] = ()
    post_logout_redirect_uris: tuple[str, ...] = ()

    @classmethod
    def of(cls, settings: Psc) -> Client:
        """From ``[psc]`` of ``dui.toml``."""
        return cls(settings.client_id, settings.client_secret, settings.redirect_uris, settings.post_logout_redirect_uris)
