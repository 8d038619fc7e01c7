"""What the directory remembers: searches being paged, calls of the last instants, what orders changed."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from ...core.errors import HarnessError
from ...fixtures.annuaire import annuaire
from ...fixtures.correspondants import Boite
from .ressources import Fiche

KEPT_SEARCHES = 500


@dataclass(frozen=True, slots=True)
class Recherche:
    """The result of a search: what answered it, what comes along with each page, and the address that asked it."""

    trouvees: tuple[Fiche, ...]
    inclusions: tuple[tuple[bool, str], ...]
    taille: int
    adresse: str


@dataclass(slots=True)
class Etat:
    """The state; ``quota`` is the number of calls accepted per second, as a bucket of that size."""

    quota: float
    liste_rouge_visible: bool = False
    fermees: set[str] = field(default_factory=set)
    inactifs: set[str] = field(default_factory=set)
    recherches: OrderedDict[str, Recherche] = field(default_factory=OrderedDict)
    _jetons: float = field(default=0.0, init=False)
    _vu: datetime | None = field(default=None, init=False)

    def visible(self, boite: Boite) -> bool:
        """Whether the public sees a mailbox: open, and not on the red list."""
        return boite.adresse not in self.fermees and (self.liste_rouge_visible or not boite.liste_rouge)

    def accepte(self, now: datetime) -> bool:
        """Count one call; False when the quota is spent."""
        elapsed = (now - self._vu).total_seconds() if self._vu is not None else 1.0
        self._vu = now
        self._jetons = min(self.quota, self._jetons + max(0.0, elapsed) * self.quota)
        if self._jetons < 1:
            return False
        self._jetons -= 1
        return True

    def epuise(self, now: datetime | None) -> None:
        """Spend the quota of the current second."""
        self._jetons, self._vu = 0.0, now or self._vu

    def garder(self, recherche: Recherche) -> str:
        """Keep a search so that its next pages can be asked; gives its opaque name. The oldest ones are forgotten."""
        seen = recherche.adresse + "".join(fiche.nom for fiche in recherche.trouvees[:1])
        nom = hashlib.sha256(seen.encode()).hexdigest()[:32]
        self.recherches[nom] = recherche
        self.recherches.move_to_end(nom)
        while len(self.recherches) > KEPT_SEARCHES:
            self.recherches.popitem(last=False)
        return nom

    def fermer(self, adresse: str) -> None:
        """Close a mailbox: it is shown no more."""
        if not any(boite.adresse == adresse for boite in annuaire().boites()):
            raise HarnessError(f"l'annuaire fictif n'a pas de boîte « {adresse} »")
        self.fermees.add(adresse)

    def retablir(self) -> None:
        """Undo every order."""
        self.fermees.clear()
        self.inactifs.clear()
        self.liste_rouge_visible = False
