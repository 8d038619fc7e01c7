"""The simulated provider as a correct client sees it: login, tokens, userinfo, refresh, logout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Body, Connection, Key, Request
from dui_conformance.core.settings import Psc
from dui_conformance.mocks.psc import ProSanteConnect
from dui_conformance.mocks.psc.messages import DISCOVERY, LOGIN, STANDARD_DISCOVERY, WALLET
from joserfc import jwt
from joserfc.jwk import KeySet
from samples.psc import CHALLENGE, FIN, NONCE, OIDC, RETOUR, START, STATE, VERIFIER, Play, answer, back, basic, play, reply_of

ISS = "https://localhost:1001/auth/realms/esante-wallet"


def claims(p: Play, token: str) -> dict[str, object]:
    keys = KeySet.import_key_set(answer(p.call(f"{OIDC}/certs")))  # type: ignore[arg-type]
    return jwt.decode(token, keys, algorithms=["RS256"]).claims


@pytest.mark.parametrize(("path", "kind"), [(DISCOVERY, "psc.decouverte"), (STANDARD_DISCOVERY, "psc.decouverte-standard")])
def test_discovery_answers_both_names_and_records_which(path: str, kind: str) -> None:
    exchange = play().call(path)
    assert exchange.kind == kind
    document = answer(exchange)
    assert document["issuer"] == ISS
    assert document["authorization_endpoint"] == "https://localhost:1002/auth"
    assert document["acr_values_supported"] == ["0", "0"]


def test_scripted_login_returns_straight_with_the_same_state() -> None:
    p = play()
    exchange = p.authorize()
    assert reply_of(exchange).status == 302
    assert reply_of(exchange).header("Location").startswith(RETOUR + "?")
    assert back(exchange)["state"] == STATE
    assert back(exchange)["iss"] == ISS
    assert Key("ps", "899700000001") in reply_of(exchange).keys
    assert exchange.facts["persona"] == "infirmiere-ehpad"


def test_code_gives_tokens_with_the_lifetimes_of_the_service() -> None:
    p = play()
    tokens = p.login()
    assert (tokens["expires_in"], tokens["refresh_expires_in"], tokens["token_type"]) == (120, 1800, "Bearer")
    identity = claims(p, tokens["id_token"])
    assert identity["nonce"] == NONCE
    assert identity["aud"] == "dui-temoin"
    assert identity["iss"] == ISS
    assert identity["acr"] == "eidas1"
    assert identity["SubjectNameID"] == "899700000001"
    assert identity["exp"] == int(START.timestamp()) + 120
    access = claims(p, tokens["access_token"])
    assert access["authMode"] == "MOBILE"
    assert access["otherIds"] == [{"identifiant": "899700000001", "origine": "RPPS", "qualite": 1}]


def test_tokens_are_keys_and_secrets_of_the_reply() -> None:
    p = play()
    exchange = p.token(back(p.authorize())["code"])
    tokens = answer(exchange)
    assert Key("jeton", tokens["access_token"]) in reply_of(exchange).keys
    assert {tokens["access_token"], tokens["refresh_token"], tokens["id_token"]} <= set(reply_of(exchange).secrets)
    assert tokens["access_token"] not in json.dumps(dict(exchange.facts))


def test_userinfo_describes_the_persona() -> None:
    p = play()
    exchange = p.userinfo(p.login()["access_token"])
    assert answer(exchange)["SubjectNameID"] == "899700000001"
    assert answer(exchange)["SubjectRefPro"]["exercices"][0]["codeProfession"] == "60"
    assert exchange.facts["jeton_etat"] == "valide"


def test_userinfo_can_be_a_signed_jwt() -> None:
    p = play()
    p.psc.command("userinfo", {"format": "jwt"})
    exchange = p.userinfo(p.login()["access_token"])
    assert reply_of(exchange).header("Content-Type") == "application/jwt"
    assert claims(p, reply_of(exchange).body.read().decode())["family_name"] == "TESTEUR-SOIN"


def test_persona_without_rpps_can_log_in() -> None:
    p = play("sans-rpps")
    assert "SubjectRefPro" not in answer(p.userinfo(p.login()["access_token"]))


def test_access_token_dies_after_two_minutes_and_refresh_rotates() -> None:
    p = play()
    tokens = p.login()
    p.later(minutes=3)
    expired = p.userinfo(tokens["access_token"])
    assert reply_of(expired).status == 401
    assert expired.facts["jeton_etat"] == "expire"
    renewed = answer(p.refresh(tokens["refresh_token"]))
    assert reply_of(p.userinfo(renewed["access_token"])).status == 200
    assert answer(p.refresh(tokens["refresh_token"]))["error"] == "invalid_grant"


def test_refresh_token_dies_after_thirty_minutes() -> None:
    p = play()
    tokens = p.login()
    p.later(minutes=31)
    assert answer(p.refresh(tokens["refresh_token"]))["error"] == "invalid_grant"


def test_session_ends_after_four_hours_even_when_refreshed() -> None:
    p = play()
    tokens = p.login()
    for _ in range(9):
        p.later(minutes=25)
        tokens = answer(p.refresh(tokens["refresh_token"]))
    p.later(minutes=20)
    assert answer(p.refresh(tokens["refresh_token"]))["error"] == "invalid_grant"


def test_code_is_used_once() -> None:
    p = play()
    code = back(p.authorize())["code"]
    p.token(code)
    again = p.token(code)
    assert answer(again)["error"] == "invalid_grant"
    assert again.facts["code_etat"] == "deja-utilise"


def test_code_expires() -> None:
    p = play()
    code = back(p.authorize())["code"]
    p.later(seconds=61)
    assert p.token(code).facts["code_etat"] == "expire"


def test_token_needs_the_same_redirect_uri() -> None:
    p = play()
    exchange = p.token(back(p.authorize())["code"], redirect_uri=RETOUR + "/")
    assert answer(exchange)["error"] == "invalid_grant"
    assert exchange.facts["demande"] == {"redirect_uri": RETOUR, "pkce": False}


@pytest.mark.parametrize(("verifier", "expected"), [(VERIFIER, "ok"), ("x" * 43, "ko"), ("", "ko")])
def test_pkce_is_verified(verifier: str, expected: str) -> None:
    p = play()
    code = back(p.authorize(code_challenge=CHALLENGE, code_challenge_method="S256"))["code"]
    exchange = p.token(code, code_verifier=verifier)
    assert exchange.facts["pkce"] == expected
    assert reply_of(exchange).status == (200 if expected == "ok" else 400)


def test_client_without_or_with_wrong_secret_is_refused() -> None:
    p = play()
    form = {"grant_type": "authorization_code", "code": back(p.authorize())["code"], "redirect_uri": RETOUR}
    bare = p.call(f"{OIDC}/token", form=form)
    wrong = p.call(f"{OIDC}/token", form=form, headers=(basic("autre"),))
    assert [reply_of(e).status for e in (bare, wrong)] == [401, 401]
    assert [e.facts["client_auth"] for e in (bare, wrong)] == ["aucune", "invalide"]


def test_unregistered_redirect_uri_never_sends_the_browser_there() -> None:
    exchange = play().authorize(redirect_uri="https://ailleurs.example/retour")
    assert reply_of(exchange).status == 400
    assert not reply_of(exchange).header("Location")


def test_other_response_type_comes_back_as_an_error() -> None:
    assert back(play().authorize(response_type="token"))["error"] == "unsupported_response_type"


@pytest.mark.parametrize(
    "change", [{"acr_values": "eidas2"}, {"acr_values": None, "acr": "eidas1"}, {"nonce": None}, {"scope": "openid"}]
)
def test_loose_demands_are_reported_only_unless_strict(change: dict[str, str | None]) -> None:
    assert "code" in back(play().authorize(**change))
    assert back(play(strict=True).authorize(**change))["error"].startswith("invalid_")


def test_page_lists_personas_and_says_that_it_is_a_simulator() -> None:
    p = play("")
    exchange = p.authorize()
    text = reply_of(exchange).body.read().decode()
    assert "imulateur" in text
    assert "<script" not in text
    assert "HÉRÉDIA" in text
    handle = text.split('name="demande" value="')[1].split('"')[0]
    chosen = p.call(LOGIN, listener=WALLET, form={"demande": handle, "identite": "accents"})
    assert chosen.kind == "psc.connexion"
    assert back(chosen)["state"] == STATE
    again = p.call(LOGIN, listener=WALLET, form={"demande": handle, "identite": "accents"})
    assert reply_of(again).status == 400


def test_page_refusal_comes_back_as_access_denied() -> None:
    p = play("")
    text = reply_of(p.authorize()).body.read().decode()
    handle = text.split('name="demande" value="')[1].split('"')[0]
    assert back(p.call(LOGIN, listener=WALLET, form={"demande": handle, "identite": ""}))["error"] == "access_denied"


def test_browser_session_is_silent_until_asked_to_log_in_again() -> None:
    p = play()
    made = reply_of(p.authorize()).header("Set-Cookie").split(";")[0]
    p.psc.command("persona", {"id": ""})
    query = "/auth?response_type=code&client_id=dui-temoin&redirect_uri=" + RETOUR
    request = Request("GET", query, (("Cookie", made),), Body(), Connection())
    assert p.psc.handle(WALLET, request, p.now).status == 302
    again = Request("GET", query + "&prompt=login", (("Cookie", made),), Body(), Connection())
    assert p.psc.handle(WALLET, again, p.now).status == 200
    p.later(hours=5)
    assert p.psc.handle(WALLET, request, p.now).status == 200


def test_introspection_and_revocation() -> None:
    p = play()
    tokens = p.login()
    state = p.introspect(tokens["access_token"])
    assert (state["active"], state["SubjectNameID"]) == (True, "899700000001")
    assert "SubjectNameID" not in p.introspect(tokens["refresh_token"])
    p.call(f"{OIDC}/revoke", form={"token": tokens["refresh_token"]}, headers=(basic(),))
    assert p.introspect(tokens["refresh_token"]) == {"active": False}


def test_logout_kills_the_session_and_returns_to_the_registered_address() -> None:
    p = play()
    tokens = p.login()
    exchange = p.logout(id_token_hint=tokens["id_token"], post_logout_redirect_uri=FIN, state="abc")
    assert reply_of(exchange).header("Location") == FIN + "?state=abc"
    assert p.introspect(tokens["access_token"]) == {"active": False}
    assert answer(p.refresh(tokens["refresh_token"]))["error"] == "invalid_grant"


def test_logout_without_hint_or_with_unknown_return_is_an_error_page() -> None:
    p = play()
    tokens = p.login()
    assert reply_of(p.logout(post_logout_redirect_uri=FIN)).status == 400
    unknown = p.logout(id_token_hint=tokens["id_token"], post_logout_redirect_uri="https://ailleurs.example/")
    assert reply_of(unknown).status == 400
    assert unknown.facts["retour"] == "inconnu"


def test_rotation_keeps_the_previous_key_published() -> None:
    p = play()
    before = p.login()["id_token"]
    p.psc.command("rotation-cles", {})
    after = p.login()["id_token"]
    published = answer(p.call(f"{OIDC}/certs"))["keys"]
    assert len(published) == 2
    assert "d" not in published[0]
    assert claims(p, before)["sub"] == claims(p, after)["sub"]


def test_previous_key_signs_again_when_restored() -> None:
    p = play()
    before = p.psc.keys.kid
    p.psc.command("rotation-cles", {})
    assert p.psc.keys.kid != before
    p.psc.command("cles-precedentes", {})
    assert p.psc.keys.kid == before
    assert len(answer(p.call(f"{OIDC}/certs"))["keys"]) == 2


def test_keys_survive_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "cles-psc.json"
    kid = ProSanteConnect(Psc(client_secret="s"), seed=1, keys_file=file).keys.kid
    assert ProSanteConnect(Psc(client_secret="s"), seed=1, keys_file=file).keys.kid == kid


@pytest.mark.parametrize("valeur", ["eidas2", "eidas3"])
def test_acr_returned_is_the_ordered_one(valeur: str) -> None:
    p = play()
    p.psc.command("acr", {"valeur": valeur})
    assert claims(p, p.login()["id_token"])["acr"] == valeur


@pytest.mark.parametrize(
    ("nom", "arguments"), [("persona", {"id": "inconnu"}), ("jeton", {"defaut": "x"}), ("acr", {"valeur": "x"}), ("danser", {})]
)
def test_unknown_orders_are_refused(nom: str, arguments: dict[str, str]) -> None:
    with pytest.raises(HarnessError):
        play().psc.command(nom, arguments)


def test_unknown_address_is_recorded_as_such() -> None:
    exchange = play().call("/auth/realms/autre")
    assert (exchange.kind, reply_of(exchange).status) == ("psc.inconnu", 404)


@pytest.mark.parametrize("body", [b"\xff\xfe%%%", b"grant_type=authorization_code&code=" + b"a" * 100_000, b"&" * 5_000])
def test_bad_forms_are_clean_protocol_errors(body: bytes) -> None:
    p = play()
    headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Authorization", "Basic !!!"))
    request = Request("POST", f"{OIDC}/token?x=%ff", headers, Body(body), Connection())
    p.psc.describe("psc", request)
    assert p.psc.handle("psc", request, p.now).status in (400, 401)
