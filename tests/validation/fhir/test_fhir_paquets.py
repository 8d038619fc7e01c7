"""Packages: added as packs, pinned, found in the standard cache; and the published TDDUI CDA package with its two examples."""

from __future__ import annotations

import json
import tarfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.validation.fhir.context import FhirPackages
from dui_conformance.validation.fhir.packages import make_validator
from dui_conformance.validation.packs.store import PackStore

NOW = datetime(2026, 11, 22, 12, 0)
TDDUI = Path(__file__).parents[3].parent / "shared" / "data" / "tddui" / "verbatim_cda_1.0.1"
needs_tddui = pytest.mark.skipif(not TDDUI.is_dir(), reason="paquet ans.cda.fr.tddui 1.0.1 absent (../shared/data/tddui)")
PROFILE = {
    "resourceType": "StructureDefinition",
    "url": "http://exemple.test/usager",
    "version": "2.0",
    "name": "Usager",
    "kind": "resource",
    "type": "Patient",
    "derivation": "constraint",
    "baseDefinition": "http://hl7.org/fhir/StructureDefinition/Patient",
    "differential": {
        "element": [{"id": "Patient", "path": "Patient"}, {"id": "Patient.gender", "path": "Patient.gender", "min": 1}]
    },
}


def write_package(folder: Path, name: str = "essai.fhir", version: str = "1.0.0", **more: Any) -> Path:
    """A small FHIR package."""
    held = folder / "package"
    held.mkdir(parents=True)
    manifest = {"name": name, "version": version, "fhirVersions": ["4.0.1"], **more}
    (held / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    (held / "StructureDefinition-usager.json").write_text(json.dumps(PROFILE), encoding="utf-8")
    (held / "Patient-exemple.json").write_text("{}", encoding="utf-8")
    return folder


def _patient(profile: str) -> bytes:
    return json.dumps({"resourceType": "Patient", "active": True, "meta": {"profile": [profile]}}).encode()


@pytest.mark.parametrize("archived", [True, False])
def test_a_package_becomes_a_pack_and_its_profile_judges(tmp_path: Path, archived: bool) -> None:
    source = write_package(tmp_path / "source")
    if archived:
        with tarfile.open(tmp_path / "package.tgz", "w:gz") as archive:
            archive.add(source / "package", "package")
        source = tmp_path / "package.tgz"
    pack = PackStore(tmp_path / "packs").add(source, now=NOW)
    assert (pack.name, pack.kind, pack.version, pack.files) == ("essai.fhir", "fhir", "1.0.0", 2)
    outcome = FhirPackages(((str(pack.folder), pack.sha256),)).validator.validate(_patient("http://exemple.test/usager|2.0"))
    assert [i.path for i in outcome.errors] == ["Patient.gender"]
    ((named, origin),) = outcome.profiles
    assert (named, str(origin), origin.sha256) == ("http://exemple.test/usager|2.0", "essai.fhir#1.0.0", pack.sha256)


def test_an_archive_is_read_without_unpacking(tmp_path: Path) -> None:
    write_package(tmp_path / "source")
    with tarfile.open(tmp_path / "p.tgz", "w:gz") as archive:
        archive.add(tmp_path / "source" / "package", "package")
    outcome = make_validator(((str(tmp_path / "p.tgz"), ""),), "").validate(_patient("http://exemple.test/usager"))
    assert [i.path for i in outcome.errors] == ["Patient.gender"]


def test_another_version_of_a_profile_is_absent(tmp_path: Path) -> None:
    source = write_package(tmp_path / "source")
    outcome = make_validator(((str(source), ""),), "").validate(_patient("http://exemple.test/usager|3.0"))
    assert outcome.absent == ("http://exemple.test/usager|3.0",)


def test_a_package_of_another_fhir_is_refused(tmp_path: Path) -> None:
    source = write_package(tmp_path / "source", fhirVersions=["5.0.0"])
    with pytest.raises(InputError, match="FHIR R4"):
        PackStore(tmp_path / "packs").add(source, now=NOW)


def test_what_a_package_needs_is_taken_from_the_cache(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    write_package(cache / "besoin.fhir#1.2.3", "besoin.fhir", "1.2.3")
    source = tmp_path / "source" / "package"
    source.mkdir(parents=True)
    manifest = {
        "name": "haut.fhir",
        "version": "1",
        "fhirVersions": ["4.0.1"],
        "dependencies": {"besoin.fhir": "1.2.3", "loin.fhir": "9"},
    }
    (source / "package.json").write_text(json.dumps(manifest), encoding="utf-8")
    above = PROFILE | {
        "url": "http://exemple.test/haut",
        "baseDefinition": PROFILE["url"],
        "differential": {"element": [PROFILE["differential"]["element"][0]]},
    }
    (source / "StructureDefinition-haut.json").write_text(json.dumps(above), encoding="utf-8")
    outcome = make_validator(((str(tmp_path / "source"), ""),), str(cache)).validate(_patient("http://exemple.test/haut"))
    assert [i.path for i in outcome.errors] == ["Patient.gender"]
    assert outcome.absent == ("loin.fhir#9",)
    alone = make_validator(((str(tmp_path / "source"), ""),), "").validate(_patient("http://exemple.test/haut"))
    assert alone.accepted
    assert "http://exemple.test/usager" in alone.absent


@needs_tddui
@pytest.mark.parametrize(
    ("name", "warned", "profiles"),
    [
        ("DocumentReference-TDDUIDocumentReferenceExample.json", [], ["tddui-documentreference|1.0.1"]),
        (
            "Bundle-TDDUIBundleExample.json",
            ["Bundle.entry[0].request.url", "Bundle.entry[1].request.url"],
            ["tddui-documentreference|1.0.1", "tddui-bundle|1.0.1"],
        ),
    ],
)
def test_the_published_examples_give_exactly_these_findings(name: str, warned: list[str], profiles: list[str]) -> None:
    outcome = make_validator(((str(TDDUI), ""),), "").validate((TDDUI / "example" / name).read_bytes())
    assert outcome.errors == ()
    assert [i.path for i in outcome.issues if i.severity.value == "avertissement"] == warned
    assert {i.rule.value for i in outcome.issues if i.severity.value == "information"} == {
        "fhir.profil.elements-attendus",
        "fhir.profil.disponible",
    }
    assert [named.rpartition("/")[2] for named, _ in outcome.profiles] == profiles
    assert set(outcome.absent) == {
        "hl7.terminology.r4#6.5.0",
        "hl7.fhir.fr.core#2.1.0",
        "ans.fr.terminologies#1.2.0",
        "hl7.fhir.uv.extensions#5.2.0",
        "https://interop.esante.gouv.fr/ig/fhir/tddui/StructureDefinition/tddui-documentreference",
    }


@needs_tddui
@pytest.mark.parametrize(
    ("change", "path", "rule"),
    [
        ({"docStatus": "final"}, "DocumentReference.docStatus", "fhir.structure.cardinalite"),
        ({"status": "superseded"}, "DocumentReference.status", "fhir.valeur.imposee"),
        ({"masterIdentifier": None}, "DocumentReference.masterIdentifier", "fhir.structure.cardinalite"),
        (
            {"content": [{"attachment": {"contentType": "text/xml", "data": "YQ=="}}]},
            "DocumentReference.content[0].attachment.title",
            "fhir.structure.cardinalite",
        ),
    ],
)
def test_the_published_profile_refuses(change: dict[str, Any], path: str, rule: str) -> None:
    content = json.loads((TDDUI / "example" / "DocumentReference-TDDUIDocumentReferenceExample.json").read_text(encoding="utf-8"))
    content |= change
    data = json.dumps({k: v for k, v in content.items() if v is not None}).encode()
    outcome = make_validator(((str(TDDUI), ""),), "").validate(data)
    assert (path, rule) in [(i.path, i.rule.value) for i in outcome.errors]
