"""Runs the command line and dies by SIGKILL right after the n-th journal event of a sort (or of any sort).

``python crash.py SORT N -- ARGUMENTS…``: with ``requete``, death comes between a request read and its response sent.
"""

from __future__ import annotations

import os
import signal
import sys

from dui_conformance.cli.main import main
from dui_conformance.core.journal import Journal


def arm(sort: str, n: int) -> None:
    """Replace the journal's writer by one that kills the process."""
    write, left = Journal.write, [n]

    def deadly(self: Journal, type: str, **data: object) -> object:
        event = write(self, type, **data)
        if sort in ("tout", type):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return event

    Journal.write = deadly  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    arm(sys.argv[1], int(sys.argv[2]))
    sys.argv = ["dui-conformance", *sys.argv[4:]]
    main()
