"""What SIDOBA remembers: tokens, deposits of the RAMA and their progress, what was received about each usager."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ...core.errors import Inconclusive
from ...core.exchange import Connection
from ...validation.oauth import fingerprint
from ...validation.tls import ClientCertificate

KEPT = 2_000
RECU, EN_CONTROLE, ACCEPTE, REJETE = "RECU", "EN_CONTROLE", "ACCEPTE", "REJETE"
PREMIER_ACCUSE = 1
"""Readings of the status before a deposit is decided."""


@dataclass(slots=True)
class Depot:
    """A deposit of the RAMA. ``lectures`` counts the readings of its status; ``anomalies`` are what it is rejected for."""

    id: str
    finess: str
    exercice: str
    idempotence: str
    sha256: str
    anomalies: tuple[dict[str, str], ...] = ()
    lectures: int = 0
    remplace: bool = False

    def statut(self, attente: int) -> str:
        """Where it is, once its status was read that many times."""
        if self.lectures == 0:
            return RECU
        if self.lectures <= attente:
            return EN_CONTROLE
        return REJETE if self.anomalies else ACCEPTE


@dataclass(frozen=True, slots=True)
class Rejet:
    """What the next deposit of a channel is rejected for, by order of a scenario."""

    expression: str
    motif: str


@dataclass(slots=True)
class Registre:
    """All of it."""

    seed: int
    vie: timedelta = timedelta(minutes=10)
    jetons: OrderedDict[str, datetime] = field(default_factory=OrderedDict)
    depots: OrderedDict[str, Depot] = field(default_factory=OrderedDict)
    objets: dict[str, set[str]] = field(default_factory=dict)
    rejets: dict[str, Rejet] = field(default_factory=dict)
    _tirages: int = 0

    def numero(self, sorte: str) -> str:
        """A number never given before."""
        self._tirages += 1
        return hashlib.sha256(f"sidoba/{self.seed}/{sorte}/{self._tirages}".encode()).hexdigest()[:24]

    def delivrer(self, texte: str, maintenant: datetime) -> None:
        """Remember a token."""
        self.jetons[fingerprint(texte)] = maintenant + self.vie
        while len(self.jetons) > KEPT:
            self.jetons.popitem(last=False)

    def etat(self, texte: str, maintenant: datetime) -> str:
        """What a token is worth: absent, inconnu, expire, valide."""
        if not texte:
            return "absent"
        expire = self.jetons.get(fingerprint(texte))
        if expire is None:
            return "inconnu"
        return "valide" if maintenant < expire else "expire"

    def deposer(self, depot: Depot) -> None:
        """Keep a deposit; an earlier one of the same structure and year counts no more."""
        for ancien in self.depots.values():
            if (ancien.finess, ancien.exercice) == (depot.finess, depot.exercice):
                ancien.remplace = True
        self.depots[depot.id] = depot
        while len(self.depots) > KEPT:
            self.depots.popitem(last=False)

    def en_cours(self, finess: str, exercice: str) -> Depot | None:
        """The deposit of a structure for a year that counts, unless it is to be rejected."""
        found = (d for d in self.depots.values() if (d.finess, d.exercice) == (finess, exercice) and not d.remplace)
        return next((d for d in found if not d.anomalies), None)

    def meme_cle(self, cle: str) -> Depot | None:
        """The deposit made with a key of idempotence."""
        return next((d for d in self.depots.values() if cle and d.idempotence == cle), None)

    def compter(self, canal: str, identifiants: set[str]) -> tuple[int, int]:
        """Count what is received: how many objects were new, how many this channel has now."""
        connus = self.objets.setdefault(canal, set())
        nouveaux = len(identifiants - connus)
        connus |= identifiants
        return nouveaux, len(connus)

    def remettre_a_zero(self) -> None:
        """Forget deposits, objects and rejections to come; tokens live on."""
        for memoire in (self.depots, self.objets, self.rejets):
            memoire.clear()


def structure_of(connection: Connection) -> str:
    """The OU of the client certificate, ``""`` without a certificate that can be read."""
    if connection.client_der is None:
        return ""
    try:
        return ClientCertificate.from_der(connection.client_der).ou
    except Inconclusive:
        return ""
