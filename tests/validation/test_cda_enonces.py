"""Wrong documents, each against one statement of the CI-SIS: all are refused, and most where they are wrong.

They are written in ``tests/data/cda/enonces.txt``, on types that no labelled mutant covers.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from dui_conformance.validation.xml import parse, xpath_of
from lxml import etree
from samples.cda_variantes.outils import HL7, NS, fragment
from validation.test_cda_variantes import green, refused

STATEMENTS = Path(__file__).parent.parent / "data" / "cda" / "enonces.txt"
ROOTS = {
    "pcc": "1.3.6.1.4.1.19376.1.5.3.1",
    "ihe": "1.3.6.1.4.1.19376.1",
    "ans": "1.2.250.1.213.1.1",
    "ccd": "2.16.840.1.113883.10.20.1",
}
WELL_PLACED = 0.85


@cache
def statements() -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    name = ""
    for line in filter(None, STATEMENTS.read_text(encoding="utf-8").splitlines()):
        if line.startswith("["):
            name = line.strip("[]")
        elif not line.startswith("#"):
            found.setdefault(name, []).append(tuple(part.strip() for part in line.split("|")))
    return found


def full(text: str) -> str:
    """A path or a value, its abbreviations written out."""
    text = re.sub(r"\{([^}]+)\}", r"(//*[h:templateId/@root='\1'])[1]", text)
    return re.sub(r"(?<=['\"])(pcc|ihe|ans|ccd)(?=[.'])", lambda m: ROOTS[m[1]], text)


def made_wrong(root: etree._Element, operation: str, path: str, *given: str) -> set[str]:
    """Do what a statement says to the document; where it is wrong then: the elements struck, or what held them."""
    targets = root.xpath(full(path), namespaces=NS)
    assert targets, f"rien à {path}"
    target = targets[0]
    parent = target.getparent()
    where = [target, parent]
    if operation in {"retirer", "retirer-tous"}:
        gone = targets if operation == "retirer-tous" else [target]
        where = [each.getparent() for each in gone]
        for each in gone:
            each.getparent().remove(each)
    elif operation == "doubler":
        target.addnext(copy.deepcopy(target))
        where.append(target.getnext())
    elif operation == "poser":
        target.set(given[0], full(given[1]))
    elif operation == "oter":
        del target.attrib[given[0]]
    elif operation == "ecrire":
        target.text = given[0] if given else ""
    elif operation == "ajouter-dedans":
        target.append(fragment(given[0]))
        where.append(target[-1])
    else:
        assert operation == "ajouter-apres"
        target.addnext(fragment(given[0]))
        where.append(target.getnext())
    return {xpath_of(each) for each in where}


def judged() -> Iterator[tuple[str, bool, bool]]:
    """Each statement: what it is, whether it is refused, and whether it is where it is wrong."""
    for name, rows in statements().items():
        source = green(name)
        for row in rows:
            root = parse(source)
            places = made_wrong(root, *row)
            said = refused(etree.tostring(root))
            at = {each.split()[1].split("/@")[0] for each in said}
            yield f"{name} : {' | '.join(row)}", bool(said), not at.isdisjoint(places)


@cache
def results() -> tuple[tuple[str, bool, bool], ...]:
    return tuple(judged())


def test_each_statement_is_enforced() -> None:
    assert len(results()) > 500
    assert [what for what, refused_, _ in results() if not refused_] == []


def test_findings_are_where_the_document_is_wrong() -> None:
    placed = sum(there for _, _, there in results())
    assert placed / len(results()) >= WELL_PLACED


@pytest.mark.parametrize("name", statements())
def test_documents_are_good_before(name: str) -> None:
    assert refused(green(name)) == []
    assert HL7.encode() in green(name)
