"""A request or a reply as titled blocks of lines, ready to be masked and shown: HTTP head, parameters, XML, JSON, parts."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from dui_conformance.core.exchange import Body, Reply, Request
from dui_conformance.validation.mtom import MtomError, parse_content_type, split
from dui_conformance.validation.xml import XmlError, parse

from .typography import size
from .xml_lines import XmlLines, xml_lines

LARGEST = 2_000_000
XDS_DOCUMENT = "{urn:ihe:iti:xds-b:2007}Document"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines under a title. ``names`` gives the line of a header or parameter; ``xml`` the lines of elements."""

    title: str
    lines: tuple[str, ...]
    names: tuple[tuple[str, int], ...] = ()
    xml: XmlLines | None = None
    head: bool = False

    def find(self, at: str) -> tuple[int, bool] | None:
        """The line that a finding's place designates, and whether exactly."""
        if self.xml is not None:
            return self.xml.find(at)
        lowered = at.casefold()
        return next(((line, True) for name, line in self.names if _designates(lowered, name.casefold())), None)


def _designates(at: str, name: str) -> bool:
    return at == name or at.endswith((f" {name}", f"/{name}", f"«{name}»"))


def request_blocks(request: Request) -> tuple[Block, ...]:
    """What a request holds, head first."""
    path, _, query = request.target.partition("?")
    head = [f"{request.method} {path}", *(f"{name}: {value}" for name, value in request.headers)]
    blocks = [Block("Ligne et en-têtes", tuple(head), tuple((n, i) for i, (n, _) in enumerate(request.headers, 1)), head=True)]
    if query:
        blocks.append(_parameters("Paramètres de l'adresse", query))
    return (*blocks, *body_blocks(request.body, request.header("Content-Type")))


def reply_blocks(reply: Reply) -> tuple[Block, ...]:
    """What a reply holds, head first."""
    head = [f"HTTP {reply.status}", *(f"{name}: {value}" for name, value in reply.headers)]
    names = tuple((n, i) for i, (n, _) in enumerate(reply.headers, 1))
    blocks = [Block("Statut et en-têtes", tuple(head), names, head=True)]
    target = reply.header("Location")
    if "?" in target:
        blocks.append(_parameters("Paramètres de la redirection", target.partition("?")[2]))
    return (*blocks, *body_blocks(reply.body, reply.header("Content-Type")))


def body_blocks(body: Body, content_type: str) -> tuple[Block, ...]:
    """The parts of a body; never fails, whatever the bytes."""
    if body.size == 0:
        return ()
    if body.size > LARGEST:
        return (Block("Corps", (f"({size(body.size)} : à ouvrir dans le fichier)",)),)
    data = body.read()
    kind = parse_content_type(content_type)
    if kind.media.startswith("multipart/"):
        try:
            parts = split(data, kind).parts
        except MtomError as error:
            return (Block(f"Corps : multipart illisible ({error})", _text_lines(data)),)
        return tuple(b for n, part in enumerate(parts, 1) for b in _part_blocks(n, part.headers, bytes(part.content)))
    if kind.media == "application/x-www-form-urlencoded":
        return (_parameters("Formulaire", data.decode("utf-8", "replace")),)
    return tuple(_content_blocks("Corps", kind.media, data))


def _part_blocks(rank: int, headers: Any, data: bytes) -> Iterator[Block]:
    kind = parse_content_type(headers.get("content-type", ""))
    yield Block(f"Partie {rank}", tuple(f"{name}: {value}" for name, value in headers.items()))
    yield from _content_blocks(f"Partie {rank}, contenu", kind.get("type") or kind.media, data)


def _content_blocks(title: str, media: str, data: bytes) -> Iterator[Block]:
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"<") and "html" not in media:
        try:
            root = parse(data)
        except XmlError as error:
            yield Block(f"{title} : XML illisible ({error})", _text_lines(data))
            return
        laid = xml_lines(root)
        yield Block(f"{title} : XML", laid.lines, xml=laid)
        yield from _documents(root)
    elif start[:1] in (b"{", b"[") or "json" in media:
        yield from _json_blocks(title, data)
    elif media.endswith("jwt") or start.startswith(b"eyJ"):
        yield Block(f"{title} : jeton", _text_lines(data))
        yield from _token_blocks("jeton", data.decode("ascii", "replace").strip())
    else:
        yield Block(title, _text_lines(data))


def _documents(root: Any) -> Iterator[Block]:
    """Documents carried as base64 inside a deposit, decoded."""
    for element in root.iter(XDS_DOCUMENT):
        try:
            data = base64.b64decode("".join((element.text or "").split()), validate=True)
        except (binascii.Error, ValueError):
            continue
        if data:
            yield from _content_blocks(f"Document {element.get('id', '')}, décodé", "", data)


def _parameters(title: str, query: str) -> Block:
    pairs = parse_qsl(query, keep_blank_values=True, errors="replace")
    lines = tuple(f"{name}={value}" for name, value in pairs)
    return Block(title, lines, tuple((name, i) for i, (name, _) in enumerate(pairs)))


def _json_blocks(title: str, data: bytes) -> Iterator[Block]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        yield Block(f"{title} : JSON illisible", _text_lines(data))
        return
    lines = tuple(json.dumps(value, ensure_ascii=False, indent=2).split("\n"))
    yield Block(f"{title} : JSON", lines, tuple(_json_names(lines)))
    if isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, str) and item.startswith("eyJ") and item.count(".") == 2:
                yield from _token_blocks(name, item)


def _json_names(lines: Sequence[str]) -> Iterable[tuple[str, int]]:
    for rank, line in enumerate(lines):
        name, found, _ = line.strip().partition('": ')
        if found and name.startswith('"'):
            yield name[1:], rank


def _token_blocks(name: str, token: str) -> Iterator[Block]:
    """What a signed token says, without the signature that would let it be used again."""
    lines: list[str] = []
    for part in token.split(".")[:2]:
        try:
            value = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        except (ValueError, RecursionError):
            return
        lines += json.dumps(value, ensure_ascii=False, indent=2).split("\n")
    yield Block(f"{name}, décodé : en-tête et contenu", tuple(lines), tuple(_json_names(lines)))


def _text_lines(data: bytes) -> tuple[str, ...]:
    sample = data[:4096]
    if b"\0" in sample or sum(b < 9 or 13 < b < 32 for b in sample) > len(sample) // 20:
        return (f"(données binaires, {size(len(data))})",)
    return tuple(data.decode("utf-8", "replace").splitlines())
