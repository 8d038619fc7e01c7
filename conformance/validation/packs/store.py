"""The packs of a project folder: added once, pinned by SHA-256, verified each time they are opened."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...core.errors import InputError
from .compiled import cache_key
from .compiler import compile_schema
from .folder import PackFolder
from .kinds import Judging, PackKind, kinds
from .source import SchemaError, SchemaRefused
from .unpacking import Limits, copy_kept, is_archive, unpack

SCHEMA = "dui-conformance/packs/1"
INDEX = "packs.json"
CONTENT = "contenu"
COMPILED = "compile"
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack of the project. ``folder`` holds its files, ``compiled`` the schemas compiled from them."""

    name: str
    kind: str
    version: str
    sha256: str
    source: str
    added: str
    files: int
    notes: tuple[str, ...] = ()
    compiles: Mapping[str, str] = field(default_factory=dict)
    folder: Path = Path()
    compiled: Path = Path()

    def row(self) -> dict[str, Any]:
        """Its row in the index and in ``packs list --format json``; no path of this machine."""
        row = asdict(self)
        del row["folder"], row["compiled"]
        return row | {"notes": list(self.notes), "compiles": dict(self.compiles)}

    def load(self) -> Any:
        """What its kind makes of it: something that judges, or a reference for the checks."""
        return _kind(self.kind).load(PackFolder(self.folder))


@dataclass(frozen=True, slots=True)
class PackStore:
    """The folder ``.dui-conformance/packs`` of a project."""

    folder: Path
    limits: Limits = field(default_factory=Limits)

    def packs(self) -> tuple[Pack, ...]:
        """All of them, without verifying their content; raises ``InputError`` for an unreadable index."""
        index = self.folder / INDEX
        if not index.is_file():
            return ()
        try:
            content = json.loads(index.read_text(encoding="utf-8"))
            found = tuple(self._pack(row) for row in content["packs"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{index} : index des packs illisible ({error}). Retirez-le et ajoutez de nouveau les packs."
            ) from error
        if content.get("schema") != SCHEMA:
            raise InputError(f"{index} : schéma « {content.get('schema')} » inconnu (attendu : {SCHEMA}).")
        return found

    def add(self, source: Path, *, now: datetime, name: str = "") -> Pack:
        """Add a folder, a zip, a tgz or one CSV table; raises ``InputError`` saying which file, why, and what to do."""
        if not source.exists():
            raise InputError(f"{source} : introuvable.")
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".ajout-", dir=self.folder) as staging:
            opened = self._opened(source, Path(staging) / "archive")
            kind, root = _recognised(opened, source)
            content = Path(staging) / CONTENT
            files = copy_kept(root, content, kind.keeps, self.limits)
            prepared = kind.prepare(PackFolder(content))
            wanted = name or prepared.name
            self._check_name(wanted)
            pack = Pack(
                name=wanted,
                kind=kind.name,
                version=prepared.version,
                sha256=content_sha256(content),
                source=source.name,
                added=now.isoformat(timespec="seconds"),
                files=files,
                notes=prepared.notes,
                folder=content,
                compiled=Path(staging) / COMPILED,
            )
            pack = compile_missing(pack)
            home = self.folder / wanted
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            content.rename(home / CONTENT)
            if pack.compiled.exists():
                pack.compiled.rename(home / COMPILED)
        kept = replace(pack, folder=home / CONTENT, compiled=home / COMPILED)
        self._write((*self.packs(), kept))
        return kept

    def remove(self, name: str) -> Pack:
        """Forget a pack and its files; raises ``InputError`` for an unknown name."""
        pack = self._named(name)
        self._write(tuple(p for p in self.packs() if p.name != name))
        shutil.rmtree(self.folder / name, ignore_errors=True)
        return pack

    def open(self, name: str) -> Pack:
        """A pack whose content is the one that was added; a changed one is refused (``InputError``)."""
        pack = self._named(name)
        found = content_sha256(pack.folder)
        if found != pack.sha256:
            raise InputError(
                f"pack « {name} » : son contenu a changé depuis son ajout "
                f"(empreinte {found[:12]}…, attendue {pack.sha256[:12]}…). "
                f"Retirez-le (dui-conformance packs remove {name}), puis ajoutez-le de nouveau."
            )
        fresh = compile_missing(pack)
        if fresh.compiles != pack.compiles:
            self._write(tuple(fresh if p.name == name else p for p in self.packs()))
        return fresh

    def of_kind(self, kind: str) -> tuple[Pack, ...]:
        """The packs of a kind, verified."""
        return tuple(self.open(pack.name) for pack in self.packs() if pack.kind == kind)

    def judging(self) -> tuple[Pack, ...]:
        """The packs that judge documents, verified."""
        return tuple(p for p in (self.open(pack.name) for pack in self.packs()) if isinstance(p.load(), Judging))

    def _opened(self, source: Path, destination: Path) -> Path:
        if source.is_dir():
            return source
        if source.suffix.lower() == ".csv":
            destination.mkdir()
            shutil.copyfile(source, destination / source.name)
            return destination
        if not is_archive(source):
            raise InputError(f"{source.name} : ni dossier, ni archive .zip ou .tgz, ni table .csv.")
        unpack(source, destination, self.limits)
        inner = [p for p in destination.rglob("*") if p.is_file()] if destination.exists() else []
        if len(inner) == 1 and is_archive(inner[0]):
            unpack(inner[0], destination / "interieur", self.limits)
            return destination / "interieur"
        if not inner:
            raise InputError(f"{source.name} : archive vide.")
        return destination

    def _check_name(self, name: str) -> None:
        if not NAME.fullmatch(name):
            raise InputError(f"nom de pack « {name[:70]} » refusé : minuscules, chiffres, points et tirets. Donnez --nom.")
        if any(p.name == name for p in self.packs()):
            raise InputError(
                f"un pack « {name} » est déjà là. Retirez-le (dui-conformance packs remove {name}) ou donnez un autre --nom."
            )

    def _named(self, name: str) -> Pack:
        found = next((p for p in self.packs() if p.name == name), None)
        if found is None:
            known = ", ".join(p.name for p in self.packs()) or "aucun"
            raise InputError(f"pack « {name} » inconnu (packs du projet : {known}).")
        return found

    def _pack(self, row: Mapping[str, Any]) -> Pack:
        name = str(row["name"])
        if not NAME.fullmatch(name):
            raise ValueError(f"nom de pack « {name[:70]} »")
        home = self.folder / name
        texts = {k: str(row[k]) for k in ("kind", "version", "sha256", "source", "added")}
        compiles = {str(k): str(v) for k, v in row["compiles"].items()}
        notes = tuple(map(str, row["notes"]))
        return Pack(
            name=name,
            files=int(row["files"]),
            notes=notes,
            compiles=compiles,
            folder=home / CONTENT,
            compiled=home / COMPILED,
            **texts,
        )

    def _write(self, packs: tuple[Pack, ...]) -> None:
        content = {"schema": SCHEMA, "packs": [p.row() for p in packs]}
        partial = self.folder / f"{INDEX}.partiel"
        partial.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        partial.replace(self.folder / INDEX)


def content_sha256(folder: Path) -> str:
    """The hash of a content: names and bytes of all its files, whatever their dates and order."""
    whole = hashlib.sha256()
    for relative in sorted(PackFolder(folder).files.values()):
        digest = hashlib.sha256((folder / relative).read_bytes()).hexdigest()
        whole.update(f"{relative}\0{digest}\n".encode())
    return whole.hexdigest()


def compile_missing(pack: Pack, say: Callable[[str], None] | None = None) -> Pack:
    """The pack with each of its schemas compiled: what was compiled before, unchanged, is kept. Raises ``InputError``."""
    loaded = pack.load()
    if not isinstance(loaded, Judging):
        return pack
    folder = PackFolder(pack.folder)
    compiles, notes = {}, [n for n in pack.notes if not n.startswith("schématron ")]
    for path in dict.fromkeys(ref.path for ref in loaded.schemas()):
        key = cache_key(pack.sha256, path)
        kept = pack.compiled / f"{key}.json"
        content = kept.read_bytes() if kept.is_file() else b""
        if not content or hashlib.sha256(content).hexdigest() != pack.compiles.get(key):
            if say is not None:
                say(path)
            content = _compiled(folder, path).encode("utf-8")
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(content)
        if content.startswith(b"!"):
            notes.append(f"schématron inutilisable : {content[1:].decode('utf-8')}")
        compiles[key] = hashlib.sha256(content).hexdigest()
    return replace(pack, compiles=compiles, notes=tuple(notes))


def _compiled(folder: PackFolder, path: str) -> str:
    try:
        return compile_schema(folder, path).to_json()
    except SchemaRefused as error:
        raise InputError(f"pack refusé, {error}.") from error
    except (SchemaError, ValueError) as error:
        return f"!{error}"


def _recognised(folder: Path, source: Path) -> tuple[PackKind, Path]:
    for kind in kinds():
        root = kind.recognise(folder)
        if root is not None:
            return kind, root
    known = " ; ".join(f"{kind.name} ({kind.label})" for kind in kinds())
    raise InputError(f"{source.name} : contenu non reconnu. Sortes de packs : {known}.")


def _kind(name: str) -> PackKind:
    found = next((k for k in kinds() if k.name == name), None)
    if found is None:
        raise InputError(f"sorte de pack « {name} » inconnue de cette version.")
    return found
