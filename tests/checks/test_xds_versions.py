"""Coherence, versions and replacement of a submission: green once, red in each way."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.checks import xds_coherence as coherence
from dui_conformance.checks import xds_versions as versions
from dui_conformance.core.check import Application, Check, apply
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict
from samples.xds import DOC, SIGNATURE, UID, association, change, deposit, in_document, in_set

RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
OLD = "urn:uuid:11111111-2222-4333-8444-555555555555"
NEW = "2.25.112"
FIRST = '<versionNumber value="1"/>'
PARENT = f'<relatedDocument typeCode="RPLC"><parentDocument><id root="{UID}"/></parentDocument></relatedDocument>'
Change = tuple[str, str]


def judge(check: Check, *subjects: Any) -> Application:
    return apply(check, subjects, context=(Settings(),))


def assert_red(made: Application, words: str) -> None:
    assert made.finding is not None, made
    assert words in f"{made.finding.message} | {made.finding.received}"
    assert made.finding.expected
    assert made.finding.at
    assert made.finding.hint


def second(*cda: Change, link: str = "", known: str = UID, body: tuple[Change, ...] = ()) -> Exchange:
    """The next version of the sample, which replaces it."""
    rplc = link or association("a9", RPLC, "Doc01", OLD)
    return deposit(
        (SIGNATURE, SIGNATURE + rplc),
        (DOC, change(DOC, (UID, NEW), *body)),
        cda=((f'<id root="{UID}"/>', f'<id root="{NEW}"/>'), (FIRST, f'<versionNumber value="2"/>{PARENT}'), *cda),
        facts={"cibles": {OLD: known}} if known else {},
    )


CHANGED = (("<title>", "<title>Seconde "),)


@pytest.mark.parametrize(
    "check", [versions.version_number_says_what_is_replaced, versions.replacement_goes_from_an_entry_to_an_entry]
)
def test_a_first_and_a_second_version_hold(check: Check) -> None:
    assert judge(check, deposit()).verdict is judge(check, second()).verdict is Verdict.CONFORME


SET_RED: list[tuple[Check, Exchange, str]] = [
    (versions.version_number_says_what_is_replaced, deposit(cda=((FIRST, '<versionNumber value="0"/>'),)), "Numéro de version"),
    (versions.version_number_says_what_is_replaced, deposit(cda=((FIRST, f"{FIRST}{PARENT}"),)), "Première version"),
    (versions.version_number_says_what_is_replaced, deposit(cda=((FIRST, FIRST.replace("1", "2")),)), "sans document remplacé"),
    (
        versions.replacement_goes_from_an_entry_to_an_entry,
        second(link=association("a9", RPLC, "Doc01", UID)),
        "autre chose qu'une fiche",
    ),
    (
        versions.replacement_goes_from_an_entry_to_an_entry,
        second(link=association("a9", RPLC, "SubmissionSet01", OLD)),
        "ne part pas d'une fiche",
    ),
    (coherence.fields_follow_their_grammar, deposit(in_document("^IDNPS", "^ID~NPS")), "répétition"),
    (
        coherence.associations_link_what_exists,
        deposit((SIGNATURE, SIGNATURE + association("a9", "urn:x", "Doc01", "Doc01"))),
        "urn:x",
    ),
    (coherence.dates_are_in_order, deposit(in_set("20260401080000", "20250401080000")), "loin de l'heure"),
    (
        coherence.set_comes_from_a_structure_of_its_authors,
        deposit(in_set("^1990000010", "^1999999999")),
        "autre structure",
    ),
    (
        coherence.only_minors_hide_from_their_representatives,
        deposit(in_document('nodeRepresentation="N">', 'nodeRepresentation="INVISIBLE_REPRESENTANTS_LEGAUX">')),
        "majeur",
    ),
    (
        coherence.registry_side_is_left_to_the_registry,
        deposit(
            in_document(
                '<Slot name="languageCode">',
                '<Slot name="URI"><ValueList><Value>x</Value></ValueList></Slot><Slot name="languageCode">',
            )
        ),
        "URI",
    ),
]


@pytest.mark.parametrize(("check", "wrong", "words"), SET_RED, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_what_is_wrong_in_one_submission_is_said(check: Check, wrong: Exchange, words: str) -> None:
    assert judge(check, deposit()).verdict is Verdict.CONFORME
    assert_red(judge(check, wrong), words)


SUITE = (
    versions.modification_is_a_replacement,
    versions.replaced_entry_is_that_of_the_version_before,
    versions.version_follows_the_one_before,
    versions.new_version_says_something_new,
    versions.documents_are_told_apart,
)


@pytest.mark.parametrize("check", SUITE, ids=lambda c: c.id)
def test_a_new_version_follows_the_one_before(check: Check) -> None:
    assert judge(check, deposit(), second(*CHANGED)).verdict is Verdict.CONFORME


SUITE_RED: list[tuple[Check, Exchange, str]] = [
    (versions.modification_is_a_replacement, deposit(cda=CHANGED), "sans remplacer"),
    (versions.replaced_entry_is_that_of_the_version_before, second(*CHANGED, known=""), "inconnue du DMP"),
    (versions.replaced_entry_is_that_of_the_version_before, second(*CHANGED, known="2.25.9"), "d'un autre document"),
    (versions.version_follows_the_one_before, second(*CHANGED, ('<setId root="2.25.110"/>', '<setId root="2.25.9"/>')), "setId"),
    (versions.version_follows_the_one_before, second(*CHANGED, ('value="2"/><rel', 'value="4"/><rel')), "ne suit pas"),
    (
        versions.version_follows_the_one_before,
        second(*CHANGED, (f'<parentDocument><id root="{UID}"', '<parentDocument><id root="2.25.9"')),
        "différent",
    ),
    (versions.version_follows_the_one_before, second(*CHANGED, body=(("279035121518989", "290085100000125"),)), "Patient"),
    (versions.version_follows_the_one_before, second(*CHANGED, body=(('"87273-9"', '"11369-6"'),)), "Type"),
    (versions.new_version_says_something_new, second(), "inchangé"),
    (versions.documents_are_told_apart, deposit(cda=CHANGED), "deux contenus"),
    (
        versions.documents_are_told_apart,
        deposit(in_document(UID, NEW), cda=((f'<id root="{UID}"/>', f'<id root="{NEW}"/>'),)),
        "mêmes setId",
    ),
]


@pytest.mark.parametrize(("check", "wrong", "words"), SUITE_RED, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_a_version_that_does_not_follow_is_said(check: Check, wrong: Exchange, words: str) -> None:
    assert_red(judge(check, deposit(), wrong), words)


def test_one_deposit_alone_compares_with_nothing() -> None:
    assert judge(versions.documents_are_told_apart, deposit()).verdict is Verdict.NON_CONCLUANT
    assert judge(versions.replaced_entry_is_that_of_the_version_before, deposit(), deposit()).verdict is Verdict.NON_CONCLUANT


def test_dates_that_cannot_be_read_are_for_another_rule() -> None:
    assert judge(coherence.dates_are_in_order, deposit(in_set("20260401080000", "hier"))).verdict is Verdict.NON_CONCLUANT
