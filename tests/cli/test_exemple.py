"""Documents of example, messages prepared for a first call by hand, and what is said of a wrong argument."""

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
from dui_conformance.fixtures.people import usager
from dui_conformance.mocks.dui.exemples import types


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


def shown(*arguments: str) -> tuple[int, str]:
    ended = CliRunner().invoke(cli, ["exemple", *arguments])
    return ended.exit_code, ended.output


def test_without_argument_everything_is_listed() -> None:
    code, output = shown()
    assert code == 0
    assert all(name in output for name in (*types(), "openapi", "depot", "recherche-ins"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("note-vacination",), "« note-vaccination »"),
        (("note-vaccination", "--usager", "qualifi"), "« qualifie »"),
        (("note-vaccination", "--usager", "absent.json"), "lecture impossible"),
        (("note-vaccination", "--defaut", "vaccination-a-veni"), "« vaccination-a-venir »"),
        (("trod", "--defaut", "vaccination-a-venir"), "concerne le type « note-vaccination »"),
        (("trod", "--defaut", "psc-state-constant"), "--defaut psc-state-constant"),
        (("attestation-identite", "--usager", "provisoire"), "pas qualifiée"),
        (("--tous",), "--sortie"),
        (("--tous", "--sortie", "x", "--format", "pdf"), "format xml"),
        (("note-vaccination", "--sortie", "/nulle/part/note.xml"), "écriture impossible"),
        (("--tous", "--nombre", "0"), "nombre"),
    ],
)
def test_a_wrong_argument_is_told(arguments: tuple[str, ...], said: str) -> None:
    code, output = shown(*arguments)
    assert (code, said in output) == (2, True), output


def test_a_document_needs_no_service(tmp_path: Path) -> None:
    code, output = shown("note-vaccination", "--sortie", str(tmp_path / "note.xml"))
    assert (code, output.strip()) == (0, str(tmp_path / "note.xml"))
    assert b'code="87273-9"' in (tmp_path / "note.xml").read_bytes()
    assert shown("note-vaccination")[1].startswith("<?xml")


def test_the_same_seed_writes_the_same_document() -> None:
    assert shown("consultation", "--graine", "7") == shown("consultation", "--graine", "7")
    assert shown("consultation", "--graine", "7") != shown("consultation", "--graine", "8")


def test_a_fault_spoils_the_document(tmp_path: Path) -> None:
    right, wrong = shown("note-vaccination"), shown("note-vaccination", "--defaut", "vaccination-date-impossible")
    assert right[1] != wrong[1]
    assert "0230" in wrong[1]


def test_the_paper_form_is_a_pdf(tmp_path: Path) -> None:
    assert shown("trod", "--format", "pdf", "--sortie", str(tmp_path / "trod.pdf"))[0] == 0
    assert (tmp_path / "trod.pdf").read_bytes().startswith(b"%PDF-")


def test_a_usager_may_be_given_as_a_file(tmp_path: Path) -> None:
    row = usager("corse", "1").as_dict()
    (tmp_path / "u.json").write_text(json.dumps(row | {"nom_naissance": "FICHIER"}), encoding="utf-8")
    assert "FICHIER" in shown("note-vaccination", "--usager", str(tmp_path / "u.json"))[1]
    for wrong in ({"nom": "X"}, {"prenoms": "X"}, {"statut": "inconnu"}, {"date_naissance": ""}, {"sexe": 1}):
        (tmp_path / "faux.json").write_text(json.dumps(row | wrong), encoding="utf-8")
        assert shown("note-vaccination", "--usager", str(tmp_path / "faux.json"))[0] == 2


def test_a_lot_holds_every_type_in_turn(tmp_path: Path) -> None:
    code, output = shown("--tous", "--sortie", str(tmp_path / "lot"))
    names = [path.stem.split("-", 1)[1] for path in sorted((tmp_path / "lot").iterdir())]
    assert (code, names) == (0, list(types()))
    assert f"{len(names)} documents" in output
    assert shown("consultation", "--nombre", "2", "--sortie", str(tmp_path / "deux"))[0] == 0
    une, autre = sorted((tmp_path / "deux").iterdir())
    assert une.read_bytes() != autre.read_bytes()


def test_documents_are_of_the_structure_that_services_name(banc: Banc, tmp_path: Path) -> None:
    (tmp_path / "services.json").write_text(json.dumps(banc.adresses), encoding="utf-8")
    code, output = shown("note-vaccination", "--services", str(tmp_path / "services.json"))
    assert (code, banc.adresses["structure"]["nom"] in output) == (0, True)
