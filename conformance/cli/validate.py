"""``validate``: files judged by the profile of what they hold, without any service."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TextIO

from ..checks.registry import all_profiles
from ..core.errors import InputError
from ..core.verdict import Verdict
from .jugement import FileVerdict, Options, judge_file
from .sorties import WRITERS, Tally

FORMATS = tuple(WRITERS)


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked on the command line."""

    paths: tuple[Path, ...]
    form: str = "texte"
    day: date | None = None
    profile: str = ""
    diagnostic: bool = False
    output: Path | None = None


def validate(request: Request) -> int:
    """Judge every file and write the verdicts; gives the exit code (0, 1 or 4). Raises ``InputError``."""
    files = list(found(request.paths))
    options = Options(day=request.day or date.today(), profile=_known(request.profile), diagnostic=request.diagnostic)
    verdicts = (judge_file(path, shown, options) for path, shown in files)
    if request.output is None:
        return _write(verdicts, request.form, sys.stdout)
    with request.output.open("w", encoding="utf-8", newline="") as stream:
        return _write(verdicts, request.form, stream)


def _write(verdicts: Iterable[FileVerdict], form: str, stream: TextIO) -> int:
    tally = Tally()
    writer = WRITERS[form](stream, tally)
    for verdict in verdicts:
        tally.count(verdict)
        writer.write(verdict)
    writer.close()
    return exit_code(tally)


def exit_code(tally: Tally) -> int:
    """1 when a file is *non conforme*, 4 when one is *non concluant*, 3 for an error of ours, else 0."""
    for verdict, code in ((Verdict.ERREUR, 3), (Verdict.NON_CONFORME, 1), (Verdict.NON_CONCLUANT, 4)):
        if tally.verdicts[verdict]:
            return code
    return 0


def found(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    """The files to judge and the name to show: those given, and those of the folders given (sorted, hidden ones skipped)."""
    for path in paths:
        if not path.exists() and not path.is_symlink():
            raise InputError(f"{path} : ce fichier ou ce dossier n'existe pas")
    for path in paths:
        if not path.is_dir():
            yield path, str(path)
            continue
        for each in _walk(path, frozenset()):
            yield each, str(each)


def _walk(folder: Path, above: frozenset[Path]) -> Iterator[Path]:
    real = folder.resolve()
    if real in above:
        return
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield folder
        return
    for each in entries:
        if each.name.startswith("."):
            continue
        if each.is_dir():
            yield from _walk(each, above | {real})
        else:
            yield each


def _known(profile: str) -> str:
    if not profile or profile in all_profiles():
        return profile
    near = get_close_matches(profile, all_profiles(), 3, 0.5)
    hint = f" ; voulez-vous dire {' ou '.join(near)} ?" if near else ""
    raise InputError(f"--profil : profil inconnu « {profile} »{hint} Profils : {', '.join(sorted(all_profiles()))}.")
