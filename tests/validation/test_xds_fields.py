"""Grammar of HL7 v2 fields in XDS slots, versions and replacement, coherence of a submission as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from dui_conformance.core.problem import Problem
from dui_conformance.validation.xds import coherence, versions
from dui_conformance.validation.xds.datatypes import parse_cx, parse_xcn, parse_xon
from dui_conformance.validation.xds.hl7v2 import (
    cx_faults,
    cxi_faults,
    parse_field,
    syntax_faults,
    triplet_faults,
    xcn_faults,
    xon_faults,
)
from dui_conformance.validation.xds.submission import DepositedDocument, Submission
from hypothesis import given
from hypothesis import strategies as st
from samples.xds import CX, DOC, SIGNATURE, UID, association, change, deposit, in_document, in_set

PERSON = "899700000001^NOM^Prénom^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
DEVICE = "1.2.250.1.999^LOGICIEL^MODELE^^^^^^&1.2.250.1.999&ISO^U^^^RI"
STRUCTURE = "OG FICTIVE^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1990000010"
INS = "279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH"
RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
OLD = "urn:uuid:11111111-2222-4333-8444-555555555555"

Faults = Callable[[str], tuple[str, ...]]


@pytest.mark.parametrize(
    ("faults", "value"),
    [
        (cx_faults, INS),
        (cx_faults, "IPP-7^^^&1.2.250.1.999.1.2&ISO^PI"),
        (xcn_faults, PERSON),
        (xcn_faults, DEVICE),
        (xcn_faults, "8997^L\\T\\EXEMPLE^ANNE^MARIE^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"),
        (xon_faults, STRUCTURE),
        (triplet_faults, "G15_60^Infirmier^1.2.250.1.213.1.1.4.5"),
        (cxi_faults, "ORD-1^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:order"),
        (cxi_faults, "1.2.840.1^^^^urn:ihe:iti:xds:2016:studyInstanceUID"),
    ],
)
def test_a_right_field_has_no_fault(faults: Faults, value: str) -> None:
    assert faults(value) == ()


@pytest.mark.parametrize(
    ("faults", "value", "said"),
    [
        (cx_faults, "", "valeur vide"),
        (cx_faults, INS.replace("&ISO", "&OID"), "&OID&ISO attendu"),
        (cx_faults, INS.replace("1.2.250.1.213.1.4.10", "1.02.3"), "&OID&ISO attendu"),
        (cx_faults, INS.replace("&1.2", "INS&1.2"), "&OID&ISO attendu"),
        (cx_faults, INS.replace("^^^", "^X^^"), "là où rien n'est attendu"),
        (cx_faults, f"{INS}^^20260401", "7e composante"),
        (cx_faults, f"{INS}~{INS}", "répétition"),
        (cx_faults, f" {INS}", "espace au début"),
        (cx_faults, f"{INS}\n", "caractère de contrôle"),
        (xcn_faults, PERSON.replace("NOM", "A|B"), "« | » non échappé"),
        (xcn_faults, PERSON.replace("NOM", "A&B"), "« & » non échappé"),
        (xcn_faults, PERSON.replace("NOM", "A\\B"), "échappement"),
        (xcn_faults, PERSON.replace("NOM", "A\\Q\\B"), "échappement"),
        (xcn_faults, PERSON.replace("^D^", "^^"), "10e composante : type de nom absent"),
        (xcn_faults, PERSON.removesuffix("^^^IDNPS"), "13e composante : type d'identifiant absent"),
        (xcn_faults, PERSON.replace("^^^^^^&", "^^^^^&"), "9e composante : autorité"),
        (xcn_faults, PERSON.replace("899700000001", ""), "1re composante : identifiant absent"),
        (xon_faults, STRUCTURE.removesuffix("1990000010"), "10e composante : identifiant absent"),
        (xon_faults, STRUCTURE.replace("IDNST", ""), "7e composante"),
        (xon_faults, STRUCTURE.replace("OG FICTIVE^^", "OG FICTIVE^L^"), "2e composante"),
        (triplet_faults, "G15_60^Infirmier", "3e composante : OID"),
        (triplet_faults, "G15_60^^1.2.3", "2e composante : libellé absent"),
        (triplet_faults, "G15_60^Infirmier^1.2.3^X", "4e composante"),
        (cxi_faults, "ORD-1^^^&1.2.3&ISO^PI", "urn:ihe:iti:xds"),
        (cxi_faults, "ORD-1^^^1.2.3^urn:ihe:iti:xds:2013:order", "&OID&ISO attendu"),
    ],
)
def test_a_wrong_field_says_where(faults: Faults, value: str, said: str) -> None:
    assert any(said in fault for fault in faults(value)), faults(value)


@given(st.text(max_size=60))
def test_any_text_is_parsed_and_put_back_together(text: str) -> None:
    field = parse_field(text)
    assert "^".join(field.component(rank) for rank in range(1, len(field.components) + 1)) == text
    for faults in (cx_faults, xcn_faults, xon_faults, cxi_faults, triplet_faults):
        assert all(isinstance(fault, str) for fault in faults(text))
    assert parse_cx(text).raw == parse_xcn(text).raw == parse_xon(text).raw == text


@given(st.text(st.characters(exclude_characters="^&~|\\\r\n\t", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1))
def test_any_plain_name_may_be_written(name: str) -> None:
    assert list(syntax_faults(name)) == []
    assert xcn_faults(PERSON.replace("NOM", name)) == ()


# --- submissions


def rules(problems: Iterable[Problem]) -> set[str]:
    found = list(problems)
    assert all(p.message and p.at and p.expected and p.received and p.hint for p in found), found
    return {p.rule_id for p in found}


def submission(*body: tuple[str, str], **options: tuple[tuple[str, str], ...]) -> Submission:
    return deposit(*body, **options).view(Submission)  # type: ignore[arg-type]


def test_a_right_submission_is_coherent() -> None:
    found = submission()
    assert rules(coherence.syntax_problems(found)) == set()
    assert rules(coherence.association_problems(found)) == set()
    assert rules(coherence.date_problems(found, datetime(2026, 4, 1, 8, 1, tzinfo=UTC))) == set()
    assert rules(coherence.people_problems(found)) == set()
    assert rules(coherence.minor_problems(found)) == rules(coherence.registry_side_problems(found)) == set()


@pytest.mark.parametrize(
    "body",
    [
        in_document("^IDNPS", "^ID~NPS"),
        in_document("&amp;ISO^IDNST", "&amp;DNS^IDNST"),
        in_document("^PI", "^PI^X"),
        in_set(CX, CX.replace("^^^", "^X^^")),
    ],
)
def test_a_field_of_another_grammar_is_said(body: tuple[str, str]) -> None:
    assert rules(coherence.syntax_problems(submission(body))) == {"xds.coherence.field-syntax"}


def with_association(text: str) -> Submission:
    return submission((SIGNATURE, f"{SIGNATURE}{text}"))


@pytest.mark.parametrize(
    "text",
    [
        association("a9", "urn:autre", "SubmissionSet01", "Doc01"),
        association("a9", "urn:ihe:iti:2007:AssociationType:signs", "Absent", "Doc01"),
        association("a9", "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember", "Doc01", "Signature01"),
        association("a9", "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember", "SubmissionSet01", OLD),
        association("a1", RPLC, "Doc01", OLD),
        association("a9", "urn:ihe:iti:2007:AssociationType:signs", "Signature01", "SubmissionSet01"),
    ],
)
def test_an_association_of_nothing_is_said(text: str) -> None:
    assert rules(coherence.association_problems(with_association(text))) == {"xds.coherence.associations-resolve"}


def test_a_replacement_association_is_one_of_the_set() -> None:
    assert rules(coherence.association_problems(with_association(association("a9", RPLC, "Doc01", OLD)))) == set()


def test_dates_are_in_order_and_now() -> None:
    late = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
    assert rules(coherence.date_problems(submission(), late)) == {"xds.coherence.dates-in-order"}
    future = submission(in_set("20260401080000", "20260301080000"))
    at = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
    assert rules(coherence.date_problems(future, at)) == {"xds.coherence.dates-in-order"}
    assert rules(coherence.date_problems(submission(in_set("20260401080000", "hier")), late)) == set()


def test_set_and_authors_share_a_structure() -> None:
    structure = next(v for v in submission().set.authors[0].institutions).rpartition("^")[2]
    other = submission(in_set(f"^{structure}", "^1999999999"))
    assert rules(coherence.people_problems(other)) == {"xds.coherence.structure-of-set"}


def hidden(born: str) -> Submission:
    hiding = ('nodeRepresentation="N">', 'nodeRepresentation="INVISIBLE_REPRESENTANTS_LEGAUX">')
    return submission((DOC, change(DOC, hiding, ("PID-7|19790301", born))))


@pytest.mark.parametrize(
    ("born", "said"),
    [("PID-7|20080402", False), ("PID-7|20080401", True), ("PID-7|19790301 ", True), ("PID-7|inconnue", False)],
)
def test_only_a_minor_hides_from_his_representatives(born: str, said: bool) -> None:
    assert rules(coherence.minor_problems(hidden(born))) == ({"xds.coherence.minor-visibility"} if said else set())


def test_what_the_registry_gives_is_not_said_by_the_source() -> None:
    repository = '<Slot name="repositoryUniqueId"><ValueList><Value>1.2.3</Value></ValueList></Slot>'
    found = submission(in_document('<Slot name="creationTime">', f'{repository}<Slot name="creationTime">'))
    assert rules(coherence.registry_side_problems(found)) == {"xds.coherence.registry-side"}


# --- versions

SECOND = (('<versionNumber value="1"/>', '<versionNumber value="2"/>'),)
PARENT = f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{UID}"/></parentDocument></relatedDocument>'


def version(*cda: tuple[str, str], rplc: str = "", uid: str = "") -> Submission:
    body: list[tuple[str, str]] = []
    if rplc:
        body.append((SIGNATURE, SIGNATURE + association("a9", RPLC, "Doc01", rplc)))
    if uid:
        body.append((DOC, change(DOC, (UID, uid))))
    return submission(*body, cda=cda)


def second(*cda: tuple[str, str], uid: str = "2.25.999") -> Submission:
    return version(
        ('<versionNumber value="1"/>', f'<versionNumber value="2"/>{PARENT}'),
        (f'<id root="{UID}"/>\n', f'<id root="{uid}"/>\n'),
        *cda,
        rplc=OLD,
        uid=uid,
    )


def document(found: Submission) -> DepositedDocument:
    return found.clinical_documents[0]


def test_versions_count_from_one_and_replace_the_one_before() -> None:
    assert rules(versions.version_problems(version())) == set()
    assert rules(versions.version_problems(second())) == set()
    for wrong in (
        version(*SECOND),
        version(('<versionNumber value="1"/>', '<versionNumber value="0"/>')),
        version(('<versionNumber value="1"/>', f'<versionNumber value="1"/>{PARENT}')),
        version(('<versionNumber value="1"/>', f'<versionNumber value="2"/>{PARENT}')),
    ):
        assert rules(versions.version_problems(wrong)) == {"xds.version.number"}


def test_a_replacement_goes_from_an_entry_to_an_entry_uuid() -> None:
    assert rules(versions.association_problems(version(rplc=OLD))) == set()
    assert rules(versions.association_problems(version(rplc="1.2.3"))) == {"xds.version.association"}
    twice = association("a8", RPLC, "Doc01", OLD) + association("a9", RPLC, "Doc01", OLD)
    assert rules(versions.association_problems(with_association(twice))) == {"xds.version.association"}
    stray = with_association(association("a9", RPLC, "Ailleurs", OLD))
    assert rules(versions.association_problems(stray)) == {"xds.version.association"}


def test_a_version_follows_the_one_before() -> None:
    first = document(version())
    assert rules(versions.succession_problems(first, document(second()))) == set()
    for wrong in (
        second(('value="2"', 'value="3"')),
        second((f'<parentDocument><id root="{UID}"/>', '<parentDocument><id root="9.9"/>')),
        second(("<setId root=", '<setId extension="autre" root=')),
        version(*SECOND),
    ):
        assert rules(versions.succession_problems(first, document(wrong))) == {"xds.suite.succession"}


def test_what_is_replaced_is_the_version_before() -> None:
    first, after = document(version()), second()
    assert rules(versions.known_problems(first, replace(after, replaced={OLD: UID}))) == set()
    for aimed in ({}, {OLD: "2.25.1"}):
        assert rules(versions.known_problems(first, replace(after, replaced=aimed))) == {"xds.suite.replaced-known"}


def test_a_new_version_says_something_new() -> None:
    first = document(version())
    assert rules(versions.changed_problems(first, document(second()))) == {"xds.suite.changed"}
    assert rules(versions.changed_problems(first, document(second(("<given>ANNE MARIE", "<given>ANNE"))))) == set()


def test_repeated_deposits_are_told_apart() -> None:
    one = version()
    assert rules(versions.repeat_problems([one, one])) == set()
    assert rules(versions.repeat_problems([one, second()])) == set()
    other_content = version(("<languageCode", "<!-- autre --><languageCode"))
    assert rules(versions.repeat_problems([one, other_content])) == {"xds.suite.repeat"}
    again = version(uid="2.25.998")
    assert {p.message for p in versions.repeat_problems([one, again])} >= {"Document inchangé envoyé sous un autre uniqueId"}
    same_version = version((f'<id root="{UID}"/>\n', '<id root="2.25.997"/>\n'), uid="2.25.997")
    assert {p.message for p in versions.repeat_problems([one, same_version])} == {
        "Deux documents de mêmes setId et versionNumber"
    }
