"""Rules on the token endpoint and on userinfo, on exchanges with the simulated provider."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.checks import oidc_jeton as rules
from dui_conformance.core.check import Check
from dui_conformance.core.errors import Inconclusive
from dui_conformance.core.exchange import Exchange
from dui_conformance.validation.oidc import TokenRequest, UserinfoRequest
from samples.psc import CHALLENGE, OIDC, RETOUR, VERIFIER, Play, back, basic, certificate, play
from samples.refus import refused

ON_CODE = (
    rules.grant_is_an_allowed_one,
    rules.token_call_does_not_come_from_a_browser,
    rules.token_call_authenticates_the_client,
    rules.token_secret_is_not_in_the_address,
    rules.token_call_repeats_the_redirect_uri,
    rules.code_is_used_once,
    rules.pkce_verifier_matches_the_challenge,
)


def code(p: Play) -> str:
    return back(p.authorize(code_challenge=CHALLENGE, code_challenge_method="S256"))["code"]


def good(p: Play, **changes: Any) -> Exchange:
    return p.token(code(p), code_verifier=VERIFIER, **changes)


@pytest.mark.parametrize("rule", ON_CODE, ids=lambda rule: rule.id)
def test_good_exchange_satisfies(rule: Check) -> None:
    assert rule(good(play()).view(TokenRequest)).fired == 1


def test_password_grant_fails() -> None:
    call = play().call(f"{OIDC}/token", form={"grant_type": "password", "username": "u", "password": "p"}, headers=(basic(),))
    assert call.kind == "psc.jeton.autre"
    refused(rules.grant_is_an_allowed_one, call.view(TokenRequest))


def test_origin_header_fails() -> None:
    p = play()
    form = {"grant_type": "authorization_code", "code": code(p), "redirect_uri": RETOUR}
    call = p.call(f"{OIDC}/token", form=form, headers=(basic(), ("Origin", "https://localhost")))
    refused(rules.token_call_does_not_come_from_a_browser, call.view(TokenRequest))


@pytest.mark.parametrize("headers", [(), (basic("faux"),)])
def test_unauthenticated_client_fails(headers: tuple[tuple[str, str], ...]) -> None:
    p = play()
    form = {"grant_type": "authorization_code", "code": code(p), "redirect_uri": RETOUR}
    refused(rules.token_call_authenticates_the_client, p.call(f"{OIDC}/token", form=form, headers=headers).view(TokenRequest))


def test_certificate_authenticates_the_client() -> None:
    p = play()
    form = {"grant_type": "authorization_code", "code": code(p), "redirect_uri": RETOUR, "client_id": "dui-temoin"}
    call = p.call(f"{OIDC}/token", form=form, client_der=certificate())
    assert rules.token_call_authenticates_the_client(call.view(TokenRequest)).note == "tls_client_auth"


def test_secret_in_the_address_fails() -> None:
    p = play()
    query = {"client_secret": "secret-de-test"}
    call = p.call(f"{OIDC}/token", query=query, form={"grant_type": "authorization_code", "code": code(p)}, headers=(basic(),))
    assert "secret-de-test" not in refused(rules.token_secret_is_not_in_the_address, call.view(TokenRequest)).received


def test_json_body_fails() -> None:
    call = play().call(f"{OIDC}/token", method="POST", headers=(basic(), ("Content-Type", "application/json")))
    assert "application/json" in refused(rules.token_secret_is_not_in_the_address, call.view(TokenRequest)).received


def test_other_redirect_uri_fails() -> None:
    refused(rules.token_call_repeats_the_redirect_uri, good(play(), redirect_uri=RETOUR + "/").view(TokenRequest))


@pytest.mark.parametrize("wait", [None, 90])
def test_code_used_twice_or_late_fails(wait: int | None) -> None:
    p = play()
    value = code(p)
    if wait is None:
        p.token(value, code_verifier=VERIFIER)
    else:
        p.later(seconds=wait)
    refused(rules.code_is_used_once, p.token(value, code_verifier=VERIFIER).view(TokenRequest))


def test_wrong_verifier_fails() -> None:
    p = play()
    refused(rules.pkce_verifier_matches_the_challenge, p.token(code(p), code_verifier="w" * 43).view(TokenRequest))


def test_rules_say_when_they_do_not_concern_the_call() -> None:
    p = play()
    tokens = p.login()
    refresh = p.refresh(tokens["refresh_token"]).view(TokenRequest)
    exchange = p.token(back(p.authorize())["code"]).view(TokenRequest)
    for rule, view in (
        (rules.code_is_used_once, refresh),
        (rules.token_call_repeats_the_redirect_uri, refresh),
        (rules.pkce_verifier_matches_the_challenge, exchange),
        (rules.refresh_uses_the_latest_token, exchange),
    ):
        with pytest.raises(Inconclusive):
            rule(view)


def test_refresh_with_a_replaced_token_fails() -> None:
    p = play()
    old = p.login()["refresh_token"]
    assert rules.refresh_uses_the_latest_token(p.refresh(old).view(TokenRequest)).fired == 1
    refused(rules.refresh_uses_the_latest_token, p.refresh(old).view(TokenRequest))


def test_bearer_in_the_header() -> None:
    p = play()
    access = p.login()["access_token"]
    assert rules.bearer_travels_in_the_header(p.userinfo(access).view(UserinfoRequest)).fired == 1
    refused(rules.bearer_travels_in_the_header, p.call(f"{OIDC}/userinfo", query={"access_token": access}).view(UserinfoRequest))
    refused(rules.bearer_travels_in_the_header, p.call(f"{OIDC}/userinfo").view(UserinfoRequest))


def test_userinfo_needs_an_issued_access_token() -> None:
    p = play()
    tokens = p.login()
    assert rules.userinfo_presents_an_access_token_of_ours(p.userinfo(tokens["access_token"]).view(UserinfoRequest)).fired == 1
    refused(rules.userinfo_presents_an_access_token_of_ours, p.userinfo("jeton-invente").view(UserinfoRequest))
    p.logout(id_token_hint=tokens["id_token"])
    refused(rules.userinfo_presents_an_access_token_of_ours, p.userinfo(tokens["access_token"]).view(UserinfoRequest))


def test_userinfo_with_the_id_token_fails() -> None:
    p = play()
    refused(rules.userinfo_presents_an_access_token_of_ours, p.userinfo(p.login()["id_token"]).view(UserinfoRequest))
