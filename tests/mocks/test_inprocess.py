"""The services mounted in process: same answers, same records, and no claim about TLS."""

from __future__ import annotations

import asyncio
import io

import httpx
import pytest
import requests
import respx
from dui_conformance.core.clock import Clock
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Body, Delivery, Reply
from dui_conformance.mocks.inprocess import mount, respx_router
from dui_conformance.mocks.pki import Pki
from samples.runtime import Echo, MemoryRecorder

BASES = {"echo": "https://echo.test", "echo-exige": "https://echo.test:8443"}
DELIVERIES = {
    "silence": Delivery(hang=True),
    "reset": Delivery(reset=True),
    "ferme": Delivery(close=True),
    "tronque": Delivery(truncate_at=1),
}


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def recorder() -> MemoryRecorder:
    return MemoryRecorder()


def answering(echo: Echo, delivery: Delivery) -> None:
    echo.answers["/"] = lambda request: Reply(200, (("Content-Type", "text/plain"),), Body(b"corps"), delivery)


class TestRespx:
    def test_sync_call_is_served_and_recorded(self, echo: Echo, recorder: MemoryRecorder) -> None:
        with respx_router([echo], recorder, Clock(), BASES, client_der=b"der"):
            answer = httpx.post("https://echo.test:8443/a/b?c=d%20e", content=b"xyz", headers={"X-Un": "deux"})
        seen = recorder.delivery()
        assert answer.text == "recu 3"
        assert (seen.listener, seen.outcome, seen.kind) == ("echo-exige", "envoye", "echo.appel")
        assert seen.order == ["received", "answered", "delivered"]
        assert seen.request.target == "/a/b?c=d%20e"
        assert seen.request.header("x-un") == "deux"
        assert not seen.connection.exercised
        assert seen.connection.client_der == b"der"

    def test_async_call_is_served(self, echo: Echo, recorder: MemoryRecorder) -> None:
        async def call() -> str:
            async with httpx.AsyncClient() as client:
                return (await client.post("https://echo.test/", content=b"12345")).text

        with respx_router([echo], recorder, Clock(), BASES):
            assert asyncio.run(call()) == "recu 5"

    def test_another_host_is_never_called(self, echo: Echo, recorder: MemoryRecorder) -> None:
        with respx_router([echo], recorder, Clock(), BASES), pytest.raises(respx.models.AllMockedAssertionError):
            httpx.get("https://ailleurs.test/")

    @pytest.mark.parametrize(
        ("outcome", "error"),
        [
            ("silence", httpx.ReadTimeout),
            ("reset", httpx.ReadError),
            ("ferme", httpx.RemoteProtocolError),
            ("tronque", httpx.RemoteProtocolError),
        ],
    )
    def test_deliveries_are_the_clients_errors(
        self, echo: Echo, recorder: MemoryRecorder, outcome: str, error: type[Exception]
    ) -> None:
        answering(echo, DELIVERIES[outcome])
        with respx_router([echo], recorder, Clock(), BASES), pytest.raises(error):
            httpx.get("https://echo.test/")
        assert recorder.delivery().outcome == outcome


class TestRequests:
    def test_call_is_served_and_recorded(self, echo: Echo, recorder: MemoryRecorder) -> None:
        session = mount(requests.Session(), [echo], recorder, Clock(), BASES)
        answer = session.post("https://echo.test/x?y=Z", data={"a": "é"}, headers={"X-Un": "deux"})
        seen = recorder.delivery()
        assert (answer.status_code, answer.reason, answer.text) == (200, "OK", "recu 8")
        assert seen.request.target == "/x?y=Z"
        assert seen.request.header("host") == "echo.test"
        assert seen.request.body.read() == b"a=%C3%A9"
        assert not seen.connection.exercised

    def test_presented_certificate_is_given(self, echo: Echo, recorder: MemoryRecorder, pki: Pki) -> None:
        credential = pki.client("auth_cli")
        session = mount(requests.Session(), [echo], recorder, Clock(), BASES)
        session.get("https://echo.test:8443/", cert=(str(credential.certificate), str(credential.key)))
        from dui_conformance.validation.tls import ClientCertificate

        assert ClientCertificate.from_der(recorder.delivery().connection.client_der).ou == f"1{pki.parameters.finess_ej}"

    def test_bodies_of_every_sort(self, echo: Echo, recorder: MemoryRecorder) -> None:
        session = mount(requests.Session(), [echo], recorder, Clock(), BASES)
        for body in (b"1234", "1234", io.BytesIO(b"1234"), iter([b"12", b"34"])):
            assert session.post("https://echo.test/", data=body).text == "recu 4"
        assert session.get("https://echo.test/").text == "recu 0"

    def test_redirections_and_cookies_work(self, echo: Echo, recorder: MemoryRecorder) -> None:
        echo.answers["/"] = lambda r: Reply(302, (("Location", "https://echo.test/suite"), ("Set-Cookie", "jeton=1; Path=/")))
        session = mount(requests.Session(), [echo], recorder, Clock(), BASES)
        assert session.get("https://echo.test/").text == "recu 0"
        assert "jeton=1" in recorder.seen[1].request.header("cookie")

    @pytest.mark.parametrize("outcome", DELIVERIES)
    def test_deliveries_are_the_clients_errors(self, echo: Echo, recorder: MemoryRecorder, outcome: str) -> None:
        errors = {"silence": requests.ReadTimeout, "tronque": requests.exceptions.ChunkedEncodingError}
        answering(echo, DELIVERIES[outcome])
        session = mount(requests.Session(), [echo], recorder, Clock(), BASES)
        with pytest.raises(errors.get(outcome, requests.ConnectionError)):
            session.get("https://echo.test/")
        assert recorder.delivery().outcome == outcome

    def test_slowness_past_the_time_out_is_a_time_out(self, echo: Echo, recorder: MemoryRecorder) -> None:
        answering(echo, Delivery(delay=30))
        session = mount(requests.Session(), [echo], recorder, Clock(), BASES)
        with pytest.raises(requests.ReadTimeout):
            session.get("https://echo.test/", timeout=5)
        assert session.get("https://echo.test/", timeout=60).text == "corps"

    def test_unknown_listener_is_our_error(self, echo: Echo, recorder: MemoryRecorder) -> None:
        with pytest.raises(HarnessError, match="echo-exige"):
            mount(requests.Session(), [echo], recorder, Clock(), {"rien": "https://rien.test"})
