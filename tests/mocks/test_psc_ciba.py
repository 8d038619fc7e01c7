"""Login without browser at the simulated provider: request, polls, decisions, and the simulated telephone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Key
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.psc.keys import claims_of
from dui_conformance.mocks.psc.messages import APPROVAL, WALLET
from dui_conformance.validation.ciba import CibaAnswer, CibaPoll, CibaRequest
from dui_conformance.validation.oidc import PscCall, TokenRequest, TokenResponse
from samples.psc import OIDC, Play, answer, play, reply_of


def number(p: Play, **changes: str | None) -> str:
    value: str = answer(p.ciba(**changes))["auth_req_id"]
    return value


def ordered(**order: Any) -> Play:
    p = play()
    p.psc.command("ciba", order)
    return p


@pytest.mark.parametrize("persona", professionals())
@pytest.mark.parametrize("channel", ["CARD", "MOBILE"])
def test_every_professional_logs_in_by_his_identifier(persona: str, channel: str) -> None:
    p = play("")
    hint = professionals()[persona].id_nat or persona
    asked = p.ciba(login_hint=hint, channel=channel)
    assert answer(asked).keys() == {"auth_req_id", "expires_in", "interval"}
    assert (answer(asked)["expires_in"], answer(asked)["interval"]) == (120, 5)
    given = p.poll(answer(asked)["auth_req_id"])
    identity = claims_of(answer(given)["id_token"])
    assert (identity["authMode"], identity["acr"]) == (channel, "eidas1")
    assert "nonce" not in identity
    info = p.userinfo(answer(given)["access_token"])
    assert info.facts["persona"] == persona


def test_views_say_what_was_asked_answered_and_polled() -> None:
    p = ordered(decision="approuve", apres=1)
    asked = p.ciba()
    request, reply = asked.view(CibaRequest), asked.view(CibaAnswer)
    assert (request["binding_message"], request.facts["binding_message"], request.scopes >= {"openid"}) == (
        "42",
        "conforme",
        True,
    )
    assert Key("ps", "899700000001") in reply_of(asked).keys
    first = p.poll(answer(asked)["auth_req_id"])
    assert (first.kind, first.view(CibaPoll).error, first.view(CibaPoll).state) == (
        "psc.jeton.ciba",
        "authorization_pending",
        "en-attente",
    )
    assert first.view(CibaPoll).request == reply.request in asked.view(PscCall).issues
    assert reply.request in first.view(PscCall).presents
    p.later(seconds=5)
    last = p.poll(answer(asked)["auth_req_id"])
    assert (last.view(CibaPoll).state, last.facts["attente"], last.facts["intervalle"]) == ("approuve", 5.0, 5)
    assert last.view(TokenResponse).persona == "infirmiere-ehpad"
    assert last.view(TokenRequest).facts["client_auth"] == "client_secret_basic"


def test_polling_too_fast_slows_down_more_and_more() -> None:
    p = ordered(decision="approuve", apres=2)
    demand = number(p)
    assert answer(p.poll(demand))["error"] == "authorization_pending"
    p.later(seconds=4)
    assert answer(p.poll(demand))["error"] == "slow_down"
    p.later(seconds=5)
    assert p.poll(demand).facts["ciba_etat"] == "trop-vite"
    p.later(seconds=15)
    assert answer(p.poll(demand))["error"] == "authorization_pending"
    p.later(seconds=15)
    assert answer(p.poll(demand))["token_type"] == "Bearer"


def test_request_expires_after_120_seconds() -> None:
    p = ordered(decision="jamais")
    demand = number(p)
    p.later(seconds=119)
    assert answer(p.poll(demand))["error"] == "authorization_pending"
    p.later(seconds=1)
    assert answer(p.poll(demand))["error"] == "expired_token"


def test_refusal_and_later_approval_of_a_request_already_made() -> None:
    p = ordered(decision="refuse")
    assert answer(p.poll(number(p)))["error"] == "access_denied"
    p.psc.command("ciba", {"decision": "jamais"})
    demand = number(p)
    assert answer(p.poll(demand))["error"] == "authorization_pending"
    p.psc.command("ciba", {"decision": "approuve"})
    p.later(seconds=5)
    assert answer(p.poll(demand))["access_token"]


def test_interval_can_be_ordered() -> None:
    p = ordered(decision="approuve", apres=1, intervalle=1)
    assert answer(p.ciba())["interval"] == 1
    demand = number(p)
    p.poll(demand)
    p.later(seconds=1)
    assert answer(p.poll(demand))["access_token"]


def test_request_serves_once() -> None:
    p = play()
    demand = number(p)
    p.poll(demand)
    p.later(seconds=6)
    again = p.poll(demand)
    assert (answer(again)["error"], again.facts["ciba_etat"]) == ("invalid_grant", "deja-utilise")
    assert answer(p.poll("inconnu"))["error"] == "invalid_grant"
    assert answer(p.poll(""))["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"login_hint": "899700009999"}, "unknown_user_id"),
        ({"login_hint": None}, "invalid_request"),
        ({"id_token_hint": "x"}, "invalid_request"),
        ({"scope": "scope_all"}, "invalid_scope"),
    ],
)
def test_request_that_cannot_be_served_is_refused(change: dict[str, str | None], error: str) -> None:
    assert answer(play().ciba(**change))["error"] == error


@pytest.mark.parametrize(
    ("change", "error", "fact"),
    [
        ({"binding_message": "abc"}, "invalid_binding_message", {"binding_message": "malforme"}),
        ({"binding_message": None}, "invalid_binding_message", {"binding_message": "absent"}),
        ({"channel": "PIGEON"}, "invalid_request", {"canal": "inconnu"}),
        ({"channel": None}, "invalid_request", {"canal": "absent"}),
        ({"acr_values": "eidas2"}, "invalid_request", {}),
        ({"client_notification_token": "x"}, "", {"notification": True}),
    ],
)
def test_badly_made_request_is_noted_and_refused_when_strict(
    change: dict[str, str | None], error: str, fact: dict[str, Any]
) -> None:
    lenient = play().ciba(**change)
    assert reply_of(lenient).status == 200
    assert fact.items() <= lenient.facts.items()
    assert answer(play(strict=True).ciba(**change)).get("error", "") == error


def test_client_must_be_authenticated() -> None:
    p = play()
    refused = p.call(f"{OIDC}/ext/ciba/auth", form={"scope": "openid", "login_hint": "899700000001"})
    assert (reply_of(refused).status, answer(refused)["error"]) == (401, "invalid_client")
    assert reply_of(p.call(f"{OIDC}/ext/ciba/auth")).status == 405


@pytest.mark.parametrize(("choice", "error"), [("approuver", ""), ("refuser", "access_denied")])
def test_telephone_shows_the_number_and_decides(choice: str, error: str) -> None:
    p = ordered(decision="page")
    demand = number(p, binding_message="07")
    assert answer(p.poll(demand))["error"] == "authorization_pending"
    page = reply_of(p.call(APPROVAL, listener=WALLET)).body.read().decode()
    assert "07" in page
    assert "Camille" in page
    found = re.search(r'name="demande" value="([^"]+)"', page)
    assert found is not None
    p.call(APPROVAL, listener=WALLET, form={"demande": found[1], "choix": choice})
    p.later(seconds=5)
    assert answer(p.poll(demand)).get("error", "") == error
    assert "n’attend" in reply_of(p.call(APPROVAL, listener=WALLET)).body.read().decode()


@pytest.mark.parametrize(
    ("panne", "error"), [("ciba-ralentir", "slow_down"), ("ciba-expire", "expired_token"), ("ciba-refuse", "access_denied")]
)
def test_polls_can_be_answered_otherwise(panne: str, error: str) -> None:
    p = play()
    demand = number(p)
    p.psc.arm(panne, times=1)
    assert answer(p.poll(demand))["error"] == error


def test_other_faults_of_a_request() -> None:
    p = play()
    p.psc.arm("ciba-sans-intervalle", times=1)
    assert "interval" not in answer(p.ciba())
    p.psc.arm("ciba-utilisateur-inconnu", times=1)
    assert answer(p.ciba())["error"] == "unknown_user_id"
    p.psc.arm("ciba-autre-personne", times=1)
    given = p.poll(number(p))
    assert given.facts["defaut"] == "ciba-autre-personne"
    assert claims_of(answer(given)["id_token"])["SubjectNameID"] != "899700000001"
    p.psc.arm("jeton-aud", times=1)
    assert p.poll(number(p)).facts["defaut"] == "aud"


@pytest.mark.parametrize("order", [{"decision": "x"}, {"apres": "deux"}, {"intervalle": -1}, {"autre": 1}])
def test_wrong_orders_are_refused(order: dict[str, Any]) -> None:
    with pytest.raises(HarnessError, match="ordre ciba"):
        play().psc.command("ciba", order)
