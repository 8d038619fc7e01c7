"""The journal: chained, append-only, torn line set aside, any other break refused."""

import json
from pathlib import Path

import pytest
from dui_conformance.core.clock import Clock
from dui_conformance.core.errors import HarnessError, InputError
from dui_conformance.core.exchange import Key
from dui_conformance.core.journal import Journal, blob_path, read_blob, read_events


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    journal = Journal.create(tmp_path / "c", Clock(), {"produit": {"nom": "x"}})
    for n in range(5):
        journal.append("note", texte=f"n{n}")
    journal.close()
    return tmp_path / "c"


def test_events_are_chained_from_a_random_nonce(folder: Path, tmp_path: Path) -> None:
    events = list(read_events(folder))
    assert [e.seq for e in events] == list(range(6))
    assert events[0].type == "campagne"
    other = Journal.create(tmp_path / "d", Clock(), {"produit": {"nom": "x"}})
    other.close()
    assert next(read_events(tmp_path / "d")).data["nonce"] != events[0].data["nonce"]


@pytest.mark.parametrize("change", ["edit", "drop", "swap", "insert"])
def test_any_break_of_the_chain_is_refused(folder: Path, change: str) -> None:
    path = folder / "journal.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    match change:
        case "edit":
            lines[2] = lines[2].replace(b"n1", b"n9")
        case "drop":
            del lines[2]
        case "swap":
            lines[2], lines[3] = lines[3], lines[2]
        case "insert":
            lines.insert(3, lines[2])
    path.write_bytes(b"".join(lines))
    with pytest.raises(InputError, match="altéré"):
        list(read_events(folder))


def test_a_torn_last_line_is_set_aside_and_noted(folder: Path) -> None:
    path = folder / "journal.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"v":1,"seq":6,"pr')
    assert len(list(read_events(folder))) == 6
    Journal.resume(folder, Clock()).close()
    events = list(read_events(folder))
    assert events[-1].type == "note"
    assert events[-1].data["octets"] == 18
    assert (folder / "journal.dechire").read_bytes().startswith(b'{"v":1,"seq":6')


def test_a_second_writer_is_refused(folder: Path) -> None:
    first = Journal.resume(folder, Clock())
    with pytest.raises(HarnessError, match="écrit déjà"):
        Journal.resume(folder, Clock())
    first.close()
    Journal.resume(folder, Clock()).close()


def test_a_folder_that_holds_a_campaign_is_never_overwritten(folder: Path) -> None:
    with pytest.raises(InputError, match="contient déjà"):
        Journal.create(folder, Clock(), {})


def test_a_second_writer_leaves_the_key_of_the_first_alone(tmp_path: Path) -> None:
    first = Journal.create(tmp_path / "c", Clock(), {})
    salt = (tmp_path / "c" / "sel").read_text()
    (tmp_path / "c" / "journal.jsonl").rename(tmp_path / "ailleurs")
    with pytest.raises(HarnessError, match="écrit déjà"):
        Journal.create(tmp_path / "c", Clock(), {})
    first.close()
    assert (tmp_path / "c" / "sel").read_text() == salt


@pytest.mark.parametrize("content", [b"", b'{"v":1,"seq":0'])
def test_a_campaign_killed_before_its_first_line_says_what_to_do(folder: Path, content: bytes) -> None:
    (folder / "journal.jsonl").write_bytes(content)
    with pytest.raises(InputError, match="relancez"):
        Journal.resume(folder, Clock())


def test_blob_names_are_keyed_so_that_they_say_nothing_of_their_bytes(tmp_path: Path) -> None:
    names = []
    for name in ("a", "b"):
        journal = Journal.create(tmp_path / name, Clock(), {})
        names.append(journal.blob(b"same bytes"))
        assert read_blob(tmp_path / name, names[-1]) == b"same bytes"
        assert journal.blob(b"same bytes") == names[-1]
        journal.close()
    assert names[0] != names[1]


def test_a_blob_name_from_an_untrusted_journal_cannot_leave_the_folder(folder: Path) -> None:
    with pytest.raises(InputError, match="invalide"):
        blob_path(folder, "../../etc/passwd")


def test_keys_are_journaled_as_hmacs_only(folder: Path) -> None:
    journal = Journal.resume(folder, Clock())
    digest = journal.hmac(Key("ins", "2070585756270"))
    journal.append("requete", cles=[digest])
    journal.close()
    text = (folder / "journal.jsonl").read_text()
    assert digest in text
    assert "2070585756270" not in text


def test_lines_are_canonical_json(folder: Path) -> None:
    for line in (folder / "journal.jsonl").read_bytes().splitlines():
        row = json.loads(line)
        assert json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() == line
