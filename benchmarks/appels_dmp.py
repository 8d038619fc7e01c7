"""What one call costs the simulated DMP, without TLS nor judgement. ``python benchmarks/appels_dmp.py``

CPU of reading, deciding and answering, for each transaction, on a DMP of fifty documents; the best of three rounds, since others
use the machine. Aims: 15 ms or less for a deposit, 5 ms or less for any other call.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from dui_conformance.core.exchange import Body, Request
from dui_conformance.mocks.dmp.app import Dmp

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from samples.dmp import (
    ITI18,
    ITI43,
    ITI57,
    TD02,
    TD03,
    TD04,
    USAGER,
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
TOGGLE = ("urn:asip:ci-sis:2010:StatusType:Archived", "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved")


def filled() -> Dmp:
    """A DMP with fifty documents; every professional is authorised."""
    service = Dmp(seed=1)
    service.admit(USAGER)
    service.command("autorisation", {"matricule": USAGER.matricule, "valeur": "VALIDE"})
    for rank in range(50):
        placed = {"unique_id": f"1.2.3.{rank}", "type": "prescription", "date": "2026-01-10"}
        service.command("ajouter-document", {"matricule": USAGER.matricule, **placed})
    return service


def spent(service: Dmp, make: Callable[[int], Request]) -> float:
    """CPU of one call, in milliseconds."""
    rounds = []
    for first in (0, 1000, 2000):
        requests = [replace(make(first + rank), memo={}) for rank in range(CALLS)]
        began = time.process_time()
        for request in requests:
            service.describe("dmp", request)
            answer = service.handle("dmp", request, NOW)
            if answer.status != 200:
                raise SystemExit(f"réponse {answer.status} : la mesure ne vaut rien")
        rounds.append((time.process_time() - began) / CALLS * 1000)
    return min(rounds)


def calls(service: Dmp) -> dict[str, Callable[[int], Request]]:
    """One maker of requests a transaction; its argument makes each request another one."""
    whole = deposit().http
    raw, vihf = whole.body.read(), signed()
    entry = service.store.entries["1.2.3.1"].entry_uuid

    def numbered(rank: int) -> Request:
        data = raw
        for known in (b"2.25.111", b"2.25.222", b"2.25.333"):
            data = data.replace(known, b"%s%05d" % (known, rank))
        return replace(whole, body=Body(data))

    def toggled(rank: int) -> Request:
        new, original = TOGGLE if rank % 2 == 0 else TOGGLE[::-1]
        return soap_request("/registry", ITI57, status_body(entry, new, original, set_uid=f"1.9.{rank}"))

    return {
        "TD2.1 dépôt": numbered,
        "TD0.2 existence": lambda rank: soap_request("/patients", TD02, existence_body(), vihf=vihf),
        "TD0.3 autorisation": lambda rank: soap_request("/habilitations", TD03, "<a><action>AJOUT</action></a>", vihf=vihf),
        "TD0.4 liste": lambda rank: soap_request("/patientsSpecific", TD04, "<a/>", vihf=vihf),
        "TD3.1 recherche": lambda rank: soap_request("/registry", ITI18, find_documents(), vihf=vihf),
        "TD3.2 lecture": lambda rank: soap_request("/repository", ITI43, retrieve_body("1.2.3.1", "1.2.3.2"), vihf=vihf),
        "TD3.3 mise à jour": toggled,
    }


def main() -> None:
    """One line a transaction, with its ratio to a deposit."""
    print(f"machine : {platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()}")
    service = filled()
    measured = {name: spent(service, make) for name, make in calls(service).items()}
    reference = measured["TD2.1 dépôt"]
    for name, milliseconds in measured.items():
        print(f"{name} : {milliseconds:.2f} ms de processeur, {milliseconds / reference:.2f} fois un dépôt")


if __name__ == "__main__":
    main()
