"""Consultation of the DMP: stored queries, retrieval, authorisations, visibility, the matrix of rights."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.core.exchange import Key, Reply, Request
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.mocks.dmp.droits import MATRIX, read_matrix
from dui_conformance.mocks.dmp.matching import like
from dui_conformance.mocks.dmp.tolerances import TOLERANCES
from dui_conformance.validation.mtom import split
from dui_conformance.validation.xml import parse
from lxml import etree
from samples.dmp import (
    DOCTOR,
    ITI18,
    ITI43,
    NURSE,
    PATIENT,
    SECRETARY,
    STATUS,
    TD02,
    TD03,
    TD04,
    USAGER,
    Deposit,
    envelope,
    existence_body,
    find_documents,
    post,
    query_body,
    retrieve_body,
    soap_request,
    vihf,
)

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
ME, OTHER = "899700000001", "899700009018"
M = USAGER.matricule
FIND = "14d4debf-8f97-4251-9a74-a90016b0af0d"
QUOTED = f"'{PATIENT}'"
APPROVED = f"('{STATUS}Approved')"
FOUND_BY = (("XDSDocumentEntryPatientId", QUOTED), ("XDSDocumentEntryStatus", APPROVED))
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
DENIED = "DMPAccessDeniedByRightsService"


@pytest.fixture
def dmp() -> Dmp:
    """A DMP with four documents of others; the nurse is authorised."""
    service = Dmp(seed=1)
    service.admit(USAGER)
    order(service, "autorisation", professionnel=ME, valeur="VALIDE")
    order(service, "ajouter-document", unique_id="1.2.3.1", type="lettre-liaison-sortie", date="2025-01-10")
    order(service, "ajouter-document", unique_id="1.2.3.2", type="compte-rendu-biologie", date="2026-02-01T10:00:00Z")
    order(service, "ajouter-document", unique_id="1.2.3.3", type="prescription", date="20260301", visibilite=["MASQUE_PS"])
    order(
        service,
        "ajouter-document",
        unique_id="1.2.3.4",
        type="synthese-medicale",
        date="20260302",
        visibilite=["INVISIBLE_PATIENT"],
    )
    return service


def order(service: Dmp, nom: str, **arguments: Any) -> None:
    service.command(nom, {"matricule": M, **arguments})


def send(service: Dmp, request: Request) -> Reply:
    return service.handle("dmp", request, NOW)


def search(service: Dmp, *slots: tuple[str, str], query: str = FIND, who: str = "", leaf: bool = True) -> Reply:
    return send(service, soap_request("/registry", ITI18, query_body(query, *slots, leaf=leaf), vihf=who or vihf()))


def find(service: Dmp, *slots: tuple[str, str], who: str = "", leaf: bool = True) -> Reply:
    return search(service, *FOUND_BY, *slots, who=who, leaf=leaf)


def retrieve(service: Dmp, *uids: str, who: str = "") -> Reply:
    return send(service, soap_request("/repository", ITI43, retrieve_body(*uids), vihf=who or vihf()))


def body(reply: Reply) -> etree._Element:
    kind, data = reply.header("Content-Type"), reply.body.read()
    return parse(bytes(split(data, kind).root.content) if kind.startswith("multipart") else data)


def uids(reply: Reply) -> list[str]:
    path = ".//{*}ExternalIdentifier[@identificationScheme='urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab']"
    return [node.get("value", "").removeprefix("1.2.3.") for node in body(reply).iterfind(path)]


def objects(reply: Reply) -> list[str]:
    (found,) = body(reply).iter("{*}RegistryObjectList")
    return [etree.QName(child).localname for child in found]


# --- stored queries


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


# --- retrieval


def test_documents_are_retrieved_together_with_their_errors(dmp: Dmp) -> None:
    reply = retrieve(dmp, "1.2.3.1", "1.2.3.2", "1.2.3.404")
    assert (reply.facts["statut"], reply.facts["resultats"]) == ("PartialSuccess", 2)
    assert reply.facts["codes"] == ["XDSDocumentUniqueIdError"]
    attachments = split(reply.body.read(), reply.header("Content-Type")).attachments
    assert [parse(data).find("{*}id").get("root") for data in attachments.values()] == ["1.2.3.1", "1.2.3.2"]  # type: ignore[union-attr]
    assert b"cid:document1%40dmp.simulateur" in reply.body.read()


def test_a_masked_document_is_for_its_author_only(dmp: Dmp) -> None:
    assert "3" not in uids(find(dmp))
    refused = retrieve(dmp, "1.2.3.3")
    assert (refused.status, refused.facts["codes"]) == (500, [DENIED])
    assert refused.header("Content-Type").startswith("multipart/related")
    order(dmp, "autorisation", professionnel=OTHER, valeur="VALIDE")
    author = vihf(OTHER, roles=DOCTOR)
    assert "3" in uids(find(dmp, who=author))
    assert retrieve(dmp, "1.2.3.3", who=author).facts["resultats"] == 1
    both = retrieve(dmp, "1.2.3.1", "1.2.3.3")
    assert (both.facts["statut"], both.facts["codes"]) == ("PartialSuccess", [DENIED])


def test_the_attending_doctor_reads_masked_documents_without_authorisation(dmp: Dmp) -> None:
    doctor = vihf("899700000077", mode="DIRECTE", roles=DOCTOR, context="SmartcardPKI")
    assert retrieve(dmp, "1.2.3.3", who=doctor).facts["codes"] == [DENIED]
    order(dmp, "medecin-traitant", professionnel="899700000077")
    assert retrieve(dmp, "1.2.3.3", who=doctor).facts["resultats"] == 1
    answer = send(dmp, soap_request("/patients", TD02, existence_body(), vihf=doctor))
    assert b'<value xsi:type="BL" value="true"/></attentionLine>' in answer.body.read()


def test_occupational_doctor_lists_but_does_not_read(dmp: Dmp) -> None:
    roles = (("10", "1.2.250.1.71.1.2.7"), ("SM25", "1.2.250.1.71.4.2.5"))
    order(dmp, "autorisation", valeur="VALIDE")
    who = vihf("899700000078", mode="DIRECTE", roles=roles)
    assert uids(find(dmp, who=who)) == ["1", "2", "4"]
    assert retrieve(dmp, "1.2.3.1", who=who).facts["codes"] == [DENIED]


def test_software_certificate_alone_gets_references_only(dmp: Dmp) -> None:
    who = vihf(mode="INDIRECTE", roles=NURSE)
    assert find(dmp, who=who).facts["codes"] == [DENIED]
    assert find(dmp, who=who, leaf=False).facts["statut"] == "Success"
    assert retrieve(dmp, "1.2.3.1", who=who).facts["codes"] == [DENIED]


@pytest.mark.parametrize("spelling", ["bris_de_glace", "brisDeGlace", "BRIS-DE-GLACE", "urgence"])
def test_breaking_the_glass_needs_no_authorisation_unless_opposed(dmp: Dmp, spelling: str) -> None:
    stranger, urgent = vihf("899700000055"), vihf("899700000055", purpose=spelling)
    assert find(dmp, who=stranger).facts["codes"] == [DENIED]
    allowed = find(dmp, who=urgent)
    assert allowed.facts["resultats"] == 3
    assert allowed.facts.get("tolerances", []) == ([] if spelling == "bris_de_glace" else ["acces-autre-graphie"])
    assert retrieve(dmp, "1.2.3.3", who=urgent).facts["codes"] == [DENIED]
    order(dmp, "masques-en-urgence")
    assert retrieve(dmp, "1.2.3.3", who=urgent).facts["resultats"] == 1
    order(dmp, "opposition", quoi="bris-de-glace")
    assert find(dmp, who=urgent).facts["codes"] == [DENIED]
    order(dmp, "opposition", quoi="bris-de-glace", valeur=False)
    assert find(dmp, who=urgent).facts["statut"] == "Success"


def test_emergency_call_centre_has_its_own_opposition(dmp: Dmp) -> None:
    centre = vihf("899700000055", purpose="centre_15")
    order(dmp, "opposition", quoi="bris-de-glace")
    assert find(dmp, who=centre).facts["statut"] == "Success"
    order(dmp, "opposition", quoi="acces-urgence")
    assert find(dmp, who=centre).facts["codes"] == [DENIED]


# --- authorisations


def authorise(service: Dmp, action: str = "AJOUT", *, role: str = "", who: str = "") -> Reply:
    more = f"<role>{role}</role>" if role else ""
    content = f"<setAuthorization xmlns='urn:si-dmp-habilitations'><action>{action}</action>{more}</setAuthorization>"
    return send(service, soap_request("/habilitations", TD03, content, vihf=who or vihf("899700000055")))


def existence(service: Dmp, who: str) -> str:
    return str(send(service, soap_request("/patients", TD02, existence_body(), vihf=who)).facts["autorisation"])


def test_consultation_needs_an_authorisation_of_this_professional(dmp: Dmp) -> None:
    newcomer = vihf("899700000055")
    assert existence(dmp, newcomer) == "NON_EXISTE"
    assert find(dmp, who=newcomer).facts["codes"] == [DENIED]
    assert authorise(dmp).facts["statut"] == "DMPOk"
    assert existence(dmp, newcomer) == "VALIDE"
    assert existence(dmp, vihf("899700000066")) == "NON_EXISTE"
    assert find(dmp, who=newcomer).facts["statut"] == "Success"
    order(dmp, "autorisation", professionnel="899700000055", valeur="EXPIRE")
    assert find(dmp, who=newcomer).facts["codes"] == [DENIED]
    assert authorise(dmp, "SUPPRESSION").facts["statut"] == "DMPOk"


def test_a_blocked_professional_gets_nothing(dmp: Dmp) -> None:
    order(dmp, "bloquer", professionnel=ME)
    assert existence(dmp, vihf()) == "INTERDIT"
    assert find(dmp).facts["codes"] == [DENIED]
    assert find(dmp, who=vihf(purpose="bris_de_glace")).facts["codes"] == [DENIED]
    assert authorise(dmp, who=vihf()).facts["codes"] == [DENIED]
    assert send(dmp, Deposit().request()).facts["stocke"]
    order(dmp, "debloquer", professionnel=ME)
    assert find(dmp).facts["statut"] == "Success"


@pytest.mark.parametrize(
    ("action", "role", "who", "codes"),
    [
        ("PEUT-ETRE", "", "", ["Sender"]),
        ("AJOUT", "CHEF", "", ["Sender"]),
        ("AJOUT", "", vihf(mode="INDIRECTE"), [DENIED]),
        ("AJOUT", "", vihf(purpose="bris_de_glace"), [DENIED]),
        ("AJOUT", "MEDECIN_TRAITANT", vihf(roles=NURSE), [DENIED]),
        ("AJOUT", "MEDECIN_TRAITANT", vihf(roles=DOCTOR), []),
        ("SUPPRESSION", "MEDECIN_TRAITANT", vihf(roles=DOCTOR), []),
        ("AJOUT", "", vihf("3990000010/secretaire", mode="DIRECTE", roles=SECRETARY), []),
        ("SUPPRESSION", "", vihf("3990000010/secretaire", mode="DIRECTE", roles=SECRETARY), [DENIED]),
        ("AJOUT", "", vihf(patient="100000000000099^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"), ["Sender"]),
    ],
)
def test_authorisation_is_refused_with_its_reason(dmp: Dmp, action: str, role: str, who: str, codes: list[str]) -> None:
    assert authorise(dmp, action, role=role, who=who).facts["codes"] == codes


def test_list_of_dossiers_holds_those_authorised(dmp: Dmp) -> None:
    def listed(who: str, inner: str = "") -> Reply:
        content = f"<patientList xmlns='urn:si-dmp-patients'>{inner}</patientList>"
        return send(dmp, soap_request("/patientsSpecific", TD04, content, vihf=who))

    nobody = vihf("899700000055", patient="")
    assert listed(nobody).facts["resultats"] == 0
    authorise(dmp)
    row = listed(nobody)
    assert row.facts["resultats"] == 1
    (found,) = body(row).iter("{*}patient")
    assert found.findtext("{*}patientIdentifier/{*}nationalId") == USAGER.ins
    assert found.findtext("{*}lastAccessDate") == "20260401080000"
    assert found.findtext("{*}lastAddDate") == "20260302000000"
    by_date = "<startDate>{}</startDate><dateType>{}</dateType>"
    assert listed(nobody, by_date.format("20260401000000", "LASTAUTORIZATION")).facts["resultats"] == 1
    assert listed(nobody, by_date.format("20260401000000", "LASTDOC")).facts["resultats"] == 0
    assert listed(vihf(mode="INDIRECTE", patient="")).facts["resultats"] == 1
    assert listed(vihf(mode="INDIRECTE", patient="", structure="1999999999")).facts["resultats"] == 0
    assert listed(nobody, "<startDate>hier</startDate>").facts["statut"] == "Fault"
    assert listed(nobody, "<dateType>X</dateType>").facts["statut"] == "Fault"


def test_closed_dossier_is_not_consulted(dmp: Dmp) -> None:
    order(dmp, "fermer-dmp")
    assert find(dmp).facts["codes"] == ["XDSUnknownPatientId"]
    by_uid = (("XDSDocumentEntryUniqueId", "('1.2.3.1')"),)
    assert search(dmp, *by_uid, query="5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4").facts["codes"] == ["XDSUnknownPatientId"]
    assert retrieve(dmp, "1.2.3.1").facts["codes"] == [DENIED]
    assert authorise(dmp, who=vihf()).facts["codes"] == ["DMPClosed"]
    order(dmp, "ouvrir-dmp")
    assert find(dmp).facts["statut"] == "Success"


# --- the matrix as data


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('operation = "td3.2"\n', 'operation = "td9"\n', "opération inconnue"),
        ('AIR = "oui"', 'AIR = "peut-etre"', "droit illisible"),
        ('ES = "oui"', "", "droit absent"),
    ],
)
def test_a_matrix_that_says_too_little_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    path = tmp_path / "matrice.toml"
    path.write_text(MATRIX.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_matrix(path)


def test_another_matrix_gives_other_rights(tmp_path: Path) -> None:
    path = tmp_path / "matrice.toml"
    text = MATRIX.read_text(encoding="utf-8")
    head, mark, tail = text.partition('operation = "td3.2"\n')
    path.write_text(head + mark + tail.replace('AIR = "oui"', 'AIR = "non"', 1), encoding="utf-8")
    service = Dmp(seed=1, matrice=path)
    service.admit(USAGER)
    order(service, "autorisation", valeur="VALIDE")
    order(service, "ajouter-document", unique_id="1.2.3.1", type="prescription", date="2026-01-01")
    assert find(service).facts["resultats"] == 1
    assert retrieve(service, "1.2.3.1").facts["codes"] == [DENIED]


# --- what is only recognised, or tolerated


@pytest.mark.parametrize(("page", "status"), [("Documents", 200), ("TableauDeBord", 200), ("Ailleurs", 404)])
def test_contextual_web_access_is_recognised(dmp: Dmp, page: str, status: int) -> None:
    request = Request("GET", f"/AccesDirect/{page}/{USAGER.ins}", (), post("", b"", "").body, post("", b"", "").connection)
    found = dmp.describe("dmp", request)
    assert (found.kind, found.keys) == ("dmp.webps", (Key("ins", M),))
    assert send(dmp, request).status == status


def test_tolerances_are_facts(dmp: Dmp) -> None:
    text = (
        envelope(ITI18, find_documents(), vihf=vihf())
        .replace("Authentification_mode", "Authentification_Mode")
        .replace(">3.0<", ">4.0<")
        .replace("s:mustUnderstand", "mustUnderstand")
        .replace(f"<Value>'{PATIENT}'", f"<Value>('{PATIENT}')")
        .replace(f"<AttributeValue>{PATIENT}", f"<AttributeValue>{PATIENT}^^20260101")
    )
    reply = send(dmp, post("/registry", text.encode(), "application/soap+xml"))
    assert reply.facts["resultats"] == 3
    expected = ["must-understand-sans-prefixe", "mode-autre-casse", "vihf-4.0", "patient-suffixe", "patient-entre-parentheses"]
    assert reply.facts["tolerances"] == expected
    one = envelope("", find_documents())
    by_http = post("/registry", one.encode(), f'application/soap+xml; action="{ITI18}"')
    assert send(dmp, by_http).facts["tolerances"] == ["action-http-seule"]
    assert set(itertools.chain(expected, ["action-http-seule"])) <= set(TOLERANCES)


def test_tolerances_of_a_deposit(dmp: Dmp) -> None:
    reply = send(dmp, Deposit(document_id="doc01", patient=f"{PATIENT}^^20260401").request())
    assert reply.facts["tolerances"] == ["patient-suffixe", "identifiant-autre-casse"]


def test_a_slow_answer_is_ordered_by_transaction(dmp: Dmp) -> None:
    dmp.command("reponse-lente", {"transaction": "dmp.td3.1", "secondes": 8})
    assert find(dmp).delivery.delay == 8
    assert retrieve(dmp, "1.2.3.1").delivery.delay == 0
    dmp.command("reponse-lente", {"transaction": "dmp.td3.1", "secondes": 0})
    assert find(dmp).delivery.delay == 0
