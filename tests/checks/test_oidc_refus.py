"""Refusals: green when the DUI says no and goes no further; red when it opens a session or uses what it received."""

from __future__ import annotations

from typing import Any

import pytest
from dui_conformance.checks import oidc_refus as rules
from dui_conformance.core.campaign import Geste
from dui_conformance.core.check import Check
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.connexion import SeConnecter
from dui_conformance.validation.oidc import PscCall
from samples.psc import Play, answer, back, play

TOKEN_RULES = {
    "nonce": rules.wrong_nonce_opens_no_session,
    "signature": rules.wrong_signature_opens_no_session,
    "alg-none": rules.unsigned_token_opens_no_session,
    "kid-inconnu": rules.unknown_key_opens_no_session,
    "aud": rules.token_for_another_client_opens_no_session,
    "iss": rules.token_of_another_issuer_opens_no_session,
    "expire": rules.expired_token_opens_no_session,
    "acr-absent": rules.token_without_acr_opens_no_session,
    "acr-inconnu": rules.token_with_another_acr_opens_no_session,
}
STATE_RULES = {"state": rules.forged_state_opens_no_session, "state-absent": rules.missing_state_opens_no_session}
USERINFO_RULES = {
    "userinfo-jwt-signature": rules.badly_signed_userinfo_opens_no_session,
    "userinfo-sub": rules.userinfo_of_another_subject_opens_no_session,
}


def geste(etat: Etat = Etat.FAIT, **observations: Any) -> Geste:
    return Geste(
        "G01",
        SeConnecter("infirmiere-ehpad"),
        Resultat(etat, "Connexion refusée." if etat is Etat.REFUSE else "", tuple(observations.items())),
    )


GOOD = geste(session=True)
REFUSED = geste(Etat.REFUSE, session=False)


def calls(p: Play) -> list[PscCall]:
    return [exchange.view(PscCall) for exchange in p.exchanges]


def after_control() -> Play:
    p = play()
    p.userinfo(p.login()["access_token"])
    return p


@pytest.mark.parametrize(("defaut", "rule"), TOKEN_RULES.items())
def test_false_id_token(defaut: str, rule: Check) -> None:
    p = after_control()
    p.psc.command("jeton", {"defaut": defaut})
    tokens = p.login()
    assert rule(GOOD, REFUSED, calls(p)).fired == 1
    with pytest.raises(CheckFailed, match="Session ouverte"):
        rule(GOOD, geste(session=True), calls(p))
    p.userinfo(tokens["access_token"])
    assert rule(GOOD, REFUSED, calls(p)).fired == 1, "some libraries read userinfo before the last verification"
    with pytest.raises(CheckFailed, match="poursuivie"):
        rule(GOOD, geste(), calls(p))
    p.refresh(tokens["refresh_token"])
    with pytest.raises(CheckFailed, match="poursuivie"):
        rule(GOOD, REFUSED, calls(p))


@pytest.mark.parametrize(("defaut", "rule"), STATE_RULES.items())
def test_false_state(defaut: str, rule: Check) -> None:
    p = after_control()
    p.psc.command("jeton", {"defaut": defaut})
    code = back(p.authorize())["code"]
    assert rule(GOOD, REFUSED, calls(p)).fired == 1
    p.token(code)
    with pytest.raises(CheckFailed, match="poursuivie"):
        rule(GOOD, REFUSED, calls(p))


@pytest.mark.parametrize(("panne", "rule"), USERINFO_RULES.items())
def test_false_userinfo(panne: str, rule: Check) -> None:
    p = after_control()
    p.psc.arm(panne, times=None)
    p.userinfo(p.login()["access_token"])
    assert rule(GOOD, REFUSED, calls(p)).fired == 1
    with pytest.raises(CheckFailed):
        rule(GOOD, geste(session=True), calls(p))


def test_revoking_what_was_refused_is_allowed() -> None:
    from samples.psc import OIDC, basic

    p = after_control()
    p.psc.command("jeton", {"defaut": "nonce"})
    p.call(f"{OIDC}/revoke", form={"token": p.login()["refresh_token"]}, headers=(basic(),))
    assert rules.wrong_nonce_opens_no_session(GOOD, REFUSED, calls(p)).fired == 1


def test_wire_alone_proves_the_refusal_of_a_silent_dui() -> None:
    p = after_control()
    p.psc.command("jeton", {"defaut": "nonce"})
    p.login()
    assert "témoin" in rules.wrong_nonce_opens_no_session(geste(), geste(), calls(p)).note


def test_nothing_is_proved_without_control_or_without_the_lie() -> None:
    p = play()
    with pytest.raises(Inconclusive):
        rules.wrong_nonce_opens_no_session(GOOD, REFUSED, calls(p))
    p.psc.command("jeton", {"defaut": "nonce"})
    answer(p.token(back(p.authorize())["code"]))
    for control in (REFUSED, geste(session=False)):
        with pytest.raises(Inconclusive):
            rules.wrong_nonce_opens_no_session(control, REFUSED, calls(p))
    with pytest.raises(Inconclusive):
        rules.wrong_nonce_opens_no_session(geste(), geste(), calls(p))


def test_denied_access() -> None:
    assert rules.denied_access_opens_no_session(GOOD, REFUSED).fired == 1
    with pytest.raises(CheckFailed):
        rules.denied_access_opens_no_session(GOOD, geste(session=True))
    with pytest.raises(Inconclusive):
        rules.denied_access_opens_no_session(GOOD, geste())
