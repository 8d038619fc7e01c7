"""Rules on what must be accepted, on the life of the session, on local accounts, and on calls made in its name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from dui_conformance.checks import oidc_services
from dui_conformance.checks import oidc_session as rules
from dui_conformance.core.campaign import Geste
from dui_conformance.core.errors import CheckFailed, Inconclusive
from dui_conformance.core.gestures import Etat, Resultat
from dui_conformance.core.gestures.connexion import SeConnecter
from dui_conformance.core.people import Professionnel
from dui_conformance.core.settings import Settings
from dui_conformance.validation.ins.request import InsRequest
from dui_conformance.validation.oidc import LogoutRequest, PscCall, TokenResponse
from dui_conformance.validation.saml.vihf import Vihf, read_vihf
from lxml import etree
from samples import insi
from samples.psc import FIN, Play, play

INFIRMIERE = Professionnel("infirmiere-ehpad", "TESTEUR-SOIN", "Camille", "899700000001", "60", "Infirmier")


def geste(etat: Etat = Etat.FAIT, **observations: Any) -> Geste:
    return Geste("G01", SeConnecter("infirmiere-ehpad"), Resultat(etat, "Message montré", tuple(observations.items())))


OPEN = geste(session=True)
CLOSED = geste(Etat.REFUSE, session=False)


def calls(p: Play) -> list[PscCall]:
    return [exchange.view(PscCall) for exchange in p.exchanges]


def tokens(p: Play) -> TokenResponse:
    p.login()
    return p.exchanges[-1].view(TokenResponse)


def test_sound_login_opens_a_session() -> None:
    answer = tokens(play())
    assert rules.login_opens_a_session(OPEN, answer).fired == 1
    with pytest.raises(CheckFailed, match="Connexion refusée à tort"):
        rules.login_opens_a_session(CLOSED, answer)
    with pytest.raises(Inconclusive):
        rules.login_opens_a_session(CLOSED, replace(answer, defaut="nonce"))


def test_higher_acr_is_accepted() -> None:
    p = play()
    with pytest.raises(Inconclusive):
        rules.higher_acr_is_accepted(OPEN, tokens(p))
    p.psc.command("acr", {"valeur": "eidas2"})
    answer = tokens(p)
    assert rules.higher_acr_is_accepted(OPEN, answer).fired == 1
    with pytest.raises(CheckFailed):
        rules.higher_acr_is_accepted(CLOSED, answer)


def test_new_key_is_accepted() -> None:
    p = play()
    before = tokens(p)
    with pytest.raises(Inconclusive):
        rules.new_signing_key_is_accepted(OPEN, before, tokens(p))
    p.psc.command("rotation-cles", {})
    after = tokens(p)
    assert rules.new_signing_key_is_accepted(OPEN, before, after).fired == 1
    with pytest.raises(CheckFailed):
        rules.new_signing_key_is_accepted(CLOSED, before, after)


def test_userinfo_as_jwt_is_accepted() -> None:
    p = play()
    access = p.login()["access_token"]
    p.userinfo(access)
    with pytest.raises(Inconclusive):
        rules.userinfo_as_jwt_is_accepted(OPEN, calls(p))
    p.psc.arm("userinfo-jwt", times=1)
    p.userinfo(access)
    assert rules.userinfo_as_jwt_is_accepted(OPEN, calls(p)).fired == 1
    with pytest.raises(CheckFailed):
        rules.userinfo_as_jwt_is_accepted(CLOSED, calls(p))


def test_refresh_after_expiry() -> None:
    p = play()
    given = p.login()
    with pytest.raises(Inconclusive):
        rules.expired_access_token_is_refreshed_silently(OPEN, calls(p))
    with pytest.raises(CheckFailed, match="Session perdue"):
        rules.expired_access_token_is_refreshed_silently(CLOSED, calls(p))
    p.later(minutes=3)
    p.userinfo(given["access_token"])
    with pytest.raises(CheckFailed, match="non renouvelé"):
        rules.expired_access_token_is_refreshed_silently(OPEN, calls(p))
    p.refresh(given["refresh_token"])
    assert rules.expired_access_token_is_refreshed_silently(OPEN, calls(p)).fired == 1


def test_new_authorization_instead_of_refresh_fails() -> None:
    p = play()
    p.login()
    p.later(minutes=3)
    p.login()
    with pytest.raises(CheckFailed, match="non renouvelé"):
        rules.expired_access_token_is_refreshed_silently(OPEN, calls(p))


def test_refused_refresh_ends_the_session() -> None:
    p = play()
    given = p.login()
    with pytest.raises(Inconclusive):
        rules.refused_refresh_ends_the_session(CLOSED, calls(p))
    p.psc.arm("rafraichissement-refuse", times=None)
    p.refresh(given["refresh_token"])
    assert rules.refused_refresh_ends_the_session(CLOSED, calls(p)).fired == 1
    with pytest.raises(CheckFailed, match="encore ouverte"):
        rules.refused_refresh_ends_the_session(OPEN, calls(p))
    with pytest.raises(CheckFailed, match="encore ouverte"):
        rules.refused_refresh_ends_the_session(geste(Etat.REFUSE, session=True), calls(p))
    assert rules.refused_refresh_ends_the_session(geste(Etat.REFUSE), calls(p)).fired == 1
    with pytest.raises(Inconclusive):
        rules.refused_refresh_ends_the_session(geste(), calls(p))
    p.refresh(given["refresh_token"])
    with pytest.raises(CheckFailed, match="répété"):
        rules.refused_refresh_ends_the_session(CLOSED, calls(p))


def test_four_hours() -> None:
    p = play()
    p.login()
    p.later(hours=5)
    assert rules.session_does_not_outlive_four_hours(CLOSED, calls(p)).fired == 1
    with pytest.raises(CheckFailed):
        rules.session_does_not_outlive_four_hours(OPEN, calls(p))
    p.authorize()
    assert rules.session_does_not_outlive_four_hours(OPEN, calls(p)).fired == 1


def test_logout_parameters() -> None:
    p = play()
    given = p.login()
    good = p.logout(id_token_hint=given["id_token"], post_logout_redirect_uri=FIN).view(LogoutRequest)
    assert rules.logout_carries_the_id_token(good).fired == 1
    assert rules.logout_returns_to_a_registered_address(good, Settings()).fired == 1
    for hint in ("", "jeton-invente"):
        with pytest.raises(CheckFailed):
            rules.logout_carries_the_id_token(p.logout(id_token_hint=hint).view(LogoutRequest))
    elsewhere = p.logout(id_token_hint=given["id_token"], post_logout_redirect_uri="https://ailleurs.example/")
    with pytest.raises(CheckFailed):
        rules.logout_returns_to_a_registered_address(elsewhere.view(LogoutRequest), Settings())


def test_access_token_as_hint_fails() -> None:
    p = play()
    with pytest.raises(CheckFailed):
        rules.logout_carries_the_id_token(p.logout(id_token_hint=p.login()["access_token"]).view(LogoutRequest))


def test_tokens_die_with_the_session() -> None:
    p = play()
    given = p.login()
    end = p.logout(id_token_hint=given["id_token"]).view(LogoutRequest)
    assert rules.logout_ends_the_session_of_the_dui(CLOSED, end, calls(p)).fired == 1
    with pytest.raises(CheckFailed, match="encore ouverte"):
        rules.logout_ends_the_session_of_the_dui(OPEN, end, calls(p))
    p.userinfo(given["access_token"])
    with pytest.raises(CheckFailed, match="encore employé"):
        rules.logout_ends_the_session_of_the_dui(CLOSED, end, calls(p))


def test_accounts() -> None:
    one, other = geste(session=True, compte="c1"), geste(session=True, compte="c2")
    mine = tokens(play("homonyme-1"))
    yours = tokens(play("homonyme-2"))
    assert rules.homonyms_do_not_share_an_account(one, other, mine, yours).fired == 1
    assert rules.same_identifier_opens_the_same_account(one, one, mine, mine).fired == 1
    with pytest.raises(CheckFailed):
        rules.homonyms_do_not_share_an_account(one, one, mine, yours)
    with pytest.raises(CheckFailed):
        rules.same_identifier_opens_the_same_account(one, other, mine, mine)
    with pytest.raises(Inconclusive):
        rules.homonyms_do_not_share_an_account(one, OPEN, mine, yours)
    with pytest.raises(Inconclusive):
        rules.same_identifier_opens_the_same_account(one, OPEN, mine, mine)
    with pytest.raises(Inconclusive):
        rules.homonyms_do_not_share_an_account(one, other, mine, mine)
    with pytest.raises(Inconclusive):
        rules.same_identifier_opens_the_same_account(one, one, mine, yours)


def test_call_within_the_session() -> None:
    p = play()
    login = tokens(p)
    p.later(minutes=10)
    assert oidc_services.call_happens_within_the_psc_session(p.authorize(), login).fired == 1
    p.later(hours=4)
    with pytest.raises(CheckFailed):
        oidc_services.call_happens_within_the_psc_session(p.authorize(), login)


def vihf(name_id: str = "899700000001", instant: str = "2026-03-31T09:00:00Z", mode: str = "INDIRECTE_RENFORCEE") -> Vihf:
    return read_vihf(
        etree.fromstring(
            f"""<a:Assertion xmlns:a="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0">
            <a:Subject><a:NameID>{name_id}</a:NameID></a:Subject><a:AuthnStatement AuthnInstant="{instant}"/>
            <a:AttributeStatement><a:Attribute Name="Authentification_mode"><a:AttributeValue>{mode}</a:AttributeValue>
            </a:Attribute></a:AttributeStatement></a:Assertion>"""
        )
    )


def test_dmp_call_names_the_connected_professional() -> None:
    login, rule = tokens(play()), oidc_services.dmp_call_names_the_psc_professional
    assert rule(login, vihf(), INFIRMIERE, Settings()).fired == 1
    assert rule(login, vihf("99700000001"), INFIRMIERE, Settings()).fired == 1
    for broken in (vihf("899700000002"), vihf(instant="2026-03-31T07:00:00Z"), vihf(instant="hier"), vihf(instant="")):
        with pytest.raises(CheckFailed):
            rule(login, broken, INFIRMIERE, Settings())
    with pytest.raises(Inconclusive):
        rule(login, vihf(mode="INDIRECTE"), INFIRMIERE, Settings())


def test_insi_call_names_the_connected_professional() -> None:
    login, rule = tokens(play()), oidc_services.insi_call_names_the_psc_professional

    def call(security: str) -> InsRequest:
        return insi.exchange(insi.envelope(insi.traits(), security=security), certificate=None).view(InsRequest)

    assert rule(login, call(insi.assertion("PSC")), INFIRMIERE).fired == 1
    for security in ("", insi.assertion("CPS"), insi.assertion("PSC", name_id="899700000002")):
        with pytest.raises(CheckFailed):
            rule(login, call(security), INFIRMIERE)
