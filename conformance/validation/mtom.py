"""MTOM/XOP: split and build ``multipart/related`` bodies, byte-exact and without copying the parts.

RFC 2046 §5.1 (multipart), RFC 2387 (related), XOP 1.0. Splitting is a search of the delimiter over the bytes: a boundary
that appears inside a binary part, not followed by a line end, is content.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

XOP = "http://www.w3.org/2004/08/xop/include"
_HEADER_LIMIT = 16 * 1024
_PART_LIMIT = 1000
_PARAMETER = re.compile(r';\s*([^\s=;"]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
_AFTER_DELIMITER = re.compile(rb"(--)?[ \t]*(?:\r\n|\Z)")
_TRANSPARENT = frozenset({"", "binary", "8bit", "7bit"})


class MtomError(ValueError):
    """The multipart body cannot be read; the text is French and says what is wrong."""


@dataclass(frozen=True, slots=True)
class ContentType:
    """A Content-Type header: ``media`` in lower case, parameters by lower-case name, unquoted."""

    media: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def get(self, name: str) -> str:
        """The parameter, or ``""``."""
        return self.parameters.get(name, "")


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One part: headers by lower-case name, content decoded of its transfer encoding, Content-ID without ``<>``."""

    headers: Mapping[str, str]
    content: memoryview
    content_id: str = ""

    @property
    def content_type(self) -> ContentType:
        """Its Content-Type, parsed."""
        return parse_content_type(self.headers.get("content-type", ""))


@dataclass(frozen=True, slots=True, eq=False)
class Multipart:
    """A split body: every part in order, and the one that ``start`` designates (the first without ``start``)."""

    content_type: ContentType
    parts: tuple[Part, ...]
    root: Part

    @property
    def attachments(self) -> dict[str, bytes]:
        """Content of every part but the root, by Content-ID; of two parts with one Content-ID the first wins."""
        found: dict[str, bytes] = {}
        for part in self.parts:
            if part is not self.root and part.content_id:
                found.setdefault(part.content_id, bytes(part.content))
        return found


def parse_content_type(value: str) -> ContentType:
    """The media type and its parameters; never fails, whatever the text."""
    media, _, _ = value.partition(";")
    parameters: dict[str, str] = {}
    for name, raw in _PARAMETER.findall(value[len(media) :]):
        text = re.sub(r"\\(.)", r"\1", raw[1:-1]) if raw.startswith('"') and raw.endswith('"') and len(raw) > 1 else raw.strip()
        parameters.setdefault(name.lower(), text)
    return ContentType(media.strip().lower(), parameters)


def cid_of(reference: str) -> str:
    """The Content-ID that a ``cid:`` URL or a Content-ID header names: percent-decoded, without ``<>``."""
    text = reference.strip()
    if text[:4].lower() == "cid:":
        text = unquote(text[4:])
    if text.startswith("<") and text.endswith(">"):
        text = text[1:-1]
    return text


def split(body: bytes, content_type: str | ContentType) -> Multipart:
    """The parts of a ``multipart/related`` body. Raises ``MtomError`` (French) for a truncated or malformed one."""
    kind = parse_content_type(content_type) if isinstance(content_type, str) else content_type
    boundary = kind.get("boundary")
    if not kind.media.startswith("multipart/"):
        raise MtomError(f"le corps n'est pas un multipart (Content-Type : {kind.media or 'absent'})")
    if not boundary:
        raise MtomError("paramètre « boundary » absent du Content-Type multipart")
    if len(boundary) > 70 or not boundary.isascii():
        raise MtomError("paramètre « boundary » invalide : 70 caractères ASCII au plus (RFC 2046 §5.1.1)")
    view = memoryview(body)
    parts = tuple(_part(view[start:end], number) for number, (start, end) in enumerate(_spans(body, boundary.encode()), 1))
    return Multipart(kind, parts, _root(parts, kind.get("start")))


def _spans(body: bytes, boundary: bytes) -> list[tuple[int, int]]:
    """Where each part begins and ends; the closing delimiter is required, the line end after it is not."""
    delimiter = b"\r\n--" + boundary
    # The first delimiter may open the body without the CRLF that precedes the others.
    found = _AFTER_DELIMITER.match(body, len(delimiter) - 2) if body.startswith(delimiter[2:]) else None
    if found is None:
        position = _next_delimiter(body, delimiter, 0)
        if position < 0:
            raise MtomError("aucune partie : le délimiteur annoncé par « boundary » ne se trouve pas dans le corps")
        found = _AFTER_DELIMITER.match(body, position + len(delimiter))
    spans: list[tuple[int, int]] = []
    while found is not None and not found.group(1):
        start = found.end()
        # A part without header and content has its delimiter right at its start: the CRLF is shared.
        end = _next_delimiter(body, delimiter, max(start - 2, 0))
        if end < 0:
            raise MtomError(f"message multipart tronqué : la partie {len(spans) + 1} n'est pas suivie du délimiteur de fin")
        spans.append((start, max(end, start)))
        if len(spans) > _PART_LIMIT:
            raise MtomError(f"plus de {_PART_LIMIT} parties dans le message multipart")
        found = _AFTER_DELIMITER.match(body, end + len(delimiter))
    if not spans:
        raise MtomError("message multipart sans aucune partie")
    return spans


def _next_delimiter(body: bytes, delimiter: bytes, start: int) -> int:
    position = body.find(delimiter, start)
    while position >= 0 and _AFTER_DELIMITER.match(body, position + len(delimiter)) is None:
        position = body.find(delimiter, position + 2)
    return position


def _part(view: memoryview, number: int) -> Part:
    head = bytes(view[:_HEADER_LIMIT])
    if head.startswith(b"\r\n"):
        return Part({}, view[2:])
    end = head.find(b"\r\n\r\n")
    if end < 0:
        raise MtomError(f"partie {number} : en-têtes sans ligne vide qui les termine")
    headers = _headers(head[:end])
    content = view[end + 4 :]
    encoding = headers.get("content-transfer-encoding", "").strip().lower()
    if encoding not in _TRANSPARENT:
        content = _decoded(content, encoding, number)
    return Part(headers, content, cid_of(headers.get("content-id", "")))


def _headers(block: bytes) -> dict[str, str]:
    lines = re.sub(rb"\r\n[ \t]+", b" ", block).decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    return headers


def _decoded(content: memoryview, encoding: str, number: int) -> memoryview:
    if encoding != "base64":
        raise MtomError(f"partie {number} : Content-Transfer-Encoding « {encoding} » non pris en charge (binary attendu)")
    try:
        return memoryview(base64.b64decode(bytes(content), validate=False))
    except binascii.Error as error:
        raise MtomError(f"partie {number} : contenu base64 illisible ({error})") from error


def _root(parts: Sequence[Part], start: str) -> Part:
    if not start:
        return parts[0]
    wanted = cid_of(start)
    for part in parts:
        if part.content_id == wanted:
            return part
    raise MtomError(f"aucune partie n'a le Content-ID que désigne « start » ({start})")


def build_mtom(
    root: bytes,
    parts: Sequence[tuple[str, str, bytes]] = (),
    *,
    boundary: str,
    action: str = "",
    root_id: str = "root@dui-conformance",
) -> tuple[str, bytes]:
    """The Content-Type and the body of an MTOM message. ``parts`` are (Content-ID, media type, bytes), written as they are.

    Raises ``MtomError`` when the boundary occurs in a part.
    """
    opening = b"--" + boundary.encode()
    if any(opening in content for content in (root, *(p[2] for p in parts))):
        raise MtomError("le délimiteur choisi apparaît dans une partie")
    head = 'application/xop+xml; charset=UTF-8; type="application/soap+xml"'
    pieces = [opening, b"\r\n", _part_head(root_id, head), root]
    for content_id, media, content in parts:
        pieces += [b"\r\n", opening, b"\r\n", _part_head(content_id, media), content]
    pieces += [b"\r\n", opening, b"--\r\n"]
    kind = 'multipart/related; type="application/xop+xml"; start-info="application/soap+xml"'
    kind += f'; start="<{root_id}>"; boundary="{boundary}"'
    return kind + (f'; action="{action}"' if action else ""), b"".join(pieces)


def _part_head(content_id: str, media: str) -> bytes:
    return f"Content-ID: <{content_id}>\r\nContent-Type: {media}\r\nContent-Transfer-Encoding: binary\r\n\r\n".encode()
