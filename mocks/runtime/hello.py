"""What a TLS client offers: the ClientHello, read from the first bytes of a connection (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2)."""

from __future__ import annotations

import ssl
import struct
from dataclasses import dataclass
from functools import cache

_HANDSHAKE, _CLIENT_HELLO = 22, 1
_SERVER_NAME, _SUPPORTED_VERSIONS = 0, 43
_VERSIONS = {0x0300: "SSLv3", 0x0301: "TLSv1", 0x0302: "TLSv1.1", 0x0303: "TLSv1.2", 0x0304: "TLSv1.3"}
_SIGNALS = {0x00FF: "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", 0x5600: "TLS_FALLBACK_SCSV"}


@dataclass(frozen=True, slots=True)
class ClientHello:
    """Versions (``TLSv1.2``…) and suites (OpenSSL names, hexadecimal when unknown) in the client's order; GREASE left out."""

    versions: tuple[str, ...] = ()
    ciphers: tuple[str, ...] = ()
    server_name: str = ""


def parse_client_hello(data: bytes) -> ClientHello | None:
    """The ClientHello at the start of a connection; None while it is incomplete. Anything else gives an empty one."""
    message = _handshake_message(data)
    if message is None:
        return None
    try:
        return _client_hello(message)
    except (struct.error, IndexError):
        return ClientHello()


def _handshake_message(data: bytes) -> bytes | None:
    """The first handshake message, its records joined; ``b""`` when this is not TLS, None when more bytes are needed."""
    joined, at = b"", 0
    while True:
        if len(data) < at + 5:
            return None
        kind, _, length = struct.unpack_from("!BHH", data, at)
        if kind != _HANDSHAKE:
            return b""
        joined += data[at + 5 : at + 5 + length]
        if len(joined) >= 4 and len(joined) >= 4 + int.from_bytes(joined[1:4], "big"):
            return joined
        at += 5 + length


def _client_hello(message: bytes) -> ClientHello:
    if not message or message[0] != _CLIENT_HELLO:
        return ClientHello()
    (legacy,) = struct.unpack_from("!H", message, 4)
    at = 4 + 2 + 32
    at += 1 + message[at]
    (size,) = struct.unpack_from("!H", message, at)
    suites = struct.unpack_from(f"!{size // 2}H", message, at + 2)
    at += 2 + size
    at += 1 + message[at]
    extensions = _extensions(message, at)
    versions = _supported_versions(extensions.get(_SUPPORTED_VERSIONS, b"")) or (legacy,)
    return ClientHello(
        versions=tuple(_VERSIONS.get(v, f"0x{v:04X}") for v in versions if not _grease(v)),
        ciphers=tuple(_suite_name(s) for s in suites if not _grease(s)),
        server_name=_server_name(extensions.get(_SERVER_NAME, b"")),
    )


def _extensions(message: bytes, at: int) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at += 2
    while at + 4 <= len(message):
        kind, size = struct.unpack_from("!HH", message, at)
        found[kind] = message[at + 4 : at + 4 + size]
        at += 4 + size
    return found


def _supported_versions(data: bytes) -> tuple[int, ...]:
    return struct.unpack_from(f"!{data[0] // 2}H", data, 1) if data else ()


def _server_name(data: bytes) -> str:
    if len(data) < 5:
        return ""
    (size,) = struct.unpack_from("!H", data, 3)
    return data[5 : 5 + size].decode("ascii", "replace")


def _grease(value: int) -> bool:
    """Reserved values that some clients mix in (RFC 8701)."""
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF


def _suite_name(value: int) -> str:
    return _SIGNALS.get(value) or _suite_names().get(value, f"0x{value:04X}")


@cache
def _suite_names() -> dict[int, str]:
    """Every suite that the local OpenSSL knows, by its code point."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:COMPLEMENTOFALL:@SECLEVEL=0")
    return {int(suite["id"]) & 0xFFFF: str(suite["name"]) for suite in context.get_ciphers()}
