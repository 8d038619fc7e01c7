"""rapport.html: one page that opens from disk, without JavaScript, from the journal alone."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

from dui_conformance.core.settings import SECTEURS
from dui_conformance.core.verdict import Verdict, roll_up
from jinja2 import Environment, FunctionLoader, StrictUndefined

from . import typography as typo
from .attestations import attestations
from .bilan import ATTENTION, by_check, by_reason, by_sector, by_system, columns, counted, needs_attention, to_fix
from .diagramme import Diagram, diagram
from .exchange_view import ExchangeViews, ShownExchange
from .filtres import confidences, domaines, exigence_filters, filter_style, scenario_filters, slug
from .json_report import AVERTISSEMENT
from .masking import Masker
from .model import CampaignModel, Judged, ScenarioResult
from .rem.officiel import RefOfficielle
from .tendance import Sens, Tendance
from .timeline import Step, Timeline

DONE = (Verdict.CONFORME, Verdict.SANS_OBJET)


@dataclass(frozen=True, slots=True)
class ShownScenario:
    """A scenario with its timeline and its exchanges; ``earlier`` are those of attempts that do not count."""

    result: ScenarioResult
    steps: tuple[Step, ...]
    diagram: Diagram | None
    exchanges: tuple[ShownExchange, ...]
    earlier: tuple[ShownExchange, ...]
    broken: tuple[Judged, ...]
    held: tuple[Judged, ...]
    verdict: Verdict = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "verdict", self.result.verdict)


def write(model: CampaignModel, masker: Masker, compared: Tendance | None = None) -> str:
    """The whole page; the same journal gives the same text. ``compared``: beside its reference."""
    views = ExchangeViews(masker)
    scenarios, strays = _scenarios(model, masker, views)
    applicable = [e for e in model.exigences if e.verdict is not Verdict.SANS_OBJET]
    filters, narrowed = exigence_filters(applicable, model.secteurs), scenario_filters(model.scenarios)
    style = style_sheet() + filter_style((*filters, *narrowed))
    judged = [*(j for s in model.scenarios for j in s.controles), *model.strays]
    templates = environment(masker.mask)
    templates.globals["spoken"] = model.spoken
    return templates.get_template("rapport.html").render(
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
        counts=counted(s.verdict for s in model.scenarios),
        exigence_counts=counted(e.verdict for e in model.exigences),
        by_system=by_system(applicable),
        by_sector=by_sector(applicable, model.secteurs),
        filters=filters,
        narrowed=narrowed,
        attestations=attestations(model),
        compared=compared,
        senses=tuple(Sens),
        columns=columns(applicable),
        meanings=typo.MEANINGS,
        to_fix=to_fix(judged),
        stuck=[s for s in model.scenarios if s.verdict in ATTENTION and not any(needs_attention(j) for j in s.controles)],
        untested=by_reason(e for e in applicable if e.verdict is Verdict.NON_TESTE),
        left=model.plan["laisses"],
        applicable=applicable,
        rem=model.rem,
        by_id={e.id: e for e in model.exigences},
        out=[e for e in model.exigences if e.verdict is Verdict.SANS_OBJET],
        scenarios=scenarios,
        families=_families(scenarios),
        strays=strays,
        stray_broken=[j for j in model.strays if j.verdict not in DONE],
        stray_held=[j for j in model.strays if j.verdict in DONE],
        by_check=by_check,
        marks=views.marks,
        excerpts=views.excerpts,
        done=DONE,
        exchange_count=len(model.archive.exchange_ids),
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
    environment.globals["spoken"] = _nothing
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
        slug=slug,
        domaines=domaines,
        confidences=confidences,
    )
    return environment


def _nothing(names: Iterable[str]) -> tuple[RefOfficielle, ...]:
    """The official references where no campaign is shown."""
    return ()


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
                diagram=diagram(result),
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


def _families(scenarios: Sequence[ShownScenario]) -> list[tuple[str, list[ShownScenario]]]:
    grouped: dict[str, list[ShownScenario]] = {}
    for scenario in scenarios:
        grouped.setdefault(scenario.result.id.partition(".")[0], []).append(scenario)
    return list(grouped.items())
