"""Value sets, from local definitions only. A question has three answers: yes, no, and *not decidable* with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .store import Definitions

MIME = "http://hl7.org/fhir/ValueSet/mimetypes"
UCUM = "http://hl7.org/fhir/ValueSet/ucum-units"
_MIME = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+*-]+(\s*;.*)?|json|xml|ttl")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
GRAMMARS = {
    "urn:ietf:bcp:13": _MIME,
    "urn:ietf:bcp:47": _LANGUAGE,
    "urn:iso:std:iso:4217": re.compile(r"[A-Z]{3}"),
    "http://unitsofmeasure.org": re.compile(r"[!-~]+"),
}
"""Systems without a list of codes: what a code looks like."""

DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Part:
    """Codes of one system: listed, or all those that ``test`` accepts; ``None`` for codes that are not known here."""

    system: str
    codes: frozenset[str]
    test: Callable[[str], bool | None] | None = None

    def holds(self, code: str) -> bool | None:
        """True, False, or None when it cannot be told."""
        if code in self.codes:
            return True
        return self.test(code) if self.test is not None else False


@dataclass(frozen=True, slots=True)
class CodeSet:
    """A value set that can be asked. ``unknown`` says, when not empty, what of it is not known here."""

    url: str
    parts: tuple[Part, ...] = ()
    without: tuple[Part, ...] = ()
    unknown: tuple[str, ...] = ()

    def holds(self, system: str | None, code: str) -> bool | None:
        """Is that code in it? ``system`` None: of any system (a ``code`` element has none)."""
        if any(p.holds(code) for p in self.without if system is None or p.system == system):
            return False
        answers = [p.holds(code) for p in self.parts if system is None or p.system == system]
        if True in answers:
            return True
        return None if None in answers or self.unknown else False

    @property
    def example(self) -> str:
        """Some of its codes, to say what is expected."""
        codes = sorted({c for p in self.parts for c in p.codes})
        return ", ".join(codes[:8]) + ("…" if len(codes) > 8 else "")


class Terminology:
    """The value sets and code systems of the definitions, put together when first asked."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self._sets: dict[str, CodeSet | None] = {}
        self._systems: dict[str, _System | None] = {}

    def value_set(self, canonical: str) -> CodeSet | None:
        """A value set by canonical; None when no definition of it is known."""
        if canonical not in self._sets:
            self._sets[canonical] = None
            self._sets[canonical] = self._assembled(canonical, 0)
        return self._sets[canonical]

    def knows(self, system: str, code: str) -> bool | None:
        """Does a code system have that code? None when its codes are not all known here."""
        held = self.system(system)
        return None if held is None or not held.complete else held.has(code)

    def system(self, url: str) -> _System | None:
        """A code system that is known here."""
        if url not in self._systems:
            found = self.definitions.find("CodeSystem", url)
            self._systems[url] = _System(found.content) if found is not None else None
        return self._systems[url]

    def _assembled(self, canonical: str, depth: int) -> CodeSet | None:
        found = self.definitions.find("ValueSet", canonical)
        if found is None:
            return None
        content = found.content
        if "compose" not in content:
            return _expanded(canonical, content.get("expansion", {}).get("contains", ()))
        parts: list[Part] = []
        without: list[Part] = []
        unknown: list[str] = []
        for row in content["compose"].get("include", ()):
            parts += self._included(row, unknown, depth)
        for row in content["compose"].get("exclude", ()):
            without += self._included(row, unknown, depth)
        return CodeSet(canonical, tuple(parts), tuple(without), tuple(dict.fromkeys(unknown)))

    def _included(self, row: Mapping[str, Any], unknown: list[str], depth: int) -> list[Part]:
        sets = [self._nested(url, depth) for url in row.get("valueSet", ())]
        for url, nested in zip(row.get("valueSet", ()), sets, strict=True):
            if nested is None:
                unknown.append(f"jeu de valeurs {url}")
            else:
                unknown += nested.unknown
        own = self._of_system(row, unknown) if "system" in row else None
        known = [s for s in sets if s is not None]
        if own is None:
            if len(known) > 1:
                return [Part(p.system, frozenset(), _all_of(known, p.system)) for p in known[0].parts]
            return [p for s in known for p in s.parts]
        if not sets:
            return [own]
        return [Part(own.system, frozenset(), _both(own, known))]

    def _nested(self, canonical: str, depth: int) -> CodeSet | None:
        if depth > DEEPEST:
            return None
        if canonical not in self._sets:
            self._sets[canonical] = self._assembled(canonical, depth + 1)
        return self._sets[canonical]

    def _of_system(self, row: Mapping[str, Any], unknown: list[str]) -> Part | None:
        url = str(row["system"])
        if "concept" in row:
            return Part(url, frozenset(c["code"] for c in row["concept"]))
        filters = row.get("filter", ())
        grammar = GRAMMARS.get(url)
        if grammar is not None and not filters:
            return Part(url, frozenset(), lambda code: grammar.fullmatch(code) is not None)
        held = self.system(url)
        if held is None or not held.complete:
            unknown.append(f"système de codes {url}")
            return Part(url, held.codes if held is not None and not filters else frozenset(), lambda code: None)
        kept: frozenset[str] | None = held.codes - held.abstract
        for each in filters:
            chosen = held.filtered(each)
            if chosen is None or kept is None:
                unknown.append(f"filtre {each.get('property')} {each.get('op')} sur {url}")
                return Part(url, frozenset(), lambda code: None)
            kept &= chosen
        return Part(url, kept or frozenset())


def _expanded(canonical: str, rows: Iterable[Mapping[str, Any]]) -> CodeSet:
    by_system: dict[str, set[str]] = {}
    pending = list(rows)
    while pending:
        row = pending.pop()
        pending += row.get("contains", ())
        if "code" in row and not row.get("abstract"):
            by_system.setdefault(str(row.get("system", "")), set()).add(str(row["code"]))
    return CodeSet(canonical, tuple(Part(s, frozenset(c)) for s, c in by_system.items()))


def _all_of(sets: list[CodeSet], system: str) -> Callable[[str], bool | None]:
    return lambda code: _and([s.holds(system, code) for s in sets])


def _both(own: Part, sets: list[CodeSet]) -> Callable[[str], bool | None]:
    return lambda code: _and([own.holds(code), *(s.holds(own.system, code) for s in sets)])


def _and(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


class _System:
    """A code system: its codes, the parent of each, the properties that filters read."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.url = str(content["url"])
        self.complete = content.get("content") == "complete" and not content.get("supplements")
        self.exact = bool(content.get("caseSensitive", True))
        self.parents: dict[str, str] = dict(content.get("parents", {}))
        self.properties: dict[str, Mapping[str, Any]] = dict(content.get("properties", {}))
        codes = list(content.get("codes", ()))
        if "concept" in content:
            _walk(content["concept"], "", codes, self.parents, self.properties)
        self.codes = frozenset(codes)
        self.abstract = frozenset(c for c, held in self.properties.items() if held.get("notSelectable") in (True, "true"))
        self._folded = frozenset() if self.exact else frozenset(c.lower() for c in codes)

    def has(self, code: str) -> bool:
        """True for one of its codes."""
        return code in self.codes or (not self.exact and code.lower() in self._folded)

    def filtered(self, row: Mapping[str, Any]) -> frozenset[str] | None:
        """The codes that a filter of a value set keeps; None for a filter not known here."""
        name, sign, value = row.get("property"), row.get("op"), str(row.get("value"))
        if name == "concept" and sign in ("is-a", "descendent-of", "is-not-a"):
            below = frozenset(c for c in self.codes if value in self._above(c))
            if sign == "is-not-a":
                return self.codes - below - {value}
            return below | {value} if sign == "is-a" else below
        if name in ("concept", "code") and sign == "regex":
            pattern = re.compile(value)
            return frozenset(c for c in self.codes if pattern.fullmatch(c))
        if name in ("concept", "code") and sign in ("=", "in"):
            return self.codes & frozenset(v.strip() for v in value.split(","))
        if sign == "=" and any(name in held for held in self.properties.values()):
            return frozenset(c for c in self.codes if str(self.properties.get(c, {}).get(str(name), "")).lower() == value.lower())
        return None

    def _above(self, code: str) -> list[str]:
        found: list[str] = []
        while code in self.parents and len(found) < 50:
            code = self.parents[code]
            found.append(code)
        return found


def _walk(
    rows: Iterable[Mapping[str, Any]],
    parent: str,
    codes: list[str],
    parents: dict[str, str],
    properties: dict[str, Mapping[str, Any]],
) -> None:
    for row in rows:
        code = str(row["code"])
        codes.append(code)
        if parent:
            parents[code] = parent
        if "property" in row:
            properties[code] = {
                p["code"]: next((v for k, v in p.items() if k.startswith("value")), None) for p in row["property"]
            }
        _walk(row.get("concept", ()), code, codes, parents, properties)
