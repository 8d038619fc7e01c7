"""How long things live at the simulated provider: 2 min, 30 min, 4 h, 30 min of silence, to the second."""

from __future__ import annotations

import pytest
from dui_conformance.mocks.psc.messages import WALLET
from samples.psc import DEMAND, Play, answer, back, play, reply_of


def used(p: Play, access: str) -> int:
    return reply_of(p.userinfo(access)).status


@pytest.mark.parametrize(("seconds", "status"), [(119, 200), (120, 401)])
def test_access_token_lives_two_minutes(seconds: int, status: int) -> None:
    p = play()
    tokens = p.login()
    p.later(seconds=seconds)
    assert used(p, tokens["access_token"]) == status
    assert p.introspect(tokens["access_token"])["active"] is (status == 200)


@pytest.mark.parametrize(("seconds", "good"), [(1799, True), (1800, False)])
def test_refresh_token_lives_thirty_minutes(seconds: int, good: bool) -> None:
    p = play()
    tokens = p.login()
    p.later(seconds=seconds)
    assert ("access_token" in answer(p.refresh(tokens["refresh_token"]))) is good


def test_session_lives_four_hours_and_its_last_refresh_token_no_longer() -> None:
    p = play()
    tokens = p.login()
    for _ in range(9):
        p.later(minutes=25)
        tokens = answer(p.refresh(tokens["refresh_token"]))
    assert tokens["refresh_expires_in"] == 900
    p.later(minutes=14)
    tokens = answer(p.refresh(tokens["refresh_token"]))
    assert tokens["refresh_expires_in"] == 60
    p.later(seconds=59)
    assert used(p, tokens["access_token"]) == 200
    p.later(seconds=1)
    assert used(p, tokens["access_token"]) == 401
    assert answer(p.refresh(tokens["refresh_token"]))["error"] == "invalid_grant"


@pytest.mark.parametrize(("seconds", "silent"), [(1799, True), (1800, False)])
def test_session_dies_of_thirty_minutes_of_silence(seconds: int, silent: bool) -> None:
    p = play()
    cookie = ("Cookie", reply_of(p.authorize()).header("Set-Cookie").split(";")[0])
    p.psc.command("persona", {"id": ""})
    p.later(seconds=seconds)
    returned = p.call("/auth", listener=WALLET, query=DEMAND, headers=(cookie,))
    assert (reply_of(returned).status == 302) is silent


def test_use_keeps_the_session_but_not_the_refresh_token() -> None:
    p = play()
    exchange = p.authorize()
    cookie = ("Cookie", reply_of(exchange).header("Set-Cookie").split(";")[0])
    tokens = answer(p.token(back(exchange)["code"]))
    p.later(minutes=20)
    tokens = answer(p.refresh(tokens["refresh_token"]))
    p.later(minutes=20)
    p.psc.command("persona", {"id": ""})
    assert reply_of(p.call("/auth", listener=WALLET, query=DEMAND, headers=(cookie,))).status == 302
    p.later(minutes=11)
    assert answer(p.refresh(tokens["refresh_token"]))["error"] == "invalid_grant"


def test_orders_and_logout_end_a_session_at_once() -> None:
    p = play()
    tokens = p.login()
    p.psc.command("fin-sessions", {})
    assert used(p, tokens["access_token"]) == 401
    tokens = p.login()
    assert reply_of(p.logout(id_token_hint=tokens["id_token"])).status == 200
    assert p.introspect(tokens["refresh_token"]) == {"active": False}


def test_restart_forgets_sessions() -> None:
    tokens = play().login()
    assert reply_of(play().userinfo(tokens["access_token"])).status == 401
