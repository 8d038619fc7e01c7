"""junit.xml: one test case per scenario, for CI servers."""

from __future__ import annotations

import re

from dui_conformance.core.verdict import Verdict
from lxml import etree

from .masking import Masker
from .model import CampaignModel, Judged, ScenarioResult
from .rem.officiel import listed

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
FAILURES = (Verdict.NON_CONFORME,)
ERRORS = (Verdict.ERREUR, Verdict.NON_CONCLUANT)
SKIPPED = (Verdict.NON_TESTE, Verdict.SANS_OBJET, Verdict.A_EXAMINER)


def write(model: CampaignModel, masker: Masker) -> bytes:
    """The XML. A warning passes and says so in ``system-out``."""
    results = model.scenarios
    suite = etree.Element(
        "testsuite",
        name="dui-conformance",
        tests=str(len(results)),
        failures=str(sum(r.verdict in FAILURES for r in results)),
        errors=str(sum(r.verdict in ERRORS for r in results)),
        skipped=str(sum(r.verdict in SKIPPED for r in results)),
    )
    for result in results:
        _case(suite, result, model, masker)
    return etree.tostring(suite, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _case(suite: etree._Element, result: ScenarioResult, model: CampaignModel, masker: Masker) -> None:
    module, _, name = result.id.partition(".")
    case = etree.SubElement(suite, "testcase", classname=f"dui_conformance.{module}", name=name)
    _properties(case, result, model, masker)
    message = _clean(masker.mask(f"{result.verdict.libelle} : {result.raison}"))
    broken = [j for j in result.controles if j.constat is not None and j.verdict is not Verdict.CONFORME]
    details = _clean("\n\n".join(masker.mask(describe(j, listed(model.spoken(j.exigences)))) for j in broken))
    if result.verdict in FAILURES:
        etree.SubElement(case, "failure", type=result.verdict.value, message=message).text = details
    elif result.verdict in ERRORS:
        etree.SubElement(case, "error", type=result.verdict.value, message=message).text = details
    elif result.verdict in SKIPPED:
        etree.SubElement(case, "skipped", message=message)
    elif details:
        etree.SubElement(case, "system-out").text = details


def _properties(case: etree._Element, result: ScenarioResult, model: CampaignModel, masker: Masker) -> None:
    """Its exigences, ours then the official ones, each named by its confidence."""
    rows = [("exigence", name) for name in result.exigences]
    rows += [(f"reference-{each.confiance.value}", each.ref) for each in model.spoken(result.exigences)]
    if rows:
        held = etree.SubElement(case, "properties")
        for name, value in rows:
            etree.SubElement(held, "property", name=name, value=_clean(masker.mask(value)))


def describe(judged: Judged, references: str = "") -> str:
    """A finding as lines of text; ``references`` are the official ones of its exigences."""
    finding = judged.constat
    assert finding is not None
    lines = [f"{judged.verdict.libelle} [{judged.controle}] {finding.message}"]
    for label, value in (
        ("attendu", finding.expected),
        ("reçu", finding.received),
        ("où", finding.at),
        ("piste", finding.hint),
        ("exigences", ", ".join(judged.exigences)),
        ("références", references),
        ("échanges", ", ".join(judged.echanges)),
        ("source", finding.source),
    ):
        if value:
            lines.append(f"  {label} : {value}")
    return "\n".join(lines)


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("�", text)
