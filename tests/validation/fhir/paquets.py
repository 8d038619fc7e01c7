"""Where the tests find public FHIR packages: $FHIR_PAQUETS, else ``~/.fhir/packages``. CI puts them there with ``npm pack``."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

CACHE = Path(os.environ.get("FHIR_PAQUETS") or Path.home() / ".fhir" / "packages")
EXAMPLES = CACHE / "hl7.fhir.r4.examples#4.0.1"
DEFINING = (
    "StructureDefinition",
    "ValueSet",
    "CodeSystem",
    "SearchParameter",
    "OperationDefinition",
    "ConceptMap",
    "CompartmentDefinition",
)
needs_examples = pytest.mark.skipif(
    not EXAMPLES.is_dir(),
    reason="paquet npm hl7.fhir.r4.examples 4.0.1 absent de ~/.fhir/packages (npm pack hl7.fhir.r4.examples@4.0.1)",
)


@cache
def example_files(largest: int = 10**9) -> tuple[Path, ...]:
    """The instances of the package, the definitions of R4 itself left out."""
    return tuple(_instances(largest))


def _instances(largest: int) -> Iterator[Path]:
    folder = EXAMPLES / "package"
    for path in sorted(folder.glob("*.json")):
        kind = path.name.partition("-")[0]
        if kind in DEFINING or path.name in ("package.json", ".index.json") or path.stat().st_size > largest:
            continue
        yield path


def load(path: Path) -> dict[str, Any]:
    """The JSON of a file."""
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content
