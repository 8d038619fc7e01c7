"""A correct client of the simulated Pro Santé Connect, in process: plays the calls and keeps the exchanges."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from dui_conformance.core.exchange import Body, Connection, Exchange, Reply, Request, Times
from dui_conformance.core.settings import Psc, StructureDeTest
from dui_conformance.mocks.psc import ProSanteConnect
from dui_conformance.mocks.psc.app import client_dn
from dui_conformance.mocks.psc.messages import ISSUER, WALLET

START = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
OIDC = "/auth/realms/esante-wallet/protocol/openid-connect"
RETOUR = "https://localhost/psc/retour"
FIN = "https://localhost/psc/fin"
STATE = "0123456789abcdef0123456789abcdef"
NONCE = "fedcba9876543210fedcba9876543210"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
DEMAND = {
    "response_type": "code",
    "client_id": "dui-temoin",
    "redirect_uri": RETOUR,
    "scope": "openid scope_all",
    "acr_values": "eidas1",
    "state": STATE,
    "nonce": NONCE,
}


@dataclass
class Play:
    """The service, the time, and all that was exchanged."""

    psc: ProSanteConnect
    now: datetime = START
    exchanges: list[Exchange] = field(default_factory=list)

    def call(
        self,
        path: str,
        *,
        listener: str = ISSUER,
        query: dict[str, str] | None = None,
        form: dict[str, str] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        method: str = "",
        client_der: bytes | None = None,
    ) -> Exchange:
        target = path + ("?" + urlencode(query) if query else "")
        body = urlencode(form).encode() if form is not None else b""
        if form is not None:
            headers = (*headers, ("Content-Type", "application/x-www-form-urlencoded"))
        connection = Connection(client_der=client_der)
        request = Request(method or ("POST" if form is not None else "GET"), target, headers, Body(body), connection)
        kind = self.psc.describe(listener, request).kind
        reply = self.psc.handle(listener, request, self.now)
        times = Times(self.now, self.now, len(self.exchanges))
        name = f"E{len(self.exchanges) + 1:06d}"
        made = Exchange(name, "psc", kind, request, reply, connection, times, facts=reply.facts)
        self.exchanges.append(made)
        return made

    def authorize(self, **changes: str | None) -> Exchange:
        asked = {name: value for name, value in (DEMAND | changes).items() if value is not None}
        return self.call("/auth", listener=WALLET, query=asked)

    def token(self, code: str, **changes: Any) -> Exchange:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": RETOUR} | changes
        return self.call(f"{OIDC}/token", form=form, headers=(basic(),))

    def refresh(self, refresh_token: str) -> Exchange:
        return self.call(
            f"{OIDC}/token", form={"grant_type": "refresh_token", "refresh_token": refresh_token}, headers=(basic(),)
        )

    def userinfo(self, access: str) -> Exchange:
        return self.call(f"{OIDC}/userinfo", headers=(("Authorization", f"Bearer {access}"),))

    def ciba(self, **changes: str | None) -> Exchange:
        asked = {
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "binding_message": "42",
            "login_hint": "899700000001",
            "channel": "MOBILE",
        }
        form = {name: value for name, value in (asked | changes).items() if value is not None}
        return self.call(f"{OIDC}/ext/ciba/auth", form=form, headers=(basic(),))

    def poll(self, number: str) -> Exchange:
        form = {"grant_type": "urn:openid:params:grant-type:ciba", "auth_req_id": number}
        return self.call(f"{OIDC}/token", form=form, headers=(basic(),))

    def introspect(self, token: str) -> dict[str, Any]:
        return answer(self.call(f"{OIDC}/token/introspect", form={"token": token}, headers=(basic(),)))

    def logout(self, **query: str) -> Exchange:
        return self.call(f"{OIDC}/logout", query=query)

    def login(self, **changes: str | None) -> dict[str, Any]:
        """Authorization then code: the token answer."""
        return answer(self.token(back(self.authorize(**changes))["code"]))

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)


def play(persona: str = "infirmiere-ehpad", *, strict: bool = False) -> Play:
    """A fresh service with a persona ordered."""
    psc = ProSanteConnect(Psc(client_secret="secret-de-test"), seed=7, strict=strict)
    psc.configure({ISSUER: "https://localhost:1001", WALLET: "https://localhost:1002"})
    psc.command("persona", {"id": persona})
    return Play(psc)


@cache
def certificate(structure: StructureDeTest = StructureDeTest()) -> bytes:  # noqa: B008 - a frozen value
    """A certificate (DER) with the subject registered for a structure's client; in process nobody verifies who made it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name.from_rfc4514_string(client_dn(structure))
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(START).not_valid_after(START + timedelta(days=1))
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def basic(secret: str = "secret-de-test") -> tuple[str, str]:
    return "Authorization", "Basic " + base64.b64encode(f"dui-temoin:{secret}".encode()).decode()


def reply_of(exchange: Exchange) -> Reply:
    assert exchange.reply is not None
    return exchange.reply


def answer(exchange: Exchange) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(reply_of(exchange).body.read())
    return value


def back(exchange: Exchange) -> dict[str, str]:
    """The parameters with which the browser returns."""
    return {name: values[0] for name, values in parse_qs(urlsplit(reply_of(exchange).header("Location")).query).items()}
