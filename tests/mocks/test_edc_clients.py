"""Clients that are not ours exchange a token and call the API over mutual TLS, on real sockets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from dui_conformance.core.clock import Clock
from dui_conformance.core.settings import Edc, Psc
from dui_conformance.mocks.edc import EspaceDeConfiance
from dui_conformance.mocks.edc.messages import ACCES, ECHANGE, OIDC
from dui_conformance.mocks.pki import Credential, Pki
from dui_conformance.mocks.runtime import Runtime
from samples import psc as samples_psc
from samples.runtime import MemoryRecorder

ID_NAT = "899700000001"
BODY = {"nationalId": ID_NAT, "clientID": "dui-temoin", "proxy_session_id": "s", "session_state": "e"}


@dataclass
class Place:
    """The running services, and the access token of who is logged in."""

    runtime: Runtime
    recorder: MemoryRecorder
    pki: Pki
    access: str

    @property
    def token_url(self) -> str:
        return self.runtime.url("edc-as") + OIDC + "/token"

    @property
    def api_url(self) -> str:
        return self.runtime.url("edc-api") + "/signsessiondata"

    @property
    def ours(self) -> Credential:
        return self.pki.client("auth_cli")

    @property
    def form(self) -> dict[str, str]:
        return {
            "grant_type": ECHANGE,
            "subject_token": self.access,
            "subject_token_type": ACCES,
            "scope": "signsessiondata",
            "client_id": "dui-temoin-as",
        }


@pytest.fixture
def place(pki: Pki) -> Iterator[Place]:
    clock = Clock()
    provider = samples_psc.play()
    provider.now = clock.now()
    access = provider.login()["access_token"]
    recorder = MemoryRecorder()
    runtime = Runtime(recorder, clock, pki)
    structure = f"1{pki.parameters.finess_ej}"
    edc = EspaceDeConfiance(Edc(), Psc(client_secret="secret-de-test"), structure, psc=provider.psc)
    runtime.start([edc])
    edc.configure({"edc-as": runtime.url("edc-as")})
    yield Place(runtime, recorder, pki, access)
    runtime.stop()
    assert not runtime.failures


def test_requests_exchanges_and_calls(place: Place) -> None:
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(place.pki.ac)
        session.cert = (str(place.ours.certificate), str(place.ours.key))
        got = session.post(place.token_url, data=place.form, timeout=10)
        assert got.status_code == 200, got.text
        bearer = {"Authorization": f"Bearer {got.json()['access_token']}"}
        assert session.post(place.api_url, json=BODY, headers=bearer, timeout=10).json()["signature"]
        session.cert = None
    with requests.Session() as bare:
        bare.trust_env, bare.verify = False, str(place.pki.ac)
        assert bare.post(place.token_url, data=place.form, timeout=10).json()["error"] == "invalid_client"
        assert bare.post(place.api_url, json=BODY, headers=bearer, timeout=10).status_code == 401


def test_another_certificate_of_the_same_structure_cannot_use_the_token(place: Place) -> None:
    other = place.pki.client("insi_auto")
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(place.pki.ac)
        session.cert = (str(place.ours.certificate), str(place.ours.key))
        token = session.post(place.token_url, data=place.form, timeout=10).json()["access_token"]
    with requests.Session() as session:
        session.trust_env, session.verify = False, str(place.pki.ac)
        session.cert = (str(other.certificate), str(other.key))
        refused = session.post(place.api_url, json=BODY, headers={"Authorization": f"Bearer {token}"}, timeout=10)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")


def test_authlib_exchanges_calls_and_refreshes(place: Place) -> None:
    client = pytest.importorskip("authlib.integrations.requests_client")
    session = client.OAuth2Session("dui-temoin-as", token_endpoint_auth_method="none", token_endpoint=place.token_url)
    session.trust_env, session.verify = False, str(place.pki.ac)
    session.cert = (str(place.ours.certificate), str(place.ours.key))
    asked = {name: value for name, value in place.form.items() if name not in ("grant_type", "client_id")}
    token = session.fetch_token(place.token_url, grant_type=ECHANGE, **asked)
    assert token["issued_token_type"] == ACCES
    assert session.post(place.api_url, json=BODY, timeout=10).json()["nationalId"] == ID_NAT
    renewed = session.refresh_token(place.token_url, refresh_token=token["refresh_token"])
    assert renewed["access_token"] != token["access_token"]
    assert session.post(place.api_url, json=BODY, timeout=10).status_code == 200
    session.close()


@pytest.mark.client_etranger
def test_curl_exchanges_and_calls(place: Place) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl est absent (paquet curl)")
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    base = ["curl", "-sS", "--noproxy", "*", "--cacert", str(place.pki.ac)]
    mutual = ["--cert", str(place.ours.certificate), "--key", str(place.ours.key)]

    def curl(*arguments: str) -> str:
        return subprocess.run([*base, *arguments], check=True, capture_output=True, text=True, timeout=30, env=environment).stdout

    fields = [part for name, value in place.form.items() for part in ("--data-urlencode", f"{name}={value}")]
    got = json.loads(curl(*mutual, *fields, place.token_url))
    header = f"Authorization: Bearer {got['access_token']}"
    sent = ("-H", header, "-H", "Content-Type: application/json", "-d", json.dumps(BODY), place.api_url)
    assert json.loads(curl(*mutual, *sent))["signature"]
    status = curl("-o", os.devnull, "-w", "%{http_code}", *sent)
    assert status == "401"
    kinds = [seen.kind for seen in place.recorder.seen]
    assert kinds == ["edc.echange", "edc.api.signature", "edc.api.signature"]
