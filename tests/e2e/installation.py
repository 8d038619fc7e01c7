"""The package as a user installs it: from a wheel, never from the checkout."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from e2e.commands import environment

ROOT = Path(__file__).parents[2]
FOLDERS = {
    "conformance": "dui_conformance",
    "mocks": "dui_conformance/mocks",
    "reports": "dui_conformance/reports",
    "fixtures": "dui_conformance/fixtures",
}


def installed_as_wheel() -> importlib.metadata.Distribution | None:
    """The distribution of this environment, when it was not installed for development."""
    distribution = importlib.metadata.distribution("dui-conformance")
    origin = json.loads(distribution.read_text("direct_url.json") or "{}")
    return None if origin.get("dir_info", {}).get("editable") else distribution


def built(work: Path) -> Path:
    """A wheel made of a copy of the tree; the tree itself is left untouched."""
    pytest.importorskip("setuptools", minversion="77", reason="ni installé par une roue, ni setuptools pour en faire une")
    tree = work / "arbre"
    for name in FOLDERS:
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree / name)
    code = "import sys, setuptools.build_meta as b; print(b.build_wheel(sys.argv[1]))"
    made = subprocess.run(
        [sys.executable, "-c", code, str(work)], cwd=tree, capture_output=True, text=True, env=environment(), check=False
    )
    assert made.returncode == 0, made.stderr
    return work / made.stdout.splitlines()[-1]


def unpack(work: Path) -> Path:
    """A folder that holds what an installation writes in site-packages."""
    folder = work / "site"
    distribution = installed_as_wheel()
    if distribution is None:
        with zipfile.ZipFile(built(work)) as wheel:
            wheel.extractall(folder)
    else:
        for file in distribution.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), folder / file)
    return folder


def user_environment(work: Path, site: Path, *, pip: bool = False) -> Path:
    """An environment of the user's own, which sees the package in ``site`` and the libraries of this one; gives its programs."""
    folder = work / "environnement"
    venv.create(folder, with_pip=pip)
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    packages = sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})
    lines = [str(site), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    (Path(packages) / "bibliotheques.pth").write_text("\n".join(dict.fromkeys(lines)) + "\n", encoding="utf-8")
    return programs
