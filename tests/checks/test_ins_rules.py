"""Rules over several calls and gestures: search order, modes, integration of answers, disclosure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from dui_conformance.checks.registry import all_checks
from dui_conformance.core.check import Application, apply
from dui_conformance.core.exchange import Body, Exchange, Reply
from dui_conformance.core.verdict import Verdict
from dui_conformance.validation.software import SoftwareIdentity
from samples import insi

THREE = replace(insi.USAGER, prenoms=("ANNE", "LISE", "MARIE"))
UNKNOWN = replace(THREE, insi="inconnu")
SEVERAL = replace(THREE, insi="plusieurs")
INS = {"matricule": "260055503901296", "oid": insi.OID}
FAILED = Reply(503, body=Body(b"indisponible"))


def judged(check: str, *subjects: Any) -> Application:
    return apply(all_checks()[check], subjects, context=[insi.SETTINGS])


def verdict(check: str, *subjects: Any) -> Verdict:
    application = judged(check, *subjects)
    if application.verdict in (Verdict.NON_CONFORME, Verdict.AVERTISSEMENT):
        assert application.finding is not None
        assert application.finding.expected
        assert application.finding.received
        assert application.finding.at
        assert application.finding.hint
    return application.verdict


def call(message: str = "", *, number: int = 1, **how: Any) -> Exchange:
    return insi.exchange(message or insi.envelope(insi.traits(), number=number), id=f"E{number}", **how)


def failing(prenom: str, number: int) -> Exchange:
    return insi.exchange(insi.envelope(insi.traits(Prenom=prenom), number=number), FAILED, id=f"E{number}")


@pytest.mark.parametrize(
    ("usager", "names"),
    [
        (THREE, ["ANNE"]),
        (UNKNOWN, ["ANNE", "LISE", "MARIE", "ANNE+LISE+MARIE"]),
        (UNKNOWN, ["ANNE", "LISE"]),
        (replace(UNKNOWN, prenoms=("ANNE",)), ["ANNE"]),
        (SEVERAL, ["ANNE", "ANNE+LISE+MARIE"]),
    ],
)
def test_search_in_order_is_accepted(usager: Any, names: Sequence[str]) -> None:
    assert verdict("insi.search-order", usager, *insi.searches(*names, usager=usager)) is Verdict.CONFORME


@pytest.mark.parametrize(
    ("usager", "names"),
    [
        (UNKNOWN, ["LISE", "ANNE"]),
        (UNKNOWN, ["ANNE+LISE+MARIE"]),
        (UNKNOWN, ["ANNE", "ANNE+LISE+MARIE"]),
        (UNKNOWN, ["ANNE", "ANNE"]),
        (UNKNOWN, ["ANNE", "LISE", "MARIE", "ANNE+LISE+MARIE", "ANNE"]),
        (SEVERAL, ["ANNE", "MARIE"]),
    ],
)
def test_search_in_another_order_is_refused(usager: Any, names: Sequence[str]) -> None:
    assert verdict("insi.search-order", usager, *insi.searches(*names, usager=usager)) is Verdict.NON_CONFORME


def test_place_of_birth_may_refine_a_code_02() -> None:
    several = insi.searches("ANNE", "ANNE+LISE+MARIE", usager=SEVERAL)
    last = insi.exchange(insi.envelope(insi.traits(Prenom="ANNE+LISE+MARIE"), number=3), id="E3", usager=SEVERAL)
    assert verdict("insi.search-order", SEVERAL, *several, last) is Verdict.CONFORME


def test_place_of_birth_may_be_left_out_or_added_at_any_time() -> None:
    placed = insi.exchange(insi.envelope(insi.traits(Prenom="ANNE"), number=1), id="E1", usager=UNKNOWN)
    bare = insi.exchange(insi.envelope(insi.traits(Prenom="ANNE", LieuNaissance=""), number=2), id="E2", usager=UNKNOWN)
    assert verdict("insi.search-order", UNKNOWN, placed, bare) is Verdict.CONFORME
    assert verdict("insi.search-order", UNKNOWN, bare, placed) is Verdict.CONFORME


def test_a_list_in_one_element_is_said_to_be_one() -> None:
    """Not a search out of order: the order is right, the writing is not."""
    names = [*("ANNE", "LISE", "MARIE"), "ANNE LISE MARIE"]
    calls = insi.searches(*names, usager=UNKNOWN)
    assert verdict("insi.search-order", UNKNOWN, *calls) is Verdict.CONFORME
    assert verdict("insi.search-exhausted", UNKNOWN, *calls) is Verdict.CONFORME
    assert verdict("insi.traits-of-the-identity", calls[-1], UNKNOWN) is Verdict.NON_CONFORME
    assert verdict("insi.traits-of-the-identity", calls[0], UNKNOWN) is Verdict.CONFORME


def test_retry_after_an_outage_is_not_out_of_order() -> None:
    assert verdict("insi.search-order", THREE, failing("ANNE", 1), call(number=2)) is Verdict.CONFORME


def test_search_must_try_every_first_name_on_code_01() -> None:
    every = ["ANNE", "LISE", "MARIE", "ANNE+LISE+MARIE"]
    assert verdict("insi.search-exhausted", UNKNOWN, *insi.searches(*every, usager=UNKNOWN)) is Verdict.CONFORME
    assert verdict("insi.search-exhausted", UNKNOWN, *insi.searches("ANNE", usager=UNKNOWN)) is Verdict.NON_CONFORME
    assert verdict("insi.search-exhausted", THREE, *insi.searches("ANNE", usager=THREE)) is Verdict.NON_CONCLUANT


def test_search_stops_at_code_00() -> None:
    assert verdict("insi.stop-after-00", *insi.searches("ANNE")) is Verdict.CONFORME
    assert verdict("insi.stop-after-00", *insi.searches("ANNE", "LISE")) is Verdict.NON_CONFORME
    assert verdict("insi.stop-after-00", *insi.searches("MARIE")) is Verdict.NON_CONCLUANT


def test_search_stops_on_a_technical_fault() -> None:
    assert verdict("insi.stop-on-fault", failing("ANNE", 1)) is Verdict.CONFORME
    assert verdict("insi.stop-on-fault", failing("ANNE", 1), call(number=2)) is Verdict.CONFORME
    assert verdict("insi.stop-on-fault", failing("ANNE", 1), failing("LISE", 2)) is Verdict.NON_CONFORME
    assert verdict("insi.stop-on-fault", call()) is Verdict.NON_CONCLUANT


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Verdict.CONFORME),
        ({"NomNaissance": "Fictif Balô"}, Verdict.CONFORME),
        ({"LieuNaissance": ""}, Verdict.CONFORME),
        ({"NomNaissance": "FICTIF"}, Verdict.NON_CONFORME),
        ({"Prenom": "ANN"}, Verdict.NON_CONFORME),
        ({"Sexe": "M"}, Verdict.NON_CONFORME),
        ({"DateNaissance": "1960-15-05"}, Verdict.NON_CONFORME),
        ({"LieuNaissance": "55050"}, Verdict.NON_CONFORME),
    ],
)
def test_traits_sent_are_those_of_the_identity(changes: dict[str, str], expected: Verdict) -> None:
    exchange = call(insi.envelope(insi.traits(**changes)))
    assert verdict("insi.traits-of-the-identity", exchange, insi.USAGER) is expected


def test_identifiers_change_at_each_call() -> None:
    assert verdict("insi.identifiers-unique", call(number=1), call(number=2)) is Verdict.CONFORME
    assert verdict("insi.identifiers-unique", call(number=1), call(number=1)) is Verdict.NON_CONFORME
    same_context = insi.envelope(insi.traits(), number=2).replace("<b:Id>b00000002", "<b:Id>b00000001")
    assert verdict("insi.identifiers-unique", call(number=1), call(same_context, number=2)) is Verdict.NON_CONFORME
    assert verdict("insi.identifiers-unique", call()) is Verdict.NON_CONCLUANT


def test_instance_stays_the_same() -> None:
    assert verdict("insi.instance-stable", call(number=1), call(number=2)) is Verdict.CONFORME
    moved = insi.envelope(insi.traits(), number=2).replace("33333333-3333", "44444444-3333")
    assert verdict("insi.instance-stable", call(number=1), call(moved, number=2)) is Verdict.NON_CONFORME


def test_card_and_certificate_must_both_be_seen() -> None:
    card = insi.exchange(insi.envelope(insi.traits(), security=insi.assertion("CPS", signed=True)), certificate=None)
    assert verdict("insi.both-modes", call(), card) is Verdict.CONFORME
    assert verdict("insi.both-modes", call(), call(number=2)) is Verdict.NON_CONFORME


def test_psc_user_calls_by_means_of_psc() -> None:
    psc = insi.exchange(insi.envelope(insi.traits(), security=insi.assertion("PSC")), certificate=None)
    assert verdict("insi.psc-mode", psc) is Verdict.CONFORME
    assert verdict("insi.psc-mode", call()) is Verdict.NON_CONFORME


@pytest.mark.parametrize("behaviour", ["lunaire", "incomplet"])
def test_unusable_answer_must_not_be_integrated(behaviour: str) -> None:
    answered = call(usager=insi.with_behaviour(behaviour))
    kept = insi.geste({"statut": "provisoire", "matricule": ""})
    assert verdict("insi.lunar-not-integrated", answered, kept) is Verdict.CONFORME
    for taken in ({"statut": "recuperee"}, {"statut": "provisoire", **INS}):
        assert verdict("insi.lunar-not-integrated", answered, insi.geste(taken)) is Verdict.NON_CONFORME
    assert verdict("insi.lunar-not-integrated", call(), kept) is Verdict.NON_CONCLUANT


def test_traits_are_those_returned() -> None:
    whole = {
        "statut": "recuperee",
        **INS,
        "nom_naissance": "FICTIF-BALO",
        "prenoms": ["ANNE", "LISE"],
        "sexe": "F",
        "date_naissance": "1960-05-15",
        "lieu_naissance": "55039",
    }
    assert verdict("insi.traits-as-returned", call(), insi.geste(whole)) is Verdict.CONFORME
    for name in ("nom_naissance", "matricule", "oid", "lieu_naissance"):
        assert verdict("insi.traits-as-returned", call(), insi.geste({**whole, name: "X"})) is Verdict.NON_CONFORME
    assert verdict("insi.traits-as-returned", call(), insi.geste({"statut": "recuperee"})) is Verdict.NON_CONCLUANT


@pytest.mark.parametrize("behaviour", ["inconnu", "plusieurs"])
def test_nothing_is_stored_without_code_00(behaviour: str) -> None:
    answered = call(usager=insi.with_behaviour(behaviour))
    assert verdict("insi.no-ins-without-00", answered, insi.geste({"statut": "provisoire"})) is Verdict.CONFORME
    assert verdict("insi.no-ins-without-00", answered, insi.geste({"statut": "recuperee"})) is Verdict.NON_CONFORME
    assert verdict("insi.no-ins-without-00", call(), insi.geste({"statut": "recuperee"})) is Verdict.NON_CONCLUANT


def test_reason_of_a_fault_is_shown() -> None:
    service = insi.service()
    service.arm("erreur-technique", times=1)
    reply = service.handle("insi", insi.request(insi.envelope(insi.traits())), insi.NOW)
    answered = insi.exchange(insi.envelope(insi.traits()), reply)
    shown = insi.geste({"statut": "provisoire"}, message="INSi : le service est temporairement inaccessible")
    assert verdict("insi.fault-shown", answered, shown) is Verdict.CONFORME
    assert verdict("insi.fault-shown", answered, insi.geste({"statut": "provisoire"})) is Verdict.AVERTISSEMENT


def test_denied_ins_is_invalidated() -> None:
    denied = call(insi.envelope(insi.verification(cle="12"), action=insi.VERIFY))
    confirmed = call(insi.envelope(insi.verification(), action=insi.VERIFY))
    without = insi.geste({"statut": "validee", "matricule": "", "oid": ""})
    assert verdict("insi.ko-invalidates", denied, without) is Verdict.CONFORME
    assert verdict("insi.ko-invalidates", denied, insi.geste({"statut": "qualifiee", **INS})) is Verdict.NON_CONFORME
    assert verdict("insi.ko-invalidates", confirmed, without) is Verdict.NON_CONCLUANT


def test_answer_of_the_verification_is_the_one_shown() -> None:
    denied = call(insi.envelope(insi.verification(cle="12"), action=insi.VERIFY))
    assert verdict("insi.verification-understood", denied, insi.geste({"reponse": "KO"})) is Verdict.CONFORME
    assert verdict("insi.verification-understood", denied, insi.geste({"reponse": "OK"})) is Verdict.NON_CONFORME
    assert verdict("insi.verification-understood", denied, insi.geste({})) is Verdict.NON_CONCLUANT


def test_matricule_may_be_declared_as_screens_show_it() -> None:
    said = {"matricule": "2 60 05 55 039 012 96", "oid": insi.OID}
    assert verdict("insi.traits-as-returned", call(), insi.geste(said)) is Verdict.CONFORME


def test_matricule_may_be_declared_without_its_key() -> None:
    assert verdict("insi.traits-as-returned", call(), insi.geste({"matricule": INS["matricule"][:13]})) is Verdict.CONFORME


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"statut": "provisoire", "matricule": ""}, Verdict.CONFORME),
        ({"statut": "qualifiee", **INS}, Verdict.CONFORME),
        ({"statut": "qualifiee", **INS, "oid": ""}, Verdict.NON_CONFORME),
        ({"statut": "provisoire", **INS}, Verdict.NON_CONFORME),
        ({"statut": "qualifiee", "matricule": ""}, Verdict.NON_CONFORME),
    ],
)
def test_matricule_goes_with_its_oid_and_status(said: dict[str, str], expected: Verdict) -> None:
    assert verdict("ins.declared-with-oid", insi.geste(said)) is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"<x>FICTIF-BALO</x>", Verdict.CONFORME),
        (b"<id root='1.2.250.1.213.1.4.10' extension='279035121518989'/>", Verdict.CONFORME),
        (b"<id extension='260055503901296'/>", Verdict.NON_CONFORME),
        (b"<n>FICTIF-BALO</n><d v='19600515'/><id root='1.2.250.1.213.1.4.10' extension='9'/>", Verdict.NON_CONFORME),
        (b"<n>FICTIF-BALO</n><d>1960-05-15</d><c>9^^^&amp;1.2.250.1.213.1.4.8&amp;ISO</c>", Verdict.NON_CONFORME),
        (b"<n>FICTIF-BALO</n><d v='19470203'/><id root='1.2.250.1.213.1.4.10' extension='9'/>", Verdict.CONFORME),
        (b"<n>FICTIF-BALOU</n><d v='19600515'/><id root='1.2.250.1.213.1.4.10' extension='9'/>", Verdict.CONFORME),
    ],
)
def test_unqualified_identity_leaves_without_matricule(body: bytes, expected: Verdict) -> None:
    exchange = insi.of_service(call(), "dmp", body)
    assert verdict("ins.no-matricule-for-unqualified", exchange, insi.USAGER) is expected
    assert verdict("ins.no-matricule-for-unqualified", call(), insi.USAGER) is Verdict.NON_CONCLUANT


def test_software_has_one_name_in_every_flow() -> None:
    dmp = SoftwareIdentity("DMP", "DUI Temoin", "1.0.0", at="VIHF")
    assert verdict("gen.same-software-in-flows", call().view(SoftwareIdentity), dmp) is Verdict.CONFORME
    assert verdict("gen.same-software-in-flows", dmp, replace(dmp, flux="INSi", version="2")) is Verdict.NON_CONFORME
    assert verdict("gen.same-software-in-flows", dmp, replace(dmp, flux="INSi", nom="X")) is Verdict.NON_CONFORME
    assert verdict("gen.same-software-in-flows", dmp) is Verdict.NON_CONCLUANT


def test_matricule_declared_by_a_gesture_is_judged_too() -> None:
    assert verdict("ins.matricule-key", insi.geste({"statut": "qualifiee", **INS})) is Verdict.CONFORME
    assert verdict("ins.matricule-key", insi.geste({**INS, "matricule": "260055503901211"})) is Verdict.NON_CONFORME
