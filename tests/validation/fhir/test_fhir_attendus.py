"""The profile that a resource must follow, found by the exchange that carries it or by what it holds."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.exchange import Body, Connection, Exchange, Request, Times
from dui_conformance.validation.fhir.attendus import SDO, SETMIN, TDDUI, TDDUI_CDA, by_content
from dui_conformance.validation.fhir.context import FhirPackages
from dui_conformance.validation.fhir.view import FhirResource
from samples.sidoba import NOW, play
from validation.fhir.test_fhir_profils import load


def bare(content: dict[str, Any]) -> dict[str, Any]:
    """The same without its profiles (and, for a consent, with its source)."""
    meta = {k: v for k, v in content.get("meta", {}).items() if k != "profile"}
    return {k: v for k, v in content.items() if k != "meta"} | ({"meta": meta} if meta else {})


def entry(rank: int) -> dict[str, Any]:
    found: dict[str, Any] = load("tddui-bundle")["entry"][rank]["resource"]
    return bare(found)


CASES = (
    (bare(load("esms-task")), f"{SDO}esms-task"),
    (bare(load("esms-consent")), f"{SDO}esms-consent"),
    (bare(load("esms-document-reference")), f"{SDO}esms-document-reference"),
    (bare(load("tddui-bundle")), f"{TDDUI}tddui-bundle"),
    (entry(0), f"{TDDUI}tddui-patient-ins"),
    (entry(0) | {"identifier": [entry(0)["identifier"][1]]}, f"{TDDUI}tddui-patient"),
    (entry(2), f"{TDDUI}tddui-encounter-sejour"),
    (entry(4), f"{TDDUI}tddui-encounter-evenement"),
    (entry(6), f"{TDDUI}tddui-questionnaire-response"),
    (
        {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": bare(load("esms-task"))}]},
        f"{SDO}esms-bundle-resultat-recherche-notification-esms",
    ),
    (
        {"resourceType": "DocumentReference", "type": {"coding": [{"code": "EXPORT_DUI"}]}},
        f"{TDDUI_CDA}tddui-documentreference",
    ),
)


@pytest.mark.parametrize(("content", "profile"), CASES, ids=[case[1].rpartition("/")[2] for case in CASES])
def test_the_content_tells_the_profile(content: dict[str, Any], profile: str) -> None:
    assert by_content(content) == (profile,)
    resource = FhirResource(json.dumps(content).encode())
    outcome = resource.outcome(FhirPackages())
    assert outcome.told == (profile,)
    assert [row["demande"] for row in resource.rule_sets if row["id"] == profile] == ["contexte"]


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"resourceType": "Patient", "identifier": [{"system": "urn:oid:1.2.3"}]},
        {"resourceType": "Patient", "identifier": 3},
        {"resourceType": "Task", "input": [{"type": None}, 3]},
        {"resourceType": "Bundle", "type": "searchset", "entry": []},
        {"resourceType": "Bundle", "type": "transaction", "entry": [3, {"resource": []}]},
        {"resourceType": "Consent", "category": [{"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}]},
        {"resourceType": "Task", "meta": {"profile": ["http://autre"]}, "input": load("esms-task")["input"]},
    ],
)
def test_nothing_is_told_of_anything_else(content: dict[str, Any]) -> None:
    assert by_content(content) == ()


def test_a_bundle_of_documents_is_that_of_the_cda_guide() -> None:
    made = json.loads(play().ssiad().http.body.read())
    del made["meta"]
    assert by_content(made) == (f"{TDDUI_CDA}tddui-bundle",)


def test_a_profile_asked_replaces_what_the_content_tells() -> None:
    data = json.dumps(bare(load("tddui-bundle"))).encode()
    assert FhirPackages(asked=(SETMIN,)).validator.validate(data, (SETMIN,)).told == ()


def test_the_exchange_tells_the_profile() -> None:
    exchange = play().setmin()
    assert exchange.view(FhirResource).expected == (SETMIN,)
    named = [named for named, _ in exchange.view(FhirResource).outcome(FhirPackages()).profiles]
    assert any(name.startswith(SETMIN) for name in named)


def test_what_is_not_fhir_is_no_resource() -> None:
    request = Request("POST", "/", (("Content-Type", "application/json"),), Body(b"{}"), Connection())
    exchange = Exchange("E1", "sidoba", "sidoba.rama", request, None, Connection(), Times(NOW, NOW, 0))
    with pytest.raises(Inconclusive):
        exchange.view(FhirResource)
