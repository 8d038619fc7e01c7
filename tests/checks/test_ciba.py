"""Rules on the login without browser."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.checks import ciba as rules
from dui_conformance.checks import ciba_attente as attente
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.exchange import Exchange
from dui_conformance.validation.ciba import GRANT, CibaAnswer, CibaPoll, CibaRequest
from dui_conformance.validation.oidc import TokenResponse
from samples.psc import OIDC, Play, answer, basic, play
from samples.psc_gestes import CLOSED, INFIRMIERE, OPEN, geste, person

DEMAND = {
    "scope": "openid scope_all",
    "acr_values": "eidas1",
    "binding_message": "42",
    "login_hint": "899700000001",
    "channel": "MOBILE",
}
RED: dict[str, tuple[Any, dict[str, str | None]]] = {
    "scope": (rules.request_asks_the_scopes, {"scope": "openid"}),
    "acr": (rules.request_asks_eidas1, {"acr_values": None}),
    "hint": (rules.request_names_the_professional, {"login_hint": "TESTEUR-SOIN"}),
    "sans hint": (rules.request_names_the_professional, {"login_hint": None}),
    "message": (rules.binding_message_is_two_digits, {"binding_message": "7"}),
    "sans message": (rules.binding_message_is_two_digits, {"binding_message": None}),
    "channel": (rules.channel_is_card_or_mobile, {"channel": "SMS"}),
    "ping": (rules.poll_mode_is_used, {"client_notification_token": "jeton"}),
}


def ask(p: Play, headers: tuple[tuple[str, str], ...] = (basic(),), query: Any = None, **changes: str | None) -> Exchange:
    form = {name: value for name, value in (DEMAND | changes).items() if value is not None}
    return p.call(f"{OIDC}/ext/ciba/auth", form=form, headers=headers, query=query)


def poll(p: Play, number: str) -> Exchange:
    return p.call(f"{OIDC}/token", form={"grant_type": GRANT, "auth_req_id": number}, headers=(basic(),))


def polls(p: Play) -> list[CibaPoll]:
    return [e.view(CibaPoll) for e in p.exchanges if e.kind == "psc.jeton.ciba"]


@pytest.mark.parametrize("case", RED)
def test_request(case: str) -> None:
    rule, changes = RED[case]
    assert rule(ask(play()).view(CibaRequest)).fired == 1
    with pytest.raises(CheckFailed):
        rule(ask(play(), **changes).view(CibaRequest))


def test_request_comes_from_a_server() -> None:
    assert rules.request_does_not_come_from_a_page(ask(play()).view(CibaRequest)).fired == 1
    page = ask(play(), headers=(basic(), ("Origin", "https://dui.exemple.test")))
    with pytest.raises(CheckFailed, match="navigateur"):
        rules.request_does_not_come_from_a_page(page.view(CibaRequest))


@pytest.mark.parametrize("headers", [(), (basic("faux"),)])
def test_client_is_authenticated(headers: tuple[tuple[str, str], ...]) -> None:
    assert rules.request_authenticates_the_client(ask(play()).view(CibaRequest)).fired == 1
    with pytest.raises(CheckFailed, match="non authentifié"):
        rules.request_authenticates_the_client(ask(play(), headers=headers).view(CibaRequest))


def test_nothing_in_the_address() -> None:
    assert rules.request_is_a_form(ask(play()).view(CibaRequest)).fired == 1
    with pytest.raises(CheckFailed, match="adresse"):
        rules.request_is_a_form(ask(play(), query={"login_hint": "899700000001"}).view(CibaRequest))


@pytest.mark.parametrize(("numbers", "good"), [("17 04 88 52", True), ("42 42 42 42", False), ("10 11 12 13", False)])
def test_binding_message_changes(numbers: str, good: bool) -> None:
    p = play()
    requests = [ask(p, binding_message=each).view(CibaRequest) for each in numbers.split()]
    with pytest.raises(Inconclusive):
        rules.binding_message_changes(requests[:3])
    if good:
        assert rules.binding_message_changes(requests).fired == 1
        return
    with pytest.raises(CheckFailed):
        rules.binding_message_changes(requests)


def test_binding_message_is_shown() -> None:
    request = ask(play()).view(CibaRequest)
    assert rules.binding_message_is_shown(geste(nombre="42"), request).fired == 1
    with pytest.raises(CheckFailed):
        rules.binding_message_is_shown(geste(nombre=""), request)
    with pytest.raises(Inconclusive):
        rules.binding_message_is_shown(geste(), request)


def test_interval_and_number() -> None:
    p = play()
    p.psc.command("ciba", {"decision": "approuve", "apres": 1})
    number = answer(ask(p))["auth_req_id"]
    poll(p, number)
    p.later(seconds=2)
    poll(p, number)
    first, hasty = polls(p)
    assert attente.interval_is_respected(first).fired == 1
    with pytest.raises(CheckFailed, match="trop tôt"):
        attente.interval_is_respected(hasty)
    p.later(seconds=11)
    poll(p, number)
    assert attente.interval_is_respected(polls(p)[-1]).fired == 1
    assert attente.poll_presents_its_number(polls(p)[-1]).fired == 1
    p.later(seconds=11)
    poll(p, number)
    with pytest.raises(CheckFailed, match="à tort"):
        attente.poll_presents_its_number(polls(p)[-1])


def test_slow_down() -> None:
    for wait, good in ((10, True), (6, False)):
        p = play()
        asked = ask(p)
        number = answer(asked)["auth_req_id"]
        p.psc.arm("ciba-ralentir", times=1, target="psc.jeton.ciba")
        poll(p, number)
        with pytest.raises(Inconclusive):
            attente.slow_down_is_respected(asked.view(CibaAnswer), polls(p))
        p.later(seconds=wait)
        poll(p, number)
        if good:
            assert attente.slow_down_is_respected(asked.view(CibaAnswer), polls(p)).fired == 1
            continue
        with pytest.raises(CheckFailed, match="slow_down"):
            attente.slow_down_is_respected(asked.view(CibaAnswer), polls(p))


def test_expiry() -> None:
    p = play()
    p.psc.command("ciba", {"decision": "jamais"})
    asked = ask(p)
    number = answer(asked)["auth_req_id"]
    poll(p, number)
    p.later(seconds=121)
    poll(p, number)
    view = asked.view(CibaAnswer)
    assert attente.expiry_ends_the_wait(CLOSED, view, polls(p)).fired == 1
    with pytest.raises(CheckFailed, match="Session ouverte"):
        attente.expiry_ends_the_wait(OPEN, view, polls(p))
    with pytest.raises(Inconclusive):
        attente.expiry_ends_the_wait(geste(), view, polls(p))
    p.later(seconds=6)
    poll(p, number)
    with pytest.raises(CheckFailed, match="encore demandés"):
        attente.expiry_ends_the_wait(CLOSED, view, polls(p))


def test_refusal() -> None:
    p = play()
    p.psc.command("ciba", {"decision": "refuse"})
    asked = ask(p)
    view, number = asked.view(CibaAnswer), answer(asked)["auth_req_id"]
    with pytest.raises(Inconclusive):
        attente.refusal_ends_the_wait(CLOSED, view, polls(p))
    poll(p, number)
    assert attente.refusal_ends_the_wait(CLOSED, view, polls(p)).fired == 1
    p.later(seconds=6)
    poll(p, number)
    with pytest.raises(CheckFailed, match="refusée"):
        attente.refusal_ends_the_wait(CLOSED, view, polls(p))


def test_session() -> None:
    p = play()
    tokens = poll(p, answer(ask(p))["auth_req_id"]).view(TokenResponse)
    assert attente.approved_login_opens_a_session(OPEN, tokens, INFIRMIERE).fired == 1
    with pytest.raises(CheckFailed, match="à tort"):
        attente.approved_login_opens_a_session(CLOSED, tokens, INFIRMIERE)
    with pytest.raises(Inconclusive):
        attente.approved_login_opens_a_session(OPEN, tokens, person("pharmacien"))


def test_person() -> None:
    p = play()
    sound = poll(p, answer(ask(p))["auth_req_id"]).view(TokenResponse)
    with pytest.raises(Inconclusive, match="faussée"):
        attente.tokens_of_another_person_open_no_session(OPEN, CLOSED, sound)
    p.psc.arm("ciba-autre-personne", times=None)
    tokens = poll(p, answer(ask(p))["auth_req_id"]).view(TokenResponse)
    assert attente.tokens_of_another_person_open_no_session(OPEN, CLOSED, tokens).fired == 1
    with pytest.raises(CheckFailed, match="autre personne"):
        attente.tokens_of_another_person_open_no_session(OPEN, OPEN, tokens)
    with pytest.raises(Inconclusive, match="témoin"):
        attente.tokens_of_another_person_open_no_session(CLOSED, CLOSED, tokens)
