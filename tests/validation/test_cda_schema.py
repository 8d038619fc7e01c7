"""Our XSD of CDA R2: fresh, complete enough for the official samples, and strict about the rest."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.providers import provide
from dui_conformance.validation.cda import CdaDocument, diagnose, validate
from dui_conformance.validation.cda.generation import FOLDER, generate
from dui_conformance.validation.cda.times import has_unknown_part, read
from dui_conformance.validation.document import Document
from dui_conformance.validation.xds.submission import DepositedDocument
from dui_conformance.validation.xml import parse
from lxml import etree

DATA = Path(__file__).parent.parent / "data" / "cda"
OFFICIAL = Path(__file__).parents[2] / ".." / "shared" / "data" / "cda" / "samples"
H = "{urn:hl7-org:v3}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@pytest.fixture
def note() -> etree._Element:
    return copy.deepcopy(parse((DATA / "note_vaccination.xml").read_bytes()))


def test_committed_schema_is_what_the_table_gives() -> None:
    for name, text in generate().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name} : relancer dui_conformance.validation.cda.generation"


@pytest.mark.parametrize("name", ["note_vaccination", "document_niveau_1"])
def test_our_documents_follow_the_schema_for_both_engines(name: str) -> None:
    data = (DATA / f"{name}.xml").read_bytes()
    assert validate(parse(data)) == ()
    assert diagnose(data) == []


def test_official_samples_follow_the_schema() -> None:
    if not OFFICIAL.is_dir():
        pytest.skip("documents d'exemple officiels absents de cette machine")
    refused = {path.name: validate(parse(path.read_bytes())) for path in OFFICIAL.glob("*.xml")}
    assert len(refused) == 8
    assert not any(refused.values()), refused


def find(root: etree._Element, path: str) -> etree._Element:
    found = root.find("/".join(H + step for step in path.split("/")))
    assert found is not None
    return found


def misspelt(root: etree._Element) -> None:
    find(root, "title").tag = f"{H}titre"


def misplaced(root: etree._Element) -> None:
    root.insert(0, find(root, "versionNumber"))


def missing(root: etree._Element) -> None:
    root.remove(find(root, "custodian"))


def attribute_missing(root: etree._Element) -> None:
    del find(root, "participant").attrib["typeCode"]


def attribute_unknown(root: etree._Element) -> None:
    find(root, "code").set("libelle", "x")


def code_outside_its_list(root: etree._Element) -> None:
    find(root, "documentationOf/serviceEvent/performer").set("typeCode", "ZZZ")


def wrong_date(root: etree._Element) -> None:
    find(root, "effectiveTime").set("value", "15/10/2026")


def wrong_integer(root: etree._Element) -> None:
    find(root, "versionNumber").set("value", "1.0")


def empty_attribute(root: etree._Element) -> None:
    find(root, "code").set("displayName", "")


def text_among_elements(root: etree._Element) -> None:
    find(root, "recordTarget").text = "usager"


def child_of_a_code(root: etree._Element) -> None:
    etree.SubElement(find(root, "languageCode"), f"{H}originalText")


def value_without_type(root: etree._Element) -> None:
    value = next(e for e in root.iter(f"{H}value") if e.get(XSI_TYPE) == "PQ")
    del value.attrib[XSI_TYPE]


def unknown_type(root: etree._Element) -> None:
    next(e for e in root.iter(f"{H}value") if e.get(XSI_TYPE) == "PQ").set(XSI_TYPE, "PQX")


def wrong_root_identifier(root: etree._Element) -> None:
    find(root, "id").set("root", "1.2.250.01.x")


def wrong_type_id(root: etree._Element) -> None:
    find(root, "typeId").set("root", "1.2.3")


def two_bodies(root: etree._Element) -> None:
    etree.SubElement(find(root, "component"), f"{H}nonXMLBody")


@pytest.mark.parametrize(
    ("spoil", "said", "at"),
    [
        (misspelt, "Élément inattendu", "/ClinicalDocument/titre"),
        (misplaced, "Élément inattendu", "/ClinicalDocument/"),
        (missing, "Élément inattendu", "/ClinicalDocument/informationRecipient"),
        (attribute_missing, "L'attribut obligatoire typeCode manque", "/ClinicalDocument/participant"),
        (attribute_unknown, "L'attribut libelle n'est pas permis", "/ClinicalDocument/code"),
        (code_outside_its_list, "« ZZZ » n'est pas permise", "/performer"),
        (wrong_date, "n'a pas la forme attendue", "/ClinicalDocument/effectiveTime"),
        (wrong_integer, "« 1.0 »", "/ClinicalDocument/versionNumber"),
        (empty_attribute, "vide", "/ClinicalDocument/code"),
        (text_among_elements, "Du texte est écrit", "/ClinicalDocument/recordTarget"),
        (child_of_a_code, "permis", "/ClinicalDocument/languageCode"),
        (value_without_type, "type de la valeur", "/observation/value"),
        (unknown_type, "« PQX » n'existe pas", "/observation/value"),
        (wrong_root_identifier, "1.2.250.01.x", "/ClinicalDocument/id"),
        (wrong_type_id, "1.2.3", "/ClinicalDocument/typeId"),
        (two_bodies, "Élément inattendu", "/component/nonXMLBody"),
    ],
)
def test_wrong_structure_is_said_in_french_with_its_place(
    note: etree._Element, spoil: Callable[[etree._Element], None], said: str, at: str
) -> None:
    spoil(note)
    problem = validate(note)[0]
    assert said in problem.message, problem
    assert at in problem.at, problem
    assert problem.received
    assert "Element" not in problem.message
    assert diagnose(etree.tostring(note)), "xmlschema doit refuser aussi"


def test_view_gives_what_profiles_need() -> None:
    document = provide(CdaDocument, Document((DATA / "note_vaccination.xml").read_bytes(), "note.xml"))
    assert (document.kind, document.body, document.id) == ("document.cda.87273-9.note-vaccination", "structure", "note.xml")
    assert document.templates["1.2.250.1.213.1.1.1.46"] == "2023.01"
    assert document.set_id == "2.25.301466219112217461163152471125478126422"
    assert provide(CdaDocument, Document((DATA / "document_niveau_1.xml").read_bytes())).body == "niveau 1"


def test_view_is_reached_from_a_deposit() -> None:
    entry: Any = SimpleNamespace(unique_id="1.2.3", id="d1")
    deposited = DepositedDocument(entry=entry, content=(DATA / "note_vaccination.xml").read_bytes(), at="")
    assert provide(CdaDocument, deposited).id == "1.2.3"


@pytest.mark.parametrize("data", [b"<a/>", b"pas du XML", b""])
def test_view_is_refused_for_what_is_not_a_cda(data: bytes) -> None:
    with pytest.raises(Inconclusive):
        provide(CdaDocument, Document(data))


@pytest.mark.parametrize("text", ["2026", "202602", "20260228", "20240229", "20260228235959+0100", "20260228235959.123-0530"])
def test_real_dates_are_read(text: str) -> None:
    assert read(text) is not None


@pytest.mark.parametrize(
    "text",
    ["", "26", "20261345", "20260230", "20230229", "2026022824", "20260228235960", "20260228+9900", "2026-02-28", "202602281"],
)
def test_dates_out_of_the_calendar_are_refused(text: str) -> None:
    assert read(text) is None


def test_unknown_parts_of_a_birth_date_are_told_apart() -> None:
    assert has_unknown_part("19600000")
    assert not has_unknown_part("19600515")
    assert read("20261015100000+0200").start == read("20261015080000").start  # type: ignore[union-attr]
