"""The lines of the page: an exchange, a scenario, what the tester is asked, and the rest of its state."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

COMING, PLAYING = "à venir", "en cours"


@dataclass(slots=True)
class LigneEchange:
    """One exchange: when (legal time), which service and kind, how it was answered, the worst verdict and what it says."""

    id: str
    heure: str
    service: str
    genre: str
    resume: str
    scenario: str
    statut: str = ""
    verdict: str = ""
    constat: str = ""


@dataclass(slots=True)
class LigneScenario:
    """One scenario of the plan; ``etat``: à venir, en cours, or its verdict. ``rang`` in the plan; ``echanges`` that it saw."""

    id: str
    titre: str
    rang: int
    etat: str = COMING
    raison: str = ""
    tentatives: int = 0
    echanges: int = 0


@dataclass(frozen=True, slots=True)
class Demande:
    """What the tester is asked, numbered so that a late answer to a former one is refused; ``dit`` is all that the driver says
    of it (``sorte``, ``consigne``, ``observe``, ``rend``, ``delai``…), ``depuis`` seconds of the machine's monotonic clock."""

    numero: int
    dit: Mapping[str, Any]
    depuis: float

    @property
    def sorte(self) -> str:
        """geste, horloge, question or pv."""
        return str(self.dit["sorte"])


@dataclass(slots=True)
class Attente:
    """What the harness is looking for; ``delai`` seconds at most, 0 when nobody said how long."""

    quoi: str = ""
    depuis: float = 0.0
    delai: float = 0.0


@dataclass(slots=True)
class Etat:
    """All that a page needs but the exchanges. ``tenue``: all is played, the tester says when to conclude."""

    produit: str
    mode: str = "campagne"
    services: tuple[tuple[str, str], ...] = ()
    tenue: bool = False
    finie: bool = False
    rapport: bool = False
    fermee: bool = False
    pv: str = ""
    scenarios: OrderedDict[str, LigneScenario] = field(default_factory=OrderedDict)
    demande: Demande | None = None
    attente: Attente = field(default_factory=Attente)
    en_pause: bool = False
    messages: list[str] = field(default_factory=list)
