"""Accessibility of a page, as axe-core sees it in a real browser."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest

PACKAGE = "axe_playwright_python"
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = """(rules) => axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']})
  .then(found => found.violations.flatMap(
    v => v.nodes.map(n => `${v.id} (${v.impact}) : ${n.target.join(' ')} : ${n.html.slice(0, 160)}`)))"""


def violations(page: Any) -> list[str]:
    """What axe finds wrong on the page as it stands, one text a node; the test is skipped, with what to install, without axe.

    The script is evaluated by the browser's debugger: the page's own policy needs no exception for it.
    """
    pytest.importorskip(PACKAGE, reason="axe absent : pip install 'dui-conformance[tests]'")
    script = (resources.files(PACKAGE) / "axe.min.js").read_text(encoding="utf-8")
    page.evaluate(script)
    return list(page.evaluate(RUN, list(RULES)))
