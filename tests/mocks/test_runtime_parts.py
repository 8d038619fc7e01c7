"""The parts of the runtime that read bytes: request heads, ClientHello, bodies. And the base of the services."""

from __future__ import annotations

import asyncio
import itertools
import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Body, Connection, Description, Reply, Request
from dui_conformance.core.people import Usager
from dui_conformance.core.service import Panne
from dui_conformance.mocks.runtime.head import MAX_HEAD, HeadScanner
from dui_conformance.mocks.runtime.hello import ClientHello, parse_client_hello
from dui_conformance.mocks.runtime.spool import IN_MEMORY, read_body
from dui_conformance.mocks.service import GENERIC_PANNES, BaseService
from hypothesis import given, settings
from hypothesis import strategies as st

HEADS = (
    b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n",
    b"POST /b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
    b"POST /c HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    b"POST /d HTTP/1.1\r\nHost: x\r\ncontent-length: 0\r\n\r\n",
)
BODIES = (b"", b"a\r\n\r\n", b"4;nom=x\r\n\r\n\r\n\r\nA\r\n0123456789\r\n0\r\nFin: oui\r\n\r\n", b"")
STREAM = b"".join(head + body for head, body in zip(HEADS, BODIES, strict=True))


class TestHeads:
    @given(st.lists(st.integers(0, len(STREAM)), max_size=12))
    def test_heads_are_the_same_however_the_bytes_come(self, cuts: list[int]) -> None:
        scanner = HeadScanner()
        edges = [0, *sorted(cuts), len(STREAM)]
        for start, end in itertools.pairwise(edges):
            scanner.feed(STREAM[start:end])
        assert tuple(scanner.heads) == HEADS
        assert scanner.pending == b""

    @settings(max_examples=300)
    @given(st.lists(st.binary(max_size=60), max_size=20))
    def test_any_bytes_are_survived(self, pieces: list[bytes]) -> None:
        scanner = HeadScanner()
        for piece in pieces:
            scanner.feed(piece)

    def test_what_is_not_http_stays_pending_and_bounded(self) -> None:
        scanner = HeadScanner()
        for _ in range(10):
            scanner.feed(b"x" * 100_000)
        assert not scanner.heads
        assert len(scanner.pending) == MAX_HEAD


def hello_of(context: ssl.SSLContext, name: str = "dmp.test") -> bytes:
    outgoing = ssl.MemoryBIO()
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


class TestClientHello:
    def test_offer_is_read(self) -> None:
        context = ssl.create_default_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        found = parse_client_hello(hello_of(context))
        assert found is not None
        assert found.versions == ("TLSv1.3", "TLSv1.2")
        assert found.server_name == "dmp.test"
        assert set(found.ciphers) - {"TLS_EMPTY_RENEGOTIATION_INFO_SCSV"} <= {c["name"] for c in context.get_ciphers()}

    def test_tls_1_2_client_without_extension_offers_its_version(self) -> None:
        context = ssl.create_default_context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        found = parse_client_hello(hello_of(context))
        assert found is not None
        assert "TLSv1.2" in found.versions
        assert "TLSv1.3" not in found.versions

    def test_incomplete_hello_waits_and_split_records_are_joined(self) -> None:
        data = hello_of(ssl.create_default_context())
        for cut in (0, 3, 5, 60, len(data) - 1):
            assert parse_client_hello(data[:cut]) is None
        message = data[5:]
        split = b"".join(b"\x16\x03\x01" + len(part).to_bytes(2, "big") + part for part in (message[:100], message[100:]))
        assert parse_client_hello(split) == parse_client_hello(data)

    def test_grease_and_unknown_suites(self) -> None:
        body = b"\x03\x03" + bytes(32) + b"\x00" + b"\x00\x06" + b"\x0a\x0a\xc0\x30\xfe\xfe" + b"\x01\x00" + b"\x00\x00"
        message = b"\x01" + len(body).to_bytes(3, "big") + body
        found = parse_client_hello(b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message)
        assert found == ClientHello(("TLSv1.2",), ("ECDHE-RSA-AES256-GCM-SHA384", "0xFEFE"), "")

    @settings(max_examples=300)
    @given(st.binary(max_size=200), st.booleans())
    def test_any_bytes_are_survived(self, data: bytes, framed: bool) -> None:
        body = b"\x01" + len(data).to_bytes(3, "big") + data
        whole = b"\x16\x03\x01" + len(body).to_bytes(2, "big") + body if framed else data
        found = parse_client_hello(whole)
        assert found is None or isinstance(found, ClientHello)


class TestBodies:
    def read(self, chunks: list[bytes | Exception], folder: Path, cap: int = 10 * IN_MEMORY) -> tuple[Body, str]:
        pieces = iter([*chunks, b""])

        async def next_bytes() -> bytes:
            piece = next(pieces)
            if isinstance(piece, Exception):
                raise piece
            return piece

        received = asyncio.run(read_body(next_bytes, folder, cap=cap))
        return received.body, received.stopped

    def test_small_body_stays_in_memory(self, tmp_path: Path) -> None:
        body, stopped = self.read([b"a" * IN_MEMORY], tmp_path)
        assert (body.path, body.size, stopped) == (None, IN_MEMORY, "")

    def test_large_body_goes_to_a_file(self, tmp_path: Path) -> None:
        body, _ = self.read([b"a" * IN_MEMORY, b"b", b"c"], tmp_path)
        assert body.path is not None
        assert body.read() == b"a" * IN_MEMORY + b"bc"

    def test_cap_and_departure_stop_the_reading(self, tmp_path: Path) -> None:
        assert self.read([b"abc", b"def"], tmp_path, cap=4)[1] == "trop-grand"
        body, stopped = self.read([b"abc", ConnectionResetError()], tmp_path)
        assert (body.read(), stopped) == (b"abc", "interrompu")


class Small(BaseService):
    nom = "petit"
    listeners = ()

    def __init__(self) -> None:
        super().__init__([Panne("refus", "Refuse les petites demandes.", before=refuse_small)])
        self.orders: list[str] = []

    def describe(self, listener: str, request: Request) -> Description:
        return Description(f"petit.{request.path.strip('/')}")

    def answer(self, listener: str, request: Request, now: datetime) -> Reply:
        return Reply(200, (("Content-Type", "text/xml"),), Body(b"0123456789"), facts={"propre": 1})

    def command(self, nom: str, arguments: object) -> None:
        assert self.lock.acquire(blocking=False)
        self.lock.release()
        if nom != "ordre":
            super().command(nom, {})
        self.orders.append(nom)


def refuse_small(service: object, request: Request, now: datetime) -> Reply | None:
    return Reply(400) if request.body.size < 2 else None


def ask(service: Small, path: str = "/a.b", body: bytes = b"") -> Reply:
    return service.handle("x", Request("POST", path, (), Body(body), Connection()), datetime.now(UTC))


class TestBaseService:
    def test_fault_is_counted_targeted_and_named(self) -> None:
        service = Small()
        service.arm("indisponible", times=2, target="petit.a")
        assert [ask(service, path).status for path in ("/a.b", "/ab", "/a", "/a")] == [503, 200, 503, 200]
        assert service.armed == ()
        service.arm("indisponible", times=1)
        assert ask(service).facts["panne"] == "indisponible"

    def test_fault_without_count_lasts_until_disarmed(self) -> None:
        service = Small()
        service.arm("corps-vide", times=None)
        assert [ask(service).body.size for _ in range(3)] == [0, 0, 0]
        service.disarm("corps-vide")
        service.disarm("corps-vide")
        assert ask(service).body.size == 10

    def test_fault_that_does_not_concern_a_request_is_not_spent(self) -> None:
        service = Small()
        service.arm("refus", times=1)
        assert [ask(service, body=b"long").status, ask(service).status, ask(service).status] == [200, 400, 200]

    @pytest.mark.parametrize("nom", [p.nom for p in GENERIC_PANNES.values() if not p.certificate])
    def test_every_generic_fault_changes_the_reply(self, nom: str) -> None:
        service = Small()
        plain = ask(service)
        service.arm(nom, times=1)
        struck = ask(service)
        assert struck != plain
        assert struck.facts["panne"] == nom
        assert ask(service) == plain

    def test_fault_that_changes_the_answer_keeps_its_facts(self) -> None:
        service = Small()
        service.arm("reponse-perdue", times=1)
        assert ask(service).facts == {"propre": 1, "panne": "reponse-perdue"}

    def test_generic_faults_have_a_sentence_and_a_known_certificate(self) -> None:
        from dui_conformance.mocks.pki.faulty import SERVER_DEFECTS
        from dui_conformance.mocks.runtime.tls import DOWNGRADES

        for panne in GENERIC_PANNES.values():
            assert panne.description.endswith(".")
            assert not panne.certificate or panne.certificate in (*SERVER_DEFECTS, *DOWNGRADES)

    def test_unknown_names_are_our_errors(self) -> None:
        service = Small()
        with pytest.raises(HarnessError, match="coupure"):
            service.arm("rien", times=1)
        with pytest.raises(HarnessError):
            service.arm("coupure", times=0)
        with pytest.raises(HarnessError, match="ordre"):
            service.command("danser", {})
        service.command("ordre", {})
        assert service.orders == ["ordre"]
        service.admit(Usager("u", "A", ("B",), "M", "1960-05-15", "75056"))
