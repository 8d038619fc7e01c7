"""From nothing to the first green campaign, by README.md's first command. ``python benchmarks/premiere_campagne.py``

In a copy of the tree. The packages are fetched once before, uncounted: the cache of pip is warm (``--froid``: they are not). Aim:
2 minutes. The load of the machine is printed before and after, and beside each time the processor time, which others there change
less.
"""

from __future__ import annotations

import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
INSTALLED = (
    "conformance",
    "mocks",
    "reports",
    "fixtures",
    "pyproject.toml",
    "setup.py",
    "README.md",
    "LICENSE",
    "constraints.txt",
)


@dataclass(frozen=True, slots=True)
class Spent:
    """Wall and processor seconds of a command, and what it printed."""

    wall: float
    cpu: float
    printed: str


def steps() -> list[str]:
    """The parts of the README's first command: an environment, the libraries, the bench, a campaign."""
    written = (ROOT / "README.md").read_text(encoding="utf-8")
    found = re.search(r"^\s*(python3 -m venv \.venv && .* run)$", written, re.MULTILINE)
    if found is None:
        raise SystemExit("README.md : la commande de la première campagne n'a pas été trouvée")
    return found[1].split(" && ")


def timed(command: str, folder: Path) -> Spent:
    """Run a command in a folder; its failure ends the benchmark."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    ended = subprocess.run(
        command,
        shell=True,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    wall = time.perf_counter() - begin
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if ended.returncode:
        raise SystemExit(f"{command} : code {ended.returncode}\n{ended.stdout[-2000:]}")
    return Spent(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, ended.stdout)


def copied(folder: Path) -> Path:
    """What an installation reads of the tree."""
    tree = folder / "dui-conformance"
    tree.mkdir()
    for name in INSTALLED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree / name)
    return tree


def main() -> None:
    """Print each step, the total, and the load."""
    commands = steps()
    with tempfile.TemporaryDirectory() as name:
        tree = copied(Path(name))
        if "--froid" not in sys.argv:
            for command in commands[:2]:
                timed(command, tree)
            shutil.rmtree(tree / ".venv")
        print(f"machine : {platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()}")
        print(f"charge avant : {os.getloadavg()[0]:.1f}")
        spent = [timed(command, tree) for command in commands]
        print(f"charge après : {os.getloadavg()[0]:.1f}")
    total = sum(each.wall for each in spent)
    for command, each in zip(commands, spent, strict=True):
        print(f"  {each.wall:6.1f} s, {each.cpu:6.1f} s de processeur, {each.wall / total:4.0%}  {command}")
    print(f"total : {total:.1f} s, dont {sum(each.cpu for each in spent):.1f} s de processeur (but : 120 s)")
    print(next((line for line in spent[-1].printed.splitlines() if line.startswith("Bilan")), "pas de bilan"))


if __name__ == "__main__":
    main()
