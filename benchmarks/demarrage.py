"""``serve`` from process start to all ports listening, imports included. ``python benchmarks/demarrage.py``

The PKI of the project is made by a first, uncounted start. Aim: 1.5 s or less. The ratio is to a bare ``import aiohttp.web``.
Beside it, from the end of an exchange to its line in the terminal (aim: within a second).
"""

from __future__ import annotations

import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

RUNS = 7


def start(folder: Path, name: str) -> float:
    """Seconds until every port of ``services.json`` accepts a connection."""
    begin = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "dui_conformance", "serve", "--sortie", name], cwd=folder, stdout=subprocess.DEVNULL
    )
    written = folder / name / "services.json"
    while not listening(written):
        if process.poll() is not None:
            raise SystemExit("serve s'est arrêté")
        os.sched_yield()
    spent = time.perf_counter() - begin
    process.send_signal(signal.SIGINT)
    process.wait(60)
    return spent


def line_delay(folder: Path) -> float:
    """Seconds from the answer of a discovery request to its line."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dui_conformance", "serve", "--sortie", "ligne"],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Répétition"):
            break
    services = json.loads((folder / "ligne" / "services.json").read_text(encoding="utf-8"))
    with requests.Session() as session:
        session.trust_env = False
        session.get(services["psc"]["decouverte"], verify=services["ac"], timeout=10).raise_for_status()
    begin = time.perf_counter()
    for line in process.stdout:
        if "psc.decouverte" in line:
            break
    spent = time.perf_counter() - begin
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    return spent


def listening(written: Path) -> bool:
    """True when services.json is there and each of its ports answers."""
    try:
        ports = json.loads(written.read_text(encoding="utf-8"))["ports"].values()
    except (OSError, ValueError, KeyError):
        return False
    for port in ports:
        with socket.socket() as probe:
            probe.settimeout(0.2)
            if probe.connect_ex(("127.0.0.1", port)):
                return False
    return True


def bare() -> float:
    """Seconds of an interpreter that only imports the HTTP library."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import aiohttp.web"], check=True)
    return time.perf_counter() - begin


def main() -> None:
    """Print the median and the ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = start(folder, "s0")
        delay = line_delay(folder)
        pairs = [(start(folder, f"s{n}"), bare()) for n in range(1, RUNS + 1)]
    ready, least = (statistics.median(values) for values in zip(*pairs, strict=True))
    print(f"machine : {platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()}")
    print(f"serve, ports à l'écoute : {ready:.2f} s (médiane de {RUNS} ; premier lancement, PKI comprise : {first:.2f} s)")
    print(f"de la fin d'un échange à sa ligne : {delay * 1000:.0f} ms")
    print(f"rapport à « import aiohttp.web » seul ({least:.2f} s) : {ready / least:.1f}")


if __name__ == "__main__":
    main()
