"""Note de vaccination: XSD and rules against the XML parse alone, in one run. ``python benchmarks/validation_cda.py [FILE]``

Times are medians of warm runs, each on a document read afresh. The number of assertions evaluated is printed beside them.
"""

from __future__ import annotations

import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

START = time.perf_counter()

from dui_conformance.checks.declaratif import rule_sets  # noqa: E402
from dui_conformance.checks.registry import all_profiles, expand, run_profile  # noqa: E402
from dui_conformance.core.verdict import roll_up  # noqa: E402
from dui_conformance.validation.cda import CdaDocument, validate  # noqa: E402
from dui_conformance.validation.document import Document  # noqa: E402
from dui_conformance.validation.xml import parse  # noqa: E402

SAMPLE = Path(__file__).parent.parent / "tests" / "data" / "cda" / "note_vaccination.xml"
DAY = date(2026, 11, 20)
RUNS = 300


def median_ms(work: Callable[[], object]) -> float:
    """Median milliseconds of ``RUNS`` calls, after a few to warm up."""
    for _ in range(10):
        work()
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def main() -> None:
    """Print the figures."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLE
    data = path.read_bytes()
    profile = all_profiles()["VAC-NOTE"]
    applications = run_profile(profile, [Document(data, path.name)], day=DAY)
    ready = time.perf_counter() - START
    fired = sum(a.evidence.fired for a in applications if a.evidence is not None)
    checks = sum(len(expand(part.rules)) for part in profile.applied)

    parsing = median_ms(lambda: parse(data))
    structure = median_ms(lambda: validate(parse(data))) - parsing
    rules = median_ms(lambda: [r.evaluate(CdaDocument(root, data)) for root in [parse(data)] for r in rule_sets()]) - parsing
    whole = median_ms(lambda: run_profile(profile, [Document(data, path.name)], day=DAY))
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024 * 1024)

    print(f"machine : {platform.processor() or platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()}")
    print(f"document : {path.name}, {len(data)} octets, verdict {roll_up(a.verdict for a in applications)}")
    print(f"règles du profil : {checks} ; vérifications faites : {fired}")
    print(f"prêt (imports, schéma, règles, premier document) : {ready:.2f} s ; mémoire résidente maximale : {resident:.0f} Mio")
    print(f"lecture XML seule          {parsing:7.2f} ms   × 1")
    print(f"structure (XSD)            {structure:7.2f} ms   × {structure / parsing:.1f}")
    print(f"règles déclaratives        {rules:7.2f} ms   × {rules / parsing:.1f}")
    print(f"profil entier, tout compris{whole:7.2f} ms   × {whole / parsing:.1f}")


if __name__ == "__main__":
    main()
