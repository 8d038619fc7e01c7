"""The official examples of R4, which nobody here wrote, and seeded mutants of them."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from dui_conformance.validation.fhir.context import FhirPackages
from dui_conformance.validation.fhir.engine import Outcome
from dui_conformance.validation.fhir.packages import make_validator
from validation.fhir.mutants import KINDS, Mutator, seen_at
from validation.fhir.paquets import EXAMPLES, example_files, load, needs_examples

DATA = Path(__file__).parents[2] / "data" / "fhir"
EXPLAINED = json.loads((DATA / "exemples_refuses.json").read_text(encoding="utf-8"))
ORDINARY = 60_000
SEED = 4_001
WANTED = 3_000

pytestmark = needs_examples


def test_official_examples_are_accepted_or_explained() -> None:
    validator = FhirPackages().validator
    refused, kinds, count = {}, set(), 0
    for path in example_files(1_500_000):
        outcome = validator.validate(path.read_bytes())
        count += 1
        kinds.add(outcome.resource)
        if not outcome.accepted:
            refused[path.name] = sorted({i.rule.value for i in outcome.errors})
    assert {name: rules for name, rules in refused.items() if EXPLAINED.get(name, {}).get("regles") != rules} == {}
    assert count >= 700
    assert len(kinds) >= 130
    assert len(refused) / count < 0.05


def test_every_explanation_says_something() -> None:
    assert all(len(row["explication"]) > 30 for row in EXPLAINED.values())


def test_seeded_mutants_are_rejected_where_they_are_wrong() -> None:
    validator = FhirPackages().validator
    mutator = Mutator(validator, SEED)
    made, seen, missed = Counter(), Counter(), []
    for path in example_files(ORDINARY):
        if path.name in EXPLAINED:
            continue
        for mutant in mutator.mutants(load(path), 1):
            outcome = validator.validate(json.dumps(mutant.content).encode())
            made[mutant.kind] += 1
            if seen_at(mutant.path, [i.path for i in outcome.errors]):
                seen[mutant.kind] += 1
            else:
                missed.append(f"{path.name} {mutant.kind} {mutant.path} {mutant.note}")
    total = sum(made.values())
    print({kind: f"{seen[kind]}/{made[kind]}" for kind in KINDS}, total)
    assert total >= WANTED
    assert sum(seen.values()) >= 0.95 * total, missed[:40]
    assert all(seen[kind] >= 0.9 * made[kind] for kind in KINDS), missed[:40]


def test_the_full_package_says_the_same_as_the_tables() -> None:
    compact, full = FhirPackages().validator, make_validator(((str(EXAMPLES), ""),), "")
    for path in example_files(30_000)[::12]:
        data = path.read_bytes()
        assert _said(full.validate(data)) == _said(compact.validate(data)), path.name


def _said(outcome: Outcome) -> set[tuple[str, str, str]]:
    return {(i.rule.value, i.path, i.key) for i in outcome.issues}
