"""TLS of the listeners: contexts made for one certificate, and an SSL object that records why a handshake failed.

Clients rarely learn why a handshake failed, and several say nothing when they refuse a certificate; the server must
know. The recording works below the protocol, so the same object serves HTTPS, SMTP and IMAP, STARTTLS included.
"""

from __future__ import annotations

import re
import ssl
import warnings
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dui_conformance.core.errors import InputError
from dui_conformance.core.exchange import Connection
from dui_conformance.core.service import ClientCertificate, Listener
from dui_conformance.mocks.pki import Credential, Pki
from dui_conformance.mocks.pki.dh import dh_parameters

from .hello import ClientHello, parse_client_hello

_HELLO_LIMIT = 64 * 1024
DOWNGRADES = ("tls-1-1", "suite-faible", "suite-sans-chiffrement")
"""What a listener may present in place of a faulty certificate: a good one, over TLS that no client should accept."""
_DOWNGRADED_SUITES = {
    "tls-1-1": "ALL:@SECLEVEL=0",
    "suite-faible": "AES128-SHA:@SECLEVEL=0",
    "suite-sans-chiffrement": "NULL-SHA256:@SECLEVEL=0",
}
_ALERT = re.compile(r"(?:SSLV3|TLSV1|TLSV13)_ALERT_(\w+)")
_VERIFY = {
    ClientCertificate.AUCUN: ssl.CERT_NONE,
    ClientCertificate.OPTIONNEL: ssl.CERT_OPTIONAL,
    ClientCertificate.EXIGE: ssl.CERT_REQUIRED,
}


@dataclass(slots=True)
class Recording:
    """What is known of one TLS connection. ``inbound`` and ``outbound`` receive the plaintext, byte for byte.

    ``flush`` sends what OpenSSL left to say (its alert) when the handshake fails: asyncio closes without sending it.
    """

    id: str
    certificate: str
    inbound: Callable[[bytes], None] | None = None
    outbound: Callable[[bytes], None] | None = None
    flush: Callable[[bytes], None] | None = None
    hello: ClientHello | None = None
    first_bytes: bytes = b""
    established: bool = False
    error: str = ""
    detail: str = ""
    alert: str = ""
    application_bytes: int = 0
    session: dict[str, Any] = field(default_factory=dict)

    def connection(self) -> Connection:
        """The connection as it is known now."""
        hello = self.hello or ClientHello()
        return Connection(
            id=self.id,
            established=self.established,
            server_name=hello.server_name,
            server_certificate=self.certificate,
            error=self.error,
            detail=self.detail,
            alert=self.alert,
            application_bytes=self.application_bytes,
            offered_ciphers=hello.ciphers,
            offered_versions=hello.versions,
            **self.session,
        )

    def peek(self, incoming: ssl.MemoryBIO) -> None:
        """Look at the bytes that OpenSSL is about to read, until the ClientHello is complete."""
        if self.hello is not None:
            return
        waiting = incoming.read()
        incoming.write(waiting)
        self.first_bytes = waiting[:_HELLO_LIMIT] if not self.first_bytes else (self.first_bytes + waiting)[:_HELLO_LIMIT]
        self.hello = parse_client_hello(self.first_bytes)

    def failed(self, error: OSError, detail: str = "") -> None:
        """Note why the connection failed; the first reason is kept."""
        reason = str(getattr(error, "reason", None) or type(error).__name__)
        found = _ALERT.fullmatch(reason)
        self.alert = self.alert or (found[1].lower() if found else "")
        if not self.error:
            self.error, self.detail = reason, detail or str(getattr(error, "verify_message", "") or "")


_RECORDING: ContextVar[Recording | None] = ContextVar("recording", default=None)


class recorded:  # noqa: N801 - reads as a statement: with recorded(recording):
    """Within this block (and what it schedules), a new SSL object of a :class:`RecordingContext` reports there."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def __enter__(self) -> None:
        self._token = _RECORDING.set(self._recording)

    def __exit__(self, *_: object) -> None:
        _RECORDING.reset(self._token)


class RecordingObject(ssl.SSLObject):
    """An SSL object that reports its handshake and its plaintext to a :class:`Recording`."""

    recording: Recording | None = None
    incoming: ssl.MemoryBIO
    outgoing: ssl.MemoryBIO

    def do_handshake(self) -> None:
        recording = self.recording
        if recording is None:
            return super().do_handshake()
        if not recording.established:
            recording.peek(self.incoming)
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            recording.failed(error)
            if recording.flush is not None:
                recording.flush(self.outgoing.read())
            raise
        if not recording.established:
            recording.established = True
            recording.session = _session_of(self)

    def read(self, size: int = 1024, buffer: Any = None) -> Any:
        recording = self.recording
        got: Any
        try:
            got = super().read(size, buffer) if buffer is not None else super().read(size)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, ssl.SSLZeroReturnError):
            raise
        except ssl.SSLError as error:
            if recording is not None:
                recording.failed(error)
            raise
        if recording is not None:
            data = bytes(memoryview(buffer)[:got]) if buffer is not None else got
            recording.application_bytes += len(data)
            if recording.inbound is not None:
                recording.inbound(data)
        return got

    def write(self, data: Any) -> int:
        sent = super().write(data)
        if self.recording is not None and self.recording.outbound is not None:
            self.recording.outbound(bytes(memoryview(data)[:sent]))
        return sent


class RecordingContext(ssl.SSLContext):
    """A server context whose SSL objects report to the :class:`Recording` current when they are made."""

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        made = super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)
        if isinstance(made, RecordingObject):
            made.recording, made.incoming, made.outgoing = _RECORDING.get(), incoming, outgoing
        return made


def server_context(listener: Listener, credential: Credential, pki: Pki, ac_clientes: Sequence[Path] = ()) -> RecordingContext:
    """A new context for a listener and one server certificate; never change a live one.

    Client certificates are checked strictly against the test PKI and its CRLs. Foreign trust anchors (``ac_clientes``)
    come without CRL and may break strict X.509: with them, OpenSSL checks the path alone and the runtime looks up the
    revoked serial numbers of the test PKI itself.
    """
    context = RecordingContext(ssl.PROTOCOL_TLS_SERVER)
    context.sslobject_class = RecordingObject
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not listener.tls13:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if listener.ciphers:
        context.set_ciphers(listener.ciphers)
        if any(suite.startswith("DHE-") for suite in listener.ciphers.split(":")):
            context.load_dh_params(str(dh_parameters(pki.folder)))
    context.load_cert_chain(credential.certificate, credential.key)
    context.verify_mode = _VERIFY[listener.client]
    if listener.client is ClientCertificate.AUCUN:
        return context
    for trusted in (pki.ac, pki.chaine):
        context.load_verify_locations(trusted)
    for anchor in ac_clientes:
        try:
            context.load_verify_locations(anchor)
        except (OSError, ssl.SSLError) as error:
            raise InputError(f"[pki] ac_clientes : {anchor} n'est pas un fichier de certificats PEM lisible ({error})") from error
    if not ac_clientes:
        context.load_verify_locations(pki.crl)
        context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF | ssl.VERIFY_X509_STRICT
    return context


def downgrade(context: ssl.SSLContext, name: str) -> None:
    """Leave a new context nothing but what ``DOWNGRADES`` names: TLS 1.1, a suite without forward secrecy, or one without
    encryption."""
    version = ssl.TLSVersion.TLSv1_1 if name == "tls-1-1" else ssl.TLSVersion.TLSv1_2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = context.maximum_version = version
    context.set_ciphers(_DOWNGRADED_SUITES[name])


def _session_of(made: ssl.SSLObject) -> dict[str, Any]:
    cipher = made.cipher()
    leaf = made.getpeercert(binary_form=True)
    return {
        "version": made.version() or "",
        "cipher": cipher[0] if cipher else "",
        "resumed": bool(made.session_reused),
        "client_der": leaf,
        "client_chain_der": _chain_of(made) if leaf else (),
    }


def _chain_of(made: ssl.SSLObject) -> tuple[bytes, ...]:
    """The chain that a client with a certificate sent. Public since Python 3.13 (which fails without certificate); before,
    only the private object has it."""
    public = getattr(made, "get_unverified_chain", None)
    if public is not None:
        return tuple(public())
    private = getattr(getattr(made, "_sslobj", None), "get_unverified_chain", None)
    chain = private() if private is not None else None
    return tuple(ssl.PEM_cert_to_DER_cert(each.public_bytes()) for each in chain or () if each is not None)
