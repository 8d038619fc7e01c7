"""The CI recipes are files that work: every command exists, and each is played in an empty folder, the reference DUI in place
of the user's."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from docs.test_guide import FOREIGN_OPTIONS, environment, known_options
from dui_conformance.cli.main import cli
from dui_conformance.cli.run import HARNESS, INCONCLUSIVE, NON_CONFORME, OK, USAGE, exit_code
from dui_conformance.cli.services import make_services
from dui_conformance.core.settings import Settings, parse_settings
from dui_conformance.core.verdict import Verdict
from e2e.commands import free_ports
from lxml import etree

DOCS = Path(__file__).parents[2] / "docs"
RECIPES = DOCS / "recettes"
PAGE = (DOCS / "integration-continue.md").read_text(encoding="utf-8")
GITHUB = yaml.safe_load((RECIPES / "github-actions.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((RECIPES / "gitlab-ci.yml").read_text(encoding="utf-8"))
SCENARIO = "insi_recherche.recherche_d_un_nom_compose"
PAGE_ONLY = {
    "--no-deps",
    "--require-hashes",
    "--dui",
    "--dui-sortie",
    "--junitxml",
    "--network",
    "--rm",
    "--volume",
    "--tag",
    "--file",
}


def github_steps() -> list[dict[str, Any]]:
    """The steps of the job that plays."""
    return list(GITHUB["jobs"]["conformite"]["steps"])


def gitlab_scripts() -> list[str]:
    """What the job runs, installation left out."""
    job = GITLAB["conformite"]
    return [*job["script"], *job["after_script"]]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every ``dui-conformance …`` of the recipes and of the page, and where it is."""
    for path in (*sorted(RECIPES.iterdir()), DOCS / "integration-continue.md"):
        for line in path.read_text(encoding="utf-8").splitlines():
            for found in re.finditer(r"(?:^|[ `(;])dui-conformance ((?:--|[a-z]+ )[^`>|;…]*)", line):
                if not line.lstrip().startswith("- [") and "podman build" not in line:
                    yield path.name, shlex.split(found.group(1).replace("}", " ").split(" && ")[0].split("; fi")[0])


@pytest.mark.parametrize(("place", "words"), [pytest.param(*c, id=f"{c[0]}:{' '.join(c[1])[:40]}") for c in commands()])
def test_every_command_and_option_exists(place: str, words: list[str]) -> None:
    command: click.Command = cli
    for word in words:
        if isinstance(command, click.Group) and word in command.commands:
            command = command.commands[word]
    assert command is not cli or words[0] in ("--version", "--help"), f"{place} : {words}"
    known = known_options(command) | {"--help", "--version"}
    assert [w for w in words if re.match(r"--[a-z]", w) and w.partition("=")[0] not in known] == []


def test_the_recipes_play_a_campaign_and_publish_it() -> None:
    for scripts in ([s.get("run", "") for s in github_steps()], gitlab_scripts()):
        text = "\n".join(scripts)
        order = [text.index(word) for word in ("adresses", "demarrer-dui.sh", " run ", "sceller", "verifier", "badge")]
        assert order == sorted(order)
    paths = set(github_steps()[-1]["with"]["path"].split()) - {"resultats/junit.xml"}
    assert paths == set(GITLAB["conformite"]["artifacts"]["paths"])
    assert GITLAB["conformite"]["artifacts"]["reports"]["junit"] == "resultats/junit.xml"
    assert GITLAB["conformite"]["artifacts"]["when"] == "always"
    assert "cancelled()" in github_steps()[-1]["if"]


def test_the_bench_is_installed_by_its_constraints() -> None:
    for text in ("\n".join(s.get("run", "") for s in github_steps()), "\n".join(GITLAB["conformite"]["before_script"])):
        assert "pip install --quiet --require-hashes -r dui-conformance/constraints.txt" in text
        assert "pip install --quiet --no-deps ./dui-conformance" in text


def test_no_more_is_allowed_than_needed() -> None:
    assert GITHUB["permissions"] == {"contents": "read"}
    assert "permissions" not in GITHUB["jobs"]["conformite"]
    steps = [step for job in GITHUB["jobs"].values() for step in job["steps"]]
    assert all(("run" in step) != ("uses" in step) for step in steps)
    assert not [step for step in steps if "${{" in step.get("run", "")], "une expression dans un script s'y exécuterait"
    secret = [step for step in steps if "secrets." in str(step)]
    assert [step["env"] for step in secret] == [{"CLE_DE_SCEAU": "${{ secrets.CLE_DE_SCEAU }}"}]


def test_every_port_is_fixed_once() -> None:
    settings = parse_settings((RECIPES / "dui.toml").read_text(encoding="utf-8"))
    listeners = {listener.nom for service in make_services(Settings(), None).values() for listener in service.listeners}
    assert set(settings.services.ports) == listeners
    assert len({*settings.services.ports.values(), 9000}) == len(listeners) + 1


@pytest.mark.parametrize("name", ["demarrer-dui.sh", "github", "gitlab"])
def test_scripts_are_of_the_shell(name: str) -> None:
    scripts = {
        "demarrer-dui.sh": [(RECIPES / "demarrer-dui.sh").read_text(encoding="utf-8")],
        "github": [s["run"] for job in GITHUB["jobs"].values() for s in job["steps"] if "run" in s],
        "gitlab": [*GITLAB["conformite"]["before_script"], *gitlab_scripts()],
    }[name]
    for script in scripts:
        checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)
        assert checked.returncode == 0, f"{script}\n{checked.stderr}"


class Job:
    """A folder with the recipes copied, on ports of its own, where scripts are run."""

    def __init__(self, folder: Path, *, by_commands: bool) -> None:
        self.folder = folder
        text = (RECIPES / "dui.toml").read_text(encoding="utf-8")
        ports = sorted(set(re.findall(r"\b(84\d\d|9000)\b", text)))
        self._ports = dict(zip(ports, map(str, free_ports(*ports).values()), strict=True))
        if by_commands:
            text = text.replace('nom = "http"\ncible = "http://127.0.0.1:9000"\njeton = "jeton-de-test"\n', "")
            text = re.sub(r"^# (nom|\[pilote|\"\*\"|horloge)", r"\1", text, flags=re.MULTILINE)
        (folder / "dui.toml").write_text(self._own(text), encoding="utf-8")
        starter = folder / "demarrer-dui.sh"
        starter.write_text(self._own((RECIPES / "demarrer-dui.sh").read_text(encoding="utf-8")), encoding="utf-8")
        starter.chmod(0o755)
        self.env = {**environment(), "RUNNER_TEMP": str(folder / "prive"), "GITHUB_STEP_SUMMARY": str(folder / "resume.md")}
        (folder / "prive").mkdir()

    def run(self, script: str, **env: str) -> str:
        """Run a script as a CI runner does; a failure fails the test."""
        script = script.replace("dui-conformance run ", f"dui-conformance run --seulement {SCENARIO} ")
        ended = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", self._own(script)],
            cwd=self.folder,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=600,
            check=False,
        )
        log = self.folder / "dui.log"
        told = log.read_text(encoding="utf-8") if log.is_file() else ""
        assert ended.returncode == 0, f"{script}\n{ended.stdout}{ended.stderr}\n{told}"
        return ended.stdout

    def close(self) -> None:
        """End the DUI."""
        pid = self.folder / "dui.pid"
        if pid.is_file():
            with suppress(ProcessLookupError):
                os.kill(int(pid.read_text()), signal.SIGTERM)

    def _own(self, text: str) -> str:
        return re.sub(r"\b(84\d\d|9000)\b", lambda found: self._ports[found.group()], text)


@pytest.fixture
def key() -> bytes:
    return Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def check_published(job: Job) -> None:
    for name in GITLAB["conformite"]["artifacts"]["paths"]:
        assert (job.folder / name).stat().st_size, name
    suite = etree.parse(str(job.folder / "resultats" / "junit.xml")).getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("1", "0", "0", "0")
    assert ">1 conforme<" in (job.folder / "publie" / "badge.svg").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform == "win32", reason="recettes pour un shell POSIX")
@pytest.mark.timeout(900)
def test_github_steps_run_from_an_empty_folder(tmp_path: Path, key: bytes) -> None:
    job = Job(tmp_path, by_commands=False)
    try:
        scripts = [s["run"] for s in github_steps() if "run" in s and "pip install" not in s["run"]]
        printed = [job.run(script, CLE_DE_SCEAU=key.decode()) for script in scripts]
    finally:
        job.close()
    assert "clé que vous avez donnée" in "".join(printed)
    assert list((tmp_path / "prive").iterdir()) == []
    assert (tmp_path / "resume.md").read_text(encoding="utf-8").startswith("# Campagne de conformité")
    check_published(job)


@pytest.mark.skipif(sys.platform == "win32", reason="recettes pour un shell POSIX")
@pytest.mark.timeout(900)
def test_gitlab_scripts_run_with_commands_as_driver(tmp_path: Path, key: bytes) -> None:
    job = Job(tmp_path, by_commands=True)
    (tmp_path / "cle.pem").write_bytes(key)
    try:
        printed = "".join(job.run(script, CLE_DE_SCEAU="cle.pem") for script in gitlab_scripts())
    finally:
        job.close()
    assert "pilote commande" in printed
    assert "clé que vous avez donnée" in printed
    assert "changeront" not in printed
    check_published(job)


def exit_code_table() -> dict[int, tuple[set[str], set[str]]]:
    """Code → the verdicts that give it alone, without and with ``--strict``."""
    rows = re.findall(r"^\| (\d) \|([^|]*)\|([^|]*)\|[^|]*\|$", PAGE, re.MULTILINE)
    return {
        int(code): (set(re.findall(r"\*([^*]+)\*", loose)), set(re.findall(r"\*([^*]+)\*", strict)))
        for code, loose, strict in rows
    }


def test_the_table_of_exit_codes_is_that_of_the_code() -> None:
    table = exit_code_table()
    assert set(table) == {OK, NON_CONFORME, USAGE, HARNESS, INCONCLUSIVE}
    for rank, strict in enumerate((False, True)):
        said = {word: code for code, cells in table.items() for word in cells[rank]}
        assert said == {v.libelle: exit_code([v], strict=strict) for v in Verdict}


def test_the_order_of_exit_codes_is_that_of_the_code() -> None:
    order = re.search(r"dans l'ordre ([\d, ]+)\.", PAGE)
    assert order is not None
    after_usage = [int(code) for code in order.group(1).split(", ")][1:]
    worst = {
        HARNESS: Verdict.ERREUR,
        NON_CONFORME: Verdict.NON_CONFORME,
        INCONCLUSIVE: Verdict.NON_CONCLUANT,
        OK: Verdict.CONFORME,
    }
    for rank, code in enumerate(after_usage):
        assert exit_code([worst[each] for each in after_usage[rank:]]) == code


def test_the_page_names_every_recipe_and_only_what_exists() -> None:
    assert set(re.findall(r"\(recettes/([^)]+)\)", PAGE)) == {p.name for p in RECIPES.iterdir()}
    for place in re.findall(r"\]\(([^)#]+)", PAGE):
        assert place.startswith("https://") or (DOCS / place).exists(), place
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", PAGE))
    assert named - known_options(cli) - FOREIGN_OPTIONS - PAGE_ONLY - {"--version"} == set()


def test_the_readme_and_the_guide_lead_to_the_page() -> None:
    assert "](docs/integration-continue.md)" in (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert "](integration-continue.md)" in (DOCS / "guide.md").read_text(encoding="utf-8")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl absent")
def test_the_key_of_the_page_is_one_that_seals(tmp_path: Path) -> None:
    from dui_conformance.reports.sceau.cle import Nature, given_sealer

    command = next(line for line in PAGE.splitlines() if line.startswith("openssl genpkey"))
    subprocess.run(shlex.split(command), cwd=tmp_path, check=True)
    assert given_sealer(tmp_path / "sceau.pem", None).nature is Nature.FOURNIE
