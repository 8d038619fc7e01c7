"""``adresses``: what a DUI needs, before any campaign, and still true when one is played."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from dui_conformance.cli.main import cli
from e2e.commands import free_ports


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    ports = "\n".join(f"{name} = {port}" for name, port in free_ports("psc", "psc-portefeuille", "insi").items())
    (tmp_path / "dui.toml").write_text(f'secteurs = ["PA"]\n[services.ports]\n{ports}\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(*arguments: str) -> tuple[str, dict[str, object]]:
    ended = CliRunner().invoke(cli, ["adresses", *arguments])
    assert ended.exit_code == 0, ended.output
    path = Path(arguments[-1] if arguments else "services.json")
    return ended.output, json.loads(path.read_text(encoding="utf-8"))


def test_it_writes_what_the_next_campaign_will_say(project: Path) -> None:
    output, first = written()
    assert "écrit : services.json" in output
    assert "dmp" in output.splitlines()[1]
    assert "insi" not in output.splitlines()[1].split(" : ")[1].split(", ")
    _, second = written("--sortie", "ailleurs/services.json")
    assert (first["insi"], first["psc"], first["certificats"]) == (second["insi"], second["psc"], second["certificats"])


def test_it_leaves_no_campaign_and_a_private_file(project: Path) -> None:
    written()
    assert sorted(p.name for p in project.iterdir()) == [".dui-conformance", "dui.toml", "services.json"]
    assert (project / "services.json").stat().st_mode & 0o077 == 0
    assert Path(json.loads((project / "services.json").read_text(encoding="utf-8"))["ac"]).is_file()


def test_a_taken_port_is_an_error_of_use(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        text = f"[services.ports]\ninsi = {taken.getsockname()[1]}\n"
        (project / "dui.toml").write_text(text, encoding="utf-8")
        ended = CliRunner().invoke(cli, ["adresses"])
    assert ended.exit_code == 2
    assert "insi" in ended.output
    assert not (project / "services.json").exists()
