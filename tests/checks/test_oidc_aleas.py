"""Rules on the values drawn at random and on the form of the authorization request."""

from __future__ import annotations

import secrets

import pytest
from dui_conformance.checks import oidc_aleas as rules
from dui_conformance.checks.oidc_jeton import token_call_authenticates_the_client_once
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.validation.oidc import AuthorizationRequest, TokenRequest
from samples.psc import CHALLENGE, NONCE, back, basic, play


def demand(**changes: str | None) -> AuthorizationRequest:
    return play().authorize(**changes).view(AuthorizationRequest)


def two(name: str, first: str, second: str) -> list[AuthorizationRequest]:
    return [demand(**{name: first}), demand(**{name: second})]


@pytest.mark.parametrize(("name", "rule"), [("state", rules.state_is_not_predictable), ("nonce", rules.nonce_is_not_predictable)])
def test_a_counter_is_predictable(name: str, rule: object) -> None:
    assert rule(two(name, secrets.token_hex(32), secrets.token_hex(32))).fired == 1  # type: ignore[operator]
    with pytest.raises(CheckFailed, match="prévisible"):
        rule(two(name, "demande-du-dui-numero-0001", "demande-du-dui-numero-0002"))  # type: ignore[operator]
    with pytest.raises(Inconclusive):
        rule(two(name, "a" * 32, "a" * 32))  # type: ignore[operator]


def test_random_uuids_are_not_predictable() -> None:
    import uuid

    assert rules.state_is_not_predictable(two("state", str(uuid.uuid4()), str(uuid.uuid4()))).fired == 1


def test_nonce_is_long_enough() -> None:
    assert rules.nonce_holds_enough_randomness(demand()).fired == 1
    with pytest.raises(CheckFailed, match="trop court"):
        rules.nonce_holds_enough_randomness(demand(nonce="0f0f"))
    with pytest.raises(Inconclusive):
        rules.nonce_holds_enough_randomness(demand(nonce=None))


def test_nonce_is_not_the_state() -> None:
    assert rules.nonce_is_not_the_state(demand()).fired == 1
    with pytest.raises(CheckFailed):
        rules.nonce_is_not_the_state(demand(state=NONCE))
    with pytest.raises(Inconclusive):
        rules.nonce_is_not_the_state(demand(state=None))


def test_challenge_changes() -> None:
    assert rules.pkce_challenge_changes_at_each_request(two("code_challenge", CHALLENGE, CHALLENGE[::-1])).fired == 1
    with pytest.raises(CheckFailed, match="réutilisé"):
        rules.pkce_challenge_changes_at_each_request(two("code_challenge", CHALLENGE, CHALLENGE))
    with pytest.raises(Inconclusive):
        rules.pkce_challenge_changes_at_each_request([demand()])


@pytest.mark.parametrize("mode", [None, "query", "form_post"])
def test_code_returns_to_the_server(mode: str | None) -> None:
    assert rules.code_does_not_return_in_a_fragment(demand(response_mode=mode)).fired == 1


def test_code_in_a_fragment_is_refused() -> None:
    with pytest.raises(CheckFailed, match="fragment"):
        rules.code_does_not_return_in_a_fragment(demand(response_mode="fragment"))


def test_no_parameter_is_repeated() -> None:
    assert rules.no_parameter_is_repeated(demand()).fired == 1
    twice = AuthorizationRequest("E1", "/auth", (), {}, (("scope", "openid"), ("scope", "openid scope_all")))
    with pytest.raises(CheckFailed, match="répété"):
        rules.no_parameter_is_repeated(twice)


def test_scope_asks_nothing_more() -> None:
    assert rules.scope_asks_nothing_more(demand()).fired == 1
    with pytest.raises(CheckFailed, match="offline_access"):
        rules.scope_asks_nothing_more(demand(scope="openid scope_all offline_access"))


def test_client_is_authenticated_once() -> None:
    p = play()
    code = back(p.authorize())["code"]
    assert token_call_authenticates_the_client_once(p.token(code).view(TokenRequest)).fired == 1
    twice = p.call(
        "/auth/realms/esante-wallet/protocol/openid-connect/token",
        form={"grant_type": "authorization_code", "code": code, "client_id": "dui-temoin", "client_secret": "x"},
        headers=(basic(),),
    )
    with pytest.raises(CheckFailed, match="deux façons"):
        token_call_authenticates_the_client_once(twice.view(TokenRequest))
