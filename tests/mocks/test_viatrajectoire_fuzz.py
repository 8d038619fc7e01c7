"""No request makes ViaTrajectoire or its judges fail: whatever comes, one clear answer, and a verdict of the request alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.profile import best_for
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.fhir.context import FhirPackages
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples.viatrajectoire import Play, answer, consent, play, reply_of, task

CONTEXT = (Settings(), FhirPackages())
PATHS = ("/Task", "/Consent", "/DocumentReference", "/DocumentReference/dec-1", "/Task/evt-1", "", "/Patient", "/metadata")
CODES = ("idNat_Struct", "nomESMS", "statutESMS", "motifESMS", "idUnite", "statutUnite", "idDecision", "idNat_Decision")
WORDS = ["40", "45", "122", "2026-11-02", "Task", "Consent", "completed", "gt2026-11-01T00:00:00Z"]
TEXTS = st.text(max_size=20) | st.sampled_from([*CODES, *WORDS])
NAMES = (
    "resourceType meta status intent input type coding code system valueIdentifier value valueDate valueCodeableConcept "
    "provision data reference identifier use lastUpdated source text"
)
KEYS = st.sampled_from(NAMES.split())


def opened() -> Play:
    made = play()
    made.notify()
    return made


PLAY = opened()
NATIONAL, MDPH = PLAY.decision()
RESOURCES = [json.dumps(task(NATIONAL, MDPH)), json.dumps(consent(NATIONAL))]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=20,
)


def mutated(draw: Any) -> Any:
    """A right resource, one of its values replaced."""
    resource: Any = json.loads(draw(st.sampled_from(RESOURCES)))
    place: Any = resource
    while True:
        key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else list(range(len(place)))))
        if not isinstance(place[key], dict | list) or not place[key] or draw(st.booleans()):
            place[key] = draw(VALUES)
            return resource
        place = place[key]


@st.composite
def bodies(draw: Any) -> bytes:
    """JSON, XML, or neither."""
    way = draw(st.sampled_from(["mutated", "mutated", "json", "xml", "raw", "deep", "wide", "twice", "utf8"]))
    if way == "mutated":
        return json.dumps(mutated(draw)).encode()
    if way == "json":
        return json.dumps(draw(VALUES)).encode()
    if way == "xml":
        inner = draw(st.text(max_size=20)).replace("<", "").replace("&", "")
        name = draw(st.sampled_from(["Task", "Consent", "input", "Bundle"]))
        return f'<{name} xmlns="http://hl7.org/fhir"><status value="{inner[:5]}"/><input>{inner}</input></{name}>'.encode()
    if way == "deep":
        depth = draw(st.integers(10, 3000))
        return b'{"resourceType": "Task", "input": ' + b"[" * depth + b"]" * depth + b"}"
    if way == "wide":
        return json.dumps({"resourceType": "Task", "input": [{}] * draw(st.integers(0, 2000))}).encode()
    if way == "twice":
        return b'{"resourceType": "Task", "resourceType": "Consent", "status": 1, "status": [2]}'
    if way == "utf8":
        return b'{"resourceType": "Task", "description": "' + draw(st.binary(max_size=10)) + b'"}'
    return draw(st.binary(max_size=80))


def check(path: str, method: str, query: str, body: bytes, headers: dict[str, str]) -> None:
    before = len(PLAY.exchanges)
    exchange = PLAY.call(method, f"{path}{'?' if query else ''}{query}", body, **headers)
    del PLAY.exchanges[before:]
    reply = reply_of(exchange)
    assert reply.status in (200, 201, 400, 401, 403, 404, 405, 410, 415, 422)
    if reply.status >= 300 and "json" in reply.header("content-type"):
        assert answer(exchange)["issue"][0]["details"]["text"]
    profile = best_for(exchange.kind, tuple(all_profiles().values()), exchange.times.logical.date())
    if profile is not None:
        found = run_profile(profile, (exchange,), context=CONTEXT)
        assert found
        assert all(a.verdict is not Verdict.ERREUR for a in found)


HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "Accept": st.sampled_from(["application/fhir+xml", "application/fhir+json", "*/*", ""]) | st.text(max_size=10),
        "Content_Type": st.sampled_from(["application/fhir+json", "application/fhir+xml", "text/plain", "application/json", ""]),
        "Authorization": st.sampled_from(["", "Bearer", "Bearer x", "Basic x"]),
        "struct_idnat": st.sampled_from(["", "1990000036", "990000036", "é"]),
    },
)
QUERIES = st.lists(
    st.tuples(st.sampled_from(["type", "_lastUpdated", "_elements", "identifier", "_getpages", "_format"]), TEXTS), max_size=4
).map(lambda pairs: "&".join(f"{n}={v}" for n, v in pairs))
ARGUMENTS = {
    "path": st.sampled_from(PATHS),
    "method": st.sampled_from(["GET", "POST", "POST", "POST", "PUT", "DELETE"]),
    "query": QUERIES,
    "body": bodies(),
    "headers": HEADERS,
}


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(**ARGUMENTS)
def test_every_request_is_answered_and_judged(path: str, method: str, query: str, body: bytes, headers: dict[str, str]) -> None:
    check(path, method, query, body, headers)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(**ARGUMENTS)
def test_every_request_is_answered_and_judged_at_length(
    path: str, method: str, query: str, body: bytes, headers: dict[str, str]
) -> None:
    check(path, method, query, body, headers)


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\xfe", b"<", b"[" * 100_000, b'{"resourceType": "Task"' * 3])
def test_known_traps_have_one_clear_answer(body: bytes) -> None:
    check("/Task", "POST", "", body, {"Content_Type": "application/fhir+json"})


@pytest.mark.parametrize(
    "category", [None, [None], [{"coding": None}], [{"coding": "x"}], {"coding": [[]]}, [{"coding": [None]}]]
)
def test_category_of_any_shape_is_judged(category: Any) -> None:
    body = json.dumps(consent(NATIONAL) | {"category": category}).encode()
    check("/Consent", "POST", "", body, {"Content_Type": "application/fhir+json"})


@pytest.mark.parametrize("system", [None, [], {}, 4, ""])
def test_system_of_any_type_is_judged(system: Any) -> None:
    event = task(NATIONAL, MDPH)
    event["input"][0]["type"]["coding"][0]["system"] = system
    check("/Task", "POST", "", json.dumps(event).encode(), {"Content_Type": "application/fhir+json"})
