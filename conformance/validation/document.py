"""A document to judge, whatever brought it: a deposit, a message, or a file given to ``validate``."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from ..core.gestures import Piece
from ..core.providers import provider
from .once import read_once
from .xml import XmlError, parse

_STYLESHEETS = tuple(f"{{http://www.w3.org/1999/XSL/Transform}}{name}" for name in ("stylesheet", "transform"))
_CDA = "{urn:hl7-org:v3}ClinicalDocument"


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """Bytes and a name (file name, or the ``uniqueId`` of a deposit)."""

    data: bytes
    name: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False)

    @property
    def id(self) -> str:
        """What findings call it."""
        return self.name

    @property
    def root(self) -> etree._Element:
        """The root of its XML tree, parsed once; raises ``XmlError`` when it is not acceptable XML.

        Of a self-presenting document, a style sheet that holds the document that it shows, it is that document.
        """
        return read_once(self.memo, "xml", lambda: _presented(parse(self.data)), XmlError)


def _presented(root: etree._Element) -> etree._Element:
    held = root.find(_CDA) if root.tag in _STYLESHEETS else None
    if held is None:
        return root
    document = copy.deepcopy(held)
    document.tail = None
    return document


@provider
def _document_given(piece: Piece) -> Document:
    return Document(data=piece.data, name=piece.nom)
