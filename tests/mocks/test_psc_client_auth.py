"""How a client authenticates at the token endpoint: secret, certificate, or a signed assertion."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from dui_conformance.core.exchange import Exchange
from dui_conformance.mocks.psc.grants import JWT_BEARER
from samples.psc import OIDC, RETOUR, Play, back, play

ISSUER = "https://localhost:1001/auth/realms/esante-wallet"
CLAIMS: dict[str, Any] = {"iss": "dui-temoin", "sub": "dui-temoin", "aud": ISSUER, "jti": "1"}


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def assertion(alg: str, secret: str = "", **changes: Any) -> str:
    text = ".".join(part(json.dumps(value).encode()) for value in ({"alg": alg}, CLAIMS | changes))
    signature = hmac.digest(secret.encode(), text.encode(), hashlib.sha256) if secret else b"x" * 64
    return f"{text}.{part(signature)}"


def present(p: Play, jwt: str) -> Exchange:
    code = back(p.authorize())["code"]
    asked = {"grant_type": "authorization_code", "code": code, "redirect_uri": RETOUR}
    return p.call(f"{OIDC}/token", form=asked | {"client_assertion_type": JWT_BEARER, "client_assertion": jwt})


@pytest.mark.parametrize(
    ("jwt", "method"),
    [
        (assertion("RS256"), "private_key_jwt"),
        (assertion("ES256", aud=[f"{ISSUER}/protocol/openid-connect/token"]), "private_key_jwt"),
        (assertion("HS256", "secret-de-test"), "client_secret_jwt"),
    ],
)
def test_a_client_assertion_is_accepted(jwt: str, method: str) -> None:
    answered = present(play(), jwt)
    assert (answered.reply.status, answered.facts["client_auth"]) == (200, method)


@pytest.mark.parametrize(
    "jwt",
    [
        assertion("HS256", "un-autre-secret"),
        assertion("none"),
        assertion("RS256", sub="un-autre-client"),
        assertion("RS256", aud="https://ailleurs.invalid"),
        assertion("RS256", aud=None),
        "pas.un.jeton",
        "é",
        "",
    ],
)
def test_another_assertion_is_refused(jwt: str) -> None:
    answered = present(play(), jwt)
    assert (answered.reply.status, answered.facts["client_auth"]) == (401, "invalide")
