"""Check: one rule, one stable dotted id, the exigences that it covers, its source. And how its arguments are found."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, get_args, get_origin, get_type_hints

from .errors import CheckFailed, HarnessError, Inconclusive, NotTested
from .problem import Evidence, Finding, Problem
from .providers import can_provide, provide
from .verdict import Basis, Confidence, Severity, Verdict


class RuleGroup(Protocol):
    """Rules evaluated together over one view of a document, for speed (the rows of a declarative rule file)."""

    @property
    def id(self) -> str:
        """Stable name of the group."""

    @property
    def view(self) -> type:
        """The view that its rules read."""

    def evaluate(self, view: Any) -> Outcome:
        """All the rules at once."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule group found: the problems of each broken rule, and how many assertions each rule evaluated."""

    problems: Mapping[str, tuple[Problem, ...]]
    fired: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Check:
    """A pure function of parsed inputs: returns ``Evidence`` or raises ``CheckFailed``."""

    id: str
    rule: str
    covers: tuple[str, ...]
    source: str
    confidence: Confidence
    function: Callable[..., Evidence] = field(repr=False)
    parameters: tuple[tuple[str, Any], ...] = field(default=(), repr=False)
    group: RuleGroup | None = field(default=None, repr=False)

    def __call__(self, *args: Any, **kwargs: Any) -> Evidence:
        """Run the rule on explicit inputs, as unit tests do."""
        return self.function(*args, **kwargs)


def make_check(function: Callable[..., Evidence], *, id: str, covers: Sequence[str], source: str, confidence: str) -> Check:
    """A check from a function whose annotated parameters are found by type and whose docstring is the rule."""
    doc = inspect.getdoc(function)
    if not doc:
        raise HarnessError(f"le contrôle {id} n'a pas d'énoncé (docstring)")
    hints = get_type_hints(function)
    parameters = tuple((name, hints[name]) for name in inspect.signature(function).parameters)
    return Check(
        id=id,
        rule=doc.split("\n\n")[0].replace("\n", " ").strip(),
        covers=tuple(covers),
        source=source,
        confidence=Confidence(confidence),
        function=function,
        parameters=parameters,
    )


@dataclass(frozen=True, slots=True)
class Application:
    """One application of a check: what was judged, with which severity, for which exigences, and what came of it.

    ``subjects`` are exchange or gesture ids. Nothing here depends on time, paths or versions: the same checks on the
    same capture give the same record.
    """

    check: str
    rule: str
    verdict: Verdict
    severity: Severity
    exigences: tuple[str, ...]
    subjects: tuple[str, ...]
    evidence: Evidence | None = None
    finding: Finding | None = None
    reason: str = ""
    profile: str = ""
    confidence: Confidence = Confidence.VU
    source: str = ""
    basis: Basis = Basis.OBSERVE


def bind(check: Check, subjects: Sequence[Any], context: Sequence[Any] = ()) -> dict[str, Any]:
    """The arguments of a check, found by type.

    Each parameter takes the first subject of that type not yet taken; else the first subject that provides the type
    (the n-th parameter of one type takes the n-th such subject); ``Sequence[X]`` takes all of them; else a context value.
    Raises ``Inconclusive`` when nothing gives the type.
    """
    taken: dict[Any, int] = {}
    bound: dict[str, Any] = {}
    for name, wanted in check.parameters:
        if get_origin(wanted) in (tuple, list, Sequence) or (
            get_origin(wanted) is not None and issubclass(get_origin(wanted), Sequence)
        ):
            item = get_args(wanted)[0]
            values, _ = _all_of(item, subjects)
            if not values:
                raise Inconclusive(f"aucune vue {item.__name__} parmi ce qui a été observé")
            bound[name] = tuple(values)
            continue
        bound[name] = _one_of(wanted, subjects, context, taken)
    return bound


def _one_of(wanted: Any, subjects: Sequence[Any], context: Sequence[Any], taken: dict[Any, int]) -> Any:
    values, reason = _all_of(wanted, subjects, skip=taken.get(wanted, 0))
    if values:
        taken[wanted] = taken.get(wanted, 0) + 1
        return values[0]
    for value in context:
        if isinstance(value, wanted):
            return value
    raise Inconclusive(reason or f"aucune vue {wanted.__name__} parmi ce qui a été observé")


def _all_of(wanted: Any, subjects: Sequence[Any], skip: int = 0) -> tuple[list[Any], str]:
    direct = [s for s in subjects if isinstance(s, wanted)]
    if direct:
        return direct[skip:], ""
    if not can_provide(wanted):
        return [], ""
    values, reason = [], ""
    for subject in subjects:
        try:
            values.append(provide(wanted, subject))
        except Inconclusive as error:
            reason = reason or str(error)
    return values[skip:], reason


def apply(
    check: Check,
    subjects: Sequence[Any],
    *,
    context: Sequence[Any] = (),
    severity: Severity = Severity.ERREUR,
    exigences: Sequence[str] | None = None,
    profile: str = "",
    blocking: bool = True,
) -> Application:
    """Apply a check and say what came of it. ``blocking=False`` (service labelled provisoire) caps at *avertissement*.

    A check that lacks a reference which only the user can give raises ``NotTested``: *non teste*, with its reason.
    """
    cited = tuple(check.covers if exigences is None else exigences)
    base: dict[str, Any] = {
        "check": check.id,
        "rule": check.rule,
        "severity": severity,
        "exigences": cited,
        "subjects": tuple(_subject_id(s) for s in subjects),
        "profile": profile,
        "confidence": check.confidence,
        "source": check.source,
    }
    try:
        evidence = check.function(**bind(check, subjects, context))
    except CheckFailed as failure:
        finding = finding_of(check, failure)
        return Application(verdict=failed_verdict(check, severity, blocking=blocking), finding=finding, **base)
    except Inconclusive as error:
        return Application(verdict=Verdict.NON_CONCLUANT, reason=str(error), **base)
    except NotTested as error:
        return Application(verdict=Verdict.NON_TESTE, reason=str(error), **base)
    if not isinstance(evidence, Evidence):
        raise HarnessError(f"le contrôle {check.id} n'a pas rendu de preuve")
    if evidence.fired < 1:
        return Application(verdict=Verdict.NON_CONCLUANT, reason="aucune règle n'a pu s'exercer", evidence=evidence, **base)
    return Application(verdict=Verdict.CONFORME, evidence=evidence, **base)


def finding_of(check: Check, failure: CheckFailed) -> Finding:
    """The finding that a failure becomes."""
    problems: tuple[Problem, ...] = getattr(failure, "problems", ())
    return Finding(
        check=check.id,
        message=failure.message,
        expected=failure.expected,
        received=failure.received,
        at=failure.at,
        hint=failure.hint,
        source=check.source,
        problems=problems,
    )


def failed_verdict(check: Check, severity: Severity, *, blocking: bool) -> Verdict:
    """What a broken rule amounts to where it is applied: an inference, or a provisional operation, never blocks."""
    if severity is Severity.INFORMATION:
        return Verdict.CONFORME
    if severity is Severity.AVERTISSEMENT or check.confidence is Confidence.INFERE or not blocking:
        return Verdict.AVERTISSEMENT
    return Verdict.NON_CONFORME


def _subject_id(subject: Any) -> str:
    return str(getattr(subject, "id", "") or type(subject).__name__)
