"""Is it FHIR, and of which type? Told from the bytes, without reading them whole."""

from __future__ import annotations

import re

FHIR = b"http://hl7.org/fhir"
_JSON_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{2,60})"')
_FIRST = re.compile(rb'\s*\{\s*"resourceType"\s*:\s*"([A-Za-z]{2,60})"')
_XML_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([A-Za-z]{2,60})[\s>/]")
_BOM = b"\xef\xbb\xbf"


def resource_type(data: bytes) -> str:
    """The type that the resource says it is; empty when it does not look like FHIR."""
    start = data[:4].removeprefix(_BOM).lstrip() or data[:64].lstrip()
    if start.startswith(b"<"):
        return _of_xml(data)
    if not start.startswith(b"{"):
        return ""
    first = _FIRST.match(data.removeprefix(_BOM))
    if first is not None:
        return first[1].decode("ascii")
    return _own(data)


def _of_xml(data: bytes) -> str:
    head = data[:4096].replace(b"\0", b"")
    root = _XML_ROOT.search(head)
    return root[1].decode("ascii") if root is not None and FHIR in head[root.start() :].partition(b">")[0] else ""


def _own(data: bytes) -> str:
    """The ``resourceType`` at the least depth, when it is not the first name of the object."""
    best, depth_of = "", 0
    depth, at = 0, 0
    for match in _JSON_TYPE.finditer(data):
        depth += data.count(b"{", at, match.start()) - data.count(b"}", at, match.start())
        at = match.start()
        if not best or depth < depth_of:
            best, depth_of = match[1].decode("ascii"), depth
        if depth <= 1:
            break
    return best
