"""The misbehaviours of the simulated provider: each lies in one way only, and says so in the facts."""

from __future__ import annotations

import pytest
from dui_conformance.mocks.psc.keys import claims_of
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey
from samples.psc import NONCE, OIDC, STATE, Play, answer, back, play, reply_of


def header(token: str) -> dict[str, object]:
    from joserfc import jws

    return dict(jws.extract_compact(token.encode()).protected)


def verified(p: Play, token: str) -> bool:
    for row in answer(p.call(f"{OIDC}/certs"))["keys"]:
        try:
            jwt.decode(token, RSAKey.import_key(row), algorithms=["RS256"])
        except JoseError:
            continue
        return True
    return False


def forged(defaut: str) -> tuple[Play, str, dict[str, object]]:
    p = play()
    p.psc.command("jeton", {"defaut": defaut})
    tokens = p.login()
    assert p.exchanges[-1].facts["defaut"] == defaut
    return p, tokens["id_token"], claims_of(tokens["id_token"])


@pytest.mark.parametrize(
    ("defaut", "claim", "value"),
    [
        ("nonce", "nonce", "nonce-d-une-autre-demande"),
        ("aud", "aud", "un-autre-client"),
        ("iss", "iss", "https://emetteur-inconnu.invalid/auth/realms/esante-wallet"),
        ("acr-absent", "acr", None),
        ("acr-inconnu", "acr", "0"),
    ],
)
def test_claims_lie_under_a_good_signature(defaut: str, claim: str, value: str | None) -> None:
    p, token, claims = forged(defaut)
    assert claims.get(claim) == value
    assert verified(p, token)


def test_expired_token_is_well_signed() -> None:
    p, token, claims = forged("expire")
    assert int(str(claims["exp"])) < p.now.timestamp()
    assert verified(p, token)


def test_bad_signature_names_a_published_key() -> None:
    p, token, claims = forged("signature")
    assert claims["nonce"] == NONCE
    assert header(token)["kid"] == p.psc.keys.kid
    assert not verified(p, token)


def test_unknown_kid_is_not_published() -> None:
    p, token, _ = forged("kid-inconnu")
    published = [row["kid"] for row in answer(p.call(f"{OIDC}/certs"))["keys"]]
    assert header(token)["kid"] not in published
    assert not verified(p, token)


def test_unsigned_token_says_alg_none() -> None:
    _, token, claims = forged("alg-none")
    assert header(token) == {"alg": "none", "typ": "JWT"}
    assert token.endswith(".")
    assert claims["nonce"] == NONCE


def test_fault_ends_when_ordered() -> None:
    p, _, _ = forged("nonce")
    p.psc.command("jeton", {"defaut": ""})
    assert claims_of(p.login()["id_token"])["nonce"] == NONCE


def test_count_of_a_token_fault_is_not_spent_by_other_calls() -> None:
    p = play()
    p.psc.arm("jeton-nonce", times=1)
    p.call(f"{OIDC}/certs")
    assert claims_of(p.login()["id_token"])["nonce"] != NONCE
    assert claims_of(p.login()["id_token"])["nonce"] == NONCE


def test_forged_state_keeps_the_code() -> None:
    p = play()
    p.psc.command("jeton", {"defaut": "state"})
    exchange = p.authorize()
    assert back(exchange)["state"] != STATE
    assert back(exchange)["code"]
    assert exchange.facts["defaut"] == "state"


def test_state_can_be_left_out_and_access_denied() -> None:
    p = play()
    p.psc.arm("jeton-state-absent", times=1)
    assert "state" not in back(p.authorize())
    p.psc.arm("acces-refuse", times=1)
    answer_back = back(p.authorize())
    assert (answer_back["error"], answer_back["state"]) == ("access_denied", STATE)
    assert "code" not in answer_back


def test_refresh_can_be_refused() -> None:
    p = play()
    tokens = p.login()
    p.psc.arm("rafraichissement-refuse", times=None)
    exchange = p.refresh(tokens["refresh_token"])
    assert answer(exchange)["error"] == "invalid_grant"
    assert reply_of(exchange).status == 400


def test_userinfo_faults() -> None:
    p = play()
    access = p.login()["access_token"]
    p.psc.arm("userinfo-jwt", times=1)
    assert verified(p, reply_of(p.userinfo(access)).body.read().decode())
    p.psc.arm("userinfo-jwt-signature", times=1)
    exchange = p.userinfo(access)
    assert exchange.facts["defaut"] == "userinfo-signature"
    assert not verified(p, reply_of(exchange).body.read().decode())
    p.psc.arm("userinfo-sub", times=1)
    assert answer(p.userinfo(access))["sub"] != answer(p.userinfo(access))["sub"]


def test_logout_can_return_without_state() -> None:
    p = play()
    p.psc.arm("deconnexion-sans-state", times=1)
    exchange = p.logout(id_token_hint=p.login()["id_token"], post_logout_redirect_uri="https://localhost/psc/fin", state="x")
    assert reply_of(exchange).header("Location") == "https://localhost/psc/fin"


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dui_conformance.mocks.psc.state.KEPT", 5)
    p = play()
    for _ in range(8):
        p.login()
    store = p.psc.store
    assert max(len(store.codes), len(store.tokens), len(store.sessions)) <= 5
