"""Writes the .xsd files of this package from ``xsd/structure.txt`` and ``xsd/types.modele.xsd``.

``python -m dui_conformance.validation.cda.generation`` rewrites them; a test checks that the committed files are fresh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import quoteattr

FOLDER = Path(__file__).with_name("xsd")
NAMESPACES = {
    "": "urn:hl7-org:v3",
    "sdtc": "urn:hl7-org:sdtc",
    "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2",
    "pharm": "urn:ihe:pharm:medication",
    "dicom": "urn:dicom-org:ps3-20",
}
_HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- Written by dui_conformance.validation.cda.generation: do not edit. -->\n'
_STATEMENTS = {
    "act": "Act",
    "encounter": "Encounter",
    "observation": "Observation",
    "observationMedia": "ObservationMedia",
    "organizer": "Organizer",
    "procedure": "Procedure",
    "regionOfInterest": "RegionOfInterest",
    "substanceAdministration": "SubstanceAdministration",
    "supply": "Supply",
}
_MACROS = {
    "<clinicalStatement>": ["( " + " | ".join(f"{name} 1 {type_}" for name, type_ in _STATEMENTS.items()) + " ) 1"],
    "<participations>": [
        "subject ? Subject",
        "specimen * Specimen",
        "performer * Performer2",
        "author * Author",
        "informant * Informant",
        "participant * Participant2",
    ],
    "<relations>": ["entryRelationship * EntryRelationship", "reference * Reference", "precondition * Precondition"],
}
_GLOBALS = {"ClinicalDocument": "ClinicalDocument", "originalText": "ED", "translation": "CD"}
_OCCURS = {"1": "", "?": ' minOccurs="0"', "*": ' minOccurs="0" maxOccurs="unbounded"', "+": ' maxOccurs="unbounded"'}


@dataclass
class _Class:
    name: str
    space: str
    attributes: list[str] = field(default_factory=list)
    elements: list[str] = field(default_factory=list)


def generate() -> dict[str, str]:
    """The text of every generated file, by file name."""
    classes, vocabularies = _read((FOLDER / "structure.txt").read_text(encoding="utf-8"))
    extensions: dict[str, dict[str, str]] = {prefix: {} for prefix in NAMESPACES if prefix}
    bodies: dict[str, list[str]] = {prefix: [] for prefix in NAMESPACES}
    for each in classes:
        bodies[each.space].append(_complex_type(each, vocabularies, extensions))
    files = {"types.xsd": _types(vocabularies["AddressParts"]), "cda.xsd": _main(bodies[""])}
    for prefix, globals_ in extensions.items():
        files[f"{prefix}.xsd"] = _extension(prefix, globals_, bodies[prefix])
    return files


def _read(text: str) -> tuple[list[_Class], dict[str, str]]:
    classes: list[_Class] = []
    vocabularies: dict[str, str] = {}
    space = ""
    for line in (raw.strip() for raw in text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if line.startswith("= "):
            _, name, codes = line.split(" ", 2)
            vocabularies[name] = codes
        elif line.startswith("{"):
            space = line.strip("{}")
        elif line.startswith("["):
            classes.append(_Class(line.strip("[]"), space))
        elif line.startswith("@"):
            classes[-1].attributes.append(line[1:])
        else:
            classes[-1].elements += _MACROS.get(line.removesuffix(" 1"), [line])
    return classes, vocabularies


def _complex_type(each: _Class, vocabularies: dict[str, str], extensions: dict[str, dict[str, str]]) -> str:
    rows = list(_base(each)) + [_particle(row, extensions) for row in each.elements if not row.startswith("typeId")]
    attributes = [_attribute(row, vocabularies) for row in each.attributes]
    null = "hl7:nullFlavor" if each.space else "nullFlavor"
    attributes.append(f'    <xs:attribute name="nullFlavor" type="{null}"/>')
    return "\n".join(
        [
            f'  <xs:complexType name="{each.name}">',
            "    <xs:sequence>",
            *rows,
            "    </xs:sequence>",
            *attributes,
            "  </xs:complexType>",
        ]
    )


def _base(each: _Class) -> Iterator[str]:
    """What every class of the standard begins with; extension classes have none of it."""
    if each.space:
        return
    compulsory = "" if "typeId 1" in each.elements else ' minOccurs="0"'
    yield '      <xs:element name="realmCode" type="CS" minOccurs="0" maxOccurs="unbounded"/>'
    yield f'      <xs:element name="typeId" type="typeId"{compulsory}/>'
    yield '      <xs:element name="templateId" type="II" minOccurs="0" maxOccurs="unbounded"/>'


def _particle(row: str, extensions: dict[str, dict[str, str]]) -> str:
    if row.startswith("("):
        inner, _, occurs = row[1:].rpartition(")")
        options = [_particle(option.strip(), extensions).strip() for option in inner.split("|")]
        return f"      <xs:choice{_OCCURS[occurs.strip()]}>" + "".join(options) + "</xs:choice>"
    name, occurs, type_ = row.split()
    prefix, _, local = name.rpartition(":")
    if not prefix:
        return f'      <xs:element name="{local}" type="{_typed(type_, prefix="")}"{_OCCURS[occurs]}/>'
    if extensions[prefix].setdefault(local, type_) != type_:
        raise ValueError(f"{name} a deux types : {type_} et {extensions[prefix][local]}")
    return f'      <xs:element ref="{name}"{_OCCURS[occurs]}/>'


def _typed(type_: str, *, prefix: str) -> str:
    """The type's name as written in the schema of ``prefix``; pharmacy and laboratory classes live in their own namespace."""
    owner = re.match(r"(Pharm|Lab)(?=[A-Z])", type_)
    if owner is not None:
        return f"{owner[1].lower()}:{type_}"
    return f"hl7:{type_}" if prefix else type_


def _attribute(row: str, vocabularies: dict[str, str]) -> str:
    name, codes = row.split(" ", 1)
    use = ' use="required"' if name.endswith("!") else ""
    name = name.rstrip("!")
    if codes in {"bl", "cs", "id"}:
        simple = {"bl": "bl", "cs": "hl7:cs", "id": "xs:ID"}[codes]
        return f'    <xs:attribute name="{name}" type="{simple}"{use}/>'
    expanded = re.sub(r"%(\w+)%", lambda m: vocabularies[m.group(1)], codes).split()
    values = "".join(f"<xs:enumeration value={quoteattr(code)}/>" for code in dict.fromkeys(expanded))
    restriction = f'<xs:restriction base="xs:token">{values}</xs:restriction>'
    return f'    <xs:attribute name="{name}"{use}><xs:simpleType>{restriction}</xs:simpleType></xs:attribute>'


def _types(address_parts: str) -> str:
    text = (FOLDER / "types.modele.xsd").read_text(encoding="utf-8")
    intervals = "\n".join(_interval(quantity) for quantity in ("TS", "PQ", "INT", "REAL", "MO"))
    parts = "\n".join(f'        <xs:element name="{part}" type="ADXP"/>' for part in address_parts.split())
    text = text.replace("%INTERVALS%", intervals).replace("%ADDRESS%", parts)
    return _HEADER + text.split("?>\n", 1)[1]


def _interval(quantity: str) -> str:
    width = "PQ" if quantity == "TS" else quantity
    text = (FOLDER / "intervalle.modele.xsd").read_text(encoding="utf-8")
    return text.replace("%QUANTITY%", quantity).replace("%BOUND%", f"IVXB_{quantity}").replace("%WIDTH%", width)


def _opening(prefix: str) -> str:
    spaces = [f'xmlns:{p}="{ns}"' for p, ns in NAMESPACES.items() if p]
    own = NAMESPACES[prefix]
    default = f'xmlns="{own}"' if not prefix else f'xmlns:hl7="{NAMESPACES[""]}"'
    return (
        f'{_HEADER}<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" {default} {" ".join(spaces)} '
        f'targetNamespace="{own}" elementFormDefault="qualified">\n'
    )


def _main(types: list[str]) -> str:
    lines = [_opening("").rstrip()]
    lines += [f'  <xs:import namespace="{ns}" schemaLocation="{prefix}.xsd"/>' for prefix, ns in NAMESPACES.items() if prefix]
    lines += ['  <xs:include schemaLocation="types.xsd"/>', '  <xs:include schemaLocation="recit.xsd"/>']
    lines += [f'  <xs:element name="{name}" type="{type_}"/>' for name, type_ in _GLOBALS.items()]
    lines += [*types, "</xs:schema>", ""]
    return "\n".join(lines)


def _extension(prefix: str, globals_: dict[str, str], types: list[str]) -> str:
    lines = [_opening(prefix).rstrip(), f'  <xs:import namespace="{NAMESPACES[""]}" schemaLocation="cda.xsd"/>']
    lines += [f'  <xs:element name="{name}" type="{_typed(type_, prefix=prefix)}"/>' for name, type_ in sorted(globals_.items())]
    if prefix == "pharm":
        lines.append((FOLDER / "pharm.modele.xsd").read_text(encoding="utf-8").rstrip())
    lines += [re.sub(r'type="(?!hl7:|lab:|pharm:|xs:)(\w+)"', r'type="hl7:\1"', each) for each in types]
    return "\n".join([*lines, "</xs:schema>", ""])


def main() -> None:
    """Rewrite the generated files."""
    for name, text in generate().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
