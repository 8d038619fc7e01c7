"""One file judged: what it is, which profile applies, what breaks. The same function serves one file, a batch and a cluster."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..checks.registry import all_profiles, loaded_checks, run_profile
from ..core.check import Application
from ..core.problem import Finding
from ..core.profile import Profile, best_for
from ..core.verdict import Verdict, roll_up
from .constats import (
    LARGEST,
    FileFinding,
    FileVerdict,
    failure,
    no_profile,
    oversized,
    places,
    reason,
    row_of,
    unreadable,
    unsettled,
)
from .lecteurs import FORMAT, READABLE, Piece, read
from .references import references

SCHEMA, SECOND = "cda.structure.schema", "cda.structure.diagnostic"
_UNSETTLED = frozenset({Verdict.NON_TESTE, Verdict.SANS_OBJET})
"""Verdicts that do not lower *conforme*: a file has no scenario, a rule is not tested only for want of a reference."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks of a judgement; small enough to be sent to a worker with each task.

    ``day`` selects the rules in force, ``profile`` forces one, ``project`` is the folder that holds the user's references,
    ``packs`` whether its packs are to judge too.
    """

    day: date
    profile: str = ""
    diagnostic: bool = False
    project: str = ""
    packs: bool = True


def is_canonical(profile: str) -> bool:
    """True when ``--profil`` names a FHIR profile, by its canonical URL, rather than one of ours."""
    return ":" in profile


def judge_file(path: Path, shown: str, options: Options) -> FileVerdict:
    """The verdict of a file; one that cannot be read, or is too large, is *non conforme* with its one finding."""
    content = load(path, shown)
    return content if isinstance(content, FileVerdict) else judge_bytes(content, shown, options)


def load(path: Path, shown: str) -> bytes | FileVerdict:
    """The bytes of a file, or why they are not read."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            return _refused(shown, unreadable("dossier dont le contenu n'est pas accessible"))
        if not stat.S_ISREG(status.st_mode):
            return _refused(shown, unreadable("ni un fichier ni un dossier (tube, périphérique…)"))
        if status.st_size > LARGEST:
            return _refused(shown, oversized(status.st_size), status.st_size)
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        return _refused(shown, unreadable(reason(error)))
    return _refused(shown, oversized(len(data)), len(data)) if len(data) > LARGEST else data


def judge_bytes(data: bytes, name: str, options: Options) -> FileVerdict:
    """The verdict of the content of a file. A mistake of ours is *erreur du harnais* for that file alone."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        return _judged(data, name, digest, options)
    except Exception as error:  # noqa: BLE001 - as in a scenario: an error of ours is said to be ours, and the next file is judged
        row = row_of(failure(error), Verdict.ERREUR)
        return FileVerdict(name, "", "", Verdict.ERREUR, (row,), sha256=digest, taille=len(data))


def _judged(data: bytes, name: str, digest: str, options: Options) -> FileVerdict:
    found: list[tuple[Piece, Profile | None, list[Application]]] = []
    for piece in _without_strangers(read(data, name)):
        profile = _profile_for(piece, options)
        found.append((piece, profile, _applications(piece, profile, options)))
    diagnosed = [each for piece, _, applications in found for each in _diagnosis(piece, applications, options)]
    findings = [each for piece, profile, applications in found for each in _findings(piece, profile, applications, options)]
    verdicts = [v for f in findings if (v := Verdict(f.verdict)) not in _UNSETTLED]
    verdicts += [a.verdict for _, _, applications in found for a in applications if a.verdict not in _UNSETTLED]
    profiles = [profile for _, profile, _ in found if profile is not None]
    return FileVerdict(
        file=name,
        kind=" + ".join(dict.fromkeys(piece.kind for piece, _, _ in found)),
        profil=" + ".join(dict.fromkeys(profile.id for profile in profiles)),
        verdict=roll_up(verdicts),
        findings=(*findings, *diagnosed),
        regles=_rules([a for _, _, applications in found for a in applications], options.day, [piece for piece, _, _ in found]),
        sha256=digest,
        taille=len(data),
    )


def _without_strangers(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The pieces, without what nobody recognises beside what is (the notice and the index of an archive)."""
    known = [piece for piece in pieces if piece.refused is None or piece.refused.check != FORMAT]
    return known or pieces


def _profile_for(piece: Piece, options: Options) -> Profile | None:
    if piece.refused is not None:
        return None
    if options.profile and not is_canonical(options.profile):
        return all_profiles()[options.profile]
    return best_for(piece.kind, tuple(all_profiles().values()), options.day)


def _applications(piece: Piece, profile: Profile | None, options: Options) -> list[Application]:
    if profile is None:
        return []
    asked = options.profile if is_canonical(options.profile) else ""
    applications = run_profile(profile, piece.subjects, context=references(options.project, asked), day=options.day)
    unreadable = [a for a in applications if a.check == READABLE and a.finding is not None]
    return unreadable or applications


def _findings(
    piece: Piece, profile: Profile | None, applications: Sequence[Application], options: Options
) -> Iterable[FileFinding]:
    if piece.refused is not None:
        yield row_of(piece.refused, Verdict.NON_CONFORME, piece.member)
        return
    if profile is None:
        yield row_of(no_profile(piece.kind, options.day), Verdict.NON_CONCLUANT, piece.member)
        return
    for application in applications:
        if application.finding is not None:
            yield from places(application, piece.member)
        elif application.verdict in (Verdict.NON_CONCLUANT, Verdict.NON_TESTE):
            yield unsettled(application, piece.member)


def _diagnosis(piece: Piece, applications: Sequence[Application], options: Options) -> Iterable[FileFinding]:
    """What a second engine says of a structure that is refused, when it is asked for."""
    refused = next((a for a in applications if a.check == SCHEMA), None)
    if not options.diagnostic or refused is None or refused.finding is None:
        return
    from ..validation.cda import diagnose

    for problem in diagnose(piece.subjects[0].data):
        finding = replace(refused.finding, check=SECOND, message=f"Second moteur (xmlschema) : {problem.message}", problems=())
        placed = replace(finding, at=problem.at, expected=problem.expected, received=problem.received, hint=problem.hint)
        yield from places(replace(refused, check=SECOND, finding=placed), piece.member)


def _refused(name: str, finding: Finding, size: int = 0) -> FileVerdict:
    row = row_of(finding, Verdict.NON_CONFORME)
    return FileVerdict(name, "inconnu", "", Verdict.NON_CONFORME, (row,), taille=size)


def lost(name: str) -> FileVerdict:
    """The verdict of a file whose judgement ended its process."""
    row = row_of(failure(RuntimeError("le processus de jugement s'est arrêté")), Verdict.ERREUR)
    return FileVerdict(name, "", "", Verdict.ERREUR, (row,))


def _rules(applications: Sequence[Application], day: date, pieces: Sequence[Piece]) -> dict[str, Any]:
    """The rule sets that ran, with version, hash and validity; and how many verifications held."""
    known = _groups(len(loaded_checks()))
    sets = {group.id: group for a in applications if (group := known.get(a.check)) is not None}
    held = sum(a.evidence.fired for a in applications if a.evidence is not None)
    own = [row for piece in pieces for subject in piece.subjects for row in getattr(subject, "rule_sets", ())]
    return {"jour": day.isoformat(), "verifications": held, "jeux": [*(_rule_set(sets[name]) for name in sorted(sets)), *own]}


@lru_cache(maxsize=1)
def _groups(loaded: int) -> dict[str, Any]:
    """The rule set of each rule, and of its own name, among the ``loaded`` checks."""
    groups = [(each.id, each.group) for each in loaded_checks().values() if each.group is not None]
    return {**{group.id: group for _, group in groups}, **dict(groups)}


def _rule_set(group: Any) -> dict[str, str]:
    row = {"id": group.id, "version": group.version, "sha256": group.sha256}
    bounds = {"valide_du": group.valid_from, "valide_au": group.valid_to}
    return {**row, **{name: day.isoformat() for name, day in bounds.items() if day is not None}}
