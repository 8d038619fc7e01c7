"""Bindings: is the code of an item in the value set wanted? By strength, and never a silent yes."""

from __future__ import annotations

from typing import Any

from .base import Binding
from .issues import Rule, Sink, shown
from .items import Item
from .terminology import CodeSet, Terminology

Coded = list[tuple[str | None, str]]


def coded(item: Item) -> Coded | None:
    """The codes that an item carries, each with its system (None for a ``code``); None when its type has none."""
    code = item.type.code
    if item.type.primitive:
        return [(None, item.value)] if isinstance(item.value, str) else None
    if code in ("Coding", "Quantity") or item.type.is_a("Quantity"):
        return _coding(item)
    if code == "CodeableConcept":
        return [c for each in item.kids.get("coding", ()) for c in _coding(each)]
    return None


def _coding(item: Item) -> Coded:
    value = item.value if isinstance(item.value, dict) else {}
    code, system = value.get("code"), value.get("system")
    return [(system if isinstance(system, str) else "", code)] if isinstance(code, str) else []


class Bindings:
    """Checks bindings; ``undecided`` are the value sets that could not be asked, with the reason."""

    def __init__(self, terminology: Terminology) -> None:
        self.terminology = terminology
        self.undecided: dict[str, str] = {}

    def member_of(self, value: Any, url: str) -> bool | None:
        """``memberOf()`` of FHIRPath."""
        held = self.terminology.value_set(url)
        if held is None:
            return None
        codes: Coded | None = [(None, value)] if isinstance(value, str) else coded(value) if isinstance(value, Item) else None
        return None if codes is None else _any(held, codes)

    def check(self, item: Item, binding: Binding, source: str, sink: Sink) -> None:
        """Report a code that the binding does not allow."""
        if binding.strength == "required":
            self._required(item, binding.value_set, source, sink)
            return
        if binding.strength == "extensible":
            self._extensible(item, binding.value_set, source, sink)
        if binding.largest:
            self._required(item, binding.largest, source, sink)

    def _required(self, item: Item, url: str, source: str, sink: Sink) -> None:
        codes = coded(item)
        if codes is None:
            return
        if not codes:
            if "extension" not in item.kids and item.type.code != "Quantity" and not item.type.is_a("Quantity"):
                self._say(item, url, None, "aucun code", source, sink)
            return
        held = self.terminology.value_set(url)
        answer = None if held is None else _any(held, codes)
        if answer is False:
            self._say(item, url, held, _shown(codes), source, sink)
        elif answer is None:
            self._undecided(item, url, held, codes, source, sink)

    def _extensible(self, item: Item, url: str, source: str, sink: Sink) -> None:
        codes = coded(item)
        if not codes:
            return
        held = self.terminology.value_set(url)
        answer = None if held is None else _any(held, codes)
        if answer is None:
            self.undecided.setdefault(url, _why(held))
        elif answer is False:
            sink.add(
                Rule.CODE_CONSEILLE,
                "Code hors du jeu de valeurs conseillé (extensible)",
                item,
                expected=f"un code de {url}" + (f" ({held.example})" if held is not None else ""),
                received=_shown(codes),
                hint="Un autre code n'est admis que si aucun de ceux du jeu ne convient.",
                source=source,
                key=url,
            )

    def known(self, item: Item, sink: Sink) -> None:
        """A Coding whose system is wholly known here has a code of it."""
        value = item.value if isinstance(item.value, dict) else {}
        system, code = value.get("system"), value.get("code")
        if not isinstance(system, str) or not isinstance(code, str):
            return
        if self.terminology.knows(system, code) is False:
            sink.add(
                Rule.CODE_CONSEILLE,
                "Code inconnu de son système de codes",
                item,
                expected=f"un code de {system}",
                received=code,
                hint="Vérifier le code, ou le système.",
                source=system,
                key=system,
            )

    def _say(self, item: Item, url: str, held: CodeSet | None, received: str, source: str, sink: Sink) -> None:
        sink.add(
            Rule.CODE,
            "Code hors du jeu de valeurs obligatoire",
            item,
            expected=f"un code de {url}" + (f" ({held.example})" if held is not None and held.example else ""),
            received=received,
            hint="Remplacer le code par un de ceux du jeu de valeurs.",
            source=source,
            key=url,
        )

    def _undecided(self, item: Item, url: str, held: CodeSet | None, codes: Coded, source: str, sink: Sink) -> None:
        self.undecided.setdefault(url, _why(held))
        sink.add(
            Rule.CODE_NON_VERIFIE,
            "Code non vérifié : jeu de valeurs inconnu ici",
            item,
            expected=f"un code de {url}",
            received=_shown(codes),
            hint=f"{_why(held)} : l'ajouter par « dui-conformance packs add ».",
            source=source,
            key=url,
        )


def _any(held: CodeSet, codes: Coded) -> bool | None:
    answers = [held.holds(system, code) for system, code in codes]
    if True in answers:
        return True
    return None if None in answers else False


def _why(held: CodeSet | None) -> str:
    return "jeu de valeurs absent" if held is None else "inconnu ici : " + ", ".join(held.unknown or ("contenu du système",))


def _shown(codes: Coded) -> str:
    return ", ".join(shown(code if system is None else f"{system}#{code}") for system, code in codes)
