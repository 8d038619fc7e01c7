"""The functions of FHIRPath that invariants use. Each maker takes the arguments as read, and what compiles them."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from .fhirpath import Env, Node, Step, Unsupported, Values, of_type, truth, type_name
from .items import Item
from .narrative import defects
from .values import distinct, member, raw

Compile = Callable[[Node], Step]
Maker = Callable[[list[Node], Compile], Step]


def _arguments(nodes: list[Node], compile_: Compile, least: int, most: int) -> list[Step]:
    if not least <= len(nodes) <= most:
        raise Unsupported("nombre d'arguments")
    return [compile_(node) for node in nodes]


def _plain(function: Callable[[Values], Values]) -> Maker:
    def make(nodes: list[Node], compile_: Compile) -> Step:
        _arguments(nodes, compile_, 0, 0)
        return lambda focus, env: function(focus)

    return make


def _each(focus: Values, criterion: Step, env: Env) -> Values:
    """The value of the criterion for each item, ``$this`` and ``$index`` being set."""
    this, index = env.this, env.index
    answers: Values = []
    for rank, item in enumerate(focus):
        env.this, env.index = item, rank
        answers.append(criterion([item], env))
    env.this, env.index = this, index
    return answers


def _where(nodes: list[Node], compile_: Compile) -> Step:
    (criterion,) = _arguments(nodes, compile_, 1, 1)
    return lambda focus, env: [i for i, a in zip(focus, _each(focus, criterion, env), strict=True) if truth(a)]


def _exists(nodes: list[Node], compile_: Compile) -> Step:
    if not nodes:
        return lambda focus, env: [bool(focus)]
    kept = _where(nodes, compile_)
    return lambda focus, env: [bool(kept(focus, env))]


def _all(nodes: list[Node], compile_: Compile) -> Step:
    (criterion,) = _arguments(nodes, compile_, 1, 1)
    return lambda focus, env: [all(truth(a) is True for a in _each(focus, criterion, env))]


def _select(nodes: list[Node], compile_: Compile) -> Step:
    (projection,) = _arguments(nodes, compile_, 1, 1)
    return lambda focus, env: [v for a in _each(focus, projection, env) for v in a]


def _repeat(nodes: list[Node], compile_: Compile) -> Step:
    (projection,) = _arguments(nodes, compile_, 1, 1)

    def run(focus: Values, env: Env) -> Values:
        found: Values = []
        pending = list(focus)
        while pending:
            fresh = [v for a in _each(pending, projection, env) for v in a if not any(v is f for f in found)]
            found += fresh
            pending = fresh
        return found

    return run


def _iif(nodes: list[Node], compile_: Compile) -> Step:
    steps = _arguments(nodes, compile_, 2, 3)

    def run(focus: Values, env: Env) -> Values:
        if truth(steps[0](focus, env)):
            return steps[1](focus, env)
        return steps[2](focus, env) if len(steps) > 2 else []

    return run


def _trace(nodes: list[Node], compile_: Compile) -> Step:
    return lambda focus, env: focus


def _typed(test: bool) -> Maker:
    def make(nodes: list[Node], compile_: Compile) -> Step:
        if len(nodes) != 1:
            raise Unsupported("nombre d'arguments")
        name = type_name(nodes[0])
        if test:
            return lambda focus, env: [of_type(v, name) for v in focus[:1]]
        return lambda focus, env: [v for v in focus if of_type(v, name)]

    return make


def _texts(function: Callable[..., Any], least: int, most: int) -> Maker:
    """A function of a text and of the single values of its arguments."""

    def make(nodes: list[Node], compile_: Compile) -> Step:
        steps = _arguments(nodes, compile_, least, most)

        def run(focus: Values, env: Env) -> Values:
            if not focus:
                return []
            held = raw(focus[0]) if len(focus) == 1 else None
            text = held if isinstance(held, str) else getattr(held, "text", None)
            given = [step([env.this], env) for step in steps]
            if text is None or not all(given):
                return []
            return [function(text, *(raw(g[0]) for g in given))]

        return run

    return make


@lru_cache(maxsize=512)
def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.DOTALL)


def _substring(text: str, start: int, length: int | None = None) -> str:
    return text[start:] if length is None else text[start : start + length]


def _to_integer(focus: Values) -> Values:
    held = raw(focus[0]) if len(focus) == 1 else None
    if isinstance(held, bool | int):
        return [int(held)]
    return [int(held)] if isinstance(held, str) and re.fullmatch(r"[+-]?\d{1,18}", held) else []


def _to_decimal(focus: Values) -> Values:
    held = raw(focus[0]) if len(focus) == 1 else None
    try:
        return [Decimal(held)] if isinstance(held, str | int | Decimal) else []
    except InvalidOperation:
        return []


def _to_string(focus: Values) -> Values:
    if len(focus) != 1:
        return []
    held = raw(focus[0])
    if isinstance(held, bool):
        return ["true" if held else "false"]
    if isinstance(held, Item) or held is None:
        return []
    return [str(getattr(held, "text", held))]


def _has_value(focus: Values) -> Values:
    one = focus[0] if len(focus) == 1 else None
    return [one.type.primitive and one.value is not None if isinstance(one, Item) else one is not None]


def _children(focus: Values) -> Values:
    return [k for i in focus if isinstance(i, Item) for group in i.kids.values() for k in group]


def _descendants(focus: Values) -> Values:
    return [k for i in focus if isinstance(i, Item) for k in i.below()]


def _resolve(nodes: list[Node], compile_: Compile) -> Step:
    def run(focus: Values, env: Env) -> Values:
        found = (env.resolver(i) for i in focus if isinstance(i, Item))
        return [i for i in found if i is not None]

    return run


def _extension(nodes: list[Node], compile_: Compile) -> Step:
    (wanted,) = _arguments(nodes, compile_, 1, 1)

    def run(focus: Values, env: Env) -> Values:
        url = wanted(focus, env)
        held = [e for i in focus if isinstance(i, Item) for e in i.kids.get("extension", ())]
        return [e for e in held if url and isinstance(e.value, dict) and e.value.get("url") == raw(url[0])]

    return run


def _pairwise(function: Callable[[Values, Values], Values]) -> Maker:
    def make(nodes: list[Node], compile_: Compile) -> Step:
        (other,) = _arguments(nodes, compile_, 1, 1)
        return lambda focus, env: function(focus, other([env.this], env))

    return make


def _numbered(function: Callable[[Values, int], Values]) -> Maker:
    def make(nodes: list[Node], compile_: Compile) -> Step:
        (count,) = _arguments(nodes, compile_, 1, 1)

        def run(focus: Values, env: Env) -> Values:
            number = count([env.this], env)
            return function(focus, int(number[0])) if number else []

        return run

    return make


def _booleans(function: Callable[[list[bool]], bool]) -> Maker:
    return _plain(lambda focus: [function([bool(raw(v)) for v in focus])])


def _not(focus: Values) -> Values:
    held = truth(focus)
    return [] if held is None else [not held]


def _html(focus: Values) -> Values:
    return [not any(defects(i.value) for i in focus if isinstance(i, Item) and isinstance(i.value, str))]


def _member_of(nodes: list[Node], compile_: Compile) -> Step:
    (url,) = _arguments(nodes, compile_, 1, 1)

    def run(focus: Values, env: Env) -> Values:
        wanted = url([env.this], env)
        answers = [env.member_of(i, str(raw(wanted[0]))) for i in focus] if wanted else []
        return [] if not answers or None in answers else [all(answers)]

    return run


def _join(nodes: list[Node], compile_: Compile) -> Step:
    steps = _arguments(nodes, compile_, 0, 1)

    def run(focus: Values, env: Env) -> Values:
        sign = steps[0]([env.this], env) if steps else [""]
        return [str(sign[0]).join(str(raw(v)) for v in focus)]

    return run


FUNCTIONS: dict[str, Maker] = {
    "exists": _exists,
    "empty": _plain(lambda focus: [not focus]),
    "count": _plain(lambda focus: [len(focus)]),
    "not": _plain(_not),
    "where": _where,
    "all": _all,
    "select": _select,
    "repeat": _repeat,
    "iif": _iif,
    "trace": _trace,
    "is": _typed(True),
    "as": _typed(False),
    "ofType": _typed(False),
    "first": _plain(lambda focus: focus[:1]),
    "last": _plain(lambda focus: focus[-1:]),
    "tail": _plain(lambda focus: focus[1:]),
    "single": _plain(lambda focus: focus[:1]),
    "skip": _numbered(lambda focus, n: focus[max(n, 0) :]),
    "take": _numbered(lambda focus, n: focus[: max(n, 0)]),
    "distinct": _plain(distinct),
    "isDistinct": _plain(lambda focus: [len(distinct(focus)) == len(focus)]),
    "intersect": _pairwise(lambda a, b: distinct([v for v in a if member(v, b)])),
    "exclude": _pairwise(lambda a, b: [v for v in a if not member(v, b)]),
    "union": _pairwise(lambda a, b: distinct(a + b)),
    "combine": _pairwise(lambda a, b: a + b),
    "subsetOf": _pairwise(lambda a, b: [all(member(v, b) for v in a)]),
    "supersetOf": _pairwise(lambda a, b: [all(member(v, a) for v in b)]),
    "allTrue": _booleans(all),
    "anyTrue": _booleans(any),
    "allFalse": _booleans(lambda held: not any(held)),
    "anyFalse": _booleans(lambda held: not all(held)),
    "startsWith": _texts(str.startswith, 1, 1),
    "endsWith": _texts(str.endswith, 1, 1),
    "contains": _texts(lambda text, part: part in text, 1, 1),
    "indexOf": _texts(str.find, 1, 1),
    "matches": _texts(lambda text, pattern: _regex(pattern).search(text) is not None, 1, 1),
    "matchesFull": _texts(lambda text, pattern: _regex(pattern).fullmatch(text) is not None, 1, 1),
    "replace": _texts(lambda text, old, new: text.replace(old, new), 2, 2),
    "replaceMatches": _texts(lambda text, pattern, new: _regex(pattern).sub(new, text), 2, 2),
    "substring": _texts(_substring, 1, 2),
    "length": _texts(len, 0, 0),
    "upper": _texts(str.upper, 0, 0),
    "lower": _texts(str.lower, 0, 0),
    "trim": _texts(str.strip, 0, 0),
    "join": _join,
    "toInteger": _plain(_to_integer),
    "toDecimal": _plain(_to_decimal),
    "toString": _plain(_to_string),
    "hasValue": _plain(_has_value),
    "children": _plain(_children),
    "descendants": _plain(_descendants),
    "resolve": _resolve,
    "extension": _extension,
    "htmlChecks": _plain(_html),
    "memberOf": _member_of,
}
