"""The espace de confiance in process, in front of a Pro Santé Connect where someone logs in: plays calls, keeps exchanges."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import urlencode

from dui_conformance.core.exchange import Body, Connection, Exchange, Request, Times
from dui_conformance.core.settings import Edc, Psc, StructureDeTest
from dui_conformance.mocks.edc import EspaceDeConfiance
from dui_conformance.mocks.edc.messages import ACCES, API, AS, ECHANGE, OIDC, PROXY
from samples import psc as samples_psc
from samples.psc import answer, reply_of

__all__ = ["AUTRE", "BON", "Play", "answer", "play", "reply_of"]

FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")
ID_NAT = "899700000001"


@cache
def BON() -> bytes:
    """The certificate of the registered structure."""
    return samples_psc.certificate(StructureDeTest())


@cache
def AUTRE() -> bytes:
    """That of another structure."""
    return samples_psc.certificate(replace(StructureDeTest(), finess_ej="750000001"))


@dataclass
class Play:
    """Both services, and all that was exchanged with the espace de confiance."""

    psc: samples_psc.Play
    edc: EspaceDeConfiance
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.psc.now

    def call(
        self,
        listener: str,
        target: str,
        *,
        method: str = "POST",
        headers: tuple[tuple[str, str], ...] = (),
        body: bytes = b"",
        der: bytes | None = None,
    ) -> Exchange:
        request = Request(method, target, headers, Body(body), Connection(client_der=der))
        kind = self.edc.describe(listener, request).kind
        reply = self.edc.handle(listener, request, self.now)
        name = f"E{len(self.exchanges) + 1:06d}"
        times = Times(self.now, self.now, len(self.exchanges))
        made = Exchange(name, "edc", kind, request, reply, request.connection, times, facts=reply.facts)
        self.exchanges.append(made)
        return made

    def exchange(
        self,
        subject: str | None = None,
        *,
        der: bytes | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        **changes: str | None,
    ) -> Exchange:
        """A token exchange, correct but for what is said; ``der=b""`` presents no certificate."""
        asked: dict[str, str | None] = {
            "grant_type": ECHANGE,
            "subject_token": subject if subject is not None else self.psc.login()["access_token"],
            "subject_token_type": ACCES,
            "scope": "signsessiondata",
            "client_id": "dui-temoin-as",
        }
        fields = {name: value for name, value in (asked | changes).items() if value is not None}
        presented = BON() if der is None else der or None
        return self.call(AS, f"{OIDC}/token", headers=(FORM, *headers), body=urlencode(fields).encode(), der=presented)

    def api_token(self) -> str:
        return str(answer(self.exchange())["access_token"])

    def sign(self, token: str, *, der: bytes | None = None, address: str = "", named: str = ID_NAT) -> Exchange:
        """A call of the test API."""
        body = {"nationalId": named, "clientID": "dui-temoin", "proxy_session_id": "s", "session_state": "e"}
        headers = (JSON, ("Authorization", f"Bearer {token}")) if token else (JSON,)
        target = "/signsessiondata" + (f"?access_token={address}" if address else "")
        presented = BON() if der is None else der or None
        return self.call(API, target, headers=headers, body=json.dumps(body).encode(), der=presented)

    def proxy(
        self, method: str, target: str, body: Mapping[str, Any] | None = None, cookie: str = "", der: bytes | None = None
    ) -> Exchange:
        """A call of the example proxy."""
        headers = (JSON, ("Host", "localhost:8443"), *((("Cookie", f"a=b; proxy_session_id={cookie}"),) if cookie else ()))
        data = json.dumps(body).encode() if body is not None else b""
        return self.call(PROXY, target, method=method, headers=headers, body=data, der=der)

    def connect(self, cookie: str = "", **changes: Any) -> Exchange:
        """A connection to the example proxy."""
        asked = {"nationalId": ID_NAT, "bindingMessage": "07", "clientId": "dui-temoin", "channel": "MOBILE"}
        return self.proxy("POST", "/connect", asked | changes, cookie)

    def send(self, cookie: str, endpoint: str = "/signsessiondata", backend: str = "api-essai", **changes: Any) -> Exchange:
        """A call through the example proxy."""
        body = {"nationalId": ID_NAT, "clientID": "dui-temoin", "proxy_session_id": cookie, "session_state": "e"}
        return self.proxy("POST", f"/send/{backend}{endpoint}", body | changes, cookie)


def play(*, strict: bool = False) -> Play:
    """Fresh services; the nurse logs in."""
    provider = samples_psc.play()
    client = Psc(client_secret="secret-de-test")
    edc = EspaceDeConfiance(Edc(), client, "1990000010", psc=provider.psc, seed=7, strict=strict)
    edc.configure({AS: "https://localhost:2001", API: "https://localhost:2002", PROXY: "https://localhost:2003"})
    return Play(provider, edc)
