"""10,000 generated documents of all types through the batch: rate, memory, linearity. ``python benchmarks/lot.py [COUNT]``

The documents are written by ``exemple --tous``; their folder is judged in parts that grow, by one process and by one per core.
Memory is the peak of the parent and of its largest worker, read from Linux while they run.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

COUNT = 10_000
STEP = 0.05


@dataclass(frozen=True)
class Run:
    """One batch: seconds, peak MiB of the parent and of its largest child."""

    files: int
    seconds: float
    parent: int
    worker: int
    verdicts: Counter[str]


def dui(*arguments: str) -> list[str]:
    """The command line."""
    return [sys.executable, "-m", "dui_conformance", *arguments]


def peak(pid: int) -> int:
    """Peak resident MiB of a process; 0 once it has ended."""
    try:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) // 1024 if found else 0


def children(pid: int) -> list[int]:
    """The processes that it started."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def batch(folder: Path, output: Path, workers: int) -> Run:
    """Judge a folder."""
    begin = time.perf_counter()
    command = dui(
        "validate", str(folder), "--format", "jsonl", "--sortie", str(output), "--parallele", str(workers), "--sans-pack"
    )
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    parent = worker = 0
    while process.poll() is None:
        parent = max(parent, peak(process.pid))
        worker = max([worker, *(peak(child) for child in children(process.pid))])
        time.sleep(STEP)
    spent = time.perf_counter() - begin
    with output.open(encoding="utf-8") as lines:
        verdicts = Counter(json.loads(line)["verdict"] for line in lines)
    return Run(verdicts.total(), spent, parent, worker, verdicts)


def part(source: Path, target: Path, count: int) -> Path:
    """A folder of links to the first files."""
    target.mkdir()
    for path in sorted(source.iterdir())[:count]:
        os.link(path, target / path.name)
    return target


def main() -> None:
    """Print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    cores = os.cpu_count() or 1
    print(f"machine : {platform.processor() or platform.machine()}, {cores} cœurs, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        begin = time.perf_counter()
        made = home / "tous"
        subprocess.run(
            dui("exemple", "--tous", "--nombre", str(count), "--sortie", str(made)), check=True, stdout=subprocess.DEVNULL
        )
        size = sum(path.stat().st_size for path in made.iterdir()) / 1e6
        print(f"{count} documents écrits en {time.perf_counter() - begin:.0f} s, {size:.0f} Mo")
        print(
            f"{'fichiers':>9}{'processus':>11}{'secondes':>10}{'par seconde':>13}{'parent Mio':>12}{'ouvrier Mio':>13}  verdicts"
        )
        for files, workers in ((count // 4, cores), (count // 2, cores), (count, cores), (count // 4, 1)):
            folder = part(made, home / f"{files}-{workers}", files)
            run = batch(folder, home / f"{files}-{workers}.jsonl", workers)
            rate = run.files / run.seconds
            said = ", ".join(f"{n} {verdict}" for verdict, n in run.verdicts.most_common())
            print(f"{run.files:>9}{workers:>11}{run.seconds:>10.1f}{rate:>13.0f}{run.parent:>12}{run.worker:>13}  {said}")


if __name__ == "__main__":
    main()
