"""``validate`` as a user runs it: real processes, a real interruption, the first verdict without the rules of the services."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from e2e.commands import dui, environment, python

NOTE = Path(__file__).parent.parent / "data" / "cda" / "note_vaccination.xml"
RIGHT = NOTE.read_text(encoding="utf-8")
WRONG = RIGHT.replace('administrativeGenderCode code="F"', 'administrativeGenderCode code="X"')


def test_right_wrong_and_missing(tmp_path: Path) -> None:
    (tmp_path / "juste.xml").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "faux.xml").write_text(WRONG, encoding="utf-8")
    right, wrong, missing = (dui(tmp_path, "validate", name) for name in ("juste.xml", "faux.xml", "absent.xml"))
    assert (right.code, wrong.code, missing.code) == (0, 1, 2)
    assert right.out.startswith("conforme ")
    assert wrong.out.startswith("non conforme ")
    assert "Erreur : absent.xml" in missing.out
    assert not (tmp_path / ".dui-conformance").exists(), "juger un fichier n'écrit rien"


def test_every_generated_document_is_conforme_in_several_processes(tmp_path: Path) -> None:
    made = dui(tmp_path, "exemple", "--tous", "--sortie", "lot")
    assert made.code == 0, made.out
    ended = dui(tmp_path, "validate", "lot", "--parallele", "2", "--format", "jsonl", "--sortie", "lot.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "lot.jsonl").read_text(encoding="utf-8").splitlines()]
    wrong = {row["file"]: [f["rule"] for f in row["findings"]] for row in rows if row["verdict"] == "non conforme"}
    assert (wrong, ended.code) == ({}, 0), ended.out
    assert len(rows) >= 20


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C d'un autre processus")
def test_ctrl_c_leaves_whole_lines_and_the_batch_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "lot"
    folder.mkdir()
    for n in range(400):
        (folder / f"{n:03}.xml").write_text(WRONG if n % 2 else RIGHT, encoding="utf-8")
    command = ["validate", "lot", "--format", "jsonl", "--sortie", "lot.jsonl", "--parallele", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "dui_conformance", *command],
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=True,
    )
    output = tmp_path / "lot.jsonl"
    while process.poll() is None and not (output.exists() and output.stat().st_size):
        os.sched_yield()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    lines = output.read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["file"] for line in lines] == [f"lot/{n:03}.xml" for n in range(len(lines))]
    if len(lines) < 400:
        assert process.returncode == 3
        assert "--reprendre" in said
        assert "Traceback" not in said
    ended = dui(tmp_path, *command, "--reprendre")
    assert ended.code == 1, ended.out
    again = tmp_path / "entier.jsonl"
    dui(tmp_path, "validate", "lot", "--format", "jsonl", "--sortie", again.name)
    assert output.read_bytes() == again.read_bytes()


def test_a_document_is_judged_without_loading_the_services(tmp_path: Path) -> None:
    """What keeps the first verdict within half a second: nothing of the services, the campaign or the reports is imported."""
    code = (
        "import sys; from dui_conformance.cli.main import cli\n"
        "from click.testing import CliRunner\n"
        f"assert CliRunner().invoke(cli, ['validate', {str(NOTE)!r}]).exit_code == 0\n"
        "heavy = ('aiohttp', 'jinja2', 'signxml', 'cryptography', 'xmlschema', 'joserfc', 'distributed', 'saxonche', 'pikepdf',"
        " 'zxingcpp', 'dui_conformance.mocks', 'dui_conformance.core.campaign', 'dui_conformance.checks.oidc_jeton')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    ended = python(tmp_path, "-c", code)
    assert ended.out.strip() == "[]"
