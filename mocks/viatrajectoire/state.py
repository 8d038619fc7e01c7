"""What ViaTrajectoire remembers: decisions notified to an establishment, events, consents, tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ...core.people import Usager
from ...validation.oauth import fingerprint


@dataclass(slots=True)
class Decision:
    """A decision notified to the establishment ``esms`` (FINESS EG). ``modifie`` is None until a call sees it: it then happened
    ``age`` ago. ``remplace`` is the national identifier of the decision that it renews."""

    usager: Usager
    id: str
    id_nat: str
    id_decision: str
    esms: str
    age: timedelta = timedelta()
    duree_jours: int = 730
    remplace: str = ""
    sans_ins: bool = False
    sans_officiel: bool = False
    avec_evaluation: bool = True
    type_droit: str = "1.1"
    nature: str = "1"
    urgence: str = "2"
    modalite: str = "46"
    ouverture: str = ""
    echeance: str = ""
    modifie: datetime | None = None
    statut: str = "39"
    statut_unite: str = ""
    consentement: bool = False
    recus: list[str] = field(default_factory=list)

    def dater(self, now: datetime) -> None:
        """Give it its date, once."""
        if self.modifie is not None:
            return
        self.modifie = _milliseconds(now - self.age)
        end = self.modifie + timedelta(days=self.duree_jours)
        self.ouverture = (end - timedelta(days=730)).date().isoformat()
        self.echeance = end.date().isoformat()

    def facts(self) -> dict[str, Any]:
        """What a correct DUI shows of it."""
        return {
            "id_decision": self.id_decision,
            "id_nat_decision": "" if self.sans_officiel else self.id_nat,
            "nom_naissance": self.usager.nom_naissance,
            "date_naissance": self.usager.date_naissance,
            "nature_droit": self.nature,
            "ouverture": self.ouverture,
            "echeance": self.echeance,
            "urgence": self.urgence,
            "modalite": self.modalite,
            "usager": self.usager.id,
        }


@dataclass(slots=True)
class Evenement:
    """An event that flow 5 serves: who says it (``structure``, national identifier), of which decision, and the statuses."""

    id: str
    decision: Decision
    structure: str
    nom: str
    statut: str
    motif: str
    statut_unite: str
    date: str
    ordre: int
    recul: timedelta = timedelta()
    modifie: datetime | None = None

    def dater(self, now: datetime) -> None:
        """Give it its date, once: events made together follow one another by a second."""
        if self.modifie is None:
            self.modifie = _milliseconds(now - self.recul)
            self.date = self.date or self.modifie.date().isoformat()

    def facts(self) -> dict[str, Any]:
        """What a correct DUI knows of it."""
        return {
            "id": self.id,
            "id_nat_decision": self.decision.id_nat,
            "usager": self.decision.usager.id,
            "statut": self.statut,
            "statut_unite": self.statut_unite,
            "structure": self.structure,
            "modifie": self.modifie.isoformat() if self.modifie is not None else "",
        }


@dataclass(frozen=True, slots=True)
class Jeton:
    """An access token: establishments that it lists, and its end."""

    client_id: str
    finess_ej: str
    finess_eg: tuple[str, ...]
    expire: datetime


@dataclass(slots=True)
class Options:
    """What scenarios change: life and form of tokens, size of pages, mode opened by the referent."""

    duree: timedelta
    forme: str
    page: int = 50
    mode: str = "permanent"


class Registre:
    """The whole memory. Identifiers follow the seed and the order in which things are made."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rank = 0
        self.usagers: dict[str, Usager] = {}
        self.decisions: dict[str, Decision] = {}
        self.evenements: list[Evenement] = []
        self.jetons: dict[str, Jeton] = {}

    def vider(self) -> None:
        """Empty the board: no decision, no event."""
        self.decisions.clear()
        self.evenements.clear()

    def revoquer(self) -> None:
        """Every token delivered so far has expired."""
        self.jetons = {mark: replace(jeton, expire=datetime.min.replace(tzinfo=UTC)) for mark, jeton in self.jetons.items()}

    def rang(self) -> int:
        """The next number."""
        self._rank += 1
        return self._rank

    def opaque(self, sort: str) -> str:
        """A value that nobody guesses, the same for the same seed and order."""
        return hashlib.sha256(f"{self._seed}/{sort}/{self.rang()}".encode()).hexdigest()

    def dater(self, now: datetime) -> None:
        """Give a date to what was made since the last call."""
        for decision in self.decisions.values():
            decision.dater(now)
        for evenement in self.evenements:
            evenement.dater(now)

    def de(self, usager: str) -> list[Decision]:
        """The decisions of a usager, oldest first."""
        return [d for d in self.decisions.values() if d.usager.id == usager]

    def par_identifiant(self, id_nat: str) -> Decision | None:
        """The decision that has this national identifier."""
        return next((d for d in self.decisions.values() if d.id_nat == id_nat), None)

    def par_numero(self, identifiant: str) -> Decision | None:
        """The decision that has this identifier, national or of the MDPH: to know of whom a wrong call speaks."""
        return next((d for d in self.decisions.values() if identifiant in (d.id_nat, d.id_decision)), None)

    def visibles(self, finess: tuple[str, ...]) -> Iterator[Decision]:
        """The decisions of these establishments."""
        return (d for d in self.decisions.values() if d.esms in finess)

    def jeton(self, valeur: str) -> Jeton | None:
        """The token delivered under this value."""
        return self.jetons.get(fingerprint(valeur)) if valeur else None


def _milliseconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
