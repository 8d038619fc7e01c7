"""XDS views: HL7 v2 data types, times, code lists, submissions as received."""

from __future__ import annotations

import pytest
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.providers import provide
from dui_conformance.validation.xds import vocabulary as v
from dui_conformance.validation.xds.cda_header import CdaHeader
from dui_conformance.validation.xds.codes import associations, code_list
from dui_conformance.validation.xds.datatypes import (
    is_dtm,
    is_oid,
    parse_cx,
    parse_pid,
    parse_triplet,
    parse_xcn,
    parse_xon,
    utc_candidates,
)
from dui_conformance.validation.xds.lot_signature import LotSignature
from dui_conformance.validation.xds.patient import BodyPatient
from dui_conformance.validation.xds.submission import DepositedDocument, Submission
from samples.dmp import TD03, exchange, soap_request
from samples.vihf import INS, call, signed
from samples.xds import DOC_PART, SIGNATURE_PART, UID, deposit, in_document


def test_cx_gives_identifier_authority_and_what_follows() -> None:
    cx = parse_cx("279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH^^20260101")
    assert (cx.id, cx.authority.oid, cx.authority.type, cx.code, cx.extra) == (
        "279035121518989",
        "1.2.250.1.213.1.4.10",
        "ISO",
        "NH",
        ("20260101",),
    )
    assert cx.is_ins
    assert not parse_cx("").is_ins


def test_persons_and_organisations_are_read_by_component() -> None:
    person = parse_xcn("899700000001^L'EXEMPLE \\T\\ FILS^ANNE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS")
    assert (person.family, person.given, person.name_type, person.id_type) == ("L'EXEMPLE & FILS", "ANNE", "D", "IDNPS")
    structure = parse_xon("OG^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^1750000019")
    assert (structure.name, structure.id_type, structure.id) == ("OG", "IDNST", "1750000019")
    assert parse_triplet("G15_60^Infirmier^1.2.3").system == "1.2.3"


def test_traits_keep_repeated_fields() -> None:
    fields = parse_pid(("PID-5|FICTIF^ANNE^^^^^L~USUEL^ANNE^^^^^D", "PID-8|F", "sans champ"))
    assert fields == {"PID-5": ["FICTIF^ANNE^^^^^L", "USUEL^ANNE^^^^^D"], "PID-8": ["F"]}


@pytest.mark.parametrize("text", ["1.2.250.1.213", "2.25.329800735698586629295641978511506172918", "0.9.2342"])
def test_oid_is_recognised(text: str) -> None:
    assert is_oid(text)


@pytest.mark.parametrize("text", ["", "3.1", "1.02.3", "1.2.", "urn:oid:1.2", "1.2^3", "1", "2." + "9" * 127])
def test_text_that_is_not_an_oid_is_refused(text: str) -> None:
    assert not is_oid(text)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("20260401100000+0200", ("20260401080000",)),
        ("20260101003000+0100", ("20251231233000",)),
        ("202604011000+0200", ("20260401080000", "202604010800")),
        ("20260401053000-0330", ("20260401090000",)),
        ("20260401", ("20260401", "20260401000000", "20260331230000", "20260331220000")),
        ("20260401100000", ("20260401100000", "20260401090000", "20260401080000")),
        ("20260401100000.123+0200", ("20260401080000",)),
        ("20260231", ()),
        ("demain", ()),
        ("", ()),
    ],
)
def test_time_of_a_document_becomes_utc(written: str, expected: tuple[str, ...]) -> None:
    assert utc_candidates(written) == expected


def test_dtm_must_be_a_calendar_date_of_the_right_length() -> None:
    assert is_dtm("20260401080000", 14)
    assert not is_dtm("20260401", 14)
    assert is_dtm("20260401")
    assert not is_dtm("20260432")
    assert not is_dtm("٢٠٢٦0401")


def test_code_lists_expand_their_ranges() -> None:
    sectors = code_list("J02")
    assert sectors.has("SA07", "1.2.250.1.71.4.2.4")
    assert not sectors.has("SA11", "1.2.250.1.71.4.2.4")
    assert code_list("J01").has("G15_10/SM26", "1.2.250.1.213.1.1.4.5")
    assert code_list("J65").systems_of("60") == ("1.2.250.1.71.1.2.7",)


def test_every_associated_code_is_in_its_list() -> None:
    types, classes, formats = code_list("J07"), code_list("J06"), code_list("J60")
    for row in associations("classe-du-type").values():
        assert types.systems_of(row.key)
        assert classes.systems_of(row.value)
    for name in ("format-du-modele", "format-niveau-1"):
        assert all(formats.systems_of(row.value) for row in associations(name).values())


def test_deposit_is_read_with_its_documents() -> None:
    found = deposit().view(Submission)
    assert found.id == "2.25.222"
    assert [e.id for e in found.clinical_entries] == ["Doc01"]
    assert [d.id for d in found.clinical_documents] == [UID]
    assert found.signature is not None
    assert found.entries[0].identifier(v.ENTRY_UNIQUE_ID) == UID
    assert deposit().view(DepositedDocument).id == UID


def test_document_is_found_whatever_the_case_of_its_id() -> None:
    found = deposit((DOC_PART, DOC_PART.replace("Doc01", "doc01"))).view(Submission)
    assert [d.entry.id for d in found.documents] == ["Doc01", "Signature01"]


def test_missing_attachment_leaves_its_entry_without_document() -> None:
    exchange = deposit((DOC_PART, DOC_PART.replace("cid:doc01", "cid:perdu")))
    assert [p.content is None for p in exchange.view(Submission).parts] == [True, False]
    with pytest.raises(Inconclusive, match="aucun document lisible"):
        exchange.view(DepositedDocument)


def test_header_of_the_document_is_read_once() -> None:
    document = deposit().view(DepositedDocument)
    header = provide(CdaHeader, document)
    assert header is provide(CdaHeader, document)
    assert header.header.ins is not None
    assert header.header.ins.extension == INS
    assert header.header.givens == ("ANNE", "ANNE MARIE")


def test_lot_without_signature_gives_no_signature_view() -> None:
    exchange = deposit(in_document("Doc01", "Doc01"), (SIGNATURE_PART, ""))
    with pytest.raises(Inconclusive, match="pas signé"):
        exchange.view(LotSignature)


def test_patient_of_the_body_is_found_in_each_transaction() -> None:
    expected = (INS, "1.2.250.1.213.1.4.10")
    for one in (call(signed()), call(signed(), kind="td3.1"), deposit()):
        found = one.view(BodyPatient)
        assert (found.id, found.oid) == expected
    authorisation = exchange(soap_request("/habilitations", TD03, '<setAuthorization xmlns="urn:si-dmp-habilitations"/>'))
    assert not authorisation.view(BodyPatient).named


def test_other_calls_are_not_deposits() -> None:
    other: Exchange = call(signed())
    with pytest.raises(Inconclusive, match="n'est pas un dépôt"):
        other.view(Submission)
