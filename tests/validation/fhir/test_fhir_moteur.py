"""Reading, lines, slices, extensions, references, bundles, codes: small resources, one thing at a time."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dui_conformance.core.verdict import Severity
from dui_conformance.validation.fhir.base import Types
from dui_conformance.validation.fhir.context import FhirPackages
from dui_conformance.validation.fhir.engine import Outcome, Validator
from dui_conformance.validation.fhir.store import Definitions, Origin, tables

HERE = "http://exemple.test/"
PATIENT: dict[str, Any] = {"resourceType": "Patient", "active": True}
UUID = "urn:uuid:00000000-0000-4000-8000-00000000000"


class Given:
    """Definitions written in a test."""

    dependencies: dict[str, str] = {}  # noqa: RUF012
    origin = Origin("essai", "1", "")

    def __init__(self, *resources: dict[str, Any]) -> None:
        self.held = {(r["resourceType"], r["url"]): r for r in resources}

    def get(self, kind: str, url: str) -> dict[str, Any] | None:
        return self.held.get((kind, url))

    def urls(self, kind: str) -> Any:
        return (u for k, u in self.held if k == kind)


def profile(type_: str, *elements: dict[str, Any], base: str = "", url: str = "p", **more: Any) -> dict[str, Any]:
    """A StructureDefinition by differential."""
    rows = [{"path": ".".join(s.split(":")[0] for s in e["id"].split(".")), **e} for e in elements]
    return {
        "resourceType": "StructureDefinition",
        "url": HERE + url,
        "version": "1",
        "name": url,
        "kind": "resource",
        "type": type_,
        "derivation": "constraint",
        "baseDefinition": base or f"http://hl7.org/fhir/StructureDefinition/{type_}",
        "differential": {"element": [{"id": type_, "path": type_}, *rows]},
        **more,
    }


def judge(content: Any, *definitions: dict[str, Any], asked: tuple[str, ...] = (HERE + "p",)) -> Outcome:
    data = content if isinstance(content, bytes) else json.dumps(content, indent=1).encode()
    if not definitions:
        return FhirPackages().validator.validate(data)
    return Validator(Definitions((Given(*definitions),))).validate(data, asked)


def errors(outcome: Outcome) -> list[tuple[str, str]]:
    return [(i.path, i.rule.value) for i in outcome.errors]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"{", "JSON mal form"),
        (b'{"resourceType": "Patient", "active": true, "active": false}', "nom répété"),
        (b'{"resourceType": "Patient", "name": NaN}', "NaN"),
        (b'{"resourceType": "Patient", "id": "\xff"}', "UTF-8"),
        (b"[" * 100_000, "profondément"),
        (b'{"resourceType": "Inconnue"}', "inconnu de R4"),
        (b"[]", "objet JSON"),
        (b'<Patient xmlns="http://hl7.org/fhir"', "XML mal formé"),
        (b'<!DOCTYPE a><Patient xmlns="http://hl7.org/fhir"/>', "DOCTYPE"),
        (b'<Patient xmlns="http://autre"/>', "n'est pas une ressource"),
    ],
)
def test_what_cannot_be_read_has_one_clear_issue(data: bytes, said: str) -> None:
    outcome = FhirPackages().validator.validate(data)
    assert len(outcome.issues) == 1
    assert said in outcome.issues[0].received


def test_lines_are_those_of_the_file() -> None:
    outcome = judge(b'{\n "resourceType": "Patient",\n "name": [\n  {"family": "A"},\n  {"family": 3}\n ],\n "gender": "x"\n}')
    assert {(i.path, i.line) for i in outcome.errors} == {("Patient.name[1].family", 5), ("Patient.gender", 7)}


def test_the_line_of_a_duplicate_name_is_told() -> None:
    outcome = judge(b'{\n "resourceType": "Patient",\n "active": true,\n "active": true\n}')
    assert outcome.issues[0].line == 4


def test_xml_is_judged_as_json_with_its_lines() -> None:
    good = b'<Patient xmlns="http://hl7.org/fhir">\n<active value="true"/>\n<birthDate value="1950-02-28"/>\n</Patient>'
    assert judge(good).accepted
    bad = good.replace(b"02-28", b"02-30").replace(b'"true"', b'"oui"')
    assert [(i.path, i.line) for i in judge(bad).errors] == [("Patient.active", 2), ("Patient.birthDate", 3)]


def test_xml_order_and_stray_text_are_said() -> None:
    outcome = judge(b'<Patient xmlns="http://hl7.org/fhir"><birthDate value="1950"/><active value="true"/>texte</Patient>')
    assert [i.rule.value for i in outcome.errors] == ["fhir.structure.forme"] * 2


def test_xml_contained_and_primitive_extensions_are_read() -> None:
    outcome = judge(
        b'<Observation xmlns="http://hl7.org/fhir">'
        b'<contained><Patient><id value="p"/><active value="true"/></Patient></contained>'
        b'<status value="final"/><code><text value="x"/></code><subject><reference value="#p"/></subject><effectiveDateTime>'
        b'<extension url="http://hl7.org/fhir/StructureDefinition/data-absent-reason"><valueCode value="unknown"/></extension>'
        b"</effectiveDateTime></Observation>"
    )
    assert outcome.accepted, outcome.errors


@pytest.mark.parametrize(
    ("change", "path", "rule"),
    [
        ({"active": "true"}, "Patient.active", "fhir.structure.type"),
        ({"name": {"family": "A"}}, "Patient.name", "fhir.structure.forme"),
        ({"name": []}, "Patient.name", "fhir.structure.forme"),
        ({"name": [{}]}, "Patient.name[0]", "fhir.structure.forme"),
        ({"birthDate": "2026-02-30"}, "Patient.birthDate", "fhir.valeur.lexique"),
        ({"birthDate": ""}, "Patient.birthDate", "fhir.valeur.lexique"),
        ({"birthDate": None}, "Patient.birthDate", "fhir.structure.forme"),
        ({"multipleBirthInteger": 1.5}, "Patient.multipleBirth", "fhir.valeur.lexique"),
        ({"multipleBirthInteger": 2, "multipleBirthBoolean": True}, "Patient.multipleBirth", "fhir.structure.cardinalite"),
        ({"nom": "A"}, "Patient.nom", "fhir.structure.element-connu"),
        ({"gender": "homme"}, "Patient.gender", "fhir.terminologie.obligatoire"),
        ({"contact": [{"gender": "male"}]}, "Patient.contact[0]", "fhir.invariant.respecte"),
        ({"generalPractitioner": [{"reference": "Patient/1"}]}, "Patient.generalPractitioner[0]", "fhir.reference.cible"),
        (
            {"modifierExtension": [{"url": "http://x/y", "valueBoolean": True}]},
            "Patient.modifierExtension[0]",
            "fhir.extension.admise",
        ),
        ({"text": {"status": "generated", "div": "<div><script/></div>"}}, "Patient.text.div", "fhir.recit.xhtml"),
    ],
)
def test_a_defect_of_the_base_type_is_seen(change: dict[str, Any], path: str, rule: str) -> None:
    assert (path, rule) in errors(judge(PATIENT | change))


def test_decimals_keep_their_precision() -> None:
    wanted = profile("Observation", {"id": "Observation.value[x]", "patternQuantity": {"value": 1.5}})
    held = b'{"resourceType":"Observation","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.50}}'
    assert judge(held, wanted).accepted
    assert errors(judge(held.replace(b"1.50", b"1.51"), wanted)) == [("Observation.value", "fhir.valeur.imposee")]


def test_unknown_extensions_warn_and_known_ones_are_judged() -> None:
    outcome = judge(PATIENT | {"extension": [{"url": "http://x/y", "valueBoolean": True}]})
    assert outcome.accepted
    assert [i.rule.value for i in outcome.issues if i.severity is Severity.AVERTISSEMENT] == ["fhir.extension.connue"]
    place = "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
    assert errors(judge(PATIENT | {"extension": [{"url": place, "valueString": "ici"}]})) == [
        ("Patient.extension[0].value", "fhir.structure.type")
    ]
    assert ("Observation.extension[0]", "fhir.extension.admise") in errors(
        judge(
            {
                "resourceType": "Observation",
                "status": "final",
                "code": {"text": "x"},
                "extension": [{"url": place, "valueAddress": {"city": "ici"}}],
            }
        )
    )


SLICED = (
    {
        "id": "Patient.identifier",
        "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "closed"},
        "min": 1,
    },
    {"id": "Patient.identifier:a", "sliceName": "a", "min": 1, "max": "1"},
    {"id": "Patient.identifier:a.system", "min": 1, "fixedUri": "http://a"},
    {"id": "Patient.identifier:a.value", "min": 1},
    {"id": "Patient.identifier:b", "sliceName": "b", "max": "*"},
    {"id": "Patient.identifier:b.system", "fixedUri": "http://b"},
)


def _identified(*rows: tuple[str, str]) -> dict[str, Any]:
    return PATIENT | {"identifier": [{"system": s, **({"value": v} if v else {})} for s, v in rows]}


def test_slices_are_counted_closed_and_judged() -> None:
    held = profile("Patient", *SLICED)
    assert judge(_identified(("http://a", "1"), ("http://b", "2"), ("http://b", "3")), held).accepted
    assert errors(judge(_identified(("http://b", "2")), held)) == [("Patient.identifier", "fhir.structure.cardinalite")]
    assert errors(judge(_identified(("http://a", "1"), ("http://c", "2")), held)) == [
        ("Patient.identifier[1]", "fhir.decoupage.tranche")
    ]
    assert errors(judge(_identified(("http://a", "")), held)) == [("Patient.identifier[0].value", "fhir.structure.cardinalite")]


def test_ordered_and_open_at_end_slices_keep_their_rank() -> None:
    ordered = [dict(SLICED[0]), *SLICED[1:]]
    ordered[0]["slicing"] = {"discriminator": [{"type": "value", "path": "system"}], "rules": "openAtEnd", "ordered": True}
    held = profile("Patient", *ordered)
    assert judge(_identified(("http://a", "1"), ("http://b", "2"), ("http://c", "3")), held).accepted
    for rows in ([("http://b", "2"), ("http://a", "1")], [("http://c", "1"), ("http://a", "2")]):
        assert ("Patient.identifier[1]", "fhir.decoupage.tranche") in errors(judge(_identified(*rows), held))


def test_a_profile_laid_over_another_adds_to_it() -> None:
    parent = profile("Patient", *SLICED, url="parent")
    child = profile("Patient", {"id": "Patient.identifier:b", "min": 1}, {"id": "Patient.gender", "min": 1}, base=HERE + "parent")
    assert set(errors(judge(_identified(("http://a", "1")), child, parent))) == {
        ("Patient.gender", "fhir.structure.cardinalite"),
        ("Patient.identifier", "fhir.structure.cardinalite"),
    }


@pytest.mark.parametrize(
    ("discriminator", "rows", "good", "bad"),
    [
        (
            {"type": "type", "path": "$this"},
            [{"id": "Observation.value[x]:valueQuantity", "min": 1, "type": [{"code": "Quantity"}]}],
            {"valueQuantity": {"value": 1}},
            {"valueString": "x"},
        ),
        (
            {"type": "exists", "path": "code"},
            [{"id": "Observation.component:q", "min": 1}, {"id": "Observation.component:q.dataAbsentReason", "min": 1}],
            {"component": [{"code": {"text": "c"}, "dataAbsentReason": {"text": "?"}}]},
            {},
        ),
    ],
)
def test_other_discriminators(discriminator: dict[str, str], rows: list[dict[str, Any]], good: Any, bad: Any) -> None:
    sliced = rows[0]["id"].partition(":")[0]
    held = profile("Observation", {"id": sliced, "slicing": {"discriminator": [discriminator], "rules": "open"}}, *rows)
    base = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}}
    assert judge(base | good, held).accepted
    assert not judge(base | bad, held).accepted


def _bundle(kind: str, *entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def _entry(rank: int, resource: dict[str, Any], method: str = "POST", url: str = "") -> dict[str, Any]:
    return {
        "fullUrl": UUID + str(rank),
        "resource": resource,
        "request": {"method": method, "url": url or resource["resourceType"]},
    }


OBSERVED = {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "subject": {"reference": UUID + "1"}}


def test_references_are_resolved_inside_a_bundle() -> None:
    assert judge(_bundle("transaction", _entry(1, PATIENT), _entry(2, OBSERVED))).accepted
    lost = judge(_bundle("transaction", _entry(3, PATIENT), _entry(2, OBSERVED)))
    assert errors(lost) == [("Bundle.entry[1].resource.subject", "fhir.reference.resolue")]
    wrong = judge(_bundle("transaction", _entry(1, {"resourceType": "Practitioner", "active": True}), _entry(2, OBSERVED)))
    assert errors(wrong) == [("Bundle.entry[1].resource.subject", "fhir.reference.cible")]


def test_a_target_follows_the_profile_wanted() -> None:
    target = profile("Patient", {"id": "Patient.gender", "min": 1}, url="usager")
    held = profile(
        "Observation", {"id": "Observation.subject", "type": [{"code": "Reference", "targetProfile": [HERE + "usager"]}]}
    )
    bundle = profile(
        "Bundle",
        {"id": "Bundle.entry", "slicing": {"discriminator": [{"type": "type", "path": "resource"}], "rules": "open"}},
        {"id": "Bundle.entry:o", "sliceName": "o"},
        {"id": "Bundle.entry:o.resource", "type": [{"code": "Observation", "profile": [HERE + "p"]}]},
        url="lot",
    )
    good = _bundle("transaction", _entry(1, PATIENT | {"gender": "male"}), _entry(2, OBSERVED))
    assert judge(good, held, target, bundle, asked=(HERE + "lot",)).accepted
    bad = _bundle("transaction", _entry(1, PATIENT), _entry(2, OBSERVED))
    assert errors(judge(bad, held, target, bundle, asked=(HERE + "lot",))) == [
        ("Bundle.entry[1].resource.subject", "fhir.reference.cible")
    ]


@pytest.mark.parametrize(
    ("bundle", "path"),
    [
        (_bundle("transaction", _entry(1, PATIENT), _entry(1, PATIENT)), "Bundle.entry[1].fullUrl"),
        (_bundle("transaction", {"request": {"method": "POST", "url": "Patient"}}), "Bundle.entry[0].resource"),
        (_bundle("transaction", _entry(1, PATIENT, "DELETE")), "Bundle.entry[0].resource"),
        (_bundle("transaction", _entry(1, PATIENT, "PUT", "Patient/9")), "Bundle.entry[0].request.url"),
        (_bundle("transaction-response", {"response": {"status": "créé"}}), "Bundle.entry[0].response.status"),
        (_bundle("searchset", {"fullUrl": UUID + "1", "search": {"mode": "match"}}), "Bundle.entry[0].resource"),
    ],
)
def test_bundle_rules(bundle: dict[str, Any], path: str) -> None:
    assert (path, "fhir.bundle.coherent") in errors(judge(bundle))


def test_an_unknown_value_set_is_said_and_not_passed() -> None:
    held = profile("Patient", {"id": "Patient.maritalStatus", "binding": {"strength": "required", "valueSet": HERE + "vs"}})
    outcome = judge(PATIENT | {"maritalStatus": {"coding": [{"system": "http://s", "code": "M"}]}}, held)
    assert outcome.accepted
    assert [(i.rule.value, i.expected) for i in outcome.issues if i.rule.value.startswith("fhir.terminologie.v")] == [
        ("fhir.terminologie.verifiable", f"un code de {HERE}vs")
    ]


def test_an_absent_profile_is_said_and_is_no_error() -> None:
    outcome = judge(PATIENT | {"meta": {"profile": ["http://nulle/part"]}})
    assert outcome.accepted
    assert outcome.absent == ("http://nulle/part",)


def test_must_support_is_information() -> None:
    outcome = judge(PATIENT, profile("Patient", {"id": "Patient.gender", "mustSupport": True}))
    assert [(i.rule.value, i.severity.value) for i in outcome.issues if "attendus" in i.rule.value] == [
        ("fhir.profil.elements-attendus", "information")
    ]


def test_an_invariant_that_nobody_evaluates_is_said() -> None:
    rule = {"key": "x-1", "severity": "error", "human": "?", "expression": "name.fonctionInconnue() = 1"}
    outcome = judge(
        PATIENT,
        profile("Patient", {"id": "Patient.name", "min": 0})
        | {"differential": {"element": [{"id": "Patient", "path": "Patient", "constraint": [rule]}]}},
    )
    assert [i.rule.value for i in outcome.issues if i.key == "x-1"] == ["fhir.invariant.evaluable"]


def test_the_tables_cover_r4() -> None:
    types = Types(Definitions())
    assert len(types.names()) == 146
    assert tables().origin.package == "hl7.fhir.r4.core"
