"""What a call costs the DMP: CPU of the service for each transaction, memory of a document that it holds."""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dui_conformance.core.exchange import Body, Request
from dui_conformance.mocks.dmp.app import Dmp
from samples.dmp import (
    ITI18,
    ITI43,
    ITI57,
    TD02,
    TD03,
    TD04,
    USAGER,
    Deposit,
    existence_body,
    find_documents,
    retrieve_body,
    soap_request,
    status_body,
)
from samples.vihf import signed
from samples.xds import deposit

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
CALLS = 20
DEPOSIT_MS, OTHER_MS = 15.0, 5.0
MEMORY = 16_384
"""Bytes of memory that one document may take, its content in the spool."""


@pytest.fixture
def dmp() -> Dmp:
    """A DMP with fifty documents; every professional is authorised."""
    service = Dmp(seed=1)
    service.admit(USAGER)
    service.command("autorisation", {"matricule": USAGER.matricule, "valeur": "VALIDE"})
    for rank in range(50):
        placed = {"unique_id": f"1.2.3.{rank}", "type": "prescription", "date": "2026-01-10"}
        service.command("ajouter-document", {"matricule": USAGER.matricule, **placed})
    return service


def spent(service: Dmp, make: Callable[[int], Request]) -> float:
    """CPU of one call, in milliseconds: the best of three rounds, since others use the machine."""
    rounds = []
    for first in (0, 1000, 2000):
        requests = [replace(make(first + rank), memo={}) for rank in range(CALLS)]
        began = time.process_time()
        for request in requests:
            service.describe("dmp", request)
            assert service.handle("dmp", request, NOW).status == 200
        rounds.append((time.process_time() - began) / CALLS * 1000)
    return min(rounds)


def test_a_deposit_costs_little(dmp: Dmp) -> None:
    whole = deposit().http
    raw = whole.body.read()

    def numbered(rank: int) -> Request:
        data = raw
        for known in (b"2.25.111", b"2.25.222", b"2.25.333"):
            data = data.replace(known, b"%s%05d" % (known, rank))
        return replace(whole, body=Body(data))

    assert spent(dmp, numbered) <= DEPOSIT_MS


VIHF = signed()
TOGGLE = ("urn:asip:ci-sis:2010:StatusType:Archived", "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved")


@pytest.mark.parametrize(
    "make",
    [
        lambda rank: soap_request("/patients", TD02, existence_body(), vihf=VIHF),
        lambda rank: soap_request("/habilitations", TD03, "<a><action>AJOUT</action></a>", vihf=VIHF),
        lambda rank: soap_request("/patientsSpecific", TD04, "<a/>", vihf=VIHF),
        lambda rank: soap_request("/registry", ITI18, find_documents(), vihf=VIHF),
        lambda rank: soap_request("/repository", ITI43, retrieve_body("1.2.3.1", "1.2.3.2"), vihf=VIHF),
    ],
    ids=["td0.2", "td0.3", "td0.4", "td3.1", "td3.2"],
)
def test_another_call_costs_less(dmp: Dmp, make: Callable[[int], Request]) -> None:
    assert spent(dmp, make) <= OTHER_MS


def test_an_update_costs_less(dmp: Dmp) -> None:
    entry = dmp.store.entries["1.2.3.1"].entry_uuid

    def toggled(rank: int) -> Request:
        new, original = TOGGLE if rank % 2 == 0 else TOGGLE[::-1]
        return soap_request("/registry", ITI57, status_body(entry, new, original, set_uid=f"1.9.{rank}"))

    assert spent(dmp, toggled) <= OTHER_MS


def test_memory_grows_by_little_for_each_document() -> None:
    service = Dmp(seed=1)
    service.admit(USAGER)
    content = b"<ClinicalDocument xmlns='urn:hl7-org:v3'>" + b" " * 100_000 + b"</ClinicalDocument>"

    def sent(first: int, count: int) -> None:
        for rank in range(first, first + count):
            one = Deposit(uid=f"1.2.4.{rank}", set_uid=f"1.2.5.{rank}", content=content)
            assert service.handle("dmp", one.request(), NOW).facts["stocke"]

    # Past the 16 MiB that the spool keeps in memory, contents are on disk.
    sent(0, 200)
    gc.collect()
    tracemalloc.start()
    try:
        sent(200, 200)
        gc.collect()
        grown, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert grown / 200 <= MEMORY
