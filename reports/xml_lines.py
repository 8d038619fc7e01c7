"""An XML document as indented lines, and the line that a finding's XPath designates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from xml.sax.saxutils import quoteattr

from dui_conformance.validation.xml import PREFIXES
from lxml import etree

DEEPEST = 40
_NAMESPACES = {prefix: uri for uri, prefix in PREFIXES.items() if prefix}
_ASIDE = re.compile(r"\s*\([^()]*\)")
_STEP = re.compile(r"(?:(?P<prefix>[\w-]+):)?(?P<name>[\w.-]+|\*)(?P<predicates>(?:\[[^\]]*\])*)")
_PREDICATE = re.compile(r"\[(?:(\d+)|@([\w:-]+)='([^'\]]*)')\]")
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, slots=True)
class XmlLines:
    """The lines of a document and the line of each of its elements."""

    root: etree._Element
    lines: tuple[str, ...]
    places: dict[etree._Element, int]

    def find(self, at: str) -> tuple[int, bool] | None:
        """The line that an XPath designates, and whether it is the node itself (else its nearest known ancestor)."""
        steps = steps_of(at)
        found = _walk(self.root, steps) if steps else None
        if found is None:
            return None
        element, exact = found
        return self.places[element], exact


def xml_lines(root: etree._Element) -> XmlLines:
    """Lay a document out. Only for reading: insignificant space is not kept; never recursive, whatever the depth."""
    lines: list[str] = []
    places: dict[etree._Element, int] = {}
    stack: list[tuple[etree._Element | str, int]] = [(root, 0)]
    while stack:
        item, depth = stack.pop()
        pad = "  " * min(depth, DEEPEST)
        if isinstance(item, str):
            lines.append(pad + item)
            continue
        places[item] = len(lines)
        if not isinstance(item.tag, str):
            lines += (pad + " ".join(etree.tostring(item, encoding="unicode", with_tail=False).split()),)
            continue
        head, name, text = _head(item), _name(item), _text(item.text)
        if len(item) == 0:
            lines.append(f"{pad}<{head}>{text}</{name}>" if text else f"{pad}<{head}/>")
            continue
        lines.append(f"{pad}<{head}>")
        stack.append((f"</{name}>", depth))
        for child in reversed(item):
            if tail := _text(child.tail):
                stack.append((tail, depth + 1))
            stack.append((child, depth + 1))
        if text:
            stack.append((text, depth + 1))
    return XmlLines(root, tuple(lines), places)


def _name(element: etree._Element) -> str:
    local = str(element.tag).rpartition("}")[2]
    return f"{element.prefix}:{local}" if element.prefix else local


def _head(element: etree._Element) -> str:
    parent = element.getparent()
    known = parent.nsmap if parent is not None else {}
    own = element.nsmap
    parts = [_name(element)]
    if own != known:
        parts += (
            f"xmlns:{prefix}={quoteattr(uri)}" if prefix else f"xmlns={quoteattr(uri)}"
            for prefix, uri in own.items()
            if known.get(prefix) != uri
        )
    if element.attrib:
        prefixes = {uri: prefix for prefix, uri in own.items() if prefix}
        parts += (f"{_attribute(str(key), prefixes)}={quoteattr(str(value))}" for key, value in element.attrib.items())
    return " ".join(parts)


def _attribute(key: str, prefixes: dict[str, str]) -> str:
    if not key.startswith("{"):
        return key
    uri, _, local = key[1:].partition("}")
    return f"{prefixes.get(uri, 'xml')}:{local}"


def _text(value: str | None) -> str:
    if not value or value.isspace():
        return ""
    words = value.split()
    joined = "" if len(words) > 3 and len({len(w) for w in words[:-1]}) == 1 and len(words[0]) > 40 else " "
    return joined.join(words).translate(_ESCAPES)


@lru_cache(maxsize=4096)
def steps_of(at: str) -> tuple[str, ...]:
    """The steps of an absolute XPath as findings write it, as XPath steps; empty when the text is not one."""
    text = _ASIDE.sub("", at.partition(" : ")[0]).strip()
    if not text.startswith("/"):
        return ()
    steps: list[str] = []
    for raw in _split(text[1:]):
        match = _STEP.fullmatch(raw)
        if match is None:
            break
        steps.append(_step(match))
    return tuple(steps)


def _split(path: str) -> Iterator[str]:
    start, quoted = 0, False
    for place, char in enumerate(path):
        if char == "'":
            quoted = not quoted
        if char == "/" and not quoted:
            yield path[start:place].strip()
            start = place + 1
    yield path[start:].strip()


def _step(match: re.Match[str]) -> str:
    prefix, name = match["prefix"], match["name"]
    known = prefix in _NAMESPACES
    base = f"{prefix}:{name}" if known else "*" if name == "*" else f"*[local-name()='{name}']"
    return base + "".join(
        f"[{rank}]" if rank else f"[@*[local-name()='{attribute.rpartition(':')[2]}']='{value}']"
        for rank, attribute, value in _PREDICATE.findall(match["predicates"])
    )


def _walk(root: etree._Element, steps: tuple[str, ...]) -> tuple[etree._Element, bool] | None:
    """The deepest element reached from the document's root; None when the root itself is another."""
    first = root.xpath(f"self::{steps[0]}", namespaces=_NAMESPACES)
    if not isinstance(first, list) or not first:
        return None
    current = root
    for step in steps[1:]:
        found = current.xpath(step, namespaces=_NAMESPACES)
        if not isinstance(found, list) or not found:
            return current, False
        assert isinstance(found[0], etree._Element)
        current = found[0]
    return current, True
