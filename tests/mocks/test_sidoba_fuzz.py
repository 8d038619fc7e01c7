"""Whatever arrives at SIDOBA is described and answered, never raised upon; and judged without a mistake of ours."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.fhir.context import FhirPackages
from dui_conformance.validation.sidoba.cadre import cadre_exemple
from samples.sidoba import SETTINGS, Play, depot, export, lot, play, service_a_domicile, ssiad
from samples.sidoba import dossier as record

CHANNELS = (("/fhir/v1", "SIDOBA-SETMIN"), ("/tddui/v1", "SIDOBA-SSIAD"), ("/rama/v1/depots", "SIDOBA-RAMA"))
CONTEXT = (SETTINGS, FhirPackages(), cadre_exemple())


def seeds() -> list[bytes]:
    """A good body of each channel."""
    documents = ssiad.lot(export(), record(), service_a_domicile())
    return [json.dumps(body).encode() for body in (lot(domicile=True), documents, depot())]


def shaken(value: Any, chance: random.Random) -> Any:
    """The same JSON with a value of another sort somewhere."""
    if chance.random() < 0.04:
        return chance.choice((None, 3, True, "", [], {}, [[]], {"a": 1}, "x" * 300, 1e308, [None, {"system": 3}]))
    if isinstance(value, dict):
        return {name: shaken(held, chance) for name, held in value.items()}
    return [shaken(held, chance) for held in value] if isinstance(value, list) else value


def cut(data: bytes, chance: random.Random) -> bytes:
    """Bytes taken away, doubled or replaced."""
    at, size = chance.randrange(len(data)), chance.randint(1, 60)
    return data[:at] + chance.choice((b"", data[at : at + size] * 2, b"\xff\x00<{[", b"<a" * 9)) + data[at + size :]


def send(p: Play, target: str, body: bytes) -> Any:
    named = {"Authorization": f"Bearer {p.jeton}", "struct_idnat": "1990000028", "Content-Type": "application/json"}
    return p.call("POST", target, named, body)


def fuzz(count: int) -> None:
    chance, bodies = random.Random(11), seeds()
    p = play()
    p.token()
    for rank in range(count):
        target, profile = CHANNELS[rank % 3]
        seed = bodies[rank % 3]
        body = cut(seed, chance) if chance.random() < 0.4 else json.dumps(shaken(json.loads(seed), chance)).encode()
        exchange = send(p, target, body)
        assert exchange.reply is not None
        found = run_profile(all_profiles()[profile], (exchange,), context=CONTEXT)
        assert all(a.verdict is not Verdict.ERREUR for a in found)
        p.exchanges.clear()
        p.service.command("remise-a-zero", {})


def test_shaken_bodies_never_raise() -> None:
    fuzz(150)


@pytest.mark.long
def test_many_shaken_bodies_never_raise() -> None:
    fuzz(20_000)


@pytest.mark.parametrize("body", [b"", b"{", b"[" * 100_000, b"\xff\xfe", b"<Bundle xmlns='http://hl7.org/fhir'>", b"null", b"3"])
@pytest.mark.parametrize("target", [target for target, _ in CHANNELS])
def test_what_is_nothing_is_refused(body: bytes, target: str) -> None:
    p = play()
    p.token()
    assert send(p, target, body).reply.status == 400
