"""The guide is executed: its commands run from top to bottom in an empty folder and print what it says they print."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, get_type_hints

import click
import pytest
from dui_conformance.cli.exemple import gestures_table
from dui_conformance.cli.init import COLUMNS
from dui_conformance.cli.main import cli
from dui_conformance.core.settings import Settings, parse_settings
from dui_conformance.core.verdict import Verdict
from dui_conformance.fixtures.professionals import professionals
from e2e.commands import free_ports

GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"
TOOLS = ("bash", "curl", "openssl")
FIXED_PORTS = ("8443", "8444", "8445", "8446", "9000")
BLOCK_SECONDS = 600
ANY_LINES = "…"
FOREIGN_OPTIONS = {
    *("--cacert", "--cert", "--key", "--data-urlencode", "--data-binary", "--noproxy"),
    *("--ssl-reqd", "--login-options", "--mail-from", "--mail-rcpt", "--upload-file", "--oauth", "--url", "--user"),
    *("--require-hashes", "--no-deps", "--dui", "--dui-sortie"),
}


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, the line of its fence, and the output that the guide promises after it."""

    language: str
    text: str
    line: int
    promised: str | None = None

    @property
    def file_name(self) -> str:
        """The name in its first comment (``# depot.py``), or ``""``."""
        found = re.match(r"# (\S+\.(?:py|toml))\n", self.text)
        return found.group(1) if found else ""


def blocks() -> list[Block]:
    """Every block of the guide, in order; an output (``console``) belongs to the commands just above it."""
    found: list[Block] = []
    text = GUIDE.read_text(encoding="utf-8")
    for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.S | re.M):
        block = Block(match.group(1), match.group(2), text.count("\n", 0, match.start()) + 1)
        if block.language == "console":
            commands = found[-1]
            assert commands.language == "sh", f"ligne {block.line} : une sortie sans commande"
            found[-1] = Block(commands.language, commands.text, commands.line, block.text)
            continue
        found.append(block)
    return found


def matches(promised: str, printed: str) -> bool:
    """True when the output is the promised one, ``…`` standing for anything in a line, alone for any number of lines."""
    pattern = ""
    for line in promised.splitlines():
        pattern += r"(?:.*\n)*?" if line == ANY_LINES else ".*".join(re.escape(part) for part in line.split("…")) + r"[ \t]*\n"
    return re.fullmatch(pattern, printed if printed.endswith("\n") else printed + "\n") is not None


class Reader:
    """Does what the guide says, in a folder; what was left running is ended at the end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ports = {held: str(port) for held, port in free_ports(*FIXED_PORTS).items()}
        self._groups: list[int] = []

    def save(self, block: Block) -> None:
        """Write a file of the guide."""
        (self._folder / block.file_name).write_text(self._own_ports(block.text), encoding="utf-8")

    def run(self, block: Block) -> str:
        """Run commands in a shell of their own and give what they print; a failure fails the test."""
        process = subprocess.Popen(
            ["bash", "-e", "-o", "pipefail", "-c", self._own_ports(block.text)],
            cwd=self._folder,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        self._groups.append(process.pid)
        printed, _ = process.communicate(timeout=BLOCK_SECONDS)
        assert process.returncode == 0, f"guide.md, ligne {block.line} : code {process.returncode}\n{printed}\n{self._logs()}"
        return printed

    def close(self) -> None:
        """End what the commands left in the background."""
        for group in self._groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    def _own_ports(self, text: str) -> str:
        return re.sub(r"\b(" + "|".join(FIXED_PORTS) + r")\b", lambda found: self._ports[found.group()], text)

    def _logs(self) -> str:
        return "\n".join(f"--- {log.name}\n{log.read_text(encoding='utf-8')[-2000:]}" for log in self._folder.glob("*.log"))


def environment() -> dict[str, str]:
    """The environment of a user who has activated this Python's environment."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "COV_", "PYTHONPATH"))}
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}", "PYTHONUTF8": "1"}


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = Reader(tmp_path)
    yield made
    made.close()


@pytest.mark.client_etranger
@pytest.mark.timeout(1800)
def test_guide_runs_from_top_to_bottom(reader: Reader) -> None:
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"absent : {', '.join(missing)}")
    for block in blocks():
        if block.file_name:
            reader.save(block)
        elif block.language == "sh":
            printed = reader.run(block)
            assert block.promised is None or matches(block.promised, printed), (
                f"guide.md, ligne {block.line} : autre sortie\n--- promis\n{block.promised}--- affiché\n{printed}"
            )


def test_every_python_block_is_run_by_a_command() -> None:
    commands = "\n".join(b.text for b in blocks() if b.language == "sh")
    files = [b.file_name for b in blocks() if b.language == "python"]
    imported = "\n".join(b.text for b in blocks() if b.language in ("python", "toml"))
    assert all(files)
    assert [f for f in files if f not in commands and f.removesuffix(".py") + ":" not in imported and f not in imported] == []


def test_shell_blocks_are_commands_and_other_fences_are_known() -> None:
    assert {b.language for b in blocks()} <= {"sh", "python", "toml", "text", "yaml"}


@pytest.mark.parametrize("block", [b for b in blocks() if b.language == "toml"], ids=lambda b: f"ligne-{b.line}")
def test_settings_of_the_guide_are_accepted(block: Block) -> None:
    parse_settings(block.text)


def setting_names(cls: type[Any], prefix: str = "") -> Iterator[str]:
    """Every key of ``dui.toml``, dotted."""
    hints = get_type_hints(cls)
    for item in fields(cls):
        if is_dataclass(hints[item.name]):
            yield from setting_names(hints[item.name], f"{prefix}{item.name}.")
        else:
            yield prefix + item.name


def test_every_setting_is_explained() -> None:
    reference = next(b for b in blocks() if b.language == "toml" and not b.file_name)
    given = set()
    table = ""
    for line in reference.text.splitlines():
        header, entry = re.match(r"\[([\w.]+)\]", line), re.match(r"([\w-]+) = .*?(# \S.*)?$", line)
        if header:
            table = f"{header.group(1)}."
            given.add(table.rstrip("."))
        elif entry:
            given.add(table + entry.group(1))
    assert [name for name in setting_names(Settings) if name not in given] == []


def test_gestures_are_those_of_the_product() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    shown = re.search(r"<!-- début : dui-conformance exemple gestes -->\n(.*?)\n<!-- fin -->", text, re.S)
    assert shown is not None
    assert shown.group(1) == gestures_table()


def test_every_column_persona_and_verdict_is_named() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert [c for c in COLUMNS if f"`{c}`" not in text] == []
    assert [p for p in professionals() if f"`{p}`" not in text] == []
    assert [v.libelle for v in Verdict if f"| {v.libelle} |" not in text] == []


def test_commands_and_options_of_the_guide_exist() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    shell = "\n".join(b.text for b in blocks() if b.language == "sh")
    named = {*re.findall(r"`dui-conformance ([a-z]+)", text), *re.findall(r"dui-conformance ([a-z]+)", shell)}
    assert named - set(cli.commands) == set()
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - known_options(cli) - FOREIGN_OPTIONS == set()


def known_options(command: click.Command) -> set[str]:
    """The options of a command and of those under it."""
    own = {name for parameter in command.params for name in parameter.opts}
    below = command.commands.values() if isinstance(command, click.Group) else ()
    return own.union(*(known_options(each) for each in below))


def test_every_link_leads_somewhere() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    anchors = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in re.findall(r"^#+ (.*)$", text, re.M)}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        place, _, anchor = target.partition("#")
        assert (anchor in anchors) if not place else (GUIDE.parent / place).is_file(), target


def test_choices_of_the_settings_are_all_named() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    pilote = next(p for p in cli.commands["run"].params if p.name == "pilote")
    assert isinstance(pilote.type, click.Choice)
    assert [name for name in pilote.type.choices if f"`{name}`" not in text] == []
