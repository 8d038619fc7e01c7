"""The token endpoint of the simulated Pro Santé Connect: requests a second, signatures in RS256. ``python benchmarks/jetons.py``

Each answer carries two RS256 signatures (access and ID tokens; the refresh token is sealed by HMAC, as Keycloak does), so the
bare signing rate of this machine divided by two is what no implementation can pass on one core. Aim: 300 a second on 2 cores.
The service alone first, then over TLS with every exchange written in a journal, by clients that keep their connection.
"""

from __future__ import annotations

import http.client
import os
import platform
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from dui_conformance.core.clock import Clock
from dui_conformance.core.exchange import Body, Connection, Request
from dui_conformance.core.journal import Journal
from dui_conformance.core.recorder import LiveRecorder
from dui_conformance.core.settings import Psc
from dui_conformance.mocks.pki import Pki
from dui_conformance.mocks.psc import ProSanteConnect
from dui_conformance.mocks.psc.messages import ISSUER, OIDC, WALLET
from dui_conformance.mocks.runtime import Runtime

RUNS = 5
CALLS = 600
CLIENTS = 4
SIGNATURES = 2
SECRET = "secret-de-mesure"
TOKEN = f"{OIDC}/token"
HEADERS = (
    ("Content-Type", "application/x-www-form-urlencoded"),
    ("Authorization", "Basic " + b64encode(f"dui-temoin:{SECRET}".encode()).decode()),
)
DEMAND = {
    "response_type": "code",
    "client_id": "dui-temoin",
    "redirect_uri": "https://localhost/psc/retour",
    "scope": "openid scope_all",
    "acr_values": "eidas1",
    "state": "s" * 43,
    "nonce": "n" * 64,
}


def made() -> ProSanteConnect:
    """The service, a persona chosen."""
    psc = ProSanteConnect(Psc(client_secret=SECRET), seed=1)
    psc.command("persona", {"id": "infirmiere-ehpad"})
    return psc


def form(psc: ProSanteConnect) -> bytes:
    """The form of a token call, its code just given."""
    asked = Request("GET", "/auth?" + urlencode(DEMAND), (), Body(), Connection())
    location = psc.handle(WALLET, asked, datetime.now(UTC)).header("Location")
    code = parse_qs(urlsplit(location).query)["code"][0]
    return urlencode({"grant_type": "authorization_code", "code": code, "redirect_uri": DEMAND["redirect_uri"]}).encode()


def rate(call: Callable[[], object], count: int) -> float:
    """Calls a second."""
    begin = time.perf_counter()
    for _ in range(count):
        call()
    return count / (time.perf_counter() - begin)


def bare() -> float:
    """RS256 signatures a second by one core of this machine, by OpenSSL and nothing else."""
    key = rsa.generate_private_key(65537, 2048)
    return rate(lambda: key.sign(b"x" * 600, padding.PKCS1v15(), hashes.SHA256()), CALLS)


def alone() -> float:
    """Token answers a second, without TLS nor journal."""
    psc = made()
    forms = iter([form(psc) for _ in range(CALLS)])

    def call() -> None:
        reply = psc.handle(ISSUER, Request("POST", TOKEN, HEADERS, Body(next(forms)), Connection()), datetime.now(UTC))
        assert reply.status == 200

    return rate(call, CALLS)


def over_tls(folder: Path, pki: Pki) -> float:
    """Token answers a second received by ``CLIENTS`` other processes over TLS, everything recorded."""
    clock = Clock()
    journal = Journal.create(folder, clock, {"outil": "mesure"})
    psc = made()
    runtime = Runtime(LiveRecorder(journal, clock, lambda request: None), clock, pki)
    runtime.start([psc])
    try:
        psc.configure({name: runtime.url(name) for name in (ISSUER, WALLET)})
        share = CALLS // CLIENTS
        clients = []
        for _ in range(CLIENTS):
            process = subprocess.Popen(
                [sys.executable, __file__, "client", str(runtime.port(ISSUER)), str(pki.ac)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            assert process.stdin is not None
            process.stdin.write(b"".join(form(psc) + b"\n" for _ in range(share)))
            clients.append(process)
        for process in clients:
            assert process.stdout is not None
            process.stdin.close()  # type: ignore[union-attr]
            assert process.stdout.readline() == b"pret\n"
        begin = time.perf_counter()
        for process in clients:
            process.send_signal(10)
        codes = [process.wait(120) for process in clients]
        spent = time.perf_counter() - begin
        assert codes == [0] * CLIENTS
        assert not runtime.failures
        return share * CLIENTS / spent
    finally:
        runtime.stop()
        journal.close()


def client(port: int, ac: str) -> None:
    """One client: reads its forms, connects, waits for the signal, then calls as fast as it can on one connection."""
    import signal

    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    forms = sys.stdin.buffer.read().splitlines()
    connection = http.client.HTTPSConnection("localhost", port, context=ssl.create_default_context(cafile=ac), timeout=60)
    connection.connect()
    sys.stdout.write("pret\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGUSR1})
    for body in forms:
        connection.request("POST", TOKEN, body, dict(HEADERS))
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise SystemExit(f"réponse {answer.status}")
    connection.close()


def main() -> None:
    """Print the medians and the ratios to the bare signing rate."""
    with tempfile.TemporaryDirectory() as name:
        pki = Pki.create(Path(name) / "pki")
        rows = [(bare(), alone(), over_tls(Path(name) / f"c{n}", pki)) for n in range(RUNS)]
    signing, service, tls = (statistics.median(values) for values in zip(*rows, strict=True))
    most = signing / SIGNATURES
    print(f"machine : {platform.machine()}, {os.cpu_count()} cœurs, Python {platform.python_version()}")
    print(f"signature RS256 nue : {signing:.0f} par seconde et par cœur ; au plus {most:.0f} réponses de {SIGNATURES} signatures")
    print(f"adresse des jetons, service seul : {service:.0f} réponses par seconde ({service / most:.0%} de ce plus)")
    print(f"adresse des jetons, TLS et journal compris : {tls:.0f} réponses par seconde ({tls / most:.0%} de ce plus)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["client"]:
        client(int(sys.argv[2]), sys.argv[3])
    else:
        main()
