"""Where definitions come from: our R4 tables, our profiles, and the packages of the user; each with its name and hash."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from types import MappingProxyType
from typing import Any, Protocol

DEFINITIONS, TERMINOLOGIES = "r4_definitions.jsonl.gz", "r4_terminologies.jsonl.gz"
KINDS = ("StructureDefinition", "CodeSystem", "ValueSet")


@dataclass(frozen=True, slots=True)
class Origin:
    """The package that a definition comes from. ``sha256`` is that of its content; ``provisional`` when it is inferred."""

    package: str
    version: str
    sha256: str
    provisional: bool = False

    def __str__(self) -> str:
        return f"{self.package}#{self.version}"

    @property
    def pinned(self) -> str:
        """Name, version and the beginning of the hash."""
        return f"{self.package}#{self.version} ({self.sha256[:12]})" if self.sha256 else str(self)


@dataclass(frozen=True, slots=True)
class Found:
    """A definition and where it was found."""

    content: Mapping[str, Any]
    origin: Origin


class Source(Protocol):
    """A package: canonical resources by kind and URL."""

    @property
    def origin(self) -> Origin:
        """Its name, version and hash."""

    @property
    def dependencies(self) -> Mapping[str, str]:
        """The packages that it needs, by name, with the version wanted."""

    def get(self, kind: str, url: str) -> Mapping[str, Any] | None:
        """The resource of that kind and URL (without version), or None."""

    def urls(self, kind: str) -> Iterator[str]:
        """All the URLs of a kind."""


class Tables:
    """Our R4 tables: unpacked once, each line parsed when it is asked for."""

    dependencies: Mapping[str, str] = MappingProxyType({})

    @cached_property
    def _read(self) -> tuple[Mapping[str, Any], dict[str, str]]:
        head, *lines = _unpacked(DEFINITIONS).split("\n")
        return json.loads(head), dict(line.split("\t", 1) for line in lines if line)

    @property
    def _head(self) -> Mapping[str, Any]:
        return self._read[0]

    @property
    def _lines(self) -> dict[str, str]:
        return self._read[1]

    @cached_property
    def _terminologies(self) -> dict[str, str]:
        return dict(line.split("\t", 1) for line in _unpacked(TERMINOLOGIES).split("\n")[1:] if line)

    @cached_property
    def origin(self) -> Origin:
        """The package that they are derived from."""
        return Origin(str(self._head["package"]), str(self._head["version"]), str(self._head["archive_sha256"]))

    def get(self, kind: str, url: str) -> Mapping[str, Any] | None:
        """See :class:`Source`."""
        line = (self._lines if kind == "StructureDefinition" else self._terminologies).get(f"{kind} {url}")
        return None if line is None else dict(json.loads(line))

    def urls(self, kind: str) -> Iterator[str]:
        """See :class:`Source`."""
        lines = self._lines if kind == "StructureDefinition" else self._terminologies
        return (name.partition(" ")[2] for name in lines if name.startswith(kind + " "))


def _unpacked(name: str) -> str:
    return gzip.decompress((resources.files(__package__) / "tables" / name).read_bytes()).decode("utf-8")


@cache
def tables() -> Tables:
    """Our R4 tables, shared by all."""
    return Tables()


class Definitions:
    """Definitions by canonical, looked for in each source in turn; ``url|version`` wants that version."""

    def __init__(self, sources: Sequence[Source] = ()) -> None:
        self.sources = (*sources, tables())
        self._known: dict[tuple[str, str], Found | None] = {}

    def find(self, kind: str, canonical: str) -> Found | None:
        """The definition, or None when no source has it."""
        key = (kind, canonical)
        if key not in self._known:
            self._known[key] = self._look(kind, canonical)
        return self._known[key]

    def structure(self, canonical: str) -> Found | None:
        """A StructureDefinition; a bare type name is one of R4."""
        if "/" not in canonical and ":" not in canonical:
            canonical = f"http://hl7.org/fhir/StructureDefinition/{canonical}"
        return self.find("StructureDefinition", canonical)

    def versions(self, kind: str, url: str) -> tuple[str, ...]:
        """The versions of a canonical that the sources have."""
        held = (source.get(kind, url.partition("|")[0]) for source in self.sources)
        return tuple(str(content.get("version", "")) for content in held if content is not None)

    def origins(self) -> tuple[Origin, ...]:
        """The packages, in the order of search."""
        return tuple(source.origin for source in self.sources)

    def lacking(self, origin: Origin) -> tuple[str, ...]:
        """The packages that a package needs and that are not loaded (R4 itself always is), as ``name#version``."""
        here = {s.origin.package for s in self.sources}
        wanted = next((s.dependencies for s in self.sources if s.origin == origin), {})
        return tuple(f"{name}#{version}" for name, version in wanted.items() if name not in here)

    def _look(self, kind: str, canonical: str) -> Found | None:
        url, _, version = canonical.partition("|")
        for source in self.sources:
            content = source.get(kind, url)
            if content is not None and (not version or _same(version, str(content.get("version", version)))):
                return Found(content, source.origin)
        return None


def _same(wanted: str, held: str) -> bool:
    """A version, or the beginning of one (``4.0`` for ``4.0.1``)."""
    return held == wanted or held.startswith(wanted + ".")
