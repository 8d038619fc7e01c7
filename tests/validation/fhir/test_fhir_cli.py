"""``validate`` on FHIR files, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from dui_conformance.checks.registry import expand
from dui_conformance.cli.main import cli
from dui_conformance.validation.fhir.issues import Rule

DATA = Path(__file__).parents[2] / "data" / "fhir"
SETMIN = "urn:dui-conformance:profil:setmin-fhir"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["validate", *arguments])


def written(content: Any, name: str = "ressource.json") -> str:
    Path(name).write_text(json.dumps(content, indent=1) if not isinstance(content, str) else content, encoding="utf-8")
    return name


def task() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DATA / "esms-task.json").read_text(encoding="utf-8"))
    return content


def row(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("--format", "jsonl", *arguments).stdout.splitlines()[0])
    return found


def test_a_good_resource_is_conforme_and_says_by_what() -> None:
    found = row(str(DATA / "esms-document-reference.json"))
    assert (found["verdict"], found["kind"], found["profil"]) == ("conforme", "document.fhir.DocumentReference", "FHIR-RESSOURCE")
    sets = {s["id"]: s for s in found["regles"]["jeux"]}
    profile = sets["https://interop.esante.gouv.fr/ig/fhir/sdo/StructureDefinition/esms-document-reference"]
    assert (profile["paquet"], profile["version"], len(profile["sha256"])) == ("ans.fhir.fr.sdo (récrit)", "4.0.7", 64)
    assert sets["FHIR R4"]["paquet"] == "hl7.fhir.r4.core"


def test_a_finding_says_path_line_expected_received_and_source() -> None:
    content = task()
    content["intent"] = "order"
    found = row(written(content))
    assert found["verdict"] == "non conforme"
    (finding,) = [f for f in found["findings"] if f["verdict"] == "non conforme"]
    assert finding["rule"] == "fhir.valeur.imposee"
    assert (finding["at"], finding["expected"], finding["received"]) == ("Task.intent", "plan", "order")
    assert Path("ressource.json").read_text().splitlines()[finding["line"] - 1].strip() == '"intent": "order",'
    assert "esms-task|4.0.7#Task.intent" in finding["hint"]


def test_the_profile_asked_is_applied_beside_those_declared() -> None:
    content = json.loads((DATA / "tddui-bundle.json").read_text(encoding="utf-8"))
    content["entry"] = content["entry"][1:2]
    found = row("--profil", SETMIN, written(content))
    assert found["verdict"] == "avertissement"
    assert [f["confiance"] for f in found["findings"] if f["rule"] == "fhir.profil.provisoire"] == ["infere"]
    assert {s["id"]: s["demande"] for s in found["regles"]["jeux"]}[SETMIN] == "oui"


def test_an_unknown_profile_is_a_wrong_option() -> None:
    result = run("--profil", "http://nulle/part", str(DATA / "esms-task.json"))
    assert result.exit_code == 2
    assert "packs add" in result.output


def test_a_package_added_judges(tmp_path: Path) -> None:
    from validation.fhir.test_fhir_paquets import write_package

    source = write_package(tmp_path / "source")
    assert CliRunner().invoke(cli, ["packs", "add", str(source)]).exit_code == 0
    found = row(written({"resourceType": "Patient", "active": True, "meta": {"profile": ["http://exemple.test/usager"]}}))
    assert [f["at"] for f in found["findings"] if f["verdict"] == "non conforme"] == ["Patient.gender"]


@pytest.mark.parametrize(
    "content", ['{"resourceType": "Patient", ', '{"resourceType": "Patient", "active": true, "active": true}']
)
def test_a_malformed_resource_has_one_finding(content: str) -> None:
    found = row(written(content))
    assert found["verdict"] == "non conforme"
    assert [f["rule"] for f in found["findings"]] == ["fhir.lecture.lisible"]


def test_xml_is_recognised() -> None:
    found = row(
        written('<?xml version="1.0"?>\n<Patient xmlns="http://hl7.org/fhir">\n <active value="non"/>\n</Patient>', "p.xml")
    )
    assert (found["kind"], found["verdict"]) == ("document.fhir.Patient", "non conforme")
    assert [(f["at"], f["line"]) for f in found["findings"] if f["verdict"] == "non conforme"] == [("Patient.active", 3)]


def test_as_an_operation_outcome() -> None:
    content = task()
    del content["meta"]["lastUpdated"]
    outcome = json.loads(run("--format", "operationoutcome", written(content)).stdout)
    assert outcome["resourceType"] == "OperationOutcome"
    assert "ans.fhir" in outcome["issue"][0]["diagnostics"] or "esms-task 4.0.7" in outcome["issue"][0]["diagnostics"]
    (error,) = [i for i in outcome["issue"] if i["severity"] == "error"]
    assert error["expression"] == ["Task.meta.lastUpdated"]


def test_every_sort_of_rule_is_a_check() -> None:
    assert {c.id for c in expand(("fhir.*",))} == {rule.value for rule in Rule}
