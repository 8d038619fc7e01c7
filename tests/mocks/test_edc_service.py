"""The simulated authorization server and its API: what is given, to whom, bound to what, and what is refused."""

from __future__ import annotations

import base64
import hashlib
import json
import threading

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Body, Connection, Reply, Request
from dui_conformance.mocks.edc.messages import API, AS, OIDC, REALM
from joserfc import jws, jwt
from joserfc.jwk import KeySet
from samples.edc import AUTRE, BON, FORM, ID_NAT, answer, play, reply_of


def error(exchange) -> tuple[int, str]:  # type: ignore[no-untyped-def]
    return reply_of(exchange).status, answer(exchange)["error"]


def test_token_is_exchanged_and_bound_to_the_certificate() -> None:
    p = play()
    got = answer(p.exchange())
    assert got["issued_token_type"] == "urn:ietf:params:oauth:token-type:access_token"
    assert (got["token_type"], got["expires_in"], got["refresh_expires_in"]) == ("Bearer", 14400, 1800)
    keys = KeySet.import_key_set(answer(p.call(AS, f"{OIDC}/certs", method="GET")))
    claims = jwt.decode(got["access_token"], keys, algorithms=["RS256"]).claims
    digest = hashlib.sha256(BON()).digest()
    assert claims["cnf"] == {"x5t#S256": base64.urlsafe_b64encode(digest).rstrip(b"=").decode()}
    assert (claims["SubjectNameID"], claims["client_id"], claims["scope"]) == (ID_NAT, "dui-temoin-as", "signsessiondata")
    assert claims["iss"] == f"https://localhost:2001{REALM}"


def test_cnf_has_the_form_of_the_sample_on_order() -> None:
    p = play()
    p.edc.command("cnf", {"forme": "ans-sample"})
    token = p.api_token()
    payload = json.loads(jws.extract_compact(token.encode()).payload)
    assert base64.b64decode(payload["cnf"]["x5t#S256"]).decode() == hashlib.sha256(BON()).hexdigest()
    assert reply_of(p.sign(token)).status == 200


@pytest.mark.parametrize("type", ["access_token", "jwt"])
def test_both_types_of_subject_token_are_accepted(type: str) -> None:
    assert reply_of(play().exchange(subject_token_type=f"urn:ietf:params:oauth:token-type:{type}")).status == 200


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"der": b""}, (401, "invalid_client")),
        ({"der": b"pas un certificat"}, (401, "invalid_client")),
        ({"client_id": "inconnu"}, (401, "invalid_client")),
        ({"client_id": None}, (401, "invalid_client")),
        ({"client_id": "proxy-exemple"}, (401, "invalid_client")),
        ({"subject_token": "inconnu"}, (400, "invalid_grant")),
        ({"subject_token": None}, (400, "invalid_grant")),
        ({"subject_token_type": None}, (400, "invalid_request")),
        ({"scope": None}, (400, "invalid_scope")),
        ({"scope": "signsessiondata dmp"}, (400, "invalid_scope")),
        ({"grant_type": "password"}, (400, "unsupported_grant_type")),
    ],
)
def test_exchange_is_refused(changes: dict, expected: tuple[int, str]) -> None:  # type: ignore[type-arg]
    assert error(play().exchange(**changes)) == expected


def test_certificate_of_another_structure_is_refused() -> None:
    refused = play().exchange(der=AUTRE())
    assert error(refused) == (401, "invalid_client")
    assert refused.facts["certificat"] == "autre-structure"


def test_only_a_live_access_token_is_exchanged() -> None:
    p = play()
    tokens = p.psc.login()
    for name in ("id_token", "refresh_token"):
        assert error(p.exchange(tokens[name])) == (400, "invalid_grant")
    assert p.exchange(tokens["access_token"]).facts["sujet_etat"] == "actif"
    p.psc.later(seconds=121)
    late = p.exchange(tokens["access_token"])
    assert error(late) == (400, "invalid_grant")
    assert late.facts["sujet_etat"] == "inactif"


def test_secret_is_reported_and_refused_only_in_strict_mode() -> None:
    secret = ("Authorization", "Basic YTpi")
    assert reply_of(play().exchange(headers=(secret,))).status == 200
    assert error(play(strict=True).exchange(headers=(secret,))) == (401, "invalid_client")
    assert error(play(strict=True).exchange(client_secret="x")) == (401, "invalid_client")


def test_psc_out_of_order_makes_the_server_unavailable() -> None:
    p = play()
    token = p.psc.login()["access_token"]
    for panne in ("indisponible", "coupure", "silence", "corps-malforme"):
        p.psc.psc.arm(panne, times=None)
        assert error(p.exchange(token)) == (503, "temporarily_unavailable")
        p.psc.psc.disarm(panne)


def test_refresh_gives_a_new_token_once() -> None:
    p = play()
    first = answer(p.exchange())
    again = answer(p.exchange(grant_type="refresh_token", refresh_token=first["refresh_token"]))
    assert reply_of(p.sign(again["access_token"])).status == 200
    assert error(p.exchange(grant_type="refresh_token", refresh_token=first["refresh_token"])) == (400, "invalid_grant")
    p.psc.later(seconds=1801)
    assert error(p.exchange("", grant_type="refresh_token", refresh_token=again["refresh_token"])) == (400, "invalid_grant")


def test_introspection_says_what_a_token_is_until_it_dies() -> None:
    p = play()
    p.edc.command("durees", {"acces": 60, "rafraichissement": 120})
    token = p.api_token()

    def ask() -> dict:  # type: ignore[type-arg]
        body = f"token={token}&client_id=dui-temoin-as".encode()
        return answer(p.call(AS, f"{OIDC}/token/introspect", headers=(FORM,), body=body, der=BON()))

    assert (ask()["active"], ask()["SubjectNameID"]) == (True, ID_NAT)
    p.psc.later(seconds=60)
    assert ask() == {"active": False}
    assert error(p.call(AS, f"{OIDC}/token/introspect", headers=(FORM,), body=b"token=x")) == (401, "invalid_client")


def test_api_signs_for_the_certificate_of_the_token() -> None:
    p = play()
    token = p.api_token()
    got = answer(p.sign(token))
    keys = KeySet.import_key_set(answer(p.call(AS, f"{OIDC}/certs", method="GET")))
    signed = json.loads(jws.deserialize_compact(got["signature"], keys, algorithms=["RS256"]).payload)
    assert signed == {name: got[name] for name in ("nationalId", "clientID", "proxy_session_id", "session_state")}
    for der in (b"", AUTRE()):
        refused = p.sign(token, der=der)
        assert error(refused) == (401, "invalid_token")
        assert reply_of(refused).header("WWW-Authenticate").startswith("Bearer ")


def test_api_refuses_other_tokens() -> None:
    p = play()
    assert error(p.sign("")) == (401, "invalid_token")
    assert error(p.sign(p.psc.login()["access_token"])) == (401, "invalid_token")
    token = p.api_token()
    p.edc.command("oublier", {})
    assert error(p.sign(token)) == (401, "invalid_token")


def test_api_refuses_a_token_without_its_scope() -> None:
    p = play()
    token = p.api_token()
    jeton = p.edc.registre.jeton(token, "acces")
    assert jeton is not None
    jeton.portees = ("autre",)
    refused = p.sign(token)
    assert error(refused) == (403, "insufficient_scope")
    assert "insufficient_scope" in reply_of(refused).header("WWW-Authenticate")


def test_api_says_which_fields_are_missing() -> None:
    p = play()
    headers = (("Authorization", f"Bearer {p.api_token()}"),)
    assert reply_of(p.call(API, "/signsessiondata", headers=headers, body=b'{"nationalId": 1}', der=BON())).status == 400
    assert reply_of(p.call(API, "/signsessiondata", method="GET", headers=headers, der=BON())).status == 405


@pytest.mark.parametrize(
    ("panne", "of", "status"),
    [
        ("jeton-api-refuse", "api", 401),
        ("client-refuse", "as", 401),
        ("sujet-refuse", "as", 400),
        ("portee-refusee", "as", 400),
        ("passerelle", "as", 502),
        ("delai-passerelle", "api", 504),
    ],
)
def test_named_fault_strikes_once(panne: str, of: str, status: int) -> None:
    p = play()
    token = p.api_token()
    p.edc.arm(panne, times=1)
    struck, sound = [p.sign(token) if of == "api" else p.exchange() for _ in range(2)]
    assert (reply_of(struck).status, struck.facts["panne"]) == (status, panne)
    assert reply_of(sound).status == 200


def test_token_bound_elsewhere_is_of_no_use() -> None:
    p = play()
    p.edc.arm("cnf-faux", times=None)
    assert error(p.sign(p.api_token())) == (401, "invalid_token")


@pytest.mark.parametrize(("nom", "arguments"), [("cnf", {"forme": "autre"}), ("durees", {}), ("inconnu", {})])
def test_wrong_order_is_an_error_of_the_harness(nom: str, arguments: dict) -> None:  # type: ignore[type-arg]
    with pytest.raises(HarnessError):
        play().edc.command(nom, arguments)


def test_same_seed_gives_the_same_identifiers() -> None:
    ids = [json.loads(jws.extract_compact(play().api_token().encode()).payload)["jti"] for _ in range(2)]
    assert ids[0] == ids[1]


def test_services_that_call_each_other_do_not_wait_for_each_other() -> None:
    p = play()
    tokens = [p.psc.login()["access_token"] for _ in range(4)]
    done: list[Reply] = []

    def work(token: str) -> None:
        for _ in range(10):
            p.psc.userinfo(token)
            done.append(reply_of(p.exchange(token)))

    threads = [threading.Thread(target=work, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [r.status for r in done] == [200] * 40


def test_addresses_are_told_by_discovery() -> None:
    found = answer(play().call(AS, f"{REALM}/.well-known/openid-configuration", method="GET"))
    assert found["token_endpoint"] == f"https://localhost:2001{OIDC}/token"
    assert found["token_endpoint_auth_methods_supported"] == ["tls_client_auth"]


def test_unknown_address_is_recorded_as_such() -> None:
    p = play()
    assert (p.call(AS, "/autre", method="GET").kind, reply_of(p.exchanges[-1]).status) == ("edc.inconnu", 404)
    request = Request("GET", "/", (), Body(), Connection())
    assert p.edc.describe("edc-proxy", request).kind == "edc.inconnu"
