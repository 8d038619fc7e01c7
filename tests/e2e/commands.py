"""Runs the command line as a user does: a separate process, in a folder of its own."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import threading
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


class Running:
    """A command that goes on: its lines are read as they come, and can be waited for; a context manager."""

    def __init__(self, folder: Path, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "dui_conformance", *arguments],
            cwd=folder,
            env={**environment(), **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )
        self.lines: list[str] = []
        self._closed = False
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait(30)
        self._reader.join(30)
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()

    @property
    def out(self) -> str:
        """What was printed so far."""
        return "\n".join(self.lines)

    def line(self, words: str, within: float = 30.0, *, after: int = 0) -> str:
        """The first line past the ``after`` first ones that holds these words; fails after ``within`` seconds."""

        def found() -> str | None:
            return next((line for line in self.lines[after:] if words in line), None)

        with self._changed:
            assert self._changed.wait_for(lambda: found() is not None, within), f"« {words} » non lu :\n{self.out}"
            return found() or ""

    def alive(self, *, past: int, within: float = 120.0) -> bool:
        """Wait for more than ``past`` lines; False when the command ended without any more."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.lines) > past or self._closed, within), self.out
            return len(self.lines) > past

    def type(self, line: str) -> None:
        """Type a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def interrupt(self, within: float = 60.0) -> int:
        """Ctrl-C; gives the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self.ended(within)

    def ended(self, within: float = 240.0) -> int:
        """Wait for the end; gives the exit code."""
        code = self._process.wait(within)
        self._reader.join(30)
        return code

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self.lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._closed = True
            self._changed.notify_all()


_DRAW = random.Random(os.getpid())


def free_ports(*names: str) -> dict[str, int]:
    """Free ports of the loopback interface, by name: below those that the system gives by itself, so that no connection
    of another test takes one before its service opens it."""
    found: list[int] = []
    while len(found) < len(names):
        port = _DRAW.randrange(10_000, 30_000)
        if port not in found and _is_free(port):
            found.append(port)
    return dict(zip(names, found, strict=True))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
