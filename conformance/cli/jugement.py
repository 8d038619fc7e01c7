"""One file judged: what it is, which profile applies, what breaks. The same function serves one file, a batch and a cluster."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ..checks.registry import all_checks, all_profiles, rule_sets, run_profile
from ..core.check import Application
from ..core.problem import Finding, Problem
from ..core.profile import Profile, best_for
from ..core.verdict import Verdict, roll_up
from .lecteurs import LECTURE, TAILLE, Piece, read

MEBIBYTE = 1024 * 1024
LARGEST = 64 * MEBIBYTE
READABLE = "cda.structure.readable"
_LINE = re.compile(r"\s*\(?ligne (\d+)\)?")
_UNSETTLED = (Verdict.NON_TESTE, Verdict.SANS_OBJET)


@dataclass(frozen=True, slots=True)
class FileFinding:
    """A rule broken at one place of a file. ``at`` is an XPath (or a place of a file that is not XML)."""

    rule: str
    verdict: str
    message: str
    expected: str
    received: str
    at: str
    line: int
    hint: str
    source: str
    confiance: str
    exigences: tuple[str, ...] = ()
    profil: str = ""
    membre: str = ""


@dataclass(frozen=True, slots=True)
class FileVerdict:
    """What is said of a file. ``regles`` names the rule sets that ran, their versions, hashes and validity."""

    file: str
    kind: str
    profil: str
    verdict: Verdict
    findings: tuple[FileFinding, ...]
    regles: dict[str, Any] = field(default_factory=dict)
    sha256: str = ""
    taille: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The line of ``--format jsonl``."""
        row = asdict(self)
        row["verdict"] = self.verdict.value
        return row


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks of a judgement. ``day`` selects the rules in force; ``profile`` forces one."""

    day: date
    profile: str = ""
    diagnostic: bool = False
    context: tuple[Any, ...] = ()


def judge_file(path: Path, shown: str, options: Options) -> FileVerdict:
    """The verdict of a file; one that cannot be read, or is too large, is *non conforme* with its one finding."""
    try:
        size = path.stat().st_size
        if not path.is_file():
            return _refused(shown, _unreadable("ni un fichier ni un dossier (tube, périphérique…)"))
        if size > LARGEST:
            return _refused(shown, _oversized(size), size)
        data = path.read_bytes()
    except OSError as error:
        return _refused(shown, _unreadable(error.strerror or str(error)))
    return judge_bytes(data, shown, options)


def judge_bytes(data: bytes, name: str, options: Options) -> FileVerdict:
    """The verdict of the content of a file."""
    found: list[tuple[Piece, Profile | None, list[Application]]] = []
    for piece in read(data, name):
        profile = _profile_for(piece, options)
        found.append((piece, profile, _applications(piece, profile, options)))
    findings = [each for piece, profile, applications in found for each in _findings(piece, profile, applications, options)]
    verdicts = [Verdict(f.verdict) for f in findings if f.verdict not in _UNSETTLED]
    verdicts += [a.verdict for _, _, applications in found for a in applications if a.verdict not in _UNSETTLED]
    profiles = [profile for _, profile, _ in found if profile is not None]
    return FileVerdict(
        file=name,
        kind=" + ".join(dict.fromkeys(piece.kind for piece, _, _ in found)),
        profil=" + ".join(dict.fromkeys(profile.id for profile in profiles)),
        verdict=roll_up(verdicts),
        findings=tuple(findings),
        regles=_rules([a for _, _, applications in found for a in applications], options.day),
        sha256=hashlib.sha256(data).hexdigest(),
        taille=len(data),
    )


def _profile_for(piece: Piece, options: Options) -> Profile | None:
    if piece.refused is not None:
        return None
    if options.profile:
        return all_profiles()[options.profile]
    kind = "document.cda" if piece.kind == "xml" else piece.kind
    return best_for(kind, tuple(all_profiles().values()), options.day)


def _applications(piece: Piece, profile: Profile | None, options: Options) -> list[Application]:
    if profile is None:
        return []
    applications = run_profile(profile, piece.subjects, context=options.context, day=options.day)
    unreadable = [a for a in applications if a.check == READABLE and a.verdict is Verdict.NON_CONFORME]
    return unreadable or applications


def _findings(
    piece: Piece, profile: Profile | None, applications: Sequence[Application], options: Options
) -> Iterable[FileFinding]:
    if piece.refused is not None:
        yield _row(piece.refused, Verdict.NON_CONFORME, piece.member)
        return
    if profile is None:
        yield _row(_no_profile(piece.kind, options.day), Verdict.NON_CONCLUANT, piece.member)
        return
    for application in applications:
        if application.finding is not None:
            yield from _places(application, piece.member)
        elif application.verdict in (Verdict.NON_CONCLUANT, Verdict.NON_TESTE):
            yield _unsettled(application, piece.member)


def _places(application: Application, member: str) -> Iterable[FileFinding]:
    """One row a place; a rule broken once has one."""
    finding = application.finding
    assert finding is not None
    first = Problem(finding.check, finding.message, finding.at, finding.expected, finding.received, finding.hint)
    for problem in finding.problems or (first,):
        at, line = place(problem.at)
        yield FileFinding(
            rule=application.check,
            verdict=application.verdict.value,
            message=problem.message,
            expected=problem.expected or application.rule,
            received=problem.received,
            at=at,
            line=line,
            hint=problem.hint or f"Corriger ce que la règle demande : {application.rule}",
            source=application.source,
            confiance=application.confidence.value,
            exigences=application.exigences,
            profil=application.profile,
            membre=member,
        )


def _unsettled(application: Application, member: str) -> FileFinding:
    return FileFinding(
        rule=application.check,
        verdict=application.verdict.value,
        message=application.reason,
        expected=application.rule,
        received="",
        at="",
        line=0,
        hint="",
        source=application.source,
        confiance=application.confidence.value,
        exigences=application.exigences,
        profil=application.profile,
        membre=member,
    )


def _row(finding: Finding, verdict: Verdict, member: str = "") -> FileFinding:
    at, line = place(finding.at)
    return FileFinding(
        rule=finding.check,
        verdict=verdict.value,
        message=finding.message,
        expected=finding.expected,
        received=finding.received,
        at=at,
        line=line,
        hint=finding.hint,
        source=finding.source,
        confiance="vu",
        membre=member,
    )


def place(at: str) -> tuple[str, int]:
    """XPath and line apart, from the place that a check gives (``/ClinicalDocument/id (ligne 4)``)."""
    match = _LINE.search(at)
    if match is None:
        return at or "/", 1
    return (at[: match.start()] + at[match.end() :]).strip() or "/", int(match[1])


def _refused(name: str, finding: Finding, size: int = 0) -> FileVerdict:
    return FileVerdict(
        file=name,
        kind="inconnu",
        profil="",
        verdict=Verdict.NON_CONFORME,
        findings=(_row(finding, Verdict.NON_CONFORME),),
        taille=size,
    )


def _oversized(size: int) -> Finding:
    return Finding(
        check=TAILLE,
        message="Fichier trop grand : il n'est pas lu",
        expected=f"{LARGEST // MEBIBYTE} Mio au plus",
        received=f"{size / MEBIBYTE:.0f} Mio",
        at="/",
        hint="Vérifier que le fichier est bien un document, et réduire les images et les PDF qu'il porte.",
        source="choix du banc : mémoire bornée",
    )


def _unreadable(reason: str) -> Finding:
    return Finding(
        check=LECTURE,
        message="Fichier illisible",
        expected="un fichier que l'on peut ouvrir et lire",
        received=reason,
        at="/",
        hint="Vérifier que le fichier existe et les droits de lecture.",
        source="choix du banc",
    )


def _no_profile(kind: str, day: date) -> Finding:
    return Finding(
        check="fichier.profil",
        message="Aucun profil en vigueur ne juge ce genre de document",
        expected="un genre de document qu'un profil juge à cette date",
        received=f"{kind}, au {day:%d/%m/%Y}",
        at="/",
        hint="Choisir une autre date (--au) ou un profil (--profil).",
        source="profils de conformité du banc",
    )


def _rules(applications: Sequence[Application], day: date) -> dict[str, Any]:
    """The rule sets that ran, with version, hash and validity; and how many verifications held."""
    known = all_checks()
    names = tuple(dict.fromkeys(a.check for a in applications))
    sets = {group.id: group for name in names if (each := known.get(name)) is not None and (group := each.group) is not None}
    sets.update((group.id, group) for group in rule_sets() if group.id in names)
    held = sum(a.evidence.fired for a in applications if a.evidence is not None)
    return {"jour": day.isoformat(), "verifications": held, "jeux": [_rule_set(sets[name]) for name in sorted(sets)]}


def _rule_set(group: Any) -> dict[str, str]:
    row = {"id": group.id, "version": group.version, "sha256": group.sha256}
    bounds = {"valide_du": group.valid_from, "valide_au": group.valid_to}
    return {**row, **{name: day.isoformat() for name, day in bounds.items() if day is not None}}
