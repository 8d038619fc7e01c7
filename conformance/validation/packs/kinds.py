"""The kinds of packs: what recognises one, what is kept of it, and what it becomes. The register is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from lxml import etree

from .folder import PackFolder


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a kind says of a pack that it accepts: a name by default, a version, and remarks for the user."""

    name: str
    version: str
    notes: tuple[str, ...] = ()


class PackKind(Protocol):
    """A kind of pack. Each method may raise ``InputError``."""

    @property
    def name(self) -> str:
        """Its id, in the index and in messages."""

    @property
    def label(self) -> str:
        """What it is, in French."""

    def recognise(self, folder: Path) -> Path | None:
        """The folder that is such a pack, at or under ``folder``; None when there is none."""

    def keeps(self, relative: str) -> bool:
        """True for a file that the pack needs; nothing else is copied."""

    def prepare(self, folder: PackFolder) -> Prepared:
        """Look at the kept files before the pack is added."""

    def load(self, folder: PackFolder) -> Any:
        """What the pack gives to the checks or to the engines."""


@dataclass(frozen=True, slots=True)
class SchemaRef:
    """A Schematron schema of a pack, and the layer of rules that it is."""

    layer: str
    path: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What to apply to a document: an XSD (or ""), schemas in order, and what the reader should know."""

    xsd: str
    schemas: tuple[SchemaRef, ...]
    notes: tuple[str, ...] = ()


@runtime_checkable
class Judging(Protocol):
    """A loaded pack that judges documents. It travels to worker processes."""

    def schemas(self) -> Sequence[SchemaRef]:
        """All its schemas."""

    def plan(self, root: etree._Element) -> Plan:
        """What applies to that document."""


_KINDS: dict[str, PackKind] = {}


def register(kind: PackKind) -> None:
    """Add a kind; the first registered is the first to recognise."""
    _KINDS[kind.name] = kind


def kinds() -> tuple[PackKind, ...]:
    """All of them, ours included."""
    from . import cog, fhir_package, kit_cda, schematron

    ours: tuple[PackKind, ...] = (fhir_package.KIND, kit_cda.KIND, schematron.KIND, cog.KIND)
    for kind in ours:
        _KINDS.setdefault(kind.name, kind)
    return tuple(_KINDS.values())
