"""How a check finds its arguments, through which providers, and what becomes of its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from dui_conformance.core import providers
from dui_conformance.core.check import Check, apply, bind, make_check
from dui_conformance.core.errors import CheckFailed, HarnessError, Inconclusive
from dui_conformance.core.problem import Evidence
from dui_conformance.core.providers import can_provide, provide, provider
from dui_conformance.core.settings import Settings
from dui_conformance.core.verdict import Severity, Verdict


@dataclass
class Source:
    id: str
    text: str
    memo: dict[Any, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Envelope:
    text: str


@dataclass(frozen=True)
class Inner:
    text: str


@dataclass(frozen=True)
class Looping:
    text: str


class Person:
    id = "p1"


MADE: list[str] = []


@pytest.fixture(autouse=True)
def own_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "_PROVIDERS", {})
    MADE.clear()

    @provider
    def _envelope(source: Source) -> Envelope:
        MADE.append(source.id)
        if not source.text:
            raise Inconclusive(f"{source.id} est vide")
        return Envelope(source.text)

    @provider
    def _inner(envelope: Envelope) -> Inner:
        if "?" in envelope.text:
            raise Inconclusive("enveloppe sans contenu")
        return Inner(envelope.text.upper())

    @provider
    def _looping(value: Looping) -> Looping:
        return value


def made(function: Callable[..., Evidence], confidence: str = "vu") -> Check:
    return make_check(function, id="essai", covers=("X-1",), source="s", confidence=confidence)


def bound(function: Callable[..., Evidence], *subjects: Any, context: Sequence[Any] = ()) -> dict[str, Any]:
    return bind(made(function), subjects, context)


def two(first: Inner, second: Inner) -> Evidence:
    """Deux vues."""
    return Evidence()


def every(all: Sequence[Inner]) -> Evidence:
    """Toutes les vues."""
    return Evidence()


def mixed(person: Person, inner: Inner, all: Sequence[Source], settings: Settings) -> Evidence:
    """Un peu de tout."""
    return Evidence()


def test_a_chain_of_providers_gives_the_view_once_per_subject() -> None:
    source = Source("e1", "a")
    assert provide(Inner, source) == Inner("A")
    assert provide(Envelope, source) == Envelope("a")
    assert provide(Inner, source) is provide(Inner, source)
    assert MADE == ["e1"]


def test_an_answer_that_cannot_be_given_is_kept_too_with_its_reason() -> None:
    source = Source("e1", "")
    for _ in range(2):
        with pytest.raises(Inconclusive, match="e1 est vide"):
            provide(Inner, source)
    assert MADE == ["e1"]


def test_a_type_that_nothing_makes_is_our_error_and_a_loop_is_not_endless() -> None:
    assert not can_provide(Person)
    with pytest.raises(HarnessError, match="Person"):
        provide(Person, Source("e1", "a"))
    with pytest.raises(Inconclusive):
        provide(Looping, Source("e1", "a"))


def test_the_first_provider_that_fits_wins() -> None:
    @provider
    def _otherwise(source: Source) -> Inner:
        return Inner("autrement")

    assert provide(Inner, Source("e1", "a")) == Inner("A")
    assert provide(Inner, Source("e2", "?")) == Inner("autrement")


def test_the_nth_parameter_of_a_type_takes_the_nth_subject_that_gives_it() -> None:
    empty, a, b = Source("e0", ""), Source("e1", "a"), Source("e2", "b")
    assert bound(two, empty, a, Person(), b) == {"first": Inner("A"), "second": Inner("B")}
    with pytest.raises(Inconclusive):
        bound(two, empty, a)


def test_subjects_of_the_type_itself_come_before_those_that_provide_it() -> None:
    assert bound(two, Source("e1", "a"), Inner("x"), Inner("y")) == {"first": Inner("x"), "second": Inner("y")}


def test_a_sequence_takes_every_subject_that_gives_the_type() -> None:
    assert bound(every, Source("e1", "a"), Source("e0", ""), Source("e2", "b")) == {"all": (Inner("A"), Inner("B"))}
    with pytest.raises(Inconclusive, match="Inner"):
        bound(every, Source("e0", ""))


def test_each_parameter_finds_its_own_kind_and_the_context_comes_last() -> None:
    person, a, b = Person(), Source("e1", "a"), Source("e2", "b")
    found = bound(mixed, a, person, b, context=(Settings(),))
    assert found == {"person": person, "inner": Inner("A"), "all": (a, b), "settings": Settings()}
    mine = Settings(secteurs=("PA",))
    assert bound(mixed, a, person, mine, context=(Settings(),))["settings"] is mine
    with pytest.raises(Inconclusive, match="Settings"):
        bound(mixed, a, person)


def test_the_reason_of_a_missing_view_is_told() -> None:
    application = apply(made(two), [Source("e0", "")])
    assert (application.verdict, application.reason) == (Verdict.NON_CONCLUANT, "e0 est vide")
    assert application.subjects == ("e0",)


def broken(person: Person) -> Evidence:
    """Une règle enfreinte."""
    raise CheckFailed("Enfreinte", expected="a", received="b", at="c", hint="d")


@pytest.mark.parametrize(
    ("confidence", "severity", "blocking", "expected"),
    [
        ("vu", Severity.ERREUR, True, Verdict.NON_CONFORME),
        ("secondaire", Severity.ERREUR, True, Verdict.NON_CONFORME),
        ("infere", Severity.ERREUR, True, Verdict.AVERTISSEMENT),
        ("vu", Severity.AVERTISSEMENT, True, Verdict.AVERTISSEMENT),
        ("vu", Severity.ERREUR, False, Verdict.AVERTISSEMENT),
        ("infere", Severity.INFORMATION, True, Verdict.CONFORME),
    ],
)
def test_how_hard_a_broken_rule_strikes(confidence: str, severity: Severity, blocking: bool, expected: Verdict) -> None:
    application = apply(made(broken, confidence), [Person()], severity=severity, blocking=blocking)
    assert application.verdict is expected
    assert application.finding is not None
    assert application.finding.as_dict() == {
        "check": "essai",
        "message": "Enfreinte",
        "expected": "a",
        "received": "b",
        "at": "c",
        "hint": "d",
        "source": "s",
    }


def test_a_check_cites_its_own_exigences_unless_told_otherwise() -> None:
    check = made(broken)
    assert apply(check, [Person()]).exigences == ("X-1",)
    assert apply(check, [Person()], exigences=("X-2",)).exigences == ("X-2",)
    assert apply(check, [Person()], exigences=()).exigences == ()


def test_a_check_gives_evidence_and_has_a_rule() -> None:
    def mute(person: Person) -> Evidence:
        """Ne rend rien."""
        return None  # type: ignore[return-value]

    with pytest.raises(HarnessError, match="preuve"):
        apply(made(mute), [Person()])
    with pytest.raises(HarnessError, match="énoncé"):
        made(lambda person: Evidence())
