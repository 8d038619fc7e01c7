"""XPath 1.0 with two conveniences for those who write rules: value sets (``$J07``) and shortcuts (``parmi(@code, $J07)``).

Both are replaced by plain XPath when a rule file is loaded, so that evaluation stays in C.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

_EXSLT = {"re": "http://exslt.org/regular-expressions"}
_CALL = re.compile(r"(?<![\w:@$.-])([a-z][\w-]*)\(")
_VARIABLE = re.compile(r"\$([A-Za-z]\w*)")
_MAX_EXPANSIONS = 200
_PROBE = etree.fromstring("<vide/>")


class ExpressionError(ValueError):
    """An expression that cannot be used; the message says why, in French."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """``nom(a, b)`` stands for ``xpath``, where ``{a}`` and ``{b}`` are its arguments."""

    parameters: tuple[str, ...]
    xpath: str


@dataclass(frozen=True, slots=True)
class Expressions:
    """Expands and compiles the expressions of one rule file; compiled expressions are kept."""

    namespaces: Mapping[str, str]
    value_sets: Mapping[str, str] = field(default_factory=dict)
    shortcuts: Mapping[str, Shortcut] = field(default_factory=dict)
    cache: dict[str, etree.XPath] = field(default_factory=dict, repr=False)

    def expand(self, text: str) -> str:
        """Plain XPath: shortcuts and value sets replaced. Raises ``ExpressionError``."""
        expanded = " ".join(text.split())
        for _ in range(_MAX_EXPANSIONS):
            call = next((m for m in _CALL.finditer(expanded) if m.group(1) in self.shortcuts), None)
            if call is None:
                return _VARIABLE.sub(self._literal, expanded)
            expanded = self._replaced(expanded, call)
        raise ExpressionError("raccourcis qui s'appellent sans fin")

    def check(self, expanded: str) -> None:
        """Refuse what XPath 1.0 refuses: syntax, unknown function, unknown prefix."""
        try:
            self.compiled(expanded)(_PROBE)
        except etree.XPathError as error:
            raise ExpressionError(f"XPath refusé ({error}) : {expanded[:200]}") from error

    def compiled(self, expanded: str) -> etree.XPath:
        """The compiled expression."""
        if expanded not in self.cache:
            self.cache[expanded] = self._compile(expanded)
        return self.cache[expanded]

    def _compile(self, expanded: str) -> etree.XPath:
        """With the prefixes and the extensions that it uses only: each is registered again at every call."""
        known = {**self.namespaces, **_EXSLT}
        used = {prefix: uri for prefix, uri in known.items() if f"{prefix}:" in expanded}
        return etree.XPath(expanded, namespaces=used, regexp="re:" in expanded, smart_strings=False)

    def _replaced(self, text: str, call: re.Match[str]) -> str:
        shortcut = self.shortcuts[call.group(1)]
        arguments, end = _arguments(text, call.end())
        if len(arguments) != len(shortcut.parameters):
            raise ExpressionError(f"{call.group(1)} attend {len(shortcut.parameters)} argument(s), {len(arguments)} donné(s)")
        body = shortcut.xpath
        for name, value in zip(shortcut.parameters, arguments, strict=True):
            body = body.replace("{" + name + "}", value)
        return f"{text[: call.start()]}({body}){text[end:]}"

    def _literal(self, match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in self.value_sets:
            raise ExpressionError(f"jeu de valeurs ${name} inconnu")
        return f"'{self.value_sets[name]}'"


def _arguments(text: str, start: int) -> tuple[list[str], int]:
    """The arguments of a call whose opening parenthesis ends at ``start``, and the index after its closing one."""
    arguments, depth, quote, begin = [], 0, "", start
    for index in range(start, len(text)):
        char = text[index]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([":
            depth += 1
        elif char == ")" and depth == 0:
            arguments.append(text[begin:index].strip())
            return arguments, index + 1
        elif char in ")]":
            depth -= 1
        elif char == "," and depth == 0:
            arguments.append(text[begin:index].strip())
            begin = index + 1
    raise ExpressionError(f"parenthèse non fermée : {text[:200]}")
