"""A batch taken up again: the lines already written for the same bytes under the same rules are kept, the others are made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ..core.errors import InputError
from .constats import FileVerdict
from .empreinte import rules_in_force, rules_mark
from .jugement import Options, load

File = tuple[Path, str]
KEYS = {"file", "verdict", "findings", "regles", "sha256"}


def keep_prefix(output: Path, files: Sequence[File], options: Options, seen: Callable[[dict[str, Any]], None]) -> int:
    """How many of the first files keep their line; ``seen`` is told each line, and the output is cut after the last one.

    A torn last line is dropped. Raises ``InputError`` when the file is not an output of ``validate --format jsonl``.
    """
    kept = size = 0
    for row, end in _rows(output):
        if kept == len(files) or not _holds(row, files[kept], options):
            break
        seen(row)
        kept, size = kept + 1, end
    with output.open("r+b") as stream:
        stream.truncate(size)
    return kept


def _rows(output: Path) -> Iterator[tuple[dict[str, Any], int]]:
    end = 0
    with output.open("rb") as stream:
        for line in stream:
            end += len(line)
            if not line.endswith(b"\n"):
                return
            try:
                row = json.loads(line)
            except ValueError:
                row = None
            if not isinstance(row, dict) or not row.keys() >= KEYS:
                raise InputError(f"--reprendre : {output} n'est pas une sortie de « validate --format jsonl »")
            yield row, end


def _holds(row: Mapping[str, Any], file: File, options: Options) -> bool:
    """True when judging the file again would give the same line."""
    path, shown = file
    rules = row["regles"]
    if row["file"] != shown or rules.get("empreinte") != rules_mark(options) or not _same_day(rules["jour"], options.day):
        return False
    content = load(path, shown)
    if isinstance(content, FileVerdict):
        return bool(row["sha256"] == "")
    digest = hashlib.sha256(content).hexdigest()
    return bool(digest == row["sha256"])


def _same_day(written: str, day: date) -> bool:
    """True when the same rules are in force on both days."""
    return written == day.isoformat() or rules_in_force(date.fromisoformat(written)) == rules_in_force(day)
