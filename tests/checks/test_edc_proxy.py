"""Rules of the use of a proxy e-Santé, and of an editor's own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dui_conformance.checks import edc_proxy as rules
from dui_conformance.checks import edc_proxy_editeur as own
from dui_conformance.core.campaign import Geste
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.connexion import AppelerApi, SeDeconnecter
from dui_conformance.core.settings import Settings
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.validation.edc import ProxyCall
from dui_conformance.validation.edc_proxy import OwnProxyCall, ProxyTraces
from samples.edc import Play, answer, play

NURSE, DOCTOR = professionals()["infirmiere-ehpad"], professionals()["medecin-multi"]
DONE = Geste("G01", AppelerApi("exemple"), Resultat(Etat.FAIT))
LOGOUT = Geste("G02", SeDeconnecter(), Resultat(Etat.FAIT))


def opened(p: Play) -> str:
    return str(answer(p.connect())["proxy_session_id"])


def views(p: Play) -> list[ProxyCall]:
    return [e.view(ProxyCall) for e in p.exchanges]


@pytest.mark.parametrize("changes", [{"bindingMessage": "7"}, {"channel": "SMS"}, {"clientId": "autre"}, {"bindingMessage": ""}])
def test_connection_request(changes: dict[str, Any]) -> None:
    rules.connection_request_is_complete(play().connect().view(ProxyCall), Settings())
    with pytest.raises(CheckFailed):
        rules.connection_request_is_complete(play().connect(**changes).view(ProxyCall), Settings())


def test_users_of_the_proxy() -> None:
    p = play()
    cookie = opened(p)
    call = p.send(cookie).view(ProxyCall)
    rules.connection_names_the_user(views(p)[0], NURSE)
    rules.session_of_the_proxy_is_that_of_the_user(call, NURSE)
    rules.call_carries_the_session_cookie(call)
    with pytest.raises(CheckFailed):
        rules.connection_names_the_user(views(p)[0], DOCTOR)
    with pytest.raises(CheckFailed):
        rules.session_of_the_proxy_is_that_of_the_user(call, DOCTOR)
    bare = p.send("").view(ProxyCall)
    with pytest.raises(CheckFailed):
        rules.call_carries_the_session_cookie(bare)
    with pytest.raises(Inconclusive):
        rules.session_of_the_proxy_is_that_of_the_user(bare, NURSE)
    with pytest.raises(Inconclusive):
        rules.call_carries_the_session_cookie(views(p)[0])


def test_active_session() -> None:
    p = play()
    cookie = opened(p)
    with pytest.raises(Inconclusive):
        rules.active_session_is_used_again(DONE, views(p))
    p.connect(cookie)
    with pytest.raises(CheckFailed):
        rules.active_session_is_used_again(DONE, views(p))
    p.send(cookie)
    rules.active_session_is_used_again(DONE, views(p))


def test_logout_at_the_proxy() -> None:
    p = play()
    with pytest.raises(Inconclusive):
        rules.logout_ends_the_session_of_the_proxy(LOGOUT, [])
    cookie = opened(p)
    with pytest.raises(CheckFailed):
        rules.logout_ends_the_session_of_the_proxy(LOGOUT, views(p))
    p.proxy("DELETE", "/disconnect", cookie=cookie)
    rules.logout_ends_the_session_of_the_proxy(LOGOUT, views(p))


def as_own(exchange: Exchange) -> Exchange:
    """The same exchange, as if the harness had made it with an editor's proxy."""
    return replace(exchange, kind=exchange.kind.replace("edc.proxy.", "edc.proxy-editeur."), memo={})


def seen(exchange: Exchange) -> OwnProxyCall:
    return as_own(exchange).view(OwnProxyCall)


def test_own_proxy_sessions() -> None:
    p = play()
    first = p.connect()
    cookie = answer(first)["proxy_session_id"]
    again, sent, bare = p.connect(cookie), p.send(cookie), p.send("")
    end, after = p.proxy("DELETE", "/disconnect", cookie=cookie), p.send(cookie)
    own.connection_opens_a_session(seen(first))
    own.second_connection_finds_the_session(seen(first), seen(again))
    own.call_is_relayed(seen(sent))
    own.call_without_session_is_refused(seen(bare))
    own.disconnection_ends_the_session(seen(end), seen(after))
    wrong = [
        lambda: own.connection_opens_a_session(replace(seen(first), opened="")),
        lambda: own.connection_opens_a_session(seen(p.connect(channel=""))),
        lambda: own.second_connection_finds_the_session(seen(first), replace(seen(again), status=200)),
        lambda: own.call_is_relayed(replace(seen(sent), answer={})),
        lambda: own.call_without_session_is_refused(replace(seen(bare), status=200)),
        lambda: own.disconnection_ends_the_session(seen(end), replace(seen(after), status=200)),
    ]
    for call in wrong:
        with pytest.raises(CheckFailed):
            call()
    unclear = [
        lambda: own.second_connection_finds_the_session(seen(first), seen(first)),
        lambda: own.call_is_relayed(seen(bare)),
        lambda: own.call_without_session_is_refused(seen(sent)),
        lambda: own.connection_opens_a_session(seen(sent)),
    ]
    for call in unclear:
        with pytest.raises(Inconclusive):
            call()


def traced() -> tuple[ProxyTraces, list[OwnProxyCall]]:
    p = play()
    cookie = opened(p)
    p.connect(cookie)
    p.send(cookie)
    p.connect(channel="")
    p.proxy("DELETE", "/disconnect", cookie=cookie)
    calls = [seen(e) for e in p.exchanges]
    return as_own(p.proxy("GET", "/traces")).view(ProxyTraces), calls


def test_traces_are_complete() -> None:
    traces, calls = traced()
    own.every_action_is_traced(traces, calls)
    own.trace_has_the_fields_of_its_type(traces)
    own.trace_time_has_its_offset(traces)


@pytest.mark.parametrize("rank", range(5))
def test_each_action_leaves_its_trace(rank: int) -> None:
    traces, calls = traced()
    fewer = replace(traces, records=traces.records[:rank] + traces.records[rank + 1 :])
    with pytest.raises(CheckFailed, match="manquantes"):
        own.every_action_is_traced(fewer, calls)


@pytest.mark.parametrize("field", ["IdRPPS", "ipAddress", "ports", "clientId", "proxy_id_session", "session_state", "apiRequest"])
def test_each_field_is_mandatory(field: str) -> None:
    traces, _ = traced()
    send = traces.of("SEND")[0]
    with pytest.raises(CheckFailed, match="incomplète"):
        own.trace_has_the_fields_of_its_type(replace(traces, records=({k: v for k, v in send.items() if k != field},)))


def test_wrong_traces() -> None:
    traces, calls = traced()
    send, login = traces.of("SEND")[0], traces.of("CONNECT_SUCCESS")[0]
    for wrong in ({**send, "apiRequest": {"path": "/"}}, {**login, "apiRequest": {"path": "/"}}):
        with pytest.raises(CheckFailed):
            own.trace_has_the_fields_of_its_type(replace(traces, records=(wrong,)))
    for text in ("2026-03-31T14:05:12", "hier", None):
        with pytest.raises(CheckFailed):
            own.trace_time_has_its_offset(replace(traces, records=({**send, "timestamp": text},)))
    for wrong in (replace(traces, status=500), replace(traces, records=({**send, "type": "AUTRE"},))):
        with pytest.raises(CheckFailed):
            own.every_action_is_traced(wrong, calls)
    for rule in (own.trace_has_the_fields_of_its_type, own.trace_time_has_its_offset):
        with pytest.raises(Inconclusive):
            rule(replace(traces, records=()))
