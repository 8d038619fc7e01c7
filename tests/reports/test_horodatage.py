"""RFC 3161 timestamps of a seal, given by OpenSSL on loopback."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from dui_conformance.core.errors import InputError
from dui_conformance.reports.sceau.cle import local_sealer
from dui_conformance.reports.sceau.horodatage import ask, read
from dui_conformance.reports.sceau.scelle import seal
from dui_conformance.reports.sceau.verification import verify
from samples.scelle import played

pytest.importorskip("rfc3161_client", reason="extra « signature » absent")

CONFIG = """
[tsa]
default_tsa = tsa1
[tsa1]
serial = {folder}/numero
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.cle
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
"""


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a timestamping authority; anywhere but at its path it answers 404."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl absent (paquet openssl)")
    folder = tmp_path_factory.mktemp("tsa")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder.as_posix()))
    (folder / "numero").write_text("01")
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=TSA DE TEST"]
    usage = ["-addext", "extendedKeyUsage=critical,timeStamping"]
    files = ["-keyout", str(folder / "tsa.cle"), "-out", str(folder / "tsa.pem")]
    subprocess.run([*make, *usage, *files], check=True, capture_output=True, timeout=60)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "demande.tsq").write_bytes(query)
            command = ["openssl", "ts", "-reply", "-config", str(folder / "tsa.cnf"), "-queryfile", str(folder / "demande.tsq")]
            answer = subprocess.run([*command, "-out", "-"], capture_output=True, timeout=30, check=False).stdout
            known = self.path == "/tsa"
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(answer if known else b"")

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/tsa"
    server.shutdown()
    server.server_close()


def test_a_seal_is_timestamped_and_the_token_is_of_its_signature(authority: str, tmp_path: Path) -> None:
    sealer = local_sealer(tmp_path / "cle.pem")
    made = seal(played(tmp_path), sealer, timestamp=lambda signature: ask(authority, signature))
    found = verify(made.path)
    assert found.intact
    assert found.signer is not None
    stamp = read(found.signer.horodatage, found.signer.signature)
    assert stamp.de_cette_signature
    assert not read(found.signer.horodatage, b"une autre signature").de_cette_signature


def test_an_authority_that_does_not_answer_is_said(authority: str) -> None:
    with pytest.raises(InputError, match="n'a pas donné d'horodatage"):
        ask(authority.replace("/tsa", "/ailleurs"), b"signature")


def test_a_token_that_is_none_is_said() -> None:
    with pytest.raises(InputError, match="illisible"):
        read(b"pas un jeton", b"signature")
