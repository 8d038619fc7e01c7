"""Whatever bytes arrive, a parser answers or raises what it documents, a service replies, and a profile gives verdicts.

Ten seconds a parser in CI; ``-m long``: 100,000 inputs each. The seed is printed with a failing input.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from dui_conformance.checks.registry import all_profiles, run_profile
from dui_conformance.core.errors import DuiConformanceError, InputError, RealDataError
from dui_conformance.core.exchange import Body, Connection, Request
from dui_conformance.core.profile import best_for
from dui_conformance.core.real_data import guard
from dui_conformance.core.settings import Settings, parse_settings
from dui_conformance.fixtures.test_persons import is_test_person
from dui_conformance.mocks.dmp.app import Dmp
from dui_conformance.mocks.psc.app import ProSanteConnect
from dui_conformance.mocks.runtime.hello import parse_client_hello
from dui_conformance.validation.document import Document
from dui_conformance.validation.mtom import MtomError, split
from dui_conformance.validation.soap import SoapError, parse_soap
from dui_conformance.validation.xml import XmlError, parse
from samples import dmp, insi, psc
from samples.abime import spoilt
from samples.vihf import signed

DAY = date(2026, 11, 20)
NOW = datetime(2026, 4, 1, 8, 0, tzinfo=UTC)
SECONDS = 10.0
LONG = 100_000
GREEN_CDA = (Path(__file__).parents[1] / "data" / "cda" / "note_vaccination.xml").read_bytes()
TOKENS = (
    b"<", b">", b"&", b'"', b"'", b"\x00", b"\xff", b"]]>", b"<!DOCTYPE x>", b"<!--", b"--", b"\r\n", b"\n\n", b"cid:", b"%zz",
    b"^^^", b"=", b"{", b"}", b"\xef\xbb\xbf", b"xmlns", b"9" * 40, b"-1", b"0", b"\xc3", b"2026-13-45", b"1.2.250.1.213.1.4.10",
)  # fmt: skip

Target = Callable[[bytes], None]


def xml(data: bytes) -> None:
    """The hardened parser."""
    try:
        parse(data)
    except XmlError:
        return


def toml(data: bytes) -> None:
    """dui.toml."""
    try:
        parse_settings(data.decode("utf-8", errors="replace"))
    except InputError:
        return


def multipart(data: bytes) -> None:
    """A multipart body, its Content-Type fuzzed with it."""
    head, _, body = data.partition(b"\n")
    try:
        split(body, head.decode("latin-1"))
    except MtomError:
        return


def soap(data: bytes) -> None:
    """A SOAP message, MTOM or not."""
    head, _, body = data.partition(b"\n")
    try:
        parse_soap(dmp.post("/repository", body, head.decode("latin-1")))
    except SoapError:
        return


def deposit(data: bytes) -> None:
    """The DMP: always a reply; its profile: always verdicts."""
    head, _, body = data.partition(b"\n")
    request = dmp.post("/repository", body, head.decode("latin-1"))
    reply = service_dmp().handle("dmp", request, NOW)
    assert 200 <= reply.status < 600
    judged(dmp.exchange(request), service_dmp().describe("dmp", request).kind)


def search(data: bytes) -> None:
    """INSi: always a reply; its profile: always verdicts."""
    request = insi.request(data, certificate=der())
    service = service_insi()
    reply = service.handle("insi", request, NOW)
    assert 200 <= reply.status < 600
    judged(insi.exchange("", reply) if not data else dmp.exchange(request), service.describe("insi", request).kind)


def oidc(data: bytes) -> None:
    """Pro Santé Connect: target, header and form fuzzed; always a reply."""
    lines = (data.decode("latin-1").split("\n") + [""] * 4)[:4]
    for listener in ("psc", "psc-portefeuille"):
        headers = (("Authorization", lines[2]), ("Content-Type", "application/x-www-form-urlencoded"), ("Cookie", lines[2]))
        request = Request(lines[0].strip() or "GET", lines[1], headers, Body(lines[3].encode()), Connection())
        service = service_psc()
        service.describe(listener, request)
        assert 200 <= service.handle(listener, request, NOW).status < 600


def document(data: bytes) -> None:
    """A CDA document under its profile."""
    subject = Document(data, "fuzz.xml")
    found = run_profile(all_profiles()["VAC-NOTE"], [subject], context=(Settings(),), day=DAY)
    assert found


def hello(data: bytes) -> None:
    """The first bytes of a TLS connection."""
    parse_client_hello(data)


def privacy(data: bytes) -> None:
    """The guard reads anything."""
    try:
        guard(is_test_person)(Request("POST", "/", (), Body(data), Connection()))
    except RealDataError:
        return


def judged(exchange: object, kind: str) -> None:
    """Every rule of the kind's profile gives a verdict."""
    profile = best_for(kind, tuple(all_profiles().values()), DAY)
    if profile is not None:
        run_profile(profile, [exchange], context=(Settings(),), day=DAY)


@cache
def service_dmp() -> Dmp:
    made = Dmp()
    made.admit(dmp.USAGER)
    return made


@cache
def service_insi() -> object:
    return insi.service()


@cache
def service_psc() -> ProSanteConnect:
    return psc.play().psc


@cache
def der() -> bytes:
    return insi.client_der()


def _mtom() -> bytes:
    kind, raw = dmp.Deposit(content=GREEN_CDA).mtom()
    return kind.encode() + b"\n" + raw


@cache
def corpus() -> dict[str, tuple[Target, list[bytes]]]:
    """Each parser with the good inputs that it is fuzzed from."""
    call = dmp.envelope("urn:hl7-org:v3:PRPA_IN201307UV02", dmp.existence_body(), vihf=signed()).encode()
    oidc_calls = [
        f"GET\n/auth?{'&'.join(f'{k}={v}' for k, v in psc.DEMAND.items())}\n\n".encode(),
        f"POST\n{psc.OIDC}/token\n{psc.basic()[1]}\ngrant_type=authorization_code&code=x&redirect_uri={psc.RETOUR}".encode(),
        f"GET\n{psc.OIDC}/userinfo\nBearer abc.def.ghi\n".encode(),
        f"GET\n{psc.OIDC}/logout?id_token_hint=a.b.c&post_logout_redirect_uri={psc.FIN}\n\n".encode(),
    ]
    record = (
        bytes.fromhex("16030100430100003f0303")
        + bytes(32)
        + bytes.fromhex("00000613011302c02f0100001000170000000000000b0009000006612e74657374")
    )
    return {
        "xml": (xml, [GREEN_CDA, call]),
        "toml": (toml, [b'secteurs = ["PA"]\n[produit]\nnom = "x"\n[services.ports]\npsc = 8443\n[delais]\ngeste = 1.5\n']),
        "mtom": (multipart, [_mtom()]),
        "soap": (soap, [_mtom(), b"application/soap+xml\n" + call]),
        "dmp": (deposit, [_mtom()]),
        "insi": (search, [insi.envelope(insi.traits()).encode(), insi.envelope(insi.verification()).encode()]),
        "psc": (oidc, oidc_calls),
        "cda": (document, [GREEN_CDA]),
        "client-hello": (hello, [record]),
        "donnees-reelles": (privacy, [GREEN_CDA, call]),
    }


@dataclass(frozen=True)
class Budget:
    """When to stop."""

    seconds: float = SECONDS
    inputs: int = LONG

    def fuzz(self, name: str, seed: int) -> int:
        """Number of inputs tried."""
        target, seeds = corpus()[name]
        draw, deadline, tried = random.Random(seed), time.monotonic() + self.seconds, 0
        while tried < self.inputs and time.monotonic() < deadline:
            data = spoilt(draw.choice(seeds), draw, TOKENS)
            tried += 1
            try:
                target(data)
            except (
                DuiConformanceError,
                ArithmeticError,
                LookupError,
                TypeError,
                ValueError,
                AttributeError,
                RecursionError,
            ) as error:
                pytest.fail(f"{name}, graine {seed}, essai {tried} : {type(error).__name__} {error}\n{data[:2000]!r}")
        return tried


@pytest.mark.parametrize("name", sorted(corpus()))
def test_a_good_input_passes_its_parser(name: str) -> None:
    target, seeds = corpus()[name]
    for data in seeds:
        target(data)


@pytest.mark.parametrize("name", sorted(corpus()))
def test_no_input_breaks_a_parser(name: str) -> None:
    assert Budget().fuzz(name, seed=2026) > 20


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", sorted(corpus()))
def test_no_input_of_100000_breaks_a_parser(name: str) -> None:
    assert Budget(seconds=3000.0).fuzz(name, seed=7) == LONG


def test_the_fuzzer_does_change_its_input() -> None:
    draw = random.Random(1)
    assert sum(spoilt(GREEN_CDA, draw, TOKENS) != GREEN_CDA for _ in range(50)) > 45
    assert re.search(rb"ClinicalDocument", GREEN_CDA)
