"""The negative suite, whole: each false token, return, refresh and userinfo lies as it says, and in nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from dui_conformance.mocks.psc.faults import PANNES
from dui_conformance.mocks.psc.forgeries import FALSE_TOKENS, TRUE_TOKENS
from dui_conformance.mocks.psc.keys import claims_of
from dui_conformance.mocks.psc.messages import DISCOVERY
from joserfc import jwe, jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from samples.psc import OIDC, Play, answer, back, play, reply_of

SIGNED_WELL = {
    "nonce", "nonce-absent", "aud", "aud-tiers", "aud-absent", "azp", "iss", "iss-absent", "sub-absent", "expire", "exp-absent",
    "futur", "iat-absent", "acr-absent", "acr-inconnu", "at-hash", "aud-liste", "kid-absent",
}  # fmt: skip


def keys(p: Play) -> KeySet:
    return KeySet.import_key_set(answer(p.call(f"{OIDC}/certs")))  # type: ignore[arg-type]


def verified(p: Play, token: str) -> dict[str, Any] | None:
    """The claims as an exemplary client reads them: RS256 alone, a published key."""
    for key in keys(p).keys:
        try:
            return dict(jwt.decode(token, key, algorithms=["RS256"]).claims)
        except (JoseError, ValueError):
            continue
    return None


def under(panne: str) -> tuple[Play, dict[str, Any]]:
    p = play()
    p.psc.arm(panne, times=None)
    return p, p.login()


@pytest.mark.parametrize("panne", [*FALSE_TOKENS, *TRUE_TOKENS], ids=lambda panne: panne.nom)
def test_each_token_lies_in_one_way(panne: Any) -> None:
    p, tokens = under(panne.nom)
    truth = claims_of(tokens["access_token"])
    nom = panne.nom.removeprefix("jeton-")
    assert p.exchanges[-1].facts["defaut"] == ("" if nom in ("aud-liste", "kid-absent") else nom)
    lied = verified(p, tokens["id_token"])
    assert (lied is not None) == (nom in SIGNED_WELL)
    if nom not in SIGNED_WELL or lied is None:
        return
    expected = {"iss": p.psc.issuer, "aud": "dui-temoin", "azp": "dui-temoin", "sub": truth["sub"], "nonce": truth["nonce"]}
    expected |= {"acr": "eidas1", "exp": truth["exp"], "iat": truth["iat"]}
    different = {name for name, value in expected.items() if lied.get(name) != value}
    families = {"aud-tiers": {"aud", "azp"}, "aud": {"aud", "azp"}, "expire": {"exp", "iat"}, "futur": {"exp", "iat"}}
    families |= {"aud-liste": {"aud"}, "kid-absent": set(), "at-hash": set()}
    assert different == families.get(nom, {nom.partition("-")[0]})


@pytest.mark.parametrize("nom", ["hs256-secret", "hs256-cle-publique"])
def test_confused_algorithm_passes_a_client_that_lets_the_token_choose(nom: str) -> None:
    import base64
    import hashlib
    import hmac

    p, tokens = under(f"jeton-{nom}")
    text, _, signature = tokens["id_token"].rpartition(".")
    secret = b"secret-de-test" if nom == "hs256-secret" else p.psc.keys.current.as_pem(private=False)
    expected = base64.urlsafe_b64encode(hmac.digest(secret, text.encode(), hashlib.sha256)).rstrip(b"=").decode()
    assert signature == expected
    header = json.loads(base64.urlsafe_b64decode(text.partition(".")[0] + "=="))
    assert (header["alg"], header["kid"]) == ("HS256", p.psc.keys.kid)


@pytest.mark.parametrize(("panne", "names"), [("jeton-id-token-absent", {"id_token"}), ("rafraichissement-sans-id-token", set())])
def test_answers_can_lack_a_token(panne: str, names: set[str]) -> None:
    whole = play().login().keys()
    _, tokens = under(panne)
    assert whole - tokens.keys() == names


@pytest.mark.parametrize(
    ("panne", "status", "got"),
    [
        ("retour-iss", 302, {"iss": "https://emetteur-inconnu.invalid/auth/realms/esante-wallet"}),
        ("retour-iss-absent", 302, {"iss": None}),
        ("retour-sans-code", 302, {"code": None}),
        ("retour-indisponible", 302, {"error": "temporarily_unavailable", "code": None}),
    ],
)
def test_returns_lie(panne: str, status: int, got: dict[str, str | None]) -> None:
    p = play()
    p.psc.arm(panne, times=1)
    exchange = p.authorize()
    assert reply_of(exchange).status == status
    assert {name: back(exchange).get(name) for name in got} == got
    assert reply_of(exchange).header("Set-Cookie")


@pytest.mark.parametrize(("panne", "state"), [("code-deja-utilise", "deja-utilise"), ("code-refuse", "valide")])
def test_code_can_be_replayed_or_refused(panne: str, state: str) -> None:
    p = play()
    p.psc.arm(panne, times=1)
    exchange = p.token(back(p.authorize())["code"])
    assert (answer(exchange)["error"], exchange.facts["code_etat"]) == ("invalid_grant", state)
    assert not reply_of(exchange).secrets


def test_refresh_of_another_person_and_without_rotation() -> None:
    p = play()
    tokens = p.login()
    p.psc.arm("rafraichissement-sans-rotation", times=1)
    assert "refresh_token" not in answer(p.refresh(tokens["refresh_token"]))
    p.psc.arm("rafraichissement-sans-id-token", times=1)
    renewed = answer(p.refresh(tokens["refresh_token"]))
    assert "id_token" not in renewed
    p.psc.arm("rafraichissement-autre-personne", times=1)
    exchange = p.refresh(renewed["refresh_token"])
    other = verified(p, answer(exchange)["id_token"])
    assert other is not None
    assert other["sub"] != claims_of(tokens["id_token"])["sub"]
    assert answer(exchange)["access_token"] in reply_of(exchange).secrets
    assert reply_of(p.userinfo(answer(exchange)["access_token"])).status == 200


def test_configuration_and_keys_can_lie() -> None:
    p = play()
    p.psc.arm("decouverte-emetteur", times=1)
    assert answer(p.call(DISCOVERY))["issuer"] != p.psc.issuer
    p.psc.arm("jwks-vide", times=1)
    assert answer(p.call(f"{OIDC}/certs")) == {"keys": []}
    p.psc.arm("jwks-cles-inconnues", times=1)
    assert [row["kty"] for row in answer(p.call(f"{OIDC}/certs"))["keys"]] == ["OKP", "POST-QUANTIQUE", "RSA"]
    p.psc.arm("jeton-type", times=1)
    assert p.login()["token_type"] == "inconnu"


@pytest.mark.parametrize("ordered", ["json", "jwt"])
@pytest.mark.parametrize(
    ("panne", "same_sub", "same_id"),
    [
        ("userinfo-sub", False, True),
        ("userinfo-autre-personne", False, False),
        ("userinfo-autre-identite", True, False),
        ("userinfo-sub-absent", False, True),
    ],
)
def test_userinfo_of_someone_else(ordered: str, panne: str, same_sub: bool, same_id: bool) -> None:
    p = play()
    p.psc.command("userinfo", {"format": ordered})
    tokens = p.login()
    p.psc.arm(panne, times=1)
    exchange = p.userinfo(tokens["access_token"])
    raw = reply_of(exchange).body.read()
    told = json.loads(raw) if ordered == "json" else verified(p, raw.decode())
    assert told is not None
    truth = claims_of(tokens["id_token"])
    assert (told.get("sub") == truth["sub"], told["SubjectNameID"] == truth["SubjectNameID"]) == (same_sub, same_id)
    assert exchange.facts["defaut"] == panne


@pytest.mark.parametrize(
    ("panne", "well", "claim"),
    [
        ("userinfo-jwt-alg-none", False, ""),
        ("userinfo-jwt-kid-inconnu", False, ""),
        ("userinfo-jwt-aud", True, "aud"),
        ("userinfo-jwt-iss", True, "iss"),
        ("userinfo-jwt-expire", True, "exp"),
    ],
)
def test_false_userinfo_tokens(panne: str, well: bool, claim: str) -> None:
    p = play()
    access = p.login()["access_token"]
    p.psc.arm(panne, times=1)
    exchange = p.userinfo(access)
    told = verified(p, reply_of(exchange).body.read().decode())
    assert (told is not None) == well
    if told is None:
        return
    good = {"aud": "dui-temoin", "iss": p.psc.issuer}
    assert [n for n, v in good.items() if told[n] != v] == ([claim] if claim != "exp" else [])
    assert (told["exp"] < p.now.timestamp()) == (claim == "exp")


@pytest.mark.parametrize("how", ["ordre", "panne"])
def test_userinfo_is_encrypted_to_the_key_of_the_client(how: str) -> None:
    p = play()
    access = p.login()["access_token"]
    if how == "ordre":
        p.psc.command("userinfo", {"format": "jwe"})
    else:
        p.psc.arm("userinfo-jwe", times=1)
    exchange = p.userinfo(access)
    opened = jwe.decrypt_compact(reply_of(exchange).body.read(), p.psc.client.keys.encryption, algorithms=["RSA-OAEP", "A256GCM"])
    assert opened.headers()["cty"] == "JWT"
    assert opened.plaintext is not None
    told = verified(p, opened.plaintext.decode())
    assert told is not None
    assert (told["family_name"], told["aud"]) == ("TESTEUR-SOIN", "dui-temoin")
    assert exchange.facts["format"] == "jwe"


def test_userinfo_can_be_encrypted_to_a_stranger() -> None:
    p = play()
    access = p.login()["access_token"]
    p.psc.arm("userinfo-jwe-autre-cle", times=1)
    sealed = reply_of(p.userinfo(access)).body.read()
    with pytest.raises((JoseError, ValueError)):
        jwe.decrypt_compact(sealed, p.psc.client.keys.encryption, algorithms=["RSA-OAEP", "A256GCM"])


def test_kid_can_be_left_unsaid() -> None:
    _, tokens = under("jeton-kid-absent")
    assert "kid" not in jws.extract_compact(tokens["id_token"].encode()).protected


def test_every_fault_has_a_name_of_its_own_and_says_what_the_dui_does() -> None:
    assert len({panne.nom for panne in PANNES}) == len(PANNES)
    for panne in PANNES:
        assert "DUI" in panne.description, panne.nom
        assert panne.exigences
