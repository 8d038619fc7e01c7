"""``validate --validateur hl7 --jar``: the validator of the user beside ours. A stub in Java stands for it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from dui_conformance.cli import validateur_hl7
from dui_conformance.cli.main import cli
from dui_conformance.cli.validateur_hl7 import Hl7Validator, element_of
from dui_conformance.core.errors import InputError
from dui_conformance.reports.schemas import VALIDATE

needs_javac = pytest.mark.skipif(shutil.which("javac") is None, reason="javac absent (paquet default-jdk-headless)")
STUB = r"""
import java.nio.file.*;
public class Stub {
  public static void main(String[] a) throws Exception {
    System.out.println("FHIR Validation tool Version 6.9.99-essai");
    String text = Files.readString(Path.of(a[0]));
    if (text.contains("\"plante\"")) { System.err.println("OutOfMemoryError"); System.exit(3); }
    String out = null;
    for (int i = 0; i < a.length - 1; i++) if (a[i].equals("-output")) out = a[i + 1];
    String issues = "";
    if (text.contains("02-30"))
      issues = "{\"severity\":\"error\",\"code\":\"invalid\",\"details\":{\"text\":\"Not a valid date\"},"
        + "\"expression\":[\"Patient.birthDate\"],"
        + "\"extension\":[{\"url\":\"http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line\",\"valueInteger\":3}]},";
    String asked = String.join(" ", a).replace("\\", "/");
    issues += "{\"severity\":\"warning\",\"code\":\"processing\",\"diagnostics\":\"dit " + asked
      + "\",\"expression\":[\"Patient\"]}";
    String made = "{\"resourceType\":\"OperationOutcome\",\"issue\":[" + issues + "]}";
    if (text.contains("\"lot\"")) made = "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":" + made + "}]}";
    Files.writeString(Path.of(out), text.contains("\"illisible\"") ? "{" : made);
  }
}
"""


@pytest.fixture(scope="module")
def jar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stub")
    (folder / "Stub.java").write_text(STUB, encoding="utf-8")
    subprocess.run(["javac", "Stub.java"], cwd=folder, check=True)
    subprocess.run(
        ["jar", "--create", "--file", "validator_cli.jar", "--main-class", "Stub", "Stub.class"], cwd=folder, check=True
    )
    return folder / "validator_cli.jar"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["validate", "--validateur", "hl7", *arguments])


def patient(born: str = "1950-02-28", **more: Any) -> str:
    content = {"resourceType": "Patient", "active": True, "birthDate": born, **more}
    Path("patient.json").write_text(json.dumps(content, indent=1), encoding="utf-8")
    return "patient.json"


def beside(jar: Path, file: str, *options: str) -> dict[str, Any]:
    line = json.loads(run("--format", "jsonl", "--jar", str(jar), *options, file).stdout.splitlines()[0])
    jsonschema.validate(line, VALIDATE)
    (row,) = line["officiel"]
    return row | {"ours": line["verdict"]}


@needs_javac
def test_both_verdicts_are_shown_side_by_side(jar: Path) -> None:
    row = beside(jar, patient())
    assert (row["ours"], row["verdict"], row["version"]) == ("conforme", "accepté", "6.9.99")
    assert "même verdict" in row["explication"]
    row = beside(jar, patient("1950-02-30"))
    assert (row["ours"], row["verdict"]) == ("non conforme", "refusé")
    both = [d for d in row["differences"] if d["seen"] == "vu par les deux"]
    assert [(d["element"], d["ours"]) for d in both] == [("Patient.birthDate", ["fhir.valeur.lexique"])]
    assert row["constats"][0]["at"] == "Patient.birthDate (ligne 3)"
    shown = run("--jar", str(jar), "patient.json")
    assert "à côté : validateur HL7 : même verdict (refusé)" in shown.output
    assert shown.exit_code == 1


@needs_javac
def test_what_it_does_not_share_with_us_is_said(jar: Path) -> None:
    row = beside(jar, patient(nom="A"))
    assert "accepté, que nos règles refusent" in row["explication"]
    assert {d["seen"] for d in row["differences"]} == {"vu par nous seuls", "vu par le kit seul"}


@needs_javac
def test_the_profile_asked_and_the_packages_are_given_to_it(jar: Path, tmp_path: Path) -> None:
    from validation.fhir.test_fhir_paquets import write_package

    assert CliRunner().invoke(cli, ["packs", "add", str(write_package(tmp_path / "source"))]).exit_code == 0
    row = beside(jar, patient(), "--profil", "http://exemple.test/usager")
    (said,) = [c["message"] for c in row["constats"]]
    assert "-version 4.0.1 -tx n/a -ig" in said
    assert "-profile http://exemple.test/usager" in said


@needs_javac
@pytest.mark.parametrize(("mark", "note"), [("plante", "code 3 : OutOfMemoryError"), ("illisible", "aucun résultat, code 0")])
def test_one_that_does_not_answer_concludes_nothing(jar: Path, mark: str, note: str) -> None:
    row = beside(jar, patient(**{mark: True}))
    assert row["verdict"] == "non concluant"
    assert note in row["notes"][0]


@needs_javac
def test_its_answer_may_be_a_bundle(jar: Path) -> None:
    assert beside(jar, patient("1950-02-30", lot=True))["verdict"] == "refusé"


@needs_javac
def test_it_judges_fhir_files_only(jar: Path) -> None:
    Path("autre.txt").write_text("texte", encoding="utf-8")
    line = json.loads(run("--format", "jsonl", "--jar", str(jar), "autre.txt").stdout.splitlines()[0])
    assert "officiel" not in line


def test_one_that_is_too_slow_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "x.jar").write_bytes(b"")
    slow = Hl7Validator(tmp_path / "x.jar", str(tmp_path), java=_sleeper(tmp_path), patience=0.2)
    assert "pas de réponse" in slow.judge("patient.json").notes[0]
    absent = Hl7Validator(tmp_path / "x.jar", str(tmp_path), java=str(tmp_path / "java"))
    assert "n'a pas pu être lancé" in absent.judge("patient.json").notes[0]


def _sleeper(folder: Path) -> str:
    script = folder / "lent"
    script.write_text(f"#!{sys.executable}\nimport time\ntime.sleep(30)\n", encoding="utf-8")
    script.chmod(0o755)
    return str(script)


def test_without_jar_or_java_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = patient()
    for arguments, said in (((file,), "--jar FICHIER"), (("--jar", "absent.jar", file), "n'existe pas")):
        result = run(*arguments)
        assert (result.exit_code, said in result.output) == (2, True)
    assert CliRunner().invoke(cli, ["validate", "--jar", "x.jar", file]).exit_code == 2
    (tmp_path / "x.jar").write_bytes(b"")
    monkeypatch.setattr(validateur_hl7.shutil, "which", lambda name: None)
    with pytest.raises(InputError, match="java est introuvable"):
        validateur_hl7.hl7_validator(tmp_path / "x.jar", str(tmp_path), "")


@pytest.mark.parametrize(
    ("at", "element"),
    [
        ("Bundle.entry[0].resource/*Patient/1*/.gender", "Bundle.entry[0].resource.gender"),
        ("Observation.value.ofType(Quantity).value", "Observation.value.value"),
        ("", "/"),
    ],
)
def test_places_are_compared_without_their_types(at: str, element: str) -> None:
    assert element_of(at) == element
