"""Our profiles (SDO, TDDUI, SetMinFHIR, FR Core): their good examples pass, each constraint has a killing mutant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.core.verdict import Severity
from dui_conformance.validation.fhir.context import FhirPackages
from dui_conformance.validation.fhir.engine import Outcome
from dui_conformance.validation.fhir.issues import Rule
from dui_conformance.validation.fhir.packages import make_validator, own_profiles
from validation.fhir.contraintes import Breaker, census
from validation.fhir.exemples_pleins import full
from validation.fhir.mutants import Mutator, seen_at

DATA = Path(__file__).parents[2] / "data" / "fhir"
SDO = "https://interop.esante.gouv.fr/ig/fhir/sdo/StructureDefinition/"
TDDUI = "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/"
BASE = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient"
SETMIN = "urn:dui-conformance:profil:setmin-fhir"
GOOD = ("esms-task", "esms-consent", "esms-document-reference", "tddui-bundle")


def load(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return content


def judge(content: dict[str, Any], *asked: str) -> Outcome:
    return FhirPackages().validator.validate(json.dumps(content).encode(), asked)


def broken(outcome: Outcome) -> list[tuple[str, str]]:
    """Errors, those of provisional profiles included."""
    return [(i.path, i.key) for i in outcome.issues if i.rule is Rule.PROVISOIRE or i in outcome.errors]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_resource_is_accepted_without_a_warning(name: str) -> None:
    outcome = judge(load(name), *([SETMIN] if name == "tddui-bundle" else []))
    assert [i for i in outcome.issues if i.severity.value != "information"] == []
    assert outcome.profiles


def loud(outcome: Outcome) -> set[tuple[str, str, str]]:
    """What is said beyond information."""
    return {(i.rule.value, i.path, i.key) for i in outcome.issues if i.severity is not Severity.INFORMATION}


@pytest.mark.parametrize(("content", "profile"), [pytest.param(c, p, id=n) for n, c, p in full()])
def test_a_full_resource_is_accepted(content: dict[str, Any], profile: str) -> None:
    assert broken(judge(content, profile)) == []


def test_each_constraint_of_each_profile_has_a_killing_mutant() -> None:
    """The score that ``benchmarks/chiffres.md`` publishes, by guide."""
    validator = FhirPackages().validator
    killed = set()
    for _, content, profile in full():
        before = loud(judge(content, profile))
        killed |= {c for c, mutant in Breaker(validator, content).all(profile) if loud(judge(mutant, profile)) - before}
    for source in own_profiles():
        wanted = {c for url in source.urls("StructureDefinition") for c in census(validator, url)}
        print(f"{source.origin.package} : {len(wanted & killed)} tués sur {len(wanted)}")
        assert wanted - killed == set()
        assert len(wanted) >= 15


def test_seeded_mutants_of_our_examples_are_all_rejected() -> None:
    validator = FhirPackages().validator
    mutator, made, missed = Mutator(validator, 4_001), 0, []
    for name, content, profile in full():
        for mutant in mutator.mutants(content, 6):
            made += 1
            outcome = judge(mutant.content, profile)
            if not seen_at(mutant.path, [path for path, _ in broken(outcome)]):
                missed.append(f"{name} {mutant.kind} {mutant.path} {mutant.note}")
    print(f"{made - len(missed)} rejetés sur {made}")
    assert made >= 800
    assert missed == []


@pytest.mark.parametrize(
    ("name", "change", "key"),
    [
        ("esms-task", lambda t: [t["input"].remove(i) for i in list(t["input"]) if _input(i) == "idUnite"], "regle-StatutUnite"),
        (
            "esms-task",
            lambda t: _find(t, "modePriseCharge")["valueCodeableConcept"]["coding"][0].update(code="1"),
            "regle-ModePriseEnCharge",
        ),
        ("esms-task", lambda t: _find(t, "idNat_Struct")["valueIdentifier"].update(value="480787529"), "idNat-Struct-forme"),
        ("esms-document-reference", lambda d: d["content"][0]["attachment"].update(title="Autre"), "regle-NomPieceJointe-type"),
    ],
)
def test_an_invariant_of_sdo_is_broken(name: str, change: Any, key: str) -> None:
    content = load(name)
    change(content)
    assert key in [k for _, k in broken(judge(content))]


def _input(row: dict[str, Any]) -> str:
    return str(row["type"]["coding"][0]["code"])


def _find(task: dict[str, Any], name: str) -> dict[str, Any]:
    return next(i for i in task["input"] if _input(i) == name)


def test_an_unknown_status_or_reason_is_refused() -> None:
    content = load("esms-task")
    _find(content, "statutESMS")["valueCodeableConcept"]["coding"][0]["code"] = "50"
    assert [i.rule for i in judge(content).errors] == [Rule.CODE]


@pytest.mark.parametrize(("drop", "key"), [("Organization", "setmin-structure"), ("Patient", "setmin-usager")])
def test_setmin_is_provisional(drop: str, key: str) -> None:
    content = load("tddui-bundle")
    content["entry"] = [e for e in content["entry"] if e["resource"]["resourceType"] != drop]
    said = [i for i in judge(content, SETMIN).issues if i.rule is Rule.PROVISOIRE]
    assert any(key in i.key for i in said)
    assert all("profil provisoire" in i.message for i in said)


def test_a_validated_identity_needs_its_matricule() -> None:
    patient = load("tddui-bundle")["entry"][0]["resource"]
    patient["identifier"] = patient["identifier"][1:]
    assert {"fr-core-1", "fr-core-2"} <= {k.rpartition(" ")[2] for _, k in broken(judge(patient))}


def test_our_files_are_named_pinned_and_say_what_is_provisional() -> None:
    origins = {o.package: o for o in (p.origin for p in own_profiles())}
    ours = {"ans.fhir.fr.sdo", "ans.fhir.fr.tddui", "ans.cda.fr.tddui", "hl7.fhir.fr.core"}
    assert set(origins) == {f"{name} (récrit)" for name in ours}
    assert all(len(o.sha256) == 64 for o in origins.values())
    assert origins["hl7.fhir.fr.core (récrit)"].provisional


def test_every_profile_of_ours_compiles_and_adds_something() -> None:
    profiles = FhirPackages().validator.profiles
    for source in own_profiles():
        for url in source.urls("StructureDefinition"):
            made = profiles.get(url)
            assert made is not None, url
            assert not made.root.idle, url
            assert made.missing == (), url


def test_slices_added_to_a_base_already_used_are_seen() -> None:
    """The usager of fr-core first, which has no driving licence; then that of the guide, which has one without a number."""
    validator = make_validator((), "")
    (content,) = (c for name, c, _ in full() if name == "usager sans INS")
    validator.validate(json.dumps(content).encode(), (BASE,))
    licence = next(i for i in content["identifier"] if i["type"]["coding"][0]["code"] == "DL")
    del licence["value"]
    outcome = validator.validate(json.dumps(content).encode(), (f"{TDDUI}tddui-patient",))
    assert [path for path, _ in broken(outcome)] == ["Patient.identifier[3].value"]
