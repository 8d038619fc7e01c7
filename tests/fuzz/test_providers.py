"""Whatever is asked of the identity providers, they answer: no 500, no hang, an OAuth error or a page, nothing injected.

An example is a few requests to a provider that has someone logged in, drawn from what the endpoints know, from what the
provider just gave, and from what nobody expects. Some ten seconds for each provider in CI; 100,000 examples with ``-m long``.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from dui_conformance.core.exchange import Body, Connection, Exchange, Reply, Request, Times
from dui_conformance.core.settings import Fi, Psc
from dui_conformance.mocks.fi import FournisseurOrdinaire
from dui_conformance.mocks.psc import ProSanteConnect
from dui_conformance.mocks.psc.client import ClientKeys
from dui_conformance.mocks.psc.keys import KeyRing
from dui_conformance.mocks.psc.messages import APPROVAL, DISCOVERY, LOGIN, OIDC, STANDARD_DISCOVERY, WALLET
from dui_conformance.mocks.psc.state import Demand
from dui_conformance.mocks.psc.tokens import token_answer
from dui_conformance.mocks.service import BaseService
from dui_conformance.validation.oidc import PscCall
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples.psc import DEMAND, certificate

NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
EXAMPLES = 1_200
LONG = 100_000
STATUSES: set[int] = set()
TEXT = st.text(st.characters(codec="utf-8"), max_size=60)
ENDS = ("token", "userinfo", "certs", "logout", "revoke", "token/introspect", "ext/ciba/auth", "ext/par/request", "auth", "")
PATHS = {
    "psc": [
        *(("psc", f"{OIDC}/{end}") for end in ENDS),
        *(("psc", path) for path in (DISCOVERY, STANDARD_DISCOVERY)),
        *((WALLET, path) for path in ("/auth", LOGIN, APPROVAL, "/")),
    ],
    "fi": [
        *(("fi", f"/{end}") for end in ("token", "userinfo", "jwks", "logout", "authorize", "authorize/connexion")),
        ("fi", "/.well-known/openid-configuration"),
    ],
}
VALUES = {
    **{name: [value] for name, value in DEMAND.items()},
    "client_id": ["dui-temoin", "dui-temoin-fi"],
    "redirect_uri": ["https://localhost/psc/retour", "https://localhost/fi/retour", "https://localhost/psc/retour\r\nX: y"],
    "client_secret": ["secret-de-test"],
    "grant_type": ["authorization_code", "refresh_token", "urn:openid:params:grant-type:ciba", "password", "client_credentials"],
    "client_assertion_type": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
    "client_assertion": ["a.b.c", "eyJhbGciOiJIUzI1NiJ9.e30.AA", "eyJhbGciOiJub25lIn0.e30.", "eyJhbGciOiJSUzI1NiJ9.e30.A"],
    "response_mode": ["query", "fragment", "form_post"],
    "code_challenge_method": ["S256", "plain"],
    "prompt": ["none", "login", "none login"],
    "request_uri": ["urn:ietf:params:oauth:request_uri:x", "https://ailleurs.invalid"],
    "login_hint": ["899700000001", "sans-rpps", "ANS20260000000001"],
    "channel": ["CARD", "MOBILE"],
    "binding_message": ["42", "١٢", "4\n"],
    "identite": ["infirmiere-ehpad", "accents", ""],
    "choix": ["approuver", "refuser"],
    "post_logout_redirect_uri": ["https://localhost/psc/fin"],
}  # fmt: skip
NAMES = [*VALUES, "code", "code_verifier", "code_challenge", "refresh_token", "access_token", "token", "id_token_hint"]
NAMES += ["auth_req_id", "demande", "recherche", "max_age", "request", "claims"]
TYPES = [
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-8",
    "application/json",
    "text/xml",
    "",
]
HEADERS = ["Authorization", "Cookie", "Origin", "Accept", "X-Forwarded-For", "Content-Length"]


def headers() -> st.SearchStrategy[tuple[str, str]]:
    raw = st.text(st.characters(max_codepoint=0xFF), max_size=60)
    basic = st.sampled_from(["dui-temoin:secret-de-test", "dui-temoin-fi:secret-de-test", "x", "é:é", ":"])
    secret = basic.map(lambda text: "Basic " + base64.b64encode(text.encode()).decode())
    return st.tuples(st.just("Authorization"), secret) | st.tuples(
        st.sampled_from(HEADERS), raw | raw.map(lambda t: f"Bearer {t}")
    )


@dataclass(frozen=True)
class Drawn:
    """A request before it is made: a value that is a number stands for one of those that the provider gave."""

    where: tuple[str, str]
    method: str
    pairs: tuple[tuple[str, str | int], ...]
    query: str | None
    body: bytes | None
    headers: tuple[tuple[str, str], ...]
    der: bytes | None
    later: int


def demands(nom: str) -> st.SearchStrategy[Drawn]:
    one = st.sampled_from(NAMES).flatmap(
        lambda name: st.tuples(st.just(name), st.integers(0, 9) | TEXT | st.sampled_from(VALUES.get(name, [""])))
    )
    own = {"client_id": "dui-temoin-fi", "redirect_uri": "https://localhost/fi/retour"} if nom == "fi" else {}
    usual = tuple((DEMAND | {"client_secret": "secret-de-test"} | own).items())
    pairs = st.lists(one | st.tuples(TEXT, TEXT), max_size=8).map(tuple)
    tails = st.sampled_from(["", "", "", "", "/", "/..", "%00", "é"])
    types = st.sampled_from(TYPES[:1] * 4 + TYPES).map(lambda kind: ("Content-Type", kind))
    return st.builds(
        Drawn,
        where=st.tuples(st.sampled_from(PATHS[nom]), tails).map(lambda both: (both[0][0], both[0][1] + both[1])),
        method=st.sampled_from(["GET", "POST", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "é"]),
        pairs=pairs | pairs.map(lambda drawn: drawn + usual) | pairs.map(lambda drawn: usual + drawn),
        query=st.none() | st.none() | TEXT,
        body=st.none() | st.none() | st.binary(max_size=80),
        headers=st.tuples(st.lists(headers(), max_size=3), types).map(lambda both: (*both[0], both[1])),
        der=st.sampled_from([None, None, certificate(), b"", b"pas un certificat"]),
        later=st.sampled_from([0, 0, 1, 5, 60, 1800]),
    )


class Fuzzed:
    """A provider under fuzz: what it gave is presented again."""

    def __init__(self, service: BaseService) -> None:
        self.service = service
        self.known: list[str] = ["inconnu"]
        self.now = NOW

    def ask(self, drawn: Drawn) -> None:
        pairs = [(name, self.known[v % len(self.known)] if isinstance(v, int) else v) for name, v in drawn.pairs]
        query = urlencode(pairs) if drawn.query is None else drawn.query
        body = urlencode(pairs).encode() if drawn.body is None else drawn.body
        listener, path = drawn.where
        self.now += timedelta(seconds=drawn.later)
        self.judge(
            listener, Request(drawn.method, f"{path}?{query}", drawn.headers, Body(body), Connection(client_der=drawn.der))
        )

    def judge(self, listener: str, request: Request) -> None:
        description = self.service.describe(listener, request)
        reply = self.service.handle(listener, request, self.now)
        STATUSES.add(reply.status)
        assert 200 <= reply.status < 500
        if reply.status >= 400:
            assert oauth_error(reply) or page(reply)
        for name, value in reply.headers:
            assert not {"\r", "\n", "\0"} & set(name + value)
        json.dumps([dict(reply.facts), list(description.secrets)]).encode()
        for key in (*reply.keys, *description.keys):
            key.valeur.encode()
        self.keep(reply)
        made = Exchange(
            "E1", self.service.nom, description.kind, request, reply, request.connection, Times(NOW, NOW, 0), facts=reply.facts
        )
        made.view(PscCall)

    def keep(self, reply: Reply) -> None:
        """Codes, tokens and numbers that came, to be presented again anywhere."""
        self.known += [secret for secret in reply.secrets if secret.isascii()]
        location = urlsplit(reply.header("Location"))
        self.known += [value for _, value in parse_qsl(location.query + "&" + location.fragment)]
        if page(reply):
            self.known += [part.split('"')[0] for part in reply.body.read().decode().split('name="demande" value="')[1:2]]
        del self.known[:-200]


def oauth_error(reply: Reply) -> bool:
    """RFC 6749 §5.2: an object with a known shape."""
    if not reply.header("Content-Type").startswith("application/json"):
        return False
    told = json.loads(reply.body.read())
    return bool(told["error"]) and isinstance(told["error_description"], str)


def page(reply: Reply) -> bool:
    """A page of the simulator."""
    return reply.header("Content-Type").startswith("text/html") and reply.body.read().rstrip().endswith(b"</html>")


@cache
def signing(nom: str) -> tuple[KeyRing, ClientKeys]:
    """Keys made once: an example costs no key."""
    return KeyRing(None, "ES256" if nom == "fi" else "RS256"), ClientKeys()


def fresh(nom: str) -> Fuzzed:
    """A provider that has already logged someone in, and given him tokens."""
    service: Any = (
        FournisseurOrdinaire(Fi(client_secret="secret-de-test"), seed=1)
        if nom == "fi"
        else ProSanteConnect(Psc(client_secret="secret-de-test"), seed=1)
    )
    service.keys, keys = signing(nom)
    service.client = replace(service.client, keys=keys)
    fuzzed = Fuzzed(service)
    session = service.store.open_session("accents", NOW)
    reply = token_answer(service, session, NOW)
    fuzzed.known += [*reply.secrets, service.store.issue_code(session, Demand("https://localhost/psc/retour"), NOW)]
    return fuzzed


def run(nom: str, count: int) -> None:
    @settings(max_examples=count, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=True)
    @given(st.lists(demands(nom), min_size=1, max_size=4))
    def each(drawn: list[Drawn]) -> None:
        fuzzed = fresh(nom)
        for request in drawn:
            fuzzed.ask(request)

    each()


@pytest.mark.parametrize("nom", PATHS)
def test_every_request_is_answered(nom: str) -> None:
    STATUSES.clear()
    run(nom, EXAMPLES)
    assert {200, 302, 400, 401, 404, 405} <= STATUSES


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("nom", PATHS)
def test_every_request_is_answered_long(nom: str) -> None:
    run(nom, LONG)
