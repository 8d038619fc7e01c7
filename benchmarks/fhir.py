"""FHIR bundles judged against profiles: warm time, readiness, memory, linearity. ``python benchmarks/fhir.py``

The bundle repeats seven resources of the TDDUI guide (usager with INS, structure, séjour, professional, événement, transport,
évaluation) and three of the SDO guide; every invariant is evaluated, and counted. Readiness is a whole process, from its
start to the verdict of one file; memory is that process's peak.
"""

from __future__ import annotations

import copy
import json
import os
import platform
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from dui_conformance.validation.fhir.context import FhirPackages

DATA = Path(__file__).parent.parent / "tests" / "data" / "fhir"
ALONE = ("esms-task", "esms-consent", "esms-document-reference")
RUNS, STARTS = 20, 7
UUID = re.compile(r"urn:uuid:3f0e0000-0000-4000-8000-(\d{12})")


def resources() -> list[dict[str, Any]]:
    """One of each resource."""
    bundle = json.loads((DATA / "tddui-bundle.json").read_text(encoding="utf-8"))
    alone = [json.loads((DATA / f"{name}.json").read_text(encoding="utf-8")) for name in ALONE]
    return [entry["resource"] for entry in bundle["entry"]] + alone


def bundle(entries: int) -> bytes:
    """A transaction of that many entries; each group of ten refers to itself."""
    held, made = resources(), []
    for rank in range(entries):
        group, place = divmod(rank, len(held))
        text = json.dumps(copy.deepcopy(held[place]))
        text = UUID.sub(lambda m, group=group: _uuid(group * len(held) + int(m[1])), text)
        content = json.loads(text)
        request = {"method": "POST", "url": content["resourceType"]}
        made.append({"fullUrl": _uuid(rank + 1), "resource": content, "request": request})
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": made}, indent=1).encode()


def _uuid(number: int) -> str:
    return f"urn:uuid:3f0e0000-0000-4000-8000-{number:012d}"


def warm(entries: int, runs: int) -> tuple[float, float, int, int]:
    """Median seconds, elapsed and of processor, invariants and issues of a bundle."""
    validator, data = FhirPackages().validator, bundle(entries)
    spent, worked = [], []
    for _ in range(runs):
        begin, started = time.perf_counter(), time.process_time()
        outcome = validator.validate(data)
        spent.append(time.perf_counter() - begin)
        worked.append(time.process_time() - started)
    return statistics.median(spent), statistics.median(worked), outcome.invariants, len(outcome.issues)


def readiness() -> tuple[float, float, int]:
    """Median seconds from start to verdict of a process that judges one bundle of 100 entries, elapsed and of processor; its
    peak memory in MiB."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "lot.json"
        path.write_bytes(bundle(100))
        spent, worked = [], []
        for _ in range(STARTS):
            begin, started = time.perf_counter(), _children()
            subprocess.run(
                [sys.executable, "-m", "dui_conformance", "validate", str(path)], cwd=name, capture_output=True, check=False
            )
            spent.append(time.perf_counter() - begin)
            worked.append(_children() - started)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    return statistics.median(spent), statistics.median(worked), memory


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print the figures."""
    print(f"machine : {platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()}")
    ready, worked, memory = readiness()
    print(f"du lancement au verdict d'un lot de 100 entrées : {ready:.2f} s, dont {worked:.2f} s de processeur ; {memory} Mio")
    warm(10, 2)
    for entries, runs in ((1, RUNS), (100, RUNS), (1_000, 3), (10_000, 1)):
        spent, worked, invariants, issues = warm(entries, runs)
        cost = f"{spent * 1000:9.1f} ms, {worked * 1000 / entries:5.2f} ms de processeur par entrée"
        print(f"{entries:>6} entrées : {cost}, {invariants} invariants, {issues} constats")
    print(f"mémoire résidente maximale : {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} Mio")


if __name__ == "__main__":
    main()
