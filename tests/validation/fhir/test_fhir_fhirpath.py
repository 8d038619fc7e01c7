"""Our FHIRPath functions against fhirpathpy, on every R4 invariant and the official examples; and what is ours alone."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import fhirpathpy
import pytest
from dui_conformance.validation.fhir.base import Types
from dui_conformance.validation.fhir.context import FhirPackages
from dui_conformance.validation.fhir.fhirpath import Env, Unsupported, compiled
from dui_conformance.validation.fhir.issues import Sink
from dui_conformance.validation.fhir.items import Item, Reading, make_root
from dui_conformance.validation.fhir.store import Definitions
from dui_conformance.validation.fhir.values import raw
from fhirpathpy.models import models
from validation.fhir.paquets import example_files, load, needs_examples

TYPES = Types(Definitions())
PATIENT = {
    "resourceType": "Patient",
    "active": True,
    "name": [{"use": "official", "family": "A", "given": ["B", "C"]}, {"use": "usual", "family": "D"}],
    "birthDate": "1950-02",
    "multipleBirthInteger": 2,
}


def _env(item: Item) -> Env:
    return Env(item, lambda i: None, lambda v, u: None)


def evaluate(expression: str, content: dict[str, Any]) -> list[Any]:
    root = make_root(Reading(TYPES, Sink()), content)
    assert root is not None
    found = [raw(v) for v in compiled(expression)([root], _env(root))]
    return [getattr(v, "text", v) for v in found]


@pytest.mark.parametrize(
    ("expression", "wanted"),
    [
        ("name.given", ["B", "C"]),
        ("name[0].given.count() + 1", [3]),
        ("multipleBirth is integer", [True]),
        ("multipleBirth.ofType(boolean).exists()", [False]),
        ("(multipleBirth as integer) > 1.5", [True]),
        ("name.where(use = 'usual').family", ["D"]),
        ("name.all(family.exists()) and active", [True]),
        ("birthDate < @1950-02-10", []),
        ("birthDate <= @1950-03", [True]),
        ("name.select(use & '-' & family)", ["official-A", "usual-D"]),
        ("name.family in ('A' | 'Z')", [True]),
        ("('A' | 'D' | 'A').count()", [2]),
        ("iif(active, 'oui', 'non')", ["oui"]),
        ("name.exists(use = 'temp').not()", [True]),
        ("contact.empty() implies gender.exists()", [False]),
        ("gender = 'male' or active", [True]),
        ("name.family.first().matches('^[A-Z]$')", [True]),
        ("7 div 2 + 7 mod 2", [4]),
        ("name.repeat(given).count()", [2]),
        ("descendants().where($this = 'C').count()", [1]),
        ("name.skip(1).take(1).use ~ 'USUAL'", [True]),
        ("Patient.active", [True]),
        ("'abc'.substring(1, 1) = 'b' xor false", [True]),
        ("name.given.join('+')", ["B+C"]),
    ],
)
def test_an_expression(expression: str, wanted: list[Any]) -> None:
    assert evaluate(expression, PATIENT) == wanted


@pytest.mark.parametrize("expression", ["fonction()", "name.where()", "%inconnue", "name.is(1)", ""])
def test_what_is_not_known_is_said(expression: str) -> None:
    with pytest.raises(Unsupported):
        compiled(expression)


def test_every_r4_invariant_is_compiled() -> None:
    definitions = FhirPackages().validator.definitions
    expressions = set()
    for source in definitions.sources:
        for url in source.urls("StructureDefinition"):
            content = source.get("StructureDefinition", url)
            assert content is not None
            rows = (content.get("snapshot") or content["differential"])["element"]
            expressions |= {c["expression"] for row in rows for c in row.get("constraint", ()) if "expression" in c}
    assert len(expressions) > 200
    for expression in expressions:
        compiled(expression)


@needs_examples
def test_fhirpathpy_agrees_on_the_root_invariants_of_examples() -> None:
    answers: Counter[str] = Counter()
    apart = []
    for path in example_files(20_000)[::3]:
        content = load(path)
        root = make_root(Reading(TYPES, Sink()), content)
        if root is None:
            continue
        for invariant in root.type.invariants:
            if invariant.key in ("dom-3", "bdl-10") or "hasValue" in invariant.expression:
                continue
            ours = [raw(v) for v in compiled(invariant.expression)([root], _env(root))]
            context = {"resource": content, "rootResource": content, "context": content}
            theirs = fhirpathpy.evaluate(json.loads(json.dumps(content)), invariant.expression, context, models["r4"])
            answers["mêmes" if ours == theirs else "autres"] += 1
            if ours != theirs:
                apart.append((path.name, invariant.key, ours, theirs))
    assert answers["mêmes"] > 900
    assert answers["autres"] <= 0.01 * answers["mêmes"], apart[:20]
