"""Rules on the minimum set, and on the documents of nursing services."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from dui_conformance.checks import setmin as rules
from dui_conformance.checks import ssiad
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.campaign import Geste
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.gestures.sidoba import CorrigerEnvoi
from dui_conformance.core.verdict import Severity, Verdict
from dui_conformance.fixtures.people import usager
from dui_conformance.validation.fhir.context import FhirPackages
from dui_conformance.validation.sidoba.lot import SetMin, SsiadDocument, SsiadLot
from samples.sidoba import SETTINGS, USAGER, Change, export, play

CORRECTION = Geste("G01", CorrigerEnvoi("setmin", USAGER.id, "entree_le", "2026-09-01"))


def made(change: Change = None, **how: Any) -> SetMin:
    return play().setmin(change, **how).view(SetMin)


def resource(bundle: dict[str, Any], kind: str, rank: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind][rank]
    return found


@pytest.mark.parametrize("how", [{}, {"domicile": True}, {"profil": "recupere"}, {"profil": "provisoire"}])
def test_what_the_reference_dui_sends_keeps_every_rule(how: dict[str, Any]) -> None:
    exchange = play().setmin(**how)
    found = run_profile(all_profiles()["SIDOBA-SETMIN"], (exchange,), context=(SETTINGS, FhirPackages()))
    assert [(a.check, a.verdict, a.finding) for a in found if a.verdict is not Verdict.CONFORME or a.finding] == []
    assert len(found) >= 30


def test_a_good_set_passes() -> None:
    lot = made(domicile=True)
    for rule in (
        rules.structure_is_the_one_of_the_call,
        rules.local_identifiers_are_of_the_structure,
        rules.usager_is_described_once,
        rules.events_belong_to_their_stay,
        rules.history_is_of_one_to_five_weeks,
        rules.home_service_tells_events_and_evaluation,
        rules.resources_declare_their_profile,
        rules.each_object_has_a_business_identifier,
    ):
        assert rule(lot).fired
    assert rules.one_transaction_carries_all([lot]).fired
    assert rules.matricule_is_that_of_the_usager(lot, USAGER).fired
    assert rules.traits_are_those_of_the_usager(lot, USAGER).fired


def _identifier(kind: str, value: str, rank: int = 0) -> Change:
    return lambda b: resource(b, kind)["identifier"][rank].update(value=value)


def _again(b: dict[str, Any]) -> None:
    b["entry"].append(b["entry"][0])


def _one_day(b: dict[str, Any]) -> None:
    for rank in (1, 2, 3):
        resource(b, "Encounter", rank)["period"]["start"] = "2026-11-02T09:00:00+01:00"


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        (rules.structure_is_the_one_of_the_call, _identifier("Organization", "1990000036")),
        (rules.structure_is_the_one_of_the_call, lambda b: b["entry"].pop(1)),
        (rules.local_identifiers_are_of_the_structure, _identifier("Patient", "3990000036/1", 1)),
        (rules.usager_is_described_once, _again),
        (rules.usager_is_described_once, _identifier("Encounter", "3990000051/autre-SEJOUR-1")),
        (rules.events_belong_to_their_stay, lambda b: resource(b, "Encounter", 1).pop("partOf")),
        (rules.events_belong_to_their_stay, lambda b: resource(b, "Encounter")["period"].update(start="2026-11-19")),
        (rules.history_is_of_one_to_five_weeks, _one_day),
        (
            rules.history_is_of_one_to_five_weeks,
            lambda b: resource(b, "Encounter", 1)["period"].update(start="2026-01-01T00:00:00Z"),
        ),
        (rules.home_service_tells_events_and_evaluation, lambda b: b["entry"].pop()),
        (rules.resources_declare_their_profile, lambda b: resource(b, "Organization").pop("meta")),
        (rules.resources_declare_their_profile, lambda b: resource(b, "Organization").update(meta={"profile": "x"})),
        (rules.each_object_has_a_business_identifier, lambda b: resource(b, "Practitioner").pop("identifier")),
    ],
)
def test_a_wrong_set_is_seen(rule: Any, change: Change) -> None:
    with pytest.raises(CheckFailed):
        rule(made(change, domicile=True))


@pytest.mark.parametrize(
    "rule", [rules.usager_is_described_once, rules.events_belong_to_their_stay, rules.history_is_of_one_to_five_weeks]
)
def test_nothing_is_said_of_what_is_not_there(rule: Any) -> None:
    with pytest.raises(Inconclusive):
        rule(made(lambda b: b.update(entry=[])))


def test_several_bundles_are_seen() -> None:
    with pytest.raises(CheckFailed):
        rules.one_transaction_carries_all([made(), made()])


def test_the_matricule_is_that_of_a_qualified_usager() -> None:
    other = usager("recupere", "sidoba")
    assert rules.matricule_is_that_of_the_usager(made(profil="recupere"), other).fired
    with pytest.raises(CheckFailed, match="non qualifiée"):
        rules.matricule_is_that_of_the_usager(made(), replace(USAGER, statut="validee"))
    with pytest.raises(CheckFailed, match="d'un autre"):
        rules.matricule_is_that_of_the_usager(made(profil="recupere"), USAGER)


@pytest.mark.parametrize(
    ("name", "value"), [("gender", "unknown"), ("birthDate", "1900-01-01"), ("name", [{"use": "official", "family": "X"}])]
)
def test_another_trait_is_seen(name: str, value: Any) -> None:
    with pytest.raises(CheckFailed):
        rules.traits_are_those_of_the_usager(made(lambda b: resource(b, "Patient").update({name: value})), USAGER)
    with pytest.raises(Inconclusive):
        rules.traits_are_those_of_the_usager(made(lambda b: b["entry"].pop(0)), USAGER)


def test_what_is_sent_again_keeps_its_identifiers_and_is_corrected() -> None:
    first, same, other = made(), made(entree=date(2026, 9, 1)), made(numero=2)
    assert rules.objects_sent_again_keep_their_identifiers([first, same]).fired
    assert rules.corrected_stay_is_sent(CORRECTION, [first, same]).fired
    with pytest.raises(CheckFailed):
        rules.objects_sent_again_keep_their_identifiers([first, other])
    with pytest.raises(CheckFailed):
        rules.corrected_stay_is_sent(CORRECTION, [first])
    with pytest.raises(Inconclusive):
        rules.objects_sent_again_keep_their_identifiers([first])


def carried(change: Change = None, **how: Any) -> SsiadDocument:
    return play().ssiad(change, **how).view(SsiadDocument)


def sheet(change: Change) -> Change:
    return lambda b: change(b["entry"][0]["resource"])  # type: ignore[misc]


def test_the_reference_export_keeps_every_rule() -> None:
    exchange = play().ssiad()
    document = exchange.view(SsiadDocument)
    for name, subject in (("SIDOBA-SSIAD", exchange), ("SIDOBA-SSIAD-CDA", document.document)):
        found = run_profile(all_profiles()[name], (subject,), context=(SETTINGS, FhirPackages()))
        loud = [a for a in found if a.severity is not Severity.INFORMATION]
        assert [(a.check, a.verdict, a.finding) for a in loud if a.verdict not in (Verdict.CONFORME, Verdict.SANS_OBJET)] == []
    assert ssiad.document_is_attached(exchange.view(SsiadLot)).fired
    assert ssiad.size_and_hash_are_right(document).fired
    assert ssiad.master_identifier_is_that_of_the_document(document).fired
    assert ssiad.local_identifier_is_of_the_structure(document).fired
    assert ssiad.document_is_about_the_usager(document, USAGER).fired


def test_the_generic_entries_of_the_kit_are_no_gate() -> None:
    globs = [rule for part in all_profiles()["SIDOBA-SSIAD-CDA"].applied for rule in part.rules]
    assert not any(glob.startswith(("cda.entree", "cda.section", "cda.modele")) for glob in globs)


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r["content"][0]["attachment"].update(contentType="text/plain"),
        lambda r: r["content"][0]["attachment"].update(data="pas du base64"),
        lambda r: r["content"][0]["attachment"].update(data="SGVsbG8gd29ybGQ="),
        lambda r: r.pop("content"),
    ],
)
def test_an_unreadable_document_is_seen(change: Change) -> None:
    with pytest.raises(CheckFailed):
        ssiad.document_is_attached(play().ssiad(sheet(change)).view(SsiadLot))


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        (ssiad.size_and_hash_are_right, lambda r: r["content"][0]["attachment"].update(size=3)),
        (ssiad.size_and_hash_are_right, lambda r: r["content"][0]["attachment"].update(hash="eA==")),
        (ssiad.master_identifier_is_that_of_the_document, lambda r: r["masterIdentifier"].update(value="1")),
    ],
)
def test_a_sheet_that_does_not_fit_is_seen(rule: Any, change: Change) -> None:
    with pytest.raises(CheckFailed):
        rule(carried(sheet(change)))


def test_another_usager_or_structure_is_seen() -> None:
    with pytest.raises(CheckFailed):
        ssiad.document_is_about_the_usager(carried(), usager("qualifie", "un-autre"))
    with pytest.raises(CheckFailed):
        ssiad.document_is_about_the_usager(carried(sheet(lambda r: r.pop("contained"))), USAGER)
    with pytest.raises(CheckFailed):
        ssiad.local_identifier_is_of_the_structure(replace(carried(), structure="1990000036"))


def test_a_correction_replaces() -> None:
    first = export()
    second, stranger = export(first, date(2026, 9, 1)), export()
    documents = [carried(made=first), carried(made=second)]
    assert ssiad.correction_replaces_the_former_document(documents).fired == 3
    assert ssiad.corrected_stay_is_in_the_document(CORRECTION, documents).fired
    for wrong in ([documents[0], carried(made=stranger)], [documents[1], documents[0]]):
        with pytest.raises(CheckFailed):
            ssiad.correction_replaces_the_former_document(wrong)
    with pytest.raises(CheckFailed):
        ssiad.corrected_stay_is_in_the_document(CORRECTION, documents[:1])
    with pytest.raises(Inconclusive):
        ssiad.correction_replaces_the_former_document(documents[:1])


def test_the_version_must_grow() -> None:
    first = export()
    second = export(first)
    frozen = replace(second, octets=second.octets.replace(b'<versionNumber value="2"', b'<versionNumber value="1"'))
    with pytest.raises(CheckFailed, match="version"):
        ssiad.correction_replaces_the_former_document([carried(made=first), carried(made=frozen)])


def test_a_retry_is_the_same_document() -> None:
    first = export()
    assert ssiad.retry_is_the_same_document([carried(made=first), carried(made=first)]).fired
    with pytest.raises(CheckFailed):
        ssiad.retry_is_the_same_document([carried(made=first), carried(made=export())])
    with pytest.raises(Inconclusive):
        ssiad.retry_is_the_same_document([carried(made=first)])
