"""From an exchange (or a file) to the parsed views that checks ask for by type.

A provider is a function of one argument whose annotations say what it turns into what. Providers live in
``validation`` and chain: ``Exchange → SoapEnvelope → Vihf``. Each result is cached on the exchange; a provider
raises ``Inconclusive`` when its input cannot give the view, and that answer is cached too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, get_type_hints

from .errors import HarnessError, Inconclusive

T = TypeVar("T")
F = TypeVar("F", bound=Callable[[Any], Any])

_PROVIDERS: dict[type, list[tuple[type, Callable[[Any], Any]]]] = {}


def provider(function: F) -> F:
    """Register ``function(x: A) -> B`` as a way to get a ``B`` from an ``A``; among several ways the first that fits wins."""
    hints = get_type_hints(function)
    result = hints.pop("return")
    (source,) = hints.values()
    _PROVIDERS.setdefault(result, []).append((source, function))
    return function


def can_provide(wanted: type) -> bool:
    """True when some provider makes this type."""
    return wanted in _PROVIDERS


def provide(wanted: type[T], subject: Any) -> Any:
    """The view ``wanted`` of ``subject``; raises ``Inconclusive`` when no chain of providers leads there."""
    if isinstance(subject, wanted):
        return subject
    memo = getattr(subject, "memo", None)
    if memo is not None and wanted in memo:
        return _unwrap(memo[wanted])
    try:
        value: Any = _search(wanted, subject, frozenset())
    except Inconclusive as error:
        value = error
    if memo is not None:
        memo[wanted] = value
    return _unwrap(value)


def _unwrap(value: Any) -> Any:
    if isinstance(value, Inconclusive):
        raise value
    return value


def _search(wanted: type, subject: Any, seen: frozenset[type]) -> Any:
    if wanted in seen:
        raise Inconclusive("")
    reasons = []
    for source, function in _PROVIDERS.get(wanted, ()):
        try:
            given = subject if isinstance(subject, source) else _cached(source, subject, seen | {wanted})
            return function(given)
        except Inconclusive as error:
            reasons.append(str(error))
    if wanted not in _PROVIDERS and not seen:
        raise HarnessError(f"aucun fournisseur pour le type {wanted.__name__}")
    raise Inconclusive(next((r for r in reasons if r), f"aucune vue {wanted.__name__} dans cet échange"))


def _cached(source: type, subject: Any, seen: frozenset[type]) -> Any:
    memo = getattr(subject, "memo", None)
    if memo is not None and source in memo:
        return _unwrap(memo[source])
    value = _search(source, subject, seen)
    if memo is not None:
        memo[source] = value
    return value
