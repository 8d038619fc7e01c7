"""A Python editor in an empty folder, the package installed from its wheel: plugin, services in process, container."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from docs.test_guide import blocks
from e2e.commands import Ended, environment
from e2e.installation import ROOT, built, unpack, user_environment

CONTAINERFILE = ROOT / "docs" / "recettes" / "Containerfile"
OF_THE_SYSTEM = ("useradd",)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack(tmp_path_factory.mktemp("roue"))


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, site: Path) -> Path:
    return user_environment(tmp_path_factory.mktemp("editeur"), site)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty folder, but for the files of the guide that its sections 7 and 8 use."""
    wanted = ("memoire.py", "mon_pilote.py", "python.toml", "test_mon_dui.py")
    found = {block.file_name: block.text for block in blocks() if block.file_name in wanted}
    assert set(found) == set(wanted)
    for name, text in found.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def run(programs: Path, folder: Path, *arguments: str, **env: str) -> Ended:
    """Run the user's Python in his folder."""
    ended = subprocess.run(
        [str(programs / "python"), *arguments],
        cwd=folder,
        env={**environment(), "PYTHONUTF8": "1", **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        timeout=280,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout)


def test_what_is_imported_is_the_installed_package(programs: Path, site: Path, tmp_path: Path) -> None:
    ended = run(programs, tmp_path, "-c", "import dui_conformance.mocks as m; print(m.__file__)")
    assert ended.out.strip() == str(site / "dui_conformance" / "mocks" / "__init__.py")


def test_a_suite_plays_scenarios_beside_its_own_tests(programs: Path, project: Path) -> None:
    options = ("-p", "no:randomly", "-p", "no:cacheprovider", "--junitxml", "suite.xml")
    ended = run(programs, project, "-m", "pytest", *options, "--dui", "python.toml", "--dui-sortie", "campagne")
    assert ended.code == 0, ended.out
    assert "4 passed" in ended.out
    report = json.loads((project / "campagne" / "rapport.json").read_text(encoding="utf-8"))
    assert {s["id"]: s["verdict"] for s in report["scenarios"]} == {
        "insi_recherche.recherche_d_un_nom_compose": "conforme",
        "test_mon_dui.une_recherche_suit_le_profil-provisoire-recuperee": "conforme",
        "test_mon_dui.une_recherche_suit_le_profil-valide-qualifiee": "conforme",
    }
    assert len(list(ElementTree.parse(project / "suite.xml").iter("testcase"))) == 4
    assert len(list(ElementTree.parse(project / "campagne" / "junit.xml").iter("testcase"))) == 3


def test_services_are_mounted_in_a_process_without_a_port(programs: Path, project: Path) -> None:
    ended = run(programs, project, "memoire.py")
    assert ended.code == 0, ended.out
    assert [line.split()[:2] for line in ended.out.splitlines() if "E0000" in line] == [
        ["conforme", "psc"],
        ["conforme", "insi"],
        ["conforme", "dmp"],
        ["conforme", "insi"],
    ]
    assert "non exercé" in (project / "essai-memoire" / "rapport.html").read_text(encoding="utf-8")


def test_mail_is_not_mounted(programs: Path, tmp_path: Path) -> None:
    code = (
        "import httpx\nfrom dui_conformance.cli.en_memoire import Banc\n"
        "with Banc('essai') as banc, banc.httpx():\n"
        "    for host in ('mss-smtp', 'mss-imap', 'mss-dns'):\n"
        "        try:\n            httpx.get(f'https://{host}.test/')\n"
        "        except AssertionError:\n            print(host, 'refusé')\n"
    )
    assert run(programs, tmp_path, "-c", code).out.split("\n")[:3] == ["mss-smtp refusé", "mss-imap refusé", "mss-dns refusé"]


def instructions() -> list[tuple[str, str]]:
    """The instructions of the container file, in order."""
    text = CONTAINERFILE.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]


def test_the_container_file_is_well_formed() -> None:
    given = instructions()
    assert {word for word, _ in given} <= {"FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "ENTRYPOINT", "CMD"}
    words = [word for word, _ in given]
    assert words[0] == "FROM"
    assert words[-2:] == ["ENTRYPOINT", "CMD"]
    assert dict(given)["FROM"] == "docker.io/library/python:3.12-slim"
    assert dict(given)["USER"] != "root"
    assert [json.loads(rest) for word, rest in given if word in ("ENTRYPOINT", "CMD")] == [["dui-conformance"], ["--help"]]
    for word, rest in given:
        if word == "COPY":
            *sources, target = shlex.split(rest)
            assert [s for s in sources if not (ROOT / s).exists()] == []
            assert target.startswith("./")
    copied = {s for word, rest in given if word == "COPY" for s in shlex.split(rest)[:-1]}
    assert copied == {
        "constraints.txt",
        "pyproject.toml",
        "setup.py",
        "README.md",
        "LICENSE",
        *("conformance", "mocks", "reports", "fixtures"),
    }


@pytest.mark.skipif(sys.platform == "win32", reason="commandes d'un conteneur Linux")
@pytest.mark.timeout(600)
def test_the_container_file_installs_in_a_clean_environment(tmp_path: Path, site: Path) -> None:
    """Each RUN, where its COPY put the files. The package is built beforehand, which pip would download setuptools for; the
    libraries are already there in the versions that the constraints want, or pip would fetch them."""
    wheel = built(tmp_path)
    empty = tmp_path / "vide"
    empty.mkdir()
    programs = user_environment(tmp_path, empty, pip=True)
    banc = tmp_path / "banc"
    banc.mkdir()
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    ran = []
    for word, rest in instructions():
        if word == "COPY":
            *sources, _ = shlex.split(rest)
            for source in (s for s in sources if (ROOT / s).is_file()):
                (banc / source).write_bytes((ROOT / source).read_bytes())
        elif word == "RUN" and not rest.startswith(OF_THE_SYSTEM):
            command = rest.replace(" --no-deps . ", f" --no-deps {shlex.quote(str(wheel))} ")
            ended = subprocess.run(
                ["sh", "-ec", command],
                cwd=banc,
                env={**environment(), "PATH": path, "PYTHONUTF8": "1"},
                capture_output=True,
                text=True,
                encoding="utf-8",
                timeout=500,
                check=False,
            )
            assert ended.returncode == 0, f"{command}\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}"
            ran.append(ended.stdout)
    assert len(ran) == 2
    assert ran[1].splitlines()[-1].startswith("dui-conformance, version") or ran[1].splitlines()[-1].startswith(
        "dui-conformance "
    )
    helped = subprocess.run(
        [str(programs / "dui-conformance"), "--help"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert helped.returncode == 0
