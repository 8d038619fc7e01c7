"""The committed tables are what their script derives from the public package."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest
from dui_conformance.validation.fhir.tables import generation
from validation.fhir.paquets import EXAMPLES, needs_examples

TABLES = Path(str(generation.__file__)).parent


@pytest.mark.parametrize("name", [generation.DEFINITIONS, generation.TERMINOLOGIES])
def test_a_table_says_its_package_and_its_hash(name: str) -> None:
    head, _, body = gzip.decompress((TABLES / name).read_bytes()).decode().partition("\n")
    said = json.loads(head)
    assert (said["package"], said["version"], said["licence"]) == ("hl7.fhir.r4.core", "4.0.1", "CC0-1.0")
    assert len(said["archive_sha256"]) == 64
    assert said["contenu_sha256"] == hashlib.sha256(body.rstrip("\n").encode()).hexdigest()


def test_the_tables_stay_compact() -> None:
    assert sum((TABLES / name).stat().st_size for name in (generation.DEFINITIONS, generation.TERMINOLOGIES)) < 500_000


@needs_examples
def test_the_same_tables_are_derived_again() -> None:
    derived = generation.tables(EXAMPLES / "package")
    for name, lines in zip((generation.DEFINITIONS, generation.TERMINOLOGIES), derived, strict=True):
        held = gzip.decompress((TABLES / name).read_bytes()).decode().split("\n")[1:-1]
        assert held == lines
