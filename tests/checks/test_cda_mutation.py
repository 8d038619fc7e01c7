"""Every declarative rule can be broken: a mutant is searched for each, from documents that break none.

The score is committed in ``conformance/checks/regles/mutation.toml`` and may not drop; a rule that nothing breaks here is
listed there with the reason. ``python tests/checks/test_cda_mutation.py`` prints the file afresh.
"""

from __future__ import annotations

import copy
import itertools
import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from dui_conformance.checks.declaratif import FOLDER, rule_sets
from dui_conformance.checks.registry import all_profiles, expand, run_profile
from dui_conformance.core.profile import Profile, best_for
from dui_conformance.core.verdict import Verdict
from dui_conformance.fixtures.people import usager
from dui_conformance.fixtures.professionals import professionals
from dui_conformance.mocks.dui.exemples import document, structure_de, types
from dui_conformance.validation.cda import CdaDocument
from dui_conformance.validation.document import Document
from dui_conformance.validation.regles import Row, RuleSet, make_batches
from dui_conformance.validation.xml import local_name, parse
from lxml import etree

SAMPLES = Path(__file__).parent.parent / "data" / "cda"
WRITTEN = tuple(sorted(path.stem for path in SAMPLES.glob("*.xml")))
NAMES = (*WRITTEN, *types())
DAY = date(2026, 11, 20)
SCORES = FOLDER / "mutation.toml"
NAMESPACES = {"h": "urn:hl7-org:v3", "sdtc": "urn:hl7-org:sdtc", "lab": "urn:oid:1.3.6.1.4.1.19376.1.3.2"}

Operation = Callable[[etree._Element], None]


@cache
def green_bytes(name: str) -> bytes:
    """A document written for the tests, else the one that the reference DUI writes of that type."""
    if name in WRITTEN:
        return (SAMPLES / f"{name}.xml").read_bytes()
    return document(name, usager("qualifie", "1").as_dict(), professionals()["infirmiere-ehpad"], structure_de(None)).octets


@cache
def green(name: str) -> etree._Element:
    return parse(green_bytes(name))


@cache
def profile_of(name: str) -> Profile:
    profile = best_for(CdaDocument(green(name), b"").kind, tuple(all_profiles().values()), DAY)
    assert profile is not None
    return profile


@cache
def judged_by(name: str) -> frozenset[str]:
    """The rules that the profile of a document applies."""
    return frozenset(check.id for part in profile_of(name).applied for check in expand(part.rules))


def alone(rules: RuleSet, row: Row) -> RuleSet:
    return replace(rules, id=f"{rules.id}#{row.id}", rows=(row,), batches=make_batches((row,)))


def breaks(rules: RuleSet, root: etree._Element) -> bool:
    return bool(rules.evaluate(CdaDocument(root, b"")).problems)


def fires(rules: RuleSet, root: etree._Element) -> bool:
    return bool(rules.evaluate(CdaDocument(root, b"")).fired)


def drop(node: etree._Element) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


def repeat(times: int) -> Operation:
    def operation(node: etree._Element) -> None:
        for _ in range(times):
            if node.getparent() is not None:
                node.addnext(copy.deepcopy(node))

    return operation


def put(attribute: str, value: str) -> Operation:
    return lambda node: node.set(attribute, value)


def unset(attribute: str) -> Operation:
    return lambda node: node.attrib.pop(attribute, None) and None


def write(text: str) -> Operation:
    def operation(node: etree._Element) -> None:
        node.text = text

    return operation


def insert(name: str) -> Operation:
    prefix, _, local = name.partition(":")
    return lambda node: node.append(etree.Element(f"{{{NAMESPACES[prefix]}}}{local}"))


def rename(node: etree._Element) -> None:
    node.tag = f"{{{NAMESPACES['h']}}}autre"


def empty(node: etree._Element) -> None:
    """Leave nothing but the templates."""
    for child in list(node.iterchildren(etree.Element)):
        if local_name(child) != "templateId":
            node.remove(child)


def drop_everywhere(name: str) -> Operation:
    def operation(node: etree._Element) -> None:
        for each in list(node.getroottree().getroot().iter(f"{{{NAMESPACES['h']}}}{name}")):
            drop(each)

    return operation


def graft(path: str, attribute: str, value: str) -> Operation:
    """Add what a path names: ``h:code/h:qualifier/h:name[@code = 'X']``."""

    def operation(node: etree._Element) -> None:
        for step in path.split("/"):
            node = etree.SubElement(node, f"{{{NAMESPACES['h']}}}{step.partition(':')[2]}")
        if attribute:
            node.set(attribute, value)

    return operation


def operations(row: Row) -> list[Operation]:
    """What can be done to one element, richest first: what the rule names is what breaks it."""
    names = dict.fromkeys(re.findall(r"\b(?:h|sdtc|lab):\w+", row.assertion))
    attributes = dict.fromkeys(re.findall(r"@(\w+)(?!:)\b", f"{row.assertion} {row.only_if}"))
    forbidden = dict.fromkeys(re.findall(r"@\w+ = '([^']+)'", row.assertion))
    found: list[Operation] = [drop]
    for attribute in attributes:
        found += [unset(attribute), *(put(attribute, value) for value in ("X", "0", "1", "29991231", "NI"))]
        found += [put(attribute, value) for value in forbidden if "not(" in row.assertion]
    found += [repeat(1), repeat(2), repeat(8), write("X"), write(""), put("nullFlavor", "NI"), put("nullFlavor", "X")]
    found += [insert(name) for name in names]
    found += [rename, empty]
    found += [drop_everywhere(name.partition(":")[2]) for name in names if name.startswith("h:")]
    literals = re.findall(r"@(\w+) = '([^']*)'", row.assertion)
    found += [put(attribute, value) for attribute, value in literals]
    found += [graft(*found) for found in re.findall(r"(h:\w+(?:/h:\w+)+)(?:\[@(\w+) = '([^']*)'\])?", row.assertion)]
    return found


def targets(row: Row, rules: RuleSet, root: etree._Element) -> Iterator[int]:
    """Where to strike (rank in document order): the nodes that the rule looks at, then what it names below them."""
    rank = {node: number for number, node in enumerate(root.iter())}
    named = set(re.findall(r"\b(?:h|sdtc|lab):(\w+)", row.assertion))
    for node in rules.nodes(row.where, root):
        yield rank[node]
        above = node.getparent()
        if above is not None and "parent::" in row.assertion:
            yield rank[above]
        for below in node.iter(etree.Element):
            if below is not node and local_name(below) in named:
                yield rank[below]
        for child in node.iterchildren(etree.Element):
            yield rank[child]


def mutant_that_breaks(row: Row, rules: RuleSet, root: etree._Element) -> str:
    """The mutation that breaks the rule, or ``""``."""
    judge = alone(rules, row)
    for target in dict.fromkeys(targets(row, rules, root)):
        for number, operation in enumerate(operations(row)):
            mutant = copy.deepcopy(root)
            operation(next(itertools.islice(mutant.iter(), target, None)))
            if breaks(judge, mutant):
                return f"{target}#{number}"
    return ""


def survivors(rules: RuleSet) -> list[str]:
    """The rules that no mutant of the documents that they judge breaks."""
    return [
        row.id for row in rules.rows if not any(killed(row, rules, green(name)) for name in NAMES if row.id in judged_by(name))
    ]


def killed(row: Row, rules: RuleSet, root: etree._Element) -> bool:
    """True when the rule applies to the document, holds, and is broken by a mutant of it."""
    judge = alone(rules, row)
    return fires(judge, root) and not breaks(judge, root) and bool(mutant_that_breaks(row, rules, root))


@pytest.mark.parametrize("rules", rule_sets(), ids=lambda rules: rules.id)
def test_every_rule_is_broken_by_a_mutant(rules: RuleSet) -> None:
    recorded = tomllib.loads(SCORES.read_text(encoding="utf-8"))["jeu"][rules.id]
    left = survivors(rules)
    excused = {row["id"] for row in recorded.get("non_exercee", [])}
    assert set(left) <= excused, f"règles qu'aucun mutant ne casse : {sorted(set(left) - excused)}"
    assert len(rules.rows) - len(left) >= recorded["tuees"]
    assert recorded["regles"] == len(rules.rows), "relancer python tests/checks/test_cda_mutation.py"


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_break_no_rule(name: str) -> None:
    applied = run_profile(profile_of(name), [Document(green_bytes(name), name)], day=DAY)
    assert [a.check for a in applied if a.verdict is Verdict.NON_CONFORME] == []
    if name in WRITTEN:
        assert [a.check for a in applied if a.verdict is Verdict.AVERTISSEMENT] == []


if __name__ == "__main__":
    for each in rule_sets():
        left_alive = survivors(each)
        print(f'[jeu."{each.id}"]\nregles = {len(each.rows)}\ntuees = {len(each.rows) - len(left_alive)}')
        for alive in left_alive:
            print(f'[[jeu."{each.id}".non_exercee]]\nid = "{alive}"\npourquoi = ""')
        print()
