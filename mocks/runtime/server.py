"""The runtime of a campaign: every listener of every service on its TLS port, in one thread with one event loop."""

from __future__ import annotations

import asyncio
import socket
import tempfile
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dui_conformance.core.clock import Clock
from dui_conformance.core.errors import HarnessError, InputError
from dui_conformance.core.exchange import Connection
from dui_conformance.core.service import Listener, Recorder, Service
from dui_conformance.mocks.pki import Pki

from .spool import MAX_BODY
from .tls import DOWNGRADES, downgrade, server_context

if TYPE_CHECKING:
    from .dns import DnsPort
    from .front import Port
    from .mail import MailPort

    AnyPort = Port | MailPort | DnsPort

T = TypeVar("T")
WORKERS = 16
ANSWER_SECONDS = 30.0
KEPT_FAILURES = 1000


class Runtime:
    """Serves services over TLS. Its methods are called from any thread but its own.

    ``noms`` are the host names written in URLs (the first one) and in the server certificate; ``ports`` fixes the port
    of some listeners, the others get a free one. ``failures`` holds what went wrong on our side (a service that raised,
    a recorder that refused): the campaign must turn it into *erreur du harnais*; ``on_failure`` tells it at once.
    """

    def __init__(
        self,
        recorder: Recorder,
        clock: Clock,
        pki: Pki,
        *,
        adresse: str = "127.0.0.1",
        noms: Sequence[str] = ("localhost",),
        ports: Mapping[str, int] | None = None,
        ac_clientes: Sequence[Path] = (),
        on_failure: Callable[[BaseException], None] | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        self._recorder = recorder
        self._clock = clock
        self._pki = pki
        self._adresse = adresse
        self._noms = tuple(noms)
        self._wanted = dict(ports or {})
        self._ac_clientes = tuple(ac_clientes)
        self._tell_failure = on_failure
        self._max_body = max_body
        self._listeners: dict[str, tuple[Service, Listener]] = {}
        self._numbers: dict[str, int] = {}
        self._open: dict[str, AnyPort] = {}
        self._presented: dict[str, str] = {}
        self._reports: set[Future[None]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self.failures: list[BaseException] = []

    def start(self, services: Sequence[Service]) -> None:
        """Open every listener of these services; raises ``InputError`` for a port already in use."""
        if self._loop is not None:
            raise HarnessError("les services sont déjà démarrés")
        self._listeners = {listener.nom: (service, listener) for service in services for listener in service.listeners}
        sockets = self._bind()
        self._spool = tempfile.TemporaryDirectory(prefix="dui-conformance-")
        self._executor = ThreadPoolExecutor(WORKERS, thread_name_prefix="service")
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), name="services", daemon=True)
        self._thread.start()
        ready.wait(ANSWER_SECONDS)
        try:
            self._within(self._open_all(sockets))
        except BaseException:
            for each in sockets.values():
                each.close()
            self.stop()
            raise

    def stop(self) -> None:
        """Close every port and connection, wait for what is being recorded, end the thread. Idempotent."""
        if self._loop is None:
            return
        loop, stopping = self._loop, self._stopping
        assert stopping is not None
        loop.call_soon_threadsafe(stopping.set)
        self._thread.join(ANSWER_SECONDS)
        self._loop = None
        self._executor.shutdown(wait=True)
        self._spool.cleanup()
        if self._thread.is_alive():
            raise HarnessError("les services ne se sont pas arrêtés")

    def port(self, listener: str) -> int:
        """The TCP port of a listener."""
        if listener not in self._numbers:
            raise HarnessError(f"aucun port pour « {listener} » (connus : {', '.join(self._numbers)})")
        return self._numbers[listener]

    def url(self, listener: str) -> str:
        """The origin of a listener, ``https://localhost:PORT`` (``smtp://``, ``imap://``… when it speaks another protocol)."""
        port = self.port(listener)
        return f"{self._listeners[listener][1].protocole}://{self._noms[0]}:{port}"

    def present(self, listener: str, certificate: str) -> None:
        """Serve a faulty certificate (``expire``, ``mauvais-hote``…) or the good one again (``bon``).

        The listener is replaced: its connections are closed and no TLS session of before can be resumed.
        """
        self.port(listener)
        if self._presented[listener] != certificate:
            self._within(self._present(listener, certificate))

    def presented(self, listener: str) -> str:
        """Name of the certificate served now."""
        self.port(listener)
        return self._presented[listener]

    def _bind(self) -> dict[str, socket.socket]:
        family = socket.AF_INET6 if ":" in self._adresse else socket.AF_INET
        bound: dict[str, socket.socket] = {}
        for nom in self._listeners:
            wanted = self._wanted.get(nom, 0)
            try:
                bound[nom] = socket.create_server((self._adresse, wanted), family=family, backlog=128)
            except OSError as error:
                for each in bound.values():
                    each.close()
                raise InputError(
                    f"[services] {nom} : impossible d'écouter sur {self._adresse}:{wanted} ({error.strerror or error}) ; "
                    "arrêtez le programme qui tient ce port ou changez-le dans dui.toml"
                ) from error
            self._numbers[nom] = bound[nom].getsockname()[1]
        return bound

    async def _open_all(self, sockets: Mapping[str, socket.socket]) -> None:
        for nom in self._listeners:
            self._open[nom] = self._port(nom, sockets[nom])
            await self._present(nom, "bon")

    def _port(self, nom: str, listening: socket.socket) -> AnyPort:
        """What serves a listener, according to its protocol."""
        from .dns import DnsPort
        from .front import Port
        from .http import Site
        from .mail import MailPort

        service, listener = self._listeners[nom]
        site = Site(
            service=service,
            listener=nom,
            recorder=self._recorder,
            clock=self._clock,
            executor=self._executor,
            spool=Path(self._spool.name),
            on_failure=self._failed,
            ended=lambda connection: self._open[nom].ended(connection),
            max_body=self._max_body,
        )
        if listener.protocole == "dns":
            return DnsPort(site, listening)
        kind = Port if listener.protocole == "https" else MailPort
        return kind(site, listening, self._reporter(service.nom, nom), self._pki.revoked)

    async def _present(self, nom: str, certificate: str) -> None:
        from .front import Generation

        _, listener = self._listeners[nom]
        faulty = "bon" if certificate in DOWNGRADES else certificate
        context = server_context(listener, self._pki.server(faulty), self._pki, self._ac_clientes)
        if certificate in DOWNGRADES:
            downgrade(context, certificate)
        await self._open[nom].present(Generation(certificate, context))
        self._presented[nom] = certificate

    def _reporter(self, service: str, listener: str) -> Callable[[Connection], None]:
        """Records a connection without request, away from the loop."""

        def report(connection: Connection) -> None:
            future = self._executor.submit(self._recorder.handshake, service, listener, connection)
            self._reports.add(future)
            future.add_done_callback(self._reported)

        return report

    def _reported(self, future: Future[None]) -> None:
        self._reports.discard(future)
        error = future.exception()
        if error is not None:
            self._failed(error)

    def _failed(self, error: BaseException) -> None:
        if len(self.failures) < KEPT_FAILURES:
            self.failures.append(error)
        if self._tell_failure is not None:
            self._tell_failure(error)

    def _run(self, ready: threading.Event) -> None:
        with asyncio.Runner() as runner:
            runner.run(self._main(ready))

    async def _main(self, ready: threading.Event) -> None:
        self._stopping = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        ready.set()
        await self._stopping.wait()
        await asyncio.gather(*(port.close() for port in self._open.values()))

    def _within(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop's thread and wait for it."""
        if self._loop is None:
            work.close()
            raise HarnessError("les services ne sont pas démarrés")
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(ANSWER_SECONDS)
