"""Rules on one call to INSi: each green on a correct call, each red on its own defect."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from dui_conformance.checks.registry import all_checks, all_profiles, run_profile
from dui_conformance.core.check import Application, apply
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.profile import best_for
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.ins.request import InsRequest
from samples import insi

SEARCH = insi.envelope(insi.traits())
CARD = insi.envelope(insi.card(), action=insi.CARD)
VERIFY = insi.envelope(insi.verification(), action=insi.VERIFY)
CPS = insi.envelope(insi.traits(), security=insi.assertion("CPS", signed=True), emetteur=insi.PS)
PSC = insi.envelope(insi.traits(), security=insi.assertion("PSC"), emetteur=insi.PS)


def judged(check: str, exchange: Exchange) -> Application:
    return apply(all_checks()[check], [exchange], context=[insi.SETTINGS])


def swap(message: str, *pairs: tuple[str, str]) -> str:
    for old, new in pairs:
        assert old in message, old
        message = message.replace(old, new)
    return message


NO_CERT = {"certificate": None}
RED = [
    ("insi.soap-version", swap(SEARCH, ("www.w3.org/2003/05/soap-envelope", "schemas.xmlsoap.org/soap/envelope/")), {}),
    ("insi.action-matches-operation", swap(SEARCH, ("AvecTraitsIdentite<", "AvecCarteVitale<")), {}),
    ("insi.action-matches-operation", SEARCH, {"action": insi.CARD}),
    ("insi.message-id-prefix", swap(SEARCH, ("uuid:0", "urn:uuid:0")), {}),
    ("insi.message-id-prefix", swap(SEARCH, ("uuid:0", "0")), {}),
    ("insi.context-bam", swap(SEARCH, ('Version="01_02"', 'Version="01_00"')), {}),
    ("insi.context-bam", swap(SEARCH, ("<b:COUVERTURE/>", "")), {}),
    ("insi.context-bam", swap(SEARCH, ("ContexteBAM", "Contexte")), {}),
    ("insi.context-lps", swap(SEARCH, ('Nature="CTXLPS"', 'Nature="CTXBAM"')), {}),
    ("insi.context-lps", re.sub("<l:Id>.*?</l:Id>", "", SEARCH), {}),
    ("insi.context-lps", re.sub("<l:LPS>.*?</l:LPS>", "", SEARCH), {}),
    ("insi.context-time-fresh", swap(SEARCH, ("T08:00:00.000Z</b:Temps>", "T07:00:00.000Z</b:Temps>")), {}),
    ("insi.context-time-fresh", swap(SEARCH, ("T08:00:00.000Z</l:Temps>", "T08:00:00</l:Temps>")), {}),
    ("insi.idam-declared", insi.envelope(insi.traits(), idam="AUTRE"), {}),
    ("insi.idam-declared", swap(SEARCH, (' R="4"', "")), {}),
    ("insi.lps-identity", swap(SEARCH, ("urn:lps:DUITEMOIN", "urn:lps:AUTRE")), {}),
    ("insi.lps-identity", swap(SEARCH, ("<l:Version>1.0.0", "<l:Version>0.9")), {}),
    ("insi.lps-instance", swap(SEARCH, ("33333333-3333-4333-8333-333333333333", "1")), {}),
    ("insi.couverture-empty", swap(SEARCH, ("<b:COUVERTURE/>", insi.COVERAGE)), {}),
    ("insi.couverture-vitale", swap(CARD, ("<b:Rang>1</b:Rang>", "")), {}),
    ("insi.vitale-matricule", swap(CARD, ("<Cle>96</Cle>", "")), {}),
    ("insi.payload-structure", swap(SEARCH, ("<Sexe>F</Sexe>", ""), ("</LieuNaissance>", "</LieuNaissance><Sexe>F</Sexe>")), {}),
    ("insi.payload-structure", swap(SEARCH, ("<Sexe>", "<Genre/><Sexe>")), {}),
    ("insi.payload-structure", swap(SEARCH, ("<Sexe>", '<Sexe xmlns="urn:x">')), {}),
    ("insi.payload-structure", swap(CARD, ("<NomNaissance>", "<Prenom>A</Prenom><NomNaissance>")), {}),
    ("insi.traits-complete", insi.envelope(insi.traits(Prenom="")), {}),
    ("insi.traits-complete", insi.envelope(insi.traits(DateNaissance="")), {}),
    ("insi.name-lexical", insi.envelope(insi.traits(NomNaissance="Fictif-Balô")), {}),
    ("insi.name-lexical", insi.envelope(insi.traits(NomNaissance="-FICTIF")), {}),
    ("insi.first-name-lexical", insi.envelope(insi.traits(Prenom="ANNE--LISE")), {}),
    ("insi.first-name-lexical", insi.envelope(insi.traits(Prenom="Anne")), {}),
    ("insi.one-first-name-per-element", insi.envelope(insi.traits(Prenom="ANNE,LISE")), {}),
    ("insi.sex-code", insi.envelope(insi.traits(Sexe="2")), {}),
    ("insi.birth-date-format", insi.envelope(insi.traits(DateNaissance="15/05/1960")), {}),
    ("insi.birth-place-format", insi.envelope(insi.traits(LieuNaissance="BRAS")), {}),
    ("insi.mode-coherent", insi.envelope(insi.traits(), security=insi.assertion("CPS", signed=True)), {}),
    ("insi.certificate-cn", SEARCH, {"certificate": insi.client_der("AUTH-CLI")}),
    ("insi.certificate-cn", SEARCH, {"certificate": insi.client_der("insi-manu")}),
    ("insi.authenticated", SEARCH, NO_CERT),
    ("insi.cps-assertion-signed", insi.envelope(insi.traits(), security=insi.assertion("CPS")), NO_CERT),
    ("insi.cps-assertion-signed", insi.envelope(insi.traits(), security=insi.assertion("X", signed=True)), NO_CERT),
    ("insi.cps-signature-verifies", CPS, NO_CERT),
    ("insi.psc-assertion-unsigned", insi.envelope(insi.traits(), security=insi.assertion("PSC", signed=True)), NO_CERT),
    ("insi.assertion-attributes", swap(PSC, (insi.SETTINGS.structure.finess_eg, "750000000")), NO_CERT),
    ("insi.assertion-attributes", swap(PSC, ("SA17", "")), NO_CERT),
    ("insi.emetteur-matches-authentication", insi.envelope(insi.traits(), emetteur="750000019"), {}),
    ("insi.emetteur-matches-authentication", swap(PSC, ("<l:Emetteur>899700000001", "<l:Emetteur>899700000002")), NO_CERT),
    ("insi.verification-complete", swap(VERIFY, (f"<OID>{insi.OID}</OID>", "")), {}),
    ("insi.verification-complete", swap(VERIFY, ("<LieuNaissance>55039</LieuNaissance>", "")), {}),
    ("ins.matricule-shape", insi.envelope(insi.verification(cle="8")), {}),
    ("ins.matricule-key", insi.envelope(insi.verification(cle="12")), {}),
    ("ins.oid-known", insi.envelope(insi.verification(oid="1.2.250.1.213.1.4.2")), {}),
    ("ins.oid-of-environment", insi.envelope(insi.verification(oid="1.2.250.1.213.1.4.11")), {}),
]
GREEN = {
    "insi.couverture-vitale": (CARD, {}),
    "insi.vitale-matricule": (CARD, {}),
    "insi.verification-complete": (VERIFY, {}),
    "insi.cps-assertion-signed": (CPS, NO_CERT),
    "insi.psc-assertion-unsigned": (PSC, NO_CERT),
    "insi.assertion-attributes": (PSC, NO_CERT),
    **{name: (VERIFY, {}) for name in all_checks() if name.startswith("ins.")},
}


@pytest.mark.parametrize(("check", "message", "how"), RED)
def test_defect_is_reported_with_what_is_expected(check: str, message: str, how: dict[str, object]) -> None:
    application = judged(check, insi.exchange(message, **how))  # type: ignore[arg-type]
    assert application.verdict in (Verdict.NON_CONFORME, Verdict.AVERTISSEMENT), application.reason
    finding = application.finding
    assert finding is not None
    for text in (finding.message, finding.expected, finding.received, finding.at, finding.hint):
        assert text


@pytest.mark.parametrize("check", sorted({name for name, _, _ in RED} - {"insi.cps-signature-verifies"}))
def test_correct_call_is_accepted(check: str) -> None:
    message, how = GREEN.get(check, (SEARCH, {}))
    application = judged(check, insi.exchange(message, **how))  # type: ignore[arg-type]
    assert application.verdict is Verdict.CONFORME, (application.finding, application.reason)


def test_emetteur_may_be_the_rpps_without_its_prefix() -> None:
    message = insi.envelope(insi.traits(), security=insi.assertion("PSC"), emetteur=insi.PS[1:])
    assert judged("insi.emetteur-matches-authentication", insi.exchange(message, **NO_CERT)).verdict is Verdict.CONFORME


@pytest.mark.parametrize(("name_id", "emetteur"), [(insi.PS, insi.PS[1:]), (insi.PS[1:], insi.PS), (insi.PS[1:], insi.PS[1:])])
def test_a_professional_number_is_read_with_or_without_its_type(name_id: str, emetteur: str) -> None:
    message = insi.envelope(insi.traits(), security=insi.assertion("PSC", name_id=name_id), emetteur=emetteur)
    assert judged("insi.emetteur-matches-authentication", insi.exchange(message, **NO_CERT)).verdict is Verdict.CONFORME


@pytest.mark.parametrize(
    "written",
    ["2026-04-01T08:00:00Z", "2026-04-01T10:00:00+02:00", "2026-04-01T10:00:00.12+02:00", "2026-04-01T08:00:00.1234567Z"],
)
def test_any_way_to_write_an_instant_with_its_offset_is_accepted(written: str) -> None:
    message = SEARCH.replace("2026-04-01T08:00:00.000Z", written)
    assert judged("insi.context-time-fresh", insi.exchange(message)).verdict is Verdict.CONFORME


def test_header_order_and_strange_headers_are_free() -> None:
    head, body = SEARCH.split("<s:Header>", 1)
    inner, tail = body.split("</s:Header>", 1)
    contexts, addressing = inner.split("<a:MessageID>", 1)
    other = '<x:Trace xmlns:x="urn:editeur">1</x:Trace><a:To>https://localhost/lps</a:To>'
    message = f"{head}<s:Header>{other}<a:MessageID>{addressing}{contexts}</s:Header>{tail}"
    for rule in ("insi.context-bam", "insi.context-lps", "insi.message-id-prefix", "insi.action-matches-operation"):
        assert judged(rule, insi.exchange(message)).verdict is Verdict.CONFORME


def test_time_within_the_tolerance_is_fresh() -> None:
    exchange = insi.exchange(SEARCH)
    late = replace(exchange, times=replace(exchange.times, logical=insi.NOW + timedelta(seconds=299)), memo={})
    assert judged("insi.context-time-fresh", late).verdict is Verdict.CONFORME


def test_absent_place_is_allowed() -> None:
    exchange = insi.exchange(insi.envelope(insi.traits(LieuNaissance="")))
    assert judged("insi.birth-place-format", exchange).verdict is Verdict.CONFORME


def test_in_process_call_without_certificate_is_not_judged_unauthenticated() -> None:
    exchange = insi.exchange(SEARCH, certificate=None)
    untold = replace(exchange, connection=replace(exchange.connection, exercised=False), memo={})
    assert judged("insi.authenticated", untold).verdict is Verdict.NON_CONCLUANT


@pytest.mark.parametrize(
    ("message", "how", "profile", "expected"),
    [
        (SEARCH, {}, "INSI-RECHERCHE-TRAITS", {Verdict.CONFORME}),
        (PSC, NO_CERT, "INSI-RECHERCHE-TRAITS-PSC", {Verdict.CONFORME}),
        (CPS, NO_CERT, "INSI-RECHERCHE-TRAITS-CPS", {Verdict.CONFORME, Verdict.NON_CONFORME, Verdict.NON_CONCLUANT}),
        (CARD, {}, "INSI-RECHERCHE-VITALE", {Verdict.CONFORME}),
        (VERIFY, {}, "INSI-VERIFICATION", {Verdict.CONFORME}),
    ],
)
def test_profile_of_each_kind_judges_every_rule(
    message: str, how: dict[str, object], profile: str, expected: set[Verdict]
) -> None:
    exchange = insi.exchange(message, **how)  # type: ignore[arg-type]
    chosen = best_for(exchange.kind, tuple(all_profiles().values()), insi.NOW.date())
    assert chosen is not None
    assert chosen.id == profile
    found = run_profile(chosen, [exchange], context=[insi.SETTINGS])
    assert {a.verdict for a in found} == expected, [
        (a.check, a.reason, a.finding) for a in found if a.verdict is not Verdict.CONFORME
    ]


def test_provisional_verification_never_blocks() -> None:
    exchange = insi.exchange(insi.envelope(insi.verification(oid="")))
    application = apply(all_checks()["insi.verification-complete"], [exchange], context=[insi.SETTINGS], blocking=False)
    assert application.verdict is Verdict.AVERTISSEMENT


def test_card_rules_say_nothing_of_a_search_by_traits() -> None:
    for check in ("insi.couverture-vitale", "insi.vitale-matricule", "insi.verification-complete"):
        assert judged(check, insi.exchange(SEARCH)).verdict is Verdict.NON_CONCLUANT


def test_request_view_gives_no_context_rather_than_guessing() -> None:
    message = re.sub("<s:Header>.*</s:Header>", "<s:Header/>", SEARCH)
    assert insi.exchange(message).view(InsRequest).contexte_bam is None
    assert judged("insi.context-time-fresh", insi.exchange(message)).verdict is Verdict.NON_CONCLUANT
    assert judged("insi.context-bam", insi.exchange(message)).verdict is Verdict.NON_CONFORME
