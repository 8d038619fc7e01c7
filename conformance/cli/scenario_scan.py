"""Reads scenarios without playing them: what each one applies, asks of the DUI and needs. Computed from their code.

A small evaluator follows what scenarios do in practice: literals, names of their module, local names, loops over
literal sequences, and functions of the scenario modules that receive the campaign. What it cannot resolve where an
exigence, a check or a profile is named is an error that says the line: a citation is never lost in silence.
"""

from __future__ import annotations

import ast
import inspect
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

from ..core.check import Check
from ..core.errors import HarnessError
from ..core.formulaire import Formulaire
from ..core.gestures import Gesture
from ..core.profile import Profile

_CALLS = ("require", "advise", "expect", "refused", "observed", "attest")
_SERVICE_CALLS = ("wait_for", "absent")


class _Unknown:
    """The value of what cannot be told without running."""

    def __repr__(self) -> str:
        return "valeur inconnue"


UNKNOWN = _Unknown()


@dataclass(frozen=True, slots=True)
class Citation:
    """One application found in a scenario. ``nature`` is controle, attestation (with its form), or attente (which only fails).

    ``controles`` are ids of checks; rules of one declarative file are named by that file, as verdicts do.
    """

    exigences: tuple[str, ...]
    controles: tuple[str, ...]
    nature: str = "controle"
    formulaire: Formulaire | None = None


@dataclass(slots=True)
class Found:
    """What a scenario does; ``usagers`` are the profiles asked for, in call order."""

    citations: list[Citation] = field(default_factory=list)
    gestes: Counter[str] = field(default_factory=Counter)
    usagers: list[str] = field(default_factory=list)
    professionnels: Counter[str] = field(default_factory=Counter)
    pannes: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Profiles:
    """How profiles are looked up: by id, and the checks that globs name."""

    by_id: Mapping[str, Profile]
    expand: Callable[[tuple[str, ...]], Sequence[Check]]


def scan(function: FunctionType, profiles: Profiles) -> Found:
    """What a scenario function applies, asks and needs. Raises ``HarnessError`` for a citation that cannot be resolved."""
    found = Found()
    parameter = next(iter(inspect.signature(function).parameters))
    _Reader(function, profiles, found, {parameter: _CAMPAIGN}, ()).read()
    return found


_CAMPAIGN = object()


@cache
def _tree(module: ModuleType) -> dict[int, ast.FunctionDef]:
    source = ast.parse(inspect.getsource(module))
    return {_first_line(node): node for node in ast.walk(source) if isinstance(node, ast.FunctionDef)}


def _first_line(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(d.lineno for d in node.decorator_list)])


class _Reader(ast.NodeVisitor):
    """Walks one function body with what is known of its names."""

    def __init__(
        self,
        function: FunctionType,
        profiles: Profiles,
        found: Found,
        names: dict[str, Any],
        callers: tuple[FunctionType, ...],
    ) -> None:
        self.function = function
        self.profiles = profiles
        self.found = found
        self.names = names
        self.callers = (*callers, function)

    def read(self) -> None:
        """Visit the body of the function."""
        module = inspect.getmodule(self.function)
        assert module is not None
        self._block(_tree(module)[self.function.__code__.co_firstlineno].body)

    def _block(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            self.visit(statement)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Remember literal local names."""
        self.generic_visit(node)
        value = self._value(node.value)
        for target in node.targets:
            self._bind(target, value)

    def visit_For(self, node: ast.For) -> None:
        """Visit the body once per value of a known sequence."""
        self.visit(node.iter)
        for value in self._sequence(node.iter):
            self._bind(node.target, value)
            self._block(node.body)
        self._block(node.orelse)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        """Visit the element once per value of a known sequence."""
        self._comprehension(node.generators, node.elt)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        """As for a list."""
        self._comprehension(node.generators, node.elt)

    def visit_Call(self, node: ast.Call) -> None:
        """Record a call on the campaign, a gesture made, or follow a function that receives the campaign."""
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and self._is_campaign_path(node.func.value):
            self._campaign_call(node, node.func)
            return
        target = self._value(node.func)
        if isinstance(target, type) and issubclass(target, Gesture):
            self.found.gestes[target.nom] += 1
            return
        if isinstance(target, FunctionType) and self._receives_campaign(node):
            self._follow(target, node)

    def _comprehension(self, generators: list[ast.comprehension], element: ast.expr) -> None:
        if not generators:
            self.visit(element)
            return
        first, rest = generators[0], generators[1:]
        self.visit(first.iter)
        for value in self._sequence(first.iter):
            self._bind(first.target, value)
            self._comprehension(rest, element)

    def _is_campaign_path(self, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and self.names.get(node.id) is _CAMPAIGN

    def _receives_campaign(self, node: ast.Call) -> bool:
        given = [*node.args, *(k.value for k in node.keywords)]
        return any(isinstance(a, ast.Name) and self.names.get(a.id) is _CAMPAIGN for a in given)

    def _campaign_call(self, node: ast.Call, func: ast.Attribute) -> None:
        service_call = isinstance(func.value, ast.Attribute)
        if not service_call and func.attr == "usager":
            self.found.usagers.append(self._known(node, node.args[0], "profil d'usager"))
        elif not service_call and func.attr == "professionnel":
            self.found.professionnels[self._known(node, node.args[0], "professionnel")] += 1
        elif service_call and func.attr == "panne":
            self.found.pannes[self._known(node, node.args[0], "panne")] += 1
        elif not service_call and func.attr in _CALLS:
            self.found.citations.append(self._citation(node, func.attr))
        elif service_call and func.attr in _SERVICE_CALLS:
            self._service_citation(node, func)

    def _citation(self, node: ast.Call, method: str) -> Citation:
        pour = self._pour(node)
        if method == "expect":
            return self._profile(node, pour)
        if method in ("require", "advise"):
            check = self._value(node.args[0])
            if not isinstance(check, Check):
                raise self._error(node, "contrôle non résolu")
            return Citation(check.covers if pour is None else pour, (check.id,))
        if pour is None:
            raise self._error(node, f"« pour » manque dans {method}")
        if method == "attest":
            return Citation(pour, (), "attestation", self._form(node))
        if method == "observed":
            return Citation(pour, (f"observe.{self._known(node, node.args[1], 'observation')}",))
        return Citation(pour, ("refus",))

    def _form(self, node: ast.Call) -> Formulaire:
        parts = {k.arg: self._value(k.value) for k in node.keywords if k.arg and k.arg != "pour"}
        if node.args:
            parts["constat"] = self._value(node.args[0])
        known = {f.name for f in fields(Formulaire)}
        if "constat" not in parts or set(parts) - known or UNKNOWN in parts.values():
            raise self._error(node, "formulaire illisible dans le code")
        return Formulaire(**parts)

    def _profile(self, node: ast.Call, pour: tuple[str, ...] | None) -> Citation:
        name = self._known(node, node.args[0], "profil")
        profile = self.profiles.by_id.get(name)
        if profile is None:
            raise self._error(node, f"profil inconnu : {name}")
        cited, checks = list(pour or ()), []
        for part in profile.applied:
            rules = self.profiles.expand(part.rules)
            checks += [rule.group.id if rule.group else rule.id for rule in rules]
            if pour is None:
                cited += part.exigences or [e for rule in rules for e in rule.covers]
        return Citation(tuple(dict.fromkeys(cited)), tuple(dict.fromkeys(checks)))

    def _service_citation(self, node: ast.Call, func: ast.Attribute) -> None:
        pour = self._pour(node)
        service = func.value.attr if isinstance(func.value, ast.Attribute) else ""
        if func.attr == "absent":
            if pour is None:
                raise self._error(node, "« pour » manque dans absent")
            self.found.citations.append(Citation(pour, (f"absent.{service}",)))
        elif pour:
            self.found.citations.append(Citation(pour, (f"attendu.{service}",), "attente"))

    def _pour(self, node: ast.Call) -> tuple[str, ...] | None:
        for keyword in node.keywords:
            if keyword.arg == "pour":
                value = self._value(keyword.value)
                if value is None:
                    return None
                if not isinstance(value, tuple | list) or not all(isinstance(v, str) for v in value):
                    raise self._error(node, "« pour » doit être une suite d'exigences lisible dans le code")
                return tuple(value)
        return None

    def _follow(self, target: FunctionType, node: ast.Call) -> None:
        if target in self.callers:
            return
        signature = inspect.signature(target)
        plain = [a for a in node.args if not isinstance(a, ast.Starred)]
        given = [self._value(a) for a in plain]
        named = {k.arg: self._value(k.value) for k in node.keywords if k.arg}
        bound = signature.bind_partial(*given, **named)
        bound.apply_defaults()
        names = dict.fromkeys(signature.parameters, UNKNOWN) | dict(bound.arguments)
        _Reader(target, self.profiles, self.found, names, self.callers).read()

    def _bind(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            known = isinstance(value, tuple | list) and len(value) == len(target.elts)
            for rank, each in enumerate(target.elts):
                self._bind(each, value[rank] if known else UNKNOWN)

    def _sequence(self, node: ast.expr) -> Sequence[Any]:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
            bounds = [self._value(a) for a in node.args]
            if all(isinstance(b, int) for b in bounds):
                return range(*bounds)
        value = self._value(node)
        return value if isinstance(value, tuple | list) else (UNKNOWN,)

    def _value(self, node: ast.expr) -> Any:
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Tuple | ast.List):
            return self._items(node.elts)
        if isinstance(node, ast.Name):
            return self.names[node.id] if node.id in self.names else self.function.__globals__.get(node.id, UNKNOWN)
        if isinstance(node, ast.Attribute):
            owner = self._value(node.value)
            return UNKNOWN if owner is UNKNOWN or owner is _CAMPAIGN else getattr(owner, node.attr, UNKNOWN)
        return UNKNOWN

    def _items(self, nodes: Iterable[ast.expr]) -> Any:
        values: list[Any] = []
        for node in nodes:
            value = self._value(node.value if isinstance(node, ast.Starred) else node)
            if isinstance(node, ast.Starred) and not isinstance(value, tuple | list):
                return UNKNOWN
            values += value if isinstance(node, ast.Starred) else [value]
        return tuple(values)

    def _known(self, node: ast.Call, argument: ast.expr, what: str) -> str:
        value = self._value(argument)
        if not isinstance(value, str):
            raise self._error(node, f"{what} illisible dans le code")
        return value

    def _error(self, node: ast.AST, message: str) -> HarnessError:
        return HarnessError(f"{self.function.__module__}, ligne {getattr(node, 'lineno', 0)} : {message}")
