"""SAML views: distinguished names, instants, certification paths, comments, cost of one verification."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from dui_conformance.core.errors import Inconclusive
from dui_conformance.validation.saml.chain import SignerCertificate, TrustAnchors, build_path
from dui_conformance.validation.saml.names import NameSyntaxError, name_of, parse_name
from dui_conformance.validation.saml.signature import SignatureReport
from dui_conformance.validation.saml.vihf import Vihf, instant
from samples.vihf import START, anchors, authority, call, organisation, signed

NAME = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "ÉLÉMENTAIRE, DUPONT + FILS"),
        x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "10B0127189"),
        x509.NameAttribute(NameOID.SURNAME, "FICTIF"),
        x509.NameAttribute(NameOID.COMMON_NAME, 'UN "NOM"'),
    ]
)


@pytest.mark.parametrize(
    "text",
    [
        NAME.rfc4514_string(),
        'CN=UN \\"NOM\\",SURNAME=FICTIF,OU=10B0127189,O=ÉLÉMENTAIRE\\, DUPONT \\+ FILS,C=FR',
        'CN=UN \\"NOM\\", SN=FICTIF, OU=10B0127189, O="ÉLÉMENTAIRE, DUPONT + FILS", C=FR',
        "CN=UN \\22NOM\\22,2.5.4.4=#0c06464943544946,OU=10B0127189,O=\\C3\\89L\\C3\\89MENTAIRE\\2C DUPONT \\2B FILS,C=FR",
        'cn=UN \\"NOM\\",oid.2.5.4.4=FICTIF,ou=10B0127189,o=ÉLÉMENTAIRE\\, DUPONT \\+ FILS,c=FR',
    ],
)
def test_name_is_the_same_in_every_correct_writing(text: str) -> None:
    assert parse_name(text) == name_of(NAME)


def test_name_in_reverse_order_is_told_apart() -> None:
    written = parse_name("C=FR,OU=10B0127189,CN=X")
    assert written != parse_name("CN=X,OU=10B0127189,C=FR")
    assert written.reversed() == parse_name("CN=X,OU=10B0127189,C=FR")


@pytest.mark.parametrize("text", ["", "EHPAD", "CN=X,", "ZZ=1", "CN=#zz", "CN=#0c05ab", 'CN="a"b', "=X"])
def test_text_that_is_not_a_name_is_refused(text: str) -> None:
    with pytest.raises(NameSyntaxError):
        parse_name(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-04-01T08:00:00Z", datetime(2026, 4, 1, 8, tzinfo=UTC)),
        ("2026-04-01T10:00:00.250+02:00", datetime(2026, 4, 1, 8, 0, 0, 250000, tzinfo=UTC)),
        ("2026-04-01T08:00:00", None),
        ("2026-04-01", None),
        ("", None),
    ],
)
def test_instant_needs_an_offset(text: str, expected: datetime | None) -> None:
    assert instant(text) == expected


def test_path_goes_through_an_intermediate_given_by_the_signature() -> None:
    middle = authority("AC INTERMEDIAIRE", parent="AC TEST")
    leaf = organisation(issuer="AC INTERMEDIAIRE", parent="AC TEST")
    assert not build_path(leaf.certificate, (), anchors(), datetime(2026, 4, 1, tzinfo=UTC)).anchor
    assert build_path(leaf.certificate, (middle.certificate,), anchors(), datetime(2026, 4, 1, tzinfo=UTC)).anchor == "CN=AC TEST"


def test_path_refuses_an_expired_authority_and_a_leaf_as_authority() -> None:
    leaf = organisation()
    late = build_path(leaf.certificate, (), anchors(), datetime(2027, 4, 1, tzinfo=UTC))
    assert "validité" in late.reason
    fake = TrustAnchors((organisation(rank=4).der,))
    assert not build_path(leaf.certificate, (), fake, datetime(2026, 4, 1, tzinfo=UTC)).anchor


def test_path_sees_revocation_only_from_its_date() -> None:
    leaf = organisation().certificate
    assert build_path(leaf, (), anchors(revoked=leaf), datetime(2026, 4, 1, tzinfo=UTC)).revoked
    assert not build_path(leaf, (), anchors(revoked=leaf), START.replace(year=2025)).revoked


def test_comment_cannot_hide_a_part_of_a_value() -> None:
    # canonicalisation drops comments: the signature stays good, so what is read must be what is signed
    exchange = call(signed().replace("899700000001", "8997<!-- -->00000001"))
    assert exchange.view(SignatureReport).error == ""
    assert exchange.view(Vihf).name_id == "899700000001"


def test_views_are_made_once() -> None:
    exchange = call(signed())
    assert exchange.view(Vihf) is exchange.view(Vihf)
    assert exchange.view(SignatureReport) is exchange.view(SignatureReport)
    assert exchange.view(SignerCertificate).cn == "SIGNATURE TEST"


def test_call_without_assertion_gives_no_view() -> None:
    with pytest.raises(Inconclusive, match="aucune assertion"):
        call("").view(Vihf)
