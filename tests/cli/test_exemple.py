"""Messages prepared for a first call by hand, and what is said of a wrong ``services.json``."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner
from dui_conformance.cli.en_memoire import Banc
from dui_conformance.cli.exemple import shell_variables, write_message
from dui_conformance.cli.main import cli
from dui_conformance.core.errors import InputError


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Settings of a project whose test PKI is made once."""
    path = tmp_path_factory.mktemp("projet") / "dui.toml"
    path.touch()
    return path


@pytest.fixture
def banc(tmp_path: Path, config: Path) -> Iterator[Banc]:
    with Banc(tmp_path / "essai", config=config) as made:
        yield made


def send(banc: Banc, folder: Path) -> requests.Response:
    call = json.loads((folder / "appel.json").read_text(encoding="utf-8"))
    with banc.requests(requests.Session()) as session:
        certificate = (call["certificat"], call["cle"])
        return session.post(call["url"], data=(folder / "corps").read_bytes(), headers=call["entetes"], cert=certificate)


def test_a_prepared_deposit_is_stored_and_judged_conforme(banc: Banc, tmp_path: Path) -> None:
    write_message("depot", banc.adresses, tmp_path / "depot")
    assert "ResponseStatusType:Success" in send(banc, tmp_path / "depot").text
    assert [j.verdict for j in banc.jugements] == ["conforme"]


def test_a_deposit_sent_twice_is_refused_as_a_duplicate(banc: Banc, tmp_path: Path) -> None:
    write_message("depot", banc.adresses, tmp_path / "depot")
    send(banc, tmp_path / "depot")
    assert "XDSDuplicateUniqueIdInRegistry" in send(banc, tmp_path / "depot").text
    assert [j.verdict for j in banc.jugements] == ["conforme", "non conforme"]


def test_a_prepared_search_finds_the_published_person(banc: Banc, tmp_path: Path) -> None:
    write_message("recherche-ins", banc.adresses, tmp_path / "insi")
    assert "<NumIdentifiant>2751263220749<" in send(banc, tmp_path / "insi").text
    assert [j.verdict for j in banc.jugements] == ["conforme"]


def test_the_header_file_says_what_the_call_says(banc: Banc, tmp_path: Path) -> None:
    write_message("depot", banc.adresses, tmp_path / "depot")
    headers = (tmp_path / "depot" / "entetes.txt").read_text(encoding="utf-8").splitlines()
    call = json.loads((tmp_path / "depot" / "appel.json").read_text(encoding="utf-8"))
    assert dict(h.split(": ", 1) for h in headers) == call["entetes"]


def test_only_a_qualified_usager_feeds_the_dmp(banc: Banc, tmp_path: Path) -> None:
    rows = [line.split(";") for line in init_rows(tmp_path)]
    provisional = next(row[0] for row in rows if row[1] == "provisoire")
    with pytest.raises(InputError, match="qualifiée"):
        write_message("depot", banc.adresses, tmp_path / "x", provisional)
    with pytest.raises(InputError, match="inconnu"):
        write_message("depot", banc.adresses, tmp_path / "x", "personne")


def init_rows(folder: Path) -> list[str]:
    CliRunner().invoke(cli, ["init", "--dossier", str(folder / "projet")])
    return (folder / "projet" / "jeu-d-essai.csv").read_text(encoding="utf-8-sig").splitlines()[1:]


def test_shell_variables_are_quoted(banc: Banc) -> None:
    services = {**banc.adresses, "psc": {**banc.adresses["psc"], "client_secret": "a b'c$d"}}
    words = shlex.split(shell_variables(services))
    assert "CLIENT_SECRET=a b'c$d" in words
    assert "NO_PROXY=dmp.test" in words


@pytest.mark.parametrize("content", ["", "[]", '{"schema": "autre"}'])
def test_a_file_that_is_not_services_json_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "services.json"
    path.write_text(content, encoding="utf-8")
    ended = CliRunner().invoke(cli, ["exemple", "depot", "--services", str(path)])
    assert ended.exit_code == 2
    assert "services.json" in ended.output


def test_services_are_asked_for(tmp_path: Path) -> None:
    ended = CliRunner().invoke(cli, ["exemple", "variables"])
    assert (ended.exit_code, "--services" in ended.output) == (2, True)
