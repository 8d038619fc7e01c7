"""What is said of a file: its verdict, and a row for each place where a rule is broken, or why it could not be judged."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from ..core.check import Application
from ..core.problem import Finding, Problem
from ..core.verdict import Verdict
from .lecteurs import LECTURE, TAILLE

MEBIBYTE = 1024 * 1024
LARGEST = 32 * MEBIBYTE
_LINE = re.compile(r"\s*\(?ligne (\d+)\)?")


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
    """What is said of a file. ``regles`` names the rule sets that ran, their versions, hashes and validity;
    ``officiel`` is what the packs of the user say of it, beside."""

    file: str
    kind: str
    profil: str
    verdict: Verdict
    findings: tuple[FileFinding, ...]
    regles: dict[str, Any] = field(default_factory=dict)
    sha256: str = ""
    taille: int = 0
    officiel: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The line of ``--format jsonl``."""
        row = asdict(self)
        row["verdict"] = self.verdict.value
        if not self.officiel:
            del row["officiel"]
        return row


def places(application: Application, member: str) -> Iterable[FileFinding]:
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


def unsettled(application: Application, member: str) -> FileFinding:
    """A rule that could not be settled: the place is the whole document."""
    untested = application.verdict is Verdict.NON_TESTE
    return FileFinding(
        rule=application.check,
        verdict=application.verdict.value,
        message=application.reason,
        expected=application.rule,
        received="règle non exercée",
        at="/",
        line=1,
        hint="Ajouter ce référentiel (« packs add »), puis relancer." if untested else "Donner ce qui manque, puis relancer.",
        source=application.source,
        confiance=application.confidence.value,
        exigences=application.exigences,
        profil=application.profile,
        membre=member,
    )


def row_of(finding: Finding, verdict: Verdict, member: str = "") -> FileFinding:
    """The row of a finding that no check made."""
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


def reason(error: OSError | ValueError) -> str:
    """The system's reason, in French for the common ones."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None:
        return "nom de fichier impossible"
    return _REASONS.get(number, os.strerror(number))


_REASONS = {
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.ENOENT: "le fichier n'existe plus, ou le lien ne mène nulle part",
    errno.ELOOP: "lien symbolique qui tourne en rond",
    errno.ENAMETOOLONG: "nom trop long",
    errno.EIO: "erreur de lecture du support",
    errno.EMFILE: "trop de fichiers ouverts",
}


def failure(error: Exception) -> Finding:
    """The finding of a mistake of ours."""
    return Finding(
        check="harnais.jugement",
        message=f"Le banc n'a pas su juger ce fichier : {type(error).__name__} : {error}",
        expected="un verdict",
        received="une erreur du banc",
        at="/",
        hint="Signaler cette erreur avec le fichier : rien n'en est conclu sur lui.",
        source="le banc juge chaque fichier",
    )


def oversized(size: int) -> Finding:
    """The finding of a file that is not read for its size."""
    return Finding(
        check=TAILLE,
        message="Fichier trop grand : il n'est pas lu",
        expected=f"{LARGEST // MEBIBYTE} Mio au plus",
        received=f"{size / MEBIBYTE:.0f} Mio",
        at="/",
        hint="Vérifier que le fichier est bien un document, et réduire les images et les PDF qu'il porte.",
        source="choix du banc : mémoire bornée",
    )


def unreadable(reason: str) -> Finding:
    """The finding of a file that cannot be read."""
    return Finding(
        check=LECTURE,
        message="Fichier illisible",
        expected="un fichier que l'on peut ouvrir et lire",
        received=reason,
        at="/",
        hint="Vérifier que le fichier existe et les droits de lecture.",
        source="choix du banc",
    )


def no_profile(kind: str, day: date) -> Finding:
    """The finding of a content that no profile in force judges."""
    return Finding(
        check="fichier.profil",
        message="Aucun profil en vigueur ne juge ce genre de document",
        expected="un genre de document qu'un profil juge à cette date",
        received=f"{kind}, au {day:%d/%m/%Y}",
        at="/",
        hint="Choisir une autre date (--au) ou un profil (--profil).",
        source="profils de conformité du banc",
    )
