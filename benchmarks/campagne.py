"""A whole campaign of the reference DUI, cold, and the share of it spent in our code. ``python benchmarks/campagne.py``

Cold: a new process in an empty folder, PKI made. The share comes from one more run: every few milliseconds, the processor time
that each thread used since the last look goes to where its innermost Python frame is. C code called from a frame counts there.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from pathlib import Path

import dui_conformance
from dui_conformance import fixtures, mocks, reports

ROOTS = tuple(str(Path(str(room.__file__)).parent) for room in (dui_conformance, mocks, reports, fixtures))


def cold(folder: Path) -> tuple[float, float]:
    """Wall and CPU seconds of ``run`` in a new process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-m", "dui_conformance", "run"], cwd=folder, capture_output=True, text=True, check=False
    )
    wall = time.perf_counter() - begin
    if ended.returncode:
        raise SystemExit(ended.stdout + ended.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def shares(folder: Path) -> dict[str, float]:
    """Processor seconds by where the innermost frame was, over one campaign in this process."""
    from dui_conformance.cli.house import Plan
    from dui_conformance.cli.run import run_campaign
    from dui_conformance.cli.terminal import Console
    from dui_conformance.core.settings import Settings

    found: dict[str, float] = defaultdict(float)
    stop = threading.Event()

    def sample() -> None:
        own, used = threading.get_ident(), {}
        while not stop.wait(0.004):
            for ident, frame in sys._current_frames().items():
                if ident == own:
                    continue
                try:
                    now = time.clock_gettime(time.pthread_getcpuclockid(ident))
                except OSError:
                    continue
                found[place(frame.f_code.co_filename)] += now - used.get(ident, now)
                used[ident] = now

    sampler = threading.Thread(target=sample)
    sampler.start()
    with open(os.devnull, "w", encoding="utf-8") as silent:
        run_campaign(Plan(Settings(), folder / "c", folder, "temoin"), Console(out=silent))
    stop.set()
    sampler.join()
    return found


def place(filename: str) -> str:
    """``notre code``, ``bibliothèques`` or ``interpréteur``."""
    if "site-packages" in filename and "dui_conformance" not in filename:
        return "bibliothèques"
    return "notre code" if any(filename.startswith(root) for root in ROOTS) else "interpréteur"


def main() -> None:
    """Print wall, CPU and shares."""
    with tempfile.TemporaryDirectory() as name:
        wall, cpu = cold(Path(name))
    with tempfile.TemporaryDirectory() as name:
        found = shares(Path(name))
    busy = sum(found.values())
    print(f"machine : {platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()}")
    print(f"campagne complète à froid : {wall:.1f} s, dont {cpu:.1f} s de processeur ({cpu / wall:.0%})")
    for where in ("notre code", "bibliothèques", "interpréteur"):
        print(f"  {where:<14} {found[where] / busy:.0%} du temps de processeur")


if __name__ == "__main__":
    main()
