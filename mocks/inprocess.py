"""The same services without sockets, for a Python editor's own tests: a respx router (httpx) and a requests adapter.

No TLS takes place: the recorded connection says so (``exercised`` is False), a check on TLS is then *non concluant*,
and the client certificate is the one that the test declares. Waits of a slow answer are not waited for: they raise the
client's time-out when it is shorter, and are skipped otherwise.
"""

from __future__ import annotations

import io
import itertools
import re
import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from dui_conformance.core.clock import Clock
from dui_conformance.core.errors import HarnessError
from dui_conformance.core.exchange import Body, Connection, Reply, Request
from dui_conformance.core.service import Recorder, Service

from .runtime.dispatch import Served, serve_one

if TYPE_CHECKING:
    import httpx
    import requests
    import respx

_FRAMING = ("content-length", "transfer-encoding", "connection")


@dataclass(slots=True)
class InProcess:
    """Services reached by a call. ``bases`` gives the origin of each listener, for example ``https://psc.test``."""

    services: Sequence[Service]
    recorder: Recorder
    clock: Clock
    bases: Mapping[str, str]
    client_der: bytes | None = None
    _numbers: Iterable[int] = field(default_factory=lambda: itertools.count(1))
    _routes: dict[str, tuple[Service, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        listeners = {listener.nom: service for service in self.services for listener in service.listeners}
        for nom, base in self.bases.items():
            if nom not in listeners:
                raise HarnessError(f"aucun service n'a de point d'accès « {nom} » (connus : {', '.join(listeners)})")
            self._routes[base.rstrip("/")] = (listeners[nom], nom)

    def serve(
        self, method: str, url: str, headers: Sequence[tuple[str, str]], body: bytes, *, certificate: bytes | None = None
    ) -> Served:
        """Serve one request to an absolute URL, recorded as any other; ``certificate`` is the client's, in DER."""
        parts = urlsplit(url)
        service, listener = self._routes[f"{parts.scheme}://{parts.netloc}"]
        connection = Connection(
            id=f"{listener}-memoire-{next(iter(self._numbers))}",
            exercised=False,
            server_name=parts.hostname or "",
            client_der=certificate or self.client_der,
        )
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        request = Request(method, target, tuple(headers), Body(body), connection)
        return serve_one(service, listener, request, self.recorder, self.clock)

    def outcome(self, served: Served, timeout: float | None) -> str:
        """What becomes of the reply (recorded): sent, or the way in which it does not come back."""
        outcome = _outcome(served.reply, timeout)
        self.recorder.delivered(served.exchange, outcome)
        return outcome


def respx_router(
    services: Sequence[Service],
    recorder: Recorder,
    clock: Clock,
    bases: Mapping[str, str],
    *,
    client_der: bytes | None = None,
) -> respx.MockRouter:
    """A respx router that answers httpx calls, sync and async, to the ``bases``; any other host is an error.

    Use it as a context manager: ``with respx_router(…):``.
    """
    import respx

    mounted = InProcess(services, recorder, clock, bases, client_der)
    router = respx.MockRouter(assert_all_called=False)

    def answer(request: httpx.Request) -> httpx.Response:
        return _answer_httpx(mounted, request)

    for base in mounted.bases.values():
        router.route(url__regex=rf"^{re.escape(base.rstrip('/'))}(?:[/?#]|$)").mock(side_effect=answer)
    return router


def mount(
    session: requests.Session,
    services: Sequence[Service],
    recorder: Recorder,
    clock: Clock,
    bases: Mapping[str, str],
    *,
    client_der: bytes | None = None,
) -> requests.Session:
    """Have a requests session call the services in process. A call's ``cert`` is presented as its client certificate."""
    mounted = InProcess(services, recorder, clock, bases, client_der)
    adapter = requests_adapter(mounted)
    for base in mounted.bases.values():
        session.mount(base.rstrip("/"), adapter)
    return session


def requests_adapter(mounted: InProcess) -> requests.adapters.BaseAdapter:
    """The transport adapter that :func:`mount` mounts."""
    from requests.adapters import HTTPAdapter

    class Adapter(HTTPAdapter):
        def send(
            self,
            request: requests.PreparedRequest,
            stream: bool = False,
            timeout: Any = None,
            verify: Any = True,
            cert: Any = None,
            proxies: Any = None,
        ) -> requests.Response:
            return _answer_requests(mounted, self, request, timeout, cert)

    return Adapter()


def _answer_httpx(mounted: InProcess, request: httpx.Request) -> httpx.Response:
    import httpx

    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw]
    served = mounted.serve(request.method, str(request.url), headers, request.content)
    outcome = mounted.outcome(served, (request.extensions.get("timeout") or {}).get("read"))
    if outcome == "silence":
        raise httpx.ReadTimeout("le service ne répond pas", request=request)
    if outcome == "reset":
        raise httpx.ReadError("connexion rompue (RST)", request=request)
    if outcome == "ferme":
        raise httpx.RemoteProtocolError("connexion fermée sans réponse", request=request)
    if outcome == "tronque":
        raise httpx.RemoteProtocolError("réponse interrompue avant la fin annoncée", request=request)
    return httpx.Response(served.reply.status, headers=_headers(served.reply), content=served.reply.body.read())


def _answer_requests(
    mounted: InProcess, adapter: Any, request: requests.PreparedRequest, timeout: Any, cert: Any
) -> requests.Response:
    import requests
    from urllib3 import HTTPHeaderDict, HTTPResponse

    url = str(request.url)
    headers = [("Host", urlsplit(url).netloc)] + [(str(name), _text(value)) for name, value in request.headers.items()]
    served = mounted.serve(str(request.method), url, headers, _bytes(request.body), certificate=_certificate(cert))
    outcome = mounted.outcome(served, timeout[1] if isinstance(timeout, tuple) else timeout)
    if outcome == "silence":
        raise requests.ReadTimeout("le service ne répond pas", request=request)
    if outcome in ("reset", "ferme"):
        raise requests.ConnectionError("connexion rompue sans réponse", request=request)
    if outcome == "tronque":
        raise requests.exceptions.ChunkedEncodingError("réponse interrompue avant la fin annoncée", request=request)
    reply = served.reply
    answer = HTTPResponse(
        body=io.BytesIO(b"" if request.method == "HEAD" else reply.body.read()),
        headers=HTTPHeaderDict(_headers(reply)),
        status=reply.status,
        reason=_reason(reply.status),
        preload_content=False,
        original_response=cast(Any, _original(reply)),
    )
    return cast("requests.Response", adapter.build_response(request, answer))


def _outcome(reply: Reply, timeout: float | None) -> str:
    delivery = reply.delivery
    slow = timeout is not None and (delivery.delay > timeout or delivery.pause > timeout)
    if delivery.hang or slow:
        return "silence"
    if delivery.reset:
        return "reset"
    if delivery.close:
        return "ferme"
    if delivery.truncate_at is not None and delivery.truncate_at < reply.body.size:
        return "tronque"
    return "envoye"


def _headers(reply: Reply) -> list[tuple[str, str]]:
    kept = [(name, value) for name, value in reply.headers if name.lower() not in _FRAMING]
    return [*kept, ("Content-Length", str(reply.body.size))]


def _original(reply: Reply) -> SimpleNamespace:
    """What requests looks at to find cookies: the headers as the standard library would have parsed them."""
    from http.client import HTTPMessage

    message = HTTPMessage()
    for name, value in reply.headers:
        message.add_header(name, value)
    return SimpleNamespace(msg=message, isclosed=lambda: True, close=lambda: None)


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


def _certificate(cert: Any) -> bytes | None:
    """The leaf of the PEM file that a requests call presents."""
    if not cert:
        return None
    text = Path(cert if isinstance(cert, str) else cert[0]).read_text("ascii", "ignore")
    start, end = text.find("-----BEGIN CERTIFICATE-----"), text.find("-----END CERTIFICATE-----")
    if start < 0 or end < 0:
        return None
    return ssl.PEM_cert_to_DER_cert(text[start:end] + "-----END CERTIFICATE-----\n")


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    if hasattr(body, "read"):
        return _bytes(body.read())
    return b"".join(_bytes(piece) for piece in body)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
