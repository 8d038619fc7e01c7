"""Header fields of a mail or of a MIME part: cut from bytes, unfolded, encoded words decoded (RFC 5322 §2.2, RFC 2047)."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

MOST_HEADERS = 1_000
LARGEST_BLOCK = 256 * 1024
LARGEST_VALUE = 64 * 1024

CHARSETS = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "windows-1252", "cp1252", "windows-1250", "utf-16", "utf-16le", "utf-16be"}
    | {f"iso-8859-{n}" for n in (*range(1, 12), 13, 14, 15, 16)}
)
"""The charsets that are decoded: those of mails in Europe. Some other codecs of Python cost far more than their input."""

_NAME = re.compile(rb"[!-9;-~]+")
_WORD = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?\s]*)\?=")
_BETWEEN = re.compile(r"(\?=)[ \t]+(?==\?[^?\s]{1,60}\?[bBqQ]\?)")
_Q_CODE = re.compile(rb"=([0-9A-Fa-f]{2})")
LONGEST_WORD = 75


class MailError(ValueError):
    """A mail that is not read: what is wrong with it, in French, with its place."""

    def __init__(self, message: str, *, expected: str, received: str, at: str = "/", hint: str = "") -> None:
        super().__init__(message)
        self.message, self.expected, self.received, self.at = message, expected, received, at
        self.hint = hint or "Construire le message avec une bibliothèque MIME, et l'exporter tel qu'il a été envoyé."


@dataclass(frozen=True, slots=True)
class Header:
    """One field. ``raw`` is its value as written, folding included; ``line`` counts from 1 in the file."""

    name: str
    raw: bytes
    line: int

    @property
    def at(self) -> str:
        """Where it is."""
        return f"en-tête {self.name} (ligne {self.line})"

    @property
    def unfolded(self) -> str:
        """The value on one line, encoded words as written; bytes over 127 are read as UTF-8, else Latin 1."""
        joined = self.raw.replace(b"\r\n", b"").replace(b"\n", b"").strip(b" \t")
        try:
            return joined.decode("utf-8")
        except UnicodeDecodeError:
            return joined.decode("latin-1")

    @property
    def value(self) -> str:
        """The value on one line, encoded words decoded."""
        return decode_words(self.unfolded)[0]


def cut_headers(block: bytes, first_line: int, faults: list[tuple[str, int]]) -> tuple[Header, ...]:
    """The fields of a header block; ``faults`` receives what is not a field, with its line.

    Raises :class:`MailError` past the bounds.
    """
    if len(block) > LARGEST_BLOCK:
        raise MailError(
            "En-têtes trop volumineux : le message n'est pas lu",
            expected=f"{LARGEST_BLOCK // 1024} ko d'en-têtes au plus",
            received=f"{len(block) // 1024} ko",
            at=f"en-têtes (ligne {first_line})",
        )
    lines = block.split(b"\n")
    if len(lines) > 10 * MOST_HEADERS:
        raise _too_many(len(lines), first_line)
    found: list[tuple[bytes, list[bytes], int]] = []
    for number, text in enumerate(lines, first_line):
        line = text.removesuffix(b"\r")
        if b"\r" in line:
            faults.append(("retour chariot isolé", number))
        if line[:1] in (b" ", b"\t") and found:
            found[-1][1].append(line)
            continue
        name, colon, value = line.partition(b":")
        if colon and _NAME.fullmatch(name.rstrip(b" \t")):
            if name != name.rstrip(b" \t"):
                faults.append(("espace avant le deux-points", number))
            found.append((name.rstrip(b" \t"), [value], number))
        elif line.strip():
            faults.append((f"ligne qui n'est pas un en-tête : {line[:60].decode('latin-1')}", number))
    if len(found) > MOST_HEADERS:
        raise _too_many(len(found), first_line)
    return tuple(Header(name.decode("ascii"), b"\n".join(rows), number) for name, rows, number in found)


def _too_many(count: int, line: int) -> MailError:
    return MailError(
        "Trop d'en-têtes : le message n'est pas lu",
        expected=f"{MOST_HEADERS} au plus",
        received=str(count),
        at=f"en-têtes (ligne {line})",
    )


def decode_words(text: str) -> tuple[str, tuple[str, ...]]:
    """The text with its encoded words decoded, and what is wrong with them, in French."""
    if "=?" not in text or len(text) > LARGEST_VALUE:
        return text, ()
    faults: list[str] = []

    def word(match: re.Match[str]) -> str:
        charset, kind, payload = match[1].partition("*")[0].lower(), match[2].upper(), match[3]
        if len(match[0]) > LONGEST_WORD:
            faults.append(f"mot encodé de {len(match[0])} caractères ({LONGEST_WORD} au plus)")
        if charset not in CHARSETS:
            faults.append(f"jeu de caractères inconnu : {charset}")
            return match[0]
        try:
            data = _q(payload) if kind == "Q" else base64.b64decode(payload, validate=True)
        except (binascii.Error, ValueError):
            faults.append(f"mot encodé illisible : {match[0][:40]}")
            return match[0]
        pending.append((charset, data))
        return f"\0{len(pending) - 1}\0"

    pending: list[tuple[str, bytes]] = []
    marked = _WORD.sub(word, _BETWEEN.sub(r"\1", text.replace("\0", "")))
    return _fill(marked, pending, faults), tuple(faults)


def _fill(marked: str, pending: list[tuple[str, bytes]], faults: list[str]) -> str:
    """Decode the words; neighbours of one charset are joined first, as some senders cut in the middle of a character."""

    def run(match: re.Match[str]) -> str:
        words = [pending[int(rank)] for rank in match[0].strip("\0").split("\0\0")]
        out, rank = [], 0
        while rank < len(words):
            charset, data = words[rank]
            rank += 1
            while rank < len(words) and words[rank][0] == charset:
                data += words[rank][1]
                rank += 1
            try:
                out.append(data.decode(charset))
            except UnicodeDecodeError:
                faults.append(f"octets qui ne sont pas du {charset}")
                out.append(data.decode("latin-1"))
        return "".join(out)

    return re.sub(r"(?:\0\d+\0)+", run, marked)


def _q(payload: str) -> bytes:
    data = payload.replace("_", " ").encode("latin-1")
    return _Q_CODE.sub(lambda match: bytes((int(match[1], 16),)), data)
