"""What changed since a campaign of reference: better, worse, new, gone. Its verdicts are an event of the journal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from dui_conformance.core.verdict import Verdict

from .model import CampaignModel

EVENT = "reference"


class Sens(StrEnum):
    """How a verdict changed."""

    MOINS_BON = "moins bon"
    MEILLEUR = "meilleur"
    NOUVEAU = "nouveau"
    DISPARU = "disparu"


@dataclass(frozen=True, slots=True)
class Change:
    """A scenario or an exigence whose verdict is not what it was; ``None`` where it did not exist, or did not apply."""

    id: str
    titre: str
    avant: Verdict | None
    apres: Verdict | None

    @property
    def sens(self) -> Sens:
        """Better and worse are those of the roll-up order."""
        if self.avant is None:
            return Sens.NOUVEAU
        if self.apres is None:
            return Sens.DISPARU
        return Sens.MOINS_BON if worse(self.avant, self.apres) else Sens.MEILLEUR


def worse(avant: Verdict, apres: Verdict) -> bool:
    """True when the second verdict is nearer the worst."""
    return apres.rank < avant.rank


@dataclass(frozen=True, slots=True)
class Reference:
    """What is kept of the campaign of reference; the titles of its scenarios tell those that are gone."""

    nonce: str
    produit: Mapping[str, str]
    debut: str
    scenarios: Mapping[str, Verdict]
    titres: Mapping[str, str]
    exigences: Mapping[str, Verdict]

    @classmethod
    def of(cls, model: CampaignModel) -> Reference:
        """A campaign as reference."""
        return cls(
            nonce=model.opening["nonce"],
            produit={name: str(model.opening["produit"].get(name, "")) for name in ("nom", "version", "nil")},
            debut=model.archive.opening.t["mur"],
            scenarios={s.id: s.verdict for s in model.scenarios},
            titres={s.id: s.titre for s in model.scenarios},
            exigences={e.id: e.verdict for e in model.exigences},
        )

    def as_event(self) -> dict[str, Any]:
        """The fields of the event ``reference``."""
        return {
            "campagne": self.nonce,
            "produit": dict(self.produit),
            "debut": self.debut,
            "scenarios": {name: v.value for name, v in self.scenarios.items()},
            "titres": dict(self.titres),
            "exigences": {name: v.value for name, v in self.exigences.items()},
        }

    @classmethod
    def from_event(cls, data: Mapping[str, Any]) -> Reference:
        """The same, read back."""
        return cls(
            nonce=data["campagne"],
            produit=data["produit"],
            debut=data["debut"],
            scenarios={name: Verdict(v) for name, v in data["scenarios"].items()},
            titres=data["titres"],
            exigences={name: Verdict(v) for name, v in data["exigences"].items()},
        )


@dataclass(frozen=True)
class Tendance:
    """A campaign beside its reference."""

    reference: Reference
    model: CampaignModel

    @cached_property
    def scenarios(self) -> tuple[Change, ...]:
        """The scenarios that changed, the worst first."""
        titles = {**self.reference.titres, **{s.id: s.titre for s in self.model.scenarios}}
        return _changes(self.reference.scenarios, {s.id: s.verdict for s in self.model.scenarios}, titles)

    @cached_property
    def exigences(self) -> tuple[Change, ...]:
        """The exigences that changed; one that does not apply to the sectors counts as not there."""
        titles = {e.id: e.exigence.enonce for e in self.model.exigences}
        return _changes(_applied(self.reference.exigences), _applied({e.id: e.verdict for e in self.model.exigences}), titles)

    @property
    def unchanged(self) -> int:
        """How many scenarios have the verdict that they had."""
        return sum(self.reference.scenarios.get(s.id) is s.verdict for s in self.model.scenarios)

    def as_json(self) -> dict[str, Any]:
        """For ``rapport.json``."""
        return {
            "campagne": self.reference.nonce,
            "produit": dict(self.reference.produit),
            "scenarios": [_row(change) for change in self.scenarios],
            "exigences": [_row(change) for change in self.exigences],
        }


def trend(model: CampaignModel, reference: CampaignModel | None = None) -> Tendance | None:
    """The campaign beside ``reference``, else beside the one that its journal names; None without any."""
    if reference is not None:
        return Tendance(Reference.of(reference), model)
    named = list(model.archive.of_type(EVENT))
    return Tendance(Reference.from_event(named[-1].data), model) if named else None


def _applied(verdicts: Mapping[str, Verdict]) -> dict[str, Verdict]:
    return {name: v for name, v in verdicts.items() if v is not Verdict.SANS_OBJET}


def _changes(before: Mapping[str, Verdict], after: Mapping[str, Verdict], titles: Mapping[str, str]) -> tuple[Change, ...]:
    names = dict.fromkeys((*after, *before))
    made = [Change(n, titles.get(n, ""), before.get(n), after.get(n)) for n in names if before.get(n) is not after.get(n)]
    return tuple(sorted(made, key=lambda change: list(Sens).index(change.sens)))


def _row(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "sens": change.sens.value,
        "avant": change.avant.value if change.avant else None,
        "apres": change.apres.value if change.apres else None,
    }
