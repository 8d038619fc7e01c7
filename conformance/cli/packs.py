"""``packs``: what only the user has (official CDA kit, schematrons, COG…), added to the project folder."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ..core.plateforme import private_folder
from ..validation.packs.store import Pack, PackStore
from .pki import PROJECT


def store_of(project: Path) -> PackStore:
    """The packs of a project folder."""
    return PackStore(private_folder(project / PROJECT) / "packs")


def add(project: Path, sources: Sequence[Path], name: str, now: datetime) -> tuple[Pack, ...]:
    """Add each folder or archive; the first that cannot be stops there (``InputError``)."""
    store = store_of(project)
    return tuple(store.add(source, now=now, name=name) for source in sources)


def listing(packs: Sequence[Pack]) -> str:
    """The packs, one a line, with the remarks made when they were added."""
    if not packs:
        return "Aucun pack. « dui-conformance packs add CHEMIN » ajoute le kit CDA officiel, des schématrons ou un référentiel."
    return "\n".join(line for pack in packs for line in described(pack))


def described(pack: Pack) -> list[str]:
    """A pack in a few lines."""
    version = f" {pack.version}" if pack.version else ""
    head = f"{pack.name}  [{pack.kind}{version}]  {pack.files} fichiers, sha256 {pack.sha256[:16]}…, ajouté le {pack.added[:10]}"
    return [f"{head}, depuis {pack.source}", *(f"    {note}" for note in pack.notes)]


def as_json(packs: Sequence[Pack]) -> str:
    """``packs list --format json``."""
    rows = [
        {
            "nom": p.name,
            "sorte": p.kind,
            "version": p.version,
            "sha256": p.sha256,
            "source": p.source,
            "ajoute": p.added,
            "fichiers": p.files,
            "notes": list(p.notes),
        }
        for p in packs
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)
