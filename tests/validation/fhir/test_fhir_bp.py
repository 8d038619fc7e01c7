"""Twenty observations against the official R4 blood pressure profile: one good, nineteen each wrong in one way."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from dui_conformance.validation.fhir.context import FhirPackages

BP = "http://hl7.org/fhir/StructureDefinition/bp"
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
Change = Callable[[dict[str, Any]], Any]


def _component(code: str, value: int) -> dict[str, Any]:
    return {
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "valueQuantity": {"value": value, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"},
    }


GOOD: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "tension",
    "meta": {"profile": [BP]},
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">120/80</div>'},
    "status": "final",
    "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "vital-signs"}]}],
    "code": {"coding": [{"system": LOINC, "code": "85354-9"}]},
    "subject": {"reference": "Patient/un"},
    "effectiveDateTime": "2026-03-02",
    "component": [_component("8480-6", 120), _component("8462-4", 80)],
}


def _without(*names: str) -> Change:
    return lambda o: [o.pop(n) for n in names]


def _update(**values: Any) -> Change:
    return lambda o: o.update(values)


WRONG: dict[str, tuple[Change, str, str]] = {
    "01 statut hors liste": (_update(status="fini"), "Observation.status", "fhir.terminologie.obligatoire"),
    "02 statut absent": (_without("status"), "Observation.status", "fhir.structure.cardinalite"),
    "03 sans catégorie": (_without("category"), "Observation.category", "fhir.structure.cardinalite"),
    "04 autre catégorie": (
        lambda o: o["category"][0]["coding"][0].update(code="laboratory"),
        "Observation.category",
        "fhir.structure.cardinalite",
    ),
    "05 autre code": (
        lambda o: o["code"]["coding"][0].update(code="8867-4"),
        "Observation.code.coding",
        "fhir.structure.cardinalite",
    ),
    "06 code d'un autre système": (
        lambda o: o["code"]["coding"][0].update(system="http://snomed.info/sct"),
        "Observation.code.coding",
        "fhir.structure.cardinalite",
    ),
    "07 sans sujet": (_without("subject"), "Observation.subject", "fhir.structure.cardinalite"),
    "08 sujet d'un autre type": (_update(subject={"reference": "Device/un"}), "Observation.subject", "fhir.reference.cible"),
    "09 date moins précise que le jour (vs-1)": (
        _update(effectiveDateTime="2026"),
        "Observation.effective",
        "fhir.invariant.respecte",
    ),
    "10 type de date interdit": (
        lambda o: (o.pop("effectiveDateTime"), o.update(effectiveInstant="2026-03-02T10:00:00Z")),
        "Observation.effective",
        "fhir.structure.type",
    ),
    "11 une seule composante": (lambda o: o["component"].pop(), "Observation.component", "fhir.structure.cardinalite"),
    "12 deux systoliques": (
        lambda o: o["component"].__setitem__(1, _component("8480-6", 80)),
        "Observation.component",
        "fhir.structure.cardinalite",
    ),
    "13 unité imposée": (
        lambda o: o["component"][0]["valueQuantity"].update(code="kPa"),
        "Observation.component[0].value.code",
        "fhir.valeur.imposee",
    ),
    "14 composante sans valeur (vs-3)": (
        lambda o: o["component"][0].pop("valueQuantity"),
        "Observation.component[0]",
        "fhir.invariant.respecte",
    ),
    "15 texte pour un nombre": (
        lambda o: o["component"][0]["valueQuantity"].update(value="120"),
        "Observation.component[0].value.value",
        "fhir.structure.type",
    ),
    "16 élément inconnu": (_update(tension="12/8"), "Observation.tension", "fhir.structure.element-connu"),
    "17 objet vide (ele-1)": (_update(method={}), "Observation.method", "fhir.structure.forme"),
    "18 contenue sans renvoi (dom-3)": (
        _update(contained=[{"resourceType": "Patient", "id": "p", "active": True}]),
        "Observation",
        "fhir.invariant.respecte",
    ),
    "19 extension sans url": (
        _update(extension=[{"valueString": "x"}]),
        "Observation.extension[0].url",
        "fhir.structure.cardinalite",
    ),
}


def _errors(content: dict[str, Any]) -> list[tuple[str, str]]:
    outcome = FhirPackages().validator.validate(json.dumps(content).encode())
    return [(i.path, i.rule.value) for i in outcome.errors]


def test_the_good_one_is_accepted() -> None:
    outcome = FhirPackages().validator.validate(json.dumps(GOOD).encode())
    assert outcome.errors == ()
    assert [named for named, _ in outcome.profiles] == [f"{BP}|4.0.1"]


@pytest.mark.parametrize("case", WRONG)
def test_each_defect_is_seen_at_its_place(case: str) -> None:
    change, path, rule = WRONG[case]
    content = copy.deepcopy(GOOD)
    change(content)
    assert (path, rule) in _errors(content)


def test_there_are_twenty_cases() -> None:
    assert len(WRONG) + 1 == 20
