"""Rules on what a session does with its tokens, and on what a DUI must bear."""

from __future__ import annotations

import pytest
from dui_conformance.checks import oidc_vie as rules
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.gestures import Etat
from dui_conformance.validation.oidc import TokenResponse
from samples.psc import OIDC, Play, play
from samples.psc_gestes import CLOSED, INFIRMIERE, OPEN, calls, geste, person


def tokens(p: Play) -> TokenResponse:
    return next(e for e in reversed(p.exchanges) if e.kind == "psc.jeton.code").view(TokenResponse)


def test_refreshes_are_spaced() -> None:
    p = play()
    refresh = p.login()["refresh_token"]
    with pytest.raises(Inconclusive):
        rules.refreshes_are_spaced(OPEN, calls(p))
    for _ in range(3):
        p.later(minutes=2)
        refresh = _renewed(p, refresh)
    assert rules.refreshes_are_spaced(OPEN, calls(p)).fired == 1
    for _ in range(2):
        refresh = _renewed(p, refresh)
    with pytest.raises(CheckFailed, match="rafale"):
        rules.refreshes_are_spaced(OPEN, calls(p))


def _renewed(p: Play, refresh: str) -> str:
    from samples.psc import answer

    return str(answer(p.refresh(refresh))["refresh_token"])


def test_refused_token_is_not_presented_again() -> None:
    p = play()
    given = p.login()
    with pytest.raises(Inconclusive):
        rules.refused_token_is_not_presented_again(OPEN, calls(p))
    p.userinfo(given["access_token"])
    p.later(minutes=3)
    p.userinfo(given["access_token"])
    assert rules.refused_token_is_not_presented_again(OPEN, calls(p)).fired == 1
    p.userinfo(given["access_token"])
    with pytest.raises(CheckFailed, match="présenté de nouveau"):
        rules.refused_token_is_not_presented_again(OPEN, calls(p))


def test_idle_session_ends() -> None:
    p = play()
    with pytest.raises(Inconclusive):
        rules.idle_session_does_not_outlive_thirty_minutes(OPEN, calls(p))
    p.login()
    assert rules.idle_session_does_not_outlive_thirty_minutes(CLOSED, calls(p)).fired == 1
    with pytest.raises(CheckFailed, match="encore ouverte"):
        rules.idle_session_does_not_outlive_thirty_minutes(OPEN, calls(p))


def test_tokens_are_those_of_the_user() -> None:
    p = play()
    first = p.login()
    with pytest.raises(Inconclusive):
        rules.tokens_are_those_of_the_user(calls(p))
    p.psc.command("persona", {"id": "pharmacien"})
    second = p.login()
    p.userinfo(second["access_token"])
    assert rules.tokens_are_those_of_the_user(calls(p)).fired == 1
    p.userinfo(first["access_token"])
    with pytest.raises(CheckFailed, match="précédent"):
        rules.tokens_are_those_of_the_user(calls(p))


def test_refresh_token_is_kept() -> None:
    p = play()
    refresh = p.login()["refresh_token"]
    with pytest.raises(Inconclusive):
        rules.refresh_token_is_kept_when_none_comes(OPEN, calls(p))
    p.psc.arm("rafraichissement-sans-rotation", times=None)
    p.refresh(refresh)
    with pytest.raises(CheckFailed, match="perdu"):
        rules.refresh_token_is_kept_when_none_comes(CLOSED, calls(p))
    p.refresh(refresh)
    assert rules.refresh_token_is_kept_when_none_comes(OPEN, calls(p)).fired == 1
    p.refresh("perdu")
    with pytest.raises(CheckFailed, match="perdu"):
        rules.refresh_token_is_kept_when_none_comes(OPEN, calls(p))


def test_refresh_without_id_token() -> None:
    p = play()
    refresh = p.login()["refresh_token"]
    with pytest.raises(Inconclusive):
        rules.refresh_without_id_token_is_accepted(OPEN, calls(p))
    p.refresh(refresh)
    assert rules.refresh_without_id_token_is_accepted(OPEN, calls(p)).fired == 1
    with pytest.raises(CheckFailed, match="à tort"):
        rules.refresh_without_id_token_is_accepted(CLOSED, calls(p))


def test_tokens_renewed_for_another() -> None:
    p = play()
    refresh = p.login()["refresh_token"]
    with pytest.raises(Inconclusive):
        rules.tokens_renewed_for_another_end_the_session(OPEN, calls(p))
    p.psc.arm("rafraichissement-autre-personne", times=1)
    from samples.psc import answer

    stolen = answer(p.refresh(refresh))["access_token"]
    assert rules.tokens_renewed_for_another_end_the_session(CLOSED, calls(p)).fired == 1
    with pytest.raises(CheckFailed, match="encore ouverte"):
        rules.tokens_renewed_for_another_end_the_session(OPEN, calls(p))
    p.userinfo(stolen)
    with pytest.raises(CheckFailed, match="pas celui de la session"):
        rules.tokens_renewed_for_another_end_the_session(CLOSED, calls(p))


def test_logout_despite_an_outage() -> None:
    p = play()
    with pytest.raises(Inconclusive):
        rules.logout_ends_the_session_despite_an_outage(CLOSED, CLOSED, calls(p))
    p.login()
    assert rules.logout_ends_the_session_despite_an_outage(geste(session=False), CLOSED, calls(p)).fired == 1
    with pytest.raises(CheckFailed, match="encore ouverte"):
        rules.logout_ends_the_session_despite_an_outage(OPEN, OPEN, calls(p))


def test_audience_in_a_list() -> None:
    p = play()
    p.login()
    assert rules.audience_in_a_list_is_accepted(OPEN, tokens(p)).fired == 1
    with pytest.raises(CheckFailed):
        rules.audience_in_a_list_is_accepted(CLOSED, tokens(p))


def test_unknown_keys() -> None:
    p = play()
    p.call(f"{OIDC}/certs")
    with pytest.raises(Inconclusive):
        rules.keys_of_unknown_sorts_are_ignored(OPEN, calls(p))
    p.psc.arm("jwks-cles-inconnues", times=1)
    p.call(f"{OIDC}/certs")
    assert rules.keys_of_unknown_sorts_are_ignored(OPEN, calls(p)).fired == 1
    with pytest.raises(CheckFailed):
        rules.keys_of_unknown_sorts_are_ignored(CLOSED, calls(p))


def test_encrypted_userinfo() -> None:
    p = play()
    access = p.login()["access_token"]
    p.userinfo(access)
    with pytest.raises(Inconclusive):
        rules.encrypted_userinfo_is_accepted(OPEN, calls(p))
    p.psc.command("userinfo", {"format": "jwe"})
    p.userinfo(access)
    assert rules.encrypted_userinfo_is_accepted(OPEN, calls(p)).fired == 1
    with pytest.raises(CheckFailed):
        rules.encrypted_userinfo_is_accepted(CLOSED, calls(p))


def test_every_professional() -> None:
    p = play()
    p.login()
    assert rules.login_of_this_professional_is_accepted(OPEN, tokens(p), INFIRMIERE).fired == 1
    with pytest.raises(CheckFailed):
        rules.login_of_this_professional_is_accepted(CLOSED, tokens(p), INFIRMIERE)
    with pytest.raises(Inconclusive):
        rules.login_of_this_professional_is_accepted(OPEN, tokens(p), person("pharmacien"))


def test_own_accounts() -> None:
    one, other = geste(ident="G01", compte="a"), geste(ident="G02", compte="b")
    assert rules.every_professional_has_his_own_account([one, other]).fired == 1
    with pytest.raises(CheckFailed, match="même compte"):
        rules.every_professional_has_his_own_account([one, geste(ident="G03", compte="a")])
    with pytest.raises(Inconclusive):
        rules.every_professional_has_his_own_account([one])
    with pytest.raises(Inconclusive):
        rules.every_professional_has_his_own_account([geste(compte="")])


def test_both_providers() -> None:
    one, same = geste(ident="G01", compte="a", session=True), geste(ident="G02", compte="a", session=True)
    assert rules.both_providers_open_the_same_account(one, same).fired == 1
    with pytest.raises(CheckFailed, match="second compte"):
        rules.both_providers_open_the_same_account(one, geste(ident="G03", compte="b", session=True))
    with pytest.raises(CheckFailed, match="à tort"):
        rules.both_providers_open_the_same_account(one, geste(Etat.REFUSE, session=False))
