"""Resources that use all that our profiles say: each slice, each extension, each optional element that they constrain."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dui_conformance.validation.fhir.attendus import SDO, SETMIN, TDDUI, TDDUI_CDA
from samples import sidoba

DATA = Path(__file__).parents[2] / "data" / "fhir"
FRCORE = "https://hl7.fr/ig/fhir/core"
V2 = "http://terminology.hl7.org/CodeSystem/v2-0203"
FR_V2 = f"{FRCORE}/CodeSystem/fr-core-cs-v2-0203"
GUIDE = "https://interop.esante.gouv.fr/ig/fhir/tddui"
LOCAL = "https://identifiant-medicosocial-localusager.esante.gouv.fr"
REASONS = "https://mos.esante.gouv.fr/NOS/TRE_R358-MotifStatutPersonnePriseCharge/FHIR/TRE-R358-MotifStatutPersonnePriseCharge"
MATRICULE = "255069999999934"
Json = dict[str, Any]


def load(name: str) -> Json:
    """A resource of ``tests/data/fhir``."""
    content: Json = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return content


def full() -> Iterator[tuple[str, Json, str]]:
    """Each good resource: a name, its content, the profile that it follows."""
    for name in ("esms-task", "esms-consent", "esms-document-reference", "tddui-bundle"):
        yield name, load(name), load(name)["meta"]["profile"][0]
    for entry in load("tddui-bundle")["entry"]:
        (profile,) = entry["resource"]["meta"]["profile"]
        yield f"lot {profile.rpartition('/')[2]}", entry["resource"], profile
    yield "esms-task à motif", _task_with_reason(), f"{SDO}esms-task"
    yield (
        "réponse de décisions",
        _searchset(load("esms-document-reference")),
        f"{SDO}esms-bundle-resultat-recherche-decision-evaluation",
    )
    yield "réponse de notifications", _searchset(load("esms-task")), f"{SDO}esms-bundle-resultat-recherche-notification-esms"
    yield "usager sans INS", _patient(), f"{TDDUI}tddui-patient"
    for nature, use, oid in (("INS-NIR", "official", "8"), ("INS-NIA", "temp", "9"), ("INS-NIR-DEMO", "official", "11")):
        yield f"usager {nature}", _patient_ins(nature, use, oid), f"{TDDUI}tddui-patient-ins"
    yield "structure", _organization(), f"{TDDUI}tddui-organization"
    for name in ("organization", "practitioner"):
        yield f"fr-core-{name}", _bare(f"tddui-{name}"), f"{FRCORE}/StructureDefinition/fr-core-{name}"
    yield "exercice", _role(), f"{TDDUI}tddui-practitioner-role"
    yield "séjour", _stay(), f"{TDDUI}tddui-encounter-sejour"
    yield "événement", _event(), f"{TDDUI}tddui-encounter-evenement"
    yield (
        "évaluation",
        _of("tddui-questionnaire-response") | {"source": _to("Practitioner")},
        f"{TDDUI}tddui-questionnaire-response",
    )
    yield "transport d'usager", _transport("TPPat", _PATIENT_INPUTS), f"{TDDUI}tddui-task-transport-usager"
    pro = _transport("TPPro", {}) | {"for": _to("Practitioner")}
    yield "transport de professionnel", pro, f"{TDDUI}tddui-task-transport-professionnel"
    yield "contact", _contact(), f"{TDDUI}tddui-related-person-contact"
    yield "lot SetMinFHIR", load("tddui-bundle"), SETMIN
    yield "lot de documents", _documents(), f"{TDDUI_CDA}tddui-bundle"
    yield "fiche de document", _sheet(), f"{TDDUI_CDA}tddui-documentreference"


def _of(profile: str) -> Json:
    held = next(
        e["resource"] for e in load("tddui-bundle")["entry"] if e["resource"]["meta"]["profile"][0].endswith("/" + profile)
    )
    return copy.deepcopy(held)


def _bare(profile: str) -> Json:
    return {name: value for name, value in _of(profile).items() if name != "meta"}


def _to(kind: str) -> Json:
    return {"reference": f"{kind}/1"}


def _concept(system: str, code: str) -> Json:
    return {"coding": [{"system": system, "code": code}]}


def _searchset(resource: Json) -> Json:
    entry = {"fullUrl": f"https://exemple.test/{resource['resourceType']}/{resource.get('id', '1')}", "resource": resource}
    return {"resourceType": "Bundle", "type": "searchset", "total": 1, "entry": [entry]}


def _task_with_reason() -> Json:
    task = load("esms-task")
    kind = _concept("https://interop.esante.gouv.fr/ig/fhir/sdo/CodeSystem/input-task-sdo-codesystem", "motifESMS")
    task["input"].append({"type": kind, "valueCodeableConcept": _concept(REASONS, "113")})
    return task


def _identifier(use: str, type_: Json | None, system: str, value: str) -> Json:
    return {"use": use, **({"type": type_} if type_ else {}), "system": system, "value": value}


def _pi() -> Json:
    return _identifier("usual", _concept(V2, "PI"), LOCAL, "3480787529/194704032")


def _reliability() -> Json:
    rows = (
        ("identityStatus", "Coding", {"system": f"{FRCORE}/CodeSystem/fr-core-cs-fiabilite-identite", "code": "VALI"}),
        ("methodCollection", "Coding", {"code": "INSi"}),
        ("dateInterrogationINSi", "DateTime", "2026-01-05"),
        ("validationDate", "Date", "2026-01-05"),
        ("validationMode", "String", "carte nationale d'identité"),
        ("comment", "String", "vérifiée"),
    )
    return _extension(f"{FRCORE}/StructureDefinition/fr-core-identity-reliability", *rows)


def _extension(url: str, *rows: tuple[str, str, Any]) -> Json:
    return {"url": url, "extension": [{"url": name, f"value{kind}": value} for name, kind, value in rows]}


def _birth_place() -> Json:
    commune = "https://mos.esante.gouv.fr/NOS/TRE_R13-CommuneOM/FHIR/TRE-R13-CommuneOM"
    code = {
        "url": f"{FRCORE}/StructureDefinition/fr-core-address-insee-code",
        "valueCoding": {"system": commune, "code": "01006"},
    }
    return {"url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace", "valueAddress": {"extension": [code]}}


def _patient() -> Json:
    nationality = ("code", "CodeableConcept", _concept("urn:iso:std:iso:3166", "FR"))
    household = (
        ("familySituation", "CodeableConcept", {"text": "veuf"}),
        ("householdComposition", "CodeableConcept", {"text": "seul"}),
        ("householdCompositionDescription", "String", "vit seul"),
    )
    return {
        "resourceType": "Patient",
        "extension": [
            _reliability(),
            _birth_place(),
            _extension("http://hl7.org/fhir/StructureDefinition/patient-nationality", nationality),
            _extension(f"{GUIDE}/StructureDefinition/tddui-household-situation", *household),
            _comment(),
        ],
        "identifier": [
            _identifier("official", _concept(V2, "NH"), "urn:oid:1.2.250.1.213.1.4.8", MATRICULE),
            _identifier("secondary", _concept(FR_V2, "NDP"), "urn:oid:1.2.250.1.176.1.2", "1"),
            _identifier("usual", _concept(f"{GUIDE}/CodeSystem/tddui-identifier", "PIN"), "urn:oid:1.2.250.1.213.7.48", "MDPH-1"),
            _identifier("secondary", _concept(V2, "DL"), "urn:oid:2.25.1", "PERMIS-1"),
            _identifier("old", _concept(FR_V2, "INS-NIR"), "urn:oid:1.2.250.1.213.1.4.8", MATRICULE),
            _pi(),
        ],
        "name": [
            {"use": "official", "family": "PATTEST", "given": ["MARIE"]},
            {"use": "usual", "family": "PATTEST", "given": ["MARIE"]},
        ],
        "gender": "female",
        "birthDate": "1955-06-15",
        "_birthDate": {"extension": [{"url": f"{GUIDE}/StructureDefinition/tddui-birth-order", "valuePositiveInt": 1}]},
    }


def _comment() -> Json:
    return {"url": f"{GUIDE}/StructureDefinition/tddui-comment", "valueString": "préfère le matin"}


def _patient_ins(nature: str, use: str, oid: str) -> Json:
    patient = _of("tddui-patient-ins")
    matricule = _identifier(use, _concept(FR_V2, nature), f"urn:oid:1.2.250.1.213.1.4.{oid}", MATRICULE)
    usual = {"use": "usual", "family": "PATTEST", "given": ["MARIE"]}
    patient["extension"][0] = _reliability()
    return patient | {"identifier": [matricule, _pi()], "name": [*patient["name"], usual]}


def _organization() -> Json:
    rows = (("FINEJ", "finess.esante.gouv.fr", "480787511"), ("FINEG", "finess.esante.gouv.fr", "480787529"))
    rows += (("SIREN", "sirene.fr", "999999999"), ("SIRET", "sirene.fr", "99999999900001"))
    held = _of("tddui-organization")
    held["identifier"] += [
        {"type": _concept(FR_V2, code), "system": f"https://{system}", "value": value} for code, system, value in rows
    ]
    return held


def _role() -> Json:
    return {
        "resourceType": "PractitionerRole",
        "practitioner": _to("Practitioner"),
        "organization": _to("Organization"),
        "code": [{"text": "infirmier"}],
    }


def _stay() -> Json:
    held = _of("tddui-encounter-sejour")
    kind = _concept(f"{GUIDE}/CodeSystem/tddui-encounter-identifier", "NUMDOSS")
    held["identifier"].append({"type": kind, "system": "urn:oid:2.25.2", "value": "D-1"})
    planned = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.planned{}Date"
    dates = [{"url": planned.format(name), "valueDateTime": "2026-01-05"} for name in ("Start", "End")]
    return held | {"extension": [_comment(), *dates], "hospitalization": {"origin": _to("Organization")}}


def _event() -> Json:
    return _of("tddui-encounter-evenement") | {"location": [{"location": _to("Location")}], "account": [_to("Account")]}


_MONEY = {"valueMoney": {"value": 12, "currency": "EUR"}}
_INPUTS: dict[str, Json] = {
    "typeMotorisation": {"valueCodeableConcept": _concept("https://smt.esante.gouv.fr/terminologie-cisis", "GEN-354")},
    "adresseDepart": {"valueAddress": {"city": "Ville fictive"}},
    "adresseDestination": {"valueAddress": {"city": "Ville fictive"}},
    "budgetPrevisionnel": _MONEY,
    "budgetReel": _MONEY,
    "distance": {"valueDistance": {"value": 12.5, "unit": "km", "system": "http://unitsofmeasure.org", "code": "km"}},
    "dureeTheorique": {"valueDuration": {"value": 20, "unit": "min", "system": "http://unitsofmeasure.org", "code": "min"}},
}
_PATIENT_INPUTS: dict[str, Json] = {
    "accompagnement": {"valueBoolean": True},
    "asepsie": {"valueBoolean": False},
    "natureTransport": {"valueCodeableConcept": {"text": "rendez-vous"}},
}


def _transport(mark: str, more: dict[str, Json]) -> Json:
    held = _of("tddui-task-transport-usager")
    system = f"{GUIDE}/CodeSystem/tddui-task-input-transport"
    rows = [{"type": _concept(system, code), **value} for code, value in (_INPUTS | more).items()]
    del held["meta"]
    return held | {"identifier": [{"value": f"3480787529/194704032-{mark}-1"}], "input": rows}


def _contact() -> Json:
    return {"resourceType": "RelatedPerson", "patient": _to("Patient"), "address": [{"city": "Ville fictive"}]}


def _documents() -> Json:
    bundle: Json = json.loads(sidoba.play().ssiad().http.body.read())
    bundle["entry"][0]["resource"]["content"][0]["attachment"]["data"] = "PGE+"
    return bundle


def _sheet() -> Json:
    held: Json = _documents()["entry"][0]["resource"]
    return held | {"context": {"sourcePatientInfo": {"reference": "#usager"}}}
