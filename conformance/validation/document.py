"""A document to judge, whatever brought it: a deposit, a message, or a file given to ``validate``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..core.providers import provider
from .xds.submission import DepositedDocument


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


@provider
def _document_deposited(deposited: DepositedDocument) -> Document:
    return Document(data=deposited.content, name=deposited.id)
