"""Rules on the assertion of a professional, on both sides of each."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest
from dui_conformance.checks import ins_assertion as rules
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.people import Professionnel
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.validation.ins.request import InsRequest
from dui_conformance.validation.saml.signature import SignatureReport
from dui_conformance.validation.saml.vihf import Vihf
from samples import insi

NURSE = replace(professionals()["infirmiere-ehpad"], id_nat=insi.PS)
DOCTOR = replace(professionals()["medecin-multi"], id_nat=insi.PS)
PROFESSION = '<s2:Attribute Name="gipProfessionCode"><s2:AttributeValue>60</s2:AttributeValue></s2:Attribute>'
SPECIALITY = '<s2:Attribute Name="codeSpecialiteAMO"><s2:AttributeValue>01</s2:AttributeValue></s2:Attribute>'


def message(mode: str = "PSC", *, more: str = "", signed: bool = False, name_id: str = insi.PS, ident: str = "_a1") -> str:
    security = insi.assertion(mode, signed=signed, name_id=name_id).replace(
        "</s2:AttributeStatement>", f"{more}</s2:AttributeStatement>"
    )
    return insi.envelope(insi.traits(), security=security.replace("_a1", ident), emetteur=name_id)


def request(mode: str = "PSC", **how: object) -> InsRequest:
    return insi.exchange(message(mode, **how), certificate=None).view(InsRequest)  # type: ignore[arg-type]


def test_assertion_names_the_connected_professional() -> None:
    assert rules.assertion_names_the_connected_professional(request(), NURSE).fired
    assert rules.assertion_names_the_connected_professional(request(name_id=insi.PS[1:]), NURSE).fired
    with pytest.raises(CheckFailed, match="autre que"):
        rules.assertion_names_the_connected_professional(request(name_id="899700000099"), NURSE)
    with pytest.raises(Inconclusive):
        rules.assertion_names_the_connected_professional(request("CPS"), NURSE)


def test_profession_is_told_by_psc() -> None:
    assert rules.psc_assertion_says_the_profession(request(more=PROFESSION), NURSE).fired
    for more, person in (("", NURSE), (PROFESSION, DOCTOR)):
        with pytest.raises(CheckFailed):
            rules.psc_assertion_says_the_profession(request(more=more), person)
    with pytest.raises(Inconclusive):
        rules.psc_assertion_says_the_profession(request(), replace(NURSE, profession=""))


@pytest.mark.parametrize(("more", "person", "good"), [("", NURSE, True), (SPECIALITY, DOCTOR, True), (SPECIALITY, NURSE, False)])
def test_speciality_is_for_doctors(more: str, person: Professionnel, good: bool) -> None:
    if good:
        assert rules.only_doctors_declare_a_speciality(request(more=more), person).fired
        return
    with pytest.raises(CheckFailed):
        rules.only_doctors_declare_a_speciality(request(more=more), person)


def test_assertion_ids_differ() -> None:
    assert rules.each_assertion_has_its_own_id([request(), request(ident="_a2")]).fired == 2
    with pytest.raises(CheckFailed):
        rules.each_assertion_has_its_own_id([request(), request()])
    with pytest.raises(Inconclusive):
        rules.each_assertion_has_its_own_id([request()])


def test_assertion_is_fresh() -> None:
    assert rules.assertion_is_made_for_the_call(request(), insi.SETTINGS).fired
    for written in ("2026-03-31T08:00:00Z", "hier"):
        old = message().replace('IssueInstant="2026-04-01T08:00:00Z"', f'IssueInstant="{written}"')
        with pytest.raises(CheckFailed):
            rules.assertion_is_made_for_the_call(insi.exchange(old, certificate=None).view(InsRequest), insi.SETTINGS)


def report(method: str, count: int = 1) -> SignatureReport:
    return SignatureReport(count, "", "x", signature_method=method)


def test_card_signs_with_sha_256() -> None:
    card = request("CPS", signed=True)
    assert rules.card_signs_with_sha_256(card, report("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256")).fired
    with pytest.raises(CheckFailed):
        rules.card_signs_with_sha_256(card, report("http://www.w3.org/2000/09/xmldsig#rsa-sha1"))
    with pytest.raises(Inconclusive):
        rules.card_signs_with_sha_256(card, report("", 0))


def signed_by(subject: str) -> tuple[InsRequest, Vihf]:
    der = base64.b64encode(insi.client_der(subject)).decode()
    key = f"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    signature = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"'
    text = message("CPS", signed=True).replace(f"{signature}/>", f"{signature}>{key}</ds:Signature>")
    exchange = insi.exchange(text, certificate=None)
    return exchange.view(InsRequest), exchange.view(Vihf)


def test_card_of_the_professional_signs() -> None:
    assert rules.card_signature_is_of_the_professional(*signed_by(insi.PS)).fired
    with pytest.raises(CheckFailed, match="autre certificat"):
        rules.card_signature_is_of_the_professional(*signed_by("ORG-SIGN"))
