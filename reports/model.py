"""What a campaign's journal says, as values that every report prints. Verdicts are read or rolled up, never computed anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from dui_conformance.catalogue import Exigence, load, reasons
from dui_conformance.core.archive import Archive
from dui_conformance.core.formulaire import ANSWERS
from dui_conformance.core.journal import Event
from dui_conformance.core.problem import Finding
from dui_conformance.core.verdict import Basis, Verdict, roll_up

from .rem.enregistrement import RemCroise, rem_of_event
from .rem.officiel import RefOfficielle, official_references

HORS_SCENARIO = "hors scénario"
ATTESTATION = "attestation"
INTERRUPTED = "campagne interrompue"


@dataclass(frozen=True, slots=True)
class Judged:
    """One recorded application of a check. ``anchor`` is its place in rapport.html; ``sujets`` are exchange or gesture ids."""

    anchor: str
    scenario: str
    controle: str
    regle: str
    verdict: Verdict
    gravite: str
    exigences: tuple[str, ...]
    sujets: tuple[str, ...]
    profil: str
    confiance: str
    base: Basis
    regles: int
    raison: str
    preuve: str
    ou: str
    source: str
    constat: Finding | None

    @property
    def echanges(self) -> tuple[str, ...]:
        """The exchanges among its subjects."""
        return tuple(s for s in self.sujets if s.startswith("E"))


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """The last attempt of a scenario."""

    id: str
    titre: str
    verdict: Verdict
    raison: str
    tentatives: int
    exigences: tuple[str, ...]
    controles: tuple[Judged, ...]
    evenements: tuple[Event, ...] = field(repr=False)

    @property
    def anchor(self) -> str:
        """Its place in rapport.html."""
        return f"scenario-{self.id}"

    @property
    def attested(self) -> bool:
        """True when its verdict rests only on what people attested."""
        return bool(self.controles) and all(j.controle == ATTESTATION for j in self.controles)

    @property
    def echanges(self) -> tuple[str, ...]:
        """Every exchange attributed to it, in order."""
        found = (e.data["echange"] for e in self.evenements if e.type in ("requete", "tls"))
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class ExigenceResult:
    """An exigence: a verdict per basis, never summed; ``verdict`` is the automatic one (what is observed or filed).
    ``references`` are its official ones, surest first."""

    exigence: Exigence
    verdict: Verdict
    raison: str
    parties: Mapping[Basis, Verdict]
    scenarios: tuple[str, ...]
    controles: tuple[Judged, ...]
    references: tuple[RefOfficielle, ...] = ()

    @property
    def id(self) -> str:
        """Its id."""
        return self.exigence.id

    @property
    def base(self) -> str:
        """The bases that speak, joined by ``+``."""
        return "+".join(self.parties)


class CampaignModel:
    """A campaign folder, read once. ``rem`` replaces the REM that its journal holds, when it holds one."""

    def __init__(self, folder: Path, rem: RemCroise | None = None) -> None:
        self.folder = folder
        self._rem = rem
        self.archive = Archive(folder)
        self.opening: Mapping[str, Any] = self.archive.opening.data
        self.secteurs: tuple[str, ...] = tuple(self.opening["secteurs"])

    @cached_property
    def contexte(self) -> Mapping[str, Any]:
        """Settings, rule sets and day of the campaign; empty when it stopped before."""
        return next((e.data for e in self.archive.of_type("contexte")), {})

    @cached_property
    def rem(self) -> RemCroise | None:
        """The REM that the campaign speaks; raises ``InputError`` when what its journal holds of it was altered."""
        held, given = self.contexte.get("rem"), self._rem
        if held is None or (given is not None and (given.sha256, given.choix) != (held["sha256"], held["choix"])):
            return given
        return rem_of_event(held, self.archive.blob_json)

    @cached_property
    def references(self) -> Mapping[str, tuple[RefOfficielle, ...]]:
        """The official references of our exigences, by id."""
        return official_references(load(), self.rem.croisement if self.rem is not None else None)

    def spoken(self, names: Iterable[str]) -> tuple[RefOfficielle, ...]:
        """The official references of these exigences, each once."""
        return tuple(dict.fromkeys(each for name in names for each in self.references.get(name, ())))

    @cached_property
    def plan(self) -> Mapping[str, Any]:
        """What was to be played and what was left aside (the first plan; a resumed campaign keeps it)."""
        return next((e.data for e in self.archive.of_type("plan")), {"joues": [], "laisses": []})

    @cached_property
    def finished(self) -> bool:
        """True when the campaign reached its end."""
        return any(e.type == "campagne.fin" for e in self.archive.events)

    @cached_property
    def scenarios(self) -> tuple[ScenarioResult, ...]:
        """Planned scenarios in order, the last attempt of each; one never begun is *non testé*."""
        grouped: dict[str, list[Event]] = {}
        for event in self.archive.standing:
            if event.scenario:
                grouped.setdefault(event.scenario, []).append(event)
        return tuple(self._scenario(row, grouped.get(row["id"], [])) for row in self.plan["joues"])

    def _scenario(self, row: Mapping[str, Any], events: list[Event]) -> ScenarioResult:
        last = max((e.attempt for e in events), default=0)
        mine = tuple(e for e in events if e.attempt == last)
        end = next((e for e in reversed(mine) if e.type == "scenario.fin"), None)
        verdict = Verdict(end.data["verdict"]) if end else Verdict.NON_TESTE
        return ScenarioResult(
            id=row["id"],
            titre=row["titre"],
            verdict=verdict,
            raison=end.data["raison"] if end else INTERRUPTED,
            tentatives=last,
            exigences=tuple(row["exigences"]),
            controles=tuple(self.judged(e) for e in mine if e.type == "verdict"),
            evenements=mine,
        )

    @cached_property
    def strays(self) -> tuple[Judged, ...]:
        """What was judged outside any scenario."""
        return tuple(self.judged(e) for e in self.archive.of_type("verdict") if not e.scenario)

    def judged(self, event: Event) -> Judged:
        """A recorded application, from its event."""
        data = event.data
        detail = self.archive.blob_json(data["detail"])
        proof = detail["preuve"] or {}
        return Judged(
            anchor=f"verdict-{event.seq}",
            scenario=event.scenario,
            controle=data["controle"],
            regle=detail["regle"],
            verdict=Verdict(data["verdict"]),
            gravite=data["gravite"],
            exigences=tuple(data["exigences"]),
            sujets=tuple(data["sujets"]),
            profil=data["profil"],
            confiance=data["confiance"],
            base=Basis(data["base"]),
            regles=data["regles"],
            raison=detail["raison"],
            preuve=proof.get("note", ""),
            ou=proof.get("ou", ""),
            source=detail["source"],
            constat=Finding.from_dict(detail["constat"]) if detail["constat"] else None,
        )

    @cached_property
    def exigences(self) -> tuple[ExigenceResult, ...]:
        """Every exigence of the catalogue, in its order."""
        cited: dict[str, list[Judged]] = {}
        for judged in (*(j for s in self.scenarios for j in s.controles), *self.strays):
            for name in judged.exigences:
                cited.setdefault(name, []).append(judged)
        planned = _by_exigence(self.plan["joues"])
        left = _by_exigence(self.plan["laisses"])
        return tuple(
            replace(self._exigence(row, cited.get(row.id, []), planned, left), references=self.references.get(row.id, ()))
            for row in load().values()
        )

    def _exigence(
        self,
        row: Exigence,
        cited: list[Judged],
        planned: Mapping[str, list[Mapping[str, Any]]],
        left: Mapping[str, list[Mapping[str, Any]]],
    ) -> ExigenceResult:
        scenarios = tuple(dict.fromkeys(j.scenario or HORS_SCENARIO for j in cited))
        if not row.applies_to(self.secteurs):
            return ExigenceResult(row, Verdict.SANS_OBJET, "hors des secteurs du DUI", {}, scenarios, tuple(cited))
        if not row.preuve and not cited:
            return ExigenceResult(row, Verdict.SANS_OBJET, reasons().get(row.id, "rien n'est à prouver"), {}, (), ())
        parts = {b: roll_up(j.verdict for j in cited if j.base is b) for b in Basis if any(j.base is b for j in cited)}
        automatic = [v for b, v in parts.items() if b is not Basis.ATTESTE]
        if automatic:
            verdict = roll_up(automatic)
            worst = next(j for j in cited if j.verdict is verdict and j.base is not Basis.ATTESTE)
            reason = "" if verdict is Verdict.CONFORME else (worst.constat.message if worst.constat else worst.raison)
            return ExigenceResult(row, verdict, reason, parts, scenarios, tuple(cited))
        if parts:
            verdict = parts[Basis.ATTESTE]
            return ExigenceResult(row, verdict, _attested_reason(verdict, cited), parts, scenarios, tuple(cited))
        return ExigenceResult(row, Verdict.NON_TESTE, self._why_not(row.id, planned, left), {}, (), ())

    def _why_not(
        self, name: str, planned: Mapping[str, list[Mapping[str, Any]]], left: Mapping[str, list[Mapping[str, Any]]]
    ) -> str:
        played = {s.id: s for s in self.scenarios}
        for row in planned.get(name, ()):
            result = played[row["id"]]
            return f"{result.id} : {result.raison or result.verdict.libelle}"
        for row in left.get(name, ()):
            return f"{row['id']} : {row['raison']}"
        return reasons().get(name, "aucun scénario")


def _attested_reason(verdict: Verdict, cited: Iterable[Judged]) -> str:
    """Why a form is still open, or that the verdict rests on what was said."""
    forms = (j.raison for j in cited if j.verdict is verdict and j.controle == ATTESTATION and verdict not in ANSWERS)
    return next((reason for reason in forms if reason), "repose sur une attestation ou une déclaration")


def _by_exigence(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        for name in row["exigences"]:
            found.setdefault(name, []).append(row)
    return found


def load_campaign(folder: Path, rem: RemCroise | None = None) -> CampaignModel:
    """Read a campaign folder; raises ``InputError`` when it is not one or was altered."""
    return CampaignModel(folder, rem)
