"""FHIR JSON read exactly: decimals kept as written, duplicate names found, and the line of any place told when asked for.

The reading is done by the standard scanner; lines are looked for only when there is something to say, by skipping over
what is not on the way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

from .issues import Pointer

MAX_SIZE = 120 * 1024 * 1024
DEEPEST = 200
_SPACE = re.compile(r"[ \t\n\r]*")
_SPACES = " \t\n\r"


class JsonError(ValueError):
    """Bytes that are not acceptable FHIR JSON. ``message`` is French; ``line`` is 0 when unknown."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(f"{message} (ligne {line})" if line else message)
        self.message = message
        self.line = line


class _Duplicate(ValueError):
    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        raise _Duplicate(next(name for name, _ in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
    return made


def _constant(text: str) -> NoReturn:
    raise ValueError(f"« {text} » n'est pas du JSON")


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) < 100 else Decimal(text)


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=Decimal, parse_int=_integer, parse_constant=_constant)
_SKIPPER = json.JSONDecoder(parse_float=str, parse_int=str)


def decode(data: bytes, max_size: int = MAX_SIZE) -> str:
    """The text of FHIR JSON, which is UTF-8; raises :class:`JsonError`."""
    if len(data) > max_size:
        raise JsonError(f"document de {len(data) // 1048576} Mio, plus grand que la limite de {max_size // 1048576} Mio")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise JsonError("les octets ne sont pas de l'UTF-8", line) from error


def parse(text: str) -> Any:
    """The value; raises :class:`JsonError` with the line of what is wrong."""
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JsonError(f"JSON mal formé : {_french(error.msg)}", error.lineno) from error
    except _Duplicate as error:
        raise JsonError(f"nom répété dans un même objet : « {error.name[:60]} »", _duplicate_line(text)) from error
    except RecursionError as error:
        raise JsonError("JSON imbriqué trop profondément") from error
    except InvalidOperation as error:
        raise JsonError("nombre illisible") from error
    except ValueError as error:
        raise JsonError(f"JSON mal formé : {error}") from error


_FRENCH = (
    ("Expecting property name", "nom de propriété entre guillemets attendu"),
    ("Illegal trailing comma", "virgule en trop"),
    ("Expecting ',' delimiter", "virgule ou fermeture attendue"),
    ("Expecting ':' delimiter", "« : » attendu"),
    ("Expecting value", "valeur attendue"),
    ("Unterminated string", "texte non refermé"),
    ("Invalid control character", "caractère de contrôle non échappé dans un texte"),
    ("Invalid \\", "échappement inconnu dans un texte"),
    ("Extra data", "du contenu suit l'objet"),
)


def _french(message: str) -> str:
    return next((french for english, french in _FRENCH if message.startswith(english)), message)


def lines_of(text: str, pointers: Iterable[Pointer]) -> dict[Pointer, int]:
    """The line of each place; that of the nearest place above when it is not there. One pass, whatever their number."""
    tree: dict[str | int, Any] = {}
    for pointer in pointers:
        node = tree
        for step in pointer:
            node = node.setdefault(step, {})
    found: dict[Pointer, int] = {}
    _Locator(text, found).visit(_SPACE.match(text.removeprefix("\ufeff"), 0).end(), tree, ())  # type: ignore[union-attr]
    return found


class _Locator:
    def __init__(self, text: str, found: dict[Pointer, int]) -> None:
        self.text = text
        self.found = found
        self.at = 0
        self.line = 1
        self.skip = _SKIPPER.scan_once  # type: ignore[attr-defined]

    def visit(self, start: int, tree: dict[str | int, Any], pointer: Pointer) -> int:
        """Note the line of a value and of what is wanted below; its end."""
        self.found[pointer] = self._line(start)
        opening = self.text[start]
        if not tree or opening not in "{[":
            return int(self.skip(self.text, start)[1])
        return self._members(start + 1, tree, pointer) if opening == "{" else self._values(start + 1, tree, pointer)

    def _members(self, at: int, tree: dict[str | int, Any], pointer: Pointer) -> int:
        at = self._space(at)
        while self.text[at] == '"':
            named = at
            name, at = scanstring(self.text, at + 1, True)
            at = self._space(self._space(at) + 1)
            if name in tree:
                at = self.visit(at, tree[name], (*pointer, name))
                self.found[(*pointer, name)] = min(self.found[(*pointer, name)], self._line_before(named))
            else:
                at = self.skip(self.text, at)[1]
            at = self._space(at)
            if self.text[at] == "}":
                break
            at = self._space(at + 1)
        return at + 1

    def _values(self, at: int, tree: dict[str | int, Any], pointer: Pointer) -> int:
        at, rank = self._space(at), 0
        while self.text[at] != "]":
            at = self.visit(at, tree[rank], (*pointer, rank)) if rank in tree else self.skip(self.text, at)[1]
            rank += 1
            at = self._space(at)
            if self.text[at] == "]":
                break
            at = self._space(at + 1)
        return at + 1

    def _space(self, at: int) -> int:
        return _SPACE.match(self.text, at).end()  # type: ignore[union-attr]

    def _line(self, at: int) -> int:
        self.line += self.text.count("\n", self.at, at)
        self.at = at
        return self.line

    def _line_before(self, at: int) -> int:
        return self.line - self.text.count("\n", at, self.at) if at <= self.at else self.line


def _duplicate_line(text: str) -> int:
    """The line of the first name said twice in an object. Written without recursion: only called on a defect."""
    seen: list[set[str] | None] = []
    at, size, expecting = 0, len(text), False
    while at < size:
        sign = text[at]
        if sign == '"':
            name, end = scanstring(text, at + 1, True)
            after = _SPACE.match(text, end).end()  # type: ignore[union-attr]
            if expecting and seen and seen[-1] is not None and text[after : after + 1] == ":":
                if name in seen[-1]:
                    return text.count("\n", 0, at) + 1
                seen[-1].add(name)
                expecting = False
            at = end
            continue
        if sign == "{":
            seen.append(set())
            expecting = True
        elif sign == "[":
            seen.append(None)
        elif sign in "}]" and seen:
            seen.pop()
        elif sign == ",":
            expecting = bool(seen) and seen[-1] is not None
        at += 1
    return 0
