"""Documents judged warm, type by type; readiness, memory and linearity. ``python benchmarks/validation_cda.py [FILE…]``

Times are medians of warm judgements by the whole of ``validate`` (read, recognise, parse, schema, rules, findings); their
ratio to the XML parse alone is more telling. Readiness is a whole process, from its start to the verdict of one file.
"""

from __future__ import annotations

import copy
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from dui_conformance.cli.jugement import Options, judge_bytes
from dui_conformance.validation.xml import parse
from lxml import etree

SAMPLE = Path(__file__).parent.parent / "tests" / "data" / "cda" / "note_vaccination.xml"
OPTIONS = Options(date(2026, 11, 20))
RUNS, STARTS = 40, 7
ENTRY = "{urn:hl7-org:v3}entry"


def median_ms(work: Callable[[], object]) -> float:
    """Median milliseconds of ``RUNS`` calls, after a few to warm up."""
    for _ in range(5):
        work()
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times)


def readiness() -> tuple[float, int]:
    """Seconds and resident MiB of a process that judges one file: medians."""
    code = (
        "import re, sys; from pathlib import Path; from dui_conformance.cli.main import cli\n"
        f"cli(['validate', {str(SAMPLE)!r}, '--format', 'jsonl'], standalone_mode=False)"
    )
    probe = f"try:\n {code.replace(chr(10), chr(10) + ' ')}\nfinally:\n sys.stderr.write(Path('/proc/self/status').read_text())"
    times, sizes = [], []
    for _ in range(STARTS):
        begin = time.perf_counter()
        ended = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=False)
        times.append(time.perf_counter() - begin)
        sizes.append(resident(ended.stderr))
    return statistics.median(times), int(statistics.median(sizes))


def resident(status: str) -> int:
    """Peak resident MiB told by Linux."""
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) // 1024 if found else 0


def grown(data: bytes, size: int) -> bytes:
    """The same document with its entries repeated up to ``size`` bytes."""
    root = etree.fromstring(data)
    entries = [(entry, len(etree.tostring(entry))) for entry in root.iter(ENTRY)]
    for _ in range(max(0, size - len(data)) // sum(length for _, length in entries)):
        for entry, _ in entries:
            entry.getparent().append(copy.deepcopy(entry))
    return etree.tostring(root)


def documents(folder: Path) -> list[Path]:
    """One generated document of each type."""
    command = [sys.executable, "-m", "dui_conformance", "exemple", "--tous", "--sortie", str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return sorted(folder.iterdir())


def main() -> None:
    """Print the figures."""
    print(f"machine : {platform.processor() or platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()}")
    ready, memory = readiness()
    print(f"prêt, du lancement au premier verdict : {ready:.2f} s ; mémoire résidente : {memory} Mio (médianes de {STARTS})")
    with tempfile.TemporaryDirectory() as name:
        paths = [Path(argument) for argument in sys.argv[1:]] or documents(Path(name) / "lot")
        print(f"{'document':<46}{'ko':>6}{'vérifications':>15}{'lecture ms':>12}{'jugement ms':>13}{'rapport':>9}")
        for path in paths:
            data = path.read_bytes()
            reading = median_ms(lambda data=data: parse(data))
            judging = median_ms(lambda data=data, path=path: judge_bytes(data, path.name, OPTIONS))
            verdict = judge_bytes(data, path.name, OPTIONS)
            held = verdict.regles["verifications"]
            print(f"{path.name:<46}{len(data) / 1000:>6.0f}{held:>15}{reading:>12.2f}{judging:>13.1f}{judging / reading:>8.0f}×")
    print("coût selon la taille (entrées répétées) :")
    for size in (1, 5, 20):
        data = grown(SAMPLE.read_bytes(), size * 1_000_000)
        begin = time.perf_counter()
        judge_bytes(data, "x", OPTIONS)
        spent = time.perf_counter() - begin
        print(f"  {len(data) / 1e6:5.1f} Mo : {spent:6.2f} s, {spent * 1000 / (len(data) / 1e6):5.0f} ms par Mo")
    print(f"mémoire résidente maximale : {resident(Path('/proc/self/status').read_text())} Mio")


if __name__ == "__main__":
    main()
