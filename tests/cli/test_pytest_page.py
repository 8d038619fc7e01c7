"""Each pytest run of a campaign has its own page."""

from __future__ import annotations

from pathlib import Path

from dui_conformance.cli.session import page_of_run


def test_a_resumed_campaign_keeps_the_page_of_its_first_run(tmp_path: Path) -> None:
    assert page_of_run(tmp_path).name == "pytest.html"
    (tmp_path / "pytest.html").write_text("first")
    assert page_of_run(tmp_path).name == "pytest-2.html"
    (tmp_path / "pytest-2.html").write_text("second")
    assert page_of_run(tmp_path).name == "pytest-3.html"
