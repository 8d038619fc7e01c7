"""A mail as rules read it: sender, recipients, subject, body, attachments, its sort."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ...core.errors import Inconclusive
from ...core.gestures import Piece
from ...core.providers import provider
from ..once import read_once
from .addresses import Address, parse_addresses
from .headers import Header, MailError
from .mime import Fault, Part, body_faults, read_part

LARGEST = 64 * 1024 * 1024
PREFIX = "XDM/1.0/DDM"
XDM_NAME = "IHE_XDM.ZIP"
ZIP_TYPES = ("application/zip", "application/x-zip-compressed")

_MBOX = re.compile(rb"From [^\r\n]*\r?\n")
_XDM_SUBJECT = re.compile(r"xdm/\d+\.\d+/ddm", re.IGNORECASE)
_FIELD = re.compile(rb"[!-9;-~]{1,80}[ \t]*:")
_KNOWN = re.compile(
    rb"^(?:received|return-path|delivered-to|from|to|cc|date|subject|message-id|mime-version|content-type|x-mss-\w+)[ \t]*:",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True, eq=False)
class RawMail:
    """The bytes of a mail, before it is known whether they can be read."""

    data: bytes = field(repr=False)
    name: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.name or "message"

    @property
    def mail(self) -> Mail:
        """The mail, read once; raises :class:`MailError` when it is not one, or is past the bounds."""
        return read_once(self.memo, "mail", lambda: read_mail(self.data, self.name), MailError)


@dataclass(frozen=True, slots=True, eq=False)
class Mail:
    """A mail: its tree, and what rules ask of it."""

    root: Part
    name: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """What findings call it: its file, else its Message-ID."""
        return self.name or self.message_id or "message"

    def header(self, name: str) -> Header | None:
        """The first field of a name."""
        return self.root.header(name)

    def value(self, name: str) -> str:
        """The decoded value of the first field of a name, or ``""``."""
        return self.root.value(name)

    def at(self, name: str) -> str:
        """Where a field is, or should be."""
        found = self.header(name)
        return f"en-tête {name} (absent)" if found is None else found.at

    def addresses(self, name: str) -> tuple[Address, ...]:
        """The mailboxes of all the fields of a name."""
        return tuple(a for header in self.root.all(name) for a in parse_addresses(header.unfolded))

    @property
    def sender(self) -> Address | None:
        """The first mailbox of ``From``."""
        return next(iter(self.addresses("From")), None)

    @property
    def recipients(self) -> tuple[Address, ...]:
        """The mailboxes of ``To``, ``Cc`` and ``Bcc``."""
        if "recipients" not in self.memo:
            self.memo["recipients"] = tuple(a for name in ("To", "Cc", "Bcc") for a in self.addresses(name))
        found: tuple[Address, ...] = self.memo["recipients"]
        return found

    @property
    def citizens(self) -> tuple[Address, ...]:
        """The recipients that are citizens."""
        return tuple(a for a in self.recipients if a.is_citizen)

    @property
    def subject(self) -> str:
        """The decoded subject."""
        return self.value("Subject")

    @property
    def message_id(self) -> str:
        """``Message-ID``, with its angle brackets."""
        return self.value("Message-ID")

    @property
    def leaves(self) -> tuple[Part, ...]:
        """The parts that hold content, in order."""
        if "leaves" not in self.memo:
            self.memo["leaves"] = tuple(self.root.leaves())
        found: tuple[Part, ...] = self.memo["leaves"]
        return found

    @property
    def attachments(self) -> tuple[Part, ...]:
        """The leaves that are files: a name, or the disposition ``attachment``."""
        return tuple(p for p in self.leaves if p.filename or p.disposition.value == "attachment")

    @property
    def archives(self) -> tuple[Part, ...]:
        """The attachments that are an IHE_XDM archive: by their name, else a zip that holds the folder."""
        named = [p for p in self.attachments if p.filename.upper() == XDM_NAME]
        if named:
            return tuple(named)
        return tuple(p for p in self.leaves if _is_zip(p) and b"IHE_XDM/" in p.content)

    @property
    def pdfs(self) -> tuple[Part, ...]:
        """The attachments that are PDF, by type, name or content."""
        return tuple(
            p
            for p in self.leaves
            if p.type == "application/pdf" or p.filename.lower().endswith(".pdf") or p.content[:5] == b"%PDF-"
        )

    @property
    def body(self) -> Part | None:
        """The text that the recipient reads first: the first ``text/*`` leaf that is not a file."""
        return next((p for p in self.leaves if p.type.startswith("text/") and p.disposition.value != "attachment"), None)

    @property
    def report(self) -> str:
        """``report-type`` of a ``multipart/report``, or ``""``."""
        root = self.root
        return root.content_type.get("report-type").lower() or "?" if root.type == "multipart/report" else ""

    @property
    def announces_xdm(self) -> bool:
        """True when the subject bears the prefix of mails that carry a document."""
        return _XDM_SUBJECT.search(self.subject) is not None

    @property
    def kind(self) -> str:
        """The kind that profiles name: ``mss.courriel.xdm``, ``.mdn``, ``.dsn``, ``.ko``, ``.reponse``, ``.simple``."""
        if self.report == "delivery-status":
            return "mss.courriel.dsn"
        if self.report or any(p.type == "message/disposition-notification" for p in self.root.walk()):
            return "mss.courriel.mdn"
        if self.subject.lstrip().upper().startswith(("[KO", "[ERREUR D'INT")):
            return "mss.courriel.ko"
        if self.archives or (self.announces_xdm and not self.subject.lower().startswith(("re:", "re :", "tr:", "fwd:"))):
            return "mss.courriel.xdm"
        return "mss.courriel.reponse" if self.header("In-Reply-To") else "mss.courriel.simple"

    def faults(self, *sorts: str) -> Iterator[Fault]:
        """What is wrong in the form of the mail, of these sorts."""
        if "faults" not in self.memo:
            found = [f for part in self.root.walk() for f in part.faults]
            found += [f for part in self.leaves for f in body_faults(part)]
            self.memo["faults"] = tuple(found)
        return (f for f in self.memo["faults"] if f.sort in sorts)


def _is_zip(part: Part) -> bool:
    return part.type in ZIP_TYPES or part.content.startswith(b"PK\x03\x04")


def looks_like_mail(data: bytes) -> bool:
    """True when the bytes begin with header fields, among which one of those of mails."""
    head = data[:16384]
    match = _MBOX.match(head)
    head = head[match.end() if match else 0 :]
    return _FIELD.match(head) is not None and _KNOWN.search(head.partition(b"\n\n")[0].partition(b"\r\n\r\n")[0]) is not None


def read_mail(data: bytes, name: str = "") -> Mail:
    """The mail; raises :class:`MailError` when it is not one, or is past the bounds."""
    if len(data) > LARGEST:
        raise MailError(
            "Message trop grand : il n'est pas lu",
            expected=f"{LARGEST // 1024 // 1024} Mio au plus",
            received=f"{len(data) // 1024 // 1024} Mio",
            hint="Réduire les pièces jointes ; Mon espace santé refuse au-delà de 25 Mo.",
        )
    match = _MBOX.match(data)
    root = read_part(data, match.end() if match else 0)
    if not root.headers:
        raise MailError(
            "Ce n'est pas un message : il n'a pas d'en-tête",
            expected="des en-têtes (From, To, Subject…), une ligne vide, puis le corps",
            received=repr(data[:60])[2:-1] or "rien",
        )
    return Mail(root, name)


def nested(part: Part) -> Mail:
    """The message that a ``message/rfc822`` part holds; raises ``Inconclusive`` when it cannot be read."""
    try:
        return read_once(part.memo, "message", lambda: read_mail(part.content, part.id), MailError)
    except MailError as error:
        raise Inconclusive(f"message joint illisible : {error}") from error


@provider
def _mail_of(raw: RawMail) -> Mail:
    try:
        return raw.mail
    except MailError as error:
        raise Inconclusive(f"le message n'est pas lisible : {error}") from error


@provider
def _raw_of(piece: Piece) -> RawMail:
    return RawMail(piece.data, piece.nom)
