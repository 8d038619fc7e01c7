"""Rules on finer lies: green for a DUI that refuses, red for one that goes on, nothing without a lie or a control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dui_conformance.checks import oidc_refus_jeton as rules
from dui_conformance.core.errors import CheckFailed, Inconclusive
from samples.psc import WALLET, answer, back, play
from samples.psc_gestes import CLOSED, OPEN, calls

Rule = Callable[..., Any]
TOKENS: dict[str, Rule] = {
    "jeton-hs256-cle-publique": rules.public_key_used_as_a_secret_opens_no_session,
    "jeton-hs256-secret": rules.token_signed_with_the_client_secret_opens_no_session,
    "jeton-futur": rules.token_of_the_future_opens_no_session,
    "jeton-azp": rules.token_given_to_another_client_opens_no_session,
    "jeton-aud-tiers": rules.token_also_for_a_stranger_opens_no_session,
    "jeton-id-token-absent": rules.answer_without_id_token_opens_no_session,
    "jeton-type": rules.token_of_an_unknown_type_opens_no_session,
    "jeton-sub-absent": rules.token_without_subject_opens_no_session,
    "jeton-iat-absent": rules.token_without_issue_date_opens_no_session,
    "jeton-exp-absent": rules.token_without_expiry_opens_no_session,
}
USERINFO: dict[str, Rule] = {
    "userinfo-jwt-alg-none": rules.unsigned_userinfo_opens_no_session,
    "userinfo-jwt-aud": rules.userinfo_for_another_client_opens_no_session,
    "userinfo-jwt-expire": rules.expired_userinfo_opens_no_session,
    "userinfo-autre-identite": rules.userinfo_of_another_identity_opens_no_session,
}


@pytest.mark.parametrize("panne", TOKENS)
def test_false_tokens(panne: str) -> None:
    p, rule = play(), TOKENS[panne]
    p.userinfo(p.login()["access_token"])
    with pytest.raises(Inconclusive, match="n'a pas été demandée"):
        rule(OPEN, CLOSED, calls(p))
    p.psc.arm(panne, times=1)
    false = p.login()
    assert rule(OPEN, CLOSED, calls(p)).fired == 1
    with pytest.raises(Inconclusive, match="témoin"):
        rule(CLOSED, CLOSED, calls(p))
    with pytest.raises(CheckFailed, match="Session ouverte"):
        rule(OPEN, OPEN, calls(p))
    p.refresh(false["refresh_token"])
    with pytest.raises(CheckFailed, match="poursuivie"):
        rule(OPEN, CLOSED, calls(p))


@pytest.mark.parametrize("panne", USERINFO)
def test_false_userinfo(panne: str) -> None:
    p, rule = play(), USERINFO[panne]
    p.userinfo(p.login()["access_token"])
    p.psc.arm(panne, times=1, target="psc.userinfo")
    p.userinfo(p.login()["access_token"])
    assert rule(OPEN, CLOSED, calls(p)).fired == 1
    with pytest.raises(CheckFailed, match="Session ouverte"):
        rule(OPEN, OPEN, calls(p))


def test_response_of_another_issuer() -> None:
    p, rule = play(), rules.response_of_another_issuer_opens_no_session
    p.login()
    p.psc.arm("retour-iss", times=1)
    code = back(p.authorize())["code"]
    assert rule(OPEN, CLOSED, calls(p)).fired == 1
    p.token(code)
    with pytest.raises(CheckFailed, match="poursuivie"):
        rule(OPEN, CLOSED, calls(p))


def test_spent_code() -> None:
    p, rule = play(), rules.refused_code_opens_no_session
    p.login()
    with pytest.raises(Inconclusive):
        rule(OPEN, CLOSED, calls(p))
    code = back(p.authorize())["code"]
    p.token(code)
    p.token(code)
    assert rule(OPEN, CLOSED, calls(p)).fired == 1
    with pytest.raises(CheckFailed, match="Session ouverte"):
        rule(OPEN, OPEN, calls(p))
    p.token(code)
    with pytest.raises(CheckFailed, match="présenté de nouveau"):
        rule(OPEN, CLOSED, calls(p))


def test_configuration_of_another_issuer() -> None:
    p, rule = play(), rules.configuration_of_another_issuer_is_not_used
    p.login()
    with pytest.raises(Inconclusive):
        rule(OPEN, CLOSED, calls(p))
    p.psc.arm("decouverte-emetteur", times=1)
    read = p.call("/auth/realms/esante-wallet/.well-known/wallet-openid-configuration")
    assert answer(read)["issuer"] != p.psc.issuer
    assert rule(OPEN, CLOSED, calls(p)).fired == 1
    with pytest.raises(CheckFailed, match="Session ouverte"):
        rule(OPEN, OPEN, calls(p))
    p.call("/auth", listener=WALLET, query={"client_id": "dui-temoin"})
    with pytest.raises(CheckFailed, match="employée"):
        rule(OPEN, CLOSED, calls(p))


def test_outage() -> None:
    p, rule = play(), rules.outage_opens_no_session
    with pytest.raises(Inconclusive):
        rule(OPEN, CLOSED, calls(p))
    p.login()
    assert rule(OPEN, CLOSED, calls(p)).fired == 1
    with pytest.raises(CheckFailed, match="indisponible"):
        rule(OPEN, OPEN, calls(p))
    with pytest.raises(Inconclusive, match="témoin"):
        rule(CLOSED, CLOSED, calls(p))
