"""The authorization endpoint: response modes, demands pushed ahead, prompts, and the login page."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from dui_conformance.core.exchange import Exchange
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.psc.messages import LOGIN, WALLET
from dui_conformance.validation.ciba import PushedRequest
from dui_conformance.validation.oidc import AuthorizationRequest, PscCall
from samples.psc import CHALLENGE, DEMAND, NONCE, OIDC, RETOUR, STATE, VERIFIER, Play, answer, back, basic, play, reply_of


def text_of(exchange: Exchange) -> str:
    return unescape(reply_of(exchange).body.read().decode())


def fields(exchange: Exchange) -> dict[str, str]:
    """The hidden fields of the form that the browser posts."""
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', text_of(exchange)))


def push(p: Play, **changes: str | None) -> Exchange:
    form = {name: value for name, value in (DEMAND | changes).items() if value is not None}
    return p.call(f"{OIDC}/ext/par/request", form=form, headers=(basic(),))


def test_fragment_and_form_post_bring_back_the_same_parameters() -> None:
    p = play()
    by_query = back(p.authorize())
    fragment = p.authorize(response_mode="fragment")
    in_fragment = dict(parse_qsl(urlsplit(reply_of(fragment).header("Location")).fragment))
    posted = p.authorize(response_mode="form_post")
    in_form = fields(posted)
    assert by_query.keys() == in_fragment.keys() == in_form.keys() == {"state", "session_state", "iss", "code"}
    assert f'action="{RETOUR}"' in text_of(posted)
    for exchange, code in ((fragment, in_fragment["code"]), (posted, in_form["code"])):
        assert exchange.view(PscCall).issues
        assert answer(p.token(code))["id_token"]


@pytest.mark.parametrize("mode", ["query", "fragment", "form_post"])
def test_faults_of_the_return_strike_in_every_mode(mode: str) -> None:
    p = play()
    p.psc.arm("jeton-state", times=1)
    exchange = p.authorize(response_mode=mode)
    parts = urlsplit(reply_of(exchange).header("Location"))
    got = {"query": dict(parse_qsl(parts.query)), "fragment": dict(parse_qsl(parts.fragment))}.get(mode) or fields(exchange)
    assert got["state"] == "etat-falsifie-par-le-simulateur"
    assert got["code"]
    assert exchange.facts["defaut"] == "state"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_mode": "pigeon"}, "invalid_request"),
        ({"code_challenge": "x", "code_challenge_method": "S512"}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"request_uri": "https://ailleurs.invalid/demande"}, "request_uri_not_supported"),
        ({"response_type": "code token"}, "unsupported_response_type"),
    ],
)
def test_what_is_not_served_comes_back_as_an_error(change: dict[str, str], error: str) -> None:
    returned = back(play().authorize(**change))
    assert (returned["error"], returned["state"]) == (error, STATE)


@pytest.mark.parametrize(("method", "challenge"), [("S256", CHALLENGE), ("plain", VERIFIER), ("", VERIFIER)])
def test_both_pkce_methods_are_verified(method: str, challenge: str) -> None:
    p = play()
    asked = {"code_challenge": challenge} | ({"code_challenge_method": method} if method else {})
    assert p.token(back(p.authorize(**asked))["code"], code_verifier=VERIFIER).facts["pkce"] == "ok"
    assert answer(p.token(back(p.authorize(**asked))["code"], code_verifier="w" * 43))["error"] == "invalid_grant"


def test_replayed_code_revokes_what_it_gave() -> None:
    p = play()
    code = back(p.authorize())["code"]
    tokens = answer(p.token(code))
    assert answer(p.token(code))["error"] == "invalid_grant"
    assert reply_of(p.userinfo(tokens["access_token"])).status == 401
    assert answer(p.refresh(tokens["refresh_token"]))["error"] == "invalid_grant"


def test_two_demands_of_one_session_keep_their_nonces() -> None:
    p = play()
    cookie = reply_of(p.authorize()).header("Set-Cookie").split(";")[0]
    p.psc.command("persona", {"id": ""})
    asked = [
        p.call("/auth", listener=WALLET, query=DEMAND | {"nonce": nonce}, headers=(("Cookie", cookie),)) for nonce in ("a", "b")
    ]
    from dui_conformance.mocks.psc.keys import claims_of

    assert [claims_of(answer(p.token(back(each)["code"]))["id_token"])["nonce"] for each in asked] == ["a", "b"]


def test_pushed_demand_is_carried_by_its_number_once() -> None:
    p = play()
    pushed = push(p)
    assert (pushed.kind, reply_of(pushed).status, answer(pushed)["expires_in"]) == ("psc.par", 201, 90)
    number = answer(pushed)["request_uri"]
    exchange = p.call("/auth", listener=WALLET, query={"client_id": "dui-temoin", "request_uri": number})
    assert back(exchange)["state"] == STATE
    view = exchange.view(AuthorizationRequest)
    assert (view["nonce"], view["acr_values"], [name for name, _ in view.front]) == (
        NONCE,
        "eidas1",
        ["client_id", "request_uri"],
    )
    assert pushed.view(PushedRequest).request in exchange.view(PscCall).presents & pushed.view(PscCall).issues
    again = p.call("/auth", listener=WALLET, query={"client_id": "dui-temoin", "request_uri": number})
    assert (reply_of(again).status, again.facts["erreur"]) == (400, "request-uri")


def test_pushed_demand_expires_and_belongs_to_its_client() -> None:
    p = play()
    number = answer(push(p))["request_uri"]
    other = p.call("/auth", listener=WALLET, query={"client_id": "un-autre", "request_uri": number})
    assert reply_of(other).status == 400
    number = answer(push(p))["request_uri"]
    p.later(seconds=90)
    assert reply_of(p.call("/auth", listener=WALLET, query={"client_id": "dui-temoin", "request_uri": number})).status == 400


def test_what_the_browser_adds_to_a_pushed_demand_is_ignored() -> None:
    p = play()
    query = {"client_id": "dui-temoin", "request_uri": answer(push(p))["request_uri"], "state": "ajoute"}
    assert back(p.call("/auth", listener=WALLET, query=query))["state"] == STATE


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"redirect_uri": "https://ailleurs.example/"}, "invalid_request"),
        ({"client_id": "un-autre"}, "invalid_request"),
        ({"request_uri": "urn:x"}, "invalid_request"),
    ],
)
def test_wrong_pushed_demands_are_refused(change: dict[str, str], error: str) -> None:
    assert answer(push(play(), **change))["error"] == error
    assert reply_of(play().call(f"{OIDC}/ext/par/request", form=DEMAND)).status == 401


@pytest.mark.parametrize("persona", professionals())
def test_every_persona_can_be_chosen_on_the_page(persona: str) -> None:
    p = play("")
    page = p.authorize()
    assert f'name="identite" value="{persona}"' in text_of(page)
    chosen = p.call(LOGIN, listener=WALLET, form={"demande": fields(page)["demande"], "identite": persona})
    tokens = answer(p.token(back(chosen)["code"]))
    assert p.userinfo(tokens["access_token"]).facts["persona"] == persona


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("HEREDIA", ["accents"]),
        ("éducateur", 2),
        ("899700000012", ["psychologue"]),
        ("zzz", []),
        ("medecin cabinet", 2),
        ("", 24),
    ],
)
def test_page_is_searched_without_script(words: str, found: list[str] | int) -> None:
    p = play("")
    handle = fields(p.authorize())["demande"]
    page = text_of(p.call(LOGIN, listener=WALLET, query={"demande": handle, "recherche": words}))
    shown = re.findall(r'name="identite" value="([^"]+)"', page)
    assert shown == found if isinstance(found, list) else len(shown) == found
    assert "<script" not in page
    assert "Ceci est un simulateur" in page
    assert 'lang="fr"' in page
    chosen = p.call(LOGIN, listener=WALLET, form={"demande": handle, "identite": "accents"})
    assert back(chosen)["code"]


def test_search_is_shown_as_text() -> None:
    p = play("")
    handle = fields(p.authorize())["demande"]
    raw = reply_of(p.call(LOGIN, listener=WALLET, query={"demande": handle, "recherche": '"><script>alert(1)</script>'}))
    assert b"<script>" not in raw.body.read()


def test_prompt_none_without_session_needs_a_login() -> None:
    assert back(play("").authorize(prompt="none"))["error"] == "login_required"


def test_no_answer_invites_a_browser_script_and_its_origin_is_recorded() -> None:
    p = play()
    origin = ("Origin", "https://dui.example")
    form = {"grant_type": "authorization_code", "code": back(p.authorize())["code"], "redirect_uri": RETOUR}
    called = p.call(f"{OIDC}/token", form=form, headers=(basic(), origin))
    preflight = p.call(f"{OIDC}/token", method="OPTIONS", headers=(origin, ("Access-Control-Request-Method", "POST")))
    assert called.facts["origine"] == preflight.facts["origine"] == "https://dui.example"
    assert reply_of(preflight).status == 405
    assert not [h for e in (called, preflight) for h, _ in reply_of(e).headers if h.lower().startswith("access-control")]
