"""The rules of ``regles/*.toml``, registered as checks beside the Python ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from ..core.check import Check
from ..core.errors import CheckFailed, InputError
from ..core.problem import Evidence
from ..core.verdict import Confidence
from ..validation import cda  # noqa: F401 - registers the subject "cda"
from ..validation.chargement import load_rule_set, read_shortcuts, read_toml, read_value_sets
from ..validation.expressions import Shortcut
from ..validation.regles import Row, RuleSet
from ..validation.valeurs import ValueSet
from .registry import add

FOLDER = Path(__file__).with_name("regles")
_NOT_RULES = {"raccourcis.toml", "mutation.toml"}
_PREFIX = re.compile(r'^prefixe\s*=\s*"([^"]*)"', re.MULTILINE)
_ID = re.compile(r'^id\s*=\s*"([^"]*)"', re.MULTILINE)


def rule_sets() -> tuple[RuleSet, ...]:
    """Every rule set of the product, in file name order."""
    return tuple(_registered(path) for path in _rule_files())


def register_rules(beginning: str) -> None:
    """Register the rules whose ids may begin so; the other files are not read, which makes a process ready sooner."""
    for path in _rule_files():
        prefix = _prefix(path) + "."
        if prefix.startswith(beginning) or beginning.startswith(prefix):
            _registered(path)


@cache
def _registered(path: Path) -> RuleSet:
    texts, shortcuts, drawn_on = _shared()
    rules = load_rule_set(path, value_sets=texts, shortcuts=shortcuts, drawn_on=drawn_on)
    for row in rules.rows:
        add(_check_of(row, rules))
    return rules


@cache
def _shared() -> tuple[dict[str, str], dict[str, Shortcut], list[bytes]]:
    """What the files draw on: value sets, shortcuts, and the bytes of both."""
    shared = [FOLDER / "raccourcis.toml", *_value_set_files()]
    texts = {name: value_set.text for name, value_set in value_sets().items()}
    return texts, read_shortcuts(read_toml(shared[0])["raccourcis"]), [path.read_bytes() for path in shared]


@cache
def _rule_files() -> list[Path]:
    return [path for path in sorted(FOLDER.glob("*.toml")) if path.name not in _NOT_RULES]


@cache
def _prefix(path: Path) -> str:
    """How the ids of a file's rules begin, read without the rest."""
    head = path.read_text(encoding="utf-8").partition("[[regle]]")[0]
    found = _PREFIX.search(head) or _ID.search(head)
    return found[1] if found else ""


@cache
def value_sets() -> dict[str, ValueSet]:
    """Every value set of the product, by name; a name used by two files is refused."""
    found: dict[str, ValueSet] = {}
    for path in _value_set_files():
        for name, value_set in read_value_sets(path).items():
            if name in found:
                raise InputError(f"{path.name} : le jeu de valeurs {name} est déjà défini dans un autre fichier")
            found[name] = value_set
    return found


def _value_set_files() -> list[Path]:
    return sorted((FOLDER / "valeurs").glob("*.toml"))


def _check_of(row: Row, rules: RuleSet) -> Check:
    return Check(
        id=row.id,
        rule=f"{row.message}.",
        covers=row.covers,
        source=row.source,
        confidence=Confidence(row.confidence),
        function=_function(row, rules),
        parameters=(("document", rules.view),),
        group=rules,
    )


def _function(row: Row, rules: RuleSet) -> Callable[[Any], Evidence]:
    """The rule applied alone, as a scenario or a unit test does."""

    def function(document: Any) -> Evidence:
        outcome = rules.evaluate(document)
        problems = outcome.problems.get(row.id, ())
        if not problems:
            return Evidence(fired=outcome.fired.get(row.id, 0))
        first = problems[0]
        failure = CheckFailed(first.message, expected=first.expected, received=first.received, at=first.at, hint=first.hint)
        failure.problems = tuple(problems) if len(problems) > 1 else ()  # type: ignore[attr-defined]
        raise failure

    return function
