"""Rules of the VIHF: one green call, and a red one for each way to break a rule."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from dui_conformance.checks import vihf_assertion as assertion
from dui_conformance.checks import vihf_attributes as attributes
from dui_conformance.checks import vihf_call as calls
from dui_conformance.checks import vihf_roles as roles
from dui_conformance.checks import vihf_signature as signature
from dui_conformance.checks.registry import all_checks, all_profiles, run_profile
from dui_conformance.core.check import Application, Check, apply
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.saml.vihf import Vihf
from lxml import etree
from samples.vihf import (
    ASSERTION,
    CX,
    EG,
    EXC,
    GENERAL,
    INS,
    ISSUER,
    OU,
    SUBJECT,
    CanonicalizationMethod,
    DigestAlgorithm,
    Identity,
    SignatureMethod,
    anchors,
    authority,
    call,
    change,
    organisation,
    signed,
    unsigned,
)
from signxml import XMLSigner

SETTINGS = Settings()
MODE = "INDIRECTE_RENFORCEE"
DIRECT = ((MODE, "DIRECTE"), ("<saml:AuthnContextDecl>APP_BROWSER_AUTH</saml:AuthnContextDecl>", ""))
NURSE = (('code="10"', 'code="60"'), (f"<saml:AttributeValue>{GENERAL}</saml:AttributeValue>", ""))


def judge(check: Check, *subjects: Any, trust: Any = None) -> Application:
    return apply(check, subjects, context=(SETTINGS, trust or anchors()))


def assert_red(made: Application, words: str) -> None:
    assert made.verdict in (Verdict.NON_CONFORME, Verdict.AVERTISSEMENT), made
    assert made.finding is not None
    assert words in f"{made.finding.message} | {made.finding.received} | {made.finding.hint} | {made.finding.expected}"
    assert made.finding.expected
    assert made.finding.received
    assert made.finding.at
    assert made.finding.hint


OF_ROLES = sorted(c.id for c in all_checks().values() if c.id.startswith("dmp.roles.") and c.id != "dmp.roles.consultant-named")
"""Their red cases are in ``test_dmp_roles``."""
VIHF_CHECKS = sorted(
    (c for c in all_checks().values() if c.id.startswith(("dmp.vihf.", "dmp.roles.")) and c.id != "dmp.roles.consultant-named"),
    key=lambda c: c.id,
)


@pytest.mark.parametrize("check", VIHF_CHECKS, ids=lambda c: c.id)
def test_rule_holds_on_a_correct_call(check: Check) -> None:
    made = judge(check, call(signed()))
    assert made.verdict is Verdict.CONFORME, made


@pytest.mark.parametrize("kind", ["td0.2", "td3.1"])
def test_profile_holds_on_a_correct_call(kind: str) -> None:
    made = run_profile(all_profiles()["VIHF"], [call(signed(), kind=kind)], context=(SETTINGS, anchors()))
    assert {a.verdict for a in made} == {Verdict.CONFORME}, [a for a in made if a.verdict is not Verdict.CONFORME]


def test_profile_applies_every_rule_once() -> None:
    made = run_profile(all_profiles()["VIHF"], [call(signed())], context=(SETTINGS, anchors()))
    ids = [a.check for a in made]
    assert sorted(set(ids)) == [c.id for c in VIHF_CHECKS]
    assert [i for i in ids if ids.count(i) > 1] == []


def value(name: str, old: str, new: str) -> tuple[str, str]:
    return (f'Name="{name}"><saml:AttributeValue>{old}<', f'Name="{name}"><saml:AttributeValue>{new}<')


def without(name: str) -> tuple[str, str]:
    start = ASSERTION.index(f'<saml:Attribute Name="{name}">')
    end = ASSERTION.index("</saml:Attribute>", start) + len("</saml:Attribute>")
    return (ASSERTION[start:end], "")


RESOURCE = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
USER = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
ISSUED = 'IssueInstant="2026-04-01T08:00:00Z"'
RESTRICTION = "<saml:AudienceRestriction><saml:Audience>urn:dmp</saml:Audience></saml:AudienceRestriction>"
AUDIENCE = f"<saml:Conditions>{RESTRICTION}</saml:Conditions>"


def conditions(attributes: str) -> tuple[str, str]:
    return (SUBJECT, f"{SUBJECT}<saml:Conditions{attributes}/>")


TWICE = '<saml:Attribute Name="Authentification_Mode"><saml:AttributeValue>DIRECTE</saml:AttributeValue></saml:Attribute>'


RED: list[tuple[Check, tuple[tuple[str, str], ...], str]] = [
    (assertion.vihf_issuer_matches_certificate, ((ISSUER, ISSUER.replace("SIGNATURE", "AUTRE")),), "RFC 2253"),
    (assertion.vihf_issuer_matches_certificate, ((ISSUER, ",".join(reversed(ISSUER.split(",")))),), "à l'envers"),
    (assertion.vihf_issuer_matches_certificate, ((ISSUER, ISSUER.lower().replace("cn=", "CN=")),), "casse"),
    (assertion.vihf_issuer_matches_certificate, ((ISSUER, "EHPAD des Tilleuls"),), "caractère 1"),
    (assertion.vihf_issuer_matches_certificate, ((ISSUER, ""),), "absent"),
    (assertion.vihf_issuer_format_is_subject_name, (("X509SubjectName", "unspecified"),), "unspecified"),
    (assertion.vihf_is_saml_2, (('Version="2.0"', 'Version="1.1"'),), "1.1"),
    (assertion.vihf_id_is_underscore_uuid, (("_5f0c6ab1-93c1-4f0e-9d5c-0a3b7ad1c2e4", "_12"),), "_12"),
    (assertion.vihf_issue_instant_is_utc, ((ISSUED, 'IssueInstant="2026-04-01T10:00:00+02:00"'),), "+02"),
    (assertion.vihf_issue_instant_is_utc, ((ISSUED, 'IssueInstant="2026-13-01T08:00:00Z"'),), "2026-13"),
    (assertion.vihf_is_fresh, ((ISSUED, 'IssueInstant="2026-04-01T07:40:00Z"'),), "1200 s avant"),
    (assertion.vihf_is_fresh, ((ISSUED, 'IssueInstant="2026-04-01T10:00:00Z"'),), "futur"),
    (assertion.vihf_authentication_precedes_issue, (("07:30:00Z", "09:30:00Z"),), "postérieure"),
    (assertion.vihf_authentication_precedes_issue, (("2026-04-01T07:30:00Z", "01/04/2026"),), "01/04/2026"),
    (
        assertion.vihf_conditions_hold,
        (conditions(' NotOnOrAfter="2026-04-01T07:00:00Z"'),),
        "NotOnOrAfter = 2026-04-01T07:00:00Z",
    ),
    (assertion.vihf_conditions_hold, (conditions(' NotBefore="2026-04-01T09:00:00Z"'),), "NotBefore"),
    (assertion.vihf_conditions_hold, (conditions(' NotBefore="demain"'),), "illisible"),
    (
        assertion.vihf_audience_is_empty,
        ((SUBJECT, SUBJECT + AUDIENCE),),
        "urn:dmp",
    ),
    (assertion.vihf_children_follow_schema_order, ((SUBJECT, ""),), "Subject"),
    (assertion.vihf_name_id_is_national, (("899700000001", "jdupont"),), "jdupont"),
    (assertion.vihf_name_id_is_national, (("899700000001", "99700000001"),), "99700000001"),
    (assertion.vihf_authentication_class_is_known, (("classes:SmartcardPKI", "classes:CPS"),), "CPS"),
    (assertion.vihf_direct_mode_means_smartcard, (*DIRECT, ("classes:SmartcardPKI", "classes:Password")), "Password"),
    (assertion.vihf_declares_local_authentication, (DIRECT[1],), "absent"),
    (assertion.vihf_declares_local_authentication, (DIRECT[0],), "hors du mode"),
    (attributes.vihf_attribute_names_are_known, (("LPS_Nom", "LPS_NOM"),), "LPS_NOM"),
    (attributes.vihf_version_is_supported, (value("VIHF_Version", "3.0", "1.0"),), "1.0"),
    (attributes.vihf_version_is_supported, (without("VIHF_Version"),), "absent"),
    (attributes.vihf_mode_is_known, ((MODE, "AIR"),), "AIR"),
    (attributes.vihf_mode_is_known, (without("Authentification_mode"),), "absent"),
    (attributes.vihf_mode_is_known, (("<saml:AttributeStatement>", f"<saml:AttributeStatement>{TWICE}"),), "Deux modes"),
    (attributes.vihf_sector_is_coded, (("SA17^1.2.250.1.71.4.2.4", "SA17"),), "SA17"),
    (attributes.vihf_sector_is_coded, (("SA17^", "SA11^"),), "SA11"),
    (roles.vihf_roles_are_coded_elements, (("<Role ", "<role "),), "role"),
    (roles.vihf_roles_are_coded_elements, (('displayName="Médecin"', ""),), "displayName"),
    (roles.vihf_roles_are_coded_elements, (without("urn:oasis:names:tc:xacml:2.0:subject:role"),), "0 rôle"),
    (roles.vihf_roles_are_coded_elements, (("1.2.250.1.71.1.2.7", "urn:oid:1.2.250.1.71.1.2.7"),), "urn:oid"),
    (roles.vihf_first_role_is_profession, (('code="10"', 'code="11"'),), "11 du système"),
    (roles.vihf_first_role_is_profession, (("1.2.250.1.71.1.2.7", "1.2.250.1.71.1.2.9"),), "10 du système"),
    (roles.vihf_second_role_is_speciality, (("1.2.250.1.71.4.2.5", "1.2.250.1.71.4.2.6"),), "SM26"),
    (roles.vihf_second_role_is_speciality, (NURSE[1],), "absent"),
    (
        roles.vihf_first_role_is_profession,
        (('code="10" codeSystem="1.2.250.1.71.1.2.7"', 'code="99" codeSystem="1.2.3"'),),
        "99 du",
    ),
    (
        roles.vihf_second_role_is_speciality,
        (('code="10" codeSystem="1.2.250.1.71.1.2.7"', 'code="99" codeSystem="1.2.250.1.213.1.6.1.140"'),),
        "Rôle exercé",
    ),
    (attributes.vihf_names_the_user, (without(USER),), "absent"),
    (attributes.vihf_names_the_user, (value(USER, "ANNE FICTIVE", " "),), "vide"),
    (attributes.vihf_purpose_is_coded, (without("urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"),), "0 élément"),
    (attributes.vihf_purpose_is_coded, (("1.2.250.1.213.1.1.4.248", "1.2.3"),), "1.2.3"),
    (attributes.vihf_purpose_is_known, (('code="normal"', 'code="urgence"'),), "urgence"),
    (attributes.vihf_resource_is_dmp, (("urn:dmp", "urn:mes"),), "urn:mes"),
    (attributes.vihf_names_the_homologated_software, (value("LPS_Nom", "DUI Temoin", "Autre"),), "Autre"),
    (attributes.vihf_names_the_homologated_software, (value("LPS_Version", "1.0.0", "1.0.1"),), "1.0.1"),
    (attributes.vihf_names_the_homologated_software, (without("LPS_ID_HOMOLOGATION_DMP"),), "absent"),
    (calls.structure_identifier_is_national, (value("Identifiant_Structure", OU, OU[1:]),), OU[1:]),
    (calls.structure_identifier_is_national, (without("Identifiant_Structure"),), "absent"),
    (calls.structure_is_that_of_signer, (value("Identifiant_Structure", OU, EG),), EG),
    (calls.structure_is_legal_entity, (value("Identifiant_Structure", OU, EG),), "FINESS EG"),
    (calls.patient_is_an_ins, ((CX, INS),), INS),
    (calls.patient_is_an_ins, (("1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.2"),), "1.4.2"),
    (calls.patient_is_an_ins, (without(RESOURCE),), "absent"),
    (calls.patient_key_matches, ((CX, CX.replace(INS, "269035121518989").replace("1.4.10", "1.4.8")),), "clé"),
    (calls.patient_test_key_matches, ((CX, CX.replace(INS, "269035121518989")),), "clé"),
    (calls.patient_is_that_of_body, ((CX, CX.replace(INS, "290085100000125")),), "290085100000125"),
    (calls.patient_is_that_of_body, ((CX, CX.replace("1.4.10", "1.4.8")),), "1.4.8"),
]


@pytest.mark.parametrize(("check", "changes", "words"), RED, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_rule_catches_a_changed_assertion(check: Check, changes: tuple[tuple[str, str], ...], words: str) -> None:
    assert_red(judge(check, call(signed(*changes))), words)


def with_algorithm(**options: Any) -> Identity:
    return replace(organisation(), **options)


SIGNED_RED: list[tuple[Check, Callable[[], str], str]] = [
    (signature.signature_verifies, lambda: change(signed(), ("ANNE FICTIVE", "ANNA FICTIVE")), "condensats"),
    (signature.signature_verifies, lambda: change(signed(), ("</saml:Issuer>", "</saml:Issuer> ")), "condensats"),
    (signature.signature_verifies, lambda: unsigned(), "pas signée"),
    (signature.signature_verifies, lambda: _other_certificate(), "ne correspond pas au certificat"),
    (signature.signature_verifies, lambda: change(signed(), ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA")), "signature"),
    (signature.signature_verifies, lambda: change(signed(), ("#rsa-sha256", "#rsa-md5")), "inutilisable"),
    (signature.signature_verifies, lambda: signed(certificates=0), "certificat lisible"),
    (signature.signature_covers_assertion, lambda: change(signed(), ('URI="#_5f0c', 'URI="#_6f0c')), "#_6f0c"),
    (signature.signature_covers_assertion, lambda: change(signed(), ("</saml:Issuer>", f"</saml:Issuer>{_copy()}")), "2 sign"),
    (signature.signature_uses_expected_transforms, lambda: change(signed(), ("#enveloped-signature", "#base64")), "base64"),
    (
        signature.signature_uses_expected_transforms,
        lambda: signed(by=with_algorithm(c14n=CanonicalizationMethod.CANONICAL_XML_1_0)),
        "REC-xml-c14n-20010315",
    ),
    (
        signature.signature_avoids_sha1,
        lambda: signed(by=with_algorithm(method=SignatureMethod.RSA_SHA1, digest=DigestAlgorithm.SHA1)),
        "rsa-sha1",
    ),
    (signature.signature_embeds_certificate, lambda: signed(certificates=0), "aucun certificat"),
    (signature.signature_embeds_certificate, lambda: unsigned(), "non signée"),
    (signature.certificate_chains_to_anchor, lambda: signed(by=_from_elsewhere()), "AC INCONNUE"),
    (signature.certificate_is_valid_at_issue_instant, lambda: signed(by=organisation(end=datetime(2026, 3, 1))), "expiré"),
    (
        signature.certificate_is_valid_at_issue_instant,
        lambda: signed(('IssueInstant="2026-', 'IssueInstant="2025-')),
        "pas encore valide",
    ),
    (signature.certificate_may_sign, lambda: signed(by=organisation(signs=False)), "KeyUsage"),
    (
        calls.mode_is_that_of_signer,
        lambda: signed(*DIRECT, by=organisation(issuer="AC ELEMENTAIRE ORGANISATIONS")),
        "ORGANISATIONS",
    ),
    (calls.mode_is_that_of_signer, lambda: signed(by=organisation(issuer="AC FORT PERSONNES")), "PERSONNES"),
]


def _from_elsewhere() -> Identity:
    return organisation(issuer="AC INCONNUE")


def _other_certificate() -> str:
    mine, other = (base64.b64encode(who.der).decode() for who in (organisation(), organisation(rank=4)))
    text = signed()
    start, end = text.index("<ds:X509Certificate>") + len("<ds:X509Certificate>"), text.index("</ds:X509Certificate>")
    assert "".join(text[start:end].split()) == mine
    return text[:start] + other + text[end:]


def _copy() -> str:
    text = signed()
    return text[text.index("<ds:Signature ") : text.index("</ds:Signature>") + len("</ds:Signature>")]


@pytest.mark.parametrize(("check", "build", "words"), SIGNED_RED, ids=lambda v: v.id if isinstance(v, Check) else "")
def test_rule_catches_a_faulty_signature(check: Check, build: Callable[[], str], words: str) -> None:
    assert_red(judge(check, call(build())), words)


def judged(exchange: Exchange) -> dict[str, Verdict]:
    """What the whole profile does not find conforme."""
    made = run_profile(all_profiles()["VIHF"], [exchange], context=(SETTINGS, anchors()))
    return {a.check: a.verdict for a in made if a.verdict is not Verdict.CONFORME}


def test_whole_profile_accepts_a_card_in_direct_mode() -> None:
    card = organisation("", "899700000001", rank=5)
    dn = card.certificate.subject.rfc4514_string()
    tls = organisation("", "899700000001", rank=6)
    said = judged(call(signed(*DIRECT, (ISSUER, dn), by=card), client=tls))
    assert said == {"dmp.roles.declared-mode": Verdict.AVERTISSEMENT}


@pytest.mark.parametrize("mode", [MODE, "INDIRECTE"])
def test_whole_profile_accepts_both_indirect_modes(mode: str) -> None:
    without_decl = DIRECT[1:] if mode == "INDIRECTE" else ()
    assert judged(call(signed((f">{MODE}<", f">{mode}<"), *without_decl))) == {}


def test_whole_profile_accepts_what_the_schema_leaves_free() -> None:
    start, middle = ASSERTION.index("<saml:AuthnStatement"), ASSERTION.index("<saml:AttributeStatement")
    end = ASSERTION.index("</saml:Assertion>")
    authn, attributes_ = ASSERTION[start:middle], ASSERTION[middle:end]
    swapped = (authn + attributes_, attributes_ + authn)
    period = conditions(' NotBefore="2026-04-01T07:59:00Z" NotOnOrAfter="2026-04-01T08:10:00.000Z"')
    version = value("VIHF_Version", "3.0", "4.0")
    assert judged(call(signed(swapped, period, version))) == {}


def test_authentication_of_the_same_second_is_not_after_the_issue() -> None:
    login = re.search(r'AuthnInstant="([^"]+)"', ASSERTION)
    assert login is not None
    made = judge(assertion.vihf_authentication_precedes_issue, call(signed((login[1], "2026-04-01T08:00:00.850Z"))))
    assert made.verdict is Verdict.CONFORME


def test_signature_may_list_inclusive_prefixes_and_its_chain_in_any_order() -> None:
    mine, ca = organisation(), authority()
    root = etree.fromstring(ASSERTION)
    made = XMLSigner(c14n_algorithm=EXC).sign(
        root,
        key=mine.key,
        cert=[ca.certificate, mine.certificate],
        reference_uri=f"#{root.get('ID')}",
        id_attribute="ID",
        inclusive_ns_prefixes=["xsi", "saml"],
    )
    text = etree.tostring(made, encoding="unicode")
    assert "InclusiveNamespaces" in text
    assert judged(call(text)) == {}


def test_sha1_signature_is_still_verified() -> None:
    who = with_algorithm(method=SignatureMethod.RSA_SHA1, digest=DigestAlgorithm.SHA1)
    assert judge(signature.signature_verifies, call(signed(by=who))).verdict is Verdict.CONFORME


def test_revoked_certificate_is_refused() -> None:
    made = judge(signature.certificate_chains_to_anchor, call(signed()), trust=anchors(revoked=organisation().certificate))
    assert_red(made, "révoqué")


def test_expired_certificate_does_not_hide_a_valid_signature() -> None:
    exchange = call(signed(by=organisation(end=datetime(2026, 3, 1))))
    assert judge(signature.signature_verifies, exchange).verdict is Verdict.CONFORME


def test_unknown_authority_is_said_with_its_name() -> None:
    made = judge(signature.certificate_chains_to_anchor, call(signed(by=_from_elsewhere())))
    assert made.finding is not None
    assert authority("AC INCONNUE").certificate.subject.rfc4514_string() in made.finding.received


def test_two_assertions_are_refused() -> None:
    assert_red(judge(signature.header_holds_one_assertion, call(signed() + signed())), "2 assertion")
    assert_red(judge(signature.header_holds_one_assertion, call("")), "Aucun VIHF")


def test_missing_assertion_leaves_the_other_rules_undecided() -> None:
    assert judge(assertion.vihf_is_saml_2, call("")).verdict is Verdict.NON_CONCLUANT


def test_tls_certificate_of_another_structure_is_refused() -> None:
    other = organisation(EG, "TLS AUTRE", rank=4, signs=False)
    assert_red(judge(calls.tls_and_signer_are_same_structure, call(signed(), client=other)), EG)


def test_signing_with_the_tls_certificate_is_refused() -> None:
    assert_red(judge(calls.tls_and_signer_are_two_certificates, call(signed(), client=organisation())), "même clé")


def test_card_holder_is_compared_by_common_name_in_direct_mode() -> None:
    card = organisation(cn="SIGNATURE TEST", rank=4)
    assert judge(calls.tls_and_signer_are_same_structure, call(signed(*DIRECT), client=card)).verdict is Verdict.CONFORME
    assert_red(judge(calls.tls_and_signer_are_same_structure, call(signed(*DIRECT))), "TLS TEST")


def test_feeding_mode_cannot_search_metadata() -> None:
    indirect = call(signed((MODE, "INDIRECTE"), DIRECT[1]), kind="td3.1")
    assert_red(judge(calls.mode_allows_transaction, indirect), "TD3.1")
    assert judge(calls.mode_allows_transaction, call(signed((MODE, "INDIRECTE"), DIRECT[1]))).verdict is Verdict.CONFORME


def test_nurse_needs_no_second_role() -> None:
    assert judge(roles.vihf_second_role_is_speciality, call(signed(*NURSE))).verdict is Verdict.CONFORME


def test_capital_letter_of_some_texts_is_accepted_in_mode_name() -> None:
    exchange = call(signed(("Authentification_mode", "Authentification_Mode")))
    assert judge(attributes.vihf_mode_is_known, exchange).verdict is Verdict.CONFORME
    assert exchange.view(Vihf).indirect


def test_assertion_used_twice_is_refused() -> None:
    twice = (call(signed()), call(signed(), id="E000002"))
    assert_red(judge(assertion.vihf_is_used_once, *twice), "plusieurs fois")
    fresh = call(signed(("_5f0c6ab1", "_6f0c6ab1")), id="E000002")
    assert judge(assertion.vihf_is_used_once, twice[0], fresh).verdict is Verdict.CONFORME
    assert judge(assertion.vihf_is_used_once, twice[0]).verdict is Verdict.NON_CONCLUANT


def test_unreadable_instant_leaves_dependent_rules_undecided() -> None:
    broken: Exchange = call(signed((ISSUED, 'IssueInstant="hier"')))
    for check in (
        assertion.vihf_is_fresh,
        assertion.vihf_authentication_precedes_issue,
        signature.certificate_chains_to_anchor,
        signature.certificate_is_valid_at_issue_instant,
    ):
        assert judge(check, broken).verdict is Verdict.NON_CONCLUANT


def test_every_vihf_rule_has_a_red_case() -> None:
    covered = {check.id for check, _, _ in RED} | {check.id for check, _, _ in SIGNED_RED}
    covered |= {c.id for c in (signature.header_holds_one_assertion, calls.mode_allows_transaction)}
    covered |= {c.id for c in (calls.tls_and_signer_are_same_structure, calls.tls_and_signer_are_two_certificates)}
    assert {c.id for c in VIHF_CHECKS} == covered | set(OF_ROLES)


def test_exclusive_canonicalisation_survives_the_soap_envelope() -> None:
    assert organisation().c14n is EXC
    assert judge(signature.signature_verifies, call(signed(), kind="td3.1")).verdict is Verdict.CONFORME
