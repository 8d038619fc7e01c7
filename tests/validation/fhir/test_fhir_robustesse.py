"""Anything given to the engine: one clear answer, no crash, no unbounded growth. The whole fuzz is in ``-m long``."""

from __future__ import annotations

import json
import random
import resource
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.validation.fhir.context import FhirPackages
from dui_conformance.validation.fhir.engine import Outcome

DATA = Path(__file__).parents[2] / "data" / "fhir"
SOURCES = ("esms-task.json", "esms-consent.json", "tddui-bundle.json")
XML = b'<Patient xmlns="http://hl7.org/fhir"><name><family value="A"/></name><birthDate value="1950"/></Patient>'


def judge(data: bytes) -> Outcome:
    return FhirPackages().validator.validate(data)


@pytest.mark.parametrize(
    "content",
    [
        {"resourceType": "Patient", "name": "A"},
        {"resourceType": "Patient", "name": [["A"]]},
        {"resourceType": "Patient", "name": [None, {"family": None}]},
        {"resourceType": "Patient", "name": {"given": {"a": []}}},
        {"resourceType": "Patient", "extension": [{"url": 3, "valueString": []}]},
        {"resourceType": "Patient", "meta": {"profile": "x"}},
        {"resourceType": "Patient", "meta": {"profile": [3, None, "::"]}},
        {"resourceType": "Patient", "contained": [3, {"resourceType": []}, {"resourceType": "Patient", "contained": [{}]}]},
        {"resourceType": "Patient", "_birthDate": [], "birthDate": {"a": 1}},
        {"resourceType": "Patient", "managingOrganization": {"reference": 3, "identifier": "x"}},
        {"resourceType": "Bundle", "type": ["transaction"], "entry": [3, {"fullUrl": [], "resource": 3, "request": []}]},
        {"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": {"resourceType": "Bundle", "entry": {}}}]},
        {
            "resourceType": "Observation",
            "valueQuantity": {"value": "x"},
            "component": {"valueQuantity": 3},
            "category": [{"coding": {}}],
        },
        {"resourceType": "Parameters", "parameter": [{"name": "a", "resource": {"resourceType": "Rien"}}]},
        {"resourceType": "Questionnaire", "item": {"item": {"item": 3}}},
        {"resourceType": ["Patient"]},
        {"resourceType": "Patient", "multipleBirthInteger": 10**400},
    ],
)
def test_wrong_shapes_are_issues(content: dict[str, Any]) -> None:
    assert judge(json.dumps(content).encode()).errors


def test_deep_and_wide_documents_are_bounded() -> None:
    deep: dict[str, Any] = {"url": "a", "valueString": "x"}
    for _ in range(150):
        deep = {"url": "a", "extension": [deep]}
    assert any(
        "profonde" in i.message for i in judge(json.dumps({"resourceType": "Patient", "extension": [deep]}).encode()).errors
    )
    wide = json.dumps({"resourceType": "Patient", "name": [{"family": "A"}] * 50_000}).encode()
    assert judge(wide).accepted
    nested = b'<Patient xmlns="http://hl7.org/fhir">' + b"<extension>" * 1_500 + b"</extension>" * 1_500 + b"</Patient>"
    assert judge(nested).errors
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 1_500_000


def _shaken(source: bytes, chance: random.Random) -> bytes:
    data = bytearray(source)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data))
        kind = chance.randrange(4)
        if kind == 0:
            data[at] = chance.randrange(256)
        elif kind == 1:
            del data[at : at + chance.randint(1, 40)]
        elif kind == 2:
            data[at:at] = bytes(data[at : at + chance.randint(1, 60)])
        else:
            data[at:at] = chance.choice((b"{", b"[", b'"', b"null", b"<", b"&", b"\xff", b"1e999", b',"id":3'))
    return bytes(data)


def _fuzz(count: int) -> int:
    chance = random.Random(7)
    sources = [*((DATA / name).read_bytes() for name in SOURCES), XML]
    refused = 0
    for _ in range(count):
        outcome = judge(_shaken(chance.choice(sources), chance))
        refused += not outcome.accepted
        assert all(i.message and i.path for i in outcome.issues)
    return refused


def test_shaken_bytes_never_crash() -> None:
    assert _fuzz(600) > 300


@pytest.mark.long
def test_one_hundred_thousand_shaken_documents_never_crash() -> None:
    assert _fuzz(100_000) > 50_000
