"""What must always hold of the repository itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = {".py", ".md", ".toml", ".txt", ".ini", ".html", ".css", ".typ", ".csv", ".json", ".xsd", ".yml", ""}
CODE_FOLDERS = ("conformance", "mocks", "reports", "fixtures", "benchmarks")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("hors d'un dépôt git")
    return [ROOT / line for line in listed.stdout.splitlines() if (ROOT / line).is_file()]


def test_ci_runs_the_second_command_of_the_readme() -> None:
    commands = re.findall(r"```sh\n\s*(python3 -m venv .*)\n", (ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(commands) == 2
    assert commands[1] in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert commands[0].endswith("dui-conformance run")


def test_ci_script_is_executable() -> None:
    listed = subprocess.run(["git", "ls-files", "-s", ".ci/run"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert listed.stdout.startswith("100755")


def test_no_private_key_or_certificate_is_committed() -> None:
    armour = re.compile(rb"-----BEGIN (?:[A-Z ]*PRIVATE KEY|CERTIFICATE)-----\s+[A-Za-z0-9+/]{20}")
    assert [str(p) for p in tracked() if armour.search(p.read_bytes())] == []


def test_versions_are_pinned_with_hashes_and_without_addresses() -> None:
    for name in ("constraints.txt", "constraints-tests.txt", "constraints-tox.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        blocks = re.split(r"\n(?=\S)", text.strip())
        assert all("==" in block and "--hash=sha256:" in block for block in blocks), name


def test_every_dependency_is_pinned() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    base = re.search(r"^dependencies = \[(.*?)^\]", project, re.S | re.M)
    assert base is not None
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").lower()
    for name in re.findall(r'"([A-Za-z0-9_.-]+)>=', base.group(1)):
        assert re.search(rf"^{re.escape(re.sub(r'[_.]', '-', name.lower()))}==", pinned, re.M), name


def test_modules_keep_to_one_theme() -> None:
    long = [
        str(p.relative_to(ROOT))
        for p in tracked()
        if p.suffix == ".py"
        and p.relative_to(ROOT).parts[0] in CODE_FOLDERS
        and len(p.read_text(encoding="utf-8").splitlines()) > 500
    ]
    assert long == []


def test_product_code_holds_no_unfinished_mark() -> None:
    mark = re.compile(r"\b(TODO|FIXME|raise NotImplementedError)\b")
    found = [
        str(p.relative_to(ROOT))
        for p in tracked()
        if p.suffix == ".py" and p.relative_to(ROOT).parts[0] in CODE_FOLDERS and mark.search(p.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_outside_material_is_named_by_tests_only() -> None:
    outside = "../" + "shared"
    found = [
        str(p.relative_to(ROOT))
        for p in tracked()
        if p.suffix in TEXT
        and p.relative_to(ROOT).parts[0] != "tests"
        and outside in p.read_text(encoding="utf-8", errors="replace")
    ]
    assert found == []


def test_every_user_visible_change_has_its_fragment() -> None:
    fragments = [p for p in (ROOT / "changelog.d").glob("*.md") if p.read_text(encoding="utf-8").startswith("- ")]
    assert fragments
