"""Rules of the calls to the DMP: endpoint, existence test, MTOM, and feeding over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from dui_conformance.checks import dmp, dmp_mtom
from dui_conformance.checks import dmp_alimentation as feeding
from dui_conformance.core.campaign import Geste
from dui_conformance.core.check import Application, Check, apply
from dui_conformance.core.exchange import Exchange, Request
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.dmp import AnnulerEnvoi
from dui_conformance.core.gestures.documents import ValiderDocument
from dui_conformance.core.settings import Delais, Settings
from dui_conformance.core.verdict import Verdict
from samples.dmp import ITI18, START, TD02, Deposit, exchange, existence_body, find_documents, post, soap_request

SETTINGS = Settings()


def judge(check: Check, *subjects: Any) -> Application:
    return apply(check, subjects, context=(SETTINGS,))


def assert_red(made: Application, words: str) -> None:
    assert made.verdict in (Verdict.NON_CONFORME, Verdict.AVERTISSEMENT), made
    assert made.finding is not None
    assert words in f"{made.finding.message} | {made.finding.received}"
    assert made.finding.expected


TEST = soap_request("/patients", TD02, existence_body())


def td02(old: str, new: str) -> Request:
    body = existence_body()
    assert old in body
    return soap_request("/patients", TD02, body.replace(old, new))


TD02_RED: list[tuple[Check, Request, str]] = [
    (dmp.action_names_the_transaction_of_the_body, soap_request("/patients", ITI18, existence_body()), "StoredQuery"),
    (dmp.action_names_the_transaction_of_the_body, soap_request("/patients", TD02, "<autre/>"), "autre"),
    (dmp.endpoint_serves_the_action, soap_request("/registry", TD02, existence_body()), "/registry"),
    (dmp.existence_test_names_its_interaction, td02('extension="PRPA_IN201307UV02"', 'extension="PRPA_IN201305UV02"'), "201305"),
    (dmp.existence_test_names_its_interaction, td02('<acceptAckCode code="AL"/>', ""), "absent"),
    (dmp.existence_test_is_identified, td02("20260401093000", "2026-04-01"), "2026-04-01"),
    (dmp.existence_test_is_identified, td02("20260401093000", "20261301093000"), "20261301093000"),
    (dmp.existence_test_is_identified, td02(' extension="q1"', ""), "absente"),
    (dmp.existence_test_names_both_systems, td02('root="1.2.250.1.213.4.1.1.1"', 'root="1.2"'), "1.2"),
    (dmp.existence_test_names_both_systems, td02('<id root="1.2.250.1.999"/>', ""), "absent"),
    (dmp.existence_test_gives_its_reason, td02("TEST_EXST", "AUTRE"), "AUTRE"),
    (dmp.existence_test_names_the_patient_by_ins, td02("279035121518989", "2790351215189"), "13 caractères"),
    (dmp.existence_test_names_the_patient_by_ins, td02("1.2.250.1.213.1.4.10", "1.2.3"), "1.2.3"),
    (dmp.existence_test_names_the_patient_by_ins, td02("Patient.id", "Patient"), "Patient"),
    (
        dmp.existence_test_names_the_patient_by_ins,
        td02("<patientIdentifier>", "<patientIdentifier/><patientIdentifier>"),
        "2",
    ),
]


@pytest.mark.parametrize("check", list(dict.fromkeys(c for c, _, _ in TD02_RED)), ids=lambda c: c.id)
def test_correct_existence_test_is_conforme(check: Check) -> None:
    assert judge(check, exchange(TEST)).verdict is Verdict.CONFORME


@pytest.mark.parametrize(("check", "request_", "words"), TD02_RED, ids=lambda v: getattr(v, "id", None))
def test_broken_existence_test_is_told(check: Check, request_: Request, words: str) -> None:
    assert_red(judge(check, exchange(request_)), words)


@pytest.mark.parametrize("ins", ["180032B02040123", "297022A02077878", "109076322088835"])
def test_corsican_and_provisional_matricules_are_ins(ins: str) -> None:
    call = exchange(soap_request("/patients", TD02, existence_body(ins)))
    assert judge(dmp.existence_test_names_the_patient_by_ins, call).verdict is Verdict.CONFORME


def test_transaction_that_the_bench_does_not_serve_is_still_one_of_the_dmp() -> None:
    action = "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatient"
    call = exchange(soap_request("/habilitations", action, "<listAuthorizationByPatient xmlns='urn:si-dmp-habilitations'/>"))
    assert judge(dmp.action_names_the_transaction_of_the_body, call).verdict is Verdict.CONFORME
    assert judge(dmp.endpoint_serves_the_action, call).verdict is Verdict.CONFORME


def test_existence_rules_are_non_concluant_on_another_call() -> None:
    other = exchange(soap_request("/registry", ITI18, find_documents()))
    assert judge(dmp.existence_test_gives_its_reason, other).verdict is Verdict.NON_CONCLUANT


KIND, RAW = Deposit().mtom()


def mtom(old: str = "", new: str = "", *, kind: tuple[str, str] = ("", "")) -> Request:
    assert old.encode() in RAW
    assert kind[0] in KIND
    return post("/repository", RAW.replace(old.encode(), new.encode()) if old else RAW, KIND.replace(*kind) if kind[0] else KIND)


INLINE = soap_request(
    "/repository",
    Deposit().action,
    Deposit().body().replace('<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:doc01"/>', "PGEvPg=="),
)
STRAY = "\r\n--limite-dui\r\nContent-ID: <autre>\r\n\r\nx\r\n--limite-dui--"
MTOM_RED: list[tuple[Check, Request, str]] = [
    (dmp_mtom.documents_travel_by_mtom, INLINE, "application/soap+xml"),
    (
        dmp_mtom.documents_travel_by_mtom,
        mtom('<xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" href="cid:doc01"/>', "PGEvPg=="),
        "base64",
    ),
    (
        dmp_mtom.multipart_parameters_are_coherent,
        mtom(kind=('start-info="application/soap+xml"', 'start-info="text/xml"')),
        "text/xml",
    ),
    (dmp_mtom.multipart_parameters_are_coherent, mtom(kind=('type="application/xop+xml"; ', "")), "type absent"),
    (dmp_mtom.multipart_parameters_are_coherent, mtom(kind=("multipart/related", "multipart/mixed")), "multipart/mixed"),
    (dmp_mtom.start_designates_the_root_part, mtom(kind=('; start="<root>"', "")), "start absent"),
    (
        dmp_mtom.root_part_is_xop,
        mtom('application/xop+xml; charset=UTF-8; type="application/soap+xml"', "application/soap+xml"),
        "soap+xml",
    ),
    (dmp_mtom.every_reference_finds_its_part, mtom("cid:doc01", "cid:doc02"), "cid:doc02"),
    (dmp_mtom.every_reference_finds_its_part, mtom("cid:doc01", "doc01"), "doc01"),
    (dmp_mtom.every_part_is_referenced_once, mtom("\r\n--limite-dui--", STRAY), "0 référence"),
    (dmp_mtom.every_part_is_referenced_once, mtom("Content-ID: <doc01>", "Content-ID: <root>"), "2 partie"),
    (dmp_mtom.each_entry_has_one_document, Deposit(document_id="Autre").request(), "0 ExtrinsicObject"),
    (dmp_mtom.document_ids_keep_their_case, Deposit(document_id="doc01").request(), "doc01"),
]


@pytest.mark.parametrize("check", list(dict.fromkeys(c for c, _, _ in MTOM_RED)), ids=lambda c: c.id)
def test_correct_deposit_is_conforme(check: Check) -> None:
    assert judge(check, exchange(Deposit().request())).verdict is Verdict.CONFORME


@pytest.mark.parametrize(("check", "request_", "words"), MTOM_RED, ids=lambda v: getattr(v, "id", None))
def test_broken_deposit_is_told(check: Check, request_: Request, words: str) -> None:
    assert_red(judge(check, exchange(request_)), words)


MTOM_VARIANTS: list[tuple[str, Check, Request]] = [
    ("racine sans charset", dmp_mtom.root_part_is_xop, mtom("application/xop+xml; charset=UTF-8;", "application/xop+xml;")),
    (
        "racine sans Content-ID ni start",
        dmp_mtom.every_part_is_referenced_once,
        mtom("Content-ID: <root>\r\n", "", kind=('; start="<root>"', "")),
    ),
    ("paramètre action absent", dmp_mtom.multipart_parameters_are_coherent, mtom(kind=(f'; action="{Deposit().action}"', ""))),
    ("cid encodé", dmp_mtom.every_reference_finds_its_part, mtom("cid:doc01", "cid:doc%30%31")),
]


@pytest.mark.parametrize(("check", "request_"), [v[1:] for v in MTOM_VARIANTS], ids=[v[0] for v in MTOM_VARIANTS])
def test_legitimate_variant_of_a_deposit_is_conforme(check: Check, request_: Request) -> None:
    assert judge(check, exchange(request_)).verdict is Verdict.CONFORME


def test_mtom_rules_are_non_concluant_without_multipart() -> None:
    assert judge(dmp_mtom.root_part_is_xop, exchange(TEST)).verdict is Verdict.NON_CONCLUANT
    assert judge(dmp_mtom.documents_travel_by_mtom, exchange(TEST)).verdict is Verdict.NON_CONCLUANT
    assert judge(dmp_mtom.every_reference_finds_its_part, exchange(INLINE)).verdict is Verdict.NON_CONCLUANT


STORED = {"statut": "Success", "codes": [], "stocke": True}
DUPLICATE = {"statut": "Failure", "codes": ["XDSDuplicateUniqueIdInRegistry"], "stocke": False}
BUSY = {"statut": "Failure", "codes": ["XDSRepositoryBusy"], "stocke": False, "panne": "indisponible-metier"}
MISLED = STORED | {"panne": "relatesto-faux"}
LOST = STORED | {"panne": "reponse-perdue"}


def tries(*rows: tuple[Deposit, dict[str, Any]], every: float = 1) -> list[Exchange]:
    return [exchange(d.request(), id=f"E{n:06d}", after=n * every, facts=facts) for n, (d, facts) in enumerate(rows, 1)]


def validation(state: str | None = "programme", etat: Etat = Etat.FAIT, type_: str = "note-vaccination") -> Geste:
    observed = () if state is None else (("etat_envoi", state),)
    return Geste("G01", ValiderDocument("u1", type_), Resultat(etat, observations=observed), START)


A, B = Deposit(), Deposit(uid="1.2.250.1.999.7.2")
CHANGED = Deposit(content=b"<autre/>")
SUITES: list[tuple[Check, Sequence[Any], str]] = [
    (feeding.deposit_is_stored, tries((A, STORED)), ""),
    (feeding.deposit_is_stored, tries((A, BUSY)), "XDSRepositoryBusy"),
    (feeding.deposit_is_stored, tries((A, {})), "?"),
    (feeding.validation_is_enough_to_deposit, [validation(), *tries((A, STORED))], ""),
    (feeding.validation_is_enough_to_deposit, [validation(None), *tries((A, STORED))], ""),
    (feeding.validation_is_enough_to_deposit, [validation("a confirmer"), *tries((A, STORED))], "a confirmer"),
    (feeding.validation_is_enough_to_deposit, [Geste("G01", ValiderDocument("u1", "x")), *tries((A, STORED))], "?"),
    (feeding.deposited_type_is_that_of_the_gesture, [validation(), *tries((A, STORED))], ""),
    (feeding.deposited_type_is_that_of_the_gesture, [validation(type_="autre"), *tries((A, STORED))], "?"),
    (feeding.each_document_is_stored_once, tries((A, BUSY), (A, STORED)), ""),
    (feeding.each_document_is_stored_once, tries((A, LOST), (B, STORED)), "2 : E000001, E000002"),
    (feeding.each_document_is_stored_once, tries((A, BUSY)), "?"),
    (feeding.retries_resend_the_same_document, tries((A, BUSY), (A, STORED)), ""),
    (feeding.retries_resend_the_same_document, tries((A, BUSY), (B, STORED)), "1.2.250.1.999.7.2"),
    (feeding.retries_resend_the_same_document, tries((A, BUSY), (CHANGED, STORED)), "Document modifié"),
    (feeding.retries_resend_the_same_document, tries((A, STORED)), "?"),
    (feeding.nothing_is_resent_once_stored, tries((A, LOST), (A, DUPLICATE)), ""),
    (feeding.nothing_is_resent_once_stored, tries((A, STORED), (B, STORED)), ""),
    (feeding.nothing_is_resent_once_stored, tries((A, STORED), (A, DUPLICATE)), "nouvel envoi"),
    (feeding.nothing_is_resent_once_stored, tries((A, LOST), (A, DUPLICATE), (A, DUPLICATE)), "nouvel envoi"),
    (feeding.nothing_is_resent_once_stored, tries((A, BUSY)), "?"),
    (feeding.retries_are_paced, tries((A, BUSY), (A, BUSY)), ""),
    (feeding.retries_are_paced, tries(*[(A, BUSY)] * 45, every=0.01), "45 essais"),
    (feeding.retries_are_paced, tries(*[(A, BUSY)] * 45, every=2), ""),
    (feeding.retries_are_paced, tries(*[(A, BUSY)] * 45, every=1), "45 essais"),
    (feeding.retries_are_paced, tries(*[(A, BUSY)] * 3, every=0.02), "0.02 s"),
    (feeding.retries_are_paced, tries((A, BUSY)), "?"),
    (feeding.wrong_answer_confirms_nothing, tries((A, MISLED), (A, DUPLICATE)), ""),
    (feeding.wrong_answer_confirms_nothing, tries((A, MISLED)), "prise pour la confirmation"),
    (feeding.wrong_answer_confirms_nothing, tries((A, STORED)), "?"),
    (feeding.cancellation_is_accepted_in_time, [Geste("G02", AnnulerEnvoi("u1"), Resultat(Etat.FAIT), START)], ""),
    (
        feeding.cancellation_is_accepted_in_time,
        [Geste("G02", AnnulerEnvoi("u1"), Resultat(Etat.REFUSE, "trop tard"), START)],
        "trop tard",
    ),
    (feeding.cancellation_is_accepted_in_time, [validation()], "?"),
]


@pytest.mark.parametrize(("check", "subjects", "words"), SUITES, ids=lambda v: getattr(v, "id", None))
def test_feeding_rule_over_a_sequence(check: Check, subjects: Sequence[Any], words: str) -> None:
    made = judge(check, *subjects)
    if words == "?":
        assert made.verdict is Verdict.NON_CONCLUANT
    elif words:
        assert_red(made, words)
    else:
        assert made.verdict is Verdict.CONFORME


def test_another_type_than_the_validated_one_is_told() -> None:
    kind, raw = Deposit().mtom()
    other = post("/repository", raw.replace(b"87273-9", b"11369-6"), kind)
    assert_red(judge(feeding.deposited_type_is_that_of_the_gesture, validation(), exchange(other)), "11369-6")


@pytest.mark.parametrize(("after", "verdict"), [(601, Verdict.CONFORME), (560, Verdict.CONFORME), (30, Verdict.NON_CONFORME)])
def test_delay_is_measured_from_the_validation(after: float, verdict: Verdict) -> None:
    assert judge(feeding.deposit_waits_for_the_delay, validation(), exchange(A.request(), after=after)).verdict is verdict


@pytest.mark.parametrize(("after", "verdict"), [(4, Verdict.CONFORME), (1, Verdict.NON_CONFORME)])
def test_short_delay_is_judged_too(after: float, verdict: Verdict) -> None:
    short = (replace(SETTINGS, delais=Delais(envoi_differe=4)),)
    subjects = (validation(), exchange(A.request(), after=after))
    assert apply(feeding.deposit_waits_for_the_delay, subjects, context=short).verdict is verdict


def test_delay_is_non_concluant_when_none_is_set_or_the_end_is_unknown() -> None:
    now = exchange(A.request())
    none = apply(
        feeding.deposit_waits_for_the_delay, (validation(), now), context=(replace(SETTINGS, delais=Delais(envoi_differe=0)),)
    )
    assert none.verdict is Verdict.NON_CONCLUANT
    running = Geste("G01", ValiderDocument("u1", "note-vaccination"))
    assert judge(feeding.deposit_waits_for_the_delay, running, now).verdict is Verdict.NON_CONCLUANT
