"""Under ``CI=true`` nothing that needs a foreign client or a browser may be skipped; elsewhere what is missing is printed."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from faults.graine import SEED

MARKERS = ("client_etranger", "browser")
PACKAGES = {
    "client_etranger": "curl openssl default-jdk-headless nodejs npm msmtp isync mutt libmime-tools-perl libreoffice-calc-nogui",
    "browser": "chromium",
}
_SKIPPED: Counter[str] = Counter()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    report = yield
    marker = next((m for m in MARKERS if item.get_closest_marker(m)), None)
    if marker is not None and report.skipped:
        _SKIPPED[marker] += 1
        if os.environ.get("CI") == "true":
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} : ne peut pas être ignoré en CI ({report.longrepr})"
    return report


def pytest_report_header() -> str:
    return f"graine des défauts tirés au hasard : {SEED} (DUI_CONFORMANCE_GRAINE pour la rejouer)"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for marker, count in _SKIPPED.items():
        terminalreporter.write_line(f"{count} test(s) « {marker} » ignoré(s) ; à installer : {PACKAGES[marker]}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """``long`` tests run only when asked for by name of their marker."""
    if "long" in (config.getoption("-m") or ""):
        return
    kept = [i for i in items if i.get_closest_marker("long") is None]
    config.hook.pytest_deselected(items=[i for i in items if i not in kept])
    items[:] = kept
