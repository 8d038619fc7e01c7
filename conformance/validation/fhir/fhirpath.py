"""FHIRPath made into Python functions over items. The grammar is fhirpathpy's; what runs is ours, for speed and for R4 types.

An expression that uses something not known here raises :class:`Unsupported` when it is compiled; the caller then turns to
fhirpathpy itself (:mod:`.invariants`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from fhirpathpy.parser import parse

from .items import Item
from .values import Quantity, Temporal, distinct, equal, less, member, raw, same_collections

Values = list[Any]
Step = Callable[[Values, "Env"], Values]
Node = dict[str, Any]
Resolver = Callable[[Item], "Item | None"]


class Unsupported(ValueError):
    """An expression that this compiler does not know, or that cannot be read."""


class Env:
    """What an expression may ask for beside its focus."""

    __slots__ = ("context", "index", "member_of", "resolver", "resource", "root", "this", "total")

    def __init__(self, context: Item, resolver: Resolver, member_of: Callable[[Any, str], bool | None]) -> None:
        self.context = context
        self.resource = context.holder
        self.root = context.outermost
        self.resolver = resolver
        self.member_of = member_of
        self.this: Any = context
        self.index = 0
        self.total: Values = []


def truth(values: Values) -> bool | None:
    """A collection as a boolean: a single value that is not one counts as true."""
    if not values:
        return None
    if len(values) > 1:
        raise ValueError("plusieurs valeurs où une seule est attendue")
    held = raw(values[0])
    return held if isinstance(held, bool) else True


@lru_cache(maxsize=4096)
def compiled(expression: str) -> Step:
    """The function of an expression; raises :class:`Unsupported`."""
    try:
        return _step(parse(expression)["children"][0])  # type: ignore[no-untyped-call]
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise Unsupported(f"expression illisible : {expression}") from error


def _step(node: Node) -> Step:
    made = _MAKERS.get(node["type"])
    if made is None:
        raise Unsupported(f"construction {node['type']}")
    return made(node)


def _inner(node: Node) -> Step:
    return _step(node["children"][0])


def _invocation(node: Node) -> Step:
    steps = [_step(child) for child in node["children"]]
    first, second = steps

    def run(focus: Values, env: Env) -> Values:
        return second(first(focus, env), env)

    return run


def _name(node: Node) -> str:
    return str(node["children"][0]["text"]).strip('`"')


def _member(node: Node) -> Step:
    name = _name(node)
    if name[:1].isupper():
        return lambda focus, env: [i for i in focus if isinstance(i, Item) and i.type.is_a(name)]

    def run(focus: Values, env: Env) -> Values:
        if len(focus) == 1:
            item = focus[0]
            return item.kids.get(name, []) if isinstance(item, Item) else []
        found: Values = []
        for item in focus:
            if isinstance(item, Item):
                found += item.kids.get(name, ())
        return found

    return run


def _external(node: Node) -> Step:
    name = _name(node["children"][0])
    if name == "resource":
        return lambda focus, env: [env.resource]
    if name == "rootResource":
        return lambda focus, env: [env.root]
    if name == "context":
        return lambda focus, env: [env.context]
    known = {"ucum": "http://unitsofmeasure.org", "sct": "http://snomed.info/sct", "loinc": "http://loinc.org"}
    if name in known:
        return lambda focus, env: [known[name]]
    raise Unsupported(f"constante %{name}")


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


def _string(node: Node) -> Step:
    text = re.sub(
        r"\\(u[0-9a-fA-F]{4}|.)",
        lambda m: chr(int(m[1][1:], 16)) if len(m[1]) == 5 else _ESCAPES.get(m[1], m[1]),
        str(node["text"])[1:-1],
        flags=re.DOTALL,
    )
    return lambda focus, env: [text]


def _number(node: Node) -> Step:
    text = str(node["text"])
    value: int | Decimal = Decimal(text) if "." in text else int(text)
    return lambda focus, env: [value]


def _boolean(node: Node) -> Step:
    value = node["text"] == "true"
    return lambda focus, env: [value]


def _quantity(node: Node) -> Step:
    held = node["children"][0]
    unit = held["children"][0]
    text = unit["terminalNodeText"][0] if unit["terminalNodeText"] else unit["children"][0]["terminalNodeText"][0]
    value = Quantity(Decimal(held["terminalNodeText"][0]), str(text).strip("'"))
    return lambda focus, env: [value]


def _moment(node: Node) -> Step:
    value = Temporal(str(node["text"])[1:].removeprefix("T"))
    return lambda focus, env: [value]


def _indexer(node: Node) -> Step:
    held, rank = (_step(c) for c in node["children"])

    def run(focus: Values, env: Env) -> Values:
        wanted = rank([env.this], env)
        return held(focus, env)[wanted[0] : wanted[0] + 1] if wanted and isinstance(wanted[0], int) else []

    return run


def _polarity(node: Node) -> Step:
    held = _inner(node)
    if node["terminalNodeText"][0] == "+":
        return held
    return lambda focus, env: [-raw(v) for v in held(focus, env)]


def _pair(node: Node) -> tuple[str, Step, Step]:
    left, right = node["children"]
    return str(node["terminalNodeText"][0]), _step(left), _step(right)


def _answer(value: bool | None) -> Values:
    return [] if value is None else [value]


def _equality(node: Node) -> Step:
    sign, left, right = _pair(node)
    if sign in ("=", "!="):
        wanted = sign == "="

        def run(focus: Values, env: Env) -> Values:
            same = same_collections(left(focus, env), right(focus, env))
            return [] if same is None else [same is wanted]

        return run
    if sign in ("~", "!~"):
        return lambda focus, env: [_equivalent(left(focus, env), right(focus, env)) is (sign == "~")]
    raise Unsupported(sign)


def _equivalent(left: Values, right: Values) -> bool:
    return len(left) == len(right) and all(any(_alike(a, b) for b in right) for a in left)


def _alike(left: Any, right: Any) -> bool:
    one, two = raw(left), raw(right)
    if isinstance(one, str) and isinstance(two, str):
        return " ".join(one.lower().split()) == " ".join(two.lower().split())
    return bool(equal(left, right))


def _inequality(node: Node) -> Step:
    sign, left, right = _pair(node)

    def run(focus: Values, env: Env) -> Values:
        one, two = left(focus, env), right(focus, env)
        if not one or not two:
            return []
        swapped = sign in (">", "<=")
        answer = less(two[0], one[0]) if swapped else less(one[0], two[0])
        return [] if answer is None else [answer is (sign in ("<", ">"))]

    return run


def _logic(node: Node) -> Step:
    sign, left, right = _pair(node)

    def run(focus: Values, env: Env) -> Values:
        one = truth(left(focus, env))
        if (sign == "and" and one is False) or (sign == "or" and one is True) or (sign == "implies" and one is False):
            return [sign != "and"]
        two = truth(right(focus, env))
        if sign == "and":
            return [False] if two is False else _answer(True if one and two else None)
        if sign == "or":
            return [True] if two else _answer(False if one is False and two is False else None)
        if sign == "xor":
            return [] if one is None or two is None else [one is not two]
        return [True] if two else _answer(False if one and two is False else None)

    return run


def _membership(node: Node) -> Step:
    sign, left, right = _pair(node)
    if sign == "contains":
        left, right = right, left

    def run(focus: Values, env: Env) -> Values:
        one = left(focus, env)
        return [member(one[0], right(focus, env))] if one else []

    return run


def _union(node: Node) -> Step:
    left, right = (_step(c) for c in node["children"])
    return lambda focus, env: distinct(left(focus, env) + right(focus, env))


def _arithmetic(node: Node) -> Step:
    sign, left, right = _pair(node)

    def run(focus: Values, env: Env) -> Values:
        one, two = left(focus, env), right(focus, env)
        if sign == "&":
            return [str(raw(one[0]) if one else "") + str(raw(two[0]) if two else "")]
        if not one or not two:
            return []
        return _computed(sign, raw(one[0]), raw(two[0]))

    return run


def _computed(sign: str, one: Any, two: Any) -> Values:
    if sign == "+":
        return [one + two]
    if not all(isinstance(v, int | Decimal) for v in (one, two)):
        raise ValueError(f"« {sign} » ne s'applique pas à ces valeurs")
    if sign == "-":
        return [one - two]
    if sign == "*":
        return [one * two]
    if two == 0:
        return []
    if sign == "/":
        return [Decimal(one) / Decimal(two)]
    if sign == "div":
        return [int(Decimal(one) / Decimal(two))]
    if sign == "mod":
        return [one - two * int(Decimal(one) / Decimal(two))]
    raise Unsupported(sign)


def type_name(node: Node) -> str:
    """The name of a type, without ``FHIR.`` or ``System.``, from a specifier or an argument."""
    text = str(node.get("text", "")).replace("`", "").removeprefix("FHIR.").removeprefix("System.")
    if not text.isalnum() or not text[:1].isalpha():
        raise Unsupported(f"nom de type « {text} »")
    return text


def of_type(value: Any, name: str) -> bool:
    """True when a value is of that type, or of one derived from it."""
    if isinstance(value, Item):
        return value.type.is_a(name) or (value.type.primitive and name[:1].isupper() and _system(value.value) == name)
    return _system(value) == name[:1].upper() + name[1:]


def _system(value: Any) -> str:
    if isinstance(value, bool):
        return "Boolean"
    kinds = ((int, "Integer"), (Decimal, "Decimal"), (str, "String"), (Quantity, "Quantity"), (Temporal, "DateTime"))
    return next((name for kind, name in kinds if isinstance(value, kind)), "")


def _type(node: Node) -> Step:
    held, name = _inner(node), type_name(node["children"][1])
    if node["terminalNodeText"][0] == "is":
        return lambda focus, env: [of_type(v, name) for v in held(focus, env)[:1]]
    return lambda focus, env: [v for v in held(focus, env) if of_type(v, name)]


def _function(node: Node) -> Step:
    from .fhirpath_functions import FUNCTIONS

    held = node["children"][0]["children"]
    name = str(held[0]["text"]).strip("`")
    arguments = held[1]["children"] if len(held) > 1 else []
    made = FUNCTIONS.get(name)
    if made is None:
        raise Unsupported(f"fonction {name}()")
    return made(arguments, _step)


_MAKERS: dict[str, Callable[[Node], Step]] = {
    "TermExpression": _inner,
    "InvocationTerm": _inner,
    "ParenthesizedTerm": _inner,
    "LiteralTerm": _inner,
    "InvocationExpression": _invocation,
    "MemberInvocation": _member,
    "FunctionInvocation": _function,
    "ThisInvocation": lambda node: lambda focus, env: [env.this],
    "IndexInvocation": lambda node: lambda focus, env: [env.index],
    "TotalInvocation": lambda node: lambda focus, env: env.total,
    "ExternalConstantTerm": _external,
    "StringLiteral": _string,
    "NumberLiteral": _number,
    "BooleanLiteral": _boolean,
    "NullLiteral": lambda node: lambda focus, env: [],
    "QuantityLiteral": _quantity,
    "DateTimeLiteral": _moment,
    "TimeLiteral": _moment,
    "IndexerExpression": _indexer,
    "PolarityExpression": _polarity,
    "EqualityExpression": _equality,
    "InequalityExpression": _inequality,
    "AndExpression": _logic,
    "OrExpression": _logic,
    "XorExpression": _logic,
    "ImpliesExpression": _logic,
    "MembershipExpression": _membership,
    "UnionExpression": _union,
    "AdditiveExpression": _arithmetic,
    "MultiplicativeExpression": _arithmetic,
    "TypeExpression": _type,
}
