"""The INS: key, CX, traits; views of requests, answers and declared identities."""

from __future__ import annotations

import pytest
from dui_conformance.core.errors import Inconclusive
from dui_conformance.validation.ins import traits
from dui_conformance.validation.ins.call import InsCall
from dui_conformance.validation.ins.identity import DeclaredIdentity
from dui_conformance.validation.ins.key import (
    OID_NIR,
    OID_TEST,
    MatriculeIns,
    control_key,
    is_matricule,
    key_problem,
    oid_problem,
    parse_cx,
    shape_problem,
)
from dui_conformance.validation.ins.request import InsRequest
from dui_conformance.validation.ins.response import read_response
from dui_conformance.validation.software import SoftwareIdentity, same_software
from hypothesis import given
from hypothesis import strategies as st
from samples import insi


@pytest.mark.parametrize(
    ("matricule", "key"),
    [
        ("2070585756270", "97"),
        ("297022A020778", "78"),
        ("180032B020401", "23"),
        ("1810163220751", "40"),
        ("2360663220836", "56"),
        ("1100863220830", "60"),
    ],
)
def test_control_key_of_known_matricules(matricule: str, key: str) -> None:
    assert control_key(matricule) == key


@pytest.mark.parametrize("text", ["", "207058575627", "20705857562701", "2070585A56270", "20705 8575627", "297022C020778"])
def test_other_shapes_are_not_matricules(text: str) -> None:
    assert not is_matricule(text)
    with pytest.raises(ValueError, match="matricule"):
        control_key(text)


@given(st.from_regex(r"[0-9]{5}([0-9]{2}|2A|2B)[0-9]{6}", fullmatch=True))
def test_key_always_verifies(matricule: str) -> None:
    key = control_key(matricule)
    assert 1 <= int(key) <= 97
    number = int(matricule[:5] + matricule[5:7].replace("2A", "19").replace("2B", "18") + matricule[7:])
    assert (number + int(key)) % 97 == 0
    assert key_problem(MatriculeIns(matricule, key, OID_NIR)) is None


def test_wrong_key_is_a_problem_blocking_only_in_the_own_identity_under_a_production_oid() -> None:
    wrong = MatriculeIns("2600555039012", "00", OID_NIR, own=True)
    problem = key_problem(wrong)
    assert problem is not None
    assert problem.expected == f"clé {control_key('2600555039012')}"
    assert wrong.key_is_blocking
    assert not MatriculeIns("2600555039012", "00", OID_TEST, own=True).key_is_blocking
    assert not MatriculeIns("2600555039012", "00", OID_NIR).key_is_blocking


def test_published_person_is_never_reported_whatever_the_key() -> None:
    assert key_problem(MatriculeIns("1810363220456", "60", OID_NIR, own=True)) is None
    assert control_key("1810363220456") == "76"


@pytest.mark.parametrize(
    ("ins", "wrong"),
    [
        (MatriculeIns("2600555039012", "96", OID_TEST), False),
        (MatriculeIns("260055503901", "80", OID_TEST), True),
        (MatriculeIns("2600555039012", "8", OID_TEST), True),
        (MatriculeIns("2600555039012", "", OID_TEST), True),
    ],
)
def test_shape_of_matricule_and_key(ins: MatriculeIns, *, wrong: bool) -> None:
    assert (shape_problem(ins) is not None) is wrong


@pytest.mark.parametrize(("oid", "wrong"), [(OID_TEST, False), ("1.2.250.1.213.1.4.2", True), ("", True)])
def test_oid_of_the_ins(oid: str, *, wrong: bool) -> None:
    assert (oid_problem(MatriculeIns("2600555039012", "96", oid)) is not None) is wrong


def test_cx_is_cut_into_its_parts() -> None:
    cx = parse_cx("279035121518989^^^&1.2.250.1.213.1.4.10&ISO^NH")
    assert cx is not None
    assert (cx.oid, cx.authority_type, cx.type) == (OID_TEST, "ISO", "NH")
    assert cx.matricule() == MatriculeIns("2790351215189", "89", OID_TEST, "", True)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Élodie", "ELODIE"), ("Çœur", "COEUR"), ("Ængström", "AENGSTROM"), ("Ñandú", "NANDU"), ("Þor", "THOR"), ("D’Ÿ", "D'Y")],
)
def test_transliteration(text: str, plain: str) -> None:
    assert traits.normalise(text) == plain
    assert traits.name_fault(plain) is None


@pytest.mark.parametrize("name", ["A", "D'ARTAGNAN DE L'HERAULT", "DUPONT--MARTIN", "PATB-QUATRE", "'T HOOFT"])
def test_names_accepted(name: str) -> None:
    assert traits.name_fault(name) is None


@pytest.mark.parametrize(
    "name", ["", " A", "-A", "A  B", "A' B", "A''B", "DUPONT---M", "Dupont", "DUPONT2", "É", "A_B", "A/B", "A "]
)
def test_names_refused(name: str) -> None:
    assert traits.name_fault(name) is not None


@pytest.mark.parametrize(("name", "wrong"), [("ANNE-LISE", False), ("ANNE--LISE", True), ("ANNE-", True), ("ANNE'", True)])
def test_first_names(name: str, *, wrong: bool) -> None:
    assert (traits.first_name_fault(name) is not None) is wrong


def test_dates_and_places() -> None:
    assert traits.is_date_shape("1960-00-15")
    assert not traits.is_date_shape("15/05/1960")
    assert [traits.has_unknown_part(d) for d in ("1960-05-15", "1960-00-15", "1960-05-00", "x")] == [False, True, True, False]
    assert [traits.is_cog(c) for c in ("55039", "2A004", "99127", "2C004", "5503", "75 01")] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_request_view_reads_the_whole_call() -> None:
    request = insi.exchange(insi.envelope(insi.traits())).view(InsRequest)
    assert (request.operation, request.mode, request.cn) == ("recherche-traits", "certificat", "INSI-MANU")
    assert (request.nom, request.prenoms, request.sexe, request.date, request.lieu) == (
        "FICTIF-BALO",
        ("ANNE",),
        "F",
        "1960-05-15",
        "55039",
    )
    assert request.action == request.http_action == insi.SEARCH
    assert request.contexte_bam is not None
    assert request.contexte_bam.temps == insi.NOW
    assert request.ins is None
    assert request.trait_at("Prenom").startswith("/soap:Envelope/soap:Body/RECSANSVITALE/Prenom")


def test_request_view_reads_assertion_and_matricule() -> None:
    message = insi.envelope(insi.verification(), action=insi.VERIFY, security=insi.assertion("PSC"))
    exchange = insi.exchange(message, certificate=None)
    request = exchange.view(InsRequest)
    assert (request.operation, request.mode) == ("verification", "psc")
    assert request.assertion is not None
    assert (request.assertion.name_id, request.assertion.signed) == (insi.PS, False)
    assert exchange.view(MatriculeIns).matricule == "2600555039012"


@pytest.mark.parametrize("message", ["", "<a/>", insi.envelope("<x/>"), insi.envelope("")])
def test_request_view_is_inconclusive_on_anything_else(message: str) -> None:
    with pytest.raises(Inconclusive):
        insi.exchange(message).view(InsRequest)


def test_call_view_keeps_an_unreadable_answer_as_a_failure() -> None:
    from dui_conformance.core.exchange import Body, Reply

    call = insi.exchange(insi.envelope(insi.traits()), Reply(503, body=Body(b"indisponible"))).view(InsCall)
    assert call.failed
    assert not call.found
    assert call.outcome == "aucune réponse lisible"
    assert insi.exchange(insi.envelope(insi.traits())).view(InsCall).outcome == "code 00"


def test_fault_is_read_with_its_codes() -> None:
    answer = read_response(*_fault())
    assert (answer.faults, answer.label) == (("siram_40", "insi_102"), "erreur siram_40 / insi_102")


def _fault() -> tuple[int, bytes]:
    service = insi.service()
    service.arm("erreur-technique", times=1)
    reply = service.handle("insi", insi.request(insi.envelope(insi.traits())), insi.NOW)
    return reply.status, reply.body.read()


def test_declared_identity_tells_silence_from_emptiness() -> None:
    from dui_conformance.core.providers import provide

    declared = provide(DeclaredIdentity, insi.geste({"statut": "provisoire", "matricule": ""}))
    assert (declared.matricule, declared.oid, declared.ins) == ("", None, None)
    held = provide(DeclaredIdentity, insi.geste({"matricule": "260055503901296", "oid": insi.OID, "prenoms": "ANNE LISE"}))
    assert held.ins == MatriculeIns("2600555039012", "96", insi.OID, "G01, observation matricule")
    assert held.prenoms == ("ANNE", "LISE")
    with pytest.raises(Inconclusive):
        provide(DeclaredIdentity, insi.geste({}))


def test_software_is_named_in_the_context() -> None:
    software = insi.exchange(insi.envelope(insi.traits())).view(SoftwareIdentity)
    assert (software.flux, software.version) == ("INSi", "1.0.0")
    assert same_software(software.nom, "DUI Témoin")
    assert not same_software(software.nom, "Autre")
    assert not same_software("", "")
