"""Stored queries of the DMP (TD3.1): parameters, objects, refusals, bounds."""

from __future__ import annotations

import pytest
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.mocks.dmp.matching import like
from dui_conformance.validation.xml import parse
from samples.dmp import STATUS, vihf
from samples.dmp_garni import APPROVED, FIND, FOUND_BY, QUOTED, body, find, objects, order, retrieve, search, stocked, uids

ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"


@pytest.fixture
def dmp() -> Dmp:
    return stocked()


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ((), "124"),
        ((("XDSDocumentEntryTypeCode", "('11502-2^^2.16.840.1.113883.6.1','60591-5^^2.16.840.1.113883.6.1')"),), "24"),
        ((("XDSDocumentEntryClassCode", "('10^^1.2.250.1.213.1.1.4.1')"),), "12"),
        ((("XDSDocumentEntryClassCode", "('10^^9.9')"),), ""),
        ((("XDSDocumentEntryFormatCode", "('urn:ihe:iti:xds-sd:text:2008^^1.3.6.1.4.1.19376.1.2.3')"),), "124"),
        ((("XDSDocumentEntryFormatCode", "('autre^^1.3.6.1.4.1.19376.1.2.3')"),), ""),
        ((("XDSDocumentEntryCreationTimeFrom", "20260101"),), "24"),
        ((("XDSDocumentEntryCreationTimeTo", "'20260101000000'"),), "1"),
        ((("XDSDocumentEntryCreationTimeFrom", "20260201100000"), ("XDSDocumentEntryCreationTimeTo", "20260302")), "2"),
        ((("XDSDocumentEntryServiceStartTimeFrom", "20260302"),), "4"),
        ((("XDSDocumentEntryServiceStopTimeFrom", "2020"),), ""),
        ((("XDSDocumentEntryConfidentialityCode", "('INVISIBLE_PATIENT^^1.2.250.1.213.1.1.4.13')"),), "4"),
        (
            (
                ("XDSDocumentEntryConfidentialityCode", "('N^^2.16.840.1.113883.5.25')"),
                ("XDSDocumentEntryConfidentialityCode", "('INVISIBLE_PATIENT^^1.2.250.1.213.1.1.4.13')"),
            ),
            "4",
        ),
        ((("XDSDocumentEntryAuthorPerson", "('%FICTIVE%')"),), "124"),
        ((("XDSDocumentEntryAuthorPerson", "('%INCONNU%')"),), ""),
        ((("XDSDocumentEntryPracticeSettingCode", "('AMBULATOIRE^^1.2.250.1.213.1.1.4.9')"),), "124"),
        ((("XDSDocumentEntryHealthcareFacilityTypeCode", "('SA17^^1.2.250.1.71.4.2.4')"),), ""),
        ((("XDSDocumentEntryEventCodeList", "('X^^1')"),), ""),
    ],
)
def test_find_documents_applies_each_parameter(dmp: Dmp, slots: tuple[tuple[str, str], ...], expected: str) -> None:
    reply = find(dmp, *slots)
    assert reply.facts["statut"] == "Success"
    assert "".join(uids(reply)) == expected
    assert reply.facts["resultats"] == len(expected)


def test_status_and_return_type_are_applied(dmp: Dmp) -> None:
    order(dmp, "changer-statut", unique_id="1.2.3.1", statut="archive")
    archived = (("XDSDocumentEntryPatientId", QUOTED), ("XDSDocumentEntryStatus", f"('{ARCHIVED}')"))
    assert uids(search(dmp, *archived)) == ["1"]
    assert uids(find(dmp)) == ["2", "4"]
    reply = find(dmp, leaf=False)
    assert objects(reply) == ["ObjectRef", "ObjectRef"]
    assert [node.get("id") for node in body(reply).iter("{*}ObjectRef")] == [
        dmp.store.entries[f"1.2.3.{n}"].entry_uuid for n in "24"
    ]


@pytest.mark.parametrize(
    ("query", "slots", "expected"),
    [
        (
            "f26abbcb-ac74-4422-8a30-edb644bbc1a9",
            (("XDSSubmissionSetPatientId", QUOTED), ("XDSSubmissionSetStatus", APPROVED)),
            ["RegistryPackage", "Classification"] * 4,
        ),
        (
            "f26abbcb-ac74-4422-8a30-edb644bbc1a9",
            (
                ("XDSSubmissionSetPatientId", QUOTED),
                ("XDSSubmissionSetStatus", APPROVED),
                ("XDSSubmissionSetSubmissionTimeFrom", "20260301"),
                ("XDSSubmissionSetSubmissionTimeTo", "20260302"),
            ),
            ["RegistryPackage", "Classification"],
        ),
        (
            "10b545ea-725c-446d-9b95-8aeb444eddf3",
            (("patientId", QUOTED), ("XDSDocumentEntryStatus", APPROVED), ("XDSSubmissionSetStatus", APPROVED)),
            ["RegistryPackage", "Classification"] * 4 + ["ExtrinsicObject"] * 3 + ["Association"] * 3,
        ),
        (
            "5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4",
            (("XDSDocumentEntryUniqueId", "('1.2.3.1','1.2.3.2')"),),
            ["ExtrinsicObject"] * 2,
        ),
        (
            "bab9529a-4a10-40b3-a01f-f68a615d247a",
            (("XDSDocumentEntryUniqueId", "('1.2.3.1')"),),
            ["ExtrinsicObject", "Association"],
        ),
        (
            "e8e3cb2c-e39c-46b9-99e4-c12f57260b83",
            (("XDSSubmissionSetUniqueId", "'1.2.3.1.1'"),),
            ["RegistryPackage", "Classification", "ExtrinsicObject", "Association"],
        ),
        ("e8e3cb2c-e39c-46b9-99e4-c12f57260b83", (("XDSSubmissionSetUniqueId", "'9.9'"),), []),
        (
            "12941a89-e02e-4be5-967c-ce4bfc8fe492",
            (*FOUND_BY, ("XDSDocumentEntryReferenceIdList", "('X^^^&amp;1.2&amp;ISO^urn:ihe:iti:xds:2013:order')")),
            [],
        ),
    ],
)
def test_each_stored_query_gives_its_objects(
    dmp: Dmp, query: str, slots: tuple[tuple[str, str], ...], expected: list[str]
) -> None:
    assert objects(search(dmp, *slots, query=query)) == expected


def test_queries_by_entry_uuid_follow_associations(dmp: Dmp) -> None:
    order(dmp, "nouvelle-version", unique_id="1.2.3.1", nouveau="1.2.3.9", date="20260310")
    entry = dmp.store.entries["1.2.3.9"]
    quoted = f"('{entry.entry_uuid}')"
    links = search(dmp, ("uuid", quoted), query="a7ae438b-4bc2-4642-93e9-be891f7bb155")
    assert [node.get("associationType", "").rpartition(":")[2] for node in body(links).iter("{*}Association")] == [
        "HasMember",
        "RPLC",
    ]
    sets = search(dmp, ("uuid", quoted), query="51224314-5390-4169-9b91-b1980040715a")
    assert objects(sets) == ["RegistryPackage", "Classification", "Association"]
    replaces = "('urn:ihe:iti:2007:AssociationType:RPLC')"
    related = search(
        dmp,
        ("XDSDocumentEntryEntryUUID", quoted),
        ("AssociationTypes", replaces),
        query="d90e5407-b356-4d91-a89f-873917b4b0e6",
    )
    assert uids(related) == ["9", "1"]
    document = parse(dmp.store.read(entry.span))
    assert document.find("{*}versionNumber").get("value") == "2"  # type: ignore[union-attr]
    assert document.find("{*}setId").get("root") == "1.2.3.1"  # type: ignore[union-attr]
    assert dmp.store.entries["1.2.3.1"].status == f"{STATUS}Deprecated"


@pytest.mark.parametrize(
    ("query", "slots", "code"),
    [
        ("00000000-0000-0000-0000-000000000000", (), "XDSUnknownStoredQuery"),
        ("958f3006-baad-4929-a4de-ff1114824431", (), "XDSUnknownStoredQuery"),
        (FIND, (), "XDSStoredQueryMissingParam"),
        (FIND, (("XDSDocumentEntryPatientId", f"({QUOTED},{QUOTED})"), FOUND_BY[1]), "XDSStoredQueryParamNumber"),
        ("f26abbcb-ac74-4422-8a30-edb644bbc1a9", (), "XDSStoredQueryMissingParam"),
        ("10b545ea-725c-446d-9b95-8aeb444eddf3", (), "XDSStoredQueryMissingParam"),
        ("12941a89-e02e-4be5-967c-ce4bfc8fe492", FOUND_BY, "XDSStoredQueryMissingParam"),
        ("a7ae438b-4bc2-4642-93e9-be891f7bb155", (), "XDSStoredQueryMissingParam"),
        ("51224314-5390-4169-9b91-b1980040715a", (), "XDSStoredQueryMissingParam"),
        ("e8e3cb2c-e39c-46b9-99e4-c12f57260b83", (), "XDSStoredQueryMissingParam"),
        (
            "e8e3cb2c-e39c-46b9-99e4-c12f57260b83",
            (("XDSSubmissionSetUniqueId", "'1'"), ("XDSSubmissionSetEntryUUID", "'2'")),
            "XDSStoredQueryParamNumber",
        ),
        (
            "5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4",
            (("XDSDocumentEntryUniqueId", "('1')"), ("XDSDocumentEntryEntryUUID", "('2')")),
            "XDSStoredQueryParamNumber",
        ),
        ("d90e5407-b356-4d91-a89f-873917b4b0e6", (("XDSDocumentEntryUniqueId", "('1.2.3.1')"),), "XDSStoredQueryMissingParam"),
    ],
)
def test_a_query_without_what_it_needs_is_refused(dmp: Dmp, query: str, slots: tuple[tuple[str, str], ...], code: str) -> None:
    reply = search(dmp, *slots, query=query)
    assert reply.facts["codes"] == [code]


def test_a_list_too_long_is_refused(dmp: Dmp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dui_conformance.mocks.dmp.consultation.MAX_RESULTS", 2)
    assert find(dmp).facts["codes"] == ["XDSTooManyResults"]
    assert find(dmp, leaf=False).facts["resultats"] == 3


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("%DUPONT%", "8^DUPONT^A", True),
        ("8_DUP%", "8^DUPONT^A", True),
        ("8^DUPONT", "8^DUPONT^A", False),
        ("%", "", True),
        ("_", "", False),
        ("%a%a%a%a%a%a%a%a%b", "a" * 300, False),
    ],
)
def test_author_names_take_wildcards(pattern: str, value: str, expected: bool) -> None:
    assert like(pattern, value) is expected


def test_other_patients_are_out_of_reach(dmp: Dmp) -> None:
    stranger = vihf(patient="100000000000099^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH")
    by_uid = (("XDSDocumentEntryUniqueId", "('1.2.3.1')"),)
    reply = search(dmp, *by_uid, query="5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4", who=stranger)
    assert reply.facts["codes"] == ["XDSUnknownPatientId"]
    assert retrieve(dmp, "1.2.3.1", who=stranger).facts["codes"] == ["XDSDocumentUniqueIdError"]
