"""A headless Chromium for the tests that look at pages, and what says that something on a page is cut."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CLIPPED = """() => [...document.querySelectorAll('table, pre, dl, .constat, details')]
  .filter(e => e.getClientRects().length)
  .filter(e => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > innerWidth + 1)
  .map(e => e.tagName + '.' + e.className + ' ' + e.textContent.slice(0, 80))"""


@contextmanager
def chromium() -> Iterator[Any]:
    """The browser; the test is skipped, with what to install, when it is not there."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright absent : pip install 'dui-conformance[tests]'")
    if not CHROMIUM.is_file():
        pytest.skip(f"{CHROMIUM} absent : apt-get install chromium")
    with sync_api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield opened
        opened.close()
