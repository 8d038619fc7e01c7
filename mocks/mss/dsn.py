"""Delivery status notifications (RFC 3464), and the plain bounce of a box of Mon espace santé."""

from __future__ import annotations

import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

Action = Literal["delivered", "relayed", "failed", "delayed"]
_TITLES = {
    "delivered": "Message remis",
    "relayed": "Message relayé",
    "failed": "Message non remis",
    "delayed": "Remise retardée",
}


@dataclass(frozen=True, slots=True)
class Sort:
    """What became of a message for one recipient. ``code`` is the enhanced status (``5.1.1``), ``motif`` its French words."""

    adresse: str
    action: Action
    code: str
    motif: str
    orcpt: str = ""


def notification(
    sorts: list[Sort], *, vers: str, envid: str, message: bytes, entier: bool, domaine: str, now: datetime, brute: bool = False
) -> bytes:
    """A DSN to ``vers``. ``entier`` (RET=FULL) returns the whole message, else its headers; ``brute`` gives a mere text."""
    subject = _TITLES[sorts[0].action]
    frontiere = f"dsn-{uuid.uuid4().hex}"
    head = [
        f"From: Mailer-Daemon <mailer-daemon@{domaine}>",
        f"To: <{vers}>",
        f"Subject: {_encoded(subject)}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: <{uuid.uuid4().hex}@{domaine}>",
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
    ]
    texte = "\r\n".join(f"{s.adresse} : {s.motif} ({s.code})" for s in sorts) + "\r\n"
    if brute:
        head += ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit", "", ""]
        return "\r\n".join(head).encode() + texte.encode()
    rows = [f"Reporting-MTA: dns; smtp.{domaine}", *([f"Original-Envelope-Id: {envid}"] if envid else [])]
    rows.append(f"Arrival-Date: {format_datetime(now)}")
    for sort in sorts:
        rows += ["", *([f"Original-Recipient: {sort.orcpt}"] if sort.orcpt else []), f"Final-Recipient: rfc822; {sort.adresse}"]
        rows += [f"Action: {sort.action}", f"Status: {sort.code}"]
        code = 250 if sort.action in ("delivered", "relayed") else 550
        rows.append(f"Diagnostic-Code: smtp; {code} {sort.code} {_plain(sort.motif)}")
    returned, kind = (message, "message/rfc822") if entier else (_headers(message), "text/rfc822-headers")
    head += [f'Content-Type: multipart/report; report-type=delivery-status; boundary="{frontiere}"', ""]
    parts = [
        "\r\n".join(head),
        f"--{frontiere}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{texte}",
        f"--{frontiere}\r\nContent-Type: message/delivery-status\r\n\r\n" + "\r\n".join(rows) + "\r\n",
        f"--{frontiere}\r\nContent-Type: {kind}\r\n\r\n",
    ]
    return "\r\n".join(parts).encode() + returned + f"\r\n--{frontiere}--\r\n".encode()


def _headers(message: bytes) -> bytes:
    return message.replace(b"\r\n", b"\n").partition(b"\n\n")[0].replace(b"\n", b"\r\n")[:65536] + b"\r\n"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _encoded(text: str) -> str:
    from email.header import Header

    return Header(text, "utf-8").encode()
