"""Mails to judge: a correct one of each sort, made once, and ways to spoil them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pytest
from dui_conformance.checks.courriel import MessageVerdict, check_message
from dui_conformance.checks.registry import check_named
from dui_conformance.cli.courriels_recus import received_mails
from dui_conformance.core.errors import CheckFailed
from dui_conformance.core.problem import Evidence
from dui_conformance.core.providers import provide
from dui_conformance.fixtures.people import usager
from dui_conformance.mocks.mss.corpus.archive import zipper
from dui_conformance.validation.mail import Mail, RawMail

DAY = date(2026, 11, 22)
SENDER, RECIPIENT = "paul.testeur@pro.formation.mssante.fr", "contact@tilleuls.formation.mssante.fr"
USAGER = usager("qualifie", "courriels")
SIMPLE = (
    b"From: Dr_Paul_TESTEUR_Cabinet <paul.testeur@pro.formation.mssante.fr>\r\n"
    b"To: <contact@tilleuls.formation.mssante.fr>\r\n"
    b"Subject: Question\r\n"
    b"Date: Mon, 02 Nov 2026 10:30:00 +0100\r\n"
    b"Message-ID: <1@pro.formation.mssante.fr>\r\n"
    b"Disposition-Notification-To: <paul.testeur@pro.formation.mssante.fr>\r\n"
    b"X-MSS-NIL: NIL-1\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n"
    b"\r\n"
    b"Bonjour, \xc3\xaates-vous disponible ?\r\n"
)


@cache
def variant(nom: str = "valide") -> tuple[bytes, ...]:
    """The mails of a variant of the corpus; those that answer, answer the correct one."""
    original = b"" if nom == "valide" else variant()[0]
    le = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
    return tuple(
        received_mails(
            nom, USAGER, de=SENDER, libelle="Dr_Paul_TESTEUR_Cabinet", a=RECIPIENT, le=le, graine="essai", original=original
        )
    )


def right() -> bytes:
    """The correct mail with one document."""
    return variant()[0]


def header(name: str, value: str | None, data: bytes = SIMPLE) -> bytes:
    """With another value of a header, or without it."""
    pattern = re.compile(rb"^" + name.encode() + rb":[^\r]*(?:\r\n[ \t][^\r]*)*\r\n", re.MULTILINE | re.IGNORECASE)
    new = b"" if value is None else f"{name}: {value}\r\n".encode()
    found, count = pattern.subn(lambda _: new, data, count=1)
    return found if count else new + data


def archived(changer: Callable[[dict[str, bytes]], Any], data: bytes | None = None) -> bytes:
    """With other files in the archive of the correct mail."""
    import base64

    data = right() if data is None else data
    part = RawMail(data).mail.archives[0]
    with zipfile.ZipFile(io.BytesIO(part.content)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    changer(files)
    encoded = base64.encodebytes(zipper(files)).replace(b"\n", b"\r\n")
    return data[: part.start] + encoded + data[part.end :]


def replaced(path: str, before: bytes, after: bytes) -> bytes:
    """With other bytes in a file of the archive."""

    def change(files: dict[str, bytes]) -> None:
        assert before in files[path], f"{before!r} absent"
        files[path] = files[path].replace(before, after, 1)

    return archived(change)


def judged(data: bytes) -> MessageVerdict:
    """The whole verdict of a message."""
    return check_message(data, day=DAY)


def run(check: str, data: bytes, *others: Any) -> Evidence:
    """Apply a check to a message; its parameters are provided from it, save those given."""
    made, raw = check_named(check), RawMail(data)
    arguments: list[Any] = []
    left = list(others)
    for _, wanted in made.parameters:
        direct = next((o for o in left if isinstance(o, wanted)), None)
        if direct is not None:
            left.remove(direct)
        arguments.append(direct if direct is not None else provide(wanted, raw))
    return made(*arguments)


def breaks(check: str, data: bytes, *others: Any) -> CheckFailed:
    """The failure of a check on a message; all that it says is filled."""
    with pytest.raises(CheckFailed) as failed:
        run(check, data, *others)
    said = failed.value
    assert all((said.message, said.at, said.hint, said.received)), vars(said)
    return said


def mail(data: bytes) -> Mail:
    """The view of a message."""
    return RawMail(data).mail
