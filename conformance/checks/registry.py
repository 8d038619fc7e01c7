"""The register of checks and profiles: Python functions and declarative rules side by side."""

from __future__ import annotations

import fnmatch
import importlib
import pkgutil
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from ..catalogue import known_ids
from ..core.check import Application, Check, RuleGroup, apply, failed_verdict, finding_of, make_check
from ..core.errors import CheckFailed, HarnessError, Inconclusive
from ..core.problem import Evidence
from ..core.profile import Applied, Profile
from ..core.providers import provide
from ..core.verdict import Severity, Verdict

_CHECKS: dict[str, Check] = {}
_WILD = re.compile(r"[*?\[]")
_FAMILIES: dict[str, tuple[str, ...]] = {
    "cda": ("cda_", "declaratif"),
    "fhir": ("fhir",),
    "mss": ("mss_",),
    "pdf": ("pdf_",),
    "xds": ("xds_",),
}
"""Where the checks of an id's first word are, as beginnings of module names; other words may be anywhere."""


def check(id: str, *, covers: Sequence[str], source: str, confidence: str) -> Callable[[Callable[..., Evidence]], Check]:
    """Register a Python check. Its docstring is the rule, in French; an unknown exigence is refused at import."""

    def register(function: Callable[..., Evidence]) -> Check:
        return add(make_check(function, id=id, covers=covers, source=source, confidence=confidence))

    return register


def add(made: Check) -> Check:
    """Register a check; refuses an id used twice and an exigence that the catalogue does not have."""
    if made.id in _CHECKS:
        raise HarnessError(f"deux contrôles portent l'identifiant {made.id}")
    unknown = [e for e in made.covers if e not in known_ids()]
    if unknown:
        raise HarnessError(f"le contrôle {made.id} cite une exigence inconnue : {', '.join(unknown)}")
    _CHECKS[made.id] = made
    return made


@cache
def all_checks() -> dict[str, Check]:
    """Every check by id; imports the modules of this package once."""
    _load("")
    return _CHECKS


def loaded_checks() -> Mapping[str, Check]:
    """The checks of the modules imported so far: enough to explain what has just been applied."""
    return _CHECKS


@cache
def check_named(id: str) -> Check:
    """One check, without importing more than its family."""
    _load(id)
    return _CHECKS[id]


@cache
def _load(beginning: str) -> None:
    """Register what may begin so: the modules of its family, and the rule files of its prefix."""
    for name in _FAMILIES.get(beginning.partition(".")[0], ("",)):
        _import(name)
    importlib.import_module(f"{__package__}.declaratif").register_rules(beginning)


@cache
def _import(name: str) -> None:
    """Import the modules of this package whose name begins so."""
    from .. import checks

    for module in sorted(m.name for m in pkgutil.iter_modules(checks.__path__) if m.name.startswith(name)):
        importlib.import_module(f"{checks.__name__}.{module}")


@cache
def rule_sets() -> tuple[Any, ...]:
    """The declarative rule sets in use, each with ``id``, ``version``, ``sha256``, ``valid_from`` and ``valid_to``."""
    found = {c.group.id: c.group for c in sorted(all_checks().values(), key=_place) if c.group is not None}
    return tuple(found.values())


@cache
def all_profiles() -> dict[str, Profile]:
    """Every profile of ``checks/profils/*.toml`` by id; unknown rules are refused."""
    profiles: dict[str, Profile] = {}
    folder = resources.files(__package__) / "profils"
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name):
        for row in tomllib.loads(file.read_text(encoding="utf-8")).get("profil", []):
            made = _profile(row)
            if made.id in profiles:
                raise HarnessError(f"deux profils portent l'identifiant {made.id}")
            profiles[made.id] = made
    return profiles


def _profile(row: dict[str, Any]) -> Profile:
    applied = tuple(
        Applied(
            rules=tuple(part["regles"]),
            severity=Severity(part.get("gravite", "erreur")),
            exigences=tuple(part.get("exigences", ())),
            given=part.get("si", ""),
        )
        for part in row["applique"]
    )
    for rank, part in enumerate(applied):
        if part.given and all(part.given not in earlier.rules for earlier in applied[:rank]):
            raise HarnessError(f"profil {row['id']} : « si » nomme une règle qui n'est pas appliquée avant ({part.given})")
    return Profile(
        id=row["id"],
        title=row["titre"],
        when=tuple(row["quand"]),
        applied=applied,
        valid_from=row.get("valide_du"),
        valid_to=row.get("valide_au"),
    )


@cache
def expand(globs: tuple[str, ...]) -> tuple[Check, ...]:
    """The checks that id globs name, glob by glob, module by module; a glob that names nothing is refused.

    Only the modules that may hold them are imported: a document is judged without loading the rules of the services.
    """
    found: dict[str, Check] = {}
    for glob in globs:
        beginning = _WILD.split(glob)[0]
        _load(beginning)
        named = _CHECKS.get(glob)
        alike = [named] if named is not None else [c for c in _CHECKS.values() if c.id.startswith(beginning)]
        matching = [c for c in alike if fnmatch.fnmatchcase(c.id, glob)]
        if not matching:
            raise HarnessError(f"aucune règle ne correspond à « {glob} »")
        found.update((c.id, c) for c in sorted(matching, key=_place))
    return tuple(found.values())


def _place(check: Check) -> tuple[str, str]:
    """Where a check is written: what orders checks, whatever was loaded first."""
    return check.function.__module__, check.group.id if check.group is not None else ""


def run_profile(
    profile: Profile,
    subjects: Sequence[Any],
    *,
    context: Sequence[Any] = (),
    severity: Severity | None = None,
    exigences: Sequence[str] | None = None,
    blocking: bool = True,
    day: date | None = None,
) -> list[Application]:
    """Apply a profile. Rules of one file that hold are summed up in one application that says how many ran; a rule that
    needs a reference of the user is left out when ``context`` has no place for it."""
    applications: list[Application] = []
    for part in profile.applied:
        cited = exigences if exigences is not None else (part.exigences or None)
        weight = severity or part.severity
        if part.given and not any(a.check == part.given and a.verdict is Verdict.CONFORME for a in applications):
            applications += [_pointless(each, part.given, subjects, weight, cited, profile.id) for each in expand(part.rules)]
            continue
        alone, groups = _planned(part.rules)
        for each in alone:
            if not _referenced(each, context):
                continue
            applications.append(
                apply(each, subjects, context=context, severity=weight, exigences=cited, profile=profile.id, blocking=blocking)
            )
        for members in groups:
            applications += _run_group(members, subjects, weight, cited, profile.id, blocking, day)
    return applications


@dataclass(frozen=True, slots=True)
class _Members:
    """The rules of one group that a profile applies, by id, and the exigences that they cover."""

    group: RuleGroup
    checks: Mapping[str, Check]
    covers: tuple[str, ...]


@cache
def _planned(globs: tuple[str, ...]) -> tuple[tuple[Check, ...], tuple[_Members, ...]]:
    """What globs name, once for all: the checks that run alone, and those that run by group."""
    alone: list[Check] = []
    groups: dict[str, tuple[RuleGroup, dict[str, Check]]] = {}
    for each in expand(globs):
        if each.group is None:
            alone.append(each)
        else:
            groups.setdefault(each.group.id, (each.group, {}))[1][each.id] = each
    return tuple(alone), tuple(
        _Members(group, checks, tuple(dict.fromkeys(e for each in checks.values() for e in each.covers)))
        for group, checks in groups.values()
    )


def _referenced(each: Check, context: Sequence[Any]) -> bool:
    """False for a rule that needs a reference of the user (``of_the_user``) where the caller handles no such reference:
    a campaign without it does not apply the rule, a caller that gives it empty hears *non teste*."""
    wanted = [type_ for _, type_ in each.parameters if getattr(type_, "of_the_user", False)]
    return all(any(isinstance(value, type_) for value in context) for type_ in wanted)


def _pointless(
    each: Check, given: str, subjects: Sequence[Any], severity: Severity, exigences: Sequence[str] | None, profile: str
) -> Application:
    """A rule that has nothing to judge, because the rule that it supposes does not hold."""
    return Application(
        check=each.id,
        rule=each.rule,
        verdict=Verdict.SANS_OBJET,
        severity=severity,
        exigences=tuple(each.covers if exigences is None else exigences),
        subjects=tuple(str(getattr(s, "id", "") or type(s).__name__) for s in subjects),
        reason=f"suppose d'abord tenue la règle {given}",
        profile=profile,
        confidence=each.confidence,
        source=each.source,
    )


def _run_group(
    members: _Members,
    subjects: Sequence[Any],
    severity: Severity,
    exigences: Sequence[str] | None,
    profile: str,
    blocking: bool,
    day: date | None,
) -> list[Application]:
    group = members.group
    ids = tuple(str(getattr(s, "id", "") or type(s).__name__) for s in subjects)
    summary: dict[str, Any] = {
        "check": group.id,
        "rule": f"jeu de règles {group.id}",
        "severity": severity,
        "subjects": ids,
        "profile": profile,
    }
    cited_all = members.covers if exigences is None else tuple(dict.fromkeys(exigences))
    view, reason = None, ""
    for subject in subjects:
        try:
            view = provide(group.view, subject)
            break
        except Inconclusive as error:
            reason = reason or str(error)
    if view is None:
        return [Application(verdict=Verdict.NON_CONCLUANT, exigences=cited_all, reason=reason, **summary)]
    valid = getattr(group, "valid_on", None)
    if day is not None and valid is not None and not valid(day):
        return []
    outcome = group.evaluate(view)
    checks = members.checks
    fired = sum(count for name, count in outcome.fired.items() if name in checks and not outcome.problems.get(name))
    applications = [
        _broken(member, problems, ids, severity, exigences, profile, blocking)
        for member in (checks.values() if outcome.problems else ())
        if (problems := outcome.problems.get(member.id, ()))
    ]
    if fired:
        evidence = Evidence(note=f"{fired} vérifications sans défaut", fired=fired)
        applications.append(Application(verdict=Verdict.CONFORME, exigences=cited_all, evidence=evidence, **summary))
    elif not applications:
        applications.append(
            Application(
                verdict=Verdict.SANS_OBJET, exigences=cited_all, reason="rien de ce que ces règles regardent n'est là", **summary
            )
        )
    return applications


def _broken(
    member: Check,
    problems: Sequence[Any],
    ids: tuple[str, ...],
    severity: Severity,
    exigences: Sequence[str] | None,
    profile: str,
    blocking: bool,
) -> Application:
    first = problems[0]
    failure = CheckFailed(first.message, expected=first.expected, received=first.received, at=first.at, hint=first.hint)
    if len(problems) > 1:
        failure.problems = tuple(problems)  # type: ignore[attr-defined]
    return Application(
        check=member.id,
        rule=member.rule,
        verdict=failed_verdict(member, severity, blocking=blocking),
        severity=severity,
        exigences=tuple(member.covers if exigences is None else exigences),
        subjects=ids,
        finding=finding_of(member, failure),
        profile=profile,
        confidence=member.confidence,
        source=member.source,
    )
