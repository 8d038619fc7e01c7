"""Runs the command line as a user does: a separate process, in a folder of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ended:
    """How a command ended; ``out`` holds both streams."""

    code: int
    out: str


def dui(folder: Path, *arguments: str, env: Mapping[str, str] | None = None, stdin: str = "", timeout: float = 240) -> Ended:
    """Run ``dui-conformance`` in that folder."""
    return python(folder, "-m", "dui_conformance", *arguments, env=env, stdin=stdin, timeout=timeout)


def python(folder: Path, *arguments: str, env: Mapping[str, str] | None = None, stdin: str = "", timeout: float = 240) -> Ended:
    """Run Python in that folder."""
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**environment(), **(env or {})},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout)


def environment() -> dict[str, str]:
    """The environment of this process, less what pytest put there."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_"))}
