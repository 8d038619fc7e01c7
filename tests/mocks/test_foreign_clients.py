"""« The client refused an expired certificate », proved with clients that are not ours.

The control passes on the same listener with the good certificate; then only the certificate changes; then not one
application byte may come. A client that says nothing (no alert) is as well proved as one that does.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from dui_conformance.mocks.pki import Pki
from samples.runtime import Play, playing

pytestmark = pytest.mark.client_etranger

CLIENTS = Path(__file__).parent / "clients"
COMMANDS = {
    "python": (sys.executable, "client.py", "python3"),
    "curl": ("bash", "client.sh", "curl"),
    "java": ("java", "Client.java", "default-jdk-headless"),
    "node": ("node", "client.js", "nodejs"),
}
DEFECTS = ("expire", "pas-encore-valide", "autre-ac", "mauvais-hote")


class Client:
    """A client process: one call for each :meth:`call`."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def call(self) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("GET\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()


@contextmanager
def client(name: str, play: Play, listener: str = "echo") -> Iterator[Client]:
    program, script, package = COMMANDS[name]
    missing = [tool for tool in ({"curl"} if name == "curl" else set()) | {program} if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} est absent (paquet {package})")
    environment = {k: v for k, v in os.environ.items() if not k.endswith(("CA_BUNDLE", "CERT_FILE", "CERT_DIR", "CA_CERTS"))}
    command: Sequence[str] = [program, str(CLIENTS / script), play.url(listener), str(play.pki.ac)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield Client(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(30)


@pytest.mark.parametrize("name", COMMANDS)
def test_client_refuses_every_bad_certificate_without_a_byte(pki: Pki, name: str) -> None:
    with playing(pki) as play, client(name, play) as calling:
        assert calling.call().startswith("200")
        for defaut in DEFECTS:
            play.runtime.present("echo", defaut)
            assert not calling.call().startswith("200")
            refused = play.recorder.wait(lambda s, d=defaut: s.connection.server_certificate == d)
            assert refused.request is None
            assert refused.connection.application_bytes == 0
            play.runtime.present("echo", "bon")
            assert calling.call().startswith("200")
        bad = [s for s in play.recorder.seen if s.connection.server_certificate != "bon"]
        assert [s.connection.server_certificate for s in bad if s.request is None] == list(DEFECTS)
        assert all(s.request is None and s.connection.application_bytes == 0 for s in bad)


def test_client_that_resumes_tls_sessions_sees_the_new_certificate(pki: Pki) -> None:
    with playing(pki) as play, client("node", play) as calling:
        assert calling.call() == "200"
        assert calling.call() == "200 resumed"
        assert play.recorder.wait(lambda s: s.connection.resumed).request is not None
        play.runtime.present("echo", "expire")
        assert calling.call() == "CERT_HAS_EXPIRED"
        refused = play.recorder.wait(lambda s: s.connection.server_certificate == "expire")
        assert not refused.connection.resumed
        assert refused.connection.application_bytes == 0


def test_connection_presented_to_a_certificate_refuser_tells_its_alert_when_there_is_one(pki: Pki) -> None:
    alerts = {}
    for name in COMMANDS:
        with playing(pki) as play, client(name, play) as calling:
            assert calling.call().startswith("200")
            play.runtime.present("echo", "expire")
            calling.call()
            alerts[name] = play.recorder.wait(lambda s: s.connection.server_certificate == "expire").connection.alert
    assert alerts["python"] == "certificate_expired"
    assert set(alerts.values()) <= {"certificate_expired", "certificate_unknown", "unknown_ca", "bad_certificate", ""}
