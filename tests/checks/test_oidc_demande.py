"""Rules on discovery and on the authorization request: one good demand, and what breaks each rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from dui_conformance.checks import oidc_demande as rules
from dui_conformance.core.check import Check
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.settings import Settings
from dui_conformance.validation.oidc import AuthorizationRequest, DiscoveryRequest

GOOD = {
    "response_type": "code",
    "client_id": "dui-temoin",
    "redirect_uri": "https://localhost/psc/retour",
    "scope": "openid scope_all",
    "acr_values": "eidas1",
    "state": "9f86d081884c7d659a2feaa0c55ad015",
    "nonce": "a3bf4f1b2b0b822cd15d6c15b0f00a08a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}
ON_REQUEST = (
    rules.authorization_goes_to_the_wallet_host,
    rules.response_type_is_code,
    rules.scope_holds_openid_and_scope_all,
    rules.acr_values_is_eidas1,
    rules.acr_parameter_is_not_sent,
    rules.state_is_present,
    rules.state_holds_enough_randomness,
    rules.nonce_is_present,
    rules.no_secret_goes_through_the_browser,
    rules.pkce_with_s256_is_used,
)
WITH_SETTINGS = (rules.client_id_is_the_registered_one, rules.redirect_uri_is_registered)


def demand(**changes: str | None) -> AuthorizationRequest:
    values = {name: value for name, value in (GOOD | changes).items() if value is not None}
    return AuthorizationRequest("E000001", "/auth", tuple(values.items()), {"ecoute": "psc-portefeuille"})


@pytest.mark.parametrize("rule", ON_REQUEST, ids=lambda rule: rule.id)
def test_good_demand_satisfies(rule: Check) -> None:
    assert rule(demand()).fired == 1


@pytest.mark.parametrize("rule", WITH_SETTINGS, ids=lambda rule: rule.id)
def test_good_demand_matches_the_registration(rule: Check) -> None:
    assert rule(demand(), Settings()).fired == 1


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        (rules.response_type_is_code, {"response_type": "id_token token"}),
        (rules.response_type_is_code, {"response_type": None}),
        (rules.scope_holds_openid_and_scope_all, {"scope": "openid"}),
        (rules.scope_holds_openid_and_scope_all, {"scope": "scope_all"}),
        (rules.scope_holds_openid_and_scope_all, {"scope": "openid,scope_all"}),
        (rules.acr_values_is_eidas1, {"acr_values": "eidas2"}),
        (rules.acr_values_is_eidas1, {"acr_values": None, "acr": "eidas1"}),
        (rules.acr_parameter_is_not_sent, {"acr": "eidas1"}),
        (rules.state_is_present, {"state": None}),
        (rules.state_is_present, {"state": ""}),
        (rules.state_holds_enough_randomness, {"state": "abc123"}),
        (rules.state_holds_enough_randomness, {"state": "1774947600123"}),
        (rules.state_holds_enough_randomness, {"state": "0" * 64}),
        (rules.nonce_is_present, {"nonce": None}),
        (rules.no_secret_goes_through_the_browser, {"client_secret": "s"}),
        (rules.no_secret_goes_through_the_browser, {"code_verifier": "v"}),
        (rules.pkce_with_s256_is_used, {"code_challenge": None, "code_challenge_method": None}),
        (rules.pkce_with_s256_is_used, {"code_challenge_method": None}),
        (rules.pkce_with_s256_is_used, {"code_challenge_method": "plain"}),
    ],
)
def test_broken_demand_fails(rule: Check, changes: dict[str, str | None]) -> None:
    with pytest.raises(CheckFailed) as raised:
        rule(demand(**changes))
    assert raised.value.expected
    assert raised.value.received
    assert raised.value.at
    assert raised.value.hint


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        (rules.client_id_is_the_registered_one, {"client_id": "autre"}),
        (rules.redirect_uri_is_registered, {"redirect_uri": "https://localhost/psc/retour/"}),
        (rules.redirect_uri_is_registered, {"redirect_uri": None}),
    ],
)
def test_demand_unlike_the_registration_fails(rule: Check, changes: dict[str, str | None]) -> None:
    with pytest.raises(CheckFailed):
        rule(demand(**changes), Settings())


def test_the_secret_itself_is_never_quoted() -> None:
    with pytest.raises(CheckFailed) as raised:
        rules.no_secret_goes_through_the_browser(demand(client_secret="tres-secret"))
    assert "tres-secret" not in raised.value.received


@pytest.mark.parametrize(
    "state", ["9f86d081884c7d659a2feaa0c55ad015", "kW8GJf1c9oXn2Rt5Vb7YzQ", "A" * 5 + "bcdefghijklmnopqrstuvwxyz012345"]
)
def test_usual_random_values_hold_enough_randomness(state: str) -> None:
    assert rules.state_holds_enough_randomness(demand(state=state)).fired == 1


def test_authorization_at_the_issuer_host_fails() -> None:
    with pytest.raises(CheckFailed):
        rules.authorization_goes_to_the_wallet_host(replace(demand(), facts={"ecoute": "psc"}))


def test_discovery_name() -> None:
    assert rules.discovery_uses_the_wallet_name(DiscoveryRequest("E1", "/x", False, 200)).fired == 1
    with pytest.raises(CheckFailed):
        rules.discovery_uses_the_wallet_name(DiscoveryRequest("E1", "/x", True, 200))


@pytest.mark.parametrize(
    ("rule", "name"), [(rules.state_changes_at_each_request, "state"), (rules.nonce_changes_at_each_request, "nonce")]
)
def test_values_change_at_each_request(rule: Check, name: str) -> None:
    other = "0123456789abcdef0123456789abcdef"
    assert rule([demand(), demand(**{name: other})]).fired == 1
    with pytest.raises(CheckFailed):
        rule([demand(), demand(**{name: other}), demand()])
    with pytest.raises(Inconclusive):
        rule([demand()])
