"""Receipts: read receipts (MDN, RFC 8098) and delivery reports (DSN, RFC 3464), as fields of their machine-readable part."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Inconclusive
from ...core.providers import provider
from .headers import MailError, cut_headers
from .message import Mail, nested
from .mime import Part

MDN, DSN = "message/disposition-notification", "message/delivery-status"
MOST_BLOCKS = 1_000
_DISPOSITION = re.compile(r"\s*([\w-]+)\s*/\s*([\w-]+)\s*;\s*([\w-]+)\s*(?:/\s*(.*))?", re.DOTALL)
_TYPED = re.compile(r"\s*([\w-]+)\s*;\s*(.*?)\s*", re.DOTALL)
_BLANK = re.compile(rb"\r?\n[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class Disposition:
    """``Disposition``: action mode, sending mode, type, modifiers; empty when it is not written so."""

    action: str = ""
    sending: str = ""
    type: str = ""
    modifiers: str = ""

    @property
    def automatic(self) -> bool:
        """True when no one decided to send it."""
        return self.sending == "mdn-sent-automatically"

    @property
    def failed(self) -> bool:
        """True when it says an error."""
        return "error" in self.modifiers.lower() or "failed" in self.type


@dataclass(frozen=True, slots=True, eq=False)
class Mdn:
    """A read receipt. ``part`` is the machine-readable one, None when absent; ``fields`` by lower-case name."""

    mail: Mail
    part: Part | None
    fields: Mapping[str, str]
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.mail.id

    @property
    def at(self) -> str:
        """Where its fields are, or should be."""
        return self.part.at if self.part is not None else self.mail.root.at

    def get(self, name: str) -> str:
        """A field, ``""`` when absent."""
        return self.fields.get(name.lower(), "")

    def address(self, name: str) -> str:
        """The address of a typed field (``rfc822; x@y``), ``""`` when it has not this form."""
        match = _TYPED.fullmatch(self.get(name))
        return match[2] if match and match[1].lower() == "rfc822" else ""

    @property
    def disposition(self) -> Disposition:
        """The field of that name, in parts."""
        match = _DISPOSITION.fullmatch(self.get("Disposition"))
        if match is None:
            return Disposition()
        return Disposition(match[1].lower(), match[2].lower(), match[3].lower(), (match[4] or "").strip())

    @property
    def returned(self) -> Part | None:
        """The part that holds the message which it answers."""
        return next((p for p in self.mail.root.walk() if p.type in ("message/rfc822", "text/rfc822-headers")), None)

    @property
    def original(self) -> Mail:
        """That message; raises ``Inconclusive`` when it is absent or unreadable."""
        part = self.returned
        if part is None:
            raise Inconclusive("l'accusé ne joint pas le message d'origine")
        return nested(part)


@dataclass(frozen=True, slots=True, eq=False)
class Returned:
    """The message that a receipt returns: what the DUI received."""

    mail: Mail


@dataclass(frozen=True, slots=True, eq=False)
class Dsn:
    """A delivery report: the fields of the message, then those of each recipient."""

    mail: Mail
    part: Part | None
    message: Mapping[str, str]
    recipients: tuple[Mapping[str, str], ...]

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.mail.id

    @property
    def at(self) -> str:
        """Where its fields are, or should be."""
        return self.part.at if self.part is not None else self.mail.root.at


def read_fields(block: bytes) -> dict[str, str]:
    """The fields of a block, by lower-case name; the first of a name counts."""
    try:
        headers = cut_headers(block, 1, [])
    except MailError:
        return {}
    found: dict[str, str] = {}
    for header in headers:
        found.setdefault(header.name.lower(), header.value)
    return found


@provider
def _mdn_of(mail: Mail) -> Mdn:
    if mail.kind != "mss.courriel.mdn":
        raise Inconclusive("le message n'est pas un accusé de lecture (MDN)")
    part = next((p for p in mail.root.walk() if p.type == MDN), None)
    return Mdn(mail, part, {} if part is None else read_fields(part.content.strip()))


@provider
def _dsn_of(mail: Mail) -> Dsn:
    if mail.kind != "mss.courriel.dsn":
        raise Inconclusive("le message n'est pas un avis de remise (DSN)")
    part = next((p for p in mail.root.walk() if p.type == DSN), None)
    blocks = [] if part is None else [read_fields(b) for b in _BLANK.split(part.content.strip(), MOST_BLOCKS)]
    return Dsn(mail, part, blocks[0] if blocks else {}, tuple(blocks[1:]))


@provider
def _returned_of(mdn: Mdn) -> Returned:
    return Returned(mdn.original)
