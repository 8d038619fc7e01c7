"""What the DMP only recognises or tolerates of a call, and the slow answers that are ordered."""

from __future__ import annotations

import itertools

import pytest
from dui_conformance.core.exchange import Key, Request
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.mocks.dmp.tolerances import TOLERANCES
from samples.dmp import ITI18, PATIENT, USAGER, Deposit, envelope, find_documents, post, vihf
from samples.dmp_garni import M, find, retrieve, send, stocked


@pytest.fixture
def dmp() -> Dmp:
    return stocked()


@pytest.mark.parametrize(("page", "status"), [("Documents", 200), ("TableauDeBord", 200), ("Ailleurs", 404)])
def test_contextual_web_access_is_recognised(dmp: Dmp, page: str, status: int) -> None:
    request = Request("GET", f"/AccesDirect/{page}/{USAGER.ins}", (), post("", b"", "").body, post("", b"", "").connection)
    found = dmp.describe("dmp", request)
    assert (found.kind, found.keys) == ("dmp.webps", (Key("ins", M),))
    assert send(dmp, request).status == status


def test_tolerances_are_facts(dmp: Dmp) -> None:
    text = (
        envelope(ITI18, find_documents(), vihf=vihf())
        .replace("Authentification_mode", "Authentification_Mode")
        .replace(">3.0<", ">4.0<")
        .replace("s:mustUnderstand", "mustUnderstand")
        .replace(f"<Value>'{PATIENT}'", f"<Value>('{PATIENT}')")
        .replace(f"<AttributeValue>{PATIENT}", f"<AttributeValue>{PATIENT}^^20260101")
    )
    reply = send(dmp, post("/registry", text.encode(), "application/soap+xml"))
    assert reply.facts["resultats"] == 3
    expected = ["must-understand-sans-prefixe", "mode-autre-casse", "vihf-4.0", "patient-suffixe", "patient-entre-parentheses"]
    assert reply.facts["tolerances"] == expected
    one = envelope("", find_documents())
    by_http = post("/registry", one.encode(), f'application/soap+xml; action="{ITI18}"')
    assert send(dmp, by_http).facts["tolerances"] == ["action-http-seule"]
    assert set(itertools.chain(expected, ["action-http-seule"])) <= set(TOLERANCES)


def test_tolerances_of_a_deposit(dmp: Dmp) -> None:
    reply = send(dmp, Deposit(document_id="doc01", patient=f"{PATIENT}^^20260401").request())
    assert reply.facts["tolerances"] == ["patient-suffixe", "identifiant-autre-casse"]


def test_a_slow_answer_is_ordered_by_transaction(dmp: Dmp) -> None:
    dmp.command("reponse-lente", {"transaction": "dmp.td3.1", "secondes": 8})
    assert find(dmp).delivery.delay == 8
    assert retrieve(dmp, "1.2.3.1").delivery.delay == 0
    dmp.command("reponse-lente", {"transaction": "dmp.td3.1", "secondes": 0})
    assert find(dmp).delivery.delay == 0
