"""The service runtime: what is recorded, what TLS says of clients, how replies leave, what bad input gets."""

from __future__ import annotations

import http.client
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from dui_conformance.core.errors import HarnessError, InputError, RealDataError
from dui_conformance.core.exchange import Body, Delivery, Reply
from dui_conformance.mocks.pki import Pki
from samples.runtime import Play, playing, read_all

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def play(pki: Pki) -> Iterator[Play]:
    with playing(pki) as found:
        yield found


def reply_with(play: Play, delivery: Delivery, body: bytes = b"0123456789" * 100) -> None:
    play.service.answers["/"] = lambda request: Reply(200, (("Content-Type", "text/plain"),), Body(body), delivery)


class TestRecording:
    def test_exchange_is_recorded_before_and_after_the_service(self, play: Play) -> None:
        answer = play.session().post(play.url(path="/a?b=c%20d"), data=b"xyz", headers={"X-Casse-Mixte": "été".encode()})
        seen = play.recorder.delivery()
        assert answer.text == "recu 3"
        assert seen.order == ["received", "answered", "delivered"]
        assert seen.outcome == "envoye"
        assert seen.request.target == "/a?b=c%20d"
        assert ("X-Casse-Mixte", "été") in seen.request.headers
        assert seen.request.body.read() == b"xyz"

    def test_head_is_kept_byte_for_byte(self, play: Play) -> None:
        head = b"POST /x HTTP/1.1\r\nhOsT:localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
        second = b"GET /y HTTP/1.1\r\nHost:  localhost\r\nConnection: close\r\n\r\n"
        with play.socket() as sock:
            sock.sendall(head + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n" + second)
            assert read_all(sock).count(b"200 OK") == 2
        first = play.recorder.wait(lambda s: s.request and s.request.path == "/x")
        last = play.recorder.wait(lambda s: s.request and s.request.path == "/y")
        assert first.request.raw.read() == head
        assert first.request.body.read() == b"abcde"
        assert last.request.raw.read() == second

    def test_connection_says_what_was_negotiated_and_offered(self, play: Play) -> None:
        play.session().get(play.url())
        connection = play.recorder.delivery().connection
        assert connection.exercised
        assert connection.established
        assert connection.version == "TLSv1.3"
        assert connection.server_name == "localhost"
        assert "TLSv1.2" in connection.offered_versions
        assert connection.cipher in connection.offered_ciphers
        assert connection.server_certificate == "bon"
        assert connection.client_der is None
        assert connection.application_bytes > 0

    def test_expect_continue_gets_its_answer(self, play: Play) -> None:
        with play.socket() as sock:
            sock.sendall(
                b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n"
            )
            assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
            sock.sendall(b"abcd")
            assert read_all(sock).endswith(b"recu 4")

    def test_large_body_is_spooled_then_deleted(self, play: Play) -> None:
        assert play.session().post(play.url(), data=b"x" * 3_000_000).text == "recu 3000000"
        seen = play.recorder.delivery()
        assert seen.request.memo["corps"] == b"x" * 3_000_000
        assert seen.request.body.path is not None
        assert not seen.request.body.path.exists()

    def test_service_error_is_ours_not_the_clients(self, play: Play) -> None:
        def broken(request: object) -> Reply:
            raise HarnessError("état impossible")

        play.service.answers["/"] = broken
        answer = play.session().get(play.url())
        assert answer.status_code == 500
        assert [str(f) for f in play.runtime.failures] == ["état impossible"]
        assert play.recorder.seen[0].reply is None

    def test_real_data_stops_without_storing(self, play: Play) -> None:
        play.recorder.real_data = True
        assert play.session().get(play.url()).status_code == 500
        assert isinstance(play.runtime.failures[0], RealDataError)
        assert play.recorder.seen == []


class TestClientCertificates:
    def test_certificate_and_chain_are_given(self, play: Play) -> None:
        credential = play.pki.client("auth_cli")
        play.session(credential).get(play.url("echo-exige"))
        connection = play.recorder.delivery().connection
        assert connection.client_der == ssl.PEM_cert_to_DER_cert(first_pem(credential.certificate))
        assert connection.client_chain_der[0] == connection.client_der
        assert len(connection.client_chain_der) >= 2
        assert connection.version == "TLSv1.2"

    @pytest.mark.parametrize("listener", ["echo-exige", "echo-optionnel"])
    @pytest.mark.parametrize(
        ("defaut", "detail"),
        [
            ("expire", "certificate has expired"),
            ("pas-encore-valide", "certificate is not yet valid"),
            ("revoque", "certificate revoked"),
            ("autre-ac", "self-signed certificate in certificate chain"),
            ("mauvais-usage", "unsuitable certificate purpose"),
        ],
    )
    def test_faulty_certificate_fails_the_handshake_with_its_reason(
        self, play: Play, listener: str, defaut: str, detail: str
    ) -> None:
        with pytest.raises(requests.ConnectionError, match="alert"):
            play.session(play.pki.client("auth_cli", defaut)).get(play.url(listener))
        connection = play.recorder.refusal().connection
        assert not connection.established
        assert (connection.error, connection.detail) == ("CERTIFICATE_VERIFY_FAILED", detail)
        assert connection.application_bytes == 0

    def test_missing_certificate_is_a_policy_of_the_listener(self, play: Play) -> None:
        assert play.session().get(play.url("echo-optionnel")).status_code == 200
        with pytest.raises(requests.ConnectionError):
            play.session().get(play.url("echo-exige"))
        assert play.recorder.refusal().connection.error == "PEER_DID_NOT_RETURN_A_CERTIFICATE"

    def test_foreign_anchor_is_accepted_and_our_revoked_still_refused(self, pki: Pki, tmp_path: Path) -> None:
        other = Pki.create(tmp_path / "autre")
        with playing(pki, ac_clientes=[other.ac]) as play:
            assert play.session(other.client("auth_cli")).get(play.url("echo-exige")).status_code == 200
            with pytest.raises(requests.ConnectionError):
                play.session(pki.client("auth_cli", "revoque")).get(play.url("echo-exige"))
            refused = play.recorder.refusal().connection
            assert (refused.established, refused.detail) == (False, "certificate revoked")

    def test_unreadable_anchor_is_an_input_error(self, pki: Pki, tmp_path: Path) -> None:
        (tmp_path / "ac.pem").write_text("rien", "utf-8")
        with pytest.raises(InputError, match="ac_clientes"), playing(pki, ac_clientes=[tmp_path / "ac.pem"]):
            pytest.fail("démarré")


class TestDeliveries:
    def test_reset_is_a_tcp_reset(self, play: Play) -> None:
        reply_with(play, Delivery(reset=True))
        with play.socket() as sock:
            sock.sendall(GET)
            with socket.fromfd(sock.fileno(), socket.AF_INET, socket.SOCK_STREAM) as below:
                below.settimeout(10)
                with pytest.raises(ConnectionResetError):
                    drain(below)
        assert play.recorder.delivery().outcome == "reset"

    def test_close_ends_without_a_byte(self, play: Play) -> None:
        reply_with(play, Delivery(close=True))
        with play.socket() as sock:
            sock.sendall(GET)
            assert sock.recv(1) == b""
        assert play.recorder.delivery().outcome == "ferme"

    def test_truncated_reply_announces_its_whole_length(self, play: Play) -> None:
        reply_with(play, Delivery(truncate_at=7))
        with play.socket() as sock:
            sock.sendall(GET)
            head, _, body = read_all(sock).partition(b"\r\n\r\n")
        assert b"Content-Length: 1000" in head
        assert body == b"0123456"
        assert play.recorder.delivery().outcome == "tronque"

    def test_hang_holds_until_the_client_leaves(self, play: Play) -> None:
        reply_with(play, Delivery(hang=True))
        with pytest.raises(requests.ReadTimeout):
            play.session().get(play.url(), timeout=0.2)
        assert play.recorder.delivery().outcome == "silence"

    def test_hang_does_not_hold_the_stop(self, pki: Pki) -> None:
        with playing(pki) as play:
            reply_with(play, Delivery(hang=True))
            with play.socket() as sock:
                sock.sendall(GET)
                play.recorder.wait(lambda s: s.reply)
                play.runtime.stop()
                assert play.recorder.delivery().outcome == "silence"

    def test_slow_reply_comes_in_pieces(self, play: Play) -> None:
        reply_with(play, Delivery(delay=0.01, chunk=400, pause=0.001))
        with play.socket() as sock:
            sock.sendall(GET)
            sizes = []
            while sum(sizes) < 1000:
                data = sock.recv(65536)
                sizes.append(len(data.rpartition(b"\r\n\r\n")[2]))
        assert len([s for s in sizes if s]) >= 3
        assert play.recorder.delivery().outcome == "envoye"

    def test_client_that_leaves_is_said(self, play: Play) -> None:
        reply_with(play, Delivery(chunk=1000, pause=0.005), b"x" * 5_000_000)
        with play.socket() as sock:
            sock.sendall(GET)
            sock.recv(1000)
        assert play.recorder.delivery().outcome == "client-parti"

    def test_status_headers_and_head_method_are_respected(self, play: Play) -> None:
        play.service.answers["/"] = lambda r: Reply(
            302, (("Location", "/x"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")), Body(b"vu")
        )
        answer = play.session().head(play.url(), allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"], answer.text) == (302, "/x", "")
        assert answer.cookies.get_dict() == {"a": "1", "b": "2"}


class TestBadInput:
    def test_body_over_the_cap_gets_413(self, pki: Pki) -> None:
        with playing(pki, max_body=2_000_000) as play:
            assert play.session().post(play.url(), data=b"x" * 3_000_000).status_code == 413
            seen = play.recorder.delivery()
            assert seen.reply.facts["refus"] == "corps trop volumineux"
            assert play.session().post(play.url(), data=iter([b"x" * 1_000_000] * 3)).status_code == 413
            assert play.session().get(play.url()).status_code == 200

    def test_body_cut_short_is_recorded(self, play: Play) -> None:
        with play.socket() as sock:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n")
            sock.recv(1000)
            sock.sendall(b"abc")
        seen = play.recorder.delivery()
        assert seen.reply.status == 400
        assert b"abc".startswith(seen.request.body.read())

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            (b"n'importe quoi\r\n\r\n", b"400"),
            (b"GET / HTTP/1.1\r\nHost: localhost\r\nSans-Deux-Points\r\n\r\n", b"400"),
            (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", b"431"),
            (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", b"431"),
            (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 1000 + b"\r\n", b"4"),
            (b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", b"400"),
            (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", b"400"),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"400"),
        ],
        ids=["texte", "champ", "en-tete", "adresse", "mille-champs", "morceau", "longueur", "http2"],
    )
    def test_malformed_request_gets_a_clean_error_and_is_recorded(self, play: Play, sent: bytes, status: bytes) -> None:
        with play.socket() as sock:
            with suppress(OSError):  # refused before its end
                sock.sendall(sent)
            answer = read_all(sock)
        assert answer[8:].startswith(b" " + status)
        seen = play.recorder.delivery()
        assert seen.request is not None
        assert "refus" in seen.reply.facts
        assert play.session().get(play.url()).status_code == 200
        assert not play.runtime.failures

    def test_header_that_is_not_utf8_is_kept_readable(self, play: Play) -> None:
        with play.socket() as sock:
            sock.sendall(b"GET /\xe9 HTTP/1.1\r\nHost: localhost\r\nX-Nom: Ren\xe9\r\nConnection: close\r\n\r\n")
            read_all(sock)
        request = play.recorder.delivery().request
        assert request.header("x-nom") in ("René", "")
        request.target.encode("utf-8")


class TestLoad:
    def test_fifty_keep_alive_connections(self, play: Play) -> None:
        def several(number: int) -> list[str]:
            with play.session() as session:
                return [session.post(play.url(), data=b"x" * number).text for _ in range(4)]

        with ThreadPoolExecutor(50) as pool:
            found = list(pool.map(several, range(50)))
        assert found == [[f"recu {n}"] * 4 for n in range(50)]
        assert len({s.connection.id for s in play.recorder.seen}) == 50

    def test_memory_does_not_grow_with_requests(self, pki: Pki) -> None:
        import tracemalloc

        with playing(pki, keep_bodies=False) as play:
            port = play.runtime.port("echo")
            connection = http.client.HTTPSConnection("localhost", port, context=play.context(), timeout=10)
            with closing(connection):
                post_often(connection, 200)
                tracemalloc.start()
                post_often(connection, 2000)
                grown, _ = tracemalloc.get_traced_memory()
                tracemalloc.stop()
        assert grown < 6_000_000  # 2,000 requests of 20 kB: 40 MB if anything were kept; the test's own list is in it

    def test_a_large_body_is_not_held_in_memory(self, pki: Pki) -> None:
        import tracemalloc

        def pieces() -> Iterator[bytes]:
            piece = b"x" * 65536
            for _ in range(480):
                yield piece

        with playing(pki, keep_bodies=False) as play, play.session() as session:
            session.get(play.url())
            tracemalloc.start()
            assert session.post(play.url(), data=pieces()).text == f"recu {480 * 65536}"
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < 8_000_000


class TestLife:
    def test_configured_port_and_conflict(self, pki: Pki) -> None:
        with playing(pki) as first:
            taken = first.runtime.port("echo")
            with pytest.raises(InputError, match=r"dui\.toml"), playing(pki, ports={"echo-exige": taken}):
                pytest.fail("démarré")
        with playing(pki, ports={"echo": taken}) as again:
            assert again.runtime.port("echo") == taken

    def test_methods_before_start_are_our_error(self, pki: Pki) -> None:
        from dui_conformance.core.clock import Clock
        from dui_conformance.mocks.runtime import Runtime
        from samples.runtime import MemoryRecorder

        runtime = Runtime(MemoryRecorder(), Clock(), pki)
        runtime.stop()
        with pytest.raises(HarnessError):
            runtime.port("echo")

    def test_start_and_stop_leave_nothing_behind(self, pki: Pki, tmp_path: Path) -> None:
        script = tmp_path / "vie.py"
        script.write_text(
            "import gc, sys\nfrom pathlib import Path\n"
            f"sys.path.insert(0, {str(Path(__file__).parents[1])!r})\n"
            "from dui_conformance.mocks.pki import Pki\nfrom samples.runtime import playing\n"
            f"pki = Pki.load(Path({str(pki.folder)!r}))\n"
            "with playing(pki) as play:\n"
            "    session = play.session()\n"
            "    session.get(play.url()); session.get(play.url('echo-optionnel'))\n"
            "    play.runtime.present('echo', 'expire'); play.runtime.present('echo', 'bon')\n"
            "    session.get(play.url())\n"
            "    with play.socket() as idle:\n"
            "        play.runtime.stop()\n"
            "    session.close()\n"
            "gc.collect()\nimport threading\nassert threading.active_count() == 1, threading.enumerate()\n",
            "utf-8",
        )
        done = subprocess.run([sys.executable, "-X", "dev", "-W", "error", script], capture_output=True, text=True, check=False)
        complaints = [line for line in done.stderr.splitlines() if not line.startswith("Executing <")]
        assert (done.returncode, complaints) == (0, [])


def post_often(connection: http.client.HTTPSConnection, times: int) -> None:
    for _ in range(times):
        connection.request("POST", "/", b"x" * 20_000)
        connection.getresponse().read()


def drain(sock: socket.socket) -> None:
    while sock.recv(65536):
        continue


def first_pem(path: Path) -> str:
    text = path.read_text("ascii")
    return text[: text.index("-----END CERTIFICATE-----") + len("-----END CERTIFICATE-----")] + "\n"


def test_generic_faults_act_over_the_wire(play: Play) -> None:
    session = play.session()
    play.service.arm("indisponible", times=1, target="echo.appel")
    play.service.arm("corps-vide", times=1)
    assert session.get(play.url()).status_code == 503
    assert session.get(play.url()).content == b""
    assert session.get(play.url()).text == "recu 0"
    assert [s.reply.facts.get("panne") for s in play.recorder.seen] == ["indisponible", "corps-vide", None]
    assert replace(play.recorder.seen[0].reply, facts={}).status == 503
