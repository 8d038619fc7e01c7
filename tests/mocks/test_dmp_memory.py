"""A long campaign keeps little of each deposit in memory."""

from __future__ import annotations

import gc
import tracemalloc
from datetime import UTC, datetime

from dui_conformance.mocks.dmp.app import Dmp
from samples.dmp import USAGER, Deposit

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
MEMORY = 16_384
"""Bytes of memory that one document may take, its content in the spool."""


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
