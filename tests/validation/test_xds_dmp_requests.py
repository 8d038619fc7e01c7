"""Rules of consultation and management calls: each is silent on a right call, and says what is wrong in a wrong one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from dui_conformance.core.errors import Inconclusive
from dui_conformance.validation.dmp import modification, parcours, recherche, retrait
from dui_conformance.validation.dmp.modification import UpdateRequest
from dui_conformance.validation.dmp.parcours import Appel, appel_of
from dui_conformance.validation.dmp.regle import Regle
from dui_conformance.validation.dmp.requete import StoredQuery
from dui_conformance.validation.dmp.retrait import Authorization, PatientList, RetrieveRequest
from samples.dmp import (
    ITI18,
    ITI43,
    ITI57,
    PATIENT,
    STATUS,
    TD03,
    TD04,
    exchange,
    find_documents,
    query_body,
    retrieve_body,
    soap_request,
    status_body,
    visibility_body,
)
from samples.vihf import call, signed

RULES = {rule.id: rule for module in (recherche, retrait, modification) for rule in module.REGLES}
FIND = "14d4debf-8f97-4251-9a74-a90016b0af0d"
BASE = (("XDSDocumentEntryPatientId", f"'{PATIENT}'"), ("XDSDocumentEntryStatus", f"('{STATUS}Approved')"))
UUID = "urn:uuid:11111111-2222-4333-8444-555555555555"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"


def query(*slots: tuple[str, str], id: str = FIND) -> StoredQuery:
    return exchange(soap_request("/registry", ITI18, query_body(id, *slots))).view(StoredQuery)


def broken(view: Any, *rules: Regle) -> set[str]:
    """The ids of the rules that find a problem in the view; each problem says all that it must."""
    found = [p for rule in rules or RULES.values() if isinstance(view, rule.vue) for p in rule.problems(view)]
    assert all(p.message and p.at and p.expected and p.received and p.hint for p in found), found
    return {p.rule_id for p in found}


def test_rules_are_well_described() -> None:
    assert len(RULES) == sum(len(m.REGLES) for m in (recherche, retrait, modification))
    for rule in RULES.values():
        assert rule.enonce.endswith(".")
        assert rule.exigences
        assert rule.confiance in ("vu", "secondaire", "infere")


# --- TD3.1

QUOTED = f"'{PATIENT}'"
GREEN = [
    query(*BASE),
    query(
        *BASE,
        ("XDSDocumentEntryClassCode", "('10^^1.2.250.1.213.1.1.4.1','11^^1.2.250.1.213.1.1.4.1')"),
        ("XDSDocumentEntryCreationTimeFrom", "20260101"),
        ("XDSDocumentEntryCreationTimeTo", "20260301000000"),
        ("XDSDocumentEntryAuthorPerson", "('%L''EXEMPLE%')"),
    ),
    query(
        ("XDSSubmissionSetPatientId", QUOTED),
        ("XDSSubmissionSetStatus", f"('{STATUS}Approved')"),
        ("XDSSubmissionSetSubmissionTimeFrom", "20260101000000"),
        id="f26abbcb-ac74-4422-8a30-edb644bbc1a9",
    ),
    query(("uuid", f"('{UUID}')"), id="a7ae438b-4bc2-4642-93e9-be891f7bb155"),
    query(("XDSDocumentEntryUniqueId", "('1.2.3')"), id="5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"),
    query(("XDSDocumentEntryEntryUUID", f"('{UUID}')"), id="bab9529a-4a10-40b3-a01f-f68a615d247a"),
    query(("XDSSubmissionSetUniqueId", "'1.2.3'"), id="e8e3cb2c-e39c-46b9-99e4-c12f57260b83"),
    exchange(soap_request("/registry", ITI18, find_documents())).view(StoredQuery),
]


@pytest.mark.parametrize("view", GREEN)
def test_a_right_search_breaks_no_rule(view: StoredQuery) -> None:
    assert broken(view) == set()


@pytest.mark.parametrize(
    ("view", "rules"),
    [
        (query(*BASE, id="00000000-0000-0000-0000-000000000000"), {"dmp.td31.query-known"}),
        (replace(query(*BASE), id=FIND), {"dmp.td31.query-known"}),
        (replace(query(*BASE), return_type="Tout"), {"dmp.td31.response-option"}),
        (replace(query(*BASE), composed="false"), {"dmp.td31.response-option"}),
        (replace(query(*BASE), has_option=False), {"dmp.td31.response-option"}),
        (query(*BASE, ("XDSDocumentEntryMotif", "('x')")), {"dmp.td31.parameters-known"}),
        (query(BASE[0]), {"dmp.td31.parameters-required"}),
        (query(BASE[1]), {"dmp.td31.parameters-required"}),
        (query(*BASE, BASE[0]), {"dmp.td31.parameters-required"}),
        (
            query(
                ("XDSDocumentEntryUniqueId", "('1.2.3')"),
                ("XDSDocumentEntryEntryUUID", f"('{UUID}')"),
                id="5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4",
            ),
            {"dmp.td31.parameters-required"},
        ),
        (query(id="5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"), {"dmp.td31.parameters-required"}),
        (query(("XDSDocumentEntryPatientId", f"({QUOTED})"), BASE[1]), {"dmp.td31.value-syntax"}),
        (query(BASE[0], ("XDSDocumentEntryStatus", f"'{STATUS}Approved'")), {"dmp.td31.value-syntax"}),
        (query(BASE[0], ("XDSDocumentEntryStatus", f"({STATUS}Approved)")), {"dmp.td31.value-syntax"}),
        (query(*BASE, ("XDSDocumentEntryCreationTimeFrom", "'20260101'")), {"dmp.td31.value-syntax"}),
        (query(("XDSDocumentEntryPatientId", "'123'"), BASE[1]), {"dmp.td31.patient-is-ins"}),
        (query(("XDSDocumentEntryPatientId", f"'{PATIENT}^^20260101'"), BASE[1]), {"dmp.td31.patient-is-ins"}),
        (query(*BASE, ("XDSDocumentEntryTypeCode", "('11488-4')")), {"dmp.td31.coded-values"}),
        (query(*BASE, ("XDSDocumentEntryTypeCode", "('11488-4^CR^2.16.840.1.113883.6.1')")), {"dmp.td31.coded-values"}),
        (query(BASE[0], ("XDSDocumentEntryStatus", "('Approved')")), {"dmp.td31.statuses-known"}),
        (query(*BASE, ("XDSDocumentEntryCreationTimeFrom", "20261301")), {"dmp.td31.times-are-utc"}),
        (
            query(*BASE, ("XDSDocumentEntryCreationTimeFrom", "2026"), ("XDSDocumentEntryCreationTimeTo", "2025")),
            {"dmp.td31.times-are-utc"},
        ),
        (query(("uuid", "('1.2.3')"), id="a7ae438b-4bc2-4642-93e9-be891f7bb155"), {"dmp.td31.identifiers-fit"}),
        (
            query(("XDSDocumentEntryUniqueId", f"('{UUID}')"), id="5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"),
            {"dmp.td31.identifiers-fit"},
        ),
        (
            query(
                ("XDSDocumentEntryUniqueId", "(" + ",".join(f"'1.2.{n}'" for n in range(21)) + ")"),
                id="5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4",
            ),
            {"dmp.td31.batches-bounded"},
        ),
    ],
)
def test_a_wrong_search_breaks_its_rule(view: StoredQuery, rules: set[str]) -> None:
    assert broken(view) == rules


def test_first_search_is_bounded_to_two_years_of_active_documents() -> None:
    now = datetime(2026, 4, 1, tzinfo=UTC)

    def problems(view: StoredQuery) -> list[str]:
        return [p.message for p in recherche.first_search_problems(view, now)]

    assert problems(query(*BASE, ("XDSDocumentEntryCreationTimeFrom", "20240401"))) == []
    assert problems(query(*BASE, ("XDSDocumentEntryServiceStartTimeFrom", "20250401"))) == []
    assert problems(query(*BASE)) == ["Première recherche sans limite de deux ans"]
    assert problems(query(*BASE, ("XDSDocumentEntryCreationTimeFrom", "20200101"))) == [
        "Première recherche sans limite de deux ans"
    ]
    all_statuses = ("XDSDocumentEntryStatus", f"('{STATUS}Approved','{STATUS}Deprecated')")
    wide = query(BASE[0], all_statuses, ("XDSDocumentEntryCreationTimeFrom", "20260101"))
    assert problems(wide) == ["Première recherche au-delà des documents actifs"]
    assert problems(query(("uuid", f"('{UUID}')"), id="a7ae438b-4bc2-4642-93e9-be891f7bb155")) == []


# --- TD3.2, TD0.3, TD0.4


def asked(*uids: str, repository: str = "1.2.250.1.213.4.1.1.1.2") -> RetrieveRequest:
    return exchange(soap_request("/repository", ITI43, retrieve_body(*uids, repository=repository))).view(RetrieveRequest)


@pytest.mark.parametrize("view", [asked(), asked("1.2", "1.2"), asked(UUID), asked("1.2", repository="1.2.3"), asked("")])
def test_a_wrong_retrieval_breaks_its_rule(view: RetrieveRequest) -> None:
    assert broken(view) == {"dmp.td32.documents-named"}


def test_a_right_retrieval_breaks_no_rule() -> None:
    assert broken(asked("1.2.3", "1.2.4")) == set()


def authorization(inner: str) -> Authorization:
    text = f"<setAuthorization xmlns='urn:si-dmp-habilitations'>{inner}</setAuthorization>"
    return exchange(soap_request("/habilitations", TD03, text)).view(Authorization)


def listing(inner: str) -> PatientList:
    return exchange(
        soap_request("/patientsSpecific", TD04, f"<patientList xmlns='urn:si-dmp-patients'>{inner}</patientList>")
    ).view(PatientList)


@pytest.mark.parametrize(
    ("view", "rules"),
    [
        (authorization("<action>AJOUT</action>"), set()),
        (authorization("<action>SUPPRESSION</action><role>MEDECIN_TRAITANT</role>"), set()),
        (authorization(""), {"dmp.td03.action"}),
        (authorization("<action>ajout</action>"), {"dmp.td03.action"}),
        (authorization("<action>AJOUT</action><role>INFIRMIER</role>"), {"dmp.td03.action"}),
        (authorization("<action>AJOUT</action><patient>1</patient>"), {"dmp.td03.action"}),
        (listing("<startDate>20260101000000</startDate><dateType>LASTDOC</dateType>"), set()),
        (listing(""), set()),
        (listing("<startDate>20260101</startDate><dateType>LASTDOC</dateType>"), {"dmp.td04.dates"}),
        (listing("<startDate>20260101000000</startDate>"), {"dmp.td04.dates"}),
        (listing("<startDate>20260101000000</startDate><dateType>LASTAUTHORIZATION</dateType>"), {"dmp.td04.dates"}),
        (listing("<ins>1</ins>"), {"dmp.td04.dates"}),
    ],
)
def test_authorisation_and_list_requests(view: Any, rules: set[str]) -> None:
    assert broken(view) == rules


# --- TD3.3

SOURCE = '<ExternalIdentifier identificationScheme="urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832" value="1.2.250.1.999.3"/>'


def update(text: str, *changes: tuple[str, str]) -> UpdateRequest:
    text = text.replace("</RegistryPackage>", f"{SOURCE}</RegistryPackage>")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return exchange(soap_request("/registry", ITI57, text)).view(UpdateRequest)


STATUS_CHANGE = status_body(UUID, DELETED)
MASKING = visibility_body(UUID, "1.2.3", "MASQUE_PS")


@pytest.mark.parametrize(
    ("view", "rules"),
    [
        (update(STATUS_CHANGE), set()),
        (update(MASKING), set()),
        (update(STATUS_CHANGE, ("20260401080000", "hier")), {"dmp.td33.set-complete"}),
        (update(STATUS_CHANGE, ('value="1.2.250.1.999.9.1"', 'value=""')), {"dmp.td33.set-complete"}),
        (update(STATUS_CHANGE, (SOURCE, "")), {"dmp.td33.set-complete"}),
        (update(STATUS_CHANGE, (PATIENT, "123")), {"dmp.td33.set-complete"}),
        (update(STATUS_CHANGE, ("UpdateAvailabilityStatus", "Autre")), {"dmp.td33.one-kind"}),
        (
            update(
                MASKING,
                (
                    "</RegistryObjectList>",
                    STATUS_CHANGE[STATUS_CHANGE.index("<Association") :].partition("</RegistryObj")[0] + "</RegistryObjectList>",
                ),
            ),
            {"dmp.td33.one-kind"},
        ),
        (update(STATUS_CHANGE, ('sourceObject="SubmissionSet01"', 'sourceObject="x"')), {"dmp.td33.status-change"}),
        (update(status_body("1.2.3", DELETED)), {"dmp.td33.status-change"}),
        (update(status_body(UUID, f"{STATUS}Approved")), {"dmp.td33.status-change"}),
        (update(status_body(UUID, "urn:oasis:names:tc:ebxml-regrep:StatusType:Deleted")), {"dmp.td33.status-change"}),
        (update(visibility_body("", "1.2.3", "MASQUE_PS")), {"dmp.td33.next-version"}),
        (
            update(MASKING, ('id="Doc01" lid', f'id="{UUID}" lid'), ('targetObject="Doc01"', f'targetObject="{UUID}"')),
            {"dmp.td33.next-version"},
        ),
        (update(MASKING, (f'status="{STATUS}Approved"', "")), {"dmp.td33.next-version"}),
        (update(visibility_body(UUID, "1.2.3", "MASQUE_PS", version="")), {"dmp.td33.next-version"}),
        (update(visibility_body(UUID, "1.2.3", "MASQUE_PS", member="x")), {"dmp.td33.next-version"}),
        (update(MASKING, ("<Value>Original<", "<Value>Reference<")), {"dmp.td33.next-version"}),
        (update(visibility_body(UUID, "1.2.3", "CACHE")), {"dmp.td33.visibility"}),
        (update(MASKING, ('nodeRepresentation="N"', 'nodeRepresentation="X"')), {"dmp.td33.visibility"}),
        (
            update(MASKING, (f'8427" value="{PATIENT}"', '8427" value="279035121518988^^^&amp;1.2.250.1.213.1.4.10&amp;ISO^NH"')),
            {"dmp.td33.same-patient"},
        ),
    ],
)
def test_updates(view: UpdateRequest, rules: set[str]) -> None:
    assert broken(view) == rules


@pytest.mark.parametrize("view", [StoredQuery, RetrieveRequest, UpdateRequest, Authorization, PatientList])
def test_other_calls_give_none_of_these_views(view: type) -> None:
    with pytest.raises(Inconclusive):
        call(signed()).view(view)


# --- order of calls

T = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)


def made(*kinds: str, user: str = "8A", **more: Any) -> list[Appel]:
    return [
        Appel(f"E{n}", f"dmp.{kind}", T + timedelta(seconds=10 * n), user, "P", f"_{n}", **more) for n, kind in enumerate(kinds)
    ]


def ids(problems: Any) -> list[str]:
    found = list(problems)
    assert all(p.message and p.at and p.expected and p.received and p.hint for p in found)
    return [p.at for p in found]


def test_existence_is_tested_before_consultation() -> None:
    assert ids(parcours.existence_problems(made("td0.2", "td3.1", "td3.2"))) == []
    assert ids(parcours.existence_problems(made("td0.4", "td3.1"))) == []
    assert ids(parcours.existence_problems(made("td3.1", "td0.2"))) == ["E0"]
    assert ids(parcours.existence_problems(made("td3.1", leaf=False))) == []
    other = [*made("td0.2"), *made("td3.2", user="8B")]
    assert ids(parcours.existence_problems(other)) == ["E0"]


def test_authorisation_is_declared_before_consultation() -> None:
    told, consulted = made("td0.2", "td3.1")
    told = replace(told, autorisation="NON_EXISTE")
    assert ids(parcours.authorisation_problems([told, consulted])) == ["E1"]
    declared = replace(told, kind="dmp.td0.3", statut="DMPOk", autorisation="")
    assert ids(parcours.authorisation_problems([told, declared, consulted])) == []
    assert ids(parcours.authorisation_problems([told, replace(declared, statut="Fault"), consulted])) == ["E1"]
    assert ids(parcours.authorisation_problems([told, replace(consulted, urgence=True)])) == []
    assert ids(parcours.authorisation_problems([replace(told, autorisation="VALIDE"), consulted])) == []


def test_tokens_are_of_one_use_and_one_user() -> None:
    first, second = made("td0.2", "td3.1")
    assert ids(parcours.token_problems([first, second])) == []
    assert ids(parcours.token_problems([first, replace(second, assertion="_0")])) == ["E1"]
    stolen = replace(second, assertion="_0", utilisateur="8B")
    assert next(parcours.token_problems([first, stolen])).message == "Jeton VIHF d'un autre utilisateur"
    assert ids(parcours.two_users_problems(first, replace(second, utilisateur="8B"))) == []
    assert ids(parcours.two_users_problems(first, second)) == ["E1"]


def test_a_deposit_is_not_followed_by_a_search() -> None:
    deposit, search = made("td2.1", "td3.1")
    assert ids(parcours.search_problems([deposit, search])) == ["E1"]
    assert ids(parcours.search_problems([deposit, replace(search, leaf=False)])) == []
    assert ids(parcours.search_problems([deposit, replace(search, moment=T + timedelta(hours=1))])) == []
    assert ids(parcours.search_problems([deposit, replace(search, patient="Q")])) == []


def test_an_exchange_becomes_a_call() -> None:
    found = appel_of(call(signed(), kind="td3.1"))
    assert (found.kind, found.utilisateur, found.patient, found.leaf) == ("dmp.td3.1", "899700000001", "2790351215189", True)
    assert found.assertion.startswith("_")
    assert not found.urgence
