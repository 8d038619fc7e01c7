"""XPath 2 expressions read as tokens: enough to refuse what a pack may not say, and to prepare contexts for selection.

Nothing is evaluated here, and no expression is understood further than its names, variables, brackets and strings.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

DOCUMENT_FUNCTIONS = frozenset({"document", "doc", "doc-available"})
"""The only functions that reach another file; rewritten so that they reach the pack's files and nothing else."""

FORBIDDEN_FUNCTIONS = frozenset(
    {
        "unparsed-text",
        "unparsed-text-lines",
        "unparsed-text-available",
        "collection",
        "uri-collection",
        "environment-variable",
        "available-environment-variables",
        "json-doc",
        "transform",
        "load-xquery-module",
        "function-lookup",
        "system-property",
    }
)
_SAFE_IN_CONTEXT = frozenset(
    {
        "not",
        "count",
        "true",
        "false",
        "exists",
        "empty",
        "last",
        "boolean",
        "node",
        "text",
        "comment",
        "processing-instruction",
        "element",
        "and",
        "or",
        "except",
    }
)
_SCALAR = "contains|starts-with|ends-with|string|normalize-space|string-length|local-name|name|lower-case|upper-case|concat"
_NAME = r"[^\W\d][\w.\-]*"
_TOKEN = re.compile(
    rf"""(?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')
    |(?P<variable>\$\s*{_NAME}(?::{_NAME})?)
    |(?P<name>{_NAME}(?::(?!:){_NAME})?)
    |(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+)
    |(?P<space>\s+)
    |(?P<sign>::|//|!=|<=|>=|<<|>>|\.\.|.)""",
    re.VERBOSE | re.DOTALL,
)
_ARGUMENT = r"""(?:\.|@[\w:.\-]+|'[^']*'|"[^"]*"|true\(\))"""
_SCALAR_CALL = re.compile(rf"\b(?:{_SCALAR})\(\s*(?:{_ARGUMENT}(?:\s*,\s*{_ARGUMENT})*)?\s*\)")
"""A call that cannot fail: its arguments are one item at most."""

_COUNTED = re.compile(r"\b(?:count|string-length)\((?:[^()']|'[^']*')*\)\s*(?:=|!=|<=?|>=?|eq|ne|lt|le|gt|ge)\s*\d+")


class XPathError(ValueError):
    """An expression that cannot be read, or that says what a pack may not say. French message."""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of an expression: ``kind`` is text, variable, name, number, space or sign."""

    kind: str
    text: str


def tokens(expression: str) -> list[Token]:
    """All the tokens, spaces included, comments left out; raises :class:`XPathError` when a string or comment is not closed."""
    found: list[Token] = []
    position = 0
    while position < len(expression):
        if expression.startswith("(:", position):
            position = _after_comment(expression, position)
            found.append(Token("space", " "))
            continue
        match = _TOKEN.match(expression, position)
        assert match is not None
        assert match.lastgroup is not None
        if match[0] in ("'", '"'):
            raise XPathError(f"chaîne non refermée dans « {shown(expression)} »")
        found.append(Token(match.lastgroup, match[0]))
        position = match.end()
    return found


def shown(expression: str, limit: int = 120) -> str:
    """An expression on one line, cut for messages."""
    text = " ".join(expression.split())
    return text if len(text) <= limit else f"{text[:limit]}…"


def functions(found: list[Token]) -> Iterator[tuple[int, str]]:
    """Where each function is called or referred to, with its name as written."""
    for index, token in enumerate(found):
        if token.kind != "name" or (index and found[index - 1].text in ("::", "@")):
            continue
        following = _next(found, index)
        if following in ("(", "#"):
            yield index, token.text


def variables(expression: str) -> frozenset[str]:
    """Names of the variables that an expression mentions and does not bind itself (``for $x in``, ``every $x in``)."""
    found = [t for t in tokens(expression) if t.kind != "space"]
    names: set[str] = set()
    bound: set[str] = set()
    for index, token in enumerate(found):
        if token.kind == "variable":
            binds = index + 1 < len(found) and found[index + 1].text in ("in", ":")
            (bound if binds else names).add(token.text[1:].strip())
    return frozenset(names - bound)


def check(expression: str, allowed_prefixes: Collection[str]) -> None:
    """Raise :class:`XPathError` when an expression calls a function that reaches out of the pack, or an unknown one."""
    found = tokens(expression)
    for index, name in functions(found):
        prefix, _, local = name.rpartition(":")
        if prefix and prefix not in allowed_prefixes:
            raise XPathError(f"fonction d'extension « {name}() » dans « {shown(expression)} »")
        if local in FORBIDDEN_FUNCTIONS:
            raise XPathError(f"fonction interdite « {name}() » dans « {shown(expression)} »")
        if local in DOCUMENT_FUNCTIONS and _next(found, index) == "#":
            raise XPathError(f"référence à la fonction « {name}# » dans « {shown(expression)} »")
    for index, token in enumerate(found):
        if token.text == "Q" and _next(found, index) == "{":
            raise XPathError(f"nom qualifié par accolades dans « {shown(expression)} »")


def documents(expression: str) -> Iterator[str]:
    """The literal addresses given to ``document``, ``doc`` and ``doc-available``."""
    found = [t for t in tokens(expression) if t.kind != "space"]
    for index, name in functions(found):
        if name.rpartition(":")[2] in DOCUMENT_FUNCTIONS and len(found) > index + 2 and found[index + 2].kind == "text":
            yield literal(found[index + 2].text)


def literal(text: str) -> str:
    """The value of a string literal."""
    return text[1:-1].replace(text[0] * 2, text[0])


def confined(expression: str, prefix: str) -> str:
    """The same expression, its three document functions replaced by those of ``prefix``."""
    found = tokens(expression)
    wanted = {i: n.rpartition(":")[2] for i, n in functions(found) if n.rpartition(":")[2] in DOCUMENT_FUNCTIONS}
    return "".join(f"{prefix}:{wanted[i]}" if i in wanted else token.text for i, token in enumerate(found))


def alternatives(context: str) -> list[str]:
    """The members of a union at the top level of a pattern."""
    parts, depth = [""], 0
    for token in tokens(context):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(token.text, 0)
        if depth == 0 and token.text in ("|", "union"):
            parts.append("")
            continue
        parts[-1] += token.text
    return [part.strip() for part in parts]


def selection(context: str) -> str | None:
    """The expression that selects, from the root, what a rule context matches; None when only matching says it exactly.

    A predicate that may raise an error makes a pattern match nothing, but stops a selection: those are left to matching.
    """
    if not _harmless(context):
        return None
    made = []
    for part in alternatives(context):
        first = next((t for t in tokens(part) if t.kind != "space"), None)
        if first is None or first.text in ("(", ".", "..") or first.kind in ("variable", "text", "number"):
            return None
        if first.kind == "name" and first.text in ("id", "key", "doc", "document", "root"):
            return None
        made.append(part if part.startswith("/") else f"//{part}")
    return " | ".join(made)


def last_names(context: str) -> tuple[str | None, ...]:
    """The name at the end of each member of a context: two rules with other names never match the same node.

    None stands for a member whose nodes may have any name.
    """
    return tuple(_last_name(part) for part in alternatives(context))


def sees_attributes(context: str) -> bool:
    """True when a context may match attributes."""
    depth = 0
    for token in tokens(context):
        depth += {"[": 1, "]": -1}.get(token.text, 0)
        if depth == 0 and token.text in ("@", "attribute"):
            return True
    return False


def _harmless(context: str) -> bool:
    text = _COUNTED.sub("true()", _SCALAR_CALL.sub("true()", _SCALAR_CALL.sub("true()", context)))
    found = [t for t in tokens(text) if t.kind != "space"]
    for index, token in enumerate(found):
        if token.kind == "number":
            around = (found[index - 1].text if index else "", found[index + 1].text if index + 1 < len(found) else "")
            if around != ("[", "]"):
                return False
        if token.text in ("cast", "castable", "treat", "eq", "ne", "lt", "gt", "le", "ge", "<", ">", "<=", ">=", "+"):
            return False
    return all(name.removeprefix("fn:") in _SAFE_IN_CONTEXT for _, name in functions(found))


def _last_name(path: str) -> str | None:
    depth, step, before = 0, "", ""
    for token in tokens(path):
        if token.text in ("[", "("):
            depth += 1
        elif token.text in ("]", ")"):
            depth -= 1
            if token.text == ")":
                step += ")"
        elif depth == 0 and token.text in ("/", "//"):
            step, before = "", token.text
        elif depth == 0 and token.kind != "space":
            step += token.text
    if not step:
        return "/" if before == "/" and path.strip() == "/" else None
    name = step.rpartition("::")[2]
    return name if re.fullmatch(rf"@?{_NAME}(?::{_NAME})?", name) else None


def _next(found: list[Token], index: int) -> str:
    return next((t.text for t in found[index + 1 :] if t.kind != "space"), "")


def _after_comment(expression: str, start: int) -> int:
    depth, position = 0, start
    while position < len(expression):
        if expression.startswith("(:", position):
            depth, position = depth + 1, position + 2
        elif expression.startswith(":)", position):
            depth, position = depth - 1, position + 2
            if depth == 0:
                return position
        else:
            position += 1
    raise XPathError(f"commentaire non refermé dans « {shown(expression)} »")
