"""FHIR packages: our own profiles, those that the user has added, and the standard cache ``~/.fhir/packages``.

A package is read by its index: each file's kind, URL and version; a resource is parsed when it is asked for. Order of
search: packages of the user, then the cache (only the packages that another one, or a profile, names), then ours, then R4.
"""

from __future__ import annotations

import hashlib
import json
import re
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any

from ...core.errors import InputError
from .engine import Validator
from .store import KINDS, Definitions, Origin

CORE = "hl7.fhir.r4.core"
OURS = ("sdo.json", "tddui.json", "tddui_cda.json", "frcore.json")
MAX_PACKAGE = 400 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")


class OwnProfiles:
    """A file of ``profils``: what we wrote from the facts of an implementation guide."""

    def __init__(self, name: str) -> None:
        self._raw = (resources.files(__package__) / "profils" / name).read_bytes()

    @cached_property
    def _content(self) -> Mapping[str, Any]:
        return dict(json.loads(self._raw))

    @cached_property
    def _held(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        return {(r["resourceType"], r["url"]): r for r in self._content["resources"]}

    @property
    def dependencies(self) -> Mapping[str, str]:
        """None: what it needs is beside it."""
        return {}

    @cached_property
    def origin(self) -> Origin:
        """Named after the guide, and said to be ours."""
        content = self._content
        digest = hashlib.sha256(self._raw).hexdigest()
        return Origin(f"{content['package']} (récrit)", content["version"], digest, bool(content["provisoire"]))

    def get(self, kind: str, url: str) -> Mapping[str, Any] | None:
        """See :class:`.store.Source`."""
        return self._held.get((kind, url))

    def urls(self, kind: str) -> Iterator[str]:
        """See :class:`.store.Source`."""
        return (url for held, url in self._held if held == kind)


@cache
def own_profiles() -> tuple[OwnProfiles, ...]:
    """Our profiles, shared."""
    return tuple(OwnProfiles(name) for name in OURS)


class PackageFolder:
    """A FHIR package unpacked in a folder (with or without its ``package`` folder)."""

    def __init__(self, root: Path, sha256: str = "") -> None:
        self.root = root / "package" if (root / "package" / "package.json").is_file() else root
        self._sha256 = sha256

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """Its ``package.json``; raises ``InputError``."""
        path = self.root / "package.json"
        try:
            content = json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError) as error:
            raise InputError(f"{path} : paquet FHIR illisible ({error}).") from error
        if not isinstance(content, dict) or not _NAME.fullmatch(str(content.get("name", ""))):
            raise InputError(f"{path} : ce n'est pas le package.json d'un paquet FHIR.")
        return content

    @cached_property
    def origin(self) -> Origin:
        """Its name and version; the hash of its content when the pack was pinned."""
        return Origin(str(self.manifest["name"]), str(self.manifest.get("version", "")), self._sha256)

    @property
    def dependencies(self) -> Mapping[str, str]:
        """The packages that it needs, by name."""
        return {str(k): str(v) for k, v in dict(self.manifest.get("dependencies", {})).items()}

    @cached_property
    def _index(self) -> dict[tuple[str, str], Path]:
        found: dict[tuple[str, str], Path] = {}
        for path in sorted(self.root.glob("*.json")):
            kind = path.name.partition("-")[0]
            if kind not in KINDS:
                continue
            content = _read(path)
            if content.get("resourceType") == kind and isinstance(content.get("url"), str):
                found.setdefault((kind, content["url"]), path)
        return found

    @cached_property
    def _listed(self) -> dict[tuple[str, str], Path]:
        """The index that the package carries, when it has one."""
        path = self.root / ".index.json"
        rows = _read(path).get("files", []) if path.is_file() else []
        return {
            (r["resourceType"], r["url"]): self.root / Path(r["filename"]).name
            for r in rows
            if isinstance(r, dict) and r.get("resourceType") in KINDS and r.get("url") and r.get("filename")
        }

    def get(self, kind: str, url: str) -> Mapping[str, Any] | None:
        """See :class:`.store.Source`."""
        path = (self._listed or self._index).get((kind, url))
        return _read(path) if path is not None and path.is_file() else None

    def urls(self, kind: str) -> Iterator[str]:
        """See :class:`.store.Source`."""
        return (url for held, url in (self._listed or self._index) if held == kind)


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} : fichier de paquet FHIR illisible ({error}).") from error
    return content if isinstance(content, dict) else {}


class PackageArchive(PackageFolder):
    """A FHIR package in its ``.tgz``, read without unpacking it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.parent)
        self.path = path

    @cached_property
    def _texts(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        size = 0
        try:
            with tarfile.open(self.path) as archive:
                for member in archive:
                    name = Path(member.name).name
                    size += member.size
                    if size > MAX_PACKAGE:
                        raise InputError(f"{self.path.name} : paquet de plus de {MAX_PACKAGE // 1048576} Mio.")
                    stream = archive.extractfile(member) if member.isfile() and name.endswith(".json") else None
                    if stream is not None and (name.partition("-")[0] in KINDS or name == "package.json"):
                        found.setdefault(name, stream.read())
        except (OSError, tarfile.TarError, EOFError) as error:
            raise InputError(f"{self.path.name} : archive illisible ({error}).") from error
        return found

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        """Its ``package.json``; raises ``InputError``."""
        held = self._texts.get("package.json")
        content = json.loads(held) if held is not None else {}
        if not _NAME.fullmatch(str(content.get("name", ""))):
            raise InputError(f"{self.path.name} : aucun package.json de paquet FHIR.")
        return dict(content)

    @cached_property
    def origin(self) -> Origin:
        """Its name, version, and the hash of the archive."""
        digest = hashlib.sha256(self.path.read_bytes()).hexdigest()
        return Origin(str(self.manifest["name"]), str(self.manifest.get("version", "")), digest)

    @cached_property
    def _held(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        rows = [json.loads(data) for name, data in self._texts.items() if name != "package.json"]
        return {(r["resourceType"], r["url"]): r for r in rows if r.get("resourceType") in KINDS and r.get("url")}

    def get(self, kind: str, url: str) -> Mapping[str, Any] | None:
        """See :class:`.store.Source`."""
        return self._held.get((kind, url))

    def urls(self, kind: str) -> Iterator[str]:
        """See :class:`.store.Source`."""
        return (url for held, url in self._held if held == kind)


def cached_packages(folder: Path, named: Mapping[str, str]) -> list[PackageFolder]:
    """Of the standard cache, the packages named, in the version named (or ``latest``), with what they need themselves."""
    found: dict[str, PackageFolder] = {}
    pending = list(named.items())
    while pending:
        name, version = pending.pop(0)
        if name in found or not _NAME.fullmatch(name):
            continue
        path = _cached(folder, name, version)
        if path is not None:
            found[name] = PackageFolder(path)
            pending += found[name].dependencies.items()
    return list(found.values())


def _cached(folder: Path, name: str, version: str) -> Path | None:
    exact = folder / f"{name}#{version}"
    if exact.is_dir():
        return exact
    if version not in ("latest", "current", "") and not version.endswith(".x"):
        return None
    held = sorted(folder.glob(f"{name}#*"), key=lambda p: [int(n) for n in re.findall(r"\d+", p.name.partition("#")[2])])
    return held[-1] if held else None


def make_validator(given: Sequence[tuple[str, str]], cache: str) -> Validator:
    """The engine over packages given by folder (or ``.tgz``) and hash, and over what they need from the cache."""
    packages = [_opened(Path(path), sha256) for path, sha256 in given]
    if not cache:
        return Validator(Definitions((*packages, *own_profiles())))
    named: dict[str, str] = {CORE: "4.0.1"}
    for package in packages:
        named |= dict(package.dependencies)
    for own in own_profiles():
        named.setdefault(own.origin.package.partition(" ")[0], own.origin.version)
    present = {package.origin.package for package in packages}
    held = [p for p in cached_packages(Path(cache), named) if p.origin.package not in present]
    return Validator(Definitions((*packages, *held, *own_profiles())))


def _opened(path: Path, sha256: str) -> PackageFolder:
    return PackageFolder(path, sha256) if path.is_dir() else PackageArchive(path)
