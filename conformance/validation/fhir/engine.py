"""The way in: bytes of a FHIR resource, JSON or XML, judged against its base type and profiles."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Any

from ...core.verdict import Severity
from ..xml import XmlError
from ..xml import parse as parse_xml
from . import bundle, json_reader, xml_reader
from .attendus import by_content
from .base import Types
from .issues import Issue, Pointer, Rule, Sink
from .items import Item, Reading, make_root
from .json_reader import JsonError
from .profile_tree import Profiles
from .store import Definitions, Origin
from .terminology import Terminology
from .walk import Walk


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is said of a resource: by which definitions it was judged, and each issue.

    ``profiles`` are ``canonical|version`` with the package of each; ``absent`` what nobody had; ``undecided`` the value
    sets that could not be asked; ``invariants`` how many were evaluated. ``told`` are the profiles found by what it holds.
    """

    resource: str
    issues: tuple[Issue, ...]
    profiles: tuple[tuple[str, Origin], ...] = ()
    asked: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    base: Origin | None = None
    absent: tuple[str, ...] = ()
    undecided: tuple[tuple[str, str], ...] = ()
    invariants: int = 0
    foreign: int = 0
    format: str = "json"
    sha256: str = ""
    memo: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that make the resource not conform."""
        return tuple(i for i in self.issues if i.severity is Severity.ERREUR)

    @property
    def accepted(self) -> bool:
        """True when there is no error."""
        return not self.errors


class Validator:
    """Compiled definitions, shared by all the documents judged with the same packages; one document at a time."""

    def __init__(self, definitions: Definitions | None = None) -> None:
        self.definitions = definitions or Definitions()
        self.types = Types(self.definitions)
        self.profiles = Profiles(self.types)
        self.terminology = Terminology(self.definitions)
        self._lock = RLock()

    def validate(self, data: bytes, profiles: Sequence[str] = ()) -> Outcome:
        """The outcome of a resource; what cannot be read has one issue that says why."""
        with self._lock:
            return self._validate(data, profiles)

    def _validate(self, data: bytes, profiles: Sequence[str]) -> Outcome:
        digest = hashlib.sha256(data).hexdigest()
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
            return self._xml(data, profiles, digest)
        try:
            text = json_reader.decode(data)
            value = json_reader.parse(text)
        except JsonError as error:
            return _unreadable(error.message, error.line, "json", digest)
        found = self._judged(value, profiles, (), "json", digest)
        return _placed(found, json_reader.lines_of(text, _pointers(found))) if found.issues else found

    def _xml(self, data: bytes, profiles: Sequence[str], digest: str) -> Outcome:
        try:
            root = parse_xml(data)
        except XmlError as error:
            return _unreadable(error.message, error.line, "xml", digest)
        reading = xml_reader.XmlReading(self.types)
        value = reading.read(root)
        if value is None:
            return _unreadable(f"la racine {root.tag!s} n'est pas une ressource de FHIR R4", root.sourceline or 0, "xml", digest)
        found = self._judged(value, profiles, reading.issues, "xml", digest)
        return _placed(found, xml_reader.lines_of(root, _pointers(found))) if found.issues else found

    def _judged(self, value: Any, profiles: Sequence[str], before: Sequence[Issue], form: str, digest: str) -> Outcome:
        if not isinstance(value, dict):
            return _unreadable("le contenu n'est pas un objet JSON", 1, form, digest)
        sink = Sink()
        sink.issues += before
        root = make_root(Reading(self.types, sink, xml=form == "xml"), value)
        if root is None:
            named = value.get("resourceType")
            return _unreadable(f"resourceType absent ou inconnu de R4 : {named!r}"[:160], 1, form, digest)
        walk = Walk(root, self.types, self.profiles, self.terminology, sink)
        told = by_content(value) if not profiles else ()
        walk.resource(root, profiles or told)
        _bundles(root, sink)
        return Outcome(
            resource=root.type.code,
            issues=_once(_settled(walk)),
            profiles=tuple((p.named, p.origin) for p in walk.used.values()),
            asked=tuple(profiles),
            told=told,
            base=self.definitions.structure(root.type.code).origin,  # type: ignore[union-attr]
            absent=tuple(walk.absent),
            undecided=tuple(walk.bindings.undecided.items()),
            invariants=walk.invariants.evaluated,
            foreign=walk.invariants.foreign,
            format=form,
            sha256=digest,
        )


def _bundles(root: Item, sink: Sink) -> None:
    if root.type.code == "Bundle":
        bundle.check(root, sink)


def _settled(walk: Walk) -> list[Issue]:
    """The issues, without the advice of a base binding that a profile replaces; those of a provisional profile said so."""
    issues = walk.sink.issues
    if any(i.rule is Rule.CODE_CONSEILLE and "|" not in i.source for i in issues):
        rebound = {item.path for item in walk.rebound}
        issues = [i for i in issues if not (i.rule is Rule.CODE_CONSEILLE and "|" not in i.source and i.path in rebound)]
    provisional = walk.profiles.provisional
    return [
        _provisional(i) if i.rule.severity is Severity.ERREUR and i.source.partition("#")[0] in provisional else i for i in issues
    ]


def _provisional(issue: Issue) -> Issue:
    """An error of a profile that is inferred: a warning, that says of which rule."""
    return replace(
        issue, rule=Rule.PROVISOIRE, message=f"{issue.message} (profil provisoire)", key=f"{issue.rule.value} {issue.key}"
    )


def _once(issues: Sequence[Issue]) -> tuple[Issue, ...]:
    """Each issue once: two profiles may say the same thing of the same place."""
    found: dict[tuple[Any, ...], Issue] = {}
    for issue in issues:
        found.setdefault((issue.rule, issue.path, issue.message, issue.key), issue)
    return tuple(found.values())


def _pointers(outcome: Outcome) -> set[Pointer]:
    return {issue.pointer for issue in outcome.issues}


def _placed(outcome: Outcome, lines: dict[Pointer, int]) -> Outcome:
    return replace(outcome, issues=tuple(replace(i, line=i.line or _nearest(lines, i.pointer)) for i in outcome.issues))


def _nearest(lines: dict[Pointer, int], pointer: Pointer) -> int:
    while pointer not in lines and pointer:
        pointer = pointer[:-1]
    return lines.get(pointer, 0)


def _unreadable(message: str, line: int, form: str, digest: str) -> Outcome:
    issue = Issue(
        Rule.LECTURE,
        "Ressource FHIR illisible",
        "/",
        expected="une ressource FHIR R4, en JSON ou en XML",
        received=message,
        hint="Corriger l'écriture du fichier : rien d'autre n'a été vérifié.",
        source="FHIR R4, formats JSON et XML",
        line=line,
    )
    return Outcome("", (issue,), format=form, sha256=digest)
