"""A FHIR package (``package.json`` and its resources), as a pack: profiles, value sets and code systems for the FHIR engine."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.errors import InputError
from .folder import PackFolder
from .kinds import Prepared

MANIFEST = "package.json"
MOST_FOLDERS = 2_000
_SAID = ("fhirVersions", "fhir-version-list", "fhirVersion")
_NAME = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class FhirKind:
    """Recognised by a ``package.json`` that says versions of FHIR."""

    name: str = "fhir"
    label: str = "paquet FHIR (package.tgz, ou dossier avec package.json)"

    def recognise(self, folder: Path) -> Path | None:
        """The folder of the manifest, the least deep first."""
        return next((path.parent for path in _manifests(folder) if _is_fhir(path)), None)

    def keeps(self, relative: str) -> bool:
        """The manifest, the index and the resources; neither examples nor texts."""
        name = relative.rpartition("/")[2]
        kinds = ("StructureDefinition-", "ValueSet-", "CodeSystem-")
        return "/" not in relative and name.endswith(".json") and (name in (MANIFEST, ".index.json") or name.startswith(kinds))

    def prepare(self, folder: PackFolder) -> Prepared:
        """Name and version of the manifest, and what the package holds and needs."""
        manifest = _manifest(folder.root / MANIFEST)
        version = str(manifest.get("version", ""))
        counts = [f"{_count(folder, kind)} {kind}" for kind in ("StructureDefinition", "ValueSet", "CodeSystem")]
        needed = ", ".join(f"{n}#{v}" for n, v in dict(manifest.get("dependencies", {})).items())
        notes = (", ".join(counts), *((f"demande {needed}",) if needed else ()))
        return Prepared(_NAME.sub("-", str(manifest["name"]).lower())[:60], version, notes)

    def load(self, folder: PackFolder) -> Path:
        """Its folder: the FHIR engine reads it when a resource asks for it."""
        return folder.root


def _manifests(folder: Path) -> Iterator[Path]:
    found = [p for p in folder.rglob(MANIFEST) if p.is_file() and not p.is_symlink()][:MOST_FOLDERS]
    yield from sorted(found, key=lambda p: (len(p.parts), p.as_posix()))


def _is_fhir(path: Path) -> bool:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and bool(content.get("name")) and any(k in content for k in _SAID)


def _manifest(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path.name} : illisible ({error}).") from error
    versions = [content.get(k) for k in _SAID if content.get(k)]
    said = versions[0] if isinstance(versions[0], list) else [versions[0]]
    if not any(str(v).startswith("4.0") for v in said):
        raise InputError(f"{content.get('name')} : paquet pour FHIR {', '.join(map(str, said))} ; le banc juge FHIR R4 (4.0).")
    return dict(content)


def _count(folder: PackFolder, kind: str) -> int:
    return sum(1 for name in folder.files.values() if name.startswith(f"{kind}-"))


KIND = FhirKind()
