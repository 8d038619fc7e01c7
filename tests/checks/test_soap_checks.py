"""Each rule of the SOAP envelope: green on a correct call, red on the same call broken in one place."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dui_conformance.checks import soap
from dui_conformance.core.check import Check, apply
from dui_conformance.core.exchange import Body, Request
from dui_conformance.core.verdict import Verdict
from samples.dmp import TD02, VIHF, Deposit, exchange, existence_body, soap_request

GOOD = soap_request("/patients", TD02, existence_body())
KIND = f'application/soap+xml; charset=UTF-8; action="{TD02}"'


def edited(old: str, new: str, kind: str = KIND) -> Request:
    data = GOOD.body.read().decode()
    assert old in data
    return replace(GOOD, headers=(("Content-Type", kind),), body=Body(data.replace(old, new).encode()))


def typed(kind: str) -> Request:
    return replace(GOOD, headers=(("Content-Type", kind),))


SECURITY = '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"'
RED: list[tuple[Check, Request, str]] = [
    (soap.message_is_readable, edited("<s:Body>", "<s:Body"), "XML illisible"),
    (soap.message_is_readable, edited("<s:Envelope", "<!DOCTYPE x []><s:Envelope"), "DOCTYPE"),
    (soap.message_is_readable, edited("<s:Envelope", '<?xml version="1.0" encoding="ISO-8859-1"?><s:Envelope'), "UTF-8 attendu"),
    (
        soap.message_is_readable,
        replace(GOOD, headers=(("Content-Type", KIND), ("Content-Encoding", "gzip"))),
        "Content-Encoding : gzip",
    ),
    (
        soap.envelope_is_soap12,
        edited("http://www.w3.org/2003/05/soap-envelope", "http://schemas.xmlsoap.org/soap/envelope/"),
        "SOAP 1.1",
    ),
    (soap.content_type_announces_soap12, typed("text/xml; charset=UTF-8"), "text/xml"),
    (soap.content_type_announces_soap12, typed("application/soap+xml; charset=US-ASCII"), "charset=US-ASCII"),
    (soap.action_appears_once, edited("</s:Header>", "<a:Action>urn:autre</a:Action></s:Header>"), "2 wsa:Action"),
    (soap.action_appears_once, edited(f">{TD02}</a:Action>", "> </a:Action>"), "vide"),
    (soap.http_action_equals_wsa_action, typed('application/soap+xml; charset=UTF-8; action="urn:autre"'), "urn:autre"),
    (soap.message_id_is_urn_uuid, edited("urn:uuid:1111", "uuid:1111"), "uuid:1111"),
    (soap.message_id_is_urn_uuid, edited("urn:uuid:11111111-", "urn:uuid:1-"), "urn:uuid:1-"),
    (soap.to_header_is_present, edited("<a:To/>", ""), "0 wsa:To"),
    (soap.reply_to_is_anonymous, edited("addressing/anonymous", "addressing/none"), "addressing/none"),
    (soap.reply_to_is_anonymous, edited("<a:To/>", "<a:To/><a:ReplyTo/>"), "2 wsa:ReplyTo"),
    (soap.reply_to_is_present, edited("a:ReplyTo", "a:FaultTo"), "absent"),
    (soap.addressing_headers_must_be_understood, edited('Action s:mustUnderstand="true"', "Action"), "absent"),
    (
        soap.security_holds_nothing_but_assertions,
        edited("<Assertion ", "<w:BinarySecurityToken/><Assertion "),
        "wsse:BinarySecurityToken",
    ),
    (soap.security_is_not_must_understand, edited(SECURITY, f'{SECURITY} s:mustUnderstand="1"'), "mustUnderstand"),
    (soap.security_is_not_must_understand, edited(SECURITY, f'{SECURITY} mustUnderstand="true"'), "mustUnderstand"),
]


@pytest.mark.parametrize("check", list(dict.fromkeys(c for c, _, _ in RED)), ids=lambda c: c.id)
@pytest.mark.parametrize("request_", [GOOD, Deposit().request()], ids=["soap", "mtom"])
def test_correct_call_is_conforme(check: Check, request_: Request) -> None:
    assert apply(check, [exchange(request_)]).verdict is Verdict.CONFORME


@pytest.mark.parametrize(("check", "request_", "words"), RED, ids=lambda v: getattr(v, "id", None))
def test_broken_call_is_non_conforme_and_says_why(check: Check, request_: Request, words: str) -> None:
    made = apply(check, [exchange(request_)])
    assert made.verdict is (Verdict.AVERTISSEMENT if check is soap.envelope_is_soap12 else Verdict.NON_CONFORME)
    assert made.finding is not None
    assert words in made.finding.received
    assert made.finding.expected
    assert made.finding.at
    assert made.finding.hint


VARIANTS: list[tuple[str, Check, Request]] = [
    ("charset facultatif", soap.content_type_announces_soap12, typed("application/soap+xml")),
    ("ReplyTo facultatif", soap.reply_to_is_anonymous, edited("a:ReplyTo", "a:FaultTo")),
    ("mustUnderstand sans préfixe", soap.addressing_headers_must_be_understood, edited("s:mustUnderstand", "mustUnderstand")),
    ("mustUnderstand à 1", soap.addressing_headers_must_be_understood, edited('Understand="true"', 'Understand="1"')),
    ("encodage déclaré", soap.message_is_readable, edited("<s:Envelope", '<?xml version="1.0" encoding="utf-8"?><s:Envelope')),
    (
        "codage identity",
        soap.message_is_readable,
        replace(GOOD, headers=(("Content-Type", KIND), ("Content-Encoding", "identity"))),
    ),
]


@pytest.mark.parametrize(("check", "request_"), [v[1:] for v in VARIANTS], ids=[v[0] for v in VARIANTS])
def test_legitimate_variant_is_conforme(check: Check, request_: Request) -> None:
    assert apply(check, [exchange(request_)]).verdict is Verdict.CONFORME


@pytest.mark.parametrize("check", [soap.security_holds_nothing_but_assertions, soap.security_is_not_must_understand])
def test_missing_security_header_leaves_its_rules_non_concluant(check: Check) -> None:
    bare = edited(SECURITY, "<w:Autre xmlns:w='urn:x'").body.read().decode().replace("</w:Security>", "</w:Autre>")
    made = apply(check, [exchange(replace(GOOD, body=Body(bare.encode())))])
    assert made.verdict is Verdict.NON_CONCLUANT
    assert VIHF in bare


def deposits(*ids: str) -> list[object]:
    return [exchange(Deposit(message_id=f"urn:uuid:{i * 8}-2222-4222-8222-222222222222").request()) for i in ids]


@pytest.mark.parametrize(
    ("sent", "verdict"),
    [(("a", "b"), Verdict.CONFORME), (("a", "a"), Verdict.NON_CONFORME), (("a",), Verdict.NON_CONCLUANT)],
)
def test_message_ids_are_compared_between_messages(sent: tuple[str, ...], verdict: Verdict) -> None:
    assert apply(soap.message_ids_are_never_reused, deposits(*sent)).verdict is verdict


def test_unreadable_message_is_non_concluant_for_the_other_rules() -> None:
    broken = exchange(edited("<s:Body>", "<s:Body"))
    judged = (soap.envelope_is_soap12, soap.reply_to_is_anonymous)
    assert {apply(c, [broken]).verdict for c in judged} == {Verdict.NON_CONCLUANT}
