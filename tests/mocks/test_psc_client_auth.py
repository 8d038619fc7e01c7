"""How a client authenticates: secret in each standard form, certificate by its subject, assertion by its signature."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.core.exchange import Exchange
from dui_conformance.core.settings import Psc, StructureDeTest
from dui_conformance.mocks.psc import ProSanteConnect
from dui_conformance.mocks.psc.app import client_dn
from dui_conformance.mocks.psc.client import JWT_BEARER, Client, ClientKeys
from dui_conformance.mocks.psc.keys import unsigned
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from samples.psc import OIDC, RETOUR, START, Play, answer, back, certificate, play, reply_of

ISSUER = "https://localhost:1001/auth/realms/esante-wallet"
CLAIMS: dict[str, Any] = {
    "iss": "dui-temoin",
    "sub": "dui-temoin",
    "aud": ISSUER,
    "jti": "1",
    "exp": int(START.timestamp()) + 60,
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client's keys, made once."""
    file = tmp_path_factory.mktemp("cles") / "client.json"
    assert ClientKeys(file).keys.keys
    return file


@pytest.fixture
def p(shared: Path) -> Play:
    made = play()
    made.psc.client = Client("dui-temoin", "secret-de-test", (RETOUR,), (), client_dn(StructureDeTest()), ClientKeys(shared))
    return made


CERTIFICATES = {"bon": certificate(), "autre": certificate(StructureDeTest(nom="AUTRE OG", finess_ej="990000101"))}


def asked(p: Play, **more: str) -> dict[str, str]:
    return {"grant_type": "authorization_code", "code": back(p.authorize())["code"], "redirect_uri": RETOUR, **more}


def present(p: Play, assertion: str) -> Exchange:
    return p.call(f"{OIDC}/token", form=asked(p, client_assertion_type=JWT_BEARER, client_assertion=assertion))


def signed(p: Play, alg: str = "RS256", key: Any = None, **changes: Any) -> str:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    chosen = key or p.psc.client.keys.keys.keys[0]
    header = {"alg": alg} | ({"kid": chosen.kid} if chosen.kid else {})
    return jwt.encode(header, claims, chosen, algorithms=[alg])


def secret_key(secret: str = "secret-de-test") -> OctKey:
    return OctKey.import_key(secret)


def test_assertion_signed_by_the_registered_key_is_accepted(p: Play) -> None:
    accepted = present(p, signed(p, aud=[f"{ISSUER}/protocol/openid-connect/token"]))
    assert (reply_of(accepted).status, accepted.facts["client_auth"]) == (200, "private_key_jwt")


@pytest.mark.filterwarnings("ignore:.*Key size.*")
def test_assertion_signed_by_the_secret_is_accepted(p: Play) -> None:
    accepted = present(p, signed(p, "HS256", secret_key()))
    assert (reply_of(accepted).status, accepted.facts["client_auth"]) == (200, "client_secret_jwt")


@pytest.mark.filterwarnings("ignore:.*Key size.*")
@pytest.mark.parametrize(
    "make",
    [
        lambda p: signed(p, "HS256", secret_key("un-autre-secret-de-test")),
        lambda p: signed(p, key=RSAKey.generate_key(2048, auto_kid=True)),
        lambda p: signed(p, "ES256", ECKey.generate_key("P-256", auto_kid=True)),
        lambda p: unsigned(CLAIMS),
        lambda p: signed(p, sub="un-autre-client"),
        lambda p: signed(p, aud="https://ailleurs.invalid"),
        lambda p: signed(p, aud=None),
        lambda p: signed(p, exp=None),
        lambda p: signed(p, exp=int(START.timestamp()) - 600),
        lambda p: "pas.un.jeton",
        lambda p: "é",
        lambda p: "",
    ],
)
def test_another_assertion_is_refused(p: Play, make: Any) -> None:
    refused = present(p, make(p))
    assert (reply_of(refused).status, refused.facts["client_auth"]) == (401, "invalide")
    assert answer(refused)["error"] == "invalid_client"


def test_assertion_serves_once(p: Play) -> None:
    assertion = signed(p)
    assert reply_of(present(p, assertion)).status == 200
    assert "déjà employée" in answer(present(p, assertion))["error_description"]


@pytest.mark.parametrize("encode", [str, quote_plus])
def test_basic_is_form_encoded_or_not(encode: Any) -> None:
    secret = "a+b c%é:d/&="
    p = play()
    p.psc.client = Client("dui-temoin", secret, (RETOUR,))
    header = base64.b64encode(f"dui-temoin:{encode(secret)}".encode()).decode()
    made = p.call(f"{OIDC}/token", form=asked(p), headers=(("Authorization", f"Basic {header}"),))
    assert (reply_of(made).status, made.facts["client_auth"]) == (200, "client_secret_basic")


def test_certificate_of_the_registered_subject_authenticates_and_binds_the_token(p: Play) -> None:
    made = p.call(f"{OIDC}/token", form=asked(p, client_id="dui-temoin"), client_der=CERTIFICATES["bon"])
    assert (reply_of(made).status, made.facts["client_auth"], made.facts["certificat"]) == (200, "tls_client_auth", "enregistre")
    tokens = answer(made)
    bound = p.introspect(tokens["access_token"])["cnf"]["x5t#S256"]
    assert len(base64.urlsafe_b64decode(bound + "=")) == 32
    header = (("Authorization", f"Bearer {tokens['access_token']}"),)
    assert reply_of(p.call(f"{OIDC}/userinfo", headers=header, client_der=CERTIFICATES["bon"])).status == 200
    for other in (None, CERTIFICATES["autre"]):
        refused = p.call(f"{OIDC}/userinfo", headers=header, client_der=other)
        assert (reply_of(refused).status, refused.facts["lie"]) == (401, "autre-certificat")
    refreshed = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": "dui-temoin"}
    again = p.call(f"{OIDC}/token", form=refreshed, client_der=CERTIFICATES["bon"])
    assert again.facts["lie"] is True


@pytest.mark.parametrize(
    ("der", "client_id"), [("autre", "dui-temoin"), ("bon", "un-autre"), ("bon", ""), ("illisible", "dui-temoin")]
)
def test_other_certificate_is_refused_with_both_names(p: Play, der: str, client_id: str) -> None:
    presented = CERTIFICATES.get(der, b"certificat")
    refused = p.call(f"{OIDC}/token", form=asked(p, client_id=client_id), client_der=presented)
    assert (reply_of(refused).status, refused.facts["client_auth"]) == (401, "invalide")
    if der == "autre":
        assert "AUTRE OG" in answer(refused)["error_description"]


def test_secret_beside_another_certificate_is_accepted_and_noted(p: Play) -> None:
    form = asked(p, client_id="dui-temoin", client_secret="secret-de-test")
    made = p.call(f"{OIDC}/token", form=form, client_der=CERTIFICATES["autre"])
    assert (made.facts["client_auth"], made.facts["certificat"], made.facts["lie"]) == ("client_secret_post", "autre", False)


def test_subject_is_compared_as_a_distinguished_name() -> None:
    dn = client_dn(StructureDeTest())
    names = [part.partition("=") for part in dn.split(",")]
    loose = ",".join(f"{kind}={value.lower().replace(' ', '  ')}" for kind, _, value in names)
    assert Client("c", "s", dn=dn).bears(CERTIFICATES["bon"])
    assert Client("c", "s", dn=loose).bears(CERTIFICATES["bon"])
    reversed_dn = ",".join(reversed(dn.split(",")))
    assert not Client("c", "s", dn=reversed_dn).bears(CERTIFICATES["bon"])
    assert not Client("c", "s").bears(CERTIFICATES["bon"])


def test_registered_subject_must_be_readable() -> None:
    with pytest.raises(InputError, match="certificat_dn"):
        ProSanteConnect(Psc(client_secret="s"), seed=1, dn="pas un nom")


def test_client_keys_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "cles-client.json"
    made = ClientKeys(file).keys.as_dict(private=False)
    assert ClientKeys(file).keys.as_dict(private=False) == made
    assert [row["use"] for row in json.loads(file.read_text())["keys"]] == ["sig", "enc"]
