"""HTTP/1.1 over one TLS connection: aiohttp parses, a worker thread answers. Imported only when a runtime starts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, cast

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError, LineTooLong
from aiohttp.web_protocol import RequestHandler
from dui_conformance.core.clock import Clock
from dui_conformance.core.errors import RealDataError
from dui_conformance.core.exchange import Body, Request
from dui_conformance.core.service import Recorder, Service

from .delivery import deliver
from .dispatch import Served, refuse, serve_one
from .head import HeadScanner
from .spool import MAX_BODY, Received, read_body
from .tls import Recording

_LIMITS: dict[str, Any] = {"max_line_size": 16 * 1024, "max_field_size": 64 * 1024, "max_headers": 256}
_STOPPED = {
    "trop-grand": (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "corps trop volumineux"),
    "interrompu": (HTTPStatus.BAD_REQUEST, "corps interrompu ou mal découpé"),
    "trop-lent": (HTTPStatus.REQUEST_TIMEOUT, "corps trop lent à venir"),
}


@dataclass(frozen=True, slots=True)
class Site:
    """What every connection of a listener shares."""

    service: Service
    listener: str
    recorder: Recorder
    clock: Clock
    executor: Executor
    spool: Path
    on_failure: Callable[[BaseException], None]
    ended: Callable[[HttpConnection], None]
    max_body: int = MAX_BODY


async def respond(request: web.BaseRequest) -> web.StreamResponse:
    """The handler of every aiohttp server here: the connection that carried the request answers."""
    return await cast(HttpConnection, request.protocol).respond(request)


class HttpConnection(RequestHandler):
    """One connection: aiohttp parses, the site's service answers in a worker thread."""

    __slots__ = ("_lost", "_scanner", "_serving", "_site", "closing", "raw", "recording", "requests")

    def __init__(
        self, server: web.Server, site: Site, recording: Recording, scanner: HeadScanner, raw: asyncio.Transport
    ) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(server, loop=loop, access_log=cast(Any, None), auto_decompress=False, **_LIMITS)
        self._site = site
        self._scanner = scanner
        self._serving = False
        self._lost = False
        self.raw = raw
        self.recording = recording
        self.closing = asyncio.Event()
        self.requests = 0

    def connection_lost(self, exc: BaseException | None) -> None:
        self.closing.set()
        super().connection_lost(exc)
        self._lost = True
        if not self._serving:
            self._site.ended(self)

    def retire(self) -> None:
        """Close: at once when idle, else once the reply under way is sent. Does not wait for the client's own goodbye."""
        self.closing.set()
        if self._serving:
            self.close()
        else:
            self.end()

    def end(self) -> None:
        """Close TLS then TCP, what is written first being sent."""
        self.force_close()
        self.raw.close()

    async def respond(self, message: web.BaseRequest) -> web.StreamResponse:
        """Read, serve, deliver. What is recorded is what came, even when it is refused."""
        self.requests += 1
        self._serving = True
        try:
            return await self._answer(message)
        finally:
            self._serving = False
            if self._lost:
                self._site.ended(self)
            elif self.closing.is_set():
                self.end()

    async def _answer(self, message: web.BaseRequest) -> web.StreamResponse:
        site = self._site
        received = await self._read(message)
        request = Request(
            method=message.method,
            target=_text(message.raw_path.encode("utf-8", "surrogateescape")),
            headers=tuple((_text(name), _text(value)) for name, value in message.raw_headers),
            body=received.body,
            connection=self.recording.connection(),
            raw=self._head_of(message),
        )
        loop = asyncio.get_running_loop()
        try:
            served = await loop.run_in_executor(site.executor, self._serve, request, received.stopped)
            response, outcome = await deliver(message, served.reply, self, keep=not received.stopped)
        except RealDataError as error:
            site.on_failure(error)
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "donnée réelle probable : la campagne est arrêtée")
        finally:
            if received.body.path is not None:
                received.body.path.unlink(missing_ok=True)
        await loop.run_in_executor(site.executor, site.recorder.delivered, served.exchange, outcome)
        return response

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What aiohttp could not parse is recorded and refused; an error of a service is ours, and is reported."""
        if request.writer.output_size > 0:
            raise ConnectionResetError("réponse déjà commencée")
        if not isinstance(exc, HttpProcessingError):
            self._site.on_failure(exc or RuntimeError(message or f"erreur {status}"))
            return _plain(HTTPStatus.INTERNAL_SERVER_ERROR, "erreur du simulateur")
        self.requests += 1
        code = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE if isinstance(exc, LineTooLong) else HTTPStatus.BAD_REQUEST
        reason = f"requête HTTP mal formée : {' '.join((message or str(exc)).split())[:300]}"
        raw = self._scanner.heads.popleft() if self._scanner.heads else self._scanner.pending
        self._scanner.pending = b""
        method, target = _first_line(raw)
        malformed = Request(method, target, (), Body(), self.recording.connection(), raw=Body(raw))
        site = self._site
        served = refuse(site.service, site.listener, malformed, site.recorder, status=code, reason=reason)
        site.executor.submit(site.recorder.delivered, served.exchange, "envoye")
        return _plain(code, reason)

    def _serve(self, request: Request, stopped: str) -> Served:
        site = self._site
        if stopped:
            status, reason = _STOPPED[stopped]
            return refuse(site.service, site.listener, request, site.recorder, status=status, reason=reason)
        return serve_one(site.service, site.listener, request, site.recorder, site.clock)

    async def _read(self, message: web.BaseRequest) -> Received:
        if (message.content_length or 0) > self._site.max_body:
            return Received(Body(), "trop-grand")
        if message.headers.get("Expect", "").lower() == "100-continue":
            await message.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            message.writer.output_size = 0

        async def next_bytes() -> bytes:
            try:
                return await message.content.readany()
            except (web.RequestPayloadError, HttpProcessingError) as error:
                raise ConnectionResetError(str(error)) from error

        return await read_body(next_bytes, self._site.spool, cap=self._site.max_body)

    def _head_of(self, message: web.BaseRequest) -> Body | None:
        """The bytes of this request's head, as sent."""
        if not self._scanner.heads:
            return None
        return Body(self._scanner.heads.popleft())


def _text(data: bytes) -> str:
    """UTF-8, else Latin-1: never a surrogate, which no journal could write."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _first_line(raw: bytes) -> tuple[str, str]:
    """Method and target of a malformed request, as far as they can be read."""
    words = raw.split(b"\r\n", 1)[0].split(b"\n", 1)[0].split(b" ")
    if len(words) < 2 or not words[0].isalpha():
        return "", ""
    return _text(words[0])[:20], _text(words[1])[:2000]


def _plain(status: HTTPStatus, text: str) -> web.Response:
    response = web.Response(status=status, text=f"{text}\n", headers={"Server": "dui-conformance"})
    response.force_close()
    return response
