"""What the espace de confiance remembers: its clients, the tokens that it gave, the certificates to which they are bound."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from ...core.errors import Inconclusive
from ...core.exchange import Connection
from ...validation.oauth import fingerprint
from ...validation.tls import ClientCertificate

KEPT = 5_000
PORTEE_API = "signsessiondata"

FormeCnf = Literal["rfc8705", "ans-sample"]
Sorte = Literal["acces", "rafraichissement"]


@dataclass(frozen=True, slots=True)
class Presente:
    """A client certificate as it was presented: SHA-256 of its DER form, structure (OU) and subject."""

    empreinte: bytes
    structure: str
    sujet: str

    @classmethod
    def de(cls, connection: Connection) -> Presente | None:
        """That of a connection, None without one that can be read."""
        if connection.client_der is None:
            return None
        try:
            lu = ClientCertificate.from_der(connection.client_der)
        except Inconclusive:
            return None
        return cls(hashlib.sha256(connection.client_der).digest(), lu.ou, lu.subject_rfc4514)

    def cnf(self, forme: FormeCnf) -> str:
        """The ``x5t#S256`` that binds a token to it: RFC 8705, or as in the sample of the ANS guide (Base64 of the hex)."""
        if forme == "rfc8705":
            return base64.urlsafe_b64encode(self.empreinte).rstrip(b"=").decode()
        return base64.b64encode(self.empreinte.hex().encode()).decode()

    def lie(self, cnf: str) -> bool:
        """True when this ``x5t#S256`` designates it, in either form."""
        texte = cnf.encode()
        return any(hmac.compare_digest(texte, self.cnf(forme).encode()) for forme in ("rfc8705", "ans-sample"))


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the authorization server: its certificates carry ``structure`` in the OU of their subject, any CN."""

    id: str
    structure: str
    portees: tuple[str, ...]


@dataclass(slots=True)
class Jeton:
    """A token given by the authorization server. ``sujet`` is the national identifier of the professional."""

    sorte: Sorte
    client: Client
    sujet: str
    portees: tuple[str, ...]
    cnf: str
    emis: datetime
    expire: datetime
    revoque: bool = False

    def etat(self, now: datetime) -> str:
        """``valide``, ``expire`` or ``revoque``."""
        if self.revoque:
            return "revoque"
        return "valide" if now < self.expire else "expire"


@dataclass(slots=True)
class Options:
    """What scenarios order: the form of ``cnf``, and how long tokens live."""

    cnf: FormeCnf = "rfc8705"
    acces: timedelta = timedelta(seconds=14_400)
    rafraichissement: timedelta = timedelta(seconds=1_800)


@dataclass(slots=True)
class Registre:
    """Clients and tokens; only the ``KEPT`` newest tokens are remembered."""

    seed: int
    clients: dict[str, Client]
    options: Options = field(default_factory=Options)
    jetons: OrderedDict[str, Jeton] = field(default_factory=OrderedDict)
    compteur: int = 0

    def opaque(self, usage: str) -> str:
        """An identifier that the same seed and the same calls give again."""
        self.compteur += 1
        return hashlib.sha256(f"edc|{self.seed}|{self.compteur}|{usage}".encode()).hexdigest()

    def garder(self, valeur: str, jeton: Jeton) -> None:
        """Remember a token by its fingerprint."""
        self.jetons[fingerprint(valeur)] = jeton
        while len(self.jetons) > KEPT:
            self.jetons.popitem(last=False)

    def revoquer(self) -> None:
        """Revoke every token given so far."""
        for jeton in self.jetons.values():
            jeton.revoque = True

    def jeton(self, valeur: str, sorte: Sorte) -> Jeton | None:
        """A token of this sort given earlier, None when unknown."""
        trouve = self.jetons.get(fingerprint(valeur)) if valeur else None
        return trouve if trouve is not None and trouve.sorte == sorte else None

    def etat(self, valeur: str, sorte: Sorte, now: datetime) -> str:
        """The state of a token where one of this sort is expected: that of :meth:`Jeton.etat`, ``absent`` or ``inconnu``."""
        if not valeur:
            return "absent"
        trouve = self.jeton(valeur, sorte)
        return trouve.etat(now) if trouve is not None else "inconnu"
