"""What ``pip install .`` installs: one import package, whole, that works in a folder whose own files bear our names."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path

import pytest
from e2e.commands import Ended, environment, python
from e2e.installation import FOLDERS, ROOT, unpack

SCRIPT = """#!{python}
import sys
from dui_conformance.cli.main import main
sys.exit(main())
"""


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what an installation writes in site-packages, and the command in ``bin``."""
    folder = unpack(tmp_path_factory.mktemp("installation"))
    (folder / "bin").mkdir()
    script = folder / "bin" / "dui-conformance"
    script.write_text(SCRIPT.format(python=sys.executable), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder with files of his own, named as ours."""
    folder = tmp_path_factory.mktemp("projet")
    for name in ("mocks", "reports", "fixtures", "conformance", "dui_conformance"):
        (folder / name).mkdir()
        (folder / name / "__init__.py").write_text("raise RuntimeError('à l'utilisateur')\n", encoding="utf-8")
    (folder / "conftest.py").write_text("raise RuntimeError\n", encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --collect-only --strict\npython_files = *.txt\n", encoding="utf-8")
    return folder


def command(target: Path, folder: Path, *arguments: str) -> Ended:
    """The installed command, in that folder."""
    hostility = {"PYTEST_ADDOPTS": "--co -x -k rien", "PYTEST_PLUGINS": "absent", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    script = str(target / "bin" / "dui-conformance")
    return python(folder, script, *arguments, env={**hostility, "PYTHONPATH": str(target)})


def test_one_import_package_is_installed(target: Path) -> None:
    top = {path.name for path in target.iterdir() if path.name != "bin"}
    assert {name for name in top if not name.endswith(".dist-info")} == {"dui_conformance"}
    assert len(top) == 2


def test_every_file_of_the_four_folders_is_installed(target: Path) -> None:
    expected = {
        Path(package, path.relative_to(ROOT / folder))
        for folder, package in FOLDERS.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    found = {
        p.relative_to(target) for p in (target / "dui_conformance").rglob("*") if p.is_file() and "__pycache__" not in p.parts
    }
    assert sorted(map(str, expected - found)) == []
    assert sorted(map(str, found - expected)) == []
    assert {p.suffix for p in found} >= {".py", ".toml", ".xsd", ".html", ".css", ".typ", ".ini", ".typed"}


def test_no_test_nor_document_is_installed(target: Path) -> None:
    assert not [p for p in target.rglob("*") if {"tests", "docs", "benchmarks"} & set(p.relative_to(target).parts)]


def test_the_licence_and_the_entry_points_are_installed(target: Path) -> None:
    (information,) = target.glob("*.dist-info")
    entries = (information / "entry_points.txt").read_text(encoding="utf-8")
    assert "dui-conformance = dui_conformance.cli.main:main" in entries
    assert "dui_conformance = dui_conformance.plugin" in entries
    assert [p.name for p in information.rglob("LICENSE*")] == ["LICENSE"]
    assert "License-Expression: Apache-2.0" in (information / "METADATA").read_text(encoding="utf-8")


def test_the_command_says_its_version_anywhere(target: Path, hostile: Path) -> None:
    ended = command(target, hostile, "--version")
    assert (ended.code, ended.out.strip()) == (0, f"dui-conformance {importlib.metadata.version('dui-conformance')}")


def test_a_campaign_runs_where_the_users_files_bear_our_names(target: Path, hostile: Path) -> None:
    ended = command(target, hostile, "run", "--seulement", "dmp_alimentation.note_de_vaccination", "--sortie", "campagne")
    assert ended.code == 0, ended.out
    assert "conforme           dmp_alimentation.note_de_vaccination_alimente_le_dmp" in ended.out
    report = json.loads((hostile / "campagne" / "rapport.json").read_text(encoding="utf-8"))
    assert [s["verdict"] for s in report["scenarios"]] == ["conforme"]
    for name in ("rapport.html", "pv.pdf", "junit.xml", "couverture.csv"):
        assert (hostile / "campagne" / name).stat().st_size > 0


def test_the_installed_package_is_the_one_that_ran(target: Path, hostile: Path) -> None:
    code = "import dui_conformance.mocks, dui_conformance.reports as r; print(r.__file__)"
    ran = subprocess.run(
        [sys.executable, "-P", "-c", code],
        cwd=hostile,
        env={**environment(), "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(ran.stdout.strip()) == target / "dui_conformance" / "reports" / "__init__.py"
