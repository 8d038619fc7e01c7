"""Batches: the same verdicts in the same order whatever runs them, taken up again where they stopped."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dui_conformance.cli import lot, validate
from dui_conformance.cli.constats import FileVerdict
from dui_conformance.cli.jugement import Options, judge_file
from dui_conformance.cli.main import cli
from dui_conformance.core.verdict import Verdict

NOTE = Path(__file__).parent.parent / "data" / "cda" / "note_vaccination.xml"
OPTIONS = Options(date(2026, 11, 20))
COUNT = 40


@pytest.fixture
def batch(tmp_path: Path) -> Path:
    """Right and wrong documents, one that is not, one that is too large."""
    folder = tmp_path / "lot"
    folder.mkdir()
    text = NOTE.read_text(encoding="utf-8")
    for n in range(COUNT):
        wrong = text.replace('administrativeGenderCode code="F"', f'administrativeGenderCode code="X{n}"')
        (folder / f"{n:03}.xml").write_text(wrong if n % 3 == 0 else text, encoding="utf-8")
    (folder / "005.xml").write_bytes(b"pas un document")
    with (folder / "006.xml").open("wb") as stream:
        stream.truncate(100_000_000)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["validate", *arguments])


def jsonl(batch: Path, output: Path, *more: str) -> Result:
    return run(str(batch), "--format", "jsonl", "--sortie", str(output), *more)


def test_several_processes_give_the_same_lines(batch: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "un.jsonl", tmp_path / "deux.jsonl"
    assert jsonl(batch, one).exit_code == jsonl(batch, two, "--parallele", "2").exit_code == 1
    assert one.read_bytes() == two.read_bytes()
    assert len(one.read_text(encoding="utf-8").splitlines()) == COUNT


def test_a_dask_cluster_gives_the_same_lines(batch: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="distributed absent : pip install 'dui-conformance[cluster]'")
    one, two = tmp_path / "un.jsonl", tmp_path / "deux.jsonl"
    jsonl(batch, one)
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, host="127.0.0.1", dashboard_address=None, protocol="tcp://"
    ) as cluster:
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        assert jsonl(batch, two, "--executeur", address).exit_code == 1
    assert one.read_bytes() == two.read_bytes()


def test_a_cluster_that_does_not_answer_is_a_wrong_option(batch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="distributed absent : pip install 'dui-conformance[cluster]'")

    def refuse(*_: Any, **__: Any) -> None:
        raise OSError("personne")

    monkeypatch.setattr("distributed.Client", refuse)
    result = jsonl(batch, tmp_path / "x.jsonl", "--executeur", "dask://127.0.0.1:1")
    assert result.exit_code == 2
    assert "aucun ordonnanceur Dask" in result.stderr


# Resumption


@pytest.fixture
def written(batch: Path, tmp_path: Path) -> Path:
    """A whole output."""
    output = tmp_path / "sortie.jsonl"
    jsonl(batch, output)
    return output


@pytest.fixture
def judged_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are judged from now on."""
    names: list[str] = []

    def noting(path: Path, shown: str, options: Options) -> FileVerdict:
        names.append(path.name)
        return judge_file(path, shown, options)

    monkeypatch.setattr(validate, "judge_file", noting)
    return names


def test_what_is_already_judged_is_kept(batch: Path, written: Path, judged_again: list[str]) -> None:
    whole = written.read_bytes()
    written.write_bytes(b"".join(whole.splitlines(keepends=True)[:25]) + b'{"file": "coup')
    result = jsonl(batch, written, "--reprendre")
    assert written.read_bytes() == whole
    assert judged_again == [f"{n:03}.xml" for n in range(25, COUNT)]
    assert result.exit_code == 1
    assert "25 fichier(s) déjà jugé(s)" in result.stderr
    assert f"{COUNT} fichiers" in result.stderr


def test_a_whole_output_is_left_as_it_is(batch: Path, written: Path, judged_again: list[str]) -> None:
    whole = written.read_bytes()
    assert jsonl(batch, written, "--reprendre").exit_code == 1
    assert (written.read_bytes(), judged_again) == (whole, [])


def test_a_file_that_changed_is_judged_again(batch: Path, written: Path, judged_again: list[str]) -> None:
    (batch / "037.xml").write_bytes(b"autre chose")
    jsonl(batch, written, "--reprendre")
    assert judged_again == ["037.xml", "038.xml", "039.xml"]
    assert json.loads(written.read_text(encoding="utf-8").splitlines()[37])["findings"][0]["rule"] == "fichier.format"


def test_other_options_judge_everything_again(batch: Path, written: Path, judged_again: list[str]) -> None:
    jsonl(batch, written, "--reprendre", "--profil", "CDA-ENTETE")
    assert len(judged_again) == COUNT
    assert len(written.read_text(encoding="utf-8").splitlines()) == COUNT


def test_another_day_with_the_same_rules_keeps_everything(batch: Path, written: Path, judged_again: list[str]) -> None:
    jsonl(batch, written, "--reprendre", "--au", (date.today() + timedelta(days=1)).isoformat())
    assert judged_again == []


def test_an_output_of_something_else_is_refused(batch: Path, tmp_path: Path) -> None:
    other = tmp_path / "notes.jsonl"
    other.write_text('{"a": 1}\n', encoding="utf-8")
    result = jsonl(batch, other, "--reprendre")
    assert result.exit_code == 2
    assert other.read_text(encoding="utf-8") == '{"a": 1}\n'


@pytest.mark.parametrize("form", ["jsonl", "csv", "html", "operationoutcome"])
def test_an_interruption_leaves_a_valid_output(form: str, batch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(path: Path, shown: str, options: Options) -> FileVerdict:
        if path.name == "010.xml":
            raise KeyboardInterrupt
        return judge_file(path, shown, options)

    monkeypatch.setattr(validate, "judge_file", interrupted)
    output = tmp_path / "sortie"
    result = run(str(batch), "--format", form, "--sortie", str(output))
    assert result.exit_code == 3
    assert "Interrompu : 10 fichier(s)" in result.stderr
    text = output.read_text(encoding="utf-8")
    if form == "jsonl":
        assert len([json.loads(line) for line in text.splitlines()]) == 10
        assert "--reprendre" in result.stderr
    if form == "html":
        assert "30 fichiers n'ont pas été jugés" in text.replace("&#39;", "'")
    if form == "operationoutcome":
        assert len(json.loads(text)["entry"]) == 10


# Processes that die, memory


class Pool:
    """Stands for a pool: a file named ``tue`` ends the process that reads it."""

    made = 0
    pending = 0
    most = 0

    def __init__(self) -> None:
        Pool.made += 1
        self.dead = False

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.dead = True

    def submit(self, work: Any, files: list[Any], options: Options) -> Future[Any]:
        future: Future[Any] = Future()
        self.dead = self.dead or any(path.name == "tue" for path, _ in files)
        if self.dead:
            future.set_exception(BrokenProcessPool())
        else:
            future.set_result([FileVerdict(shown, "", "", Verdict.CONFORME, ()) for _, shown in files])
        return future

    def shutdown(self, **_: Any) -> None:
        self.dead = True


def test_a_file_that_kills_its_process_is_told_and_the_batch_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lot, "_pool", lambda workers: Pool())
    names = [f"f{n}" for n in range(100)]
    names[40] = "tue"
    found = list(lot.in_processes([(Path(n), n) for n in names], OPTIONS, 2))
    assert [v.file for v in found] == names
    assert [v.file for v in found if v.verdict is Verdict.ERREUR] == ["tue"]


def test_files_are_taken_as_they_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[int] = []

    def files() -> Iterator[tuple[Path, str]]:
        for n in range(10_000):
            taken.append(n)
            yield Path(str(n)), str(n)

    monkeypatch.setattr(lot, "_pool", lambda workers: Pool())
    verdicts = lot.in_processes(files(), OPTIONS, 2)
    next(verdicts)
    assert len(taken) <= 2 * lot.AHEAD * lot.CHUNK
    verdicts.close()


def test_the_verdicts_travel_between_processes() -> None:
    import pickle

    verdict = judge_file(NOTE, "x", OPTIONS)
    assert pickle.loads(pickle.dumps(verdict)) == verdict
    assert os.path.basename(verdict.file) == "x"
