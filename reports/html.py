"""rapport.html: one page that opens from disk, without JavaScript, from the journal alone."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from dui_conformance.core.settings import SECTEURS
from dui_conformance.core.verdict import Verdict, roll_up
from jinja2 import Environment, FunctionLoader, StrictUndefined

from . import typography as typo
from .exchange_view import ExchangeViews, ShownExchange
from .json_report import AVERTISSEMENT
from .masking import Masker
from .model import CampaignModel, ExigenceResult, Judged, ScenarioResult
from .timeline import Step, Timeline

ATTENTION = (
    Verdict.ERREUR,
    Verdict.NON_CONFORME,
    Verdict.NON_CONCLUANT,
    Verdict.AVERTISSEMENT,
    Verdict.A_EXAMINER,
)
DONE = (Verdict.CONFORME, Verdict.SANS_OBJET)


@dataclass(frozen=True, slots=True)
class ShownScenario:
    """A scenario with its timeline and its exchanges; ``earlier`` are those of attempts that do not count."""

    result: ScenarioResult
    steps: tuple[Step, ...]
    exchanges: tuple[ShownExchange, ...]
    earlier: tuple[ShownExchange, ...]
    broken: tuple[Judged, ...]
    held: tuple[Judged, ...]
    verdict: Verdict = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "verdict", self.result.verdict)


@dataclass(frozen=True, slots=True)
class ToFix:
    """One broken rule with all the places where it is broken."""

    first: Judged
    all: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A line of the summary by system: verdicts of its applicable exigences."""

    name: str
    counts: Mapping[Verdict, int]
    total: int


def write(model: CampaignModel, masker: Masker) -> str:
    """The whole page; the same journal gives the same text."""
    views = ExchangeViews(masker)
    scenarios, strays = _scenarios(model, masker, views)
    style = style_sheet()
    judged = [*(j for s in model.scenarios for j in s.controles), *model.strays]
    applicable = [e for e in model.exigences if e.verdict is not Verdict.SANS_OBJET]
    return (
        environment(masker.mask)
        .get_template("rapport.html")
        .render(
            csp=content_policy(style),
            style=style,
            banner=AVERTISSEMENT,
            model=model,
            opening=model.opening,
            stopped=[e.data["raison"] for e in model.archive.of_type("arret")],
            begun=model.archive.opening.t["mur"],
            ended=model.archive.events[-1].t["mur"],
            sectors=[(code, SECTEURS.get(code, "")) for code in model.secteurs],
            verdict=roll_up(s.verdict for s in model.scenarios) if model.scenarios else None,
            counts=_counts(s.verdict for s in model.scenarios),
            exigence_counts=_counts(e.verdict for e in model.exigences),
            by_system=_by_system(applicable),
            columns=_columns(applicable),
            meanings=typo.MEANINGS,
            to_fix=_to_fix(judged),
            stuck=[s for s in model.scenarios if s.verdict in ATTENTION and not any(_attention(j) for j in s.controles)],
            untested=_grouped(e for e in applicable if e.verdict is Verdict.NON_TESTE),
            left=model.plan["laisses"],
            applicable=applicable,
            out=[e for e in model.exigences if e.verdict is Verdict.SANS_OBJET],
            scenarios=scenarios,
            families=_families(scenarios),
            strays=strays,
            stray_broken=[j for j in model.strays if j.verdict not in DONE],
            stray_held=[j for j in model.strays if j.verdict in DONE],
            by_check=_by_check,
            marks=views.marks,
            excerpts=views.excerpts,
            done=DONE,
            exchange_count=len(model.archive.exchange_ids),
        )
    )


def content_policy(style: str) -> str:
    """The page's policy: no script, no network, only its own style sheet (by hash)."""
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"


@cache
def _text(name: str) -> str:
    return (resources.files(__package__) / "gabarits" / name).read_text(encoding="utf-8")


def style_sheet() -> str:
    """The style sheet of every page."""
    return _text("rapport.css")


def environment(mask: Callable[[str], str]) -> Environment:
    """The templates, with the filters that they use; ``mask`` hides what a page may not show."""
    environment = Environment(
        loader=FunctionLoader(_text), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(
        masked=lambda text: typo.legible(mask(text)),
        fr=lambda text: typo.spaced(typo.legible(mask(text))),
        date_time=typo.date_time,
        day=typo.day,
        clock=typo.clock,
        number=typo.number,
        plural=typo.plural,
        sign=typo.SIGNS.__getitem__,
        base=typo.BASES.__getitem__,
        confidence=lambda value: typo.CONFIANCES.get(value, value),
        slug=lambda verdict: verdict.value.replace(" ", "-"),
    )
    return environment


def _scenarios(
    model: CampaignModel, masker: Masker, views: ExchangeViews
) -> tuple[tuple[ShownScenario, ...], tuple[ShownExchange, ...]]:
    timeline = Timeline(model.archive, masker)
    deliveries = {e.data["echange"]: e.data["issue"] for e in model.archive.of_type("livraison")}
    summaries = {e.data["echange"]: e.data.get("resume", "") for e in model.archive.of_type("requete")}
    findings = _findings(model)
    placed: set[str] = set()

    def view(name: str) -> ShownExchange:
        placed.add(name)
        return views.view(
            model.archive.exchange(name),
            findings.get(name, ()),
            summary=masker.mask(summaries.get(name, "")),
            delivery=deliveries.get(name, ""),
        )

    earlier = _earlier(model)
    shown = []
    for result in model.scenarios:
        names = result.echanges
        shown.append(
            ShownScenario(
                result=result,
                steps=timeline.steps(result.evenements),
                exchanges=tuple(view(n) for n in names),
                earlier=tuple(view(n) for n in earlier.get(result.id, ()) if n not in names),
                broken=tuple(j for j in result.controles if j.verdict not in DONE),
                held=tuple(j for j in result.controles if j.verdict in DONE),
            )
        )
    strays = tuple(view(n) for n in model.archive.exchange_ids if n not in placed)
    return tuple(shown), strays


def _findings(model: CampaignModel) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = {}
    for judged in (*(j for s in model.scenarios for j in s.controles), *model.strays):
        if judged.verdict not in DONE:
            for name in judged.echanges:
                found.setdefault(name, []).append(judged)
    return found


def _earlier(model: CampaignModel) -> dict[str, list[str]]:
    """Exchanges of the attempts that do not count, by scenario."""
    last = {s.id: s.tentatives for s in model.scenarios}
    found: dict[str, list[str]] = {}
    for event in model.archive.of_type("requete", "tls"):
        if event.scenario in last and event.attempt < last[event.scenario]:
            found.setdefault(event.scenario, []).append(event.data["echange"])
    return found


def _attention(judged: Judged) -> bool:
    return judged.verdict in ATTENTION


def _to_fix(judged: Sequence[Judged]) -> list[ToFix]:
    """Broken rules, worst first, each once with its places."""
    grouped: dict[tuple[Verdict, str, str], list[Judged]] = {}
    for each in judged:
        if _attention(each):
            message = each.constat.message if each.constat else each.raison
            grouped.setdefault((each.verdict, each.controle, message), []).append(each)
    rows = [ToFix(found[0], tuple(found)) for found in grouped.values()]
    return sorted(rows, key=lambda row: row.first.verdict.rank)


def _counts(verdicts: Any) -> list[tuple[Verdict, int]]:
    counts = Counter(verdicts)
    return [(v, counts[v]) for v in Verdict if counts[v]]


def _columns(results: Sequence[ExigenceResult]) -> list[Verdict]:
    """The verdicts that the summary shows: those met, and always *non conforme* and *conforme*."""
    met = {r.verdict for r in results} | {Verdict.NON_CONFORME, Verdict.CONFORME}
    return [v for v in Verdict if v in met]


def _by_system(results: Sequence[ExigenceResult]) -> list[SystemRow]:
    grouped: dict[str, list[Verdict]] = {}
    for result in results:
        for name in result.exigence.systeme:
            grouped.setdefault(name, []).append(result.verdict)
    return [SystemRow(name, Counter(found), len(found)) for name, found in grouped.items()]


def _grouped(results: Any) -> list[tuple[str, list[ExigenceResult]]]:
    grouped: dict[str, list[ExigenceResult]] = {}
    for result in results:
        grouped.setdefault(result.raison, []).append(result)
    return sorted(grouped.items(), key=lambda row: -len(row[1]))


def _families(scenarios: Sequence[ShownScenario]) -> list[tuple[str, list[ShownScenario]]]:
    grouped: dict[str, list[ShownScenario]] = {}
    for scenario in scenarios:
        grouped.setdefault(scenario.result.id.partition(".")[0], []).append(scenario)
    return list(grouped.items())


def _by_check(judged: Sequence[Judged]) -> list[tuple[str, list[Judged]]]:
    grouped: dict[str, list[Judged]] = {}
    for each in sorted(judged, key=lambda j: j.verdict.rank):
        grouped.setdefault(each.controle, []).append(each)
    return list(grouped.items())
