"""What is judged in a mail or in an archive: itself, then each document inside, each by the profile of its own kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ...core.errors import Inconclusive
from ...core.providers import provide
from ..cda.view import CdaDocument
from ..document import Document
from ..xdm.media import Xdm, XdmFile
from .headers import MailError
from .message import Mail, RawMail
from .mime import Part
from .patient import Content, twins_of

UNREADABLE = "mss.courriel"
XDM = "mss.xdm"


@dataclass(frozen=True, slots=True)
class Judged:
    """One thing to judge. ``kind`` chooses its profile, ``member`` is its place inside (``""``: the whole)."""

    kind: str
    subjects: tuple[Any, ...]
    member: str = ""


def pieces_of(raw: RawMail) -> Iterator[Judged]:
    """The mail, the documents of its archive, its PDF."""
    try:
        mail = raw.mail
    except MailError:
        yield Judged(UNREADABLE, (raw,))
        return
    yield Judged(mail.kind, (raw,))
    if mail.kind == "mss.courriel.xdm":
        yield from _documents(mail)


def pieces_of_archive(file: XdmFile) -> Iterator[Judged]:
    """The archive, then its documents."""
    yield Judged(XDM, (file,))
    try:
        xdm: Xdm = provide(Xdm, file)
    except Inconclusive:
        return
    yield from _cdas(xdm)


def _cdas(xdm: Xdm, before: str = "") -> Iterator[Judged]:
    for document in xdm.cdas:
        try:
            cda: CdaDocument = provide(CdaDocument, document)
        except Inconclusive:
            yield Judged("document.cda", (document,), f"{before}{document.name}")
            continue
        yield Judged(cda.kind, (document,), f"{before}{document.name}")


def _documents(mail: Mail) -> Iterator[Judged]:
    """The documents of the archive; then the PDF, each with the document whose paper form it is."""
    try:
        xdm: Xdm = provide(Xdm, mail)
        content: Content = provide(Content, mail)
    except Inconclusive:
        yield from (_pdf(part) for part in mail.pdfs)
        return
    where = f"{mail.archives[0].at}, "
    yield from _cdas(xdm, where)
    paired: set[Part] = set()
    for described, part in twins_of(mail, content):
        if part is not None:
            paired.add(part)
            yield Judged("document.cda-pdf", (Document(part.content, part.id), described.document), part.at)
    yield from (_pdf(part) for part in mail.pdfs if part not in paired)


def _pdf(part: Part) -> Judged:
    return Judged("document.pdf", (Document(part.content, part.id),), part.at)
