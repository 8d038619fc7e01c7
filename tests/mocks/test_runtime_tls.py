"""The service runtime: protocol versions, and the certificate that is presented."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Body, Reply
from dui_conformance.mocks.pki import Pki
from samples.runtime import Play, playing

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def play(pki: Pki) -> Iterator[Play]:
    with playing(pki) as found:
        yield found


class TestProtocolVersions:
    def test_old_suites_are_refused_and_listed(self, play: Play) -> None:
        context = play.context(play.pki.client("auth_cli"))
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AES128-SHA:AES256-SHA")
        with pytest.raises(ssl.SSLError), play.socket("echo-exige", context):
            pytest.fail("négocié")
        connection = play.recorder.refusal().connection
        assert connection.error == "NO_SHARED_CIPHER"
        assert connection.offered_ciphers[:2] == ("AES128-SHA", "AES256-SHA")

    def test_dhe_suites_have_their_parameters(self, play: Play) -> None:
        context = play.context(play.pki.client("auth_cli"))
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("DHE-RSA-AES256-GCM-SHA384")
        with play.socket("echo-dhe", context) as sock:
            assert sock.cipher()[0] == "DHE-RSA-AES256-GCM-SHA384"

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
    def test_tls_1_1_is_refused_and_listed(self, play: Play) -> None:
        context = play.context()
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)), play.socket("echo", context):
            pytest.fail("négocié")
        connection = play.recorder.refusal().connection
        assert connection.error == "UNSUPPORTED_PROTOCOL"
        assert connection.offered_versions == ("TLSv1.1",)

    def test_plain_http_on_a_tls_port_is_recorded(self, play: Play) -> None:
        with socket.create_connection(("127.0.0.1", play.runtime.port("echo")), timeout=10) as sock:
            sock.sendall(GET)
            sock.recv(1000)
        assert play.recorder.refusal().connection.error == "HTTP_REQUEST"

    def test_client_that_leaves_during_the_handshake_is_recorded(self, play: Play) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = play.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
        with pytest.raises(ssl.SSLWantReadError):
            client.do_handshake()
        with socket.create_connection(("127.0.0.1", play.runtime.port("echo")), timeout=10) as sock:
            sock.sendall(outgoing.read())
            assert sock.recv(1)
        connection = play.recorder.refusal().connection
        assert not connection.established
        assert connection.error == "ConnectionResetError"
        assert connection.server_name == "localhost"

    def test_port_probe_without_a_byte_is_not_recorded(self, play: Play) -> None:
        socket.create_connection(("127.0.0.1", play.runtime.port("echo")), timeout=10).close()
        play.session().get(play.url())
        play.recorder.delivery()
        play.runtime.stop()
        assert [s.kind for s in play.recorder.seen] == ["echo.appel"]


class TestPresentedCertificate:
    def test_faulty_certificate_replaces_the_listener_and_bon_restores_it(self, play: Play) -> None:
        session = play.session()
        assert session.get(play.url()).status_code == 200
        port = play.runtime.port("echo")
        play.runtime.present("echo", "expire")
        with pytest.raises(requests.exceptions.SSLError, match="expired"):
            session.get(play.url())
        refused = play.recorder.refusal().connection
        assert (refused.server_certificate, refused.alert, refused.application_bytes) == ("expire", "certificate_expired", 0)
        play.runtime.present("echo", "bon")
        assert session.get(play.url()).status_code == 200
        assert play.runtime.port("echo") == port
        assert play.runtime.presented("echo") == "bon"

    @pytest.mark.parametrize(
        ("defaut", "reason"),
        [
            ("pas-encore-valide", "not yet valid"),
            ("autre-ac", "self-signed"),
            ("mauvais-hote", "Hostname mismatch"),
            ("mauvais-usage", "purpose"),
        ],
    )
    def test_python_refuses_each_defect(self, play: Play, defaut: str, reason: str) -> None:
        play.runtime.present("echo", defaut)
        with pytest.raises(requests.exceptions.SSLError, match=reason):
            play.session().get(play.url())
        assert play.recorder.refusal().connection.application_bytes == 0

    @pytest.mark.parametrize(
        ("name", "version", "suites"),
        [
            ("tls-1-1", "TLSv1.1", "ALL:@SECLEVEL=0"),
            ("suite-faible", "TLSv1.2", "ALL:@SECLEVEL=0"),
            ("suite-sans-chiffrement", "TLSv1.2", "ALL:eNULL:@SECLEVEL=0"),
        ],
    )
    def test_downgrade_is_accepted_by_a_lax_client_alone(self, play: Play, name: str, version: str, suites: str) -> None:
        play.runtime.present("echo", name)
        with pytest.raises(requests.exceptions.ConnectionError):
            play.session().get(play.url())
        refused = play.recorder.refusal().connection
        assert (refused.server_certificate, refused.application_bytes) == (name, 0)
        lax = play.context()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            lax.minimum_version = ssl.TLSVersion.TLSv1
        lax.set_ciphers(suites)
        with play.socket("echo", lax) as sock:
            assert sock.version() == version
            sock.sendall(GET)
            assert sock.recv(100).startswith(b"HTTP/1.1 200")
        play.runtime.present("echo", "bon")
        assert play.session().get(play.url()).status_code == 200

    def test_client_with_the_crl_refuses_a_revoked_server(self, play: Play) -> None:
        context = play.context()
        context.load_verify_locations(play.pki.crl)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF
        with play.socket("echo", context) as sock:
            assert sock.version() == "TLSv1.3"
        play.runtime.present("echo", "revoque")
        with pytest.raises(ssl.SSLCertVerificationError, match="revoked"), play.socket("echo", context):
            pytest.fail("accepté")

    def test_resumed_session_does_not_survive_the_replacement(self, play: Play) -> None:
        context = play.context()
        with play.socket("echo", context) as sock:
            sock.sendall(GET)
            sock.recv(10_000)
            session = sock.session
        assert resumes(play, context, session)
        play.runtime.present("echo", "expire")
        with pytest.raises(ssl.SSLCertVerificationError):
            resumes(play, context, session)

    def test_idle_connection_is_closed_and_one_at_work_ends_its_reply(self, play: Play) -> None:
        entered, leave = threading.Event(), threading.Event()

        def slow(request: object) -> Reply:
            entered.set()
            leave.wait(10)
            return Reply(200, (), Body(b"fini"))

        play.service.answers["/"] = slow
        with ThreadPoolExecutor(2) as pool, play.socket() as idle:
            at_work = pool.submit(play.session().get, play.url())
            assert entered.wait(10)
            presenting = pool.submit(play.runtime.present, "echo", "expire")
            assert idle.recv(1) == b""
            leave.set()
            presenting.result(10)
            assert at_work.result(10).text == "fini"

    def test_unknown_listener_and_certificate_are_our_errors(self, play: Play) -> None:
        with pytest.raises(HarnessError, match="aucun port"):
            play.runtime.present("rien", "expire")
        with pytest.raises(HarnessError, match="inconnu"):
            play.runtime.present("echo", "carre")
        assert play.session().get(play.url()).status_code == 200


def resumes(play: Play, context: ssl.SSLContext, session: ssl.SSLSession | None) -> bool:
    with (
        socket.create_connection(("127.0.0.1", play.runtime.port("echo")), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname="localhost", session=session) as sock,
    ):
        return bool(sock.session_reused)
