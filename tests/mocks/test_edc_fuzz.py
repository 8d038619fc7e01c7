"""No request makes the espace de confiance fail: whatever comes, it answers, and not by a 500 of its own."""

from __future__ import annotations

from dui_conformance.core.exchange import Body, Connection, Request
from dui_conformance.mocks.edc.messages import ACCES, API, AS, ECHANGE, OIDC, PROXY, REALM
from hypothesis import given, settings
from hypothesis import strategies as st
from samples.edc import BON, play

PATHS = (
    *(f"{OIDC}/token", f"{OIDC}/token/introspect", f"{OIDC}/certs", f"{REALM}/.well-known/openid-configuration"),
    *("/signsessiondata", "/connect", "/disconnect", "/traces", "/send/", "/send/api-essai/signsessiondata", "/send/a", "/"),
)
VALUES = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [ECHANGE, ACCES, "refresh_token", "dui-temoin-as", "dui-temoin", "signsessiondata", "899700000001", "MOBILE", "07"]
    ),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | VALUES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["nationalId", "clientId", "clientID", "bindingMessage", "channel", "session_state"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["grant_type", "subject_token", "subject_token_type", "scope", "client_id", "refresh_token", "token", "start", "end"]
)
HEADERS = st.dictionaries(
    st.sampled_from(["Authorization", "Cookie", "Host", "Content-Type"]),
    st.one_of(
        st.text(max_size=30),
        st.sampled_from(["application/x-www-form-urlencoded", "application/json", "Bearer x", "localhost:99999999"]),
    ),
)
PLAY = play()


@settings(max_examples=400, deadline=None)
@given(
    listener=st.sampled_from([AS, API, PROXY]),
    path=st.sampled_from(PATHS) | st.text(max_size=30).map(lambda text: f"/{text}"),
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
    headers=HEADERS,
    pairs=st.dictionaries(NAMES, VALUES, max_size=6),
    value=JSON,
    raw=st.binary(max_size=60),
    way=st.sampled_from(["form", "json", "raw", "query"]),
    der=st.sampled_from([None, b"", b"0\x82", BON()]),
)
def test_every_request_is_answered(listener, path, method, headers, pairs, value, raw, way, der) -> None:  # type: ignore[no-untyped-def]
    from json import dumps
    from urllib.parse import urlencode

    query = urlencode(pairs, errors="replace")
    body = {"form": query.encode(), "json": dumps(value).encode(), "raw": raw, "query": b""}[way]
    if way == "form":
        headers = headers | {"Content-Type": "application/x-www-form-urlencoded"}
    target = path + (f"?{query}" if way == "query" else "")
    request = Request(method, target, tuple(headers.items()), Body(body), Connection(client_der=der))
    assert PLAY.edc.describe(listener, request).kind.startswith("edc.")
    assert PLAY.edc.handle(listener, request, PLAY.now).status in (200, 304, 400, 401, 403, 404, 405, 502)


def test_surrogates_and_depth_are_no_trouble() -> None:
    p = play()
    for body in (b'{"nationalId": "\\ud800"}', b"[" * 100_000, b'{"nationalId": ' + b"9" * 10_000 + b"}"):
        request = Request("POST", "/connect", (("Content-Type", "application/json"),), Body(body), Connection())
        p.edc.describe(PROXY, request)
        assert p.edc.handle(PROXY, request, p.now).status == 400
