"""The ordinary provider, as a client that knows only the standard sees it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Body, Connection, Exchange, Request, Times
from dui_conformance.core.settings import Fi
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.fi import FournisseurOrdinaire
from dui_conformance.validation.oidc import AuthorizationRequest, PscCall, TokenResponse
from joserfc import jwt
from joserfc.jwk import KeySet
from samples.psc import START, VERIFIER, answer, back, reply_of

BASE = "https://localhost:1010"
RETOUR, FIN = "https://localhost/fi/retour", "https://localhost/fi/fin"
DEMAND = {
    "response_type": "code",
    "client_id": "dui-temoin-fi",
    "redirect_uri": RETOUR,
    "scope": "openid profile",
    "state": "s" * 32,
    "nonce": "n" * 32,
}


class Play:
    """The service, and the time."""

    def __init__(self, persona: str = "infirmiere-ehpad") -> None:
        self.fi = FournisseurOrdinaire(Fi(client_secret="secret-fi"), seed=3)
        self.fi.configure({"fi": BASE})
        self.fi.command("persona", {"id": persona})
        self.now: datetime = START

    def call(self, path: str, *, form: dict[str, str] | None = None, token: str = "", **query: str) -> Exchange:
        headers = (("Authorization", f"Bearer {token}"),) if token else ()
        if form is not None:
            headers = (*headers, ("Content-Type", "application/x-www-form-urlencoded"))
        target = path + ("?" + urlencode(query) if query else "")
        body = Body(urlencode(form or {}).encode())
        request = Request("POST" if form is not None else "GET", target, headers, body, Connection())
        kind = self.fi.describe("fi", request).kind
        reply = self.fi.handle("fi", request, self.now)
        return Exchange("E1", "fi", kind, request, reply, Connection(), Times(self.now, self.now, 0), facts=reply.facts)

    def token(self, **form: str) -> Exchange:
        return self.call("/token", form={"client_id": "dui-temoin-fi", "client_secret": "secret-fi", **form})

    def login(self, **more: str) -> dict[str, Any]:
        code = back(self.call("/authorize", **DEMAND, **more))["code"]
        return answer(self.token(grant_type="authorization_code", code=code, redirect_uri=RETOUR, code_verifier=VERIFIER))

    def claims(self, token: str) -> dict[str, Any]:
        keys = KeySet.import_key_set(answer(self.call("/jwks")))  # type: ignore[arg-type]
        return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)


def test_configuration_is_where_the_standard_says() -> None:
    found = Play().call("/.well-known/openid-configuration")
    assert (found.kind, answer(found)["issuer"]) == ("fi.decouverte", BASE)
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri", "end_session_endpoint"):
        path = answer(found)[name].removeprefix(BASE)
        assert Play().call(path).kind not in ("fi.inconnu", "")


@pytest.mark.parametrize("persona", professionals())
def test_each_persona_is_told_without_anything_of_pro_sante_connect(persona: str) -> None:
    p, person = Play(persona), professionals()[persona]
    tokens = p.login()
    claims = p.claims(tokens["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (BASE, "dui-temoin-fi", "n" * 32)
    assert not {"acr", "SubjectNameID", "authMode"} & claims.keys()
    assert claims.get("rpps", "") == person.id_nat[1:]
    assert "." not in tokens["access_token"]
    info = answer(p.call("/userinfo", token=tokens["access_token"]))
    assert (info["sub"], info["family_name"], info["preferred_username"]) == (claims["sub"], person.nom, persona)


def test_subjects_are_all_different_and_stable() -> None:
    subs = set()
    for name in professionals():
        p = Play(name)
        subs.add(p.claims(p.login()["id_token"])["sub"])
    assert len(subs) == len(professionals())


def test_refresh_token_is_kept_and_everything_dies_in_its_time() -> None:
    p = Play()
    tokens = p.login()
    p.now += timedelta(minutes=5)
    assert reply_of(p.call("/userinfo", token=tokens["access_token"])).status == 401
    renewed = answer(p.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))
    assert renewed["refresh_token"] == tokens["refresh_token"]
    assert reply_of(p.call("/userinfo", token=renewed["access_token"])).status == 200
    p.now += timedelta(hours=1)
    assert answer(p.token(grant_type="refresh_token", refresh_token=tokens["refresh_token"]))["error"] == "invalid_grant"


def test_logout_ends_the_session_and_returns() -> None:
    p = Play()
    tokens = p.login()
    left = p.call("/logout", id_token_hint=tokens["id_token"], post_logout_redirect_uri=FIN, state="x")
    assert reply_of(left).header("Location") == FIN + "?state=x"
    assert reply_of(p.call("/userinfo", token=tokens["access_token"])).status == 401


def test_page_names_the_provider_and_serves_its_own_login() -> None:
    p = Play("")
    page = reply_of(p.call("/authorize", **DEMAND)).body.read().decode()
    assert "établissement" in page
    handle = page.split('name="demande" value="')[1].split('"')[0]
    chosen = p.call("/authorize/connexion", form={"demande": handle, "identite": "educateur"})
    assert (chosen.kind, back(chosen)["state"]) == ("fi.connexion", "s" * 32)


def test_views_read_its_exchanges() -> None:
    p = Play()
    asked = p.call("/authorize", **DEMAND)
    assert asked.view(AuthorizationRequest)["nonce"] == "n" * 32
    given = p.token(grant_type="authorization_code", code=back(asked)["code"], redirect_uri=RETOUR)
    assert given.view(TokenResponse).persona == "infirmiere-ehpad"
    assert given.view(PscCall).presents & asked.view(PscCall).issues


@pytest.mark.parametrize("panne", ["jeton-nonce", "jeton-signature", "jeton-alg-none", "jeton-iss", "jeton-aud", "jeton-altere"])
def test_its_tokens_can_lie_too(panne: str) -> None:
    p = Play()
    p.fi.arm(panne, times=1)
    code = back(p.call("/authorize", **DEMAND))["code"]
    exchange = p.token(grant_type="authorization_code", code=code, redirect_uri=RETOUR)
    assert exchange.facts["defaut"] == panne.removeprefix("jeton-")


def test_its_faults_are_those_of_any_provider() -> None:
    own = {nom: panne for nom, panne in Play().fi.pannes.items() if panne.exigences}
    assert {panne.exigences for panne in own.values()} == {("PSC-12",)}
    assert not [nom for nom in own if "acr" in nom or "ciba" in nom or "jw" in nom.removeprefix("jwks")]
    assert {
        "jeton-nonce",
        "jeton-state",
        "jwks-vide",
        "userinfo-sub",
        "rafraichissement-refuse",
        "deconnexion-sans-state",
    } <= set(own)


def test_unknown_order_and_address() -> None:
    p = Play()
    with pytest.raises(HarnessError):
        p.fi.command("acr", {"valeur": "eidas2"})
    assert (p.call("/ailleurs").kind, reply_of(p.call("/ailleurs")).status) == ("fi.inconnu", 404)
    assert answer(p.token(grant_type="password"))["error"] == "unsupported_grant_type"
    assert answer(p.call("/token", form={"grant_type": "refresh_token"}))["error"] == "invalid_client"
