"""The declarative rule engine: files of rules (TOML, XPath 1.0) compiled once and run at C speed over one document.

A file is a table ``[jeu]`` and rows ``[[regle]]``; ``docs/regles.md`` describes the format for those who write rules.
The assertions that share a context are compiled into one expression, so that a node costs one call whatever the
number of rules; where nodes are many, they are looked at together, and only those that break something are then looked at
alone, to say where and what was received.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from lxml import etree

from ..core.check import Outcome
from ..core.errors import InputError
from ..core.problem import Problem
from .expressions import Expressions
from .xml import place_of

MAX_PROBLEMS = 20
_RECEIVED_LENGTH = 200
_CHUNK = 40
_MANY, _TOGETHER = 4, 128
_FAILED, _IDLE = "0", "2"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule file runs on: a view type, how to reach its root element, and its namespaces."""

    view: type
    root: Callable[[Any], etree._Element]
    namespaces: Mapping[str, str]


_SUBJECTS: dict[str, Subject] = {}


def register_subject(name: str, subject: Subject) -> None:
    """Make ``sujet = "name"`` usable by rule files."""
    _SUBJECTS[name] = subject


@dataclass(frozen=True, slots=True)
class Where:
    """The nodes of a row: rooted XPaths, or every element that bears a templateId (``modele``) or a name (``element``).

    ``under`` is a rooted XPath that narrows ``element`` to what these elements hold.
    """

    kind: str
    values: tuple[str, ...]
    under: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One rule. Expressions are XPath 1.0, shortcuts and value sets already expanded."""

    id: str
    where: Where
    assertion: str
    message: str
    source: str
    confidence: str
    covers: tuple[str, ...] = ()
    only_if: str = ""
    expected: str = ""
    received: str = ""
    blamed: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class _Guarded:
    """Rows of one context with one condition: the nodes ``$n`` that it lets through, and those of them that break a row."""

    rows: tuple[Row, ...]
    concerned: str
    broken: str


@dataclass(frozen=True, slots=True)
class _Batch:
    """Rows of one context: the expression that answers for them all, one character a row, and the same rows by condition,
    for many nodes at once; compiled when first used."""

    rows: tuple[Row, ...]
    answer: str
    guarded: tuple[_Guarded, ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one file. Implements ``core.check.RuleGroup``."""

    id: str
    title: str
    version: str
    sha256: str
    valid_from: date | None
    valid_to: date | None
    subject: Subject
    rows: tuple[Row, ...]
    expressions: Expressions = field(repr=False)
    batches: tuple[tuple[Where, tuple[_Batch, ...]], ...] = field(default=(), repr=False)

    @property
    def view(self) -> type:
        """The view that the rules read."""
        return self.subject.view

    def valid_on(self, day: date) -> bool:
        """True when the rules are in force that day (both bounds included)."""
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def evaluate(self, view: Any) -> Outcome:
        """All the rules over one view; the answer is kept on the view."""
        memo: dict[Any, Any] = view.memo
        key = ("jeu", self.id, self.sha256)
        if key not in memo:
            memo[key] = self._evaluate(self.subject.root(view), memo)
        outcome: Outcome = memo[key]
        return outcome

    def _evaluate(self, root: etree._Element, memo: dict[Any, Any]) -> Outcome:
        problems: dict[str, list[Problem]] = {}
        fired: dict[str, int] = {}
        for where, batches in self.batches:
            nodes = self._nodes(where, root, memo)
            if not nodes:
                continue
            together = len(nodes) >= _MANY and len(set(nodes)) == len(nodes)
            for batch in batches:
                if together:
                    self._together(batch, nodes, problems, fired)
                else:
                    self._one_by_one(batch, nodes, problems, fired)
        return Outcome(problems={k: tuple(v) for k, v in problems.items()}, fired=fired)

    def _one_by_one(
        self, batch: _Batch, nodes: list[etree._Element], problems: dict[str, list[Problem]], fired: dict[str, int]
    ) -> None:
        answer = self.expressions.compiled(batch.answer)
        said: dict[str, int] = {}
        for node in nodes:
            marks: Any = answer(node)
            said[marks] = said.get(marks, 0) + 1
            if _FAILED in marks:
                for row, mark in zip(batch.rows, marks, strict=True):
                    if mark == _FAILED:
                        self._blame(row, node, problems)
        for marks, count in said.items():
            for row, mark in zip(batch.rows, marks, strict=True):
                if mark != _IDLE:
                    fired[row.id] = fired.get(row.id, 0) + count

    def _together(
        self, batch: _Batch, nodes: list[etree._Element], problems: dict[str, list[Problem]], fired: dict[str, int]
    ) -> None:
        """The same answers in a few calls for many nodes; in parts, for libxml2 compares each node given with all the others."""
        for start in range(0, len(nodes), _TOGETHER):
            part = nodes[start : start + _TOGETHER]
            for guarded in batch.guarded:
                concerned = self._among(part, guarded.concerned) if guarded.concerned else part
                if not concerned:
                    continue
                for row in guarded.rows:
                    fired[row.id] = fired.get(row.id, 0) + len(concerned)
                broken = self._among(concerned, guarded.broken)
                for row in guarded.rows if broken else ():
                    guilty = set(self._among(broken, _breaking([row])))
                    for node in part:
                        if node in guilty:
                            self._blame(row, node, problems)

    def _among(self, nodes: list[etree._Element], filtered: str) -> list[etree._Element]:
        found: Any = self.expressions.compiled(filtered)(nodes[0], n=nodes)
        among: list[etree._Element] = found
        return among

    def _blame(self, row: Row, node: etree._Element, problems: dict[str, list[Problem]]) -> None:
        found = problems.setdefault(row.id, [])
        if len(found) < MAX_PROBLEMS:
            found.append(self._problem(row, node))

    def nodes(self, where: Where, root: etree._Element) -> Sequence[etree._Element]:
        """The nodes of a document that a row looks at."""
        return self._nodes(where, root, {})

    def _nodes(self, where: Where, root: etree._Element, memo: dict[Any, Any]) -> list[etree._Element]:
        if where.kind == "modele":
            return self._bearing(where, root, memo)
        if where.kind == "contexte" and self.expressions.namespaces != self.subject.namespaces:
            return self._rooted(where, root)
        if where not in memo:
            memo[where] = self._named(where, root) if where.kind == "element" else self._rooted(where, root)
        nodes: list[etree._Element] = memo[where]
        return nodes

    def _rooted(self, where: Where, root: etree._Element) -> list[etree._Element]:
        found: Any = self.expressions.compiled(" | ".join(where.values))(root)
        return [node for node in found if isinstance(node, etree._Element)]

    def _named(self, where: Where, root: etree._Element) -> list[etree._Element]:
        names = [value.rpartition(":") for value in where.values]
        tags = [f"{{{self.subject.namespaces[prefix]}}}{local}" for prefix, _, local in names]
        tops: Any = self.expressions.compiled(where.under)(root) if where.under else [root]
        return [element for top in tops for element in top.iter(*tags)]

    def _bearing(self, where: Where, root: etree._Element, memo: dict[Any, Any]) -> list[etree._Element]:
        if "modeles" not in memo:
            memo["modeles"] = _by_template(root)
        bearing: dict[str, list[etree._Element]] = memo["modeles"]
        if len(where.values) == 1:
            return bearing.get(where.values[0], [])
        return [element for template in where.values for element in bearing.get(template, ())]

    def _problem(self, row: Row, node: etree._Element) -> Problem:
        blamed = self._blamed(row, node)
        return Problem(
            rule_id=row.id,
            message=f"Règle non respectée : {row.message}",
            at=place_of(blamed),
            expected=row.expected,
            received=self._received(row, node, blamed),
            hint=row.hint,
        )

    def _blamed(self, row: Row, node: etree._Element) -> etree._Element:
        if not row.blamed:
            return node
        found: Any = self.expressions.compiled(row.blamed)(node)
        return next((each for each in found if isinstance(each, etree._Element)), node)

    def _received(self, row: Row, node: etree._Element, blamed: etree._Element) -> str:
        if not row.received:
            return opening_tag(blamed)
        value: Any = self.expressions.compiled(row.received)(node)
        if isinstance(value, list):
            value = " ; ".join(opening_tag(v) if isinstance(v, etree._Element) else str(v) for v in value)
        elif isinstance(value, float):
            value = f"{value:g}"
        return _shortened(str(value).strip()) or "absent"


def _by_template(root: etree._Element) -> dict[str, list[etree._Element]]:
    found: dict[str, list[etree._Element]] = {}
    for template in root.iter("{urn:hl7-org:v3}templateId"):
        parent = template.getparent()
        if parent is None:
            continue
        elements = found.setdefault(template.get("root", ""), [])
        if not elements or elements[-1] is not parent:
            elements.append(parent)
    return found


def opening_tag(element: etree._Element) -> str:
    """The element as a reader sees it: name, attributes and, when short, its text."""
    name = etree.QName(element).localname
    attributes = "".join(f' {etree.QName(k).localname}="{v}"' for k, v in element.attrib.items())
    text = (element.text or "").strip()
    if len(element):
        return _shortened(f"<{name}{attributes}>…")
    return _shortened(f"<{name}{attributes}>{text}</{name}>" if text else f"<{name}{attributes}/>")


def _shortened(text: str) -> str:
    return text if len(text) <= _RECEIVED_LENGTH else text[: _RECEIVED_LENGTH - 1] + "…"


def subject_named(name: str, place: str) -> Subject:
    """The registered subject; raises ``InputError`` for an unknown one."""
    if name not in _SUBJECTS:
        raise InputError(f"{place} : sujet « {name} » inconnu ; sujets possibles : {', '.join(sorted(_SUBJECTS))}")
    return _SUBJECTS[name]


def make_batches(rows: Sequence[Row]) -> tuple[tuple[Where, tuple[_Batch, ...]], ...]:
    """Rows grouped by where they apply, each group answered by as few expressions as possible."""
    grouped: dict[Where, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.where, []).append(row)
    return tuple((where, tuple(_batches(members))) for where, members in grouped.items())


def _batches(rows: Sequence[Row]) -> Iterator[_Batch]:
    for start in range(0, len(rows), _CHUNK):
        part = tuple(rows[start : start + _CHUNK])
        answers = [_answer(row) for row in part]
        yield _Batch(part, f"concat({', '.join(answers)}, '')", tuple(_by_condition(part)))


def _by_condition(rows: Sequence[Row]) -> Iterator[_Guarded]:
    conditions: dict[str, list[Row]] = {}
    for row in rows:
        conditions.setdefault(row.only_if, []).append(row)
    for condition, members in conditions.items():
        yield _Guarded(tuple(members), f"$n[boolean({condition})]" if condition else "", _breaking(members))


def _breaking(rows: Sequence[Row]) -> str:
    """The nodes of ``$n`` that break one of the rows, or more."""
    return f"$n[not({' and '.join(f'({row.assertion})' for row in rows)})]"


def _answer(row: Row) -> str:
    """1 when the assertion holds, 0 when it fails, 2 when the rule does not apply to the node."""
    held = f"number(boolean({row.assertion}))"
    return f"2 - number(boolean({row.only_if})) * (2 - {held})" if row.only_if else held


def fingerprint(texts: Sequence[bytes]) -> str:
    """SHA-256 of the content of a rule set and of all it draws on."""
    digest = hashlib.sha256()
    for text in texts:
        digest.update(hashlib.sha256(text).digest())
    return digest.hexdigest()
