"""Narrative and entries of a CDA document agree: references resolve, anchors are unique, dates and labels say the same."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import islice

from lxml import etree

from ..core.errors import CheckFailed
from ..core.problem import Evidence, Problem
from ..validation.cda import CdaDocument
from ..validation.cda.libelles import Labels, labels_of, sides
from ..validation.cda.recit import (
    citing_acts,
    date_said,
    dates_of_entry,
    is_empty,
    labelled_codes,
    narrative_of,
    references_of,
    row_date,
    sections_with_entries,
    text_of,
)
from ..validation.cda.view import hl7
from ..validation.xml import place_of
from .declaratif import value_sets
from .registry import check

NARRATIVE = "HL7 CDA R2 §4.3.5 (Section.text, reference, ID)"
MAX_PROBLEMS = 20
_TEXT_REFERENCE = hl7("text/reference")
_ORIGINAL_REFERENCE = hl7("originalText/reference")


def conclude(found: Iterable[Problem], evidence: Evidence) -> Evidence:
    """The evidence, or the failure that the first problems make, the others being left unmade; the first speaks for all."""
    problems = tuple(islice(found, MAX_PROBLEMS))
    if not problems:
        return evidence
    first = problems[0]
    failure = CheckFailed(first.message, expected=first.expected, received=first.received, at=first.at, hint=first.hint)
    failure.problems = problems if len(problems) > 1 else ()  # type: ignore[attr-defined]
    raise failure


@check("cda.coherence.references-resolve", covers=("CDA-01",), source=NARRATIVE, confidence="vu")
def references_point_to_the_narrative(document: CdaDocument) -> Evidence:
    """Chaque référence interne du document désigne un élément qui existe."""
    narrative = narrative_of(document)
    anchors = narrative.anchors
    aimed: list[tuple[etree._Element, str]] = []
    if any(name not in anchors for name in narrative.cited):
        aimed += [(reference, reference.get("value", "")[1:]) for reference in references_of(document)]
    aimed += [(media, name) for media in narrative.media for name in media.get("referencedObject", "").split()]
    problems = (_dangling(element, target, anchors) for element, target in aimed if target not in anchors)
    count = len(narrative.cited) + len(narrative.media)
    return conclude(problems, Evidence(note=f"{count} références", fired=max(1, count)))


def _dangling(element: etree._Element, target: str, anchors: Iterable[str]) -> Problem:
    return Problem(
        "cda.coherence.references-resolve",
        "Référence vers un texte absent",
        at=place_of(element),
        expected=f'un élément ID="{target}" dans le document',
        received=f"aucun ; identifiants présents : {', '.join(sorted(anchors)[:10]) or 'aucun'}",
        hint="Donner au texte du récit (content, td, paragraph…) l'attribut ID que cite la référence.",
    )


@check("cda.coherence.anchors-unique", covers=("CDA-01",), source=NARRATIVE, confidence="vu")
def anchors_are_unique(document: CdaDocument) -> Evidence:
    """Un identifiant du récit (ID) n'est donné qu'à un élément du document."""
    anchors = narrative_of(document).anchors
    problems = (
        Problem(
            "cda.coherence.anchors-unique",
            "Identifiant du récit donné à plusieurs éléments",
            at=place_of(elements[1]),
            expected=f'un seul élément ID="{name}"',
            received=f"{len(elements)} éléments, dont {place_of(elements[0])}",
            hint="Donner à chaque texte cité un identifiant qui lui est propre.",
        )
        for name, elements in anchors.items()
        if len(elements) > 1
    )
    return conclude(problems, Evidence(note=f"{len(anchors)} identifiants", fired=max(1, len(anchors))))


@check("cda.coherence.narrative-present", covers=("CDA-01",), source=NARRATIVE, confidence="vu")
def sections_with_entries_have_a_narrative(document: CdaDocument) -> Evidence:
    """Une section qui a des entrées montre un récit au lecteur."""
    sections = sections_with_entries(document)
    problems = (
        Problem(
            "cda.coherence.narrative-present",
            "Section qui a des entrées et dont le récit est vide",
            at=place_of(section),
            expected="un <text> qui dit, pour le lecteur, ce que disent les entrées",
            received="<text> vide" if section.find(hl7("text")) is not None else "<text> absent",
            hint="Engendrer le récit depuis les mêmes données que les entrées : c'est lui que lit le professionnel.",
        )
        for section in sections
        if is_empty(section.find(hl7("text")))
    )
    return conclude(problems, Evidence(note=f"{len(sections)} sections", fired=max(1, len(sections))))


@check("cda.coherence.narrative-dates", covers=("CDA-01",), source=NARRATIVE, confidence="vu")
def narrative_dates_agree_with_entries(document: CdaDocument) -> Evidence:
    """La date que le récit donne à un acte est celle de son entrée."""
    narrative = narrative_of(document)
    problems, count = [], 0
    for act in citing_acts(document):
        reference = act.find(_TEXT_REFERENCE)
        target = narrative.target(reference)
        date = "" if target is None else date_said(text_of(target)) or row_date(target)
        coded = dates_of_entry(act) if date else []
        if target is None or not coded:
            continue
        count += 1
        if not any(date.startswith(each) or each.startswith(date) for each in coded):
            problems.append(
                Problem(
                    "cda.coherence.narrative-dates",
                    "Le récit et l'entrée ne donnent pas la même date",
                    at=place_of(act),
                    expected=f"{date}, que dit le récit ({place_of(target)})",
                    received=", ".join(dict.fromkeys(coded)),
                    hint="Engendrer le récit et l'entrée depuis la même donnée, puis corriger celle des deux qui est fausse.",
                )
            )
    return conclude(problems, Evidence(note=f"{count} dates comparées", fired=max(1, count)))


@check(
    "cda.coherence.label-matches-code",
    covers=("CDA-01",),
    source="ANS, nomenclatures des objets de santé, publication d'octobre 2025",
    confidence="vu",
)
def labels_match_their_codes(document: CdaDocument) -> Evidence:
    """Le libellé d'un code n'en contredit pas le sens."""
    labels = _labels()
    elements = labelled_codes(document)
    problems = (
        Problem(
            "cda.coherence.label-matches-code",
            "Libellé qui contredit son code",
            at=f"{place_of(element)}/@displayName",
            expected=f"{expected} (code {element.get('code')})",
            received=element.get("displayName", ""),
            hint="Recopier le libellé de la nomenclature avec le code ; vérifier lequel des deux est juste.",
        )
        for element in elements
        if (expected := labels.contradiction(element))
    )
    return conclude(problems, Evidence(note=f"{len(elements)} codes avec libellé", fired=max(1, len(elements))))


@cache
def _labels() -> Labels:
    return labels_of(value_sets().values())


@check("cda.coherence.narrative-side", covers=("CDA-01",), source=NARRATIVE, confidence="vu")
def narrative_sides_agree_with_codes(document: CdaDocument) -> Evidence:
    """Le côté (gauche, droit) que dit le récit est celui du code qui s'y rapporte."""
    narrative = narrative_of(document)
    problems, count = [], 0
    for element in labelled_codes(document):
        coded = sides(element.get("displayName", ""))
        target = narrative.target(element.find(_ORIGINAL_REFERENCE)) if len(coded) == 1 else None
        if target is None:
            continue
        count += 1
        said = text_of(target)
        if len(sides(said)) == 1 and sides(said) != coded:
            problems.append(
                Problem(
                    "cda.coherence.narrative-side",
                    "Le récit et le code ne disent pas le même côté",
                    at=place_of(element),
                    expected=f"« {said[:80]} », que dit le récit ({place_of(target)})",
                    received=f"{element.get('code')} « {element.get('displayName')} »",
                    hint="Engendrer le récit et le code depuis la même donnée, puis corriger celui des deux qui est faux.",
                )
            )
    return conclude(problems, Evidence(note=f"{count} côtés comparés", fired=max(1, count)))
