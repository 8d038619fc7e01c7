"""A campaign that a wrong setting prevents from opening leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from dui_conformance.cli.main import cli

PILOTE = '[pilote]\nnom = "python"\ncible = "absent_module:Classe"\n'


@pytest.mark.parametrize("existing", [False, True])
def test_a_wrong_driver_can_be_corrected_without_another_folder(tmp_path: Path, existing: bool) -> None:
    (tmp_path / "dui.toml").write_text(PILOTE, encoding="utf-8")
    folder = tmp_path / "resultats"
    if existing:
        folder.mkdir()
        (folder / "notes.txt").write_text("à moi", encoding="utf-8")
    for _ in range(2):
        ended = CliRunner().invoke(cli, ["run", "--config", str(tmp_path / "dui.toml"), "--sortie", str(folder)])
        assert ended.exit_code == 2
        assert "absent_module" in ended.output
    assert ([p.name for p in folder.iterdir()] == ["notes.txt"]) if existing else not folder.exists()


def test_an_existing_campaign_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "dui.toml").write_text(PILOTE, encoding="utf-8")
    folder = tmp_path / "resultats"
    folder.mkdir()
    (folder / "journal.jsonl").write_text("{}\n", encoding="utf-8")
    ended = CliRunner().invoke(cli, ["run", "--config", str(tmp_path / "dui.toml"), "--sortie", str(folder)])
    assert (ended.exit_code, "contient déjà" in ended.output) == (2, True)
    assert (folder / "journal.jsonl").is_file()
