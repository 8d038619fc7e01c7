"""The fingerprint of all that makes a verdict, beside the file: rules, code of the checks, references and options."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from ..checks.registry import all_profiles, rule_sets
from .jugement import Options
from .references import references_mark

_ROOMS = ("checks", "validation", "core", "catalogue")
_KINDS = (".py", ".toml", ".xsd", ".txt")


def rules_mark(options: Options) -> str:
    """SHA-256. Two runs with the same mark, and the same rules in force, give the same verdict to the same bytes."""
    parts = (_sources_digest(), options.profile, str(options.diagnostic), str(options.packs), references_mark(options.project))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@cache
def _sources_digest() -> str:
    digest = hashlib.sha256()
    for name, data in _sources():
        digest.update(name.encode() + b"\0" + hashlib.sha256(data).digest())
    return digest.hexdigest()


@cache
def rules_in_force(day: date) -> frozenset[str]:
    """The profiles and rule sets in force that day."""
    profiles = {f"profil {p.id}" for p in all_profiles().values() if p.valid_on(day)}
    return frozenset(profiles | {f"jeu {s.id}" for s in rule_sets() if s.valid_on(day)})


def _sources() -> Iterator[tuple[str, bytes]]:
    package = resources.files(__package__.rpartition(".")[0])
    for room in _ROOMS:
        yield from _under(package / room, room)


def _under(folder: Traversable, name: str) -> Iterator[tuple[str, bytes]]:
    for each in sorted(folder.iterdir(), key=lambda item: item.name):
        if each.is_dir():
            yield from _under(each, f"{name}/{each.name}")
        elif each.name.endswith(_KINDS):
            yield f"{name}/{each.name}", each.read_bytes()
