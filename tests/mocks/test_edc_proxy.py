"""The example proxy e-Santé, and the client that meets an editor's own: sessions, relay, traces."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from dui_conformance.core.clock import Clock
from dui_conformance.core.errors import HarnessError, Inconclusive
from dui_conformance.core.exchange import Exchange
from dui_conformance.mocks.edc.client_proxy import ProxyEditeur
from dui_conformance.mocks.pki import Pki
from dui_conformance.mocks.runtime import Runtime
from samples.edc import ID_NAT, Play, answer, play, reply_of
from samples.runtime import MemoryRecorder

SECOND = "899700000002"


def opened(p: Play, **changes: Any) -> str:
    return str(answer(p.connect(**changes))["proxy_session_id"])


def statuses(*exchanges: Exchange) -> list[int]:
    return [reply_of(e).status for e in exchanges]


def test_session_is_opened_found_again_used_and_closed() -> None:
    p = play()
    first = p.connect()
    cookie = answer(first)["proxy_session_id"]
    assert reply_of(first).header("Set-Cookie").startswith(f"proxy_session_id={cookie}; Path=/")
    assert answer(first)["session_state"]
    assert statuses(p.connect(cookie), p.send(cookie)) == [304, 200]
    assert reply_of(p.exchanges[1]).body.size == 0
    assert answer(p.exchanges[2])["signature"]
    end = p.proxy("DELETE", "/disconnect", cookie=cookie)
    assert statuses(end, p.send(cookie), p.proxy("DELETE", "/disconnect", cookie=cookie)) == [200, 401, 401]


def test_disconnection_ends_the_session_of_the_provider() -> None:
    p = play()
    cookie = opened(p)
    access = p.edc.proxy.sessions[cookie].psc.acces
    p.proxy("DELETE", "/disconnect", cookie=cookie)
    assert p.psc.introspect(access) == {"active": False}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"bindingMessage": "7"}, 400),
        ({"bindingMessage": 7}, 400),
        ({"channel": "SMS"}, 400),
        ({"nationalId": ""}, 400),
        ({"clientId": "autre"}, 404),
    ],
)
def test_wrong_connection_is_refused_in_the_form_of_the_contract(changes: dict[str, Any], status: int) -> None:
    p = play()
    refused = p.connect(**changes)
    body = answer(refused)
    assert (reply_of(refused).status, body["code"]) == (status, str(status))
    assert set(body) == {"code", "message", "metadata"}
    assert set(body["metadata"]) == {"nationalId", "clientId"}
    assert [r["type"] for r in p.edc.proxy.traces.records] == ["CONNECT_FAILURE"]


def test_unknown_person_is_not_found() -> None:
    assert reply_of(play().connect(nationalId="899799999999")).status in (400, 404)


def test_call_needs_a_session_and_a_known_backend() -> None:
    p = play()
    cookie = opened(p)
    assert statuses(p.send(""), p.send("inconnu"), p.send(cookie, backend="autre"), p.send(cookie, "/autre")) == [
        401,
        401,
        502,
        404,
    ]


def test_session_ends_after_four_hours() -> None:
    p = play()
    cookie = opened(p)
    p.psc.later(hours=4)
    assert statuses(p.send(cookie)) == [401]


def test_session_outlives_the_access_token_of_the_provider() -> None:
    p = play()
    p.edc.command("durees", {"acces": 60})
    cookie = opened(p)
    assert statuses(p.send(cookie)) == [200]
    p.psc.later(minutes=5)
    assert statuses(p.send(cookie)) == [200]


def test_dead_session_of_the_provider_ends_that_of_the_proxy() -> None:
    p = play()
    cookie = opened(p)
    p.psc.psc.command("fin-sessions", {})
    p.psc.later(minutes=5)
    assert statuses(p.send(cookie), p.send(cookie)) == [401, 401]


def test_provider_out_of_order_makes_the_proxy_unavailable() -> None:
    p = play()
    p.psc.psc.arm("indisponible", times=1)
    assert statuses(p.connect(), p.connect()) == [503, 200]


def test_two_users_have_two_sessions() -> None:
    p = play()
    one, two = opened(p), opened(p, nationalId=SECOND)
    assert answer(p.send(one))["nationalId"] == ID_NAT
    facts = [p.send(one).facts, p.send(two, nationalId=SECOND).facts]
    assert [(f["identifiant"], f["sujet"]) for f in facts] == [(ID_NAT, ID_NAT), (SECOND, SECOND)]
    assert statuses(p.connect(one, nationalId=SECOND)) == [200]


def test_traces_have_the_fields_of_their_type() -> None:
    p = play()
    cookie = opened(p)
    p.connect(cookie)
    p.send(cookie)
    p.connect(channel="")
    p.proxy("DELETE", "/disconnect", cookie=cookie)
    records: list[dict[str, Any]] = answer(p.proxy("GET", "/traces"))  # type: ignore[assignment]
    assert [r["type"] for r in records] == ["CONNECT_SUCCESS", "CONNECT_REPLAY", "SEND", "CONNECT_FAILURE", "DISCONNECT"]
    for record in records:
        assert datetime.fromisoformat(record["timestamp"]).tzinfo is not None
        assert (record["IdRPPS"], record["ipAddress"], record["ports"]) == (ID_NAT, "127.0.0.1", [8443])
        assert ("session_state" in record) == (record["type"] != "CONNECT_FAILURE")
        assert ("apiRequest" in record) == (record["type"] == "SEND")
    assert records[2]["apiRequest"] == {"nomApiPsc": "api-essai", "methode": "POST", "path": "/signsessiondata"}


def test_traces_are_read_by_period() -> None:
    p = play()
    opened(p)
    later = quote((p.now + timedelta(minutes=1)).isoformat())
    assert answer(p.proxy("GET", f"/traces?start={later}")) == []
    assert len(answer(p.proxy("GET", f"/traces?end={later}"))) == 1
    assert statuses(p.proxy("GET", "/traces?start=hier"), p.proxy("GET", "/traces?start=2026-03-31T09:00:00")) == [400, 400]


class Devant:
    """The client of an editor's proxy, in front of the example proxy on real sockets."""

    def __init__(self, pki: Pki) -> None:
        self.recorder = MemoryRecorder()
        self.runtime = Runtime(self.recorder, Clock(), pki)
        p = play()
        self.runtime.start([p.edc])
        self.client = ProxyEditeur("dui-temoin", seed=1)
        ours = pki.client("auth_cli")
        self.client.attach(self.recorder, Clock(), ac=pki.ac, certificate=ours.certificate, key=ours.key)
        self.client.command("adresse", {"url": self.runtime.url("edc-proxy")})

    def order(self, nom: str, **arguments: str) -> tuple[str, int]:
        self.client.command(nom, arguments)
        last = [s for s in self.recorder.seen if s.kind.startswith("edc.proxy-editeur.")][-1]
        assert last.reply is not None
        return last.kind.removeprefix("edc.proxy-editeur."), last.reply.status


@pytest.fixture
def devant(pki: Pki):  # type: ignore[no-untyped-def]
    made = Devant(pki)
    yield made
    made.runtime.stop()
    assert not made.runtime.failures


def test_client_plays_a_dui_in_front_of_a_proxy(devant: Devant) -> None:
    user = {"session": "a", "identifiant": ID_NAT}
    assert devant.order("connecter", **user) == ("connect", 200)
    assert devant.order("connecter", **user) == ("connect", 304)
    assert devant.order("envoyer", **user) == ("send", 200)
    assert devant.order("envoyer", session="", identifiant=ID_NAT) == ("send", 401)
    assert devant.order("traces") == ("traces", 200)
    assert devant.order("deconnecter", session="a") == ("disconnect", 200)
    assert devant.order("envoyer", **user) == ("send", 401)


def test_each_call_is_recorded_with_its_secret_and_its_keys(devant: Devant) -> None:
    devant.order("connecter", session="a", identifiant=ID_NAT)
    seen = next(s for s in devant.recorder.seen if s.kind == "edc.proxy-editeur.connect")
    assert seen.reply is not None
    assert seen.reply.secrets
    assert {key.espace for key in seen.reply.keys} == {"jeton"}


def test_silent_proxy_is_inconclusive_and_wrong_address_too(devant: Devant) -> None:
    devant.client.command("adresse", {"url": "https://127.0.0.1:9"})
    with pytest.raises(Inconclusive, match="n'a pas répondu"):
        devant.client.command("connecter", {"session": "a", "identifiant": ID_NAT})
    for url in ("http://proxy.exemple.fr", "ftp://localhost", ""):
        with pytest.raises(Inconclusive, match="https://"):
            devant.client.command("adresse", {"url": url})


def test_order_before_the_address_is_an_error_of_ours() -> None:
    with pytest.raises(HarnessError):
        ProxyEditeur("dui-temoin").command("traces", {})
