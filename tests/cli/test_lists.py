"""``catalogue``, ``defauts``, ``pannes``, ``exemple``, ``pki``: what they print, for people and for machines."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.serialization import pkcs12
from dui_conformance.catalogue import load
from dui_conformance.checks.registry import all_checks
from dui_conformance.cli.main import cli
from dui_conformance.cli.scenarios import all_scenarios
from dui_conformance.core.gestures import GESTURES, Etat
from dui_conformance.core.gestures.documents import ValiderDocument
from dui_conformance.drivers.python import PythonDriver
from dui_conformance.mocks.dui.faults import FAULTS


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def dui(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


def listed(*arguments: str) -> list[dict[str, Any]]:
    ended = dui(*arguments, "--format", "json")
    assert ended.exit_code == 0, ended.output
    found: list[dict[str, Any]] = json.loads(ended.output)
    return found


def test_the_catalogue_has_every_exigence_with_what_covers_it() -> None:
    found = {row["id"]: row for row in listed("catalogue")}
    assert list(found) == list(load())
    assert len(found) == 207
    known = set(all_scenarios())
    for row in found.values():
        assert set(row["scenarios"]) <= known
        assert row["scenarios"] or row["attestation"] or row["raison"], row["id"]


def test_the_catalogue_is_restricted_by_sector_and_system() -> None:
    every = {row["id"] for row in listed("catalogue")}
    some = listed("catalogue", "--secteur", "AHI")
    assert {row["id"] for row in some} < every
    assert all("AHI" in row["secteurs"] for row in some)
    dmp = listed("catalogue", "--systeme", "dmp")
    assert all("DMP" in row["systeme"] for row in dmp)
    assert dmp
    assert dui("catalogue", "--systeme", "xyz").exit_code == 2
    assert dui("catalogue", "--secteur", "XYZ").exit_code == 2


def test_the_catalogue_is_readable_and_its_coverage_a_table() -> None:
    text = dui("catalogue").output
    assert "DMP-ALIM-04" in text
    counted, paths = text.rstrip().splitlines()[-2:]
    assert counted.startswith("207 exigences")
    assert paths.startswith("Voies du verdict : ")
    assert "À joindre : le formulaire signé" in text
    table = list(csv.reader(io.StringIO(dui("catalogue", "--couverture").output), delimiter=";"))
    assert len(table) == 208


def test_every_fault_is_listed_with_the_check_that_must_see_it() -> None:
    found = listed("defauts")
    assert [row["nom"] for row in found] == list(FAULTS)
    known = {*all_checks(), *(c.group.id for c in all_checks().values() if c.group is not None)}
    for row in found:
        assert row["check"] in known or row["check"].startswith(("attendu.", "absent.", "observe.", "refus.")), row["nom"]
        assert row["description"]
    assert found[0]["nom"] in dui("defauts").output


def test_every_service_lists_its_misbehaviours() -> None:
    found = listed("pannes")
    assert {row["service"] for row in found} >= {"psc", "fi", "insi", "dmp", "edc"}
    assert {"indisponible", "certificat-expire"} <= {row["nom"] for row in found if row["service"] == "dmp"}
    assert len({(row["service"], row["nom"]) for row in found}) == len(found)
    assert "certificat-expire" in dui("pannes").output


def test_contracts_of_drivers_are_shown() -> None:
    document = json.loads(dui("exemple", "openapi").output)
    assert {f"/gestes/{nom}" for nom in GESTURES} <= set(document["paths"])
    command = json.loads(dui("exemple", "commande").output)
    for schema in command.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    for schema in json.loads(dui("exemple", "schemas").output).values():
        jsonschema.Draft202012Validator.check_schema(schema)


def test_the_example_of_a_python_driver_is_one() -> None:
    space: dict[str, Any] = {}
    exec(dui("exemple", "python").output, space)
    driver = PythonDriver(space["MonDui"]({}))
    assert driver.capabilities().gestes == {"creer_usager", "valider_document"}
    assert driver.start(ValiderDocument("U", type="note-vaccination")).result(5).etat is Etat.FAIT
    driver.close()


def test_exported_certificates_can_be_imported_elsewhere(project: Path) -> None:
    ended = dui("pki", "export", "--sortie", "certs", "--mot-de-passe", "secret")
    assert ended.exit_code == 0, ended.output
    for path in ended.output.split():
        assert (project / path).stat().st_size > 0
    key, certificate, chain = pkcs12.load_key_and_certificates((project / "certs" / "auth_cli.p12").read_bytes(), b"secret")
    assert key is not None
    assert certificate is not None
    assert chain
    assert (project / "certs" / "auth_cli.key").stat().st_mode & 0o077 == 0


def test_the_password_is_asked_for_when_it_is_not_given(project: Path) -> None:
    ended = CliRunner().invoke(cli, ["pki", "export"], input="secret\n")
    assert ended.exit_code == 0
    assert "Mot de passe" in ended.output
    assert "secret" not in ended.output


def test_a_renewed_pki_replaces_everything(project: Path) -> None:
    dui("pki", "export", "--sortie", "avant", "--mot-de-passe", "x")
    assert dui("pki", "renouveler").exit_code == 0
    dui("pki", "export", "--sortie", "apres", "--mot-de-passe", "x")
    for name in ("ac.pem", "auth_cli.pem"):
        assert (project / "avant" / name).read_bytes() != (project / "apres" / name).read_bytes()


def test_the_test_authoritys_root_key_is_nowhere(project: Path) -> None:
    dui("pki", "renouveler")
    names = {p.name for p in (project / ".dui-conformance").rglob("*") if p.is_file()}
    assert not {name for name in names if "racine" in name and name.endswith(".key")}


@pytest.mark.parametrize(
    "command", ["run", "serve", "rejuger", "catalogue", "defauts", "pannes", "init", "doctor", "pki", "temoin"]
)
def test_help_is_in_french(command: str) -> None:
    ended = dui(command, "--aide")
    assert ended.exit_code == 0
    assert ended.output.isprintable() or "\n" in ended.output
    assert len(ended.output) > 80
