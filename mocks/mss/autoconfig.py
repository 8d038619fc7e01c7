"""How a mail program finds its operator: the autoconfiguration file, and a small server of DNS SRV records."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from ...core.exchange import Body, Reply, Request

XML = (("Content-Type", "application/xml; charset=utf-8"),)
SRV, A, AAAA = 33, 1, 28
TTL = 60


@dataclass(frozen=True, slots=True)
class Adresse:
    """Where a listener is reached."""

    hote: str
    port: int

    @classmethod
    def de(cls, url: str) -> Adresse:
        """From an origin (``smtp://localhost:587``)."""
        parts = urlsplit(url)
        return cls(parts.hostname or "localhost", parts.port or 0)


def configuration(request: Request, domaines: tuple[str, ...], titre: str, adresses: Mapping[str, Adresse]) -> Reply:
    """``config-v1.1.xml`` for the domain of the address asked, of the host, or of the operator."""
    asked = (parse_qs(request.query).get("emailaddress") or [""])[0].rpartition("@")[2].lower()
    host = request.header("host").partition(":")[0].lower().removeprefix("autoconfig.")
    domaine = asked or (host if host in domaines else domaines[0])
    if domaine not in domaines:
        return Reply(
            404, (("Content-Type", "text/plain; charset=utf-8"),), Body(b"domaine inconnu\n"), facts={"domaine": domaine}
        )
    servers = [_server("incoming", "imap", adresses["imap"], "STARTTLS")]
    if "imaps" in adresses:
        servers.append(_server("incoming", "imap", adresses["imaps"], "SSL"))
    servers.append(_server("outgoing", "smtp", adresses["smtp"], "STARTTLS"))
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<clientConfig version="1.1">\n'
        f' <emailProvider id="{escape(domaine)}">\n  <domain>{escape(domaine)}</domain>\n'
        f"  <displayName>{escape(titre)}</displayName>\n{''.join(servers)} </emailProvider>\n</clientConfig>\n"
    )
    return Reply(200, XML, Body(text.encode()), facts={"domaine": domaine})


def _server(tag: str, kind: str, adresse: Adresse, securite: str) -> str:
    return (
        f'  <{tag}Server type="{kind}">\n   <hostname>{escape(adresse.hote)}</hostname>\n   <port>{adresse.port}</port>\n'
        f"   <socketType>{securite}</socketType>\n   <username>%EMAILADDRESS%</username>\n"
        f"   <authentication>OAuth2</authentication>\n  </{tag}Server>\n"
    )


@dataclass(frozen=True, slots=True)
class Question:
    """The first question of a DNS message; ``brute`` its bytes, to be repeated."""

    nom: str
    type: int
    brute: bytes


def question(message: bytes) -> Question | None:
    """Read it; None when the message is not a query with one."""
    if len(message) < 17 or message[2] & 0x80 or struct.unpack_from("!H", message, 4)[0] < 1:
        return None
    labels, at = [], 12
    while at < len(message) and message[at]:
        size = message[at]
        if size > 63 or at + 1 + size >= len(message):
            return None
        labels.append(message[at + 1 : at + 1 + size].decode("ascii", "replace").lower())
        at += 1 + size
    if at + 5 > len(message):
        return None
    return Question(".".join(labels), struct.unpack_from("!H", message, at + 1)[0], message[12 : at + 5])


def resoudre(request: Request, domaines: tuple[str, ...], adresses: Mapping[str, Adresse]) -> Reply:
    """The answer to a query: SRV of submission and IMAP (RFC 6186) under the operator's domains, A and AAAA of its hosts."""
    message = request.body.read()
    asked = question(message)
    if asked is None:
        start = message[:2] if len(message) >= 2 else b"\0\0"
        return Reply(body=Body(start + b"\x80\x01" + b"\0" * 8), facts={"code": 1, "nom": "", "type": 0})
    known, data = _records(asked, domaines, adresses)
    code = 0 if known else 3
    head = message[:2] + bytes([0x84 | (message[2] & 1), code]) + struct.pack("!HHHH", 1, len(data), 0, 0)
    rows = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", asked.type, 1, TTL, len(row)) + row for row in data)
    facts = {"code": code, "nom": asked.nom, "type": asked.type, "reponses": len(data)}
    return Reply(body=Body(head + asked.brute + rows), facts=facts)


def _records(asked: Question, domaines: tuple[str, ...], adresses: Mapping[str, Adresse]) -> tuple[bool, list[bytes]]:
    """Whether the name exists, and its records of the type asked."""
    services = {"_submission._tcp": "smtp", "_imap._tcp": "imap", "_imaps._tcp": "imaps"}
    for prefix, protocole in services.items():
        if asked.nom.startswith(prefix + ".") and asked.nom[len(prefix) + 1 :] in domaines:
            adresse = adresses.get(protocole)
            # A service decidedly not available is said by the root as target (RFC 2782).
            hote, port = (adresse.hote, adresse.port) if adresse is not None else ("", 0)
            return True, [struct.pack("!HHH", 0, 1, port) + _name(hote)] if asked.type == SRV else []
    hosts = {adresse.hote.lower() for adresse in adresses.values()}
    if asked.nom in hosts or asked.nom in domaines or asked.nom.removeprefix("autoconfig.") in domaines:
        return True, [bytes((127, 0, 0, 1))] if asked.type == A else []
    return False, []


def _name(host: str) -> bytes:
    labels = [label.encode("ascii", "ignore")[:63] for label in host.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
