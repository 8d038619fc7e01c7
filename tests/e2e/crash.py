"""Runs the command line in forked children, some of which die by SIGKILL right after the n-th journal event of a sort.

Reads one JSON order a line (``argv``, ``cwd``, and ``mort``: ``["requete", 3]`` or null), writes one JSON answer a line
(``code``, ``out``). With the sort ``requete``, death comes between a request read and its response sent. Everything is
imported once, before the first fork: forty campaigns then cost what they do, not what importing does.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import Any, TextIO

import pytest_html.plugin  # noqa: F401 - imported for the children
from dui_conformance.checks.registry import all_checks, all_profiles
from dui_conformance.cli.main import main
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.core.journal import Journal


def arm(sort: str, n: int) -> None:
    """Replace the journal's writer by one that kills the process."""
    write, left = Journal.write, [n]

    def deadly(self: Journal, type: str, **data: Any) -> Any:
        event = write(self, type, **data)
        if sort in ("tout", type):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return event

    Journal.write = deadly  # type: ignore[method-assign]


def child(order: dict[str, Any], out: TextIO) -> None:
    """The command line, in this process, its two streams written to ``out``."""
    os.dup2(out.fileno(), 1)
    os.dup2(out.fileno(), 2)
    sys.stdout = sys.stderr = out
    os.chdir(order["cwd"])
    if order["mort"]:
        arm(*order["mort"])
    sys.argv = ["dui-conformance", *order["argv"]]
    code = 70
    try:
        main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:  # noqa: BLE001 - a forked child must never return into its parent's code
        traceback.print_exc()
    finally:
        out.flush()
        os._exit(code)


def play(order: dict[str, Any]) -> dict[str, Any]:
    """Fork, wait, tell."""
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt") as out:
        pid = os.fork()
        if not pid:
            child(order, out)  # type: ignore[arg-type]
        _, status = os.waitpid(pid, 0)
        return {"code": os.waitstatus_to_exitcode(status), "out": Path(out.name).read_text(encoding="utf-8")}


if __name__ == "__main__":
    all_checks(), all_profiles(), all_scenarios()
    for line in sys.stdin:
        print(json.dumps(play(json.loads(line))), flush=True)
